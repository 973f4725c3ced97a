"""seats: queries and workers in, which of them come together out; fair among clients, and the young are never shut out.

One worker is kept for the young: of N, queries that are *held* (older than a second, or with a long answer) have N - 1
at the most, and one client no more than its share. Whoever finds none that it may have, waits; a worker that comes free
goes to the client that has the fewest.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Iterable
from contextlib import suppress

from exo_onto.outcome import BusyError, DeadlineError, LostError
from exo_onto.process import Query, Worker


class Seats:
    """Workers, those of them that are free, and the queries that wait for one. Belongs to one event loop."""

    def __init__(
        self, number: int, *, queue: int, most_by_client: int | None, give_back: Callable[[Worker], None]
    ) -> None:
        """Expect so many workers, and let so many queries wait at the most.

        `give_back` takes a worker that was given to a query which has just left.
        """
        self._give_back = give_back
        self._number = number
        self._queue = queue
        self._left = number - (most_by_client or number)
        self._idle: deque[Worker] = deque()
        self._waiting: list[Query] = []
        self._by_client: Counter[str] = Counter()
        self._closed = False
        self.generation = 0
        self.workers: set[Worker] = set()

    @property
    def waiting(self) -> int:
        """How many queries wait for a worker."""
        return len(self._waiting)

    @property
    def current(self) -> list[Worker]:
        """Those that have the current snapshot."""
        return [worker for worker in self.workers if worker.generation == self.generation]

    @property
    def spacious(self) -> bool:
        """Whether a worker is free, and nobody waits."""
        return bool(self._idle) and not self._waiting

    async def take(self, query: Query) -> Worker:
        """Wait for a worker. Raises PoolError where too many do so already, or the time is up."""
        if self._closed:
            raise LostError("stopped")
        worker = self._free_for(query)  # a free one is one that those who wait may not have
        if worker is not None:
            return worker
        if sum(not each.returned for each in self._waiting) >= self._queue and not query.returned:
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
                self._give_back(seat.result())
            raise
        finally:
            late.cancel()
            if query in self._waiting:
                self._waiting.remove(query)

    def give(self, worker: Worker, query: Query) -> None:
        """Let a query have a worker, without asking whether it may."""
        worker.seat(query)
        self._by_client[query.client] += 1

    def leave(self, worker: Worker) -> None:
        """Have a worker be at nothing any more; nobody has it yet."""
        if worker.query is not None:
            self._by_client[worker.query.client] -= 1
            if not self._by_client[worker.query.client]:
                del self._by_client[worker.query.client]
        worker.rest()

    def offer(self, workers: Iterable[Worker]) -> None:
        """Have workers free, new ones too, for those who wait first."""
        for worker in workers:
            self.workers.add(worker)
            self._idle.append(worker)
        self.settle()

    def remove(self, worker: Worker) -> None:
        """Have a worker no more."""
        self.workers.discard(worker)
        with suppress(ValueError):
            self._idle.remove(worker)

    def is_idle(self, worker: Worker) -> bool:
        """Tell whether a worker is free."""
        return worker in self._idle

    def hold(self, worker: Worker) -> bool:
        """Let a query that is not young go on if others still get by; one over an older snapshot always may."""
        if worker.generation == self.generation and not self._may_be_held():
            return False
        worker.held = True
        return True

    def settle(self) -> None:
        """Give free workers to those who wait and may have them: first to the client that has the fewest."""
        for query in sorted(self._waiting, key=lambda each: self._by_client[each.client]):
            if query.seat is None or query.seat.done():
                continue
            worker = self._free_for(query)
            if worker is not None:
                self._waiting.remove(query)
                query.seat.set_result(worker)
                self.settle()  # another has the fewest now
                return

    def close(self) -> None:
        """Send those away who wait."""
        self._closed = True
        for query in self._waiting:
            if query.seat is not None and not query.seat.done():
                query.seat.set_exception(LostError("stopped"))

    def _free_for(self, query: Query) -> Worker | None:
        if not self._idle or self._by_client[query.client] >= self._share():
            return None
        if query.preempted and not self._may_be_held():
            return None
        worker = self._idle.pop()  # who was at work last: its caches are warm
        self.give(worker, query)
        return worker

    def _share(self) -> int:
        """Give how many workers a client may hold: what it leaves to others, it leaves of those that are up."""
        return max(1, len(self.current) - self._left)

    def _may_be_held(self) -> bool:
        return sum(worker.held for worker in self.current) < self._number - 1


def _expire(seat: asyncio.Future[Worker]) -> None:
    """Tell who waits for a seat that the time is up."""
    if not seat.done():
        seat.set_exception(DeadlineError())
