"""The server: a real process on a loopback port, over a store on disk that is opened read-only, and a real client."""

import asyncio
import gc
import json
import multiprocessing
import socket
import time
import weakref
from collections.abc import AsyncGenerator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store
from rdflib import RDF, Graph, Namespace

from exo_onto.dataset import Description, prepare
from exo_onto.outcome import Answer, BrokenError, PoolError
from exo_onto.problems import PROBLEMS
from exo_onto.protocol import MAX_BODY, Call
from exo_onto.serve import address_of, application, listen, run, settle
from exo_onto.service import Elsewhere, Standing
from exo_onto.settings import Settings

EX = "http://ex/"
A, B, BIG = (NamedNode(EX + name) for name in ("a", "b", "big"))
ROWS = 20_000
SETTINGS = Settings(workers=4)
TABLE = "SELECT * WHERE { ?s ?p ?o }"
LARGE = f"SELECT ?o WHERE {{ GRAPH <{BIG.value}> {{ ?s ?p ?o }} }}"
CSV = {"Accept": "text/csv"}
SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
VOID = Namespace("http://rdfs.org/ns/void#")


def build(path: Path) -> None:
    store = Store(str(path))
    node = NamedNode(EX + "s")
    store.extend(Quad(node, node, Literal("once"), graph) for graph in (A, B))
    store.extend(Quad(node, node, Literal(f"row {number}"), BIG) for number in range(ROWS))
    store.flush()


def open_desk(path: str, port: int) -> Elsewhere:
    description = Description(f"http://127.0.0.1:{port}/sparql", "<Test> & data", "1.2.3", "3f2a")
    return Elsewhere(prepare(Store.read_only(path), description, default_graphs=[A, B]), SETTINGS)


def serve(path: str, port: int) -> None:
    desk = open_desk(path, port)
    run(application(desk, SETTINGS), desk, listen("127.0.0.1", port))


def serve_broken(path: str, port: int) -> None:
    """Serve answers that fail: at once where the query says so, else after they have been begun."""
    desk = open_desk(path, port)

    async def begun() -> AsyncGenerator[bytes, None]:
        yield b"x" * 1_000_000
        raise BrokenError("the secret cause")

    async def ask(call: Call, **_: object) -> Answer:
        if "early" in call.text:
            raise PoolError("the secret cause")
        return Answer(200, "text/csv", {}, begun(), 0, 0)

    desk.ask = ask  # type: ignore[method-assign]
    run(application(desk, SETTINGS), desk, listen("127.0.0.1", port))


