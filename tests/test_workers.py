"""Tests of workers: real processes over a store on disk, that are asked, killed, left, starved and replaced."""

import asyncio
import csv
import gc
import io
import json
import os
import random
import shutil
import signal
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from math import inf
from pathlib import Path
from typing import Any, Final, TypeVar

import psutil
import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from exo_onto import lines, spawning, workers
from exo_onto.answering import FLUSH, Job, Kind
from exo_onto.dataset import Description
from exo_onto.negotiation import negotiate
from exo_onto.outcome import Answer, BusyError, DeadlineError, LostError, PoolError, StartError
from exo_onto.process import Worker
from exo_onto.protocol import Call
from exo_onto.workers import Pool

GRAPH = NamedNode("http://ex/g")
ROWS: Final = 4_000
BOUND: Final = 40
"""Seconds within which what must come, comes; so many that a busy machine does not fail."""
T = TypeVar("T")
Scenario = Callable[[Pool], Coroutine[Any, Any, T]]

ONE = "SELECT ?o WHERE { ?s ?p ?o } LIMIT 1"
LONG = "SELECT ?o WHERE { ?s ?p ?o }"
"""Longer than what is held before the status is sent."""
ENDLESS = "SELECT ?c ?f WHERE { ?a ?b ?c . ?d ?e ?f }"
"""Millions of rows: more than fits between a worker and who reads."""
MONSTER = """ASK { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER (CONCAT(?c, ?f) = CONCAT(?i, "x")) }"""
"""Years of work without an answer."""
HOG = f"""SELECT (STRLEN(?v31) AS ?n) WHERE {{ BIND ("x" AS ?v0) {
    " ".join(f"BIND (CONCAT(?v{n}, ?v{n}) AS ?v{n + 1})" for n in range(31))
} }}"""
"""A string of two gibibytes."""


def token(text: str, *, length: int = 0) -> str:
    return f'SELECT ("{text}{"x" * length}" AS ?t) WHERE {{}}'


def written(path: Path, word: str) -> Job:
    """Make a store whose rows begin with a word, and say how to serve it."""
    store = Store(str(path))
    node = NamedNode("http://ex/s")
    store.bulk_extend(Quad(node, node, Literal(f"{word} {'.' * 20} {number}"), GRAPH) for number in range(ROWS))
    store.flush()
    description = Description("http://ex/sparql", "Test", "1", word)
    return Job(
        store=str(path),
        united=None,
        description=description,
        default_graphs=(GRAPH.value,),
        memory=1024,
        max_rows=10**8,
        max_bytes=10**10,
    )


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Job:
    return written(tmp_path_factory.mktemp("workers") / "old", "old")


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory) -> Job:
    return written(tmp_path_factory.mktemp("workers") / "new", "new")


