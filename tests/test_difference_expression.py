"""Tests of difference.expression: the words for nameless things."""

import pytest
from pyoxigraph import BlankNode, NamedNode, RdfFormat, Triple, parse

from exo_onto.difference.expression import Expressions, Node

PREFIXES = "@prefix ex: <http://ex/> .\n@prefix owl: <http://www.w3.org/2002/07/owl#> .\n"


def name(term: Node) -> str:
    return str(getattr(term, "value", term)).rpartition("/")[2].rpartition("#")[2]


def words(text: str) -> str:
    triples: list[Triple] = [q.triple for q in parse(f"{PREFIXES}ex:x ex:is {text} .", format=RdfFormat.TURTLE)]
    (top,) = (t.object for t in triples if t.subject == NamedNode("http://ex/x"))
    return Expressions(triples, name).words(top)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ex:A", "A"),
        ("[ owl:onProperty ex:p ; owl:someValuesFrom ex:A ]", "'p' some A"),
        ("[ owl:onProperty ex:p ; owl:allValuesFrom ex:A ]", "'p' only A"),
        ("[ owl:onProperty ex:p ; owl:hasValue ex:a ]", "'p' value a"),
        ("[ owl:onProperty ex:p ; owl:maxCardinality 1 ]", "'p' max 1"),
        ("[ owl:intersectionOf ( ex:A ex:B ) ]", "(A and B)"),
        ("[ owl:unionOf ( ex:A [ owl:complementOf ex:B ] ) ]", "(A or not B)"),
        ("[ owl:oneOf ( ex:a ex:b ) ]", "{a, b}"),
        ("[ owl:onProperty [ owl:inverseOf ex:p ] ; owl:someValuesFrom ex:A ]", "'inverse p' some A"),
        ("( ex:a ex:b )", "(a, b)"),
        ("[ ex:p ex:a ; ex:q [ ex:r ex:b ] ]", "[p a; q [r b]]"),
    ],
)
def test_an_expression_is_told_as_in_manchester_syntax(text: str, said: str) -> None:
    assert words(text) == said


def test_a_list_that_is_a_circle_and_things_that_point_at_each_other_are_told_in_the_end() -> None:
    rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    first, rest = NamedNode(f"{rdf}first"), NamedNode(f"{rdf}rest")
    head, other = BlankNode("h"), BlankNode("o")
    circle = [Triple(head, first, NamedNode("http://ex/a")), Triple(head, rest, head)]
    assert Expressions(circle, name).words(head) == "(a)"
    pair = [Triple(head, NamedNode("http://ex/p"), other), Triple(other, NamedNode("http://ex/p"), head)]
    assert "..." in Expressions(pair, name).words(head)
