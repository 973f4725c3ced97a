"""Downloads: the whole dataset, or a graph of it, as files that are named by the snapshot."""

import asyncio
import json
from typing import Any
from urllib.parse import urlencode

import pytest
from pyoxigraph import Dataset, Literal, Quad, RdfFormat, parse
from serving import A, B, Desk, failure, never, scope, send, served
from starlette.types import ASGIApp, Message

from exo_onto import sending
from exo_onto.dataset import Dataset as Graphs
from exo_onto.outcome import BrokenError
from exo_onto.serve import application
from exo_onto.service import Standing
from exo_onto.settings import Settings
from exo_onto.triplestore import Address, TripleStore

FORMATS = {
    "turtle": ("text/turtle; charset=utf-8", "ttl", RdfFormat.TURTLE),
    "ntriples": ("application/n-triples", "nt", RdfFormat.N_TRIPLES),
    "nquads": ("application/n-quads", "nq", RdfFormat.N_QUADS),
    "trig": ("application/trig", "trig", RdfFormat.TRIG),
    "rdfxml": ("application/rdf+xml", "rdf", RdfFormat.RDF_XML),
    "jsonld": ("application/ld+json", "jsonld", RdfFormat.JSON_LD),
}


def values(content: bytes, format: RdfFormat) -> list[str]:
    """Give the objects, and after each its graph where it has one."""
    return sorted(
        f"{quad.object.value} {getattr(quad.graph_name, 'value', '')}".strip()
        for quad in Dataset(parse(content, format=format))
    )


# --- What there is


@pytest.mark.parametrize("asked", [{}, {"format": "nquads"}, {"format": "trig"}, {"format": "jsonld"}])
def test_all_of_it_comes_by_graphs(asked: dict[str, str]) -> None:
    media_type, ending, format = FORMATS[asked.get("format", "nquads")]
    reply = send(served(), "GET", "/data", params=asked)
    assert (reply.status_code, reply.headers["Content-Type"]) == (200, media_type)
    assert values(reply.content, format) == ["1 http://ex/a", "2 http://ex/b", "3 http://ex/c"]
    assert reply.headers["Content-Disposition"] == f'attachment; filename="exo-onto-3f2a.{ending}"'
    assert (reply.headers["Exo-Onto-Snapshot"], reply.headers["Cache-Control"]) == ("3f2a", "public, no-cache")


@pytest.mark.parametrize("format", FORMATS)
def test_a_graph_comes_in_each_format(format: str) -> None:
    media_type, ending, parsed = FORMATS[format]
    app = served()
    for asked, name, expected in (
        ({"graph": "http://ex/c"}, "c", ["3"]),
        ({"graph": "http://ex/a"}, "a", ["1"]),
        ({"default": ""}, "default", ["1", "2"]),
    ):
        reply = send(app, "GET", "/data", params={**asked, "format": format})
        assert (reply.status_code, reply.headers["Content-Type"]) == (200, media_type)
        assert values(reply.content, parsed) == expected
        assert reply.headers["Content-Disposition"] == f'attachment; filename="exo-onto-3f2a-{name}.{ending}"'


@pytest.mark.parametrize(
    ("asked", "accept", "media_type"),
    [
        ({}, "*/*", "application/n-quads"),
        ({}, "application/trig", "application/trig"),
        ({}, "text/turtle, application/trig;q=0.1", "application/trig"),
        ({}, "text/html,application/xhtml+xml,*/*;q=0.8", "application/n-quads"),
        ({"graph": "http://ex/a"}, "*/*", "text/turtle"),
        ({"graph": "http://ex/a"}, "application/rdf+xml", "application/rdf+xml"),
        ({"default": ""}, "application/n-triples", "application/n-triples"),
        ({"graph": "http://ex/a", "format": "ntriples"}, "image/png", "application/n-triples"),
    ],
)
def test_the_format_is_negotiated(asked: dict[str, str], accept: str, media_type: str) -> None:
    reply = send(served(), "GET", "/data", params=asked, headers={"Accept": accept})
    assert (reply.status_code, reply.headers["Content-Type"].partition(";")[0]) == (200, media_type)
    assert reply.headers["Vary"] == "Accept, Accept-Encoding"


def test_a_large_dataset_comes_whole() -> None:
    quads = [Quad(A, A, Literal(f"row {number}"), B) for number in range(20_000)]
    reply = send(served(quads=quads), "GET", "/data")
    assert reply.content.count(b"\n") == 20_003


def test_a_file_is_named_in_plain_letters() -> None:
    name = 'http://ex/é"; x=\\/'.replace('"', "%22").replace("\\", "%5C").replace(" ", "%20")
    quads = [Quad(A, A, Literal(1), type(A)(name))]
    reply = send(served(quads=quads), "GET", "/data", params={"graph": name})
    assert reply.headers["Content-Disposition"] == 'attachment; filename="exo-onto-3f2a---22--20x--5C.ttl"'


# --- What is refused


