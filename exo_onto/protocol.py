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
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import IO, Final, Protocol, TypeVar, cast
from urllib.parse import parse_qsl

import mimeparse
from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    Triple,
    serialize,
)

from exo_onto import guard
from exo_onto.guard import Danger

METHODS: Final = ("GET", "HEAD", "POST", "OPTIONS")
MAX_BODY: Final = guard.LIMITS.size
"""How many bytes of a body are read."""

SNAPSHOT_HEADER: Final = "Exo-Onto-Snapshot"

_FORM: Final = "application/x-www-form-urlencoded"
_QUERY: Final = "application/sparql-query"
_UPDATE: Final = "application/sparql-update"
_MAX_HEADER: Final = 2_000  # parsing a media type takes quadratic time
_MAX_PARAMETERS: Final = 100
_MAX_LINE: Final = 100
_Results = QuerySolutions | QueryBoolean | QueryTriples
_Format = TypeVar("_Format")
_Term = TypeVar("_Term")

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
class Description:
    """What the service description says that is not in the store. The endpoint, an IRI, is also the base of queries."""

    endpoint: str
    title: str
    version: str
    digest: str


@dataclass(frozen=True, slots=True)
class Graph:
    """A named graph and how many triples it holds."""

    name: NamedNode
    triples: int


@dataclass(frozen=True, slots=True)
class Dataset:
    """What is queried: where nothing else is asked for, the union of the default graphs, and each graph by its name."""

    store: Store
    default_graphs: tuple[NamedNode, ...]
    named_graphs: tuple[Graph, ...]
    description: Description
    triples: int


@dataclass(frozen=True, slots=True)
class Problem:
    """A kind of failure that a client can tell apart: the end of its type IRI, its status, and its title."""

    name: str
    status: int
    title: str


PROBLEMS: Final = "https://w3id.org/exo-onto/problem/"
BAD_REQUEST: Final = Problem("bad-request", 400, "This is no query of the SPARQL 1.1 Protocol")
SYNTAX: Final = Problem("syntax", 400, "The query is not well-formed SPARQL 1.1")
TOO_DEEP: Final = Problem("too-deep", 400, "The query is nested too deeply")
SERVICE: Final = Problem("service", 403, "Federated queries are refused")
READ_ONLY: Final = Problem("read-only", 403, "Updates are refused")
NOT_FOUND: Final = Problem("not-found", 404, "There is nothing here")
BAD_METHOD: Final = Problem("method", 405, "The method is not one of this resource's")
NOT_ACCEPTABLE: Final = Problem("not-acceptable", 406, "The answer comes in no format that the request accepts")
TOO_LARGE: Final = Problem("too-large", 413, "The query is too long")
BAD_MEDIA_TYPE: Final = Problem("media-type", 415, "A query is not posted in this media type")
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
class _Scope:
    """The graphs that make up a query's dataset. Named ones None: all."""

    default: tuple[NamedNode, ...]
    named: tuple[NamedNode, ...] | None


@dataclass(frozen=True, slots=True)
class _Query:
    """A query as the protocol carries it. No scope: the query's own FROM counts, or else the service's dataset."""

    text: str
    scope: _Scope | None


def prepare(store: Store, description: Description, *, default_graphs: Iterable[NamedNode]) -> Dataset:
    """Make a store ready to be asked, by counting what each of its graphs holds."""
    names = tuple(dict.fromkeys(default_graphs))
    graphs = tuple(Graph(name, _count(store, (name,))) for name in sorted(_all_names(store), key=str))
    return Dataset(store, names, graphs, description, _count(store, names))


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
        return _success(media_type, dataset, _serialized_description(dataset, _GRAPHS[media_type]))
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


def _protocol_scope(values: Mapping[str, list[str]]) -> _Scope | None:
    default = _graph_names(values.get("default-graph-uri", []))
    named = _graph_names(values.get("named-graph-uri", []))
    return _Scope(default, named) if default or named else None


def _graph_names(names: Iterable[str]) -> tuple[NamedNode, ...]:
    try:
        return tuple(NamedNode(name) for name in dict.fromkeys(names))
    except ValueError as error:
        raise _refusal(BAD_REQUEST, f"A graph is named by an absolute IRI: {error}.") from error


def _own_scope(text: str, *, base: str) -> _Scope | None:
    """Give the graphs that a query names by FROM and FROM NAMED. None: it names none.

    The store does not tell which these are, and heeds none of them once it is told of others.
    """
    head, default, named = _dataset_clauses(text)
    if not (default or named):
        return None
    try:
        return _Scope(_resolved(default, head, base=base), _resolved(named, head, base=base))
    except SyntaxError:
        return None  # the query will not parse either, and say better why


def _resolved(names: Iterable[str], head: str, *, base: str) -> tuple[NamedNode, ...]:
    """Give the IRIs that names have under a prologue, by asking for them under it."""
    wanted = f"{head} SELECT ?g WHERE {{ VALUES ?g {{ {' '.join(names)} }} }}"
    return tuple(dict.fromkeys(_column(Store(), wanted, NamedNode, base=base)))


