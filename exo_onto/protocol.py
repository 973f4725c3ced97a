"""protocol: SPARQL 1.1 Protocol without sockets, request in, `Reply` out; pure.

    understand:  Request -> which operation? -> which dataset? -> guard -> which formats? -> Call
    perform:     Call -> evaluate -> Reply

The two need not happen in one process. Queries come by GET, by POST of a form and by POST of the query itself; a GET
without one asks for the service description. Updates are refused. Whatever goes wrong is one of `problems`.

What a `Reply` writes, it writes while the query runs. The results of the store belong to the thread that asked for
them (used in another one they end the process), so call `perform` and `Reply.write` in one and the same thread.

Sources: SPARQL 1.1 Protocol, section 2; SPARQL 1.1 Service Description; SPARQL 1.1 Query Language, section 13.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import IO, Final, TypeVar, cast
from urllib.parse import parse_qsl

import mimeparse
from pyoxigraph import (
    NamedNode,
    QuerySolutions,
    QueryTriples,
    Triple,
    serialize,
)

from exo_onto import guard, syntax
from exo_onto.dataset import Dataset, RefusedError, Results, StoreError, evaluate
from exo_onto.guard import Danger
from exo_onto.negotiation import BOOLEANS, GRAPHS, MAX_HEADER, NAMED, SOLUTIONS, Choice, chosen, negotiate, tag
from exo_onto.problems import (
    BAD_MEDIA_TYPE,
    BAD_METHOD,
    BAD_REQUEST,
    READ_ONLY,
    SERVICE,
    SYNTAX,
    TOO_COMPLEX,
    TOO_DEEP,
    TOO_LARGE,
    UNANSWERED,
    UNSUPPORTED,
    Output,
    RefusalError,
    Reply,
    refusal,
    syntax_refusal,
)
from exo_onto.scope import Scope, UnclearScopeError, own_scope
from exo_onto.vocabulary import GRAPH_JUSTIFICATIONS

METHODS: Final = ("GET", "HEAD", "POST", "OPTIONS")
MAX_BODY: Final = guard.LIMITS.size
"""How many bytes of a body are read."""

SNAPSHOT_HEADER: Final = "Exo-Onto-Snapshot"
VERSION_HEADER: Final = "Exo-Onto-Version"

_PREFLIGHT: Final = {
    "Access-Control-Allow-Methods": ", ".join(METHODS),
    "Access-Control-Allow-Headers": "Accept, Content-Type, If-None-Match",
    "Access-Control-Max-Age": "86400",
}
"""What a browser is told before it lets a page ask (Fetch standard, CORS protocol)."""
_FORM: Final = "application/x-www-form-urlencoded"
_QUERY: Final = "application/sparql-query"
_UPDATE: Final = "application/sparql-update"
_MAX_PARAMETERS: Final = 100
_Format = TypeVar("_Format")


@dataclass(frozen=True, slots=True)
class Request:
    """What came over the wire, undecoded: a method in capitals, what stands after `?`, headers by lower-case name."""

    method: str
    query_string: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Call:
    """A query that is safe to parse, the graphs that the protocol names for it, and the formats of its answer.

    No scope: the query's own FROM counts, or else the service's dataset. `timeout` is in seconds; None: the service's.
    `canonical` is the text without comments and needless blanks. `download`: a file name is suggested.
    """

    text: str
    scope: Scope | None
    choice: Choice
    canonical: str = ""
    timeout: float | None = None
    download: bool = False

    def encoded(self) -> bytes:
        """Write what `perform` needs as JSON."""
        names = self.scope and [
            [graph.value for graph in self.scope.default],
            self.scope.named and [graph.value for graph in self.scope.named],
        ]
        return json.dumps([self.text, names, [self.choice.solutions, self.choice.boolean, self.choice.graph]]).encode()

    @staticmethod
    def decoded(content: bytes) -> "Call":
        """Read what `encoded` wrote."""
        text, names, choice = json.loads(content)
        default, named = names or ((), None)
        graphs = Scope(tuple(map(NamedNode, default)), None if named is None else tuple(map(NamedNode, named)))
        return Call(text, graphs if names else None, Choice(*choice))


@dataclass(frozen=True, slots=True)
class Describe:
    """Asks for the service description, in a format."""

    media_type: str


_MEMORABLE: Final = 4_000
"""Up to how many characters a query's text is remembered as safe."""
_DANGERS: Final = {
    Danger.SIZE: TOO_LARGE,
    Danger.DEPTH: TOO_DEEP,
    Danger.PARTS: TOO_COMPLEX,
    Danger.SERVICE: SERVICE,
    Danger.UNCLEAR: SYNTAX,
}


