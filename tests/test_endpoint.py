"""The endpoint, without a socket: what is kept, what is not sent again, and what becomes of an answer that fails."""

import asyncio
import json
import math
from collections.abc import AsyncGenerator, Callable
from hashlib import sha256
from urllib.parse import urlencode

import httpx
import pytest
from pyoxigraph import Literal, Quad
from serving import ASK, EX, TABLE, TRIPLES, A, Desk, failure, get, never, scope, send, served
from starlette.types import ASGIApp, Message

from exo_onto.dataset import Description, prepare
from exo_onto.outcome import Answer, BrokenError, BusyError, DeadlineError, LostError, PoolError
from exo_onto.protocol import Call
from exo_onto.serve import application
from exo_onto.service import Standing
from exo_onto.settings import Settings

JSON, XML, CSV, TSV = (
    "application/sparql-results+json",
    "application/sparql-results+xml",
    "text/csv",
    "text/tab-separated-values",
)
TURTLE, NTRIPLES, NQUADS, TRIG, RDFXML, JSONLD = (
    "text/turtle",
    "application/n-triples",
    "application/n-quads",
    "application/trig",
    "application/rdf+xml",
    "application/ld+json",
)
MARK = {"Exo-Onto-Snapshot": "3f2a", "ETag": 'W/"3f2a;text/csv"'}


def kept(app: ASGIApp, query: str, **parameters: str) -> str:
    """Ask, and say whether the answer was kept."""
    reply = get(app, query, **parameters)
    assert reply.status_code == 200, reply.text
    return str(reply.headers["Exo-Onto-Cache"])


def metric(app: ASGIApp, name: str) -> float:
    lines = send(app, "GET", "/metrics").text.splitlines()
    [value] = [line.partition(" ")[2] for line in lines if line.startswith(f"{name} ")]
    return float(value)


async def messages(app: ASGIApp, asked: dict[str, object]) -> tuple[list[Message], BaseException | None]:
    """Give what is sent in answer, and what was raised."""
    sent: list[Message] = []

    async def take(message: Message) -> None:
        sent.append(message)

    try:
        await app(asked, never, take)
    except PoolError as error:
        return sent, error
    return sent, None


# --- What the client knows already


@pytest.mark.parametrize("query", [TABLE, ASK, TRIPLES])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_an_answer_that_the_client_has_is_not_sent_again(query: str, method: str) -> None:
    app = served()
    tag = get(app, query).headers["ETag"]
    for known in (tag, f'"other", {tag} , W/"more"'):
        reply = send(app, method, "/sparql", params={"query": query}, headers={"If-None-Match": known})
        assert (reply.status_code, reply.content, reply.headers["ETag"]) == (304, b"", tag)
        assert reply.headers["Vary"].startswith("Accept")
        assert reply.headers["Exo-Onto-Snapshot"] == "3f2a"
        assert "Content-Length" not in reply.headers


@pytest.mark.parametrize("known", ['"3f2a"', 'W/"3f2a;text/csv"', 'W/"77aa;application/sparql-results+json"', ""])
def test_an_unknown_tag_brings_the_answer(known: str) -> None:
    assert send(served(), "GET", "/sparql", params={"query": TABLE}, headers={"If-None-Match": known}).content


def test_a_post_is_answered_whatever_is_known() -> None:
    app = served()
    tag = get(app, TABLE).headers["ETag"]
    reply = send(app, "POST", "/sparql", data={"query": TABLE}, headers={"If-None-Match": tag})
    assert (reply.status_code, reply.headers["ETag"]) == (200, tag)


@pytest.mark.parametrize("expression", ["RAND()", "now()", "UUID()", "STRUUID()", "BNODE()"])
def test_what_may_come_out_otherwise_is_neither_kept_nor_taken_as_known(expression: str) -> None:
    app, query = served(), f"SELECT ({expression} AS ?x) WHERE {{}}"
    first = get(app, query)
    assert (first.headers["Exo-Onto-Cache"], first.headers["Cache-Control"]) == ("miss", "no-store")
    again = send(app, "GET", "/sparql", params={"query": query}, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.headers["Exo-Onto-Cache"]) == (200, "miss")


