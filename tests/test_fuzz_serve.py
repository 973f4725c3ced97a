"""Random requests: whatever comes, the answer is one that /openapi.json tells of, and a refusal is a problem document."""

import asyncio
import json
import os
from typing import Any
from urllib.parse import urlencode

import pytest
import schemathesis
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from schemathesis import Case, SerializationContext
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from serving import ASK, TABLE, TRIPLES, failure, send, served
from starlette.types import ASGIApp, Message

from exo_onto import problems
from exo_onto.negotiation import SUFFIXES
from exo_onto.problems import PROBLEMS, Problem

FUZZ = int(os.environ.get("EXO_ONTO_FUZZ", "1"))
"""How many times the usual number of random requests is tried."""
APP = served()
DOCUMENT: dict[str, Any] = send(APP, "GET", "/openapi.json").json()
SCHEMA = schemathesis.openapi.from_asgi("/openapi.json", APP)
KINDS = set(DOCUMENT["components"]["schemas"]["Problem"]["properties"]["type"]["enum"])
CHECKS = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
ROUNDS = settings(
    max_examples=100 * FUZZ,
    deadline=None,
    derandomize=FUZZ == 1,
    suppress_health_check=list(HealthCheck),
    database=None,
)

# --- Queries, of which many are well-formed

WORDS = """
SELECT ASK CONSTRUCT DESCRIBE WHERE FROM NAMED GRAPH FILTER OPTIONAL UNION MINUS VALUES BIND AS ORDER BY LIMIT DISTINCT
SERVICE INSERT DATA COUNT NOW() RAND() ?s ?p ?o * <http://ex/s> <a> ex:a a 1 1.5 .5 'x' \" ' \'\'\' \\ é \U0001f9ec
{ } ( ) [ ] . ; , / | ^ + = < && ! #
"""
SOME = st.sampled_from([*WORDS.split(), "\n", "\0"])
QUERIES = st.one_of(
    st.sampled_from(
        [TABLE, ASK, TRIPLES, "DESCRIBE <http://ex/s>", "SELECT (1/0 AS ?x) {}", "ASK { SERVICE <x> {} }", "CLEAR ALL"]
    ),
    st.lists(SOME, max_size=15).map(" ".join),
    st.lists(SOME, max_size=12).map(lambda words: f"SELECT * {{ ?s ?p ?o . {' '.join(words)} }}"),
    st.text(max_size=30),
)


# --- Requests that the document tells of


