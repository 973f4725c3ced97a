"""workers: calls in, `Answer`s out, by killable processes that each hold the read-only store.

    ask -> a seat (fair among clients) -> the call goes to a worker -> its frames come back
     |         ^                                                         |
     |         |  preempted: older than a second, and all other          |  the deadline counts from arrival;
     |         +- workers are held by such queries already  <------------+  then the process is killed and replaced
     |         ^
     |         |  given up
     +-> behind a brief query of the same client (`lines`)

The store's engine cannot be interrupted, and aborts where memory or stack end: so each query may cost a process, and
never more than that. Who has a worker, `seats` says; who takes longer steps behind who has just come on the cores. A
new snapshot is a new *generation* of workers; the old ones end when they are done.
"""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncGenerator, Coroutine, Mapping
from functools import lru_cache, partial
from types import MappingProxyType
from typing import Any, Final

from exo_onto.alarms import Alarms
from exo_onto.answering import Job, Kind
from exo_onto.lines import GivenUpError, Lines
from exo_onto.outcome import Answer, BrokenError, DeadlineError, LostError, PoolError, StartError
from exo_onto.process import Query, Worker, parted
from exo_onto.seats import Seats
from exo_onto.spawning import Spawner

YOUNG: Final = 1.0
"""Seconds during which a query may take the last worker."""
BRISK: Final = 0.05
"""Seconds after which a query lets all others go first on the cores, where its worker may be taken back from there."""
_RETRY_SECONDS: Final = 1


class _PreemptedError(Exception):
    """The query was not young any more, and is to wait for a worker that old ones may have."""