# --- What is kept


def test_an_answer_is_kept_and_counted() -> None:
    desk = Desk(Settings())
    app = application(desk, Settings())
    first, second = get(app, TABLE), get(app, TABLE)
    assert [reply.headers["Exo-Onto-Cache"] for reply in (first, second)] == ["miss", "hit"]
    assert first.content == second.content
    told = [
        {name: value for name, value in reply.headers.items() if name != "exo-onto-cache"} for reply in (first, second)
    ]
    assert told[0] == told[1]
    assert told[0]["cache-control"] == "public, no-cache"
    assert len(desk.asked) == 1
    assert (metric(app, "exo_onto_cache_hits_total"), metric(app, "exo_onto_cache_misses_total")) == (1, 1)
    assert metric(app, "exo_onto_cache_bytes") > len(first.content)


def test_an_answer_by_post_is_the_same_as_by_get() -> None:
    app = served()
    assert kept(app, TABLE) == "miss"
    assert send(app, "POST", "/sparql", data={"query": TABLE}).headers["Exo-Onto-Cache"] == "hit"
    assert send(app, "HEAD", "/sparql", params={"query": TABLE}).headers["Exo-Onto-Cache"] == "hit"


def test_nothing_is_kept_where_there_is_no_room() -> None:
    for room in (0, 500, 2_000):
        app = served(Settings(cache_bytes=room))
        assert [kept(app, TABLE) for _ in range(3)] == ["miss"] * 3
        assert metric(app, "exo_onto_cache_bytes") == 0


def test_an_answer_that_would_fill_the_room_is_not_kept() -> None:
    app = served(Settings(cache_bytes=16_000))
    large = f"SELECT ('{'x' * 2_000}' AS ?x) WHERE {{}}"
    assert [kept(app, large), kept(app, large)] == ["miss"] * 2
    for number in range(20):
        assert kept(app, f"SELECT ({number} AS ?x) WHERE {{}}") == "miss"
    assert 0 < metric(app, "exo_onto_cache_bytes") <= 16_000


def test_a_long_query_takes_no_room_beside_its_answer() -> None:
    app = served(Settings(cache_bytes=16_000))
    long = f"ASK {{ FILTER ('{'x' * 50_000}' != '') }}"
    assert [kept(app, long), kept(app, long)] == ["miss", "hit"]


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("SELECT * WHERE { ?s ?p ?o }", "SELECT *\n\tWHERE   { # all of it\n ?s ?p ?o }# end", True),
        ("ASK { FILTER (?a < ?b) }", "ASK{FILTER(?a  <  ?b)}", True),
        ("SELECT ('a b' AS ?x) WHERE {}", "SELECT ('a  b' AS ?x) WHERE {}", False),
        ("SELECT ('# a' AS ?x) WHERE {}", "SELECT ('# b' AS ?x) WHERE {}", False),
        ("SELECT ('a' AS ?x) WHERE {}", 'SELECT ("a" AS ?x) WHERE {}', False),
        ("SELECT ('a' AS ?x) WHERE {}", "SELECT ('A' AS ?x) WHERE {}", False),
        ("ASK { <http://ex/a#b> ?p ?o }", "ASK { <http://ex/a#c> ?p ?o }", False),
        ("SELECT ?s WHERE { ?s ?p ?o }", "SELECT ?o WHERE { ?s ?p ?o }", False),
    ],
)
def test_comments_and_blanks_make_no_difference_but_strings_do(first: str, second: str, same: bool) -> None:  # noqa: FBT001  a case
    app = served()
    assert kept(app, first) == "miss"
    assert kept(app, second) == ("hit" if same else "miss")


