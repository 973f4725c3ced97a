"""Tests of rules: every axiom is compiled or refused by name, and none is dropped."""

from collections import Counter

import pytest
from conftest import REPOSITORY
from pyoxigraph import Triple
from reasoning import ex, turtle

from exo_onto.axioms import AXIOMS
from exo_onto.rules import UncompilableError, compile_rules, compile_within, stating
from exo_onto.sources import read_sources

P = ":p a owl:ObjectProperty . :d a owl:DatatypeProperty . :C a owl:Class . "


@pytest.mark.parametrize(
    ("axiom", "construct"),
    [
        (":C rdfs:subClassOf [ owl:onProperty :p ; owl:someValuesFrom :C ] .", "owl:someValuesFrom as a consequence"),
        (":C owl:disjointUnionOf ( :A :B ) .", "owl:disjointUnionOf"),
        (":p a owl:ReflexiveProperty .", "owl:ReflexiveProperty"),
        (":C owl:unionOf ( :A :B ) .", "owl:unionOf of a class with a name"),
        (":d rdfs:range xsd:integer .", "rdfs:range with a datatype"),
        (":C owl:subclassOf :D .", "owl:subclassOf"),
        ("owl:topObjectProperty rdfs:subPropertyOf :p .", "owl:topObjectProperty as a condition"),
        ("[] a owl:NegativePropertyAssertion ; owl:sourceIndividual :a .", "owl:NegativePropertyAssertion without"),
        (":D owl:equivalentClass [ owl:onProperty :p ; owl:minCardinality 1 ] .", "owl:minCardinality"),
        (":C rdfs:subClassOf [ rdfs:label 'nothing' ] .", "a class without a name or a constructor"),
    ],
)
def test_what_cannot_be_compiled_is_refused_by_name_with_its_triple(axiom: str, construct: str) -> None:
    told = turtle(P + axiom)
    with pytest.raises(UncompilableError) as caught:
        compile_rules(told)
    assert any(construct in refusal.construct for refusal in caught.value.refusals)
    assert all(
        tuple(refusal.axiom) in {(t.subject, t.predicate, t.object) for t in told} for refusal in caught.value.refusals
    )


@pytest.mark.parametrize(
    "triples",
    [
        ":note a owl:AnnotationProperty ; rdfs:subPropertyOf rdfs:comment ; rdfs:domain :C .",
        ": a owl:Ontology ; owl:versionInfo '1' ; owl:imports :other .",
        "[] a owl:Axiom ; owl:annotatedSource :a ; owl:annotatedProperty :p ; owl:annotatedTarget :b .",
        ":C owl:deprecated true ; rdfs:subClassOf owl:Thing . owl:Nothing rdfs:subClassOf :C .",
        ":p rdfs:subPropertyOf owl:topObjectProperty . owl:bottomObjectProperty rdfs:subPropertyOf :p .",
        ":d rdfs:range rdfs:Literal .",
    ],
)
def test_what_has_no_consequence_gives_no_rule(triples: str) -> None:
    assert compile_rules(turtle(P + triples)) == ()


def test_equality_is_compiled_only_where_something_can_be_the_same() -> None:
    assert not [rule for rule in compile_rules(turtle(P + ":C rdfs:subClassOf :D .")) if rule.axiom is None]
    names = {rule.names[0] for rule in compile_rules(turtle(P + ":a owl:sameAs :b .")) if rule.axiom is None}
    assert names == {"eq-sym", "eq-trans", "eq-rep-s", "eq-rep-o"}


def test_every_rule_of_the_ontology_names_its_axiom_and_binds_its_head() -> None:
    rules = compile_rules(read_sources(REPOSITORY).triples())
    counted = Counter(rule.names[-1] for rule in rules)
    assert counted["prp-spo2"] == 7
    assert counted["cax-dw"] == 2
    for rule in rules:
        assert rule.axiom is not None
        body = {term for pattern in rule.body for term in pattern.terms}
        assert rule.head is None or all(t in body or not str(t).startswith("?") for t in rule.head.terms), rule


def test_a_rule_is_written_as_people_do() -> None:
    (rule,) = compile_rules(turtle(":C rdfs:subClassOf :D ."))
    kind = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
    assert str(rule) == f"?x {kind} {ex('C')} -> ?x {kind} {ex('D')}  (cax-sco)"


@pytest.mark.parametrize(
    "refused",
    [
        ":C rdfs:subClassOf [ owl:onProperty :p ; owl:someValuesFrom :C ] .",
        ":C rdfs:subClassOf [ owl:onProperty :p ; owl:allValuesFrom [ owl:onProperty :p ; owl:someValuesFrom :C ] ] .",
        ":C owl:equivalentClass [ owl:intersectionOf ( :C [ owl:onProperty :p ; owl:minCardinality 1 ] ) ] .",
        "[ owl:unionOf ( :C [ owl:complementOf :C ] ) ] rdfs:subClassOf :C .",
        ":d rdfs:range [ a rdfs:Datatype ; owl:onDatatype xsd:int ; owl:withRestrictions ( [ xsd:minInclusive 1 ] ) ] .",
        ":p a owl:ReflexiveProperty .",
        ":C owl:disjointUnionOf ( :A :B ) .",
    ],
)
def test_what_is_not_compiled_is_left_out_whole_and_named(refused: str) -> None:
    kept = ":C rdfs:subClassOf :B . :p rdfs:subPropertyOf :q . :q a owl:ObjectProperty . "
    within = compile_within(turtle(P + kept + refused))
    assert within.refusals
    assert set(within.rules) == set(compile_rules(turtle(P + kept)))


def test_nothing_is_left_out_of_what_can_be_compiled() -> None:
    told = tuple(read_sources(REPOSITORY).triples())
    within = compile_within(told)
    assert within.refusals == ()
    assert within.rules == compile_rules(told)


def test_what_states_no_axiom_makes_no_rule() -> None:
    told = [triple for file in read_sources(REPOSITORY).shared for triple in file.triples]
    stated = stating(told)
    assert set(stated) < set(told)
    assert compile_rules(stated) == compile_rules(told)
    assert len(stating(Triple(ex("A"), name, ex("B")) for name in AXIOMS)) == len(AXIOMS)
    assert stating(turtle(":A rdfs:label 'a' ; rdfs:comment 'b' .")) == []
