"""Tests of apart: studies in 1, 2 and 7 parts give the same triples and the same report as in one piece."""

import os
import re
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from conftest import REPOSITORY, quiet
from pyoxigraph import NamedNode, Store

from exo_onto import apart, judge, partitions, pipeline, snapshot
from exo_onto.judge import Judgement
from exo_onto.partitions import Workers
from exo_onto.sources import read_sources
from exo_onto.vocabulary import ASSERTED_GRAPHS, GRAPH_INFERRED

HERE = Workers(lambda: ThreadPoolExecutor(1), 1)
"""A worker in our own process: quick to start."""


def judged(root: Path, home: Path, number: int) -> tuple[Judgement | None, int, list[str]]:
    """Judge with studies in about so many parts. Gives how many there were, too, and the steps that were told."""
    read = read_sources(root)
    size = sum(file.size for file in read.studies) // number + 1
    steps: list[str] = []
    judgement = apart.judge_apart(read, home, HERE, part_bytes=size, progress=steps.append)
    return judgement, len(partitions.cut(read.studies, size)), steps


def held(store: Store, graph: NamedNode) -> frozenset[tuple[str, ...]]:
    """Give the triples of a graph, blank nodes without their labels."""
    return frozenset(
        tuple(re.sub(r"_:\w+", "[]", str(term)) for term in (quad.subject, quad.predicate, quad.object))
        for quad in store.quads_for_pattern(None, None, None, graph)
    )


@pytest.fixture(scope="module")
def whole() -> Judgement:
    return judge.judge(read_sources(REPOSITORY), progress=quiet)


@pytest.mark.parametrize(("number", "beside"), [(1, True), (2, True), (2, False), (7, True)])
def test_any_number_of_parts_gives_the_same_triples_and_report(
    number: int, whole: Judgement, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, beside: bool
) -> None:
    monkeypatch.setattr(apart, "MOST_BESIDE", apart.MOST_BESIDE if beside else 0)
    judgement, parts, _ = judged(REPOSITORY, tmp_path / "store", number)
    assert parts >= number
    assert judgement is not None
    assert judgement.sound
    assert judgement.report == whole.report
    store = Store.read_only(str(tmp_path / "store"))
    assert whole.store is not None
    assert len(store) == len(whole.store)
    for graph in (*ASSERTED_GRAPHS, GRAPH_INFERRED):
        assert held(store, graph) == held(whole.store, graph)


MISTAKES = {
    "a sign": ("exonto:decreases", "exonto:increases"),
    "a spelling": ("exonto:delivers", "exonto:deliverz"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_what_is_wrong_is_told_the_same(mistake: str, copied: Path, tmp_path: Path) -> None:
    old, new = MISTAKES[mistake]
    for name in ("zhu-lf-2020", "cheng-xf-2018"):
        path = copied / "instances" / "studies" / f"{name}.ttl"
        path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")
    apart_from, _, _ = judged(copied, tmp_path / "store", 7)
    together = judge.judge(read_sources(copied), progress=quiet)
    assert apart_from is not None
    assert not together.sound
    assert set(apart_from.diagnostics) == set(together.diagnostics)
    assert apart_from.report == together.report


def test_axioms_that_a_study_states_hold_for_all(copied: Path, tmp_path: Path) -> None:
    path = copied / "instances" / "studies" / "zhu-lf-2020.ttl"
    path.write_text(f"{path.read_text('utf-8')}\nexonto:conducts rdfs:subPropertyOf exonto:has .\n", "utf-8")
    found, _, steps = judged(copied, tmp_path / "store", 7)
    together = judge.judge(read_sources(copied), progress=quiet)
    assert "reason and validate: anew, as studies state axioms" in steps
    assert found is not None
    assert set(found.diagnostics) == set(together.diagnostics)
    inferred = held(Store(str(tmp_path / "store")), GRAPH_INFERRED)
    assert together.store is not None
    assert inferred == held(together.store, GRAPH_INFERRED)
    assert len({triple[0] for triple in inferred if triple[1].endswith("/has>")}) == 30


def test_every_file_that_cannot_be_read_is_told(copied: Path, tmp_path: Path) -> None:
    for name in ("zhu-lf-2020", "cheng-xf-2018"):
        (copied / "instances" / "studies" / f"{name}.ttl").write_text("no Turtle", "utf-8")
    found, _, _ = judged(copied, tmp_path / "store", 7)
    assert found is not None
    assert not found.sound
    assert [each.code for each in found.diagnostics] == ["syntax", "syntax"]


def test_studies_that_speak_of_each_other_are_reasoned_over_in_one_piece(copied: Path, tmp_path: Path) -> None:
    path = copied / "instances" / "studies" / "zhu-lf-2020.ttl"
    edge = "\n<https://w3id.org/exo-onto/activity/zhu-lf-2020-apoptosis-npc> exonto:affects activity:cheng-xf-2018-mir-21-npc .\n"
    path.write_text(path.read_text("utf-8") + edge, "utf-8")
    judgement, _, steps = judged(copied, tmp_path / "store", 7)
    assert judgement is None
    assert steps[-1].startswith("reason: in one piece, as two parts name a thing")


@pytest.mark.parametrize(
    ("old", "new", "code"), [(" .", " ;;; .", "syntax"), ("owl:FunctionalProperty", "owl:Unheard", "uncompiled")]
)
def test_faults_are_told_before_any_worker_is_asked(
    old: str, new: str, code: str, copied: Path, tmp_path: Path
) -> None:
    path = copied / "instances" / "studies" / "zhu-lf-2020.ttl"
    extra = "\nexonto:X a owl:Class ; rdfs:subClassOf [ a owl:Class ; owl:unionOf ( exonto:Study ) ] .\n"
    text = path.read_text("utf-8")
    path.write_text(text.replace(old, new, 1) if code == "syntax" else text + extra, "utf-8")
    judgement, _, _ = judged(copied, tmp_path / "store", 2)
    assert judgement is not None
    assert {each.code for each in judgement.diagnostics} == {code}


def test_a_build_by_processes_survives_the_loss_of_one(copied: Path) -> None:
    killed: list[int] = []

    def kill_one(step: str) -> None:
        if step.startswith("reason and validate: part 1") and not killed:
            workers = [
                each for each in psutil.Process().children(recursive=True) if "spawn_main" in str(each.cmdline())
            ]
            killed.append(workers[0].pid)
            os.kill(workers[0].pid, signal.SIGKILL)

    built = pipeline.build(copied, workers=partitions.processes(2), progress=kill_one)
    assert killed
    assert built.name is not None, built.judgement.diagnostics
    assert held(snapshot.open_snapshot(copied / "build").store, GRAPH_INFERRED) == held(corpus_store(), GRAPH_INFERRED)


def corpus_store() -> Store:
    store = judge.judge(read_sources(REPOSITORY), progress=quiet).store
    assert store is not None
    return store
