"""Tests of service: a desk of real workers that follows published snapshots, and one that answers in threads."""

import asyncio
import csv
import gc
import hashlib
import io
import json
import shutil
import weakref
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import httpx
import psutil
import pytest
from conftest import quiet
from pyoxigraph import Literal, NamedNode, Quad, Store

from exo_onto import service, snapshot
from exo_onto.dataset import Dataset, Description, prepare
from exo_onto.negotiation import negotiate
from exo_onto.outcome import DeadlineError, StartError
from exo_onto.problems import PROBLEMS
from exo_onto.protocol import Call
from exo_onto.serve import application
from exo_onto.service import Desk, Elsewhere, Workers
from exo_onto.settings import Settings
from exo_onto.snapshot import Manifest, Snapshot, SnapshotError
from exo_onto.vocabulary import GRAPH_INSTANCES, GRAPH_JUSTIFICATIONS

BOUND: Final = 40
SETTINGS: Final = Settings(workers=3, memory=1024, max_rows=100)
S, SAYS, ADDED = (NamedNode(f"http://ex/{name}") for name in ("s", "says", "added"))
BESIDE = Quad(S, ADDED, Literal("added"), NamedNode("http://ex/beside"))
EVERYWHERE: Final = (
    "/sparql",
    "/sparql?query=ASK%7B%7D",
    "/.well-known/void",
    "/data",
    "/data?default",
    "/openapi.json",
    "/metrics",
    "/",
    "/matrix",
    "/compare",
    "/download",
    "/search?q=s",
)
"""Addresses at which something is kept, or might be."""
SAID = "SELECT ?o WHERE { ?s <http://ex/says> ?o }"
FOUND = "SELECT ?o WHERE { ?s <http://ex/added> ?o }"
MONSTER = """ASK { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l FILTER (CONCAT(STR(?c), STR(?f), STR(?i)) = STR(?l)) }"""


def publish(build: Path, name: str, *, aside: bool = False) -> Path:
    """Publish a snapshot that says its own name, and if asked something in a graph that is no default one."""
    manifest = Manifest(name, "s", "p", "1.2.3", "2026-11-23T00:00:00+00:00", {}, {})
    quads = [Quad(S, SAYS, Literal(name), GRAPH_INSTANCES)]
    if aside:
        quads.append(Quad(S, SAYS, Literal("aside"), GRAPH_JUSTIFICATIONS))
    return snapshot.publish(build, manifest, quads)


def describe(opened: Snapshot) -> Description:
    return Description("http://ex/sparql", "Test", opened.manifest.ontology_version, opened.manifest.name)


def add(_: Dataset) -> tuple[Quad, ...]:
    return (BESIDE,)


def digest(folder: Path) -> str:
    """Give a digest of all that is in a folder, but for what a store notes when it is read."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(("LOG", "LOCK")))
    return hashlib.sha256(b"".join(str(path).encode() + path.read_bytes() for path in files)).hexdigest()


def children() -> list[psutil.Process]:
    found = []
    for child in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):
            if child.status() != psutil.STATUS_ZOMBIE and "exo_onto.answering" in child.cmdline():
                found.append(child)
    return found


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(BOUND):
        while not condition():  # noqa: ASYNC110  no event tells of it
            await asyncio.sleep(0.02)


async def hear(told: list[str], number: int) -> None:
    """Wait until so many lines have been told."""
    await until(lambda: len(told) >= number)


async def ask(desk: Desk, query: str, *, seconds: float = BOUND) -> list[str]:
    """Give the first column of an answer."""
    deadline = asyncio.get_running_loop().time() + seconds
    answer = await desk.ask(Call(query, None, negotiate("text/csv, */*;q=0.1")), client="a", deadline=deadline)
    assert isinstance(answer.body, bytes)
    assert (answer.status, answer.headers["Exo-Onto-Snapshot"]) == (200, desk.standing.description.digest)
    return sorted(row[0] for row in list(csv.reader(io.StringIO(answer.body.decode())))[1:])


def played(build: Path, scenario: Callable[[Workers, list[str]], Coroutine[Any, Any, None]]) -> None:
    """Play a scenario over an open desk, and see that nothing is left of it."""

    async def play() -> None:
        told: list[str] = []
        desk = Workers(build, SETTINGS, describe, add, told.append)
        assert not desk.ready
        try:
            await desk.open()
            assert desk.ready
            async with asyncio.timeout(2 * BOUND):
                await scenario(desk, told)
        finally:
            await asyncio.wait_for(desk.close(), BOUND)
        assert not desk.ready
        assert children() == []
        assert desk.standing.queried is not None
        assert not desk.standing.queried.parent.exists()

    asyncio.run(play())


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look for new snapshots more often."""
    monkeypatch.setattr(service, "LOOK_SECONDS", 0.05)


