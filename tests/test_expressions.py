"""Tests of expressions: ways into a class, and what follows from being in one; what OWL 2 RL leaves out is refused."""

import pytest
from pyoxigraph import Variable
from reasoning import ex, turtle

from exo_onto.expressions import Pattern, Schema, Term, UnsupportedError, follows, ways_in
from exo_onto.vocabulary import OWL, RDF_TYPE

X = Variable("x")
P = ":p a owl:ObjectProperty . :d a owl:DatatypeProperty . "


def expression(text: str) -> tuple[Schema, Term]:
    """Read `:E is [ ... ]` and give the class expression."""
    schema = Schema(turtle(f"{P} :E owl:equivalentClass {text} ."))
    found = schema.value(ex("E"), OWL("equivalentClass"))
    assert found is not None
    return schema, found


def test_a_union_of_intersections_has_one_way_for_each() -> None:
    text = (
        "[ owl:unionOf ( [ owl:intersectionOf ( :A :B ) ] [ owl:intersectionOf ( :C [ owl:unionOf ( :D :F ) ] ) ] ) ]"
    )
    ways = ways_in(*expression(text), X)
    classes = [{str(pattern.object).rpartition("/")[2][0] for pattern in way.patterns} for way in ways]
    assert classes == [{"A", "B"}, {"C", "D"}, {"C", "F"}]


def test_nested_restrictions_become_a_path() -> None:
    text = "[ owl:onProperty :p ; owl:someValuesFrom [ owl:onProperty [ owl:inverseOf :p ] ; owl:hasValue :v ] ]"
    (way,) = ways_in(*expression(text), X)
    step, end = way.patterns
    assert step.subject == X
    assert end == Pattern(ex("v"), ex("p"), step.object)
    assert way.names == ("cls-hv2", "cls-svf1")


def test_nothing_gets_into_nothing() -> None:
    assert ways_in(Schema([]), OWL("Nothing"), X) == []


def test_all_values_hand_on_what_follows() -> None:
    (found,) = follows(*expression("[ owl:onProperty :p ; owl:allValuesFrom [ owl:complementOf :A ] ]"), X)
    assert found.head is None
    assert [pattern.predicate for pattern in found.way.patterns] == [ex("p"), RDF_TYPE]


def test_being_a_thing_has_no_consequence() -> None:
    assert follows(Schema([]), OWL("Thing"), X) == []


@pytest.mark.parametrize(
    "text",
    [
        "[ owl:complementOf :A ]",
        "[ owl:onProperty :p ; owl:allValuesFrom :A ]",
        "[ owl:onProperty :p ; owl:hasSelf true ]",
        "[ owl:onProperty :p ; owl:minCardinality 1 ]",
        "[ owl:onProperty :p ; owl:maxCardinality 1 ]",
        "[ owl:onProperty :d ; owl:someValuesFrom xsd:integer ]",
        "[ owl:someValuesFrom :A ]",
        "owl:Thing",
    ],
)
def test_what_rl_does_not_allow_on_the_left_is_refused(text: str) -> None:
    schema, found = expression(text)
    with pytest.raises(UnsupportedError):
        ways_in(schema, found, X)


@pytest.mark.parametrize(
    "text",
    [
        "[ owl:unionOf ( :A :B ) ]",
        "[ owl:oneOf ( :a :b ) ]",
        "[ owl:onProperty :p ; owl:someValuesFrom :A ]",
        "[ owl:onProperty :p ; owl:maxCardinality 2 ]",
        "[ owl:onProperty :p ; owl:cardinality 1 ]",
        "[ owl:onProperty :d ; owl:allValuesFrom xsd:integer ]",
    ],
)
def test_what_rl_does_not_allow_on_the_right_is_refused(text: str) -> None:
    schema, found = expression(text)
    with pytest.raises(UnsupportedError):
        follows(schema, found, X)