def _dataset_clauses(text: str) -> tuple[str, list[str], list[str]]:
    """Split off the prologue, and the names after FROM and after FROM NAMED, as they are written.

    In a well-formed query these words stand nowhere else outside of brackets.
    """
    end, names, before = len(text), {"from": list[str](), "named": list[str]()}, ""
    for token in guard.tokens(text) if "from" in text.casefold() else ():
        if token.open:
            continue
        word = token.text.casefold() if token.kind == "word" else ""
        if word in {"select", "construct", "describe", "ask"}:
            end = min(end, token.start)
        if token.kind in {"iri", "name"} and before in names:
            names[before].append(token.text)
        elif _may_hide_from(token, before):
            raise _refusal(SYNTAX, "Put a blank before and after FROM and NAMED.")
        before = word
    return text[:end], names["from"], names["named"]


def _may_hide_from(token: guard.Token, before: str) -> bool:
    """Tell whether a parser that needs no blanks may read FROM in this: `ASKFROM<x>`, `FROM:x`."""
    text = token.text.casefold()
    if token.kind == "name":
        return before != "prefix" and text.partition(":")[0].endswith(("from", "named"))
    return token.kind == "word" and "from" in text and text != "from"


# --- Is it safe? Then evaluate.


def _inspect(text: str) -> None:
    verdict = guard.inspect(text)
    if verdict.danger is None:
        return
    kind = _DANGERS[verdict.danger]
    if kind is TOO_LARGE:
        raise _refusal(kind, verdict.detail)
    shown = _shown(text, verdict.line, verdict.column)
    detail = f"Line {verdict.line}, column {verdict.column}: {verdict.detail}\n{shown}"
    raise _refusal(kind, detail, line=verdict.line, column=verdict.column)


def _evaluate(query: _Query, dataset: Dataset) -> _Results:
    base = dataset.description.endpoint
    try:
        scope = _scope(query, dataset)
        store = dataset.store
        default: list[NamedNode | BlankNode | DefaultGraph] = [*scope.default]
        if _overlapping(store, scope.default):
            store, default = _merged(store, scope), [DefaultGraph()]
        named: list[NamedNode | BlankNode] | None = None if scope.named is None else [*scope.named]
        return store.query(query.text, base_iri=base, default_graph=default, named_graphs=named)
    except SyntaxError as error:
        raise _syntax_refusal(query.text, str(error)) from error


def _scope(query: _Query, dataset: Dataset) -> _Scope:
    """Choose the graphs: those of the protocol, else those of the query, else those of the service.

    What the protocol names wins over FROM (Protocol, 2.1.4).
    """
    return (
        query.scope or _own_scope(query.text, base=dataset.description.endpoint) or _Scope(dataset.default_graphs, None)
    )


@lru_cache(maxsize=64)
def _overlapping(store: Store, graphs: tuple[NamedNode, ...]) -> bool:
    """Tell whether two graphs share a triple. The store then gives it twice, where an RDF merge holds it once."""
    if len(graphs) <= 1:
        return False
    shared = "ASK { GRAPH ?a { ?s ?p ?o } GRAPH ?b { ?s ?p ?o } FILTER (?a != ?b) }"
    return bool(store.query(shared, named_graphs=[*graphs]))


@lru_cache(maxsize=4)
def _merged(store: Store, scope: _Scope) -> Store:
    """Copy the graphs of a scope into memory, the default ones as one."""
    merged = Store()
    for graph in store.named_graphs() if scope.named is None else scope.named:
        merged.bulk_extend(store.quads_for_pattern(None, None, None, graph))
    for name in scope.default:
        quads = store.quads_for_pattern(None, None, None, name)
        merged.bulk_extend(Quad(quad.subject, quad.predicate, quad.object) for quad in quads)
    return merged


# --- Which format?


def _reply(request: Request, dataset: Dataset, results: _Results) -> Reply:
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


# --- The service description


_SD: Final = "http://www.w3.org/ns/sparql-service-description#"
_VOID: Final = "http://rdfs.org/ns/void#"
_DCTERMS: Final = "http://purl.org/dc/terms/"
_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_OWL: Final = "http://www.w3.org/2002/07/owl#"
_A: Final = NamedNode(_RDF + "type")
_PREFIXES: Final = {"sd": _SD, "void": _VOID, "dcterms": _DCTERMS, "owl": _OWL}


def _serialized_description(dataset: Dataset, format: RdfFormat) -> bytes:
    prefixes = _PREFIXES if format.supports_datasets or format is RdfFormat.TURTLE else None
    return serialize(_described_service(dataset), format=format, prefixes=prefixes) or b""


def _described_service(dataset: Dataset) -> list[Triple]:
    endpoint, service, data = NamedNode(dataset.description.endpoint), BlankNode("service"), BlankNode("dataset")
    iris = dict.fromkeys(format.iri for formats in (_SOLUTIONS, _GRAPHS) for format in formats.values())
    # The store has an IRI for JSON-LD that the W3C's registry of formats has not.
    formats = (iri.replace("https://www.w3.org/ns/formats/data/", "http://www.w3.org/ns/formats/") for iri in iris)
    return [
        Triple(service, _A, _sd("Service")),
        Triple(service, _sd("endpoint"), endpoint),
        Triple(service, _sd("supportedLanguage"), _sd("SPARQL11Query")),
        *(Triple(service, _sd("resultFormat"), NamedNode(format)) for format in formats),
        *(Triple(service, _sd("feature"), feature) for feature in _features(dataset)),
        Triple(service, _sd("defaultDataset"), data),
        *_described_dataset(dataset, data),
    ]