# --- Workers


@pytest.mark.parametrize("aside", [False, True])
def test_what_is_added_is_answered_from_but_is_not_in_the_snapshot(tmp_path: Path, *, aside: bool) -> None:
    path = publish(tmp_path, "a1", aside=aside)
    before = digest(path)

    async def scenario(desk: Workers, _: list[str]) -> None:
        standing = desk.standing
        assert await ask(desk, SAID) == ["a1"]
        assert await ask(desk, FOUND) == ["added"]
        assert await ask(desk, "SELECT ?o WHERE { GRAPH <http://ex/beside> { ?s ?p ?o } }") == ["added"]
        everywhere = await ask(desk, "SELECT ?o WHERE { GRAPH ?g { ?s <http://ex/says> ?o } }")
        assert everywhere == (["a1", "aside"] if aside else ["a1"])
        assert standing.queried is not None
        assert max(standing.queried.glob("*.log")).stat().st_size == 0  # all is in files, and no query looks elsewhere
        assert BESIDE.graph_name not in {graph.name for graph in standing.dataset.named_graphs}
        assert BESIDE.graph_name not in standing.dataset.default_graphs
        assert isinstance(standing.dataset.store, Store)
        assert list(standing.dataset.store.quads_for_pattern(S, ADDED, None)) == []
        assert (standing.folder, standing.description.digest) == (path, "a1")

    played(tmp_path, scenario)
    assert digest(path) == before


def test_a_new_snapshot_is_served_as_soon_as_it_is_current(tmp_path: Path) -> None:
    publish(tmp_path, "a1", aside=True)

    async def scenario(desk: Workers, told: list[str]) -> None:
        assert await ask(desk, SAID) == ["a1"]
        assert desk.standing.queried is not None
        home = desk.standing.queried.parent
        for number, name in enumerate(("b2", "c3", "a1"), 1):
            publish(tmp_path, name, aside=True)
            await hear(told, number)
            assert (desk.standing.description.digest, name in told[-1]) == (name, True)
            assert (await ask(desk, SAID), await ask(desk, FOUND)) == ([name], ["added"])
        await until(lambda: {path.stem for path in home.iterdir()} == {"c3", "a1"})  # older copies take no room
        await until(lambda: sorted(child.pid for child in children()) == sorted(desk.pool.processes))

    played(tmp_path, scenario)


def test_nothing_keeps_a_snapshot_once_another_is_served(tmp_path: Path) -> None:
    before = publish(tmp_path, "a1", aside=True)
    files = {file.path for file in psutil.Process().open_files()}

    def opened() -> set[str]:
        return {file.path for file in psutil.Process().open_files()} - files

    async def scenario(desk: Workers, told: list[str]) -> None:
        transport = httpx.ASGITransport(application(desk, SETTINGS))
        async with httpx.AsyncClient(transport=transport, base_url="http://ex") as client:
            for path in EVERYWHERE:
                reply = await client.get(path, headers={"Accept": "text/html, */*;q=0.1"})
                assert reply.is_success, (path, reply.text)
            assert desk.standing.queried is not None
            folders, old = (str(before), str(desk.standing.queried)), weakref.ref(desk.standing)
            assert any(path.startswith(folders) for path in opened())
            publish(tmp_path, "b2", aside=True)
            await hear(told, 1)
            gc.collect()
            assert old() is None
            assert not any(path.startswith(folders) for path in opened())

    played(tmp_path, scenario)


def test_queries_are_answered_all_the_while_a_new_snapshot_comes(tmp_path: Path) -> None:
    publish(tmp_path, "a1")

    async def scenario(desk: Workers, told: list[str]) -> None:
        answers: list[str] = []
        publish(tmp_path, "b2")
        while answers[-5:] != ["b2"] * 5:
            deadline = asyncio.get_running_loop().time() + BOUND
            answer = await desk.ask(Call(SAID, None, negotiate("text/csv")), client="a", deadline=deadline)
            assert isinstance(answer.body, bytes)
            answers.append(answer.body.decode().split()[1])
            assert answer.headers["Exo-Onto-Snapshot"] == answers[-1]
        assert answers == sorted(answers)
        assert desk.pool.lost == {}
        await until(lambda: bool(told))  # once the last snapshot has been swept away
        assert len(told) == 1

    played(tmp_path, scenario)


def without_store(path: Path) -> None:
    shutil.rmtree(path / "store")


def without_sense(path: Path) -> None:
    (path / "manifest.json").write_text("{}", encoding="utf-8")


def spoilt(path: Path) -> None:
    for file in (path / "store").glob("*.sst"):
        file.unlink()
        file.write_bytes(b"nonsense" * 100)


