"""Tests of seats: who has a worker, who waits, and who comes next, without any process."""

import asyncio
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exo_onto.outcome import BusyError, DeadlineError, LostError
from exo_onto.process import Query, Worker
from exo_onto.seats import Seats


def worker(generation: int = 0) -> Worker:
    made = Worker(None, None, None)  # type: ignore[arg-type]
    made.generation = generation
    return made


def query(client: str = "a", seconds: float = 60, *, preempted: bool = False) -> Query:
    made = Query(b"", client, asyncio.get_running_loop().time() + seconds)
    made.preempted = made.returned = preempted
    return made


def unexpected(_: Worker) -> None:
    pytest.fail("a worker is given back that nobody has left")


def free(room: Seats, one: Worker) -> None:
    """Have a worker done with its query."""
    room.leave(one)
    room.offer([one])


def seats(number: int, *, queue: int = 10, most_by_client: int | None = None) -> Seats:
    made = Seats(number, queue=queue, most_by_client=most_by_client, give_back=unexpected)
    made.offer([worker() for _ in range(number)])
    return made


def waiting(room: Seats, one: Query) -> asyncio.Task[Worker]:
    return asyncio.create_task(room.take(one))


def test_who_was_at_work_last_is_taken_first() -> None:
    async def scenario() -> None:
        room = seats(3)
        taken = [await room.take(query()) for _ in range(3)]
        for each in taken:
            free(room, each)
        assert await room.take(query()) is taken[-1]

    asyncio.run(scenario())


def test_a_client_has_its_share_and_the_others_come_by() -> None:
    async def scenario() -> None:
        room = seats(3, most_by_client=2)
        first, _ = await room.take(query("a")), await room.take(query("a"))
        third = waiting(room, query("a"))
        await asyncio.sleep(0)
        assert room.waiting == 1
        assert not room.spacious
        await room.take(query("b"))
        assert not third.done()
        free(room, first)
        assert await third is first

    asyncio.run(scenario())


def test_the_one_with_the_fewest_comes_next_and_a_full_queue_is_told() -> None:
    async def scenario() -> None:
        room = seats(2, queue=2)
        first, _ = await room.take(query("a")), await room.take(query("a"))
        greedy, modest = waiting(room, query("a")), waiting(room, query("b"))
        await asyncio.sleep(0)
        with pytest.raises(BusyError):
            await room.take(query("c"))
        free(room, first)
        assert await modest is first
        assert not greedy.done()
        greedy.cancel()
        await asyncio.wait([greedy])
        assert room.waiting == 0

    asyncio.run(scenario())


def test_one_that_was_with_a_worker_before_waits_though_the_queue_is_full() -> None:
    async def scenario() -> None:
        room = seats(1, queue=0)
        taken = await room.take(query())
        back = query()
        back.returned = True
        again = waiting(room, back)
        await asyncio.sleep(0)
        free(room, taken)
        assert await again is taken

    asyncio.run(scenario())


def test_one_worker_is_kept_for_the_young() -> None:
    async def scenario() -> None:
        room = seats(2)
        held = await room.take(query())
        assert room.hold(held)
        other = await room.take(query())
        assert not room.hold(other)
        free(room, other)
        old = waiting(room, query(preempted=True))
        await asyncio.sleep(0)
        assert not old.done()
        young = await room.take(query("b"))
        assert young is other
        free(room, held)
        assert await old is held
        assert held.held

    asyncio.run(scenario())


def test_who_is_over_an_older_snapshot_may_be_held_and_does_not_count() -> None:
    async def scenario() -> None:
        room = seats(2)
        before = [await room.take(query()), await room.take(query("b"))]
        room.generation = 1
        room.offer([worker(1), worker(1)])
        assert all(room.hold(each) for each in before)
        assert room.hold(await room.take(query("c")))

    asyncio.run(scenario())


def test_the_time_runs_while_one_waits_and_the_end_is_told() -> None:
    async def scenario() -> None:
        room = seats(0)
        with pytest.raises(DeadlineError):
            await room.take(query(seconds=0.01))
        late = waiting(room, query())
        await asyncio.sleep(0)
        room.close()
        with pytest.raises(LostError):
            await late
        with pytest.raises(LostError):
            await room.take(query())

    asyncio.run(scenario())


def test_who_leaves_as_it_is_given_a_worker_gives_it_back() -> None:
    async def scenario() -> None:
        given_back: list[Worker] = []
        room = Seats(1, queue=1, most_by_client=None, give_back=given_back.append)
        leaving = waiting(room, query())
        await asyncio.sleep(0)
        room.offer([worker()])
        leaving.cancel()
        await asyncio.wait([leaving])
        assert given_back == list(room.workers)

    asyncio.run(scenario())


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans(), st.booleans()), max_size=30), st.integers(1, 4))
def test_nobody_has_more_than_its_share_and_no_worker_is_idle_that_somebody_may_have(
    asked: list[tuple[str, bool, bool]], number: int
) -> None:
    async def scenario() -> None:
        room = seats(number, queue=100, most_by_client=max(1, number - 1))
        tasks: list[asyncio.Task[Worker]] = []
        for client, preempted, leaves in asked:
            tasks.append(waiting(room, query(client, preempted=preempted)))
            await asyncio.sleep(0)
            busy = [each for each in room.workers if each.query is not None]
            if leaves and busy:
                free(room, busy[0])
            await asyncio.sleep(0)
            busy = [each for each in room.workers if each.query is not None]
            share, by_client = max(1, number - 1), Counter(each.query.client for each in busy if each.query is not None)
            assert max(by_client.values(), default=0) <= share
            assert sum(each.held for each in busy) <= number - 1
            idle = number - len(busy)
            assert sum(room.is_idle(each) for each in room.workers) == idle
            young = {who for (who, old, _), task in zip(asked, tasks, strict=False) if not old and not task.done()}
            assert not idle or all(by_client[who] == share for who in young)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(scenario())
