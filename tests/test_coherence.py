"""Tests of coherence: classes without members, and facts tried against an ontology."""

from pyoxigraph import Quad, Triple
from reasoning import ex, turtle

from exo_onto.coherence import tried, unsatisfiable
from exo_onto.rules import compile_rules
from exo_onto.vocabulary import GRAPH_ONTOLOGY

DISJOINT = ":C a owl:Class ; owl:disjointWith :D . :D a owl:Class . "


def quads(triples: list[Triple]) -> list[Quad]:
    return [Quad(t.subject, t.predicate, t.object, GRAPH_ONTOLOGY) for t in triples]


def test_a_class_below_two_that_exclude_each_other_can_have_no_member() -> None:
    told = turtle(DISJOINT + ":E a owl:Class ; rdfs:subClassOf :C , :D . :F a owl:Class ; rdfs:subClassOf :C .")
    assert unsatisfiable(quads(told), compile_rules(told)) == [ex("E")]


def test_members_of_two_classes_that_meet_at_a_named_thing_accuse_neither() -> None:
    told = turtle(
        DISJOINT + ":p a owl:ObjectProperty . "
        ":E a owl:Class ; rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :p ; owl:hasValue :i ] . "
        "[ a owl:Restriction ; owl:onProperty :p ; owl:hasValue :i ] rdfs:subClassOf :C ."
    )
    assert unsatisfiable(quads(told), compile_rules(told)) == []


def test_facts_are_tried_without_being_kept() -> None:
    told = turtle(DISJOINT)
    rules = compile_rules(told)
    assert tried(quads(told), turtle(":a a :C , :D ."), rules)
    assert not tried(quads(told), turtle(":a a :C ."), rules)


def test_where_nothing_excludes_anything_every_class_can_have_a_member() -> None:
    told = turtle(":C a owl:Class ; rdfs:subClassOf :D . :D a owl:Class .")
    assert unsatisfiable(quads(told), compile_rules(told)) == []
