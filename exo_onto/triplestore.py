"""triplestore: the address of a SPARQL 1.1 store in, a `TripleStore` that is asked like the embedded one out. Network.

`TripleStore.query` takes what pyoxigraph's `Store.query` takes and gives the same types, so that whoever asks need not
know which of the two it is. What a store says in its own way is put right here: booleans and labels of blank nodes.

The family of errors:

    StoreError          the store did not do what it was asked; one sentence says why
      +- RefusedError   it was reached, and refuses this query or update, in its own words
"""

import json
import os
import re
from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import httpx
from pyoxigraph import (
    BlankNode,
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    Variable,
    parse_query_results,
)

from exo_onto.dataset import Graphs, RefusedError, Results, StoreError, Term
from exo_onto.guard import tokens
from exo_onto.hidden import hides_a_path
from exo_onto.vocabulary import DEFAULT_GRAPHS, GRAPH_JUSTIFICATIONS, XSD_BOOLEAN

USER: Final = "EXO_ONTO_STORE_USER"
PASSWORD: Final = "EXO_ONTO_STORE_PASSWORD"  # noqa: S105  the name of a variable
"""The variables of the environment that hold the credentials; no command line does, as others can read it."""

GRAPHS: Final = (*DEFAULT_GRAPHS, GRAPH_JUSTIFICATIONS)
"""The graphs that a query may name where it says nothing of its dataset; FROM NAMED reaches any other."""

MOST_BYTES: Final = 1 << 30
"""How long an answer may be."""

_NO_GRAPH: Final = NamedNode("urn:exo-onto:no-graph")
"""Named where no graph is: a store that is told of none takes all."""
_TIMEOUT: Final = httpx.Timeout(600, connect=10)
_SHOWN: Final = 300
_JSON: Final = "application/sparql-results+json"
_N_TRIPLES: Final = "application/n-triples"
_CUT: Final = ("x-sparql-maxrows", "x-sparql-anytime")
"""The headers by which Virtuoso tells that it left rows out."""


@dataclass(frozen=True)
class Address:
    """Where a store takes queries, and where it takes updates."""

    query: str
    update: str


@dataclass(frozen=True)
class Credentials:
    """Who asks. Never shown."""

    user: str
    password: str

    def __repr__(self) -> str:
        """Show nothing of it."""
        return "Credentials(...)"


def address(query: str, update: str | None = None) -> Address:
    """Read the address of a store. Where none is given for updates, `/query` has its sibling `/update`; else the same.

    Raises StoreError for what is no http or https address, and for one that carries credentials.
    """
    for url in (query, *filter(None, (update,))):
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise StoreError(f"A store has an address such as http://127.0.0.1:7878/query; this is none: {_bare(url)}.")
        if parts.username is not None or parts.password is not None:
            raise StoreError(f"Put user and password into {USER} and {PASSWORD}, not into the address of the store.")
    if update is None:
        parts = urlsplit(query)
        path = parts.path.removesuffix("query") + "update" if parts.path.endswith("/query") else parts.path
        update = parts._replace(path=path).geturl()
    return Address(query, update)


def credentials(environment: Mapping[str, str] = os.environ) -> Credentials | None:
    """Read the credentials from the environment; None where there are none."""
    user = environment.get(USER)
    return Credentials(user, environment.get(PASSWORD, "")) if user else None