def test_a_damaged_snapshot_is_refused_and_told_of_once(tmp_path: Path) -> None:
    for damage in (without_store, without_sense, spoilt):
        damage(publish(tmp_path, damage.__name__))
    publish(tmp_path, "a1")

    async def scenario(desk: Workers, told: list[str]) -> None:
        before = desk.pool.processes
        for number, damage in enumerate((without_store, without_sense, spoilt), 1):
            snapshot.make_current(tmp_path, damage.__name__)
            await hear(told, number)
            await asyncio.sleep(0.3)  # so that it would be told again, if it were
            assert len(told) == number
            assert f"snapshot {damage.__name__} is refused" in told[-1]
        assert (await ask(desk, SAID), desk.pool.processes, desk.ready) == (["a1"], before, True)
        publish(tmp_path, "c3")
        await hear(told, 4)
        assert (await ask(desk, SAID), told[3:]) == (["c3"], ["now serving snapshot c3"])

    played(tmp_path, scenario)


def test_a_snapshot_whose_workers_do_not_come_up_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(tmp_path, "a1")

    async def scenario(desk: Workers, told: list[str]) -> None:
        start = desk.pool.start

        async def fail(_: object) -> int:
            raise StartError("no room")

        monkeypatch.setattr(desk.pool, "start", fail)
        publish(tmp_path, "b2")
        await until(lambda: bool(told))
        assert told == ["snapshot b2 is refused, the last one stays: no room"]
        assert await ask(desk, SAID) == ["a1"]
        monkeypatch.setattr(desk.pool, "start", start)

    played(tmp_path, scenario)


def test_where_no_snapshot_is_there_is_no_desk(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="Run `exo-onto build` first"):
        Workers(tmp_path, SETTINGS, describe, add, quiet)


def test_a_desk_that_cannot_be_opened_leaves_nothing(tmp_path: Path) -> None:
    publish(tmp_path, "a1")

    async def play() -> None:
        desk = Workers(tmp_path, SETTINGS, describe, add, quiet)
        queried = desk.standing.queried
        assert queried is not None
        shutil.rmtree(queried)
        with pytest.raises(StartError):
            await desk.open()
        assert not desk.ready
        await desk.close()
        assert not queried.parent.exists()
        assert children() == []

    asyncio.run(play())


def test_a_desk_may_be_closed_while_a_new_snapshot_comes(tmp_path: Path) -> None:
    publish(tmp_path, "a1")

    async def scenario(_: Workers, __: list[str]) -> None:
        publish(tmp_path, "b2")
        await asyncio.sleep(0.3)

    played(tmp_path, scenario)


# --- Elsewhere


def elsewhere(settings: Settings = SETTINGS) -> Elsewhere:
    store = Store()
    store.extend(Quad(S, SAYS, Literal(f"{number}"), GRAPH_INSTANCES) for number in range(60))
    description = Description("http://ex/sparql", "Test", "1", "memory")
    return Elsewhere(prepare(store, description, default_graphs=[GRAPH_INSTANCES]), settings)


def test_elsewhere_many_are_answered_at_once() -> None:
    async def play() -> list[list[str]]:
        desk = elsewhere()
        await desk.open()
        assert (desk.ready, desk.pool, desk.standing.folder) == (True, None, None)
        answers = await asyncio.gather(*(ask(desk, SAID) for _ in range(20)))
        await desk.close()
        return answers

    assert asyncio.run(play()) == [sorted(f"{number}" for number in range(60))] * 20


def test_elsewhere_what_takes_too_long_is_told_and_nobody_waits_for_it() -> None:
    async def play() -> None:
        desk = elsewhere()
        await desk.open()
        slow = MONSTER.replace("?j ?k ?l", "{ SELECT ?l { ?j ?k ?l } LIMIT 10 }")  # it goes on, but not for long
        with pytest.raises(DeadlineError):
            await ask(desk, slow, seconds=0.2)
        assert len(await ask(desk, SAID)) == 60
        await desk.close()

    asyncio.run(play())


def test_elsewhere_a_graph_of_too_many_triples_is_a_problem() -> None:
    async def play() -> None:
        desk = elsewhere(replace(SETTINGS, max_rows=59))
        call = Call("CONSTRUCT WHERE { ?s ?p ?o }", None, negotiate("text/turtle"))
        answer = await desk.ask(call, client="a", deadline=asyncio.get_running_loop().time() + BOUND)
        await desk.close()
        assert isinstance(answer.body, bytes)
        assert (answer.status, json.loads(answer.body)["type"]) == (503, f"{PROBLEMS}too-much")
        assert answer.headers["Exo-Onto-Snapshot"] == "memory"

    asyncio.run(play())