def _features(dataset: Dataset) -> list[NamedNode]:
    """Name what the service does. The union is one only where no graph is left out of it."""
    whole = {graph.name for graph in dataset.named_graphs} <= set(dataset.default_graphs)
    return [_sd("UnionDefaultGraph")] if whole else []


def _described_dataset(dataset: Dataset, data: BlankNode) -> list[Triple]:
    default, said = BlankNode("default"), dataset.description
    triples = [
        Triple(data, _A, _sd("Dataset")),
        Triple(data, NamedNode(_DCTERMS + "title"), Literal(said.title)),
        Triple(data, NamedNode(_DCTERMS + "identifier"), Literal(said.digest)),
        Triple(data, NamedNode(_OWL + "versionInfo"), Literal(said.version)),
        Triple(data, _sd("defaultGraph"), default),
        *_described_graph(default, dataset.triples),
        *(Triple(default, NamedNode(_DCTERMS + "hasPart"), name) for name in dataset.default_graphs),
    ]
    for number, graph in enumerate(dataset.named_graphs):
        named, content = BlankNode(f"named{number}"), BlankNode(f"graph{number}")
        triples += [
            Triple(data, _sd("namedGraph"), named),
            Triple(named, _A, _sd("NamedGraph")),
            Triple(named, _sd("name"), graph.name),
            Triple(named, _sd("graph"), content),
            *_described_graph(content, graph.triples),
        ]
    return triples


def _described_graph(graph: BlankNode, triples: int) -> list[Triple]:
    return [Triple(graph, _A, _sd("Graph")), Triple(graph, NamedNode(_VOID + "triples"), Literal(triples))]


def _sd(name: str) -> NamedNode:
    return NamedNode(_SD + name)


# --- What went wrong


def _refusal(
    kind: Problem, detail: str, *, headers: Mapping[str, str] | None = None, **members: object
) -> _RefusalError:
    return _RefusalError(problem(kind, detail, headers=headers, **members))


def _syntax_refusal(text: str, message: str) -> _RefusalError:
    """Say where the parser stopped, and what it says of it in words."""
    found = re.match(r"error at (\d+):(\d+): expected (?:one of )?(.*)", message, re.DOTALL)
    if found is None:
        return _refusal(SYNTAX, message)
    expected = found[3]
    line, column = _position(text, int(found[1]), int(found[2]), expected=expected)
    reasons = re.findall(r"(?:^|, )([A-Za-z]+ [^,\[\"]*[^,\[\" ])", re.sub(r"\[[^\]]*\]", "", expected))
    reason = "; ".join(reasons) or "This is not expected here, or something before it is missing"
    detail = f"Line {line}, column {column}: {reason}.\n{_shown(text, line, column)}"
    return _refusal(SYNTAX, detail, line=line, column=column)


def _position(text: str, line: int, column: int, *, expected: str) -> tuple[int, int]:
    """Correct a position that the parser gives: where it looks for a keyword, it tells the end of what it compared."""
    offset = sum(len(each) + 1 for each in text.split("\n")[: line - 1]) + column - 1
    keywords = expected.split(", ")
    if all(re.fullmatch(r"[A-Z_]+", keyword) for keyword in keywords):
        offset -= max(map(len, keywords))
    before = text[: max(offset, 0)]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _shown(text: str, line: int, column: int) -> str:
    """Draw a line of a query with a caret below the column, and no more of it than fits."""
    start = max(0, column - 1 - _MAX_LINE // 2)
    shown = text.split("\n")[line - 1][start : start + _MAX_LINE].replace("\t", " ").rstrip("\r")
    return f"  {shown}\n  {' ' * (column - 1 - start)}^"


# --- The store


def _all_names(store: Store) -> list[NamedNode]:
    return [name for name in store.named_graphs() if isinstance(name, NamedNode)]


def _count(store: Store, graphs: tuple[NamedNode, ...]) -> int:
    """Count the triples of some graphs, one that stands in several only once."""
    unique = "SELECT DISTINCT ?s ?p ?o WHERE { ?s ?p ?o }" if _overlapping(store, graphs) else "?s ?p ?o"
    [number] = _column(store, f"SELECT (COUNT(*) AS ?n) WHERE {{ {unique} }}", Literal, default=graphs)
    return int(number.value)


def _column(
    store: Store, text: str, kind: type[_Term], *, base: str | None = None, default: tuple[NamedNode, ...] = ()
) -> list[_Term]:
    """Ask for one variable, and give what it is bound to."""
    rows = cast("QuerySolutions", store.query(text, base_iri=base, default_graph=[*default]))
    return [term for row in rows if isinstance(term := row[0], kind)]
