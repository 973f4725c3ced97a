"""Tests of replies: what carries a page says where it came from, who may keep it, and what a browser may load."""

import json

import pytest
from reading import Browser

from exo_onto import problems
from exo_onto.outcome import BusyError, DeadlineError, LostError, PoolError
from exo_onto.pages import replies
from exo_onto.pages.visits import MissingError, Visit


@pytest.fixture
def visit(corpus_pages: Browser) -> Visit:
    return corpus_pages.visit()


def test_a_page_names_its_snapshot_and_lets_no_script_in_that_is_not_ours(visit: Visit) -> None:
    reply = replies.html(b"<p>", visit, tag='W/"a"')
    assert reply.headers["exo-onto-snapshot"] == visit.said.digest
    assert reply.headers["content-security-policy"] == replies.POLICY
    assert "script-src 'self';" in replies.POLICY
    assert "unsafe" not in replies.POLICY
    assert (reply.headers["etag"], reply.headers["cache-control"]) == ('W/"a"', "public, no-cache")


def test_a_page_without_a_tag_is_not_kept(visit: Visit) -> None:
    reply = replies.html(b"<p>", visit)
    assert reply.headers["cache-control"] == "no-store"
    assert "etag" not in reply.headers


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (MissingError("/nothing"), problems.NOT_FOUND),
        (BusyError(), problems.BUSY),
        (DeadlineError(), problems.DEADLINE),
        (LostError(), problems.WORKER_LOST),
        (PoolError(), problems.FAILED),
    ],
)
def test_a_failure_is_told_on_a_page_or_as_a_problem(
    visit: Visit, error: replies.Failure, kind: problems.Problem
) -> None:
    page, told = (replies.failed(error, visit, page=page) for page in (True, False))
    assert page.status_code == told.status_code == kind.status
    assert page.headers["content-type"].startswith(replies.HTML)
    assert told.headers["content-type"] == problems.PROBLEM
    assert json.loads(bytes(told.body))["type"] == problems.PROBLEMS + kind.name
