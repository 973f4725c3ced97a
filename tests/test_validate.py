"""Tests of validate: results, their messages in all languages, severities, and focus nodes asked one by one."""

import pytest
from validating import results, turtle, validated

from exo_onto.shapes import compile_shapes
from exo_onto.validate import BLANK, Report, Result, Severity

DATA = ":a a :C ; :p 1 , 2 , 'x' . :b a :D . :D rdfs:subClassOf :C ."


def test_a_report_gives_the_results_of_one_severity() -> None:
    bad = Result("f", None, None, "c", "s", "m", Severity.VIOLATION)
    note = Result("f", None, None, "c", "s", "m", Severity.INFO)
    report = Report((bad, note))
    assert report.of(Severity.VIOLATION) == (bad,)
    assert report.of(Severity.WARNING) == ()
    assert Severity.INFO < Severity.WARNING < Severity.VIOLATION


def test_two_reports_are_joined_where_one_has_results_without_a_value() -> None:
    one = Result("f", "p", None, "c", "s", "m", Severity.VIOLATION)
    other = Result("f", "p", "v", "c", "s", "m", Severity.VIOLATION)
    assert Report((other,)).joined(Report((one,))).results == (one, other)


def test_on_several_threads_the_report_is_the_same() -> None:
    data = turtle(DATA + " ".join(f":x{number} a :{'CD'[number % 2]} ; :p {number} ." for number in range(300)))
    shapes = turtle(
        " ".join(
            f":S{number} sh:targetClass :{'CD'[number % 2]} ; sh:property [ sh:path :p ; sh:maxInclusive {number * 20} ] ."
            for number in range(12)
        )
    )
    one = validated(data, shapes)
    assert len(one.results) > 1000
    assert validated(data, shapes, threads=4) == one


def test_compared_in_sets_the_report_is_the_same() -> None:
    data = turtle(DATA + " ".join(f":x{number} a :{'CD'[number % 2]} ; :p :x{number // 2} ." for number in range(99)))
    told = ":S sh:targetClass :C ; sh:property [ sh:path :p ; sh:class :C ] , [ sh:path ( :p [ sh:inversePath :q ] ) ; sh:minCount 1 ] ."
    shapes = turtle(told)
    assert all("MINUS" in check.in_sets and "EXISTS" not in check.in_sets for check in compile_shapes(shapes).checks)
    one = validated(data, shapes)
    assert len(one.results) > 50
    assert validated(data, shapes, in_sets=True) == one


def test_members_of_subclasses_are_focus_nodes_too() -> None:
    found = results(DATA, ":S sh:targetClass :C ; sh:property [ sh:path :p ; sh:minCount 1 ] .")
    assert [result.focus.rpartition("/")[2] for result in found] == ["b"]


def test_messages_in_all_languages_are_joined_and_their_places_filled() -> None:
    shape = """:S sh:targetNode :a ; sh:sparql [ sh:select "SELECT $this ?value WHERE { $this <http://example.org/p> ?value }" ;
        sh:message "有 {?value}"@zh , "has {?value}"@en ] ."""
    assert {result.message for result in results(DATA, shape)} == {"has 1 有 1", "has 2 有 2", "has x 有 x"}


def test_severity_is_the_shapes_own() -> None:
    shape = ":S sh:targetNode :a ; sh:severity sh:Warning ; sh:nodeKind sh:Literal ."
    assert [result.severity for result in results(DATA, shape)] == [Severity.WARNING]


def test_a_deactivated_shape_says_nothing_and_is_always_met() -> None:
    off = "[ sh:deactivated true ; sh:nodeKind sh:Literal ]"
    assert results(DATA, ":S sh:targetNode :a ; sh:deactivated true ; sh:nodeKind sh:Literal .") == ()
    assert results(DATA, f":S sh:targetNode :a ; sh:node {off} .") == ()
    assert len(results(DATA, f":S sh:targetNode :a ; sh:not {off} .")) == 1


def test_a_constraint_that_counts_is_asked_of_each_focus_node() -> None:
    select = (
        "SELECT $this (COUNT(?v) AS ?n) WHERE { $this <http://example.org/p> ?v } GROUP BY $this HAVING (COUNT(?v) > 2)"
    )
    (found,) = results(DATA, f":S sh:targetClass :C ; sh:sparql [ sh:select '{select}' ; sh:message 'has {{?n}}' ] .")
    assert (found.focus.rpartition("/")[2], found.message) == ("a", "has 3")


def test_a_blank_node_has_no_name_and_an_annotated_axiom_is_told_by_its_triple() -> None:
    data = "[] a owl:Axiom ; owl:annotatedSource :a ; owl:annotatedProperty :p ; owl:annotatedTarget :b ."
    (found,) = results(data, ":S sh:targetClass owl:Axiom ; sh:property [ sh:path :q ; sh:minCount 1 ] .")
    assert found.focus == BLANK
    assert found.annotated == ("http://example.org/a", "http://example.org/p", "http://example.org/b")


@pytest.mark.parametrize("path", ["[ sh:inversePath :p ]", "( :p :q )", "[ sh:zeroOrMorePath :p ]"])
def test_a_path_is_written_as_sparql_does(path: str) -> None:
    (found,) = results(":a :x :y .", f":S sh:targetNode :a ; sh:property [ sh:path {path} ; sh:minCount 9 ] .")
    assert found.path in {
        "^http://example.org/p",
        "http://example.org/p/http://example.org/q",
        "http://example.org/p*",
    }
