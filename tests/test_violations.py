"""Tests of violations: what is taken away as a set, and what a shape may not compare with or count."""

import pytest
from pyoxigraph import BlankNode
from validating import turtle

from exo_onto.paths import ShapesError
from exo_onto.shapes import Check, compile_shapes
from exo_onto.violations import MOST_COUNTED, Violation, text


def check(constraint: str) -> Check:
    (found,) = compile_shapes(turtle(f":S sh:targetClass :C ; sh:property [ sh:path {constraint} ] .")).checks
    return found


@pytest.mark.parametrize("path", [":p", "[ sh:inversePath :p ]", "( :p :q )", "[ sh:alternativePath ( :p :q ) ]"])
def test_who_has_a_value_is_taken_away_as_a_set(path: str) -> None:
    assert "MINUS { SELECT ?root WHERE {" in check(f"{path} ; sh:minCount 1").in_sets


@pytest.mark.parametrize(
    "path",
    [
        "[ sh:zeroOrMorePath :p ]",
        "[ sh:zeroOrOnePath :p ]",
        "( :p [ sh:oneOrMorePath :q ] )",
        "[ sh:alternativePath ( :p [ sh:zeroOrMorePath :q ] ) ]",
    ],
)
def test_a_path_that_may_begin_anywhere_is_not_compared_in_sets(path: str) -> None:
    assert not check(f"{path} ; sh:minCount 1").in_sets


def test_two_of_something_are_not_compared_in_sets() -> None:
    assert not check(":p ; sh:minCount 2").in_sets


@pytest.mark.parametrize("constraint", ["sh:maxCount 1", "sh:in ( :a )"])
@pytest.mark.parametrize(
    ("path", "counted", "screened"),
    [
        (":p", True, True),
        ("( :p :q )", True, True),
        ("[ sh:inversePath :p ]", True, True),
        ("( :p [ sh:zeroOrMorePath :q ] )", False, True),
        ("[ sh:zeroOrOnePath :p ]", False, False),
        ("( [ sh:oneOrMorePath :p ] :q )", False, False),
    ],
)
def test_a_path_that_may_begin_anywhere_is_not_screened(
    path: str, constraint: str, *, counted: bool, screened: bool
) -> None:
    found = check(f"{path} ; {constraint}").screen
    assert (found is not None) is (counted if "maxCount" in constraint else screened)
    assert found is None or (found.query.endswith("LIMIT 1") and "?root" not in found.query + found.along)


def test_without_a_set_there_is_no_difference() -> None:
    assert not Violation("c", "?x ?y ?z .", "false").difference


def test_a_blank_node_is_not_compared_with() -> None:
    with pytest.raises(ShapesError, match="blank node"):
        text(BlankNode())


def test_a_count_beyond_what_a_query_holds_is_refused() -> None:
    assert check(f":p ; sh:maxCount {MOST_COUNTED - 1}").query
    with pytest.raises(ShapesError, match=f"beyond 0 to {MOST_COUNTED}"):
        check(f":p ; sh:maxCount {MOST_COUNTED + 1}")
