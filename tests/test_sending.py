"""What every answer has: headers, encodings, and an end that is only there when all of it was."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import anyio
import pytest
from anyio import to_thread
from pyoxigraph import Literal, Quad
from serving import DESCRIPTION, TABLE, A, Desk, failure, get, send, served
from starlette.types import ASGIApp, Message

from exo_onto import negotiation, problems, sending
from exo_onto.problems import Reply
from exo_onto.serve import application
from exo_onto.settings import Settings

PAGE = {"Origin": "http://page.example"}
PATHS = ("/", "/sparql", "/data", "/.well-known/void", "/healthz", "/readyz", "/metrics", "/openapi.json", "/nowhere")


class Sent(list[Message]):
    """Takes messages in place of a server."""

    async def take(self, message: Message) -> None:
        """Take one."""
        self.append(message)

    @property
    def headers(self) -> dict[str, str]:
        """Give the headers of the answer."""
        return {name.decode(): value.decode() for name, value in self[0]["headers"]}

    @property
    def body(self) -> bytes:
        """Give all that was sent."""
        return b"".join(message["body"] for message in self[1:])


# --- Messages


@pytest.mark.parametrize(
    ("media_type", "expected"),
    [
        ("text/csv", "text/csv; charset=utf-8"),
        ("text/turtle", "text/turtle; charset=utf-8"),
        ("text/plain; charset=ascii", "text/plain; charset=ascii"),
        ("application/n-triples", "application/n-triples"),
    ],
)
def test_text_says_its_character_set(media_type: str, expected: str) -> None:
    assert sending.content_type(media_type) == {"Content-Type": expected}


def test_what_is_empty_has_no_type() -> None:
    assert sending.content_type("") == {}


@pytest.mark.parametrize(
    ("status", "head_only", "length", "body"),
    [
        (200, False, "5", b"whole"),
        (200, True, "5", b""),
        (404, False, "5", b"whole"),
        (204, False, None, b""),
        (304, False, None, b""),
    ],
)
def test_a_whole_answer_says_how_long_it_is(status: int, head_only: bool, length: str | None, body: bytes) -> None:  # noqa: FBT001  a case
    sent = Sent()
    asyncio.run(sending.send_whole(sent.take, status, {}, b"whole", head_only=head_only))
    assert (sent[0]["status"], sent.headers.get("content-length"), sent.body) == (status, length, body)
    assert not sent[-1].get("more_body")


def test_a_reply_may_be_kept_only_where_it_says_so() -> None:
    for told, expected in (({}, "no-store"), (sending.FRESH, "public, no-cache")):
        sent = Sent()
        asyncio.run(sending.send_reply(sent.take, Reply(200, "text/csv", told, b"x"), DESCRIPTION))
        assert sent.headers["cache-control"] == expected
        assert (sent.headers["exo-onto-snapshot"], sent.headers["exo-onto-version"]) == ("3f2a", "1.2.3")


def test_pieces_end_only_where_they_come_to_their_end() -> None:
    async def pieces(number: int) -> AsyncIterator[bytes]:
        for each in range(number):
            yield b"%d" % each
        if number > 3:
            raise OSError

    sent = Sent()
    assert asyncio.run(sending.send_pieces(sent.take, 200, {}, pieces(3))) == 3
    assert (sent.body, [message["more_body"] for message in sent[1:]]) == (b"012", [True, True, True, False])
    sent = Sent()
    with pytest.raises(OSError, match=r"^$"):
        asyncio.run(sending.send_pieces(sent.take, 200, {}, pieces(5)))
    assert all(message["more_body"] for message in sent[1:])


def test_what_varies_by_a_header_varies_by_the_encoding_too() -> None:
    [message] = [sending.start(200, {"Vary": "Accept"})]
    assert (b"vary", b"Accept, Accept-Encoding") in message["headers"]
    assert b"vary" not in dict(sending.start(200, {})["headers"])


def written(*chunks: bytes, close: bool = True) -> Sent:
    """Write in a thread, as a download does."""
    sent = Sent()

    def write() -> None:
        outlet = sending.Outlet(sent.take, {"Content-Type": "text/csv"})
        for chunk in chunks:
            assert outlet.write(chunk) == len(chunk)
            outlet.flush()
        if close:
            outlet.close()

    async def run() -> None:
        await to_thread.run_sync(write)

    anyio.run(run)
    return sent


def test_an_outlet_sends_when_it_has_enough() -> None:
    small = written(b"a", b"b")
    assert (len(small), small.body, small[1]["more_body"]) == (2, b"ab", False)
    large = written(*[b"x" * 10_000] * 10)
    assert (large.body, [message["more_body"] for message in large[1:]]) == (b"x" * 100_000, [True, False])
    assert (written().body, written()[-1]["more_body"]) == (b"", False)


def test_an_outlet_that_is_not_closed_never_looks_whole() -> None:
    assert written(b"a", close=False) == []
    assert all(message["more_body"] for message in written(b"x" * 100_000, close=False)[1:])


# --- Any page may ask


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_may_be_read_by_any_page_and_is_not_sniffed(path: str) -> None:
    reply = send(served(), "GET", path, headers=PAGE)
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    exposed = reply.headers["Access-Control-Expose-Headers"]
    assert all(name in exposed for name in ("ETag", "Content-Disposition", "Exo-Onto-Snapshot", "Exo-Onto-Cache"))


@pytest.mark.parametrize(
    ("path", "method", "asked"),
    [
        ("/sparql", "POST", ["content-type", "accept"]),
        ("/sparql/", "GET", ["if-none-match"]),
        ("/data", "GET", ["accept", "if-none-match"]),
    ],
)
def test_a_page_may_ask_before_it_asks(path: str, method: str, asked: list[str]) -> None:
    wanted = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": ", ".join(asked)}
    reply = send(served(), "OPTIONS", path, headers={**PAGE, **wanted})
    assert (reply.status_code, reply.content) == (204, b"")
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert method in reply.headers["Access-Control-Allow-Methods"].split(", ")
    assert set(asked) <= set(reply.headers["Access-Control-Allow-Headers"].lower().split(", "))
    assert int(reply.headers["Access-Control-Max-Age"]) > 0
    assert "Access-Control-Allow-Credentials" not in reply.headers


# --- Encodings


def large() -> ASGIApp:
    return served(quads=[Quad(A, A, Literal(f"row {number}"), A) for number in range(1_000)])


@pytest.mark.parametrize("path", ["/sparql", "/data"])
@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip", "gzip"),
        ("br", "br"),
        ("zstd", "zstd"),
        ("gzip;q=0.5, deflate", "gzip"),
        ("identity", None),
        ("", None),
        ("deflate, compress", None),
        ("gzip;q=0", None),
    ],
)
def test_an_answer_is_encoded_as_the_client_accepts(path: str, accepted: str, encoding: str | None) -> None:
    app, parameters = large(), {"query": TABLE, "format": "application/json"}
    plain = send(app, "GET", path, params=parameters, headers={"Accept-Encoding": "identity"})
    for _ in range(2):  # also where it was kept
        reply = send(app, "GET", path, params=parameters, headers={"Accept-Encoding": accepted})
        assert reply.headers.get("Content-Encoding") == encoding
        assert sorted(reply.text.splitlines()) == sorted(plain.text.splitlines())
        assert reply.headers["ETag"].startswith("W/")
        assert "Accept-Encoding" in reply.headers["Vary"]


def test_every_format_that_is_offered_is_encoded() -> None:
    app = large()
    for query in (TABLE, "CONSTRUCT WHERE { ?s ?p ?o }"):
        for media_type in negotiation.SUFFIXES:
            asked = {"query": query, "format": media_type}
            reply = send(app, "GET", "/sparql", params=asked, headers={"Accept-Encoding": "gzip"})
            assert reply.status_code == 406 or reply.headers.get("Content-Encoding") == "gzip", media_type


@pytest.mark.parametrize("accepted", ["gzip", "br", "zstd", "identity"])
def test_an_encoded_answer_is_known_by_the_same_tag(accepted: str) -> None:
    app, headers = large(), {"Accept-Encoding": accepted}
    tag = send(app, "GET", "/sparql", params={"query": TABLE}, headers=headers).headers["ETag"]
    known = send(app, "GET", "/sparql", params={"query": TABLE}, headers={**headers, "If-None-Match": tag})
    assert (known.status_code, known.content, known.headers.get("Content-Encoding")) == (304, b"", None)


def test_head_says_no_wrong_length() -> None:
    app = large()
    for headers in ({"Accept-Encoding": accepted} for accepted in ("gzip", "identity")):
        for path, parameters in (("/sparql", {"query": TABLE}), ("/data", dict[str, str]()), ("/", {})):
            head, whole = (send(app, method, path, params=parameters, headers=headers) for method in ("HEAD", "GET"))
            assert head.content == b""
            identity = len(whole.content)
            lengths = {whole.headers.get("Content-Length"), str(identity), None}
            assert head.headers.get("Content-Length") in lengths


# --- Problems


def test_a_problem_is_kept_by_nobody() -> None:
    reply = problems.problem(problems.BUSY, "Try again.", headers={"Retry-After": "1"})
    assert (reply.status, reply.headers) == (503, {"Cache-Control": "no-store", "Retry-After": "1"})
    document: dict[str, Any] = json.loads(reply.read())
    assert document == {
        "type": "https://w3id.org/exo-onto/problem/busy",
        "title": "Too many queries are waiting",
        "status": 503,
        "detail": "Try again.",
    }


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_nothing_is_written(path: str, method: str) -> None:
    reply = send(served(), method, path, content=b"x")
    if path == "/nowhere":
        assert failure(reply) == (404, "not-found")
        return
    assert failure(reply) == (405, "method")
    assert {"GET", "HEAD"} <= set(reply.headers["Allow"].split(", "))


def test_what_is_not_ready_says_so() -> None:
    desk = Desk(Settings())
    app = application(desk, Settings())
    assert send(app, "GET", "/readyz").text == "ready\n"
    desk.ready = False
    reply = send(app, "GET", "/readyz")
    assert failure(reply) == (503, "busy")
    assert reply.headers["Retry-After"] == "1"
    assert send(app, "GET", "/healthz").text == "ok\n"


def test_a_refusal_names_the_snapshot() -> None:
    assert get(served(), "SELECT").headers["Exo-Onto-Snapshot"] == "3f2a"
