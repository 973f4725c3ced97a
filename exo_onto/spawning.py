"""spawning: a job in, workers that hold its store and are ready out; sees off those that end. Starts processes.

A *spare* is a process that is up and waits for a store: the next generation then takes over at once. Who comes up, lets
all others go first on the cores: it takes half a second of work.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Final

from exo_onto.answering import Job
from exo_onto.outcome import StartError
from exo_onto.process import Worker, may_step_up, started

_START_SECONDS: Final = 60
_LATER_SECONDS: Final = 0.3


class Spawner:
    """Starts workers, keeps spares, and tells when one has ended. Belongs to one event loop."""

    def __init__(self, number: int, *, ended: Callable[[Worker, str], object]) -> None:
        """Start so many workers at a time; `ended` is told of each that has ended, and how."""
        self._number = number
        self._ended = ended
        self._alive: set[Worker] = set()
        self._spares: list[Worker] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._laying_in = False
        self._closed = False
        self.may_step_up = may_step_up()
        """Whether a worker may be taken back from behind all others."""

    @property
    def alive(self) -> tuple[Worker, ...]:
        """All whose processes have not ended, spares too."""
        return tuple(self._alive)

    @property
    def spares(self) -> tuple[Worker, ...]:
        """Those that wait for a store."""
        return tuple(self._spares)

    async def generation(self, job: Job, generation: int) -> list[Worker]:
        """Bring up all workers of a generation, or none of them. Raises StartError."""
        try:
            return await self._all(job, generation)
        except BaseException:
            for worker in self._alive:
                if worker.generation == generation:
                    worker.kill()
            raise

    async def one(self, job: Job, generation: int) -> Worker:
        """Give a process the store, and wait until it is ready. Raises StartError."""
        if self._spares:
            worker = self._spares.pop()
            worker.take(job)
        else:
            worker = await self._begun(job)
        worker.generation = generation
        try:
            async with asyncio.timeout(_START_SECONDS):
                await worker.read()
        except (EOFError, TimeoutError) as error:
            worker.kill()
            raise StartError(f"a worker did not come up: {await worker.ended()}") from error
        except asyncio.CancelledError:
            worker.kill()
            raise
        worker.stepped_up()
        return worker

    def lay_in(self) -> None:
        """See that there are as many spares as workers, in a little while: who asks goes first."""
        if not self._laying_in:
            self._laying_in = True
            self._in_background(self._lay_in())

    async def stop(self) -> None:
        """End all that are alive."""
        self._closed = True
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for worker in self.alive:
            worker.kill()
        await asyncio.gather(*(worker.ended() for worker in self.alive))
        self._alive.clear()
        self._spares.clear()

    async def _all(self, job: Job, generation: int) -> list[Worker]:
        coming = (self.one(job, generation) for _ in range(self._number))
        came = await asyncio.gather(*coming, return_exceptions=True)
        failed = next((each for each in came if isinstance(each, BaseException)), None)
        if failed is not None or self._closed:
            raise failed or StartError("the pool has been stopped")
        return [each for each in came if isinstance(each, Worker)]

    async def _lay_in(self) -> None:
        try:
            await asyncio.sleep(_LATER_SECONDS)
            while len(self._spares) < self._number and not self._closed:
                self._spares.append(await self._begun())
        except StartError:
            return  # the next generation starts its own
        finally:
            self._laying_in = False

    async def _begun(self, job: Job | None = None) -> Worker:
        """Start a process, without a job one that waits for it. Raises StartError."""
        try:
            worker = await started(job, last=self.may_step_up)
        except OSError as error:
            raise StartError(f"a worker did not come up: {error}") from error
        self._alive.add(worker)
        self._in_background(self._see_off(worker))
        return worker

    async def _see_off(self, worker: Worker) -> None:
        """Wait for the end of a worker."""
        reason = await worker.ended()
        self._alive.discard(worker)
        if worker in self._spares:
            self._spares.remove(worker)
        self._ended(worker, reason)

    def _in_background(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