def test_a_blank_within_a_number_makes_two_of_it() -> None:
    app = served()
    rows = [get(app, f"SELECT * WHERE {{ VALUES ?x {{ {data} }} }}", format="csv").text for data in ("1.5", "1 .5")]
    assert rows == ["x\r\n1.5\r\n", "x\r\n1\r\n0.5\r\n"]


def test_an_answer_is_kept_for_its_graphs_and_its_format() -> None:
    app = served()
    asked = [
        {},
        {"default-graph-uri": EX + "a"},
        {"default-graph-uri": EX + "b"},
        {"named-graph-uri": EX + "a"},
        {"format": "csv"},
        {"format": "xml"},
    ]
    assert [kept(app, TABLE, **each) for each in asked] == ["miss"] * 6
    assert [kept(app, TABLE, **each) for each in asked] == ["hit"] * 6
    assert get(app, TABLE, accept=CSV).headers["Exo-Onto-Cache"] == "hit"  # as by its name
    assert get(app, TABLE, accept=TSV).headers["Exo-Onto-Cache"] == "miss"
    assert kept(app, TABLE, timeout="5", download="") == "hit"


def test_another_snapshot_is_asked_anew() -> None:
    desk = Desk(Settings())
    app = application(desk, Settings())
    tag = get(app, TABLE).headers["ETag"]
    next_one = Description("http://test/sparql", "Next", "2", "77aa")
    desk.standing = Standing(prepare(desk.standing.dataset.store, next_one, default_graphs=[]))
    reply = send(app, "GET", "/sparql", params={"query": TABLE}, headers={"If-None-Match": tag})
    assert (reply.status_code, reply.headers["Exo-Onto-Cache"]) == (200, "miss")
    assert (reply.headers["Exo-Onto-Snapshot"], reply.json()["results"]["bindings"]) == ("77aa", [])


def test_what_was_kept_of_the_last_snapshot_is_let_go() -> None:
    def held() -> float:
        told = send(app, "GET", "/metrics").text
        return float(next(line.split()[1] for line in told.splitlines() if line.startswith("exo_onto_cache_bytes ")))

    desk = Desk(Settings())
    app = application(desk, Settings())
    for limit in range(1, 4):
        get(app, f"{TABLE} LIMIT {limit}")
    before = held()
    next_one = Description("http://test/sparql", "Next", "2", "77aa")
    desk.standing = Standing(prepare(desk.standing.dataset.store, next_one, default_graphs=[]))
    get(app, TABLE)
    assert 0 < held() < before / 2


def test_an_answer_of_another_snapshot_than_was_asked_for_is_not_kept() -> None:
    late = Answer(200, CSV, {**MARK, "Exo-Onto-Snapshot": "77aa"}, b"x\r\n", 0, 0)
    app = served(outcome=late)
    assert [kept(app, TABLE), kept(app, TABLE)] == ["miss", "miss"]


def test_a_refusal_is_not_kept() -> None:
    app = served()
    for _ in range(2):
        reply = get(app, "SELECT")
        assert failure(reply) == (400, "syntax")
        assert reply.headers["Exo-Onto-Cache"] == "miss"


# --- HEAD


@pytest.mark.parametrize("parameters", [{"query": TABLE}, {"query": "SELECT"}, {}, {"update": "CLEAR ALL"}])
def test_head_is_told_what_get_is(parameters: dict[str, str]) -> None:
    def told(method: str) -> tuple[int, dict[str, str], set[str]]:
        reply = send(served(), method, "/sparql", params=parameters, headers={"Accept-Encoding": "identity"})
        assert (reply.content == b"") == (method == "HEAD")
        varies = set(reply.headers.pop("Vary", "").split(", "))
        return reply.status_code, dict(reply.headers), varies

    assert told("HEAD") == told("GET")


# --- Parameters


