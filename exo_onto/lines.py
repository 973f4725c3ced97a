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
from collections.abc import Iterable
from functools import partial
from time import monotonic
from typing import Final

from exo_onto.alarms import Alarms
from exo_onto.process import Query, Worker

WAIT: Final = 0.0005
"""Seconds of work that may stand before a query, as far as they can be foreseen."""
FRESH: Final = 0.002
"""Seconds after which who is at a query is not joined any more: it takes longer than was foreseen."""
PATIENCE: Final = 0.01
"""Seconds within which a worker begins what stands in its line."""
_GRACE: Final = 0.002
"""Seconds after that until it is given up: what was begun in time is answered by then."""
_WEIGHT: Final = 1 / 8
"""How much the last answer counts in what is foreseen."""


class GivenUpError(Exception):
    """The query is to go to another worker."""


class Lines:
    """Places queries in lines, and gives them up. Belongs to one event loop."""

    def __init__(self) -> None:
        """Have seen no query yet."""
        self._foreseen = 0.0
        self._late = Alarms(PATIENCE + _GRACE)

    def note(self, seconds: float) -> None:
        """Learn from an answer how many seconds of work the next ones may take."""
        self._foreseen += _WEIGHT * (min(seconds, 4 * WAIT) - self._foreseen)

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
        query.late = self._late.set(partial(_give_up, query))
        worker.line.append(query)
        worker.put(query.call, query.best_before)
        return query.turn

    @staticmethod
    def call_up(query: Query) -> bool:
        """Tell a query that it is its turn; say whether anybody waits for it still."""
        if query.turn is None or query.turn.done():
            return False
        if query.late is not None:
            query.late.cancel()
        query.turn.set_result(None)
        return True

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


def _give_up(query: Query) -> None:
    if query.turn is not None and query.stands:
        query.turn.set_exception(GivenUpError())
