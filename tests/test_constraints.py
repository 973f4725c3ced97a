"""Tests of constraints: each component of SHACL Core has what violates it and what does not."""

import pytest
from validating import results

from exo_onto.constraints import CONSTRAINTS

DATA = """:a :p 1 , 2 ; :q 2 ; :text "abc" ; :name "x"@en , "y"@en ; :kind :K ; :wrong "no"^^xsd:integer ; :far "300"^^xsd:byte ;
    :year "2020"^^xsd:gYear . :k a :K ."""
CASES = [
    ("class", ":kind", ":K", 1),
    ("datatype", ":p", "xsd:integer", 0),
    ("datatype", ":wrong", "xsd:integer", 1),
    ("datatype", ":far", "xsd:byte", 1),
    ("datatype", ":year", "xsd:gYear", 0),
    ("nodeKind", ":kind", "sh:IRI", 0),
    ("nodeKind", ":p", "sh:IRIOrLiteral", 0),
    ("nodeKind", ":p", "sh:BlankNodeOrIRI", 2),
    ("minCount", ":p", "3", 1),
    ("maxCount", ":p", "1", 1),
    ("maxCount", ":p", "2", 0),
    ("minExclusive", ":p", "1", 1),
    ("minInclusive", ":p", "1", 0),
    ("maxExclusive", ":p", "2", 1),
    ("maxInclusive", ":text", "2", 1),
    ("minLength", ":text", "4", 1),
    ("maxLength", ":text", "3", 0),
    ("pattern", ":text", '"^b"', 1),
    ("languageIn", ":name", '( "zh" )', 2),
    ("uniqueLang", ":name", "true", 1),
    ("equals", ":p", ":q", 1),
    ("disjoint", ":p", ":q", 1),
    ("lessThan", ":p", ":q", 1),
    ("lessThanOrEquals", ":p", ":q", 0),
    ("not", ":p", "[ sh:nodeKind sh:Literal ]", 2),
    ("and", ":p", "( [ sh:minInclusive 1 ] [ sh:maxInclusive 1 ] )", 1),
    ("or", ":p", "( [ sh:minInclusive 2 ] [ sh:maxInclusive 0 ] )", 1),
    ("xone", ":p", "( [ sh:minInclusive 1 ] [ sh:minInclusive 2 ] )", 1),
    ("node", ":p", "[ sh:minInclusive 2 ]", 1),
    ("hasValue", ":p", "3", 1),
    ("in", ":p", "( 1 3 )", 1),
    ("closed", ":kind", "true", 0),
]


@pytest.mark.parametrize(("name", "path", "value", "count"), CASES)
def test_a_constraint_finds_what_violates_it(name: str, path: str, value: str, count: int) -> None:
    assert len(results(DATA, f":S sh:targetNode :a ; sh:property [ sh:path {path} ; sh:{name} {value} ] .")) == count


def test_every_constraint_has_a_case() -> None:
    assert {name for name, *_ in CASES} == set(CONSTRAINTS)


def test_a_closed_shape_allows_its_paths_and_what_it_ignores() -> None:
    shape = ":S sh:targetNode :a ; sh:closed true ; sh:ignoredProperties ( rdf:type :r ) ; sh:property [ sh:path :p ] ."
    assert [result.path for result in results(":a a :C ; :p 1 ; :q 2 ; :r 3 .", shape)] == ["http://example.org/q"]
