"""Tests of difference.canonical: against rdflib's isomorphism, under renaming and shuffling."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, NamedNode, RdfFormat, Triple, parse, serialize
from rdflib import Graph
from rdflib.compare import isomorphic

from exo_onto.difference import canonical
from exo_onto.difference.canonical import EntangledError, pieces

P, Q = NamedNode("http://ex/p"), NamedNode("http://ex/q")
NAMES = [NamedNode(f"http://ex/{name}") for name in "ab"]
NODES = [BlankNode(f"n{number}") for number in range(4)]
TERMS = st.sampled_from([*NAMES, *NODES])
GRAPHS = st.lists(st.builds(Triple, TERMS, st.sampled_from([P, Q]), TERMS), max_size=7)


def renamed(triples: list[Triple], seed: int) -> list[Triple]:
    """Give the same graph with other labels, in another order."""
    chance = random.Random(seed)  # noqa: S311  it shuffles
    names = {node: BlankNode() for node in NODES}
    told = [
        Triple(names.get(t.subject, t.subject), t.predicate, names.get(t.object, t.object))  # type: ignore[arg-type]
        for t in triples
    ]
    chance.shuffle(told)
    return told


def graph(triples: list[Triple]) -> Graph:
    return Graph().parse(data=serialize(triples, format=RdfFormat.N_TRIPLES) or b"", format="nt")


def turtle(text: str) -> list[Triple]:
    prefixes = "@prefix ex: <http://ex/> .\n"
    return [quad.triple for quad in parse(prefixes + text, format=RdfFormat.TURTLE)]


@given(triples=GRAPHS, seed=st.integers(0, 99))
def test_other_labels_and_another_order_mean_the_same(triples: list[Triple], seed: int) -> None:
    assert pieces(triples).keys() == pieces(renamed(triples, seed)).keys()


@given(one=GRAPHS, other=GRAPHS)
def test_two_pieces_have_the_same_text_where_rdflib_calls_them_isomorphic(
    one: list[Triple], other: list[Triple]
) -> None:
    for left in pieces(one).values():
        for right in pieces(other).values():
            assert (left.text == right.text) is isomorphic(graph([*left.triples]), graph([*right.triples]))


@given(triples=GRAPHS)
def test_every_triple_is_in_a_piece_and_every_piece_holds_together(triples: list[Triple]) -> None:
    found = pieces(triples)
    for piece in found.values():
        seen = {piece.triples[0]}
        while True:
            nodes = {term for t in seen for term in (t.subject, t.object) if isinstance(term, BlankNode)}
            more = {t for t in piece.triples if {t.subject, t.object} & nodes}
            if more <= seen:
                break
            seen |= more
        assert seen == set(piece.triples)
    assert {text for triple in triples for text, piece in found.items() if triple in piece.triples} <= found.keys()


def test_an_annotation_is_a_piece_of_its_own() -> None:
    one = "[] a ex:Axiom ; ex:of ex:a ; ex:says ( 1 2 ) . ex:a ex:p ex:b ."
    assert sorted(len(piece.triples) for piece in pieces(turtle(one)).values()) == [1, 7]


def test_a_changed_value_makes_another_piece() -> None:
    one, other = (pieces(turtle(f"[] ex:of ex:a ; ex:says {value} .")) for value in (1, 2))
    assert not one.keys() & other.keys()


def test_what_hangs_together_by_too_many_blank_nodes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canonical, "MOST_NAMELESS", 3)
    triples = turtle("[] ex:p [ ex:p [ ex:p [ ex:p ex:a ] ] ] .")
    with pytest.raises(EntangledError, match="4 triples hang together by 4 blank nodes"):
        pieces(triples)
