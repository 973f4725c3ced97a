"""Tests of alarms: each is called when it is due, unless it was taken back, and in the order in which they were set."""

import asyncio
from collections.abc import Callable
from functools import partial
from time import monotonic

import pytest

from exo_onto import alarms
from exo_onto.alarms import Alarms

SECONDS = 0.02


def test_each_is_called_in_its_time_and_in_order_but_for_those_taken_back() -> None:
    async def scenario() -> None:
        called: list[tuple[int, float]] = []

        def note(number: int) -> None:
            called.append((number, monotonic()))

        each = Alarms(SECONDS)
        begun = monotonic()
        for number in range(6):
            alarm = each.set(partial(note, number))
            if number in {0, 3, 5}:
                alarm.cancel()
            await asyncio.sleep(SECONDS / 10)
        await asyncio.sleep(3 * SECONDS)
        assert [number for number, _ in called] == [1, 2, 4]
        assert all(when - begun >= SECONDS for _, when in called)

    asyncio.run(scenario())


def test_one_that_is_called_may_set_another_or_take_it_back() -> None:
    async def scenario() -> None:
        called: list[str] = []
        each = Alarms(SECONDS)

        def first() -> None:
            called.append("first")
            later.cancel()
            each.set(partial(called.append, "again"))

        each.set(first)
        later = each.set(partial(called.append, "later"))
        await asyncio.sleep(5 * SECONDS)
        assert called == ["first", "again"]

    asyncio.run(scenario())


def test_one_that_fails_keeps_none_of_the_others_from_being_called() -> None:
    async def scenario() -> None:
        told: list[object] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context["exception"]))
        called: list[str] = []
        each = Alarms(SECONDS)
        each.set(partial(divmod, 1, 0))
        each.set(partial(called.append, "after"))
        await asyncio.sleep(5 * SECONDS)
        assert called == ["after"]
        assert [type(error) for error in told] == [ZeroDivisionError]

    asyncio.run(scenario())


def test_many_that_are_taken_back_share_one_timer(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        timers: list[float] = []
        later = loop.call_later

        def counting(delay: float, callback: Callable[[], object]) -> asyncio.TimerHandle:
            timers.append(delay)
            return later(delay, callback)

        monkeypatch.setattr(loop, "call_later", counting)
        each = Alarms(SECONDS)
        for _ in range(1000):
            each.set(partial(pytest.fail, "it was taken back")).cancel()
        last: asyncio.Future[None] = loop.create_future()
        each.set(partial(last.set_result, None))
        await last
        assert len(timers) <= 3
        assert min(timers) >= alarms._TICK  # noqa: SLF001  or a loop that rounds down would spin

    asyncio.run(scenario())
