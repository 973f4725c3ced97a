"""outcome: what becomes of a query that is put to a worker: an `Answer`, or one of this family of errors. Pure.

PoolError            it was not answered
+- BusyError       too many are waiting
+- DeadlineError   it took longer than it may
+- LostError       it ended the process
+- BrokenError     the answer was begun, and cannot be ended
+- StartError      no process came up
"""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass


class PoolError(Exception):
    """A query was not answered."""


class BusyError(PoolError):
    """Too many queries are waiting."""


class DeadlineError(PoolError):
    """The query took longer than it may."""


class LostError(PoolError):
    """The query ended the process that answered it."""


class BrokenError(PoolError):
    """The answer was begun, and cannot be ended."""


class StartError(PoolError):
    """A worker did not come up: the store cannot be opened, or there is no room."""


@dataclass(frozen=True)
class Answer:
    """What a worker gave back: a reply of the protocol, and the generation that gave it.

    The body is bytes where it came whole; else it comes piece by piece, and what it raises means that it is not whole.
    """

    status: int
    media_type: str
    headers: Mapping[str, str]
    body: bytes | AsyncGenerator[bytes, None]
    rows: int
    generation: int
