"""Tests of referees: that each can say no, and that they are heard."""

from typing import Literal

import pytest
from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from exo_onto import referees
from exo_onto.validate import Severity
from exo_onto.vocabulary import RDF_TYPE

EX = "http://example.org/"
HEAD = f"""@prefix : <{EX}> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def turtle(text: str) -> list[Triple]:
    return [quad.triple for quad in parse(HEAD + text, format=RdfFormat.TURTLE)]


def ex(name: str) -> NamedNode:
    return NamedNode(EX + name)


def test_hermit_infers_types_by_an_inverse_and_a_general_class_axiom() -> None:
    derivation = referees.hermit(
        turtle(""":Up a owl:Class . :Start a owl:Class . :raises a owl:ObjectProperty ; owl:inverseOf :raisedBy .
        :raisedBy a owl:ObjectProperty .
        [] a owl:Restriction ; owl:onProperty :raisedBy ; owl:someValuesFrom :Start ; rdfs:subClassOf :Up .
        :a a :Start ; :raises :b .""")
    )
    assert derivation.consistent
    assert Triple(ex("b"), RDF_TYPE, ex("Up")) in derivation.triples


def test_hermit_says_that_a_contradiction_is_one() -> None:
    told = turtle(":A a owl:Class ; owl:disjointWith :B . :B a owl:Class . :x a :A , :B .")
    assert not referees.hermit(told).consistent


def test_hermit_names_a_class_that_can_have_no_member() -> None:
    told = turtle(":A a owl:Class ; owl:disjointWith :B . :B a owl:Class . :C a owl:Class ; rdfs:subClassOf :A , :B .")
    derivation = referees.hermit(told)
    assert derivation.consistent
    assert derivation.unsatisfiable == (ex("C"),)


def test_what_hermit_refuses_is_told_in_its_words() -> None:
    told = turtle(':p a owl:DatatypeProperty ; rdfs:range xsd:date . :x :p "2020-01-01"^^xsd:date .')
    with pytest.raises(referees.RefereeError, match="date"):
        referees.hermit(told)


def test_an_annotation_of_an_axiom_is_not_taken_for_the_axiom() -> None:
    told = turtle(
        ":A a owl:Class ; owl:disjointWith :B . :B a owl:Class . :x a :A . "
        "[] a owl:Axiom ; owl:annotatedSource :x ; owl:annotatedProperty rdf:type ; owl:annotatedTarget :B .".replace(
            "rdf:type", "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
        )
    )
    assert referees.hermit(told).consistent


SHAPES = """:Person a sh:NodeShape ; sh:targetClass :Human ;
    sh:property [ sh:path :name ; sh:minCount 1 ; sh:message "A person has a name."@en ] ;
    sh:property [ sh:path [ sh:inversePath :likes ] ; sh:maxCount 0 ; sh:severity sh:Info ] ."""


def test_pyshacl_tells_focus_path_shape_message_and_severity() -> None:
    report = referees.pyshacl(turtle(":x a :Human . :y :likes :x ."), turtle(SHAPES))
    by_severity = {result.severity: result for result in report.results}
    violation = by_severity[Severity.VIOLATION]
    assert (violation.focus, violation.path, violation.shape) == (f"{EX}x", f"{EX}name", f"{EX}Person")
    assert violation.message == "A person has a name."
    assert by_severity[Severity.INFO].path == f"^{EX}likes"


@pytest.mark.parametrize(
    "constraint",
    [
        'sh:sparql [ sh:select "SELECT $this WHERE { VALUES ?a { 1 } }" ]',
        'sh:sparql [ sh:select "SELEKT $this WHERE { $this ?p ?o }" ]',
        'sh:property [ sh:path :p ; sh:minCount "x" ]',
    ],
)
def test_ill_formed_shapes_are_refused(constraint: str) -> None:
    shapes = turtle(f":S a sh:NodeShape ; sh:targetNode :x ; {constraint} .")
    with pytest.raises(referees.RefereeError, match="refuses the shapes"):
        referees.pyshacl(turtle(":x a :Y ."), shapes)


@pytest.mark.parametrize(
    ("profile", "text"),
    [
        (
            "RL",
            ":A a owl:Class ; rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :p ; owl:someValuesFrom :A ] . :p a owl:ObjectProperty .",
        ),
        (
            "RL",
            ":A a owl:Class ; owl:equivalentClass [ a owl:Class ; owl:unionOf ( :B :C ) ] . :B a owl:Class . :C a owl:Class .",
        ),
        (
            "DL",
            ":p a owl:ObjectProperty , owl:TransitiveProperty ; owl:propertyDisjointWith :q . :q a owl:ObjectProperty .",
        ),
    ],
)
def test_the_profile_checker_finds_what_leaves_a_profile(profile: Literal["DL", "RL"], text: str) -> None:
    assert referees.profile_violations(turtle(f"<{EX}> a owl:Ontology . {text}"), profile)


def test_the_profile_checker_passes_what_is_within() -> None:
    told = turtle(f"<{EX}> a owl:Ontology . :A a owl:Class ; rdfs:subClassOf :B . :B a owl:Class .")
    assert referees.profile_violations(told, "RL") == ()
    assert referees.profile_violations(told, "DL") == ()
