"""workers: calls in, `Answer`s out, by killable processes that each hold the read-only store.

    ask -> a seat (fair among clients) -> the call goes to a worker -> its frames come back
               ^                                                         |
               |  preempted: older than a second, and all other          |  the deadline counts from arrival;
               +- workers are held by such queries already  <------------+  then the process is killed and replaced

The store's engine cannot be interrupted, and aborts where memory or stack end: so each query may cost a process, and
never more than that. One worker is kept for the young: of N workers, queries that are older than a second, or whose
answer is long, hold N - 1 at the most; and who takes longer steps behind who has just come on the cores. A new snapshot
is a new *generation* of workers; the old ones end when they are done.
"""

import asyncio
import json
from collections import Counter, deque
from collections.abc import AsyncGenerator, Coroutine, Mapping
from contextlib import suppress
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from exo_onto.answering import Job, Kind
from exo_onto.outcome import Answer, BrokenError, BusyError, DeadlineError, LostError, PoolError, StartError
from exo_onto.process import Query, Worker, parted
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
        self._number = number
        self._queue = queue
        self._left = number - (most_by_client or number)
        self._job: Job | None = None
        self._generation = 0
        self._workers: set[Worker] = set()
        self._idle: deque[Worker] = deque()
        self._waiting: list[Query] = []
        self._by_client: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False
        self.lost: Counter[str] = Counter()
        """How many workers were ended or lost, by reason."""

    @property
    def running(self) -> int:
        """How many queries run."""
        return sum(worker.query is not None for worker in self._workers)

    @property
    def waiting(self) -> int:
        """How many queries wait."""
        return len(self._waiting)

    @property
    def processes(self) -> tuple[int, ...]:
        """The numbers of the processes."""
        return tuple(worker.process.pid for worker in self._workers)

    async def start(self, job: Job) -> int:
        """Bring up workers over a store and have them answer from now on; give their generation.

        Those before end when they are done. Raises StartError, and leaves all as it was, where one does not come up.
        """
        generation = self._generation + 1
        good = await self._spawner.generation(job, generation)
        self._job, self._generation = job, generation
        for worker in tuple(self._workers):
            if worker.query is None:
                self._retire(worker)
        self._workers.update(good)
        self._idle.extend(good)
        self._seat_waiting()
        if self._keep_spares:
            self._spawner.lay_in()
        return generation

    async def stop(self) -> None:
        """End all workers, and what they are doing."""
        self._closed = True
        for query in self._waiting:
            if query.seat is not None and not query.seat.done():
                query.seat.set_exception(LostError("stopped"))
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._spawner.stop()
        self._workers.clear()
        self._idle.clear()

    async def ask(self, call: bytes, *, client: str, deadline: float) -> Answer:
        """Have a call answered until a time of the loop's clock. Raises PoolError."""
        query = Query(call, client, deadline)
        while True:
            worker = await self._seated(query)
            try:
                return await self._asked(worker, query)
            except _PreemptedError:
                query.preempted = True
            except asyncio.CancelledError:
                self._spare(worker)
                raise

    # --- Seats

    async def _seated(self, query: Query) -> Worker:
        """Wait for a worker."""
        if self._closed:
            raise LostError("stopped")
        worker = self._free_for(query)  # a free one is one that those who wait may not have
        if worker is not None:
            return worker
        if sum(not each.preempted for each in self._waiting) >= self._queue and not query.preempted:
            raise BusyError
        loop = asyncio.get_running_loop()
        seat: asyncio.Future[Worker] = loop.create_future()
        query.seat = seat
        self._waiting.append(query)
        late = loop.call_at(query.deadline, _expire, seat)
        try:
            return await seat
        except asyncio.CancelledError:
            if seat.done() and not seat.cancelled() and not seat.exception():  # given in the very moment
                self._free(seat.result())
            raise
        finally:
            late.cancel()
            if query in self._waiting:
                self._waiting.remove(query)

    def _seat_waiting(self) -> None:
        """Give free workers to those who wait: first to the client that has the fewest."""
        for query in sorted(self._waiting, key=lambda each: self._by_client[each.client]):
            if query.seat is None or query.seat.done():
                continue
            worker = self._free_for(query)
            if worker is not None:
                self._waiting.remove(query)
                query.seat.set_result(worker)
                self._seat_waiting()  # another has the fewest now
                return

    def _free_for(self, query: Query) -> Worker | None:
        if not self._idle or self._by_client[query.client] >= self._share():
            return None
        if query.preempted and not self._may_be_held():
            return None
        worker = self._idle.popleft()
        worker.query, worker.held = query, query.preempted
        self._by_client[query.client] += 1
        return worker

    def _share(self) -> int:
        """Give how many workers a client may hold: what it leaves to others, it leaves of those that are up."""
        return max(1, sum(each.generation == self._generation for each in self._workers) - self._left)

    def _may_be_held(self) -> bool:
        held = sum(worker.held for worker in self._workers if worker.generation == self._generation)
        return held < self._number - 1

    # --- A query at work

    async def _asked(self, worker: Worker, query: Query) -> Answer:
        loop = asyncio.get_running_loop()
        now = loop.time()
        grown = now + YOUNG
        if worker.held:
            worker.step_back()
        if worker.held or query.deadline <= grown:
            worker.timer = loop.call_at(query.deadline, self._end, worker, "deadline")
        elif self._spawner.may_step_up and BRISK < YOUNG:
            worker.timer = loop.call_at(now + BRISK, self._slow, worker, query, grown)
        else:
            worker.timer = loop.call_at(grown, self._age, worker, query)
        worker.put(query.call)
        kind, content = await self._frame(worker)
        if kind is Kind.WHOLE:
            self._free(worker)
            return _answer(*parted(content), worker.generation)
        if worker.doomed or (not worker.held and not self._hold(worker)):
            self._end(worker, "preempted")
            while True:  # what is on its way, until the end of it
                await self._frame(worker)
        rest = self._rest(worker)
        await anext(rest)
        return _answer(content, rest, worker.generation)

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
        if not worker.held and not self._hold(worker):
            self._end(worker, "preempted")
            return
        worker.step_back()
        worker.timer = asyncio.get_running_loop().call_at(query.deadline, self._end, worker, "deadline")

    def _hold(self, worker: Worker) -> bool:
        if worker.generation == self._generation and not self._may_be_held():
            return False
        worker.held = True
        return True

    def _end(self, worker: Worker, reason: str) -> None:
        """Kill a worker under its query; whoever reads from it is told when nothing comes any more."""
        if worker.query is None or worker.doomed:
            return
        worker.doomed = reason
        worker.kill()
        self._discard(worker, reason)

    def _spare(self, worker: Worker) -> None:
        """Let a query whose client has left come to its end, if it does so soon."""
        if worker.query is not None and not worker.doomed:
            self._in_background(self._drain(worker))

    async def _drain(self, worker: Worker) -> None:
        try:
            async with asyncio.timeout(YOUNG):
                kind, _ = await self._frame(worker)
        except (TimeoutError, PoolError, _PreemptedError):
            kind = None
        if kind is Kind.WHOLE:
            self._free(worker)
        else:
            self._end(worker, "left")

    # --- Comings and goings

    def _free(self, worker: Worker) -> None:
        """Take a worker back that has answered."""
        self._unseat(worker)
        current = worker.generation == self._generation and worker in self._workers
        if current and worker.stepped_up():
            self._idle.append(worker)
        else:
            self._retire(worker)
            if current:
                self._in_background(self._replace(worker.generation))
        self._seat_waiting()

    def _unseat(self, worker: Worker) -> None:
        if worker.timer is not None:
            worker.timer.cancel()
            worker.timer = None
        if worker.query is not None:
            self._by_client[worker.query.client] -= 1
            if not self._by_client[worker.query.client]:
                del self._by_client[worker.query.client]
        worker.query, worker.held = None, False

    def _retire(self, worker: Worker) -> None:
        """Have a worker of an older snapshot end by itself."""
        self._workers.discard(worker)
        with suppress(ValueError):
            self._idle.remove(worker)
        if worker.process.stdin is not None:
            worker.process.stdin.close()

    def _discard(self, worker: Worker, reason: str) -> None:
        """Strike off a worker that is gone, and bring up another in its place."""
        self._unseat(worker)
        self._workers.discard(worker)
        self.lost[reason] += 1
        if worker.generation == self._generation and not self._closed:
            self._in_background(self._replace(worker.generation))
        self._seat_waiting()

    async def _replace(self, generation: int) -> None:
        while self._job is not None and generation == self._generation:
            try:
                worker = await self._spawner.one(self._job, generation)
            except StartError:
                await asyncio.sleep(_RETRY_SECONDS)
                continue
            if generation != self._generation:
                worker.kill()
                return
            self._workers.add(worker)
            self._idle.append(worker)
            self._seat_waiting()
            return

    def _gone(self, worker: Worker, reason: str) -> None:
        """Strike off a worker that has ended while it was idle: nobody else notices."""
        if worker in self._idle:
            self._idle.remove(worker)
            self._discard(worker, reason)

    def _in_background(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _expire(seat: asyncio.Future[Worker]) -> None:
    """Tell who waits for a seat that the time is up."""
    if not seat.done():
        seat.set_exception(DeadlineError())


def _answer(head: bytes, body: bytes | AsyncGenerator[bytes, None], generation: int) -> Answer:
    told = _told(head)
    return Answer(told["status"], told["media_type"], told["headers"], body, told["rows"], generation)


@lru_cache(maxsize=1024)
def _told(head: bytes) -> Mapping[str, Any]:
    """Read a head; there are few, as they tell no more of an answer than its kind and how many rows it has."""
    return MappingProxyType(json.loads(head))
