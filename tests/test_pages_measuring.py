"""Files measured in a process of its own: as they are measured here, and nobody is left behind."""

import asyncio
from contextlib import aclosing
from pathlib import Path

import psutil
from pyoxigraph import Literal, NamedNode, Quad, Store
from reading import desk_over

from exo_onto.pages.measuring import File, Measure, measured, measured_apart
from exo_onto.snapshot import Snapshot
from exo_onto.vocabulary import DEFAULT_GRAPHS, GRAPH_INFERRED

FILES: tuple[File, ...] = (
    (None, "application/n-quads"),
    ((GRAPH_INFERRED,), "text/turtle"),
    (DEFAULT_GRAPHS, "application/n-triples"),
)


def children() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if "exo_onto.pages.measuring" in child.cmdline()]


async def all_of(store: Path, files: tuple[File, ...]) -> list[Measure]:
    return [measure async for measure in measured_apart(store, files)]


def test_each_file_is_measured_as_it_would_be_here(corpus: Snapshot) -> None:
    dataset = desk_over(corpus.store).standing.dataset
    assert asyncio.run(all_of(corpus.store_path, FILES)) == [measured(file, dataset) for file in FILES]
    assert not children()


def test_who_leaves_early_leaves_no_process_behind(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    store.add(Quad(NamedNode("http://ex/s"), NamedNode("http://ex/p"), Literal("o"), GRAPH_INFERRED))
    store.flush()
    del store

    async def first() -> Measure:
        async with aclosing(measured_apart(tmp_path, FILES)) as found:
            return await anext(found)

    assert asyncio.run(first()).size > 0
    assert not children()


def test_a_store_that_cannot_be_opened_has_no_measures(tmp_path: Path) -> None:
    assert asyncio.run(all_of(tmp_path / "none", FILES)) == []