@pytest.mark.parametrize(
    ("format", "table", "boolean", "graph"),
    [
        ("json", JSON, JSON, JSONLD),
        ("xml", XML, XML, RDFXML),
        ("csv", CSV, None, None),
        ("tsv", TSV, None, None),
        ("turtle", None, None, TURTLE),
        ("ntriples", None, None, NTRIPLES),
        ("nquads", None, None, NQUADS),
        ("trig", None, None, TRIG),
        ("rdfxml", None, None, RDFXML),
        ("jsonld", None, None, JSONLD),
        ("CSV", CSV, None, None),
        (XML, XML, XML, None),
        ("application/json", "application/json", "application/json", "application/json"),
    ],
)
def test_a_format_is_named_in_place_of_accept(
    format: str, table: str | None, boolean: str | None, graph: str | None
) -> None:
    app = served()
    for query, media_type in ((TABLE, table), (ASK, boolean), (TRIPLES, graph)):
        reply = get(app, query, accept="image/png", format=format)
        if media_type is None:
            assert failure(reply) == (406, "not-acceptable")
            assert json.loads(reply.content)["offered"]
        else:
            assert (reply.status_code, reply.headers["Content-Type"].partition(";")[0]) == (200, media_type)
            assert reply.content


def test_a_format_that_there_is_not_is_refused() -> None:
    app = served()
    assert failure(get(app, TABLE, format="pdf")) == (400, "bad-request")
    assert failure(get(app, TABLE, format="")) == (400, "bad-request")
    twice = send(app, "GET", "/sparql", params={"query": TABLE, "format": ["csv", "tsv"]})
    assert failure(twice) == (400, "bad-request")
    assert failure(get(app, format="csv")) == (406, "not-acceptable")


@pytest.mark.parametrize("seconds", ["0", "-1", "soon", "", "nan", "inf", "-inf", "1e999"])
def test_a_timeout_is_a_number_above_nothing(seconds: str) -> None:
    desk = Desk(Settings())
    assert failure(get(application(desk, Settings()), TABLE, timeout=seconds)) == (400, "bad-request")
    assert desk.asked == []


@pytest.mark.parametrize(("asked", "granted"), [({}, 20), ({"timeout": "3.5"}, 3.5), ({"timeout": "1e9"}, 20)])
def test_a_timeout_shortens_the_time_and_never_lengthens_it(asked: dict[str, str], granted: float) -> None:
    settings = Settings(timeout=20)
    desk = Desk(settings)
    assert get(application(desk, settings), TABLE, **asked).status_code == 200
    assert math.isclose(desk.seconds[0], granted, abs_tol=0.5)


@pytest.mark.parametrize(
    ("query", "format", "ending"),
    [
        (TABLE, "csv", "csv"),
        (TABLE, "json", "json"),
        (TABLE, XML, "xml"),
        (TRIPLES, "turtle", "ttl"),
        (TRIPLES, "jsonld", "jsonld"),
    ],
)
def test_a_download_names_the_file(query: str, format: str, ending: str) -> None:
    app = served()
    assert "Content-Disposition" not in get(app, query, format=format).headers
    for _ in range(2):  # also where the answer was kept for one that named none
        reply = get(app, query, format=format, download="")
        assert reply.headers["Content-Disposition"] == f'attachment; filename="exo-onto-3f2a.{ending}"'
    assert "Content-Disposition" not in get(app, query, format=format).headers
    assert "Content-Disposition" not in get(app, "SELECT", download="").headers


# --- What fails


