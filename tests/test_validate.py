"""Tests of validate: results, their messages in all languages, severities, and focus nodes asked one by one."""

from collections.abc import Iterable

import pytest
from pyoxigraph import NamedNode, Quad, Store
from validating import EX, results, turtle, validated

from exo_onto.judge import asking
from exo_onto.shapes import compile_shapes
from exo_onto.validate import BLANK, Manner, Report, Result, Severity, Solution, validate
from exo_onto.vocabulary import GRAPH_INSTANCES

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
    assert validated(data, shapes, Manner(threads=4)) == one


def test_compared_in_sets_the_report_is_the_same() -> None:
    data = turtle(DATA + " ".join(f":x{number} a :{'CD'[number % 2]} ; :p :x{number // 2} ." for number in range(99)))
    told = ":S sh:targetClass :C ; sh:property [ sh:path :p ; sh:class :C ] , [ sh:path ( :p [ sh:inversePath :q ] ) ; sh:minCount 1 ] ."
    shapes = turtle(told)
    assert all("MINUS" in check.in_sets and "EXISTS" not in check.in_sets for check in compile_shapes(shapes).checks)
    one = validated(data, shapes)
    assert len(one.results) > 50
    assert validated(data, shapes, Manner(in_sets=True)) == one


@pytest.mark.parametrize(
    "constraint",
    [
        "sh:path :p ; sh:class :C",
        "sh:path :p ; sh:nodeKind sh:IRI",
        "sh:path :p ; sh:maxCount 1",
        "sh:path :p ; sh:maxCount 0",
        "sh:path ( :p :p ) ; sh:in ( :b )",
        "sh:path ( :p [ sh:zeroOrMorePath :p ] ) ; sh:not [ sh:class :D ]",
        "sh:path [ sh:inversePath :p ] ; sh:maxCount 0",
        "sh:path [ sh:alternativePath ( :p rdf:type ) ] ; sh:or ( [ sh:class :C ] [ sh:in ( :C ) ] )",
        "sh:path :p ; sh:property [ sh:path :p ; sh:maxInclusive 3 ]",
    ],
)
def test_screened_the_report_is_the_same(constraint: str) -> None:
    data = turtle(":D rdfs:subClassOf :C . :a a :C ; :p :b , :c . :b a :D ; :p :a , 1 . :c :p 2 , 4 , :c . :d a :D .")
    shapes = turtle(f":S sh:targetClass :C ; sh:property [ {constraint} ] .")
    one = validated(data, shapes)
    assert one.results
    assert validated(data, shapes, Manner(screened=True)) == one


@pytest.mark.parametrize(
    ("many", "asked_of_focus_nodes"),
    [
        pytest.param(0, False, id="where no value violates the constraint, no focus node is asked"),
        pytest.param(30, True, id="where the screen would look through much more, it is not asked"),
    ],
)
def test_a_screen_saves_asking_where_it_is_worth_it(many: int, *, asked_of_focus_nodes: bool) -> None:
    store = Store()
    more = "".join(f":x{number} :p {number} . " for number in range(many))
    told = turtle(f":a a :C ; :p 1 . :b a :C ; :p 2 . {more}")
    store.extend(Quad(each.subject, each.predicate, each.object, GRAPH_INSTANCES) for each in told)
    ask, asked = asking(store, [GRAPH_INSTANCES]), list[str]()

    def noted(query: str) -> Iterable[Solution]:
        asked.append(query)
        return ask(query)

    (check,) = compile_shapes(
        turtle(":S sh:targetClass :C ; sh:property [ sh:path :p ; sh:datatype xsd:integer ] .")
    ).checks
    assert validate(noted, [check], manner=Manner(screened=True)) == Report(())
    assert any("?focus" in query for query in asked) is asked_of_focus_nodes


def test_the_only_focus_node_is_written_into_a_query_of_sparql() -> None:
    shape = """:S sh:targetNode :a ; sh:sparql [ sh:select "SELECT $this ?value WHERE { $this <http://example.org/p> ?value }" ] ."""
    (check,) = compile_shapes(turtle(shape)).checks
    assert check.each is not None
    assert "?this" not in check.each.of(NamedNode(f"{EX}a"))
    assert [result.value for result in results(DATA, shape)] == ["1", "2", "x"]


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
