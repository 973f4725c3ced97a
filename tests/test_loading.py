"""Tests of loading: each triple is in the store once, however it gets there, and all that is wrong is told."""

from pathlib import Path

import pytest
from pyoxigraph import Quad, Store

from exo_onto.faults import FaultySourcesError
from exo_onto.loading import load
from exo_onto.sources import read_sources
from exo_onto.vocabulary import GRAPH_IMPORTS, GRAPH_INSTANCES, GRAPH_ONTOLOGY, PREFIXES

HEAD = f"@prefix exonto: <{PREFIXES['exonto']}> .\n"


@pytest.fixture
def small(tmp_path: Path) -> Path:
    for path, content in {
        "ontology/a.ttl": "exonto:A a exonto:B .",
        "ontology/imports/b.ttl": "exonto:A a exonto:B . exonto:C a exonto:B .",
        "shapes/d.ttl": "exonto:D a exonto:B .",
        "instances/e.ttl": "exonto:C a exonto:B . exonto:E a exonto:B .",
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(HEAD + content + "\n", encoding="utf-8")
    return tmp_path


def loaded(root: Path, *, again: bool) -> set[Quad]:
    store = Store()
    load(read_sources(root), store, again=again)
    return set(store)


@pytest.mark.parametrize("again", [False, True])
def test_a_triple_is_in_the_first_graph_that_has_it_and_no_shape_is_in_any(small: Path, *, again: bool) -> None:
    found = {(str(quad.subject)[-2:-1], quad.graph_name) for quad in loaded(small, again=again)}
    assert found == {("A", GRAPH_ONTOLOGY), ("C", GRAPH_IMPORTS), ("E", GRAPH_INSTANCES)}


@pytest.mark.parametrize("again", [False, True])
def test_all_faulty_files_are_told_at_once(small: Path, *, again: bool) -> None:
    for name in ("ontology/a.ttl", "shapes/d.ttl"):
        (small / name).write_text("a b c", encoding="utf-8")
    with pytest.raises(FaultySourcesError) as caught:
        loaded(small, again=again)
    assert [fault.place.file for fault in caught.value.faults] == ["ontology/a.ttl", "shapes/d.ttl"]
