"""Tests of agreement: a shape names what is declared, and demands nothing impossible."""

from pyoxigraph import Triple
from reasoning import reasoned
from reasoning import turtle as owl
from validating import turtle

from exo_onto.agreement import drifts

ONTOLOGY = """
:C a owl:Class . :D a owl:Class ; owl:disjointWith :C . :E a owl:Class . :p a owl:ObjectProperty ; rdfs:range :C .
:never a owl:ObjectProperty . :E rdfs:subClassOf [ owl:complementOf [ owl:onProperty :p ; owl:hasValue :x ] ] .
"""


def told(shapes: str) -> list[str]:
    ontology = owl(ONTOLOGY)

    def contradicts(facts: list[Triple]) -> bool:
        return bool(reasoned([*ontology, *facts]).contradictions)

    return [drift.what for drift in drifts(ontology, turtle(shapes), contradicts)]


def test_names_that_are_not_declared_are_told() -> None:
    found = told(
        ":S sh:targetClass :C , :Nowhere ; sh:property [ sh:path [ sh:inversePath :nowhere ] ; sh:class :D ] ."
    )
    assert [what.split(",")[0].rpartition("/")[2] for what in found] == ["Nowhere", "nowhere"]


def test_a_demand_that_the_ontology_makes_impossible_is_told() -> None:
    assert len(told(":S sh:targetClass :C ; sh:class :D .")) == 1
    assert len(told(":S sh:targetClass :E ; sh:property [ sh:path :p ; sh:minCount 1 ; sh:class :D ] .")) == 1
    assert len(told(":S sh:targetClass :E ; sh:property [ sh:path :p ; sh:hasValue :x ] .")) == 1


def test_what_can_be_met_is_not_told() -> None:
    assert told(":S sh:targetClass :E ; sh:property [ sh:path :p ; sh:minCount 1 ; sh:class :C ] .") == []
    assert told(":S sh:targetClass :E ; sh:property [ sh:path :p ; sh:class :D ] .") == []  # of none, any class is met