@pytest.fixture
def brief_youth(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spend less time where a test waits until a query is old."""
    monkeypatch.setattr(workers, "YOUNG", 0.3)


def children() -> list[int]:
    """Give the worker processes that this one has, zombies left out."""
    found = []
    for child in psutil.Process().children():
        try:
            if child.status() != psutil.STATUS_ZOMBIE and "exo_onto.answering" in child.cmdline():
                found.append(child.pid)
        except psutil.NoSuchProcess:
            continue
    return found


def played(
    scenario: Scenario[T], job: Job | None, *, number: int = 2, queue: int = 16, most_by_client: int | None = None
) -> T:
    """Play a scenario over a pool, and see that nothing is left of it."""

    async def play() -> T:
        pool = Pool(number, queue=queue, most_by_client=most_by_client)
        try:
            if job is not None:
                assert await pool.start(job) == 1
            return await asyncio.wait_for(scenario(pool), 2 * BOUND)
        finally:
            await asyncio.wait_for(pool.stop(), BOUND)
            assert (children(), pool.running, pool.waiting, pool.processes) == ([], 0, 0, ())

    return asyncio.run(play())


async def ask(pool: Pool, query: str, *, client: str = "a", seconds: float = BOUND) -> Answer:
    call = Call(query, None, negotiate("text/csv, */*;q=0.1"))
    return await pool.ask(call.encoded, client=client, deadline=asyncio.get_running_loop().time() + seconds)


def asking(pool: Pool, query: str, *, client: str = "a", seconds: float = BOUND) -> asyncio.Task[Answer]:
    return asyncio.create_task(ask(pool, query, client=client, seconds=seconds))


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(BOUND):
        while not condition():  # noqa: ASYNC110  no event tells of processes
            await asyncio.sleep(0.02)


def body(answer: Answer) -> bytes:
    assert isinstance(answer.body, bytes)
    return answer.body


def pieces(answer: Answer) -> AsyncGenerator[bytes, None]:
    assert not isinstance(answer.body, bytes)
    return answer.body


async def values(answer: Answer) -> list[str]:
    """Give the first column of an answer, whole or not."""
    content = answer.body if isinstance(answer.body, bytes) else b"".join([piece async for piece in answer.body])
    return [row[0] for row in list(csv.reader(io.StringIO(content.decode())))[1:]]


def seconds_of(pid: int) -> float:
    return psutil.Process(pid).cpu_times().user


async def one_under(pool: Pool, query: str) -> tuple[asyncio.Task[Answer], int]:
    """Ask what keeps a worker busy, and find its process by that."""
    before = {pid: seconds_of(pid) for pid in pool.processes}
    task = asking(pool, query)

    def busy() -> list[int]:
        return [pid for pid in before if seconds_of(pid) - before[pid] > 0.1]

    await until(lambda: bool(busy()))
    return task, busy()[0]


async def filled(pool: Pool) -> None:
    """Wait until a worker can write no more, since all is full between it and who does not read."""

    def sums() -> list[float]:
        return [seconds_of(pid) for pid in pool.processes]

    before: list[float] = []
    while before != sums():
        before = sums()
        await asyncio.sleep(0.3)


async def well(pool: Pool, number: int) -> None:
    """Wait until nothing runs and all workers are there, and no process besides; all of them answer."""
    await until(lambda: (pool.running, pool.waiting, len(pool.processes)) == (0, 0, number))
    await until(lambda: sorted(children()) == sorted(pool.processes))
    for answer in await asyncio.gather(*(ask(pool, ONE, client=f"{n}") for n in range(number))):
        assert answer.status == 200


# --- Answers


def test_a_short_answer_comes_whole_and_a_long_one_in_pieces(old: Job) -> None:
    async def scenario(pool: Pool) -> None:
        short = await ask(pool, ONE)
        assert (short.status, short.media_type, short.rows, short.generation) == (200, "text/csv", 1, 1)
        assert short.headers["Exo-Onto-Snapshot"] == "old"
        assert len(await values(short)) == 1
        long = await ask(pool, LONG)
        parts = [piece async for piece in pieces(long)]
        assert min(map(len, parts[:-1])) >= FLUSH
        assert b"".join(parts).count(b"\r\n") == ROWS + 1
        await well(pool, 2)
        assert not pool.lost

    played(scenario, old)


def test_what_is_wrong_with_a_query_comes_back_as_a_problem(old: Job) -> None:
    async def scenario(pool: Pool) -> list[Answer]:
        return [await ask(pool, query) for query in ("SELECT ?x WHERE { ?x ?y }", "ASK FROM <x y> {}", "nonsense")]

    for answer in played(scenario, old):
        document = json.loads(body(answer))
        assert (answer.status, answer.media_type) == (400, "application/problem+json")
        assert document["type"].endswith("/syntax")


# --- Deadlines


def test_a_query_that_takes_too_long_is_ended_with_its_process_and_another_comes_up(old: Job) -> None:
    async def scenario(pool: Pool) -> None:
        before = set(pool.processes)
        with pytest.raises(DeadlineError):
            await ask(pool, MONSTER, seconds=0.5)
        await well(pool, 2)
        assert len(before & set(pool.processes)) == 1
        assert pool.lost == {"deadline": 1}
        with pytest.raises(DeadlineError):
            await values(await ask(pool, ENDLESS, seconds=1))
        await well(pool, 2)
        assert pool.lost == {"deadline": 2}

    played(scenario, old)


def test_the_deadline_counts_while_a_query_waits() -> None:
    async def scenario(pool: Pool) -> None:
        with pytest.raises(DeadlineError):
            await ask(pool, ONE, seconds=0.1)
        assert (pool.waiting, pool.running, pool.lost) == (0, 0, {})

    played(scenario, None)


# --- Losses


def test_a_process_that_dies_takes_its_own_query_along_and_no_other(old: Job) -> None:
    async def scenario(pool: Pool) -> None:
        for number in (signal.SIGKILL, signal.SIGABRT):
            other = await ask(pool, LONG)
            task, pid = await one_under(pool, MONSTER)
            os.kill(pid, number)
            with pytest.raises(LostError, match=number.name):
                await task
            assert len(await values(other)) == ROWS
            await well(pool, 3)
        assert pool.lost == {"SIGKILL": 1, "SIGABRT": 1}

    played(scenario, old, number=3)


def test_a_query_that_needs_too_much_memory_is_lost_alone(old: Job) -> None:
    async def scenario(pool: Pool) -> None:
        other = await ask(pool, LONG)
        hog = asking(pool, HOG)
        small = await asyncio.gather(*(ask(pool, ONE, client="b") for _ in range(8)))
        with pytest.raises(LostError):
            await hog
        assert [answer.status for answer in small] == [200] * 8
        assert len(await values(other)) == ROWS
        await well(pool, 3)
        assert sum(pool.lost.values()) == 1

    played(scenario, old, number=3)


def test_a_worker_that_dies_while_it_does_nothing_is_replaced(old: Job) -> None:
    async def scenario(pool: Pool) -> None:
        before = pool.processes
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        await until(lambda: not set(before) & set(pool.processes))
        assert (await ask(pool, ONE)).status == 200
        await well(pool, 2)
        assert pool.lost == {"SIGKILL": 2}

    played(scenario, old)


# --- Seats


@pytest.mark.usefixtures("brief_youth")
def test_one_worker_is_kept_for_the_young(old: Job) -> None:
    async def scenario(pool: Pool) -> None:
        first = asking(pool, MONSTER, seconds=2)
        await until(lambda: pool.running == 1)
        second = asking(pool, MONSTER, seconds=3)
        await until(lambda: pool.lost["preempted"] == 1 and (pool.running, pool.waiting) == (1, 1))
        assert len(await asyncio.gather(*(ask(pool, ONE, client=f"{n}") for n in range(10)))) == 10
        assert not first.done()
        with pytest.raises(DeadlineError):
            await first
        await until(lambda: (pool.running, pool.waiting) == (1, 0))  # it has the worker of the first now
        with pytest.raises(DeadlineError):
            await second
        await well(pool, 2)
        assert pool.lost == {"preempted": 1, "deadline": 2}

    played(scenario, old)


COUNT = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f }"
"""Some time's work with an end."""


@pytest.mark.parametrize("privileged", [True, False])
def test_the_old_step_behind_the_young_and_back(old: Job, monkeypatch: pytest.MonkeyPatch, *, privileged: bool) -> None:
    monkeypatch.setattr(workers, "YOUNG", 0.005)
    step = os.setpriority
    stepped: list[tuple[int, int]] = []

    def stepping(which: int, pid: int, niceness: int) -> None:
        if niceness < os.getpriority(which, pid) and not privileged:
            raise PermissionError
        with suppress(PermissionError):  # the tests may have less rights than they tell of
            step(which, pid, niceness)
        stepped.append((pid, niceness))

    async def scenario(pool: Pool) -> None:
        monkeypatch.setattr(os, "setpriority", stepping)
        before = pool.processes
        assert (await ask(pool, COUNT)).status == 200
        [(pid, last), *back] = stepped
        assert last == 19
        monkeypatch.setattr(workers, "YOUNG", 60)  # or what is asked from now on may be old too, on a busy machine
        await well(pool, 2)
        assert [each for each, _ in back] == ([pid] if privileged else [])
        assert (pid in pool.processes) is privileged
        assert len(set(pool.processes) & set(before)) == (2 if privileged else 1)

    played(scenario, old)


@pytest.mark.parametrize("privileged", [True, False])
def test_who_takes_a_moment_lets_others_go_first_where_it_may_come_back(
    old: Job, monkeypatch: pytest.MonkeyPatch, *, privileged: bool
) -> None:
    monkeypatch.setattr(workers, "BRISK", 0.005)
    monkeypatch.setattr(workers, "YOUNG", 5)
    monkeypatch.setattr(spawning, "may_step_up", lambda: privileged)
    stepped: list[int] = []

    async def scenario(pool: Pool) -> None:
        before = pool.processes
        where = os.getpriority(os.PRIO_PROCESS, before[0])
        monkeypatch.setattr(os, "setpriority", lambda _, __, niceness: stepped.append(niceness))
        assert (await ask(pool, COUNT)).status == 200
        assert stepped == ([19, where] if privileged else [])
        assert set(pool.processes) == set(before)
        assert not pool.lost

    played(scenario, old)


def test_a_long_answer_waits_where_the_others_are_held_and_is_whole_then(old: Job) -> None:
    async def scenario(pool: Pool) -> None:
        held = await ask(pool, LONG)
        waits = asking(pool, LONG, client="b")
        await until(lambda: pool.lost["preempted"] == 1 and pool.waiting == 1)
        assert len(await values(held)) == ROWS
        assert len(await values(await waits)) == ROWS
        await well(pool, 2)

    played(scenario, old)


@pytest.mark.usefixtures("brief_youth")
def test_whoever_finds_the_queue_full_is_told_at_once(old: Job) -> None:
    async def scenario(pool: Pool) -> None:
        tasks = [asking(pool, MONSTER, client=f"{number}") for number in range(3)]
        await asyncio.sleep(0)
        assert (pool.running, pool.waiting) == (2, 1)
        with pytest.raises(BusyError):
            await ask(pool, ONE)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await well(pool, 2)

    played(scenario, old, queue=1)


def test_a_client_with_one_query_is_served_before_the_tenth_of_another(old: Job) -> None:
    async def scenario(pool: Pool) -> list[str]:
        order: list[str] = []
        held = await ask(pool, LONG, client="a")  # so that there is one worker for all the others

        async def noted(name: str) -> None:
            await ask(pool, token(name), client=name[0])
            order.append(name)

        await asyncio.gather(*(noted(name) for name in [*(f"a{n}" for n in range(10)), "b"]))
        assert len(await values(held)) == ROWS
        return order

    order = played(scenario, old)
    assert order == ["a0", "b", *(f"a{n}" for n in range(1, 10))]


def test_workers_that_come_up_are_shared_among_those_who_wait(old: Job) -> None:
    async def scenario(pool: Pool) -> None:
        greedy = [asking(pool, MONSTER, client="a") for _ in range(3)]
        modest = asking(pool, ONE, client="b")
        await until(lambda: pool.waiting == 4)
        await pool.start(old)
        assert (await modest).status == 200
        assert not pool.lost  # nobody had to make room
        for task in greedy:
            task.cancel()
        await asyncio.wait(greedy)

    played(scenario, None)


def test_a_client_has_its_share_and_no_more(old: Job) -> None:
    async def scenario(pool: Pool) -> None:
        first = await ask(pool, LONG)
        second = asking(pool, ONE)
        await until(lambda: pool.waiting == 1)
        with pytest.raises(BusyError):
            await ask(pool, ONE)
        assert (await ask(pool, ONE, client="b")).status == 200  # a full queue of others does not keep it out
        assert not second.done()
        assert len(await values(first)) == ROWS
        assert (await second).status == 200
        await well(pool, 2)

    played(scenario, old, queue=1, most_by_client=1)


# --- Lines


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """See that who may stand in a line does so, on a busy machine too."""
    monkeypatch.setattr(lines, "WAIT", BOUND)
    monkeypatch.setattr(lines, "FRESH", BOUND)
    monkeypatch.setattr(lines, "PATIENCE", 1)


def calls_by_process(monkeypatch: pytest.MonkeyPatch) -> dict[int, list[float]]:
    """Note which process is put which call, by the time until which it is to be begun."""
    noted: dict[int, list[float]] = {}
    put = Worker.put

    def noting(worker: Worker, call: bytes, best_before: float = inf) -> None:
        noted.setdefault(worker.process.pid, []).append(best_before)
        put(worker, call, best_before)

    monkeypatch.setattr(Worker, "put", noting)
    return noted


@pytest.mark.usefixtures("patience")
def test_what_a_client_asks_at_once_is_answered_by_one_worker_in_order(
    old: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario(pool: Pool) -> None:
        noted = calls_by_process(monkeypatch)
        order: list[str] = []

        async def noting(name: str) -> None:
            assert await values(await ask(pool, token(name))) == [name]
            order.append(name)

        names = [f"{number}" for number in range(9)]
        tasks = asyncio.gather(*map(noting, names))
        await asyncio.sleep(0)
        other = asking(pool, ONE, client="b")
        await asyncio.sleep(0)
        assert (pool.running, pool.waiting) == (2, 8)
        await tasks
        assert (await other).status == 200
        assert order == names
        assert sorted(map(len, noted.values())) == [1, 9]
        assert [best_before < inf for best_before in max(noted.values(), key=len)] == [False, *[True] * 8]
        await well(pool, 3)

    played(scenario, old, number=3)


@pytest.mark.parametrize("first", [MONSTER, ENDLESS])
@pytest.mark.usefixtures("patience")
def test_what_stands_behind_what_is_not_brief_after_all_goes_to_another_worker(old: Job, first: str) -> None:
    async def scenario(pool: Pool) -> None:
        before = asking(pool, first, seconds=4)
        await asyncio.sleep(0)
        behind = [asking(pool, token(f"{number}")) for number in range(3)]
        await asyncio.sleep(0)
        assert (pool.running, pool.waiting) == (1, 3)
        assert [await values(await task) for task in behind] == [["0"], ["1"], ["2"]]
        with pytest.raises(DeadlineError):
            await values(await before)
        await well(pool, 2)
        assert pool.lost == {"deadline": 1}

    played(scenario, old)


@pytest.mark.usefixtures("patience")
def test_what_has_gone_to_another_worker_is_not_begun_by_the_first(old: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "PATIENCE", 0.01)
    heard: list[Kind] = []
    read = Worker.read

    async def hearing(worker: Worker) -> tuple[Kind, bytes]:
        frame = await read(worker)
        heard.append(frame[0])
        return frame

    async def scenario(pool: Pool) -> None:
        monkeypatch.setattr(Worker, "read", hearing)
        before = asking(pool, COUNT)
        await asyncio.sleep(0)
        behind = [asking(pool, token(f"{number}")) for number in range(3)]
        assert [await values(await task) for task in behind] == [["0"], ["1"], ["2"]]
        assert (await before).status == 200
        await until(lambda: pool.running == 0)
        assert heard == [*[Kind.WHOLE] * 4, *[Kind.LATE] * 3]
        await well(pool, 2)
        assert not pool.lost

    played(scenario, old)


@pytest.mark.usefixtures("patience")
def test_what_stands_behind_what_ends_its_process_is_not_lost(old: Job) -> None:
    async def scenario(pool: Pool) -> None:
        hog = asking(pool, HOG)
        await asyncio.sleep(0)
        behind = [asking(pool, token(f"{number}")) for number in range(3)]
        assert [await values(await task) for task in behind] == [["0"], ["1"], ["2"]]
        with pytest.raises(LostError):
            await hog
        await well(pool, 2)

    played(scenario, old)


@pytest.mark.usefixtures("patience")
def test_who_leaves_a_line_is_missed_by_nobody(old: Job) -> None:
    async def scenario(pool: Pool) -> None:
        for leaving in ([1, 2], [0, 3], [0, 1, 2, 3]):
            tasks = [asking(pool, token(f"{number}")) for number in range(5)]
            await asyncio.sleep(0)
            for number in leaving:
                tasks[number].cancel()
            told = await asyncio.gather(*tasks, return_exceptions=True)
            for number, answer in enumerate(told):
                if number in leaving:
                    assert isinstance(answer, asyncio.CancelledError)
                else:
                    assert isinstance(answer, Answer)
                    assert await values(answer) == [f"{number}"]
            await until(lambda: pool.running == 0)
        await well(pool, 2)
        assert not pool.lost

    played(scenario, old)


@pytest.mark.usefixtures("patience")
def test_a_line_ends_over_the_store_at_which_it_began(old: Job, new: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "PATIENCE", BOUND / 4)

    async def scenario(pool: Pool) -> None:
        before = set(pool.processes)
        first = asking(pool, COUNT)
        await asyncio.sleep(0)
        behind = [asking(pool, ONE) for _ in range(2)]
        await asyncio.sleep(0)
        await pool.start(new)
        after = await asyncio.gather(*(ask(pool, ONE) for _ in range(4)))
        assert {answer.generation for answer in after} == {2}
        assert (await first).generation == 1
        for answer in await asyncio.gather(*behind):
            assert (answer.generation, (await values(answer))[0][:3]) == (1, "old")
        await well(pool, 2)
        assert not before & set(pool.processes)

    played(scenario, old)


@pytest.mark.usefixtures("patience")
def test_stop_tells_those_who_stand_in_a_line(old: Job) -> None:
    async def scenario(pool: Pool) -> None:
        tasks = [asking(pool, query) for query in (MONSTER, ONE, ONE)]
        await asyncio.sleep(0)
        tasks[1].cancel()
        await asyncio.sleep(0)
        await pool.stop()
        told = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(each) for each in told] == [LostError, asyncio.CancelledError, LostError]

    played(scenario, old)


# --- Clients that leave


@pytest.mark.usefixtures("brief_youth")
def test_a_client_that_leaves_takes_no_worker_along(old: Job) -> None:
    async def scenario(pool: Pool) -> None:
        for moment in (0, 0.01, 0.3):
            leaving = [asking(pool, MONSTER, client="a"), *(asking(pool, ONE, client="b") for _ in range(9))]
            await asyncio.sleep(moment)
            for task in leaving:
                task.cancel()
            await asyncio.wait(leaving)
            assert pool.waiting == 0
        await until(lambda: pool.running == 0)
        await well(pool, 2)
        assert set(pool.lost) <= {"left", "preempted"}

    played(scenario, old)


def test_a_long_answer_that_nobody_wants_any_more_is_ended(old: Job) -> None:
    async def scenario(pool: Pool) -> None:
        files = psutil.Process().num_fds()
        answer = await ask(pool, ENDLESS)
        assert await anext(pieces(answer))
        await filled(pool)
        await pieces(answer).aclose()
        assert pool.running == 0
        await well(pool, 2)
        assert psutil.Process().num_fds() == files
        await pieces(await ask(pool, ENDLESS)).aclose()  # never begun
        await well(pool, 2)
        await ask(pool, ENDLESS)  # not even held
        gc.collect()
        await until(lambda: pool.running == 0)
        await well(pool, 2)
        assert pool.lost == {"left": 3}

    played(scenario, old)


# --- Generations


def test_a_new_store_takes_over_while_queries_run_on_the_old_one(old: Job, new: Job) -> None:
    async def scenario(pool: Pool) -> None:
        before = pool.processes
        answer, monster = await ask(pool, LONG), asking(pool, MONSTER, seconds=2)
        assert await pool.start(new) == 2
        fresh = await ask(pool, ONE)
        assert (fresh.generation, (await values(fresh))[0][:3]) == (2, "new")
        assert answer.generation == 1
        rows = await values(answer)
        assert (len(rows), {row[:3] for row in rows}) == (ROWS, {"old"})
        with pytest.raises(DeadlineError):
            await monster
        await well(pool, 3)
        assert not set(before) & {*children(), *pool.processes}
        assert pool.lost == {"deadline": 1}

    played(scenario, old, number=3)


def test_who_waits_for_its_share_is_served_once_its_old_queries_end(old: Job, new: Job) -> None:
    async def scenario(pool: Pool) -> None:
        answer, waits = await ask(pool, LONG), asking(pool, ONE)
        await pool.start(new)
        assert (pool.waiting, waits.done()) == (1, False)
        assert len(await values(answer)) == ROWS
        assert (await waits).generation == 2

    played(scenario, old, most_by_client=1)


def test_a_store_that_is_not_there_leaves_all_as_it_was(old: Job, tmp_path: Path) -> None:
    async def scenario(pool: Pool) -> None:
        before = pool.processes
        with pytest.raises(StartError, match="did not come up"):
            await pool.start(replace(old, store=str(tmp_path / "nowhere")))
        assert pool.processes == before
        await well(pool, 2)
        assert (await ask(pool, ONE)).generation == 1

    played(scenario, old)


def test_a_replacement_that_does_not_come_up_does_not_come_in_addition_later(
    old: Job, new: Job, tmp_path: Path
) -> None:
    shutil.copytree(old.store, tmp_path / "store")

    async def scenario(pool: Pool) -> None:
        shutil.rmtree(tmp_path / "store")
        [*_, pid] = pool.processes
        os.kill(pid, signal.SIGKILL)
        await until(lambda: len(pool.processes) == 1)
        assert (await ask(pool, ONE)).status == 200
        await pool.start(new)
        await asyncio.sleep(1.5)  # so that it would come, if it did
        await well(pool, 2)

    played(scenario, replace(old, store=str(tmp_path / "store")))


def test_a_start_that_is_given_up_leaves_nothing(old: Job, new: Job) -> None:
    async def scenario(pool: Pool) -> None:
        for moment in (0.05, 0.4):
            starting = asyncio.create_task(pool.start(new))
            await asyncio.sleep(moment)
            starting.cancel()
            await asyncio.wait([starting])
        if starting.cancelled():
            await well(pool, 2)

    played(scenario, old)


# --- The end


def test_stop_ends_everything_and_tells_everyone(old: Job, new: Job) -> None:
    async def scenario(pool: Pool) -> None:
        unread = await ask(pool, ENDLESS)
        await filled(pool)
        running = [asking(pool, MONSTER, client=f"{n}") for n in range(4)]
        await until(lambda: (pool.running, pool.waiting) == (3, 2))
        starting = asyncio.create_task(pool.start(new))
        await asyncio.sleep(0.1)
        await pool.stop()
        for task in running:
            with pytest.raises(LostError):
                await task
        with pytest.raises(LostError):
            await values(unread)
        with pytest.raises(LostError):
            await ask(pool, ONE)
        with pytest.raises(StartError):
            await starting

    played(scenario, old, number=3)


# --- All at once


@pytest.mark.parametrize("together", [1, 10], ids=["one by one", "ten at a time"])
def test_whatever_comes_together_nothing_is_lost_or_mixed_up(old: Job, together: int) -> None:
    chance = random.Random(20_261)  # noqa: S311  no secret

    async def one(pool: Pool, number: int) -> str:
        kind = chance.choices(["token", "large", "long", "wrong", "monster"], [60, 25, 8, 5, 2])[0]
        query = {
            "token": token(f"{number}:"),
            "large": token(f"{number}:", length=FLUSH - 2_000),
            "long": LONG,
            "wrong": "nonsense",
            "monster": MONSTER,
        }[kind]
        seconds = 1.5 if kind == "monster" else BOUND
        task = asyncio.ensure_future(ask(pool, query, client=f"{number // together % 7}", seconds=seconds))
        if chance.random() < 0.4:
            asyncio.get_running_loop().call_later(chance.expovariate(4), task.cancel)
        try:
            answer = await task
            got = await values(answer)
        except (PoolError, asyncio.CancelledError) as error:
            return type(error).__name__
        if kind == "long":
            assert len(got) == ROWS
        elif kind in {"token", "large"}:
            assert got[0].startswith(f"{number}:")
        else:
            assert (kind, answer.status) == ("wrong", 400)
        return kind

    async def scenario(pool: Pool) -> list[str]:
        async def later(number: int) -> str:
            await asyncio.sleep(number // together * together / 100)
            return await one(pool, number)

        outcomes = await asyncio.gather(*map(later, range(200)))
        await until(lambda: (pool.running, pool.waiting) == (0, 0))
        await well(pool, 3)
        assert not pool._seats._by_client  # noqa: SLF001  what nobody sees until a client is kept out
        return outcomes

    outcomes = played(scenario, old, number=3, queue=500, most_by_client=2)
    assert set(outcomes) <= {"token", "large", "long", "wrong", "CancelledError", "DeadlineError"}
    assert {"token", "large", "long", "CancelledError"} <= set(outcomes)


def test_processes_at_the_ready_take_the_next_store_over_and_others_are_made_ready(tmp_path: Path) -> None:
    one, two = written(tmp_path / "one", "one"), written(tmp_path / "two", "two")

    async def play() -> tuple[set[int], set[int], list[str]]:
        pool = Pool(2, queue=5, spare=True)
        try:
            await pool.start(one)
            await until(lambda: len(pool._spawner.spares) == 2)  # noqa: SLF001  nobody else can see them
            ready = {worker.process.pid for worker in pool._spawner.spares}  # noqa: SLF001
            await pool.start(two)
            taken = set(pool.processes)
            await until(lambda: len(pool._spawner.spares) == 2)  # noqa: SLF001
            os.kill(pool._spawner.spares[0].process.pid, signal.SIGKILL)  # noqa: SLF001
            await until(lambda: len(pool._spawner.spares) == 1)  # noqa: SLF001
            return ready, taken, await values(await ask(pool, ONE))
        finally:
            everybody = [worker.process.pid for worker in pool._spawner.alive]  # noqa: SLF001
            await pool.stop()
            assert not [pid for pid in everybody if psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie"]

    ready, taken, (value,) = asyncio.run(play())
    assert taken == ready
    assert value.startswith("two")