class TooManyError(Exception):
    """A graph has more triples than were asked for at the most."""


def understand(request: Request, *, allowed: frozenset[str] = frozenset()) -> Call | Describe | Reply:
    """Read a request of the SPARQL 1.1 Protocol: what it asks for, or the reply that refuses it. Never raises.

    `allowed` are the addresses that a query may call by SERVICE.
    """
    accept = request.headers.get("accept", "")
    if request.method in ("GET", "HEAD") and len(request.query_string) <= _MEMORABLE and len(accept) <= MAX_HEADER:
        return _remembered(request.query_string, accept, allowed)  # of which it is all that counts
    return _understood(request, allowed)


@lru_cache(maxsize=4096)
def _remembered(query_string: bytes, accept: str, allowed: frozenset[str]) -> Call | Describe | Reply:
    return _understood(Request("GET", query_string, {"accept": accept}), allowed)


def _understood(request: Request, allowed: frozenset[str]) -> Call | Describe | Reply:
    try:
        return _understand(request, allowed)
    except RefusalError as refused:
        return refused.reply


def perform(call: Call, dataset: Dataset, *, most: int | None = None) -> Reply:
    """Evaluate a call. What the reply writes raises TooManyError for a graph of more than `most` triples.

    Raises what the store raises on its own failure.
    """
    try:
        return _of(_reply(call, dataset, _evaluate(call, dataset), most), dataset)
    except RefusalError as refused:
        return _of(refused.reply, dataset)


def _of(reply: Reply, dataset: Dataset) -> Reply:
    """Name the snapshot in a reply."""
    said = dataset.description
    return replace(reply, headers={**reply.headers, SNAPSHOT_HEADER: said.digest, VERSION_HEADER: said.version})


def _understand(request: Request, allowed: frozenset[str]) -> Call | Describe | Reply:
    methods = {"Allow": ", ".join(METHODS)}
    if request.method == "OPTIONS":
        return Reply(204, "", {**methods, **_PREFLIGHT}, b"")
    if request.method not in METHODS:
        raise refusal(BAD_METHOD, f"Use one of {', '.join(METHODS)}.", headers=methods)
    values = _values(request)
    if "update" in values:
        raise refusal(READ_ONLY, "This endpoint is read-only: it takes no `update`.")
    scope, texts, choice = _protocol_scope(values), values.get("query", []), _choice(request, values)
    if not texts and scope is None and request.method != "POST":
        return Describe(chosen(choice.graph, GRAPHS))
    if len(texts) != 1:
        raise refusal(BAD_REQUEST, f"Exactly one `query` is needed; there are {len(texts)}.")
    canonical = _inspect(texts[0], allowed)
    return Call(texts[0], scope, choice, canonical, _timeout(values), "download" in values)


# --- Which operation? (Protocol, 2.1)


def _values(request: Request) -> dict[str, list[str]]:
    """Read the parameters of a request, decoded once, in the order in which they came."""
    parameters = _parameters(_utf8(request.query_string))
    if request.method == "POST":
        parameters += _posted(request)
    values: dict[str, list[str]] = {}
    for name, value in parameters:
        values.setdefault(name, []).append(value)
    return values


def _single(values: Mapping[str, list[str]], name: str) -> str | None:
    given = values.get(name, [])
    if len(given) > 1:
        raise refusal(BAD_REQUEST, f"`{name}` is given {len(given)} times.")
    return given[0] if given else None


