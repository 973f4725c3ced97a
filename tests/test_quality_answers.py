"""Tests of answers: what was expected of a question held against what it came to."""

import pytest
from pyoxigraph import Literal, NamedNode

from exo_onto.quality.answers import Expected, Given, compare
from exo_onto.questions import Answer, AnswerGraph

IRI = "http://purl.obolibrary.org/obo/GO_0006914"
ANSWER = Answer(("process", "n"), ((NamedNode(IRI), Literal(2)), (Literal("b"), Literal(1))), {})
SHORT = [["autophagy", "2"], ["b", "1"]]
WHOLE = [[IRI, "2"], ["b", "1"]]


def given_answer(query: str = "SELECT") -> Given:
    return Given("contested", query, ANSWER, SHORT, WHOLE)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("a.csv", "process,n\nautophagy,2\nb,1\n"),
        ("a.csv", f"process,n\n{IRI},2\nb,1\n"),
        ("a.tsv", "process\tn\nautophagy\t2\nb\t1\n"),
        ("a.csv", "process,n\r\nb,1\r\nautophagy,2\r\n"),
    ],
)
def test_an_answer_as_expected_is_not_told(file: str, text: str) -> None:
    assert compare(given_answer(), Expected(file, text)) == ()


def test_rows_missing_and_new_are_told_with_the_line_of_the_first() -> None:
    (told,) = compare(given_answer(), Expected("q/a.csv", "process,n\nautophagy,2\nc,3\n"))
    assert told.code == "answer"
    assert str(told.place) == "q/a.csv:3"
    assert "1 row expected and missing, such as `c, 3`" in told.what
    assert "1 row there and not expected, such as `b, 1`" in told.what


def test_an_order_counts_where_the_question_has_one() -> None:
    swapped = Expected("a.csv", "process,n\nb,1\nautophagy,2\n")
    assert compare(given_answer("# ORDER BY ?n\nSELECT"), swapped) == ()
    (told,) = compare(given_answer("SELECT ... order  by ?n"), swapped)
    assert "another order" in told.what


def test_other_columns_are_told() -> None:
    (told,) = compare(given_answer(), Expected("a.csv", "process\nautophagy\n"))
    assert "the columns process, and it has process, n" in told.what
    (told,) = compare(given_answer(), Expected("a.csv", ""))
    assert "the columns none" in told.what


def test_a_row_too_few_of_equal_ones_is_told() -> None:
    twice = Answer(("x",), ((Literal("a"),), (Literal("a"),)), {})
    given = Given("twice", "SELECT", twice, [["a"], ["a"]], [["a"], ["a"]])
    assert compare(given, Expected("a.csv", "x\na\na\n")) == ()
    assert compare(given, Expected("a.csv", "x\na\n"))


def test_graphs_are_compared_whatever_their_blank_nodes_are_called() -> None:
    given = Given("graph", "CONSTRUCT", AnswerGraph("<http://a> <http://p> _:x . _:x <http://q> 1 ."))
    assert compare(given, Expected("a.ttl", "_:y <http://q> 1 . <http://a> <http://p> _:y .")) == ()
    (told,) = compare(given, Expected("a.ttl", "<http://a> <http://p> 1 ."))
    assert "another graph" in told.what
    (told,) = compare(given, Expected("a.ttl", "<http://a> <http://p> "))
    assert "no Turtle" in told.what