class Pool:
    """Workers, and the queries that run on them or wait. Belongs to one event loop."""

    def __init__(self, number: int, *, queue: int, most_by_client: int | None = None, spare: bool = False) -> None:
        """Make a pool of so many workers and as many waiting queries at the most; `start` fills it.

        `spare` keeps as many processes at the ready, which have no store yet, for the next generation.
        """
        self._spawner = Spawner(number, ended=self._gone)
        self._keep_spares = spare
        self._seats = Seats(number, queue=queue, most_by_client=most_by_client, give_back=self._free)
        self._lines = Lines()
        self._brisk = Alarms(BRISK)
        self._job: Job | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False
        self.lost: Counter[str] = Counter()
        """How many workers were ended or lost, by reason."""

    @property
    def running(self) -> int:
        """How many queries run."""
        return sum(worker.query is not None for worker in self._seats.workers)

    @property
    def waiting(self) -> int:
        """How many queries wait, for a worker or for their turn at one."""
        return self._seats.waiting + sum(query.stands for worker in self._seats.workers for query in worker.line)

    @property
    def processes(self) -> tuple[int, ...]:
        """The numbers of the processes."""
        return tuple(worker.process.pid for worker in self._seats.workers)

    async def start(self, job: Job) -> int:
        """Bring up workers over a store and have them answer from now on; give their generation.

        Those before end when they are done. Raises StartError, and leaves all as it was, where one does not come up.
        """
        generation = self._seats.generation + 1
        good = await self._spawner.generation(job, generation)
        self._job, self._seats.generation = job, generation
        for worker in tuple(self._seats.workers):
            if worker.query is None:
                self._retire(worker)
        self._seats.offer(good)
        if self._keep_spares:
            self._spawner.lay_in()
        return generation

    async def stop(self) -> None:
        """End all workers, and what they are doing."""
        self._closed = True
        self._seats.close()
        for worker in self._seats.workers:
            self._lines.give_up(worker)
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._spawner.stop()
        for worker in tuple(self._seats.workers):
            self._seats.remove(worker)

    async def ask(self, call: bytes, *, client: str, deadline: float) -> Answer:
        """Have a call answered until a time of the loop's clock. Raises PoolError."""
        query = Query(call, client, deadline)
        before = self._lines.place(query, self._seats.current) if self._seats.spacious else None
        if before is not None:
            try:
                return await self._in_line(before, query)
            except GivenUpError:
                query.returned = True
        while True:
            worker = await self._seats.take(query)
            worker.put(query.call)
            try:
                return await self._answered(worker, query)
            except _PreemptedError:
                query.preempted = query.returned = True
            except asyncio.CancelledError:
                self._spare(worker, query)
                raise

    async def _in_line(self, worker: Worker, query: Query) -> Answer:
        """Stand behind the query that a worker is at, until the turn comes. Raises GivenUpError."""
        turn = self._lines.stand(worker, query)
        try:
            await turn
            return await self._answered(worker, query)
        except asyncio.CancelledError:
            self._spare(worker, query)  # unless its turn has not come: it is found to be nobody's then
            raise

    # --- A query at work

    async def _answered(self, worker: Worker, query: Query) -> Answer:
        """Give the answer to a query that has been put to a worker. Raises GivenUpError where it is left to another."""
        self._watch(worker, query)
        kind, content = await self._frame(worker)
        if kind is Kind.LATE:
            self._free(worker)
            raise GivenUpError
        if kind is Kind.WHOLE:
            whole = parted(content)
            self._lines.note(whole.seconds)
            self._free(worker)
            return _answer(whole.head, whole.body, worker.generation)
        self._lines.give_up(worker)
        if worker.doomed or (not worker.held and not self._seats.hold(worker)):
            self._end(worker, "preempted")
            while True:  # what is on its way, until the end of it
                await self._frame(worker)
        rest = self._rest(worker)
        await anext(rest)
        return _answer(content, rest, worker.generation)

    def _watch(self, worker: Worker, query: Query) -> None:
        """See to it that a query which takes longer than others steps back, is held, and is ended."""
        loop = asyncio.get_running_loop()
        grown = loop.time() + YOUNG
        if worker.held:
            worker.step_back()
        if worker.held or query.deadline <= grown:
            worker.timer = loop.call_at(query.deadline, self._end, worker, "deadline")
        elif self._spawner.may_step_up and BRISK < YOUNG:
            worker.timer = self._brisk.set(partial(self._slow, worker, query, grown))
        else:
            worker.timer = loop.call_at(grown, self._age, worker, query)

    async def _rest(self, worker: Worker) -> AsyncGenerator[bytes, None]:
        """Give the body of a long answer; raises PoolError where it breaks off. Who leaves early, ends the worker."""
        ended = False
        try:
            yield b""  # taken by the pool: one that has not been begun would not see that it is left
            while not ended:
                kind, content = await self._frame(worker)
                if kind is Kind.BODY:
                    yield content
                elif kind is Kind.BROKEN:
                    self._free(worker)
                    ended = True
                    raise BrokenError
                else:
                    self._free(worker)
                    ended = True
        finally:
            if not ended:
                self._end(worker, "left")

    async def _frame(self, worker: Worker) -> tuple[Kind, bytes]:
        """Read what comes from a worker next; raises what became of it where nothing comes any more."""
        try:
            return await worker.read()
        except EOFError as error:
            reason = worker.doomed or await worker.ended()
            if not worker.doomed:
                self._discard(worker, reason)
            if reason == "preempted":
                raise _PreemptedError from error
            raise (DeadlineError if reason == "deadline" else LostError)(reason) from error

    def _slow(self, worker: Worker, query: Query, grown: float) -> None:
        """Let a query that is not brisk go on behind the others, until it has grown old."""
        worker.step_back()
        worker.timer = asyncio.get_running_loop().call_at(grown, self._age, worker, query)

    def _age(self, worker: Worker, query: Query) -> None:
        """Let a query that is not young any more go on, if others may still come by; else it has to wait."""
        if not worker.held and not self._seats.hold(worker):
            self._end(worker, "preempted")
            return
        worker.step_back()
        worker.timer = asyncio.get_running_loop().call_at(query.deadline, self._end, worker, "deadline")

    def _end(self, worker: Worker, reason: str) -> None:
        """Kill a worker under its query; whoever reads from it is told when nothing comes any more."""
        if worker.query is None or worker.doomed:
            return
        worker.doomed = reason
        worker.kill()
        self._discard(worker, reason)

    def _spare(self, worker: Worker, query: Query) -> None:
        """Let a query whose client has left come to its end, if it is at work and does so soon."""
        if worker.query is query and not worker.doomed:
            self._in_background(self._drain(worker))

    async def _drain(self, worker: Worker) -> None:
        try:
            async with asyncio.timeout(YOUNG):
                kind, _ = await self._frame(worker)
        except (TimeoutError, PoolError, _PreemptedError):
            kind = None
        if kind in (Kind.WHOLE, Kind.LATE):
            self._free(worker)
        else:
            self._end(worker, "left")

    # --- Comings and goings

    def _free(self, worker: Worker) -> None:
        """Take a worker back that has answered; it is at the next in its line already, if one is there."""
        self._seats.leave(worker)
        if worker.line:
            self._take_turn(worker, worker.line.popleft())
            return
        current = worker.generation == self._seats.generation and worker in self._seats.workers
        if current and worker.stepped_up():
            self._seats.offer([worker])
        else:
            self._retire(worker)
            if current:
                self._in_background(self._replace(worker.generation))
            self._seats.settle()

    def _take_turn(self, worker: Worker, query: Query) -> None:
        """Let a query that stood in line have its worker; one that nobody waits for any more, come to its end."""
        self._seats.give(worker, query)
        if not self._lines.call_up(query):
            self._spare(worker, query)

    def _retire(self, worker: Worker) -> None:
        """Have a worker of an older snapshot end by itself."""
        self._seats.remove(worker)
        if worker.process.stdin is not None:
            worker.process.stdin.close()

    def _discard(self, worker: Worker, reason: str) -> None:
        """Strike off a worker that is gone, and bring up another in its place."""
        self.lost[reason] += 1
        self._lines.give_up(worker)
        worker.line.clear()
        if worker.generation == self._seats.generation and not self._closed:
            self._in_background(self._replace(worker.generation))
        self._seats.leave(worker)
        self._seats.remove(worker)
        self._seats.settle()

    async def _replace(self, generation: int) -> None:
        while self._job is not None and generation == self._seats.generation:
            try:
                worker = await self._spawner.one(self._job, generation)
            except StartError:
                await asyncio.sleep(_RETRY_SECONDS)
                continue
            if generation == self._seats.generation:
                self._seats.offer([worker])
            else:
                worker.kill()
            return

    def _gone(self, worker: Worker, reason: str) -> None:
        """Strike off a worker that has ended while it was idle: nobody else notices."""
        if self._seats.is_idle(worker):
            self._discard(worker, reason)

    def _in_background(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _answer(head: bytes, body: bytes | AsyncGenerator[bytes, None], generation: int) -> Answer:
    told = _told(head)
    return Answer(told["status"], told["media_type"], told["headers"], body, told["rows"], generation)


@lru_cache(maxsize=1024)
def _told(head: bytes) -> Mapping[str, Any]:
    """Read a head; there are few, as they tell no more of an answer than its kind and how many rows it has."""
    return MappingProxyType(json.loads(head))
