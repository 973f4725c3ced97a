"""protocol: SPARQL 1.1 Protocol without sockets, request in, `Reply` out; pure.

    Request -> which operation? -> which dataset? -> guard -> evaluate -> which format? -> Reply

Queries come by GET, by POST of a form and by POST of the query itself; a GET without one is answered by the service
description. Updates are refused. Whatever goes wrong is a problem document (RFC 9457), one of the `Problem`s below.

What a `Reply` writes, it writes while the query runs. The results of the store belong to the thread that asked for
them (used in another one they end the process), so call `answer` and `Reply.write` in one and the same thread.

Sources: SPARQL 1.1 Protocol, section 2; SPARQL 1.1 Service Description; SPARQL 1.1 Query Language, section 13.
"""

import io
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import IO, Final, Protocol, TypeVar, cast
from urllib.parse import parse_qsl

import mimeparse
from pyoxigraph import (
    NamedNode,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
)

from exo_onto import guard, syntax
from exo_onto.dataset import Dataset, Results, described, evaluate
from exo_onto.guard import Danger
from exo_onto.scope import Scope, UnclearScopeError, own_scope
from exo_onto.triplestore import RefusedError, StoreError

METHODS: Final = ("GET", "HEAD", "POST", "OPTIONS")
MAX_BODY: Final = guard.LIMITS.size
"""How many bytes of a body are read."""

SNAPSHOT_HEADER: Final = "Exo-Onto-Snapshot"

_FORM: Final = "application/x-www-form-urlencoded"
_QUERY: Final = "application/sparql-query"
_UPDATE: Final = "application/sparql-update"
_MAX_HEADER: Final = 2_000  # parsing a media type takes quadratic time
_MAX_PARAMETERS: Final = 100
_Format = TypeVar("_Format")

# The first of each is the default.
_SOLUTIONS: Final[Mapping[str, QueryResultsFormat]] = {
    "application/sparql-results+json": QueryResultsFormat.JSON,
    "application/sparql-results+xml": QueryResultsFormat.XML,
    "text/csv": QueryResultsFormat.CSV,
    "text/tab-separated-values": QueryResultsFormat.TSV,
    "application/json": QueryResultsFormat.JSON,
    "application/xml": QueryResultsFormat.XML,
}
_BOOLEANS: Final = {name: format for name, format in _SOLUTIONS.items() if not name.startswith("text/")}
_GRAPHS: Final[Mapping[str, RdfFormat]] = {
    "text/turtle": RdfFormat.TURTLE,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "application/rdf+xml": RdfFormat.RDF_XML,
    "application/ld+json": RdfFormat.JSON_LD,
    "application/n-quads": RdfFormat.N_QUADS,
    "application/trig": RdfFormat.TRIG,
    "application/json": RdfFormat.JSON_LD,
    "application/xml": RdfFormat.RDF_XML,
}
_RESULT_FORMATS: Final = tuple(format.iri for formats in (_SOLUTIONS, _GRAPHS) for format in formats.values())


class Output(Protocol):
    """Where a reply is written to."""

    def write(self, chunk: bytes, /) -> int:
        """Take some bytes, and say how many."""

    def flush(self) -> None:
        """Hear that all has been written."""


@dataclass(frozen=True, slots=True)
class Request:
    """What came over the wire, undecoded: a method in capitals, what stands after `?`, headers by lower-case name."""

    method: str
    query_string: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes over the wire. A body that is no bytes is a function that writes it, once, in the thread that asked."""

    status: int
    media_type: str
    headers: Mapping[str, str]
    body: bytes | Callable[[Output], object]

    def write(self, output: Output) -> None:
        """Write the body. What the store raises meanwhile passes through: the answer is then not whole."""
        if isinstance(self.body, bytes):
            output.write(self.body)
        else:
            self.body(output)

    def read(self) -> bytes:
        """Give the whole body."""
        output = io.BytesIO()
        self.write(output)
        return output.getvalue()


@dataclass(frozen=True, slots=True)
class Problem:
    """A kind of failure that a client can tell apart: the end of its type IRI, its status, and its title."""

    name: str
    status: int
    title: str


PROBLEMS: Final = "https://w3id.org/exo-onto/problem/"
BAD_REQUEST: Final = Problem("bad-request", 400, "This is no query of the SPARQL 1.1 Protocol")
SYNTAX: Final = Problem("syntax", 400, "The query is not well-formed SPARQL 1.1")
UNSUPPORTED: Final = Problem("unsupported", 400, "The query asks for what this service has not")
TOO_DEEP: Final = Problem("too-deep", 400, "The query is nested too deeply, or too long a chain")
SERVICE: Final = Problem("service", 403, "Federated queries are refused")
READ_ONLY: Final = Problem("read-only", 403, "Updates are refused")
NOT_FOUND: Final = Problem("not-found", 404, "There is nothing here")
BAD_METHOD: Final = Problem("method", 405, "The method is not one of this resource's")
NOT_ACCEPTABLE: Final = Problem("not-acceptable", 406, "The answer comes in no format that the request accepts")
TOO_LARGE: Final = Problem("too-large", 413, "The query is too long")
BAD_MEDIA_TYPE: Final = Problem("media-type", 415, "A query is not posted in this media type")
UNANSWERED: Final = Problem("store", 502, "The store behind this service did not answer")
FAILED: Final = Problem("failed", 500, "The answer could not be given")

_DANGERS: Final = {
    Danger.SIZE: TOO_LARGE,
    Danger.DEPTH: TOO_DEEP,
    Danger.SERVICE: SERVICE,
    Danger.UNCLEAR: SYNTAX,
}


class _RefusalError(Exception):
    """Carries the reply that ends the handling of a request."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