def _timeout(values: Mapping[str, list[str]]) -> float | None:
    given = _single(values, "timeout")
    if given is None:
        return None
    try:
        seconds = float(given)
    except ValueError:
        seconds = 0
    if not 0 < seconds < float("inf"):
        raise refusal(BAD_REQUEST, "`timeout` is a number of seconds above 0.")
    return seconds


def _parameters(encoded: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(encoded, keep_blank_values=True, errors="strict", max_num_fields=_MAX_PARAMETERS)
    except UnicodeDecodeError as error:
        raise refusal(BAD_REQUEST, "The parameters are not percent-encoded UTF-8.") from error
    except ValueError as error:
        raise refusal(BAD_REQUEST, f"More than {_MAX_PARAMETERS} parameters.") from error


def _posted(request: Request) -> list[tuple[str, str]]:
    if len(request.body) > MAX_BODY:
        raise refusal(TOO_LARGE, f"More than {MAX_BODY:,} bytes are not read.")
    media_type, charset = _content_type(request)
    if media_type == _UPDATE:
        raise refusal(READ_ONLY, "This endpoint is read-only: it takes no updates.")
    if media_type not in (_FORM, _QUERY):
        accepted = {"Accept-Post": f"{_FORM}, {_QUERY}"}
        raise refusal(BAD_MEDIA_TYPE, f"Post a query as {_QUERY} or as {_FORM}.", headers=accepted)
    if charset != "utf-8":
        raise refusal(BAD_MEDIA_TYPE, "Queries are read in UTF-8 only.")
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
    if len(value) > MAX_HEADER:
        raise refusal(BAD_REQUEST, f"The header {name} is longer than {MAX_HEADER:,} characters.")
    return value


def _utf8(encoded: bytes) -> str:
    try:
        return encoded.decode()
    except UnicodeDecodeError as error:
        raise refusal(BAD_REQUEST, f"Byte {error.start + 1:,} is not UTF-8.") from error


# --- Which dataset? (Protocol, 2.1.4; Query Language, 13.2)


def _protocol_scope(values: Mapping[str, list[str]]) -> Scope | None:
    default = _graph_names(values.get("default-graph-uri", []))
    named = _graph_names(values.get("named-graph-uri", []))
    return Scope(default, named) if default or named else None


def _graph_names(names: Iterable[str]) -> tuple[NamedNode, ...]:
    try:
        return tuple(NamedNode(name) for name in dict.fromkeys(names))
    except ValueError as error:
        raise refusal(BAD_REQUEST, f"A graph is named by an absolute IRI: {error}.") from error


# --- Is it safe?


def _inspect(text: str, allowed: frozenset[str]) -> str:
    """Refuse what is not safe to parse; give the text without comments and needless blanks."""
    judge = _judged if len(text) <= _MEMORABLE else _judged.__wrapped__
    verdict, canonical = judge(text, allowed)
    if verdict.danger is None:
        return canonical
    kind = _DANGERS[verdict.danger]
    if kind is TOO_LARGE:
        raise refusal(kind, verdict.detail)
    shown = syntax.shown(text, verdict.line, verdict.column)
    detail = f"Line {verdict.line}, column {verdict.column}: {verdict.detail}\n{shown}"
    raise refusal(kind, detail, line=verdict.line, column=verdict.column)


@lru_cache(maxsize=4096)
def _judged(text: str, allowed: frozenset[str]) -> tuple[guard.Verdict, str]:
    verdict = guard.inspect(text, allowed=allowed)
    return verdict, _canonical(text) if verdict.safe else ""


def _canonical(text: str) -> str:
    """Put one blank between any two tokens; but none about a point where there was none, as it may be of a number."""
    pieces, end = list[str](), 0
    for token in guard.tokens(text):
        joined = token.start == end and "." in (token.text, *pieces[-1:])
        pieces += [token.text] if joined else [" ", token.text]
        end = token.start + len(token.text)
    return "".join(pieces).lstrip()


# --- Evaluate


def _evaluate(call: Call, dataset: Dataset) -> Results:
    base = dataset.description.endpoint
    try:
        scope = _scope(call, dataset)
        if dataset.united is not None and scope == Scope(dataset.default_graphs, None) and not _names_graphs(call.text):
            return dataset.united.query(call.text, base_iri=base, use_default_graph_as_union=True)
        ours = {*dataset.default_graphs, GRAPH_JUSTIFICATIONS}  # not those loaded beside
        disjoint = dataset.disjoint and set(scope.default) <= ours
        return evaluate(dataset.store, call.text, scope, base=base, disjoint=disjoint)
    except SyntaxError as error:
        raise syntax_refusal(call.text, str(error)) from error
    except StoreError as error:
        raise _refused_elsewhere(error) from error
    except RuntimeError as error:
        raise refusal(UNSUPPORTED, f"{error}.") from error


def _names_graphs(text: str) -> bool:
    """Tell whether a query may look into a graph by its name: it has the word GRAPH, or something that may be it."""
    return "graph" in text.casefold() or "\\" in text


def _refused_elsewhere(error: StoreError) -> RefusalError:
    """Tell what became of a query that is put to a store elsewhere, without the address of that store."""
    if isinstance(error, RefusedError):
        return refusal(UNSUPPORTED, f"The store behind this service refuses the query: {error.said or 'no reason'}.")
    return refusal(UNANSWERED, "Try again later.")


def _scope(query: Call, dataset: Dataset) -> Scope:
    """Choose the graphs: those of the protocol, else those of the query, else those of the service.

    What the protocol names wins over FROM (Protocol, 2.1.4).
    """
    try:
        own = own_scope(query.text, base=dataset.description.endpoint)
    except UnclearScopeError as error:
        raise refusal(SYNTAX, str(error)) from error
    return query.scope or own or Scope(dataset.default_graphs, None)


# --- Which format?


def _reply(call: Call, dataset: Dataset, results: Results, most: int | None) -> Reply:
    if isinstance(results, QueryTriples):
        media_type = chosen(call.choice.graph, GRAPHS)
        format = GRAPHS[media_type]
        if most is None:
            return _success(media_type, dataset, _writer(results.serialize, format))
        counted = _at_most(results, most)
        return _success(media_type, dataset, lambda output: serialize(counted, cast("IO[bytes]", output), format))
    tabular = isinstance(results, QuerySolutions)
    offers = SOLUTIONS if tabular else BOOLEANS
    media_type = chosen(call.choice.solutions if tabular else call.choice.boolean, offers)
    return _success(media_type, dataset, _writer(results.serialize, offers[media_type]))


def _at_most(triples: Iterable[Triple], most: int) -> Iterator[Triple]:
    for number, triple in enumerate(triples):
        if number >= most:
            raise TooManyError(f"The answer has more than {most:,} triples.")
        yield triple


def _choice(request: Request, values: Mapping[str, list[str]]) -> Choice:
    """Choose what each kind of answer would be written in: by `format`, else by the header Accept."""
    format = _single(values, "format")
    if format is None:
        return negotiate(_header(request, "accept", default="*/*").lower())
    wanted = NAMED.get(format.lower(), (format.lower(),))
    kinds = [next((name for name in wanted if name in offers), None) for offers in (SOLUTIONS, BOOLEANS, GRAPHS)]
    if not any(kinds):
        raise refusal(BAD_REQUEST, f"`format` is one of {', '.join(NAMED)}, or a media type that is offered.")
    return Choice(*kinds)


def _writer(write: Callable[[IO[bytes], _Format], object], format: _Format) -> Callable[[Output], object]:
    # The store asks for a whole file, and calls `write` and `flush`.
    return lambda output: write(cast("IO[bytes]", output), format)


def _success(media_type: str, dataset: Dataset, body: bytes | Callable[[Output], object]) -> Reply:
    return Reply(200, media_type, {"ETag": tag(dataset.description.digest, media_type), "Vary": "Accept"}, body)


# --- What went wrong