class TripleStore:
    """A store elsewhere. May be asked from several threads at once."""

    def __init__(self, where: Address, who: Credentials | None = None, *, most_bytes: int = MOST_BYTES) -> None:
        """Keep the address; nothing is sent yet."""
        self.address = where
        self._who = who
        self._most = most_bytes
        # The environment's proxies and .netrc are not asked: the address and the credentials are those given.
        self._client = httpx.Client(timeout=_TIMEOUT, trust_env=False, follow_redirects=False)

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def query(
        self,
        query: str,
        *,
        base_iri: str | None = None,
        default_graph: Graphs | None = None,
        named_graphs: list[NamedNode | BlankNode] | None = None,
        substitutions: dict[Variable, Term] | None = None,
    ) -> Results:
        """Put a query to some graphs of the store; without `default_graph` the store, or the query's FROM, chooses.

        Raises SyntaxError as the embedded store does, before anything is sent, and StoreError.
        """
        # Only the type is kept: results belong to the thread that asked, and an error would carry them into another.
        form = type(Store().query(query, base_iri=base_iri, substitutions=substitutions))
        text = _substituted(query, substitutions) if substitutions else query
        parameters = [
            ("query", f"BASE <{base_iri}> {text}" if base_iri else text),
            *_dataset(default_graph, named_graphs),
        ]
        if form is QueryTriples:
            return _graph(self._post(self.address.query, parameters, _N_TRIPLES))
        return _results(self._post(self.address.query, parameters, _JSON))

    def update(self, update: str) -> None:
        """Send an update: one or more operations in one request. Raises StoreError."""
        self._post(self.address.update, [("update", update)], "*/*")

    def named_graphs(self) -> Iterable[NamedNode]:
        """Give those of our graphs that hold anything."""
        names = " ".join(map(str, GRAPHS))
        found = self.query(f"SELECT ?g WHERE {{ VALUES ?g {{ {names} }} FILTER EXISTS {{ GRAPH ?g {{ ?s ?p ?o }} }} }}")
        rows = found if isinstance(found, QuerySolutions) else ()
        return [row[0] for row in rows if isinstance(row[0], NamedNode)]

    def _post(self, url: str, parameters: list[tuple[str, str]], accept: str) -> bytes:
        """Post a form, and give the body of what comes back with 200."""
        form: dict[str, list[str]] = {}
        for name, value in parameters:
            form.setdefault(name, []).append(value)
        try:
            reply, body = self._sent(url, form, accept)
        except httpx.TimeoutException as error:
            raise StoreError(f"The store at {url} did not answer in time.") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise StoreError(f"The store at {url} cannot be reached: {error}.") from error
        if not reply.is_success:
            raise _failure(url, reply, body)
        if reply.headers.get("server", "").startswith("Virtuoso") and hides_a_path(form.get("query", [""])[0]):
            said = "it finds nothing by a repeated path that starts at what EXISTS itself binds"
            raise RefusedError(f"The query cannot be put to the store at {url}, which is Virtuoso: {said}.", said)
        if any(name in reply.headers for name in _CUT):
            raise RefusedError(f"The store at {url} left out a part of the answer: raise its limit of rows or of time.")
        kind = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
        if accept != "*/*" and kind in {"text/html", "application/xhtml+xml"}:
            raise StoreError(f"{url} answers with a web page, not with SPARQL results: it is no SPARQL endpoint.")
        return body

    def _sent(self, url: str, form: dict[str, list[str]], accept: str) -> tuple[httpx.Response, bytes]:
        who = _Negotiated(self._who) if self._who else None
        body = bytearray()
        with self._client.stream("POST", url, data=form, headers={"Accept": accept}, auth=who) as reply:
            for chunk in reply.iter_bytes():
                body += chunk
                if len(body) > self._most:
                    raise StoreError(f"The store at {url} answers with more than {self._most:,} bytes.")
        return reply, bytes(body)


class _Negotiated(httpx.Auth):
    """Sends the password only when asked for it, and by Digest where the store offers that."""

    def __init__(self, who: Credentials) -> None:
        self._who = who

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        reply = yield request
        if reply.status_code != httpx.codes.UNAUTHORIZED:
            return
        asked = reply.headers.get("www-authenticate", "")
        if re.match(r"\s*digest\b", asked, re.IGNORECASE):
            digest = httpx.DigestAuth(self._who.user, self._who.password)
            flow = digest.auth_flow(request)
            next(flow)
            yield flow.send(reply)
        else:
            yield next(httpx.BasicAuth(self._who.user, self._who.password).auth_flow(request))


def _bare(url: str) -> str:
    """Write an address without whatever stands before an @, which may be a password."""
    return url.rpartition("@")[2] or "an empty one"


def _failure(url: str, reply: httpx.Response, body: bytes) -> StoreError:
    """Put a reply that is no success into one sentence."""
    status = reply.status_code
    if status in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        return StoreError(f"The store at {url} does not let you in ({status}): set {USER} and {PASSWORD} rightly.")
    if status in {httpx.codes.NOT_FOUND, httpx.codes.METHOD_NOT_ALLOWED}:
        return StoreError(f"There is no SPARQL endpoint at {url} ({status}).")
    if reply.is_redirect:
        return StoreError(f"{url} has moved to {reply.headers.get('location', 'elsewhere')}: give that address.")
    said = _words(reply, body)
    if status == httpx.codes.REQUEST_ENTITY_TOO_LARGE or status in {
        httpx.codes.BAD_GATEWAY,
        httpx.codes.SERVICE_UNAVAILABLE,
    }:
        return StoreError(f"The store at {url} does not take this now ({status}){said}.")
    return RefusedError(f"The store at {url} refuses this ({status}){said}.", said.removeprefix(": "))


