"""alarms: callbacks in, each called some time later unless it was taken back; one timer for all of them.

An event loop's own timers cost microseconds each, which counts where one is set for every request and nearly all are
taken back at once. All of a set wait equally long, so the first that was set is the first that is due.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import Final

_TICK: Final = 0.001
"""Seconds between two looks at the least: an event loop may round less down to nothing."""


class Alarm:
    """A callback and when it is due, by the monotonic clock."""

    __slots__ = ("callback", "due")

    def __init__(self, due: float, callback: Callable[[], object]) -> None:
        """Set it."""
        self.due = due
        self.callback: Callable[[], object] | None = callback

    def cancel(self) -> None:
        """Take it back."""
        self.callback = None


class Alarms:
    """Alarms that wait equally long. Belongs to one event loop."""

    def __init__(self, seconds: float) -> None:
        """Have each wait so many seconds."""
        self._seconds = seconds
        self._set: deque[Alarm] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def set(self, callback: Callable[[], object]) -> Alarm:
        """Have something called later."""
        alarm = Alarm(monotonic() + self._seconds, callback)
        self._set.append(alarm)
        self._look_later()
        return alarm

    def _look_later(self) -> None:
        if self._timer is None and self._set:
            delay = max(_TICK, self._set[0].due - monotonic())
            self._timer = asyncio.get_running_loop().call_later(delay, self._look)

    def _look(self) -> None:
        """Call what is due."""
        self._timer, now = None, monotonic()
        try:
            while self._set and (self._set[0].callback is None or self._set[0].due <= now):
                callback = self._set.popleft().callback
                if callback is not None:
                    callback()
        finally:
            self._look_later()
