"""Tests of calling: which addresses a query calls, and what is left of it without."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, QuerySolutions, Store

from exo_onto.calling import Call, calls, without

AWAY = "http://127.0.0.1:1/sparql"
"""Where nobody listens."""


def store() -> Store:
    made = Store()
    made.extend(Quad(NamedNode(f"http://ex/{name}"), NamedNode("http://ex/p"), Literal(name)) for name in "abc")
    return made


def answers(text: str) -> list[str]:
    found = store().query(text)
    assert isinstance(found, QuerySolutions)
    names = [variable.value for variable in found.variables]
    return sorted(str([(name, str(term)) for name in names if (term := row[name]) is not None]) for row in found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT * { ?s ?p ?o }", []),
        ("ASK { SERVICE <http://a/> { ?s ?p ?o } }", [("http://a/", False)]),
        ("ASK { service Silent <http://a/> { ?s ?p ?o } }", [("http://a/", True)]),
        ("ASK { SERVICE SILENT ex:a { ?s ?p ?o } }", [("ex:a", True)]),
        ("ASK { SERVICE ?where { ?s ?p ?o } }", [("?where", False)]),
        ("ASK { # SERVICE <http://a/> { }\n ?s ?p 'SERVICE <http://a/> { }' }", []),
        ("ASK { SERVICE <http://a/> { SERVICE SILENT <http://b/> { } } }", [("http://a/", False), ("http://b/", True)]),
        ("ASK { ?s <http://SERVICE/> ?o }", []),
        ("SERVICE", []),
        ("SERVICE SILENT", []),
        ("SERVICE SILENT <http://a/>", []),
    ],
)
def test_the_calls_of_a_query_are_found(text: str, expected: list[tuple[str, bool]]) -> None:
    assert [(call.address, call.silent) for call in calls(text)] == expected


def test_a_call_is_told_with_where_it_stands() -> None:
    text = "ASK { SERVICE SILENT <http://a/> { { ?s ?p ?o } } ?s ?p ?o }"
    assert list(calls(text)) == [Call("http://a/", silent=True, start=6, end=text.index(" ?s ?p ?o }", 45))]
    assert without(text) == "ASK { { } ?s ?p ?o }"


def test_calls_that_are_kept_and_those_that_must_not_fail_stay() -> None:
    text = "ASK { SERVICE SILENT <http://a/> { } SERVICE <http://b/> { } SERVICE SILENT <http://c/> { } }"
    assert without(text, kept={"http://c/"}) == "ASK { { } SERVICE <http://b/> { } SERVICE SILENT <http://c/> { } }"


def test_a_call_within_a_call_goes_with_it() -> None:
    text = "ASK { SERVICE SILENT <http://a/> { ?s ?p ?o SERVICE SILENT <http://b/> { ?s ?p ?o } } ?s ?p ?o }"
    assert without(text) == "ASK { { } ?s ?p ?o }"
    kept = without(text, kept={"http://a/"})
    assert kept == "ASK { SERVICE SILENT <http://a/> { ?s ?p ?o { } } ?s ?p ?o }"


@pytest.mark.parametrize(
    "text",
    [
        f"SELECT * {{ ?s <http://ex/p> ?o SERVICE SILENT <{AWAY}> {{ ?s ?q ?x }} }}",
        f"SELECT * {{ ?s <http://ex/p> ?o OPTIONAL {{ SERVICE SILENT <{AWAY}> {{ ?s ?q ?x }} }} }}",
        f"SELECT * {{ {{ ?s <http://ex/p> ?o }} UNION {{ SERVICE SILENT <{AWAY}> {{ ?s ?q ?x }} }} }}",
        f"SELECT ?s ?o {{ ?s <http://ex/p> ?o MINUS {{ SERVICE SILENT <{AWAY}> {{ ?s ?q ?x }} }} }}",
        f"SELECT (COUNT(*) AS ?n) {{ SERVICE SILENT <{AWAY}> {{ ?s ?q ?x }} ?s <http://ex/p> ?o }}",
    ],
)
def test_without_its_calls_a_query_says_what_it_says_while_they_fail(text: str) -> None:
    assert answers(without(text)) == answers(text)


@given(st.text(alphabet="SERVICE silent<>{}()[]?#'\"\\ \n:a/."))
def test_whatever_the_text_it_is_read_to_its_end(text: str) -> None:
    found = list(calls(text))
    assert all(0 <= call.start < call.end <= len(text) for call in found)
    assert not any(call.silent for call in calls(without(text)))
