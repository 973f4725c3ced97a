"""Tests of triplestore: the same answers as the embedded store's, and one sentence for each way in which a store fails."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, QueryBoolean, QuerySolutions, QueryTriples, Store, Variable
from stores import STORES, program

from exo_onto import triplestore
from exo_onto.dataset import RefusedError, StoreError
from exo_onto.triplestore import Credentials, TripleStore, address, credentials

G, H = NamedNode("urn:g"), NamedNode("urn:h")
DATA = """
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
INSERT { GRAPH <urn:g> { <urn:a> <urn:p> 1 , "中文"@zh , "a\\"b\\\\c\\n" , "2020"^^xsd:gYear , _:b . _:b <urn:q> 2.50 . <urn:b> <urn:flag> true }
         GRAPH <urn:h> { <urn:a> <urn:p> 7 } } WHERE {}
"""
Reply = tuple[int, dict[str, str], bytes]


@pytest.fixture(scope="module", params=sorted(STORES))
def pair(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[TripleStore, Store]]:
    """Give a store elsewhere and an embedded one that hold the same."""
    embedded = Store()
    embedded.update(DATA)
    with STORES[request.param](tmp_path_factory.mktemp("store")) as store:
        store.update(DATA)
        yield store, embedded


@contextmanager
def replying(reply: Callable[[BaseHTTPRequestHandler], Reply]) -> Iterator[TripleStore]:
    """Run a server that says what a test wants it to say."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, headers, body = reply(self)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        store = TripleStore(
            address(f"http://127.0.0.1:{server.server_port}/query"), Credentials("me", "hush-hush"), most_bytes=1000
        )
        yield store
        store.close()
        server.shutdown()


def plain(found: object) -> list[tuple[str, ...]]:
    assert isinstance(found, QuerySolutions)
    return sorted(tuple("_:" if str(term).startswith("_:") else str(term) for term in row) for row in found)


QUERIES = [
    "SELECT ?s ?o { ?s <urn:p> ?o }",
    "SELECT ?o { ?s <urn:p> ?o . ?o <urn:q> ?v }",
    "SELECT ?s ?o { ?s <urn:flag> ?o }",
    "SELECT ?g ?o { GRAPH ?g { ?s <urn:p> ?o } }",
    "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
    "SELECT ?p { BIND (<p> AS ?p) }",
]


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("graphs", [([G], []), ([G, H], [G]), ([G], [H]), ([H], [G, H])], ids=str)
def test_a_query_of_some_graphs_is_answered_as_by_the_embedded_store(
    pair: tuple[TripleStore, Store], query: str, graphs: tuple[list[NamedNode], list[NamedNode]]
) -> None:
    default, named = graphs
    one, other = (s.query(query, base_iri="http://h/", default_graph=[*default], named_graphs=[*named]) for s in pair)
    assert plain(one) == plain(other)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?s ?o { ?s <urn:p> ?o }",
        "SELECT ?o { { SELECT ?o { ?s <urn:p> ?o } } }",
        "SELECT ?s ?o { { ?s <urn:p> ?o } UNION { ?s <urn:q> ?o } }",
        "SELECT ?o (COUNT(?s) AS ?n) { ?s <urn:p> ?o } GROUP BY ?o",
        "SELECT DISTINCT ?o { ?s <urn:p> ?any FILTER EXISTS { ?s <urn:p> ?o } }",
    ],
)
def test_a_variable_that_is_given_a_value_has_it_as_in_the_embedded_store(
    pair: tuple[TripleStore, Store], query: str
) -> None:
    values = {Variable("o"): Literal(1)}
    one, other = (each.query(query, default_graph=[G], named_graphs=[], substitutions={**values}) for each in pair)
    assert [row[:1] for row in plain(one)] == [row[:1] for row in plain(other)]


def test_a_variable_that_is_not_in_the_answer_takes_no_value(pair: tuple[TripleStore, Store]) -> None:
    for each in pair:
        with pytest.raises(RuntimeError, match="projection"):
            each.query("SELECT ?s { ?s ?p ?o }", substitutions={Variable("o"): Literal(1)})


def test_ask_and_construct_have_the_types_of_the_embedded_store(pair: tuple[TripleStore, Store]) -> None:
    for each in pair:
        yes = each.query("ASK { <urn:a> <urn:p> 1 }", default_graph=[G])
        assert isinstance(yes, QueryBoolean)
        assert bool(yes)
        graph = each.query("CONSTRUCT WHERE { ?s ?p ?o }", default_graph=[G])
        assert isinstance(graph, QueryTriples)
        assert len({str(triple.predicate) for triple in graph}) == 3


