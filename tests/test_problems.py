"""Tests of problems: each kind can be told apart, and a document says what RFC 9457 names."""

import io
import json

import pytest
from pyoxigraph import Store

from exo_onto import problems
from exo_onto.problems import PROBLEM, PROBLEMS, Problem, RefusalError, Reply, problem, refusal, syntax_refusal

KINDS = [each for each in vars(problems).values() if isinstance(each, Problem)]


def test_kinds_have_names_of_their_own_and_a_status_of_a_failure() -> None:
    assert len(KINDS) > 15
    assert len({kind.name for kind in KINDS}) == len({kind.title for kind in KINDS}) == len(KINDS)
    assert all(400 <= kind.status < 600 for kind in KINDS)


def test_a_document_says_what_the_standard_names_and_what_is_added() -> None:
    for kind in KINDS:
        reply = problem(kind, "Why, 为何.", headers={"Retry-After": "1"}, line=3)
        assert (reply.status, reply.media_type, reply.headers) == (
            kind.status,
            PROBLEM,
            {"Cache-Control": "no-store", "Retry-After": "1"},
        )
        assert json.loads(reply.read()) == {
            "type": PROBLEMS + kind.name,
            "title": kind.title,
            "status": kind.status,
            "detail": "Why, 为何.",
            "line": 3,
        }


def test_a_refusal_carries_its_reply() -> None:
    refused = refusal(problems.BUSY, "Later.")
    assert isinstance(refused, RefusalError)
    assert refused.reply.status == 503
    assert str(refused) == "503"


def test_a_wrong_query_is_told_with_its_place_and_a_caret() -> None:
    wrong = "SELECT ?s\nWHERE { ?s ?p ?? }"
    with pytest.raises(SyntaxError) as raised:
        Store().query(wrong)
    told = json.loads(syntax_refusal(wrong, str(raised.value)).reply.read())
    assert (told["status"], told["line"]) == (400, 2)
    assert told["detail"].splitlines()[-1].strip() == "^"


def test_a_body_is_bytes_or_writes_itself() -> None:
    whole = Reply(200, "text/plain", {}, b"said")
    writes = Reply(200, "text/plain", {}, lambda output: output.write(b"said"))
    for reply in (whole, writes):
        output = io.BytesIO()
        reply.write(output)
        assert output.getvalue() == reply.read() == b"said"
