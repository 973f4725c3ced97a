"""lines: a query in, the worker behind whose query it may stand out, if there is one; sees to it that none stands long.

A process that is woken for each query finds its caches cold, and cools those of whom it takes the core from: of a
look-up that is most of its cost. So what a client asks while a worker is at a brief query of the same client stands
behind that one, though another worker is free: the worker goes on to it without a pause.

    place -> stand -> its turn
               |
               +----> given up: what stands before it is not brief after all, so it goes to another worker

Whose time has passed is given up here, and the worker, which has the same clock, does not begin it any more. Nobody
stands behind what another client asks.
"""

import asyncio
from collections import deque
from collections.abc import Iterable
from time import monotonic
from typing import Final

from exo_onto.process import Query, Worker

WAIT: Final = 0.0005
"""Seconds of work that may stand before a query, as far as they can be foreseen."""
FRESH: Final = 0.002
"""Seconds after which who is at a query is not joined any more: it takes longer than was foreseen."""
PATIENCE: Final = 0.01
"""Seconds within which a worker begins what stands in its line."""
_GRACE: Final = 0.002
"""Seconds after that until it is given up: what was begun in time is answered by then."""
_TICK: Final = 0.001
"""Seconds between two looks at the least: an event loop may round less down to nothing."""
_SHARE: Final = 1 / 8
"""How much the last answer counts in what is foreseen."""


class GivenUpError(Exception):
    """The query is to go to another worker."""


class Lines:
    """Places queries in lines, and gives them up. Belongs to one event loop."""

    def __init__(self) -> None:
        """Have seen no query yet."""
        self._foreseen = 0.0
        self._standing: deque[Query] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def note(self, seconds: float) -> None:
        """Learn from an answer how many seconds of work the next ones may take."""
        self._foreseen += _SHARE * (min(seconds, 4 * WAIT) - self._foreseen)

    def place(self, query: Query, workers: Iterable[Worker]) -> Worker | None:
        """Find a worker that has just begun what the same client asked, and will be done with it in no time."""
        now = monotonic()
        if query.deadline - asyncio.get_running_loop().time() < 2 * PATIENCE:
            return None
        return next((each for each in workers if self._may_be_joined(each, query, now)), None)

    def stand(self, worker: Worker, query: Query) -> asyncio.Future[None]:
        """Put a query to a worker that is at another one; give what is done when it is its turn.

        That raises GivenUpError where it does not come to it.
        """
        query.turn = asyncio.get_running_loop().create_future()
        query.best_before = monotonic() + PATIENCE
        worker.line.append(query)
        worker.put(query.call, query.best_before)
        self._standing.append(query)
        self._look_later()
        return query.turn

    @staticmethod
    def give_up(worker: Worker) -> None:
        """Give up all that stands in the line of a worker."""
        for query in worker.line:
            _give_up(query)

    def _may_be_joined(self, worker: Worker, query: Query, now: float) -> bool:
        before = worker.query
        return (
            before is not None
            and before.client == query.client
            and not worker.doomed
            and now - worker.since < FRESH
            and self._foreseen * (1 + len(worker.line)) < WAIT
        )

    def _look_later(self) -> None:
        if self._timer is None and self._standing:
            delay = self._standing[0].best_before + _GRACE - monotonic()
            self._timer = asyncio.get_running_loop().call_later(max(_TICK, delay), self._look)

    def _look(self) -> None:
        """Give up those whose time has passed."""
        self._timer, late = None, monotonic() - _GRACE
        while self._standing and (not self._standing[0].stands or self._standing[0].best_before <= late):
            _give_up(self._standing.popleft())
        self._look_later()


def _give_up(query: Query) -> None:
    if query.turn is not None and query.stands:
        query.turn.set_exception(GivenUpError())