@contextmanager
def server(target: Callable[[str, int], None], path: Path) -> Iterator[str]:
    """Run a server in a process of its own, wait until it answers, and give its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = multiprocessing.get_context("spawn").Process(target=target, args=(str(path), port), daemon=True)
    process.start()
    try:
        wait_for(f"http://127.0.0.1:{port}/healthz", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.join(20)
        if process.is_alive():
            process.kill()


def wait_for(url: str, process: multiprocessing.process.BaseProcess) -> None:
    for _ in range(300):
        assert process.is_alive(), "the server has ended"
        try:
            httpx.get(url).raise_for_status()
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(url)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("serve") / "store"
    build(path)
    return path


@pytest.fixture(scope="module")
def client(store: Path) -> Iterator[httpx.Client]:
    with server(serve, store) as address, httpx.Client(base_url=address, timeout=60) as client:
        yield client


def ask(client: httpx.Client, query: str, *, accept: str = "*/*") -> httpx.Response:
    return client.get("/sparql", params={"query": query}, headers={"Accept": accept})


def assert_problem(response: httpx.Response, status: int, kind: str) -> None:
    document = json.loads(response.content)
    assert response.headers["Content-Type"] == "application/problem+json"
    assert (response.status_code, document["status"], document["type"]) == (status, status, PROBLEMS + kind)
    assert "Traceback" not in response.text


# --- Queries


@pytest.mark.parametrize("path", ["/sparql", "/sparql/"])
def test_a_query_comes_in_three_ways(client: httpx.Client, path: str) -> None:
    replies = [
        client.get(path, params={"query": TABLE}),
        client.post(path, data={"query": TABLE}),
        client.post(path, content=TABLE, headers={"Content-Type": "application/sparql-query"}),
    ]
    for reply in replies:
        assert reply.status_code == 200
        # The triple stands in two graphs of the union, and is one.
        assert [row["o"]["value"] for row in reply.json()["results"]["bindings"]] == ["once"]


@pytest.mark.parametrize(
    ("query", "accept", "media_type"),
    [
        (TABLE, "*/*", "application/sparql-results+json"),
        (TABLE, "application/json", "application/json"),
        (TABLE, "application/sparql-results+xml", "application/sparql-results+xml"),
        (TABLE, "text/csv", "text/csv; charset=utf-8"),
        (TABLE, "text/tab-separated-values;q=0.5, text/csv;q=0.1", "text/tab-separated-values; charset=utf-8"),
        ("ASK {}", "*/*", "application/sparql-results+json"),
        ("CONSTRUCT WHERE { ?s ?p ?o }", "*/*", "text/turtle; charset=utf-8"),
        ("CONSTRUCT WHERE { ?s ?p ?o }", "application/n-triples", "application/n-triples"),
        ("DESCRIBE <http://ex/s>", "application/rdf+xml", "application/rdf+xml"),
        ("DESCRIBE <http://ex/s>", "application/ld+json", "application/ld+json"),
    ],
)
def test_the_format_is_negotiated(client: httpx.Client, query: str, accept: str, media_type: str) -> None:
    reply = ask(client, query, accept=accept)
    assert (reply.status_code, reply.headers["Content-Type"]) == (200, media_type)
    assert int(reply.headers["Content-Length"]) == len(reply.content) > 0


def test_a_graph_is_reached_by_its_name(client: httpx.Client) -> None:
    query = "SELECT (COUNT(*) AS ?n) FROM <http://ex/big> WHERE { ?s ?p ?o }"
    assert ask(client, query, accept="text/csv").text.split() == ["n", str(ROWS)]


def test_a_large_answer_is_whole(client: httpx.Client) -> None:
    reply = ask(client, LARGE, accept="text/csv")
    assert sorted(reply.text.split("\r\n")[1:-1]) == sorted(f"row {number}" for number in range(ROWS))


def test_many_ask_at_once(client: httpx.Client) -> None:
    with ThreadPoolExecutor(16) as pool:
        replies = list(pool.map(lambda _: ask(client, LARGE, accept="text/csv").text.count("\n"), range(64)))
    assert replies == [ROWS + 1] * 64


def test_a_slow_query_holds_nobody_up(client: httpx.Client) -> None:
    pairs = "{ SELECT * { ?a ?b ?c } LIMIT 150 } ?d ?e ?f FILTER (CONCAT(?c, 'a') = CONCAT(?f, 'b'))"
    slow = f"ASK FROM <{BIG.value}> WHERE {{ {pairs} }}"
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(ask, client, slow)
        answered = [client.get("/healthz").status_code, ask(client, TABLE).status_code]
        overtook = not running.done()
        assert running.result().status_code == 200
    assert answered == [200, 200]
    assert overtook


# --- Headers


def test_every_answer_names_the_snapshot_and_is_not_sniffed(client: httpx.Client) -> None:
    for reply in (ask(client, TABLE), ask(client, "nonsense"), client.get("/sparql"), client.put("/sparql")):
        assert reply.headers["Exo-Onto-Snapshot"] == "3f2a"
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert "Server" not in reply.headers
    for path in ("/", "/healthz", "/nowhere"):
        assert client.get(path).headers["X-Content-Type-Options"] == "nosniff"
    assert "3f2a" in ask(client, TABLE).headers["ETag"]


def test_any_page_may_ask(client: httpx.Client) -> None:
    reply = client.get("/sparql", params={"query": TABLE}, headers={"Origin": "http://page.example"})
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert "Exo-Onto-Snapshot" in reply.headers["Access-Control-Expose-Headers"]
    wanted = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    before = client.options("/sparql", headers={"Origin": "http://page.example", **wanted})
    assert before.status_code == 204
    assert "POST" in before.headers["Access-Control-Allow-Methods"]
    assert "Content-Type" in before.headers["Access-Control-Allow-Headers"]


def test_options_tells_the_methods(client: httpx.Client) -> None:
    reply = client.options("/sparql")
    assert (reply.status_code, reply.headers["Allow"], reply.content) == (204, "GET, HEAD, POST, OPTIONS", b"")
    assert "Content-Type" not in reply.headers


def test_head_tells_the_headers_alone(client: httpx.Client) -> None:
    reply = client.head("/sparql", params={"query": TABLE}, headers=CSV)
    assert (reply.status_code, reply.headers["Content-Type"], reply.content) == (200, "text/csv; charset=utf-8", b"")
    assert client.head("/healthz").status_code == 200


# --- Refusals


def test_what_is_refused_is_told_in_a_problem_document(client: httpx.Client) -> None:
    direct = {"Content-Type": "application/sparql-query"}
    assert_problem(ask(client, "SELECT"), 400, "syntax")
    assert_problem(client.post("/sparql", data={"query": ["ASK {}", "ASK {}"]}), 400, "bad-request")
    assert_problem(ask(client, "ASK " + "{" * 3_000), 400, "too-deep")
    assert_problem(ask(client, "ASK { SERVICE <http://ex/> {} }"), 403, "service")
    assert_problem(client.post("/sparql", data={"update": "CLEAR ALL"}), 403, "read-only")
    assert_problem(client.get("/nowhere"), 404, "not-found")
    assert_problem(client.put("/sparql"), 405, "method")
    assert_problem(client.post("/"), 405, "method")
    assert_problem(ask(client, TABLE, accept="image/png"), 406, "not-acceptable")
    assert_problem(client.post("/sparql", content="ASK {}" + " " * 3 * MAX_BODY, headers=direct), 413, "too-large")
    assert_problem(client.post("/sparql", content="ASK {}", headers={"Content-Type": "text/plain"}), 415, "media-type")
    assert ask(client, TABLE).status_code == 200


def test_the_store_is_never_written(client: httpx.Client) -> None:
    for query in ("CLEAR ALL", "LOAD <http://ex/>", "INSERT DATA { <a:> <b:> <c:> }"):
        assert_problem(ask(client, query), 400, "syntax")
    assert ask(client, LARGE, accept="text/csv").text.count("\n") == ROWS + 1


# --- Descriptions


@pytest.mark.parametrize(("accept", "format"), [("*/*", "turtle"), ("application/rdf+xml", "xml")])
def test_a_bare_get_describes_the_service(client: httpx.Client, accept: str, format: str) -> None:
    graph = Graph().parse(client.get("/sparql", headers={"Accept": accept}).content, format=format)
    [service] = graph.subjects(RDF.type, SD.Service)
    assert str(graph.value(service, SD.endpoint)) == str(client.base_url).rstrip("/") + "/sparql"
    sizes = {str(graph.value(each, SD.name)) for each in graph.subjects(RDF.type, SD.NamedGraph)}
    assert sizes == {A.value, B.value, BIG.value}
    assert {str(size) for size in graph.objects(None, VOID.triples)} == {"1", str(ROWS)}


def test_the_first_page_tells_where_the_endpoint_is(client: httpx.Client) -> None:
    reply = client.get("/")
    assert reply.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert f"{client.base_url}".rstrip("/") + "/sparql" in reply.text


# --- Failures of our own


def test_an_answer_that_breaks_never_looks_whole(store: Path) -> None:
    with server(serve_broken, store) as address:
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.get(f"{address}/sparql?query=ASK{{}}")
        reply = httpx.get(f"{address}/sparql?query=ASK{{}}%23early")
        assert_problem(reply, 500, "failed")
        assert "secret" not in reply.text


def test_the_dataset_may_be_changed_under_way(store: Path) -> None:
    desk = open_desk(str(store), 80)
    app = application(desk, SETTINGS)

    async def digests() -> list[str]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
            first = await client.get("/sparql")
            description = Description("http://test/sparql", "Next", "2", "77aa")
            desk.standing = Standing(prepare(Store(), description, default_graphs=[]))
            return [reply.headers["Exo-Onto-Snapshot"] for reply in (first, await client.get("/sparql"))]

    assert asyncio.run(digests()) == ["3f2a", "77aa"]


def test_the_process_listens_on_one_loopback_address_alone(client: httpx.Client) -> None:
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.2:{client.base_url.port}/healthz")


def test_an_address_is_told_as_it_stands_in_a_url() -> None:
    with listen("127.0.0.1", 0) as listening:
        assert address_of(listening) == f"http://127.0.0.1:{listening.getsockname()[1]}"


def test_a_port_in_use_cannot_be_taken_twice() -> None:
    with listen("127.0.0.1", 0) as listening, pytest.raises(OSError, match="in use"):
        listen("127.0.0.1", listening.getsockname()[1])


def test_what_stays_is_out_of_the_rounds_of_the_collector_and_what_an_earlier_snapshot_left_is_collected() -> None:
    class Ring:
        def __init__(self) -> None:
            self.itself = self

    ring = Ring()
    left = weakref.ref(ring)
    try:
        settle()
        assert gc.get_freeze_count()
        del ring
        gc.collect()
        assert left()
        settle()
        assert left() is None
    finally:
        gc.unfreeze()
