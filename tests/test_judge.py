"""Tests of judge: what each stage says of sources, and in which graphs it looks."""

from collections.abc import Callable
from pathlib import Path

from pyoxigraph import Quad, Store
from reasoning import turtle

from exo_onto import judge
from exo_onto.sources import read_sources
from exo_onto.vocabulary import GRAPH_INSTANCES, GRAPH_ONTOLOGY


def test_the_stages_are_told_as_they_begin_and_timed(one_study: Callable[[str], Path]) -> None:
    steps: list[str] = []
    judgement = judge.judge(read_sources(one_study("lu-k-2017")), progress=steps.append)
    assert judgement.sound
    stages = list(dict.fromkeys(step.partition(":")[0] for step in steps))
    assert stages == ["read", "validate", "reason", "validate what follows"]
    assert list(judgement.seconds) == stages
    assert any(step.startswith("reason: prp-spo2") for step in steps)


def test_axioms_are_found_among_individuals_too() -> None:
    store = Store()
    for graph, text in (
        (GRAPH_ONTOLOGY, ":C a owl:Class ."),
        (GRAPH_INSTANCES, ":a a :C ; owl:sameAs :b . :c :p :d ."),
    ):
        store.extend(Quad(t.subject, t.predicate, t.object, graph) for t in turtle(text))
    assert set(judge.axioms(store)) == set(turtle(":C a owl:Class . :a owl:sameAs :b ."))


def test_what_is_asked_is_asked_of_some_graphs_only() -> None:
    store = Store()
    store.extend(Quad(t.subject, t.predicate, t.object, GRAPH_INSTANCES) for t in turtle(":a :p :b ."))
    query = "SELECT ?s WHERE { ?s ?p ?o }"
    assert len(list(judge.asking(store, [GRAPH_INSTANCES])(query))) == 1
    assert list(judge.asking(store, [GRAPH_ONTOLOGY])(query)) == []
