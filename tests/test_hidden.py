"""Tests of hidden: which queries Virtuoso would answer with nothing."""

import re

import pytest
from conftest import REPOSITORY

from exo_onto import judge, sources
from exo_onto.hidden import hides_a_path
from exo_onto.shapes import compile_shapes

HIDDEN = [
    "SELECT ?x { ?x a <urn:A> FILTER EXISTS { ?x a ?t FILTER EXISTS { ?t <urn:p>* <urn:C> } } }",
    "SELECT ?x { ?x a <urn:A> FILTER NOT EXISTS { ?x a/<urn:p>* <urn:C> } }",
    "SELECT ?x { ?x a <urn:A> FILTER EXISTS { ?x a ?t ; <urn:q> ?u . ?u ^(<urn:p>|<urn:q>)+ <urn:C> } }",
    "PREFIX : <urn:> SELECT ?x { ?x a :A FILTER EXISTS { ?y :q ?x ; :p+ ?z } }",
]
PLAIN = [
    "SELECT ?x { ?x a <urn:A> ; <urn:p>* <urn:C> }",
    "SELECT ?x { ?x a <urn:A> FILTER EXISTS { ?x <urn:p>* <urn:C> } }",
    "SELECT ?x { ?x a <urn:A> FILTER EXISTS { ?x <urn:p>+/a ?y } }",
    "SELECT ?x { ?x a ?t ; <urn:n> ?n FILTER EXISTS { ?y <urn:q>/<urn:p>* ?x FILTER (?n * 2 + 1 > 3) } }",
    "SELECT ?x { ?x a ?t FILTER EXISTS { ?x a ?u ; <urn:p>* ?t } }",
]


@pytest.mark.parametrize("query", HIDDEN)
def test_a_path_between_ends_that_exists_binds_is_hidden(query: str) -> None:
    assert hides_a_path(query)


@pytest.mark.parametrize("query", PLAIN)
def test_a_path_from_or_to_what_is_bound_outside_is_not(query: str) -> None:
    assert not hides_a_path(query)


def test_no_shipped_question_or_check_hides_a_path() -> None:
    questions = [text for _, text in sources.read_texts(REPOSITORY / "queries", ".rq")]
    shapes = [each for part in judge.part_shapes(sources.read_sources(REPOSITORY).shapes) for each in part]
    checks = [re.sub(r"@reaches\{[^{}]*\}", "true", check.query) for check in compile_shapes(shapes).checks]
    assert not any(map(hides_a_path, [*questions, *checks]))