def _words(reply: httpx.Response, body: bytes) -> str:
    """Give the first words of a store's own complaint; not those of a web page, nor the query that it repeats."""
    if "html" in reply.headers.get("content-type", ""):
        return ""
    text = " ".join(body.decode(errors="replace").partition("SPARQL query:")[0].split())
    shown = text[:_SHOWN].rstrip(". ")
    return f": {shown}" if shown else ""


# --- What is sent


def _dataset(default: object, named: Iterable[NamedNode | BlankNode] | None) -> list[tuple[str, str]]:
    """Name the graphs of a query by parameters (SPARQL 1.1 Protocol, 2.1.4): what is not named is not there."""
    if default is None and named is None:
        return []
    defaults = [default] if isinstance(default, NamedNode) else default if isinstance(default, Iterable) else []
    parameters = [("default-graph-uri", graph.value) for graph in defaults if isinstance(graph, NamedNode)]
    others = GRAPHS if named is None else [*named] or [_NO_GRAPH]
    return parameters + [("named-graph-uri", graph.value) for graph in others if isinstance(graph, NamedNode)]


def _substituted(query: str, values: Mapping[Variable, Term]) -> str:
    """Join values to the outermost group of a query, which projects the variables, as the embedded store demands."""
    data = "".join(f" VALUES {variable} {{ {term} }}" for variable, term in values.items())
    brace, follows = _outermost_group(query)
    if follows != "select":
        return f"{query[: brace + 1]}{data} {query[brace + 1 :]}"
    end = query.rindex("}", brace, _end_of_group(query, brace))
    return f"{query[: brace + 1]}{data} {{ {query[brace + 1 : end]} }} {query[end:]}"


def _outermost_group(query: str) -> tuple[int, str]:
    """Find the brace that opens a query's WHERE, and the word after it."""
    selected, brace = False, -1
    for token in tokens(query):
        if brace >= 0:
            return brace, token.text.casefold()
        selected = selected or (token.kind == "word" and token.text.casefold() in {"select", "ask", "describe"})
        if selected and not token.open and token.text == "{":
            brace = token.start
    raise RefusedError("Only a SELECT takes values for its variables.")


def _end_of_group(query: str, brace: int) -> int:
    """Find where the group ends that a brace opens."""
    closing = (
        token.start + 1 for token in tokens(query) if token.start > brace and token.text == "}" and token.open == "{"
    )
    return next(closing)


# --- What comes back


def _results(body: bytes) -> QuerySolutions | QueryBoolean:
    """Read SPARQL results in JSON."""
    try:
        document = json.loads(body, strict=False)
        for row in document.get("results", {}).get("bindings", ()):
            for term in row.values():
                _put_right(term)
        found = parse_query_results(json.dumps(document), format=QueryResultsFormat.JSON)
    except (ValueError, SyntaxError, AttributeError, TypeError) as error:
        raise StoreError("The store answers with what are no SPARQL results: is it a SPARQL endpoint?") from error
    return found


def _put_right(term: dict[str, str]) -> None:
    """Write a term as the standard does; Virtuoso has `typed-literal`, 1 for true, and `nodeID://` for blank nodes."""
    if term.get("type") == "typed-literal":
        term["type"] = "literal"
    if term.get("datatype") == XSD_BOOLEAN.value:
        term["value"] = {"1": "true", "0": "false"}.get(term["value"], term["value"])
    if term.get("type") == "bnode" or term.get("value", "").startswith("nodeID://"):
        term["type"] = "bnode"
        term["value"] = re.sub(r"\W", "", term["value"].removeprefix("nodeID://")) or "b"


def _graph(body: bytes) -> QueryTriples:
    """Read a graph in N-Triples."""
    held = Store()
    try:
        held.load(body, format=RdfFormat.N_TRIPLES)
    except (SyntaxError, ValueError) as error:
        raise StoreError("The store answers with what is no graph in N-Triples: is it a SPARQL endpoint?") from error
    found = held.query("CONSTRUCT WHERE { ?s ?p ?o }")
    if not isinstance(found, QueryTriples):
        raise TypeError(found)
    return found
