"""Tests of closure: what a reasoner derived, completed; owlrl is the referee."""

from collections.abc import Iterable

import pytest
from conftest import text
from hypothesis import given, settings
from hypothesis import strategies as st
from owlrl import DeductiveClosure
from owlrl.OWLRL import OWLRL_Semantics
from pyoxigraph import BlankNode, NamedNode, RdfFormat, Triple, parse, serialize
from rdflib import Graph

from exo_onto import closure
from exo_onto.vocabulary import (
    OWL_CLASS,
    OWL_INVERSEOF,
    OWL_OBJECTPROPERTY,
    OWL_ONPROPERTY,
    OWL_SOMEVALUESFROM,
    RDF_TYPE,
    RDFS_SUBCLASSOF,
    RDFS_SUBPROPERTYOF,
)

EX = "http://example.org/"


def ex(name: str) -> NamedNode:
    return NamedNode(EX + name)


def turtle(content: str) -> list[Triple]:
    head = (
        f"@prefix : <{EX}> . @prefix owl: <http://www.w3.org/2002/07/owl#> . "
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . "
    )
    return [quad.triple for quad in parse(head + content, format=RdfFormat.TURTLE)]


CLASSES = [ex(f"C{number}") for number in range(4)]
PROPERTIES = [ex(f"p{number}") for number in range(3)]
PEOPLE = [ex(f"i{number}") for number in range(4)]
DECLARED = [Triple(name, RDF_TYPE, OWL_CLASS) for name in CLASSES] + [
    Triple(name, RDF_TYPE, OWL_OBJECTPROPERTY) for name in PROPERTIES
]


def pairs(names: list[NamedNode]) -> st.SearchStrategy[tuple[NamedNode, NamedNode]]:
    return st.tuples(st.sampled_from(names), st.sampled_from(names))


AXIOMS = st.one_of(
    pairs(CLASSES).map(lambda two: Triple(two[0], RDFS_SUBCLASSOF, two[1])),
    pairs(PROPERTIES).map(lambda two: Triple(two[0], RDFS_SUBPROPERTYOF, two[1])),
    pairs(PROPERTIES).map(lambda two: Triple(two[0], OWL_INVERSEOF, two[1])),
    st.tuples(st.sampled_from(PEOPLE), st.sampled_from(CLASSES)).map(lambda two: Triple(two[0], RDF_TYPE, two[1])),
    st.tuples(st.sampled_from(PEOPLE), st.sampled_from(PROPERTIES), st.sampled_from(PEOPLE)).map(
        lambda it: Triple(*it)
    ),
)


def about_people(triples: Iterable[Triple]) -> set[Triple]:
    return {
        triple
        for triple in triples
        if triple.subject in PEOPLE
        and (triple.object in CLASSES or triple.object in PEOPLE)
        and "#" not in text(triple.object)
    }


@settings(max_examples=60, deadline=None)
@given(st.lists(AXIOMS, max_size=14))
def test_the_closure_is_that_of_owlrl(axioms: list[Triple]) -> None:
    told = [*DECLARED, *axioms]
    graph = Graph().parse(data=serialize(told, format=RdfFormat.N_TRIPLES), format="nt")
    DeductiveClosure(OWLRL_Semantics).expand(graph)
    lines = [line for line in graph.serialize(format="nt").splitlines() if line.startswith(f"<{EX}i")]
    theirs = about_people(
        quad.triple
        for quad in parse("\n".join(lines), format=RdfFormat.N_TRIPLES)
        if isinstance(quad.object, NamedNode)
    )
    theirs = {t for t in theirs if t.predicate == RDF_TYPE or t.predicate in PROPERTIES}
    ours = about_people({*told, *closure.entail(told, ()).inferred})
    assert ours == theirs


def test_what_was_asserted_is_not_inferred() -> None:
    told = turtle(":A a owl:Class . :B a owl:Class ; rdfs:subClassOf :A . :x a :A , :B .")
    assert closure.entail(told, ()).inferred == frozenset()


@pytest.mark.parametrize("subject", [BlankNode("b"), ex("unknown")])
def test_a_restriction_is_no_individual(subject: NamedNode | BlankNode) -> None:
    told = [
        Triple(subject, OWL_ONPROPERTY, PROPERTIES[0]),
        Triple(subject, OWL_SOMEVALUESFROM, CLASSES[0]),
        *DECLARED,
    ]
    assert closure.entail(told, ()).inferred == frozenset()


def test_what_only_one_engine_derived_is_told() -> None:
    told = turtle(":A a owl:Class . :B a owl:Class ; rdfs:subClassOf :A . :x a :B . :y a :B .")
    ours = [Triple(ex("x"), RDF_TYPE, ex("A")), Triple(ex("y"), RDF_TYPE, ex("C"))]
    difference = closure.compare(told, ours, ())
    assert difference.ours == {Triple(ex("y"), RDF_TYPE, ex("C"))}
    assert difference.theirs == {Triple(ex("y"), RDF_TYPE, ex("A"))}
