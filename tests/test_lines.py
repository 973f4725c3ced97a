"""Tests of lines: who may stand behind whom, and for how long."""

import asyncio
from math import inf
from time import monotonic

import pytest

from exo_onto import lines
from exo_onto.lines import FRESH, PATIENCE, WAIT, GivenUpError, Lines
from exo_onto.process import Query, Worker


class Deaf(Worker):
    """A worker without a process: it takes calls, and says nothing."""

    def __init__(self, *heard: Query) -> None:
        """Be at the first of some queries, with the others in line."""
        super().__init__(None, None, None)  # type: ignore[arg-type]
        self.calls: list[tuple[bytes, float]] = []
        if heard:
            self.seat(heard[0])
            self.line.extend(heard[1:])

    def put(self, call: bytes, best_before: float = inf) -> None:
        """Note a call."""
        self.calls.append((call, best_before))


def query(client: str = "a", seconds: float = 60) -> Query:
    return Query(b"call", client, asyncio.get_running_loop().time() + seconds)


def test_who_asks_stands_behind_a_query_of_its_own_that_has_just_begun() -> None:
    async def scenario() -> None:
        others, own = Deaf(query("b")), Deaf(query("a"))
        assert Lines().place(query("a"), [Deaf(), others, own]) is own
        assert Lines().place(query("c"), [Deaf(), others, own]) is None

    asyncio.run(scenario())


def test_nobody_stands_behind_what_takes_longer_than_was_foreseen_or_is_being_ended() -> None:
    async def scenario() -> None:
        slow, doomed = Deaf(query()), Deaf(query())
        slow.since = monotonic() - 2 * FRESH
        doomed.doomed = "deadline"
        assert Lines().place(query(), [slow, doomed]) is None

    asyncio.run(scenario())


def test_a_line_is_as_long_as_what_stands_in_it_is_foreseen_to_be_brief() -> None:
    async def scenario() -> None:
        line = Lines()
        for _ in range(100):
            line.note(WAIT / 2.5)
        assert line.place(query(), [Deaf(query())]) is not None
        assert line.place(query(), [Deaf(query(), query())]) is not None
        assert line.place(query(), [Deaf(query(), query(), query())]) is None

    asyncio.run(scenario())


def test_where_queries_are_long_nobody_stands_and_a_few_brief_ones_change_that() -> None:
    async def scenario() -> None:
        line = Lines()
        for _ in range(3):
            line.note(30)
        assert line.place(query(), [Deaf(query())]) is None
        for _ in range(20):
            line.note(WAIT / 10)
        assert line.place(query(), [Deaf(query())]) is not None

    asyncio.run(scenario())


def test_who_has_little_time_stands_behind_nobody() -> None:
    async def scenario() -> None:
        assert Lines().place(query(seconds=PATIENCE), [Deaf(query())]) is None

    asyncio.run(scenario())


def test_what_stands_is_put_to_the_worker_at_once_and_given_up_when_its_time_has_passed() -> None:
    async def scenario() -> None:
        line, worker = Lines(), Deaf(query())
        begun = monotonic()
        turns = [line.stand(worker, query()) for _ in range(3)]
        assert len(worker.line) == len(worker.calls) == 3
        assert all(begun < best_before <= monotonic() + PATIENCE for _, best_before in worker.calls)
        turns[1].set_result(None)  # it has come to this one
        for given_up in (turns[0], turns[2]):
            with pytest.raises(GivenUpError):
                await given_up
        assert monotonic() - begun > PATIENCE
        later = line.stand(worker, query())
        with pytest.raises(GivenUpError):
            await later

    asyncio.run(scenario())


def test_a_whole_line_is_given_up_where_its_worker_is_gone() -> None:
    async def scenario() -> None:
        line, worker = Lines(), Deaf(query())
        turns = [line.stand(worker, query()) for _ in range(2)]
        turns[0].cancel()
        line.give_up(worker)
        assert turns[0].cancelled()
        with pytest.raises(GivenUpError):
            await turns[1]
        await asyncio.sleep(2 * lines.PATIENCE)  # its time passes too, and nothing more comes of it

    asyncio.run(scenario())