@dataclass(frozen=True, slots=True)
class _Query:
    """A query as the protocol carries it. No scope: the query's own FROM counts, or else the service's dataset."""

    text: str
    scope: Scope | None


def answer(request: Request, dataset: Dataset) -> Reply:
    """Answer one request of the SPARQL 1.1 Protocol. Raises only what the store raises on its own failure."""
    try:
        reply = _answer(request, dataset)
    except _RefusalError as refusal:
        reply = refusal.reply
    headers = {**reply.headers, SNAPSHOT_HEADER: dataset.description.digest}
    return replace(reply, headers=headers, body=b"" if request.method == "HEAD" else reply.body)


def problem(kind: Problem, detail: str, *, headers: Mapping[str, str] | None = None, **members: object) -> Reply:
    """Put a failure in words: a problem document with the members that RFC 9457 names, and others."""
    document = {"type": PROBLEMS + kind.name, "title": kind.title, "status": kind.status, "detail": detail, **members}
    body = json.dumps(document, ensure_ascii=False).encode() + b"\n"
    return Reply(kind.status, "application/problem+json", headers or {}, body)


def _answer(request: Request, dataset: Dataset) -> Reply:
    allowed = {"Allow": ", ".join(METHODS)}
    if request.method == "OPTIONS":
        return Reply(204, "", allowed, b"")
    if request.method not in METHODS:
        raise _refusal(BAD_METHOD, f"Use one of {', '.join(METHODS)}.", headers=allowed)
    query = _query(request)
    if query is None:
        media_type = _negotiate(request, _GRAPHS)
        return _success(media_type, dataset, described(dataset, _GRAPHS[media_type], results=_RESULT_FORMATS))
    _inspect(query.text)
    return _reply(request, dataset, _evaluate(query, dataset))


# --- Which operation? (Protocol, 2.1)


def _query(request: Request) -> _Query | None:
    """Read the query operation out of a request. None: there is none, which on GET asks for the service description."""
    parameters = _parameters(_utf8(request.query_string))
    if request.method == "POST":
        parameters += _posted(request)
    values = {name: [value for key, value in parameters if key == name] for name, _ in parameters}
    if "update" in values:
        raise _refusal(READ_ONLY, "This endpoint is read-only: it takes no `update`.")
    scope = _protocol_scope(values)
    texts = values.get("query", [])
    if not texts and scope is None and request.method != "POST":
        return None
    if len(texts) != 1:
        raise _refusal(BAD_REQUEST, f"Exactly one `query` is needed; there are {len(texts)}.")
    return _Query(texts[0], scope)