@pytest.mark.parametrize(
    ("error", "expected", "wait"),
    [
        (BusyError(), (503, "busy"), "1"),
        (DeadlineError(), (504, "deadline"), None),
        (LostError(), (503, "worker-lost"), None),
        (PoolError("the secret cause"), (500, "failed"), None),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_the_desk_fails_at_is_told_in_a_problem_document(
    error: PoolError, expected: tuple[int, str], wait: str | None, method: str
) -> None:
    reply = send(served(outcome=error), method, "/sparql", params={"query": TABLE})
    assert (reply.status_code, reply.headers.get("Retry-After")) == (expected[0], wait)
    assert reply.headers["Exo-Onto-Snapshot"] == "3f2a"
    if method == "GET":
        assert failure(reply) == expected
        assert "secret" not in reply.text


def test_a_query_that_takes_too_long_is_told_so() -> None:
    quads = [Quad(A, A, Literal(number), A) for number in range(300)]
    slow = "ASK { ?a ?b ?c . ?d ?e ?f . FILTER (CONCAT(STR(?c), 'a') = CONCAT(STR(?f), 'b')) }"
    assert failure(get(served(quads=quads), slow, timeout="0.02")) == (504, "deadline")


def streamed(pieces: AsyncGenerator[bytes, None]) -> Answer:
    return Answer(200, "application/json", MARK, pieces, 0, 0)


async def whole() -> AsyncGenerator[bytes, None]:
    yield b"x\r\n"
    for _ in range(100):
        yield b"1\r\n" * 1_000


async def broken() -> AsyncGenerator[bytes, None]:
    yield b"x" * 100_000
    raise LostError("the secret cause")


async def stalled() -> AsyncGenerator[bytes, None]:
    yield b"x" * 100_000
    await asyncio.sleep(60)


def test_an_answer_that_comes_in_pieces_is_kept_once_it_was_whole() -> None:
    app = served(outcome=streamed(whole()))
    replies = [get(app, TABLE), get(app, TABLE)]
    assert [(reply.status_code, reply.text.count("\n")) for reply in replies] == [(200, 100_001)] * 2
    assert [reply.headers["Exo-Onto-Cache"] for reply in replies] == ["miss", "hit"]


@pytest.mark.parametrize("pieces", [whole, broken])
def test_pieces_that_are_too_many_or_break_off_are_not_kept(pieces: Callable[[], AsyncGenerator[bytes, None]]) -> None:
    app = served(Settings(cache_bytes=64 * 2**20 if pieces is broken else 10_000), outcome=streamed(pieces()))
    sent, _ = asyncio.run(messages(app, scope("/sparql", urlencode({"query": TABLE}))))
    assert len(sent) > 1
    assert metric(app, "exo_onto_cache_bytes") == 0


def test_head_ends_a_long_answer_at_once() -> None:
    closed: list[bool] = []

    async def endless() -> AsyncGenerator[bytes, None]:
        try:
            while True:
                yield b"x"
        finally:
            closed.append(True)

    reply = send(served(outcome=streamed(endless())), "HEAD", "/sparql", params={"query": TABLE})
    assert (reply.status_code, reply.content, closed) == (200, b"", [True])
    assert "Content-Length" not in reply.headers


@pytest.mark.parametrize("encoding", ["identity", "gzip", "br", "zstd"])
@pytest.mark.parametrize("pieces", [broken, stalled])
def test_an_answer_that_breaks_never_looks_whole(
    pieces: Callable[[], AsyncGenerator[bytes, None]], encoding: str
) -> None:
    app = served(Settings(timeout=0.2), outcome=streamed(pieces()))
    asked = scope("/sparql", urlencode({"query": TABLE}), accept_encoding=encoding)
    sent, error = asyncio.run(messages(app, asked))
    assert isinstance(error, BrokenError)
    assert sent[0]["status"] == 200
    assert all(message["more_body"] for message in sent[1:])
    headers = dict(sent[0]["headers"])
    assert b"content-length" not in headers
    assert headers.get(b"content-encoding", b"identity") == encoding.encode()


def test_a_client_that_leaves_is_not_waited_for() -> None:
    async def leave() -> tuple[list[str], list[Message]]:
        became: list[str] = []

        class Slow(Desk):
            async def ask(self, call: Call, *, client: str, deadline: float) -> Answer:
                try:
                    await asyncio.sleep(60)
                except asyncio.CancelledError:
                    became.append(f"{client} left {len(call.text)}")
                    raise
                raise AssertionError(deadline)

        sent: list[Message] = []

        async def take(message: Message) -> None:
            sent.append(message)

        async def gone() -> Message:
            return {"type": "http.disconnect"}

        app = application(Slow(Settings()), Settings())
        async with asyncio.timeout(5):
            await app(scope("/sparql", urlencode({"query": ASK})), gone, take)
        return became, sent

    assert asyncio.run(leave()) == ([f"127.0.0.1 left {len(ASK)}"], [])


def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    asked = scope("/sparql", method="POST", content_type="application/sparql-query")
    sent, _ = asyncio.run(messages(served(Settings(timeout=0.1)), asked))
    headers = dict(sent[0]["headers"])
    assert (sent[0]["status"], headers[b"connection"]) == (408, b"close")
    assert json.loads(sent[1]["body"])["type"].endswith("/slow")


def test_a_client_that_leaves_within_its_body_is_sent_nothing() -> None:
    async def leave() -> list[Message]:
        begun: Message = {"type": "http.request", "body": b"AS", "more_body": True}
        parts = iter([begun, {"type": "http.disconnect"}])
        sent: list[Message] = []

        async def come() -> Message:
            return next(parts)

        async def take(message: Message) -> None:
            sent.append(message)

        await served()(scope("/sparql", method="POST", content_type="application/sparql-query"), come, take)
        return sent

    assert asyncio.run(leave()) == []


# --- The service description and SERVICE


@pytest.mark.parametrize(("format", "media_type"), [("turtle", TURTLE), ("xml", RDFXML), ("jsonld", JSONLD)])
def test_the_service_is_described_in_each_format(format: str, media_type: str) -> None:
    reply = get(served(), format=format)
    assert (reply.status_code, reply.headers["Content-Type"].partition(";")[0]) == (200, media_type)
    assert reply.headers["ETag"] == f'W/"3f2a;{media_type}"'
    assert "Exo-Onto-Cache" not in reply.headers


def test_service_may_call_what_is_listed_alone() -> None:
    listed, query = "http://203.0.113.9/sparql", "ASK {{ SERVICE <{}> {{ ?s ?p ?o }} }}"
    desk = Desk(Settings(), PoolError())
    app = application(desk, Settings(services=(listed,)))
    assert failure(get(app, query.format("http://203.0.113.9/other"))) == (403, "service")
    assert desk.asked == []
    assert failure(get(app, query.format(listed))) == (500, "failed")
    assert len(desk.asked) == 1
    assert failure(get(served(), query.format(listed))) == (403, "service")


def test_an_answer_of_service_is_not_kept() -> None:
    listed = "http://203.0.113.9/sparql"
    settings = Settings(services=(listed,))
    app = served(settings, outcome=Answer(200, CSV, MARK, b"x\r\n", 0, 0))
    query = f"SELECT * WHERE {{ SERVICE <{listed}> {{ ?s ?p ?x }} }}"
    assert [kept(app, query), kept(app, query)] == ["miss", "miss"]


def test_two_applications_do_not_share_what_they_keep() -> None:
    first, second = served(), served()
    assert (kept(first, TABLE), kept(second, TABLE)) == ("miss", "miss")


def test_a_query_is_known_by_its_digest() -> None:
    expected = sha256(b"ASK { ?s ?p ?o }").hexdigest()[:16]
    lines: list[str] = []
    settings = Settings(access_log=True)
    app = application(Desk(settings), settings, log=lines.append)
    for text in (ASK, "ASK  {?s ?p ?o} # again"):
        assert isinstance(get(app, text), httpx.Response)
    assert [json.loads(line)["query"] for line in lines] == [expected, expected]