@pytest.mark.parametrize(
    ("parameters", "accept", "expected"),
    [
        ([("graph", "http://ex/unknown")], "*/*", (404, "not-found")),
        ([("graph", "")], "*/*", (404, "not-found")),
        ([("graph", "no name")], "*/*", (404, "not-found")),
        ([("graph", "http://ex/a"), ("graph", "http://ex/b")], "*/*", (400, "bad-request")),
        ([("graph", "http://ex/a"), ("default", "")], "*/*", (400, "bad-request")),
        ([], "text/turtle", (406, "not-acceptable")),
        ([("format", "turtle")], "*/*", (406, "not-acceptable")),
        ([("format", "pdf")], "*/*", (406, "not-acceptable")),
        ([("graph", "http://ex/a"), ("format", "csv")], "*/*", (406, "not-acceptable")),
        ([("graph", "http://ex/a")], "text/csv", (406, "not-acceptable")),
        ([], "no media type", (400, "bad-request")),
        ([], "a/b;" + ";" * 10_000, (400, "bad-request")),
    ],
)
def test_what_is_refused_is_told_in_a_problem_document(
    parameters: list[tuple[str, str]], accept: str, expected: tuple[int, str]
) -> None:
    reply = send(served(), "GET", "/data", params=parameters, headers={"Accept": accept})
    assert failure(reply) == expected
    assert reply.headers["Exo-Onto-Snapshot"] == "3f2a"


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH"])
@pytest.mark.parametrize("parameters", [{}, {"graph": "http://ex/a"}, {"default": ""}])
def test_nothing_is_written(method: str, parameters: dict[str, str]) -> None:
    app = served()
    reply = send(app, method, "/data", params=parameters, content=b"<a:> <b:> <c:> .")
    assert failure(reply) == (405, "method")
    assert reply.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert send(app, "GET", "/data").content.count(b"\n") == 3


def test_data_that_lies_elsewhere_is_not_given() -> None:
    desk = Desk(Settings())
    there = TripleStore(Address("http://127.0.0.1:1/query", "http://127.0.0.1:1/update"))
    desk.standing = Standing(Graphs(there, (A,), (), desk.standing.description, 0))
    assert failure(send(application(desk, Settings()), "GET", "/data")) == (404, "not-found")


# --- Without a body


@pytest.mark.parametrize("asked", [{}, {"graph": "http://ex/a"}, {"default": "", "format": "trig"}])
def test_head_tells_the_headers_and_no_length(asked: dict[str, str]) -> None:
    app = served()
    head, whole = (send(app, method, "/data", params=asked) for method in ("HEAD", "GET"))
    assert (head.status_code, head.content, bool(whole.content)) == (200, b"", True)
    assert "Content-Length" not in head.headers
    for name in ("Content-Type", "ETag", "Content-Disposition", "Vary", "Cache-Control", "Exo-Onto-Snapshot"):
        assert head.headers[name] == whole.headers[name]


def test_head_of_what_is_refused_has_no_body() -> None:
    reply = send(served(), "HEAD", "/data", params={"graph": "http://ex/unknown"})
    assert (reply.status_code, reply.content) == (404, b"")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("asked", [{}, {"format": "trig"}, {"graph": "http://ex/a"}, {"default": ""}])
def test_a_file_that_the_client_has_is_not_sent_again(asked: dict[str, str], method: str) -> None:
    app = served()
    tag = send(app, "GET", "/data", params=asked).headers["ETag"]
    for known in (tag, f'"other", {tag}'):
        reply = send(app, method, "/data", params=asked, headers={"If-None-Match": known})
        assert (reply.status_code, reply.content, reply.headers["ETag"]) == (304, b"", tag)
        assert reply.headers["Vary"].startswith("Accept")
    assert send(app, "GET", "/data", params=asked, headers={"If-None-Match": '"other"'}).content


def test_each_file_has_a_tag_of_its_own() -> None:
    app = served()
    asked = [{}, {"format": "trig"}, {"graph": "http://ex/a"}, {"graph": "http://ex/b"}, {"default": ""}]
    assert len({send(app, "GET", "/data", params=each).headers["ETag"] for each in asked}) == 5


# --- Several at once


class Client:
    """Takes an answer as slowly as the test wants it."""

    def __init__(self, app: ASGIApp, asked: dict[str, str] | None = None, *, stalled: bool = False) -> None:
        """Ask for a file; `stalled` until it may go on."""
        self.sent: list[Message] = []
        self.reached, self.may_go_on = asyncio.Event(), asyncio.Event()
        if not stalled:
            self.may_go_on.set()
        self.task = asyncio.create_task(self._ask(app, scope("/data", urlencode(asked or {}))))

    async def _ask(self, app: ASGIApp, asked: dict[str, Any]) -> None:
        await app(asked, never, self._take)

    async def _take(self, message: Message) -> None:
        self.reached.set()
        await self.may_go_on.wait()
        self.sent.append(message)

    @property
    def status(self) -> int:
        """Give the status of the answer."""
        return int(self.sent[0]["status"])


def test_a_third_download_at_the_same_time_is_told_to_wait() -> None:
    async def three() -> tuple[list[Client], Client, Client]:
        app = served()
        slow = [Client(app, stalled=True), Client(app, {"default": ""}, stalled=True)]
        third = Client(app)
        await third.task
        for each in slow:
            await each.reached.wait()
            each.may_go_on.set()
            await each.task
        later = Client(app)
        await later.task
        return slow, third, later

    slow, third, later = asyncio.run(three())
    assert [client.status for client in (*slow, third, later)] == [200, 200, 503, 200]
    headers = dict(third.sent[0]["headers"])
    assert (headers[b"retry-after"], headers[b"content-type"]) == (b"10", b"application/problem+json")
    assert json.loads(third.sent[1]["body"])["type"].endswith("/busy")
    assert not slow[0].sent[-1]["more_body"]


def test_a_client_that_takes_nothing_does_not_hold_up_others_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "PATIENCE", 0.05)

    async def stall() -> tuple[list[BaseException | None], int]:
        app = served()
        stalled = [Client(app, stalled=True) for _ in range(2)]
        await asyncio.wait([client.task for client in stalled], timeout=5)
        later = Client(app)
        await later.task
        return [client.task.exception() for client in stalled], later.status

    errors, status = asyncio.run(stall())
    assert [type(error) for error in errors] == [BrokenError, BrokenError]
    assert status == 200
