"""protocol: SPARQL 1.1 Protocol without sockets, a request in, what it asks for or the reply that refuses it out; pure.

    Request -> which operation? -> which dataset? -> guard -> which formats? -> Call

What becomes of a `Call`, `evaluation` says; the two need not happen in one process. Queries come by GET, by POST of a
form and by POST of the query itself; a GET without one asks for the service description. Updates are refused. Whatever
goes wrong is one of `problems`.

Sources: SPARQL 1.1 Protocol, section 2; SPARQL 1.1 Service Description; SPARQL 1.1 Query Language, section 13.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from hashlib import sha256
from typing import Final
from urllib.parse import parse_qsl

import mimeparse
from pyoxigraph import (
    NamedNode,
)

from exo_onto import guard, syntax
from exo_onto.dataset import Description
from exo_onto.guard import Danger
from exo_onto.negotiation import BOOLEANS, GRAPHS, MAX_HEADER, NAMED, SOLUTIONS, Choice, chosen, negotiate
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
    RefusalError,
    Reply,
    refusal,
)
from exo_onto.scope import Scope

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
_SHIFTING: Final = re.compile(r"\b(?:RAND|NOW|UUID|STRUUID|BNODE|SERVICE)\b", re.IGNORECASE)
"""What may come out otherwise the next time."""


@dataclass(frozen=True, slots=True)
class Request:
    """What came over the wire, undecoded: a method in capitals, what stands after `?`, headers by lower-case name."""

    method: str
    query_string: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
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

    @cached_property
    def digest(self) -> str:
        """What the log calls it: the beginning of a digest of its canonical text."""
        return sha256(self.canonical.encode("utf-8", "replace")).hexdigest()[:16]

    @cached_property
    def shifts(self) -> bool:
        """Whether it may come out otherwise the next time, over the same snapshot."""
        return _SHIFTING.search(self.canonical) is not None

    @cached_property
    def encoded(self) -> bytes:
        """What `perform` needs, as JSON."""
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


def of_snapshot(said: Description) -> dict[str, str]:
    """Give the headers that say which data an answer came from."""
    return {SNAPSHOT_HEADER: said.digest, VERSION_HEADER: said.version}


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


# --- Which format?


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
