"""Tests of dataset: what is counted, and what is said of it."""

from pyoxigraph import Literal, NamedNode, Quad, Store

from exo_onto.dataset import Description, merged, overlapping, prepare

ONE, TWO, THREE = (NamedNode(f"http://example.org/g{number}") for number in (1, 2, 3))
P = NamedNode("http://example.org/p")
SAID = Description("http://127.0.0.1:7878/sparql", "a graph", "2026-11-23", "a1b2")


def store() -> Store:
    made = Store()
    for graph, number in ((ONE, 1), (ONE, 2), (TWO, 2), (THREE, 3)):
        made.add(Quad(NamedNode(f"http://example.org/{number}"), P, Literal(number), graph))
    return made


def test_a_triple_in_two_default_graphs_is_counted_once() -> None:
    made = prepare(store(), SAID, default_graphs=(ONE, TWO))
    assert made.triples == 2
    assert {graph.name: graph.triples for graph in made.named_graphs} == {ONE: 2, TWO: 1, THREE: 1}


def test_overlapping_graphs_are_known_and_merged() -> None:
    made = store()
    assert overlapping(made, (ONE, TWO))
    assert not overlapping(made, (ONE, THREE))
    assert len(list(merged(made, (ONE, TWO), None).quads_for_pattern(None, None, None, None))) == 2 + 4


def test_where_no_triple_is_in_two_graphs_the_sum_is_the_count() -> None:
    assert prepare(store(), SAID, default_graphs=(ONE, THREE), disjoint=True).triples == 3