@schemathesis.serializer("application/sparql-query")
def written(_: SerializationContext, value: object) -> bytes:
    """Write a body that is the query itself."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


@SCHEMA.parametrize()
@ROUNDS
def test_an_answer_is_as_the_document_says(case: Case[Any]) -> None:
    assert_conforms(case)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_answer_to_a_query_is_too(method: str) -> None:
    @ROUNDS
    @given(SCHEMA["/sparql"][method].as_strategy(), QUERIES)
    def asked(case: Case[Any], query: str) -> None:
        if method == "GET":
            case.query = {**case.query, "query": query}
        else:
            case.body = {**case.body, "query": query} if isinstance(case.body, dict) else query
        assert_conforms(case)

    asked()


def assert_conforms(case: Case[Any]) -> None:
    """Send a request. Of all failures, only a deadline is to be had: by asking for a short time."""
    response = case.call_and_validate(checks=CHECKS)
    assert response.status_code < 500 or response.status_code == 504


# --- Requests of any kind

PATHS = [*DOCUMENT["paths"], "/sparql/", "/nowhere", "/data/", "//", "/sparql/../data", "/é", "/%00"]
METHODS = ["GET", "GET", "GET", "HEAD", "POST", "POST", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "QUERY"]
IRIS = st.one_of(
    st.sampled_from(["http://ex/a", "http://ex/c", "relative", "", "http://ex/a b", "é"]), st.text(max_size=8)
)
PARAMETERS = st.one_of(
    st.tuples(st.just("query"), QUERIES),
    st.tuples(st.sampled_from(["default-graph-uri", "named-graph-uri", "graph", "default"]), IRIS),
    st.tuples(st.just("format"), st.one_of(st.sampled_from(["json", "csv", "turtle", *SUFFIXES]), st.text(max_size=5))),
    st.tuples(st.just("timeout"), st.one_of(st.floats().map(str), st.text(max_size=4))),
    st.tuples(st.sampled_from(["download", "update"]), st.text(max_size=3)),
    st.tuples(st.text(max_size=4), st.text(max_size=4)),
)
ENCODED = st.one_of(
    st.lists(PARAMETERS, max_size=4).map(lambda pairs: urlencode(pairs, errors="replace").encode()),
    st.lists(st.sampled_from([b"query=", b"ASK%7B%7D", b"%", b"%ff", b"&", b"=", b"+", b"\xff", b";"])).map(b"".join),
    st.binary(max_size=30),
)
RANGES = st.lists(
    st.one_of(
        st.sampled_from([*SUFFIXES, "*/*", "text/*", "text/html", "*", "/", ";", "a/b/c", "é/b"]).flatmap(
            lambda name: st.sampled_from(["", ";q=0", ";q=0.5", ";q=1", ";q=x", ";q=", ";q", ';a="b', ";q=nan"]).map(
                lambda quality: name + quality
            )
        ),
        st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=8),
    ),
    max_size=4,
).map(",".join)
TAGS = st.sampled_from(["*", 'W/"3f2a;text/csv"', 'W/"3f2a;application/sparql-results+json"', '"', ",,", 'W/"3f2a;'])
HEADERS = st.lists(
    st.one_of(
        st.tuples(st.just("accept"), RANGES),
        st.tuples(
            st.just("content-type"),
            st.one_of(st.sampled_from(["application/sparql-query", "application/x-www-form-urlencoded"]), RANGES),
        ),
        st.tuples(
            st.just("accept-encoding"), st.sampled_from(["gzip", "br", "zstd", "*", "gzip;q=0", "gzip;q=x", ";", "é"])
        ),
        st.tuples(st.just("if-none-match"), TAGS),
        st.tuples(st.sampled_from(["origin", "content-length", "host", "x-forwarded-for", "range"]), RANGES),
    ),
    max_size=4,
)


async def answered(app: ASGIApp, asked: dict[str, Any], parts: list[bytes]) -> list[Message]:
    """Send a request as a server does, its body in parts; give the messages of the answer."""
    sent: list[Message] = []
    left = list(parts)

    async def receive() -> Message:
        if not left:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}

    async def take(message: Message) -> None:
        sent.append(message)

    async with asyncio.timeout(10):
        await app(asked, receive, take)
    return sent


@settings(ROUNDS, max_examples=600 * FUZZ)
@given(st.sampled_from(METHODS), st.sampled_from(PATHS), ENCODED, HEADERS, st.one_of(QUERIES.map(str.encode), ENCODED))
@example("GET", "/sparql", b"query=ASK%7B%7D", [("accept", "text/csv;q=nan")], b"")
def test_any_request_is_answered(
    method: str, path: str, query_string: bytes, headers: list[tuple[str, str]], body: bytes
) -> None:
    asked = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query_string,
        "headers": [(name.encode(), value.encode("latin-1", "replace")) for name, value in headers],
        "client": ("127.0.0.1", 1234),
        "server": ("test", 80),
        "scheme": "http",
        "http_version": "1.1",
    }
    begin, *rest = asyncio.run(answered(APP, asked, [body[:5], body[5:]]))
    told = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in begin["headers"]}
    assert [message.get("more_body", False) for message in rest] == [True] * (len(rest) - 1) + [False]
    assert begin["status"] in allowed(path, method)
    page = told.get("content-type", "").startswith("text/html")
    assert not page or any(name == "accept" and "text/" in value for name, value in headers)
    if begin["status"] >= 400 and method != "HEAD" and not page and "content-encoding" not in told:
        document = json.loads(b"".join(message["body"] for message in rest))
        assert told["content-type"] == "application/problem+json"
        assert document["type"] in KINDS
        assert document["status"] == begin["status"]
        assert "Traceback" not in document["detail"]
    if begin["status"] != 307:
        assert told["x-content-type-options"] == "nosniff"


def allowed(path: str, method: str) -> set[int]:
    """Give the statuses that an answer may have, by the document: of failures, only that the time was too short."""
    path = "/sparql" if path == "/sparql/" else path
    known = DOCUMENT["paths"].get(path, {})
    said = known.get("get" if method == "HEAD" else method.lower())
    if said is None:
        preflight = {204} if path in ("/sparql", "/data") and method == "OPTIONS" else {405}
        return preflight if known else {404, 307}
    return {int(status) for status in said["responses"] if status < "500" or status == "504"}


def test_the_document_tells_of_every_address_and_every_kind_of_problem() -> None:
    assert DOCUMENT["openapi"].startswith("3.1")
    assert DOCUMENT["info"]["version"] == "1.2.3"
    assert DOCUMENT["servers"] == [{"url": "http://test"}]
    pages = {"/", "/sparql", "/data", "/.well-known/void", "/healthz", "/readyz", "/metrics", "/openapi.json"}
    assert set(DOCUMENT["paths"]) == pages
    assert {PROBLEMS + each.name for each in vars(problems).values() if isinstance(each, Problem)} == KINDS


@pytest.mark.parametrize("path", DOCUMENT["paths"])
def test_the_document_tells_of_no_address_that_there_is_not(path: str) -> None:
    for method in DOCUMENT["paths"][path]:
        assert send(APP, method.upper(), path, data={"query": ASK} if method == "post" else None).status_code == 200


def test_an_address_is_taken_as_it_is_written() -> None:
    reply = send(APP, "GET", "/healthz/", headers={"Host": "elsewhere.example"})
    assert failure(reply) == (404, "not-found")
