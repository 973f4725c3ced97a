"""Tests of syntax: where a query is wrong, and why."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Store

from exo_onto.syntax import complaint


def parsers_message(text: str) -> str:
    with pytest.raises(SyntaxError) as caught:
        Store().query(text)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("SELECT * WHERE {\n  ?s ?p\n}", 3, "not expected here"),
        ("SELECT * WHERE {\n  ?s nope:x ?o\n}", 2, "The prefix `nope:` is not declared"),
        ("PREFIX a: <http://a/>\nSELECT * WHERE { ?s a:x b:y }", 2, "The prefix `b:` is not declared"),
        ("SELEC * WHERE { ?s ?p ?o }", 1, "not expected here"),
        ("", 1, "The query is empty"),
        ("INSERT DATA { }", 1, "This is an update"),
    ],
)
def test_the_place_and_the_reason_are_told(text: str, line: int, reason: str) -> None:
    found = complaint(text, parsers_message(text))
    assert found.line == line
    assert reason in found.reason
    shown, caret = found.shown.split("\n")
    assert caret.strip() == "^"
    assert len(caret) <= len(shown) + 3


@given(st.text(max_size=60))
def test_whatever_is_wrong_there_is_a_place_within_the_text(noise: str) -> None:
    text = "SELECT * WHERE { " + noise.replace("{", "").replace("}", "") + " ?? }"
    found = complaint(text, parsers_message(text))
    assert 1 <= found.line <= text.count("\n") + 1
    assert found.column >= 1