def _parameters(encoded: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(encoded, keep_blank_values=True, errors="strict", max_num_fields=_MAX_PARAMETERS)
    except UnicodeDecodeError as error:
        raise _refusal(BAD_REQUEST, "The parameters are not percent-encoded UTF-8.") from error
    except ValueError as error:
        raise _refusal(BAD_REQUEST, f"More than {_MAX_PARAMETERS} parameters.") from error


def _posted(request: Request) -> list[tuple[str, str]]:
    if len(request.body) > MAX_BODY:
        raise _refusal(TOO_LARGE, f"More than {MAX_BODY:,} bytes are not read.")
    media_type, charset = _content_type(request)
    if media_type == _UPDATE:
        raise _refusal(READ_ONLY, "This endpoint is read-only: it takes no updates.")
    if media_type not in (_FORM, _QUERY):
        accepted = {"Accept-Post": f"{_FORM}, {_QUERY}"}
        raise _refusal(BAD_MEDIA_TYPE, f"Post a query as {_QUERY} or as {_FORM}.", headers=accepted)
    if charset != "utf-8":
        raise _refusal(BAD_MEDIA_TYPE, "Queries are read in UTF-8 only.")
    text = _utf8(request.body)
    return _parameters(text) if media_type == _FORM else [("query", text)]


def _content_type(request: Request) -> tuple[str, str]:
    """Give the media type and the character set of a body, in lower case. No such header: no type."""
    header = _header(request, "content-type", default="")
    try:
        kind, subtype, parameters = mimeparse.parse_mime_type(header)  # type: ignore[no-untyped-call]
    except mimeparse.MimeTypeParseException:
        return "", "utf-8"
    return f"{kind}/{subtype}".lower(), str(parameters.get("charset", "utf-8")).lower()


def _header(request: Request, name: str, *, default: str) -> str:
    value = request.headers.get(name, "").strip() or default
    if len(value) > _MAX_HEADER:
        raise _refusal(BAD_REQUEST, f"The header {name} is longer than {_MAX_HEADER:,} characters.")
    return value


def _utf8(encoded: bytes) -> str:
    try:
        return encoded.decode()
    except UnicodeDecodeError as error:
        raise _refusal(BAD_REQUEST, f"Byte {error.start + 1:,} is not UTF-8.") from error


# --- Which dataset? (Protocol, 2.1.4; Query Language, 13.2)


def _protocol_scope(values: Mapping[str, list[str]]) -> Scope | None:
    default = _graph_names(values.get("default-graph-uri", []))
    named = _graph_names(values.get("named-graph-uri", []))
    return Scope(default, named) if default or named else None


def _graph_names(names: Iterable[str]) -> tuple[NamedNode, ...]:
    try:
        return tuple(NamedNode(name) for name in dict.fromkeys(names))
    except ValueError as error:
        raise _refusal(BAD_REQUEST, f"A graph is named by an absolute IRI: {error}.") from error


# --- Is it safe? Then evaluate.


def _inspect(text: str) -> None:
    verdict = guard.inspect(text)
    if verdict.danger is None:
        return
    kind = _DANGERS[verdict.danger]
    if kind is TOO_LARGE:
        raise _refusal(kind, verdict.detail)
    shown = syntax.shown(text, verdict.line, verdict.column)
    detail = f"Line {verdict.line}, column {verdict.column}: {verdict.detail}\n{shown}"
    raise _refusal(kind, detail, line=verdict.line, column=verdict.column)


def _evaluate(query: _Query, dataset: Dataset) -> Results:
    try:
        scope = _scope(query, dataset)
        return evaluate(dataset.store, query.text, scope, base=dataset.description.endpoint)
    except SyntaxError as error:
        raise _syntax_refusal(query.text, str(error)) from error
    except StoreError as error:
        raise _refused_elsewhere(error) from error
    except RuntimeError as error:
        raise _refusal(UNSUPPORTED, f"{error}.") from error


def _refused_elsewhere(error: StoreError) -> _RefusalError:
    """Tell what became of a query that is put to a store elsewhere, without the address of that store."""
    if isinstance(error, RefusedError):
        return _refusal(UNSUPPORTED, f"The store behind this service refuses the query: {error.said or 'no reason'}.")
    return _refusal(UNANSWERED, "Try again later.")


def _scope(query: _Query, dataset: Dataset) -> Scope:
    """Choose the graphs: those of the protocol, else those of the query, else those of the service.

    What the protocol names wins over FROM (Protocol, 2.1.4).
    """
    try:
        own = own_scope(query.text, base=dataset.description.endpoint)
    except UnclearScopeError as error:
        raise _refusal(SYNTAX, str(error)) from error
    return query.scope or own or Scope(dataset.default_graphs, None)


# --- Which format?


def _reply(request: Request, dataset: Dataset, results: Results) -> Reply:
    if isinstance(results, QueryTriples):
        media_type = _negotiate(request, _GRAPHS)
        return _success(media_type, dataset, _writer(results.serialize, _GRAPHS[media_type]))
    offers = _SOLUTIONS if isinstance(results, QuerySolutions) else _BOOLEANS
    media_type = _negotiate(request, offers)
    return _success(media_type, dataset, _writer(results.serialize, offers[media_type]))


def _negotiate(request: Request, offers: Iterable[str]) -> str:
    """Choose the media type by the client's quality values, the first where it has no preference (RFC 9110, 12.5.1)."""
    names = list(offers)
    header = _header(request, "accept", default="*/*")
    try:
        # The library wants the best last.
        chosen = str(mimeparse.best_match(names[::-1], header.lower()))  # type: ignore[no-untyped-call]
    except mimeparse.MimeTypeParseException as error:
        raise _refusal(BAD_REQUEST, "The header accept is no list of media ranges.") from error
    if not chosen:
        raise _refusal(NOT_ACCEPTABLE, f"Offered are: {', '.join(names)}.", headers={"Vary": "Accept"}, offered=names)
    return chosen


def _writer(write: Callable[[IO[bytes], _Format], object], format: _Format) -> Callable[[Output], object]:
    # The store asks for a whole file, and calls `write` and `flush`.
    return lambda output: write(cast("IO[bytes]", output), format)


def _success(media_type: str, dataset: Dataset, body: bytes | Callable[[Output], object]) -> Reply:
    # Weak, since the order of rows may change; with the format, so that a cache does not take one for the other.
    headers = {"ETag": f'W/"{dataset.description.digest};{media_type}"', "Vary": "Accept"}
    return Reply(200, media_type, headers, body)


# --- What went wrong


def _refusal(
    kind: Problem, detail: str, *, headers: Mapping[str, str] | None = None, **members: object
) -> _RefusalError:
    return _RefusalError(problem(kind, detail, headers=headers, **members))


def _syntax_refusal(text: str, message: str) -> _RefusalError:
    """Say where the query is wrong, and what is wrong there where that is known."""
    found = syntax.complaint(text, message)
    return _refusal(SYNTAX, str(found), line=found.line, column=found.column)
