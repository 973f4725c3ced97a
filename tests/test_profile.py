"""Tests of profile: what a profile checker lets pass is told; HermiT refuses the same."""

import pytest
from conftest import REPOSITORY
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reasoning import turtle

from exo_onto import referees
from exo_onto.profile import departures
from exo_onto.sources import read_sources

P = (
    "".join(f":{name} a owl:ObjectProperty . " for name in "pqrs")
    + ":d a owl:DatatypeProperty . :a a owl:NamedIndividual . "
)


@pytest.mark.parametrize(
    ("axioms", "says"),
    [
        (":p owl:propertyChainAxiom ( :q :p :r ) .", "is irregular"),
        (":p owl:propertyChainAxiom ( :q :r ) . :p rdfs:subPropertyOf :q .", "is irregular"),
        (":p owl:propertyChainAxiom ( :q :q ) . :q owl:propertyChainAxiom ( :p :p ) .", "is irregular"),
        (":p owl:propertyChainAxiom ( [ owl:inverseOf :p ] :q ) .", "is irregular"),
        (":p a owl:TransitiveProperty , owl:FunctionalProperty .", "has chains below it"),
        (
            ":p a owl:TransitiveProperty ; rdfs:subPropertyOf :q . :q owl:propertyDisjointWith :r .",
            "has chains below it",
        ),
        (":a :d '2020-01-01'^^xsd:date .", "xsd:date, which OWL 2 has not"),
        (":a :d '2020'^^xsd:gYear .", "xsd:gYear, which OWL 2 has not"),
    ],
)
def test_what_leaves_owl_2_dl_is_told(axioms: str, says: str) -> None:
    found = departures(turtle(P + axioms))
    assert found
    assert says in found[0].what


@pytest.mark.parametrize(
    "axioms",
    [
        ":p owl:propertyChainAxiom ( :p :p ) .",
        ":p owl:propertyChainAxiom ( :q :r ) , ( :p :q ) , ( :r :p ) .",
        ":p owl:propertyChainAxiom ( :q :r ) . :q rdfs:subPropertyOf :p . :s a owl:FunctionalProperty .",
        ":a :d 1 , '2020-01-01T00:00:00'^^xsd:dateTime , 'x' , 'y'@en .",
        ":n a owl:AnnotationProperty . :a :n '2020-01-01'^^xsd:date .",
    ],
)
def test_what_stays_within_is_not(axioms: str) -> None:
    assert departures(turtle(P + axioms)) == ()


a_property = st.sampled_from([":p", ":q", ":r"])
AXIOMS = st.lists(
    st.one_of(
        st.builds("{} owl:propertyChainAxiom ( {} {} ) .".format, a_property, a_property, a_property),
        st.builds("{} rdfs:subPropertyOf {} .".format, a_property, a_property),
    ),
    min_size=1,
    max_size=3,
    unique=True,
)


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(AXIOMS)
def test_hermit_refuses_what_is_irregular_and_nothing_else(axioms: list[str]) -> None:
    told = turtle(P + " ".join(axioms))
    try:
        referees.hermit(told, values=False)
        refused = False
    except referees.RefereeError:
        refused = True
    assert refused is bool(departures(told))


def test_the_ontology_and_its_data_stay_within() -> None:
    assert departures(read_sources(REPOSITORY).triples()) == ()