def test_wrong_sparql_is_told_as_by_the_embedded_store(pair: tuple[TripleStore, Store]) -> None:
    told = []
    for each in pair:
        with pytest.raises(SyntaxError) as caught:
            each.query("SELECT * { ?s ?p }")
        told.append(str(caught.value))
    assert told[0] == told[1]


def test_an_update_that_a_store_refuses_is_told_in_its_words(pair: tuple[TripleStore, Store]) -> None:
    with pytest.raises(RefusedError, match=r"refuses this \(\d+\): \S"):
        pair[0].update("INSERT DATA { nonsense")


@pytest.mark.parametrize(
    ("query", "update"),
    [
        ("http://h:1/query", "http://h:1/update"),
        ("http://h/ds/query", "http://h/ds/update"),
        ("http://h/sparql", "http://h/sparql"),
    ],
)
def test_the_address_for_updates_is_beside_that_for_queries(query: str, update: str) -> None:
    assert address(query) == triplestore.Address(query, update)
    assert address(query, "http://other/").update == "http://other/"


@pytest.mark.parametrize("url", ["http://me:hush-hush@h/query", "http://me@h/query", "ftp://hush-hush@h/", "h:80", ""])
def test_an_address_that_is_none_or_carries_credentials_is_refused_without_repeating_them(url: str) -> None:
    with pytest.raises(StoreError) as caught:
        address(url)
    assert "hush-hush" not in str(caught.value)


def test_credentials_come_from_the_environment_and_are_never_shown() -> None:
    assert credentials({}) is None
    found = credentials({triplestore.USER: "me", triplestore.PASSWORD: "hush-hush"})
    assert found == Credentials("me", "hush-hush")
    assert "hush-hush" not in repr(found)


EMPTY = b'{"head":{"vars":[]},"results":{"bindings":[]}}'


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        ((401, {}, b""), r"does not let you in \(401\)"),
        ((403, {}, b""), r"does not let you in \(403\)"),
        ((404, {}, b"not here"), "There is no SPARQL endpoint"),
        ((302, {"Location": "http://elsewhere/"}, b""), "has moved to http://elsewhere/"),
        ((503, {}, b"busy"), r"does not take this now \(503\): busy"),
        ((400, {}, b"no such function\n at line 1"), r"refuses this \(400\): no such function at line 1\."),
        ((200, {"Content-Type": "text/html"}, b"<html>"), "answers with a web page"),
        ((200, {}, b"{"), "no SPARQL results"),
        ((200, {}, b'{"head": 1}'), "no SPARQL results"),
        ((200, {}, b"x" * 2000), "more than 1,000 bytes"),
        ((200, {"X-SPARQL-MaxRows": "10"}, EMPTY), "left out a part of the answer"),
    ],
    ids=str,
)
def test_what_goes_wrong_is_told_in_one_sentence(reply: Reply, says: str) -> None:
    with replying(lambda _: reply) as store, pytest.raises(StoreError, match=says) as caught:
        list(store.query("SELECT * { ?s ?p ?o }"))  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)
    assert "hush-hush" not in str(caught.value)


def test_a_graph_that_is_none_is_told() -> None:
    with replying(lambda _: (200, {}, b"<html>")) as store, pytest.raises(StoreError, match="no graph"):
        store.query("CONSTRUCT WHERE { ?s ?p ?o }")


def test_a_store_that_is_not_there_is_told() -> None:
    with pytest.raises(StoreError, match="cannot be reached"):
        TripleStore(address("http://127.0.0.1:9/query")).query("ASK {}")


def test_the_password_is_sent_only_where_it_is_asked_for_and_by_digest_where_that_is_offered() -> None:
    heard: list[str] = []

    def reply(request: BaseHTTPRequestHandler) -> Reply:
        sent = request.headers.get("Authorization", "none")
        heard.append(sent.split(" ")[0])
        challenge = 'Digest realm="r", nonce="n", qop="auth", algorithm=MD5' if len(heard) < 3 else 'Basic realm="r"'
        return (200, {}, EMPTY) if sent != "none" else (401, {"WWW-Authenticate": challenge}, b"")

    with replying(reply) as store:
        store.query("SELECT * {}")
        store.query("SELECT * {}")
    assert heard == ["none", "Digest", "none", "Basic"]


def test_a_program_that_is_required_and_missing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EXO_ONTO_REQUIRE", raising=False)
    with pytest.raises(pytest.skip.Exception):
        program("no-such-program")
    monkeypatch.setenv("EXO_ONTO_REQUIRE", "no-such-program")
    with pytest.raises(pytest.fail.Exception):
        program("no-such-program")


def test_nothing_is_left_of_a_folder_of_a_store(tmp_path: Path) -> None:
    with STORES["oxigraph"](tmp_path) as store:
        where = store.address
    with pytest.raises(StoreError, match="cannot be reached"):
        TripleStore(where).query("ASK {}")
