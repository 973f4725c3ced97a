"""serving: servers side by side on the same store, with the same queries and the same client. Starts them, one by one.

    data -> which queries do all agree on? -> wrk, in turn -> the hostile corpus -> report

Ours serves what tools look for (VoID, example queries) beside the snapshot, so the others are given the same: `oxigraph
serve-read-only` a copy of the store to which this was added, and rdflib-endpoint its quads.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import partial
from importlib import import_module
from multiprocessing.pool import AsyncResult, Pool
from pathlib import Path
from random import Random
from time import perf_counter, sleep
from typing import Annotated, Any, TypeVar, cast
from urllib.parse import urlsplit

import httpx
import psutil
import typer
from pyoxigraph import NamedNode, Quad, QuerySolutions, RdfFormat, Store
from rich.console import Console

from benchmarks import load, processes, serving_report
from benchmarks.generate import Plan, generate
from benchmarks.load import LoadError, Manner, Query
from benchmarks.machine import machine
from benchmarks.report import Machine
from benchmarks.serving_report import (
    ANALYTIC,
    LOOKUPS,
    OURS,
    OURS_CACHED,
    OXIGRAPH,
    QUESTIONS,
    RDFLIB,
    Data,
    Disturbed,
    LeftOut,
    Result,
    Settings,
    Siege,
    Taken,
)
from exo_onto import catalogue, dataset, serve
from exo_onto.dataset import Description
from exo_onto.questions import parse_question
from exo_onto.settings import Settings as Granted
from exo_onto.snapshot import Snapshot, open_snapshot
from exo_onto.vocabulary import BASE, DEFAULT_GRAPHS, PREFIXES

REPOSITORY = Path(__file__).parent.parent
SOURCES = ("ontology", "shapes", "instances", "queries")
HOSTILE = REPOSITORY / "tests" / "hostile"

REAL = "the real corpus"
LOOKUPS_ASKED = 200
MISSES = 3
"""After so many queries of a workload that a server does not answer in time, it is not measured on it."""
LONGEST = 120.0
"""Seconds that a run may take where a round of all queries is long."""
FIRED_AT_ONCE = 8
ENDPOINT = "http://127.0.0.1:7878/sparql"
ELSEWHERE = "127.0.0.2"
"""The address that a well-behaved client asks from, where loopback has more than one."""

DISTRIBUTIONS = ("exo-onto", "pyoxigraph", "oxigraph", "rdflib", "rdflib-endpoint")
EXO_ONTO = (sys.executable, "-u", "-c", "from exo_onto import cli; cli.main()")
RDFLIB_ENDPOINT = """
import sys
import uvicorn
from rdflib import Dataset
from rdflib_endpoint import SparqlEndpoint
graph = Dataset(default_union=True)
graph.parse(sys.argv[1], format="nquads")
app = SparqlEndpoint(graph=graph, path="/sparql")
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="warning", access_log=False)
"""
"""What its own command does, but at the address of ours, and without a line for each request."""

NUMBERED = """# The number by which the shipped questions know the source of the made-up studies.
@prefix exonto: <https://w3id.org/exo-onto/> .
@prefix reference: <https://w3id.org/exo-onto/reference/> .

reference:hou-ph-2025 exonto:referenceNumber 1000 .
"""
"""Without it, most questions would have no answer on made-up studies."""

_LOOKED_UP = (
    "SELECT ?p ?o WHERE {{ {iri} ?p ?o }}",
    "SELECT ?label WHERE {{ {iri} <http://www.w3.org/2000/01/rdf-schema#label> ?label }}",
    "SELECT ?type WHERE {{ {iri} a ?type }}",
    "SELECT ?s ?p WHERE {{ ?s ?p {iri} }} LIMIT 100",
)
_PREFIXED = "\n".join(f"PREFIX {prefix}: <{PREFIXES[prefix]}>" for prefix in ("exonto", "rdfs", "skos"))
_HEAVY = {
    "count-all": "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }",
    "by-predicate": "SELECT ?p (COUNT(*) AS ?n) WHERE { ?s ?p ?o } GROUP BY ?p ORDER BY DESC(?n)",
    "by-class": "SELECT ?class (COUNT(DISTINCT ?s) AS ?n) WHERE { ?s a ?class } GROUP BY ?class ORDER BY DESC(?n)",
    "most-linked": "SELECT ?o (COUNT(*) AS ?n) WHERE { ?s ?p ?o FILTER (isIRI(?o)) } GROUP BY ?o ORDER BY DESC(?n) "
    "LIMIT 20",
    "same-treatment": "SELECT ?treatment (COUNT(*) AS ?n) WHERE { ?one exonto:observedUnder ?treatment . "
    "?other exonto:observedUnder ?treatment . ?one exonto:affects ?other } GROUP BY ?treatment",
    "reached": "SELECT ?treatment (COUNT(DISTINCT ?end) AS ?n) WHERE { "
    "?treatment exonto:delivers/(exonto:increases|exonto:decreases)* ?end } GROUP BY ?treatment",
    "by-superclass": "SELECT ?above (COUNT(DISTINCT ?activity) AS ?n) WHERE { "
    "?activity exonto:observedUnder ?treatment ; a/rdfs:subClassOf* ?above } GROUP BY ?above ORDER BY DESC(?n)",
    "labels-by-language": "SELECT ?language (COUNT(*) AS ?n) WHERE { ?s rdfs:label ?label "
    "BIND (LANG(?label) AS ?language) } GROUP BY ?language ORDER BY ?language",
}

Progress = Callable[[str], None]
_Any = TypeVar("_Any")


class ServerError(Exception):
    """A server cannot be started."""


@dataclass(frozen=True)
class Prepared:
    """What is served: a root that has been built; all that ours serves of it, as a store and as N-Quads."""

    name: str
    root: Path

    @property
    def store(self) -> Path:
        """The folder of the store."""
        return self.root / "served"

    @property
    def quads(self) -> Path:
        """The file of the quads."""
        return self.root / "served.nq"


@dataclass(frozen=True)
class Server:
    """A server: its name, the path of its endpoint, and the command that serves some data on a port."""

    name: str
    path: str
    command: Callable[[Prepared, int], Sequence[str]]


@dataclass(frozen=True)
class Running:
    """A server that runs."""

    endpoint: str
    process: psutil.Process

    @property
    def alive(self) -> bool:
        """Whether its first process is there."""
        return self.process.is_running() and self.process.status() != psutil.STATUS_ZOMBIE

    def mebibytes(self) -> float:
        """Sum the memory of the server and all below it; what several of them share counts once."""
        return sum(map(processes.share, self.family())) / 2**20

    def family(self) -> list[psutil.Process]:
        """Give the server's processes: its first, and all below it."""
        try:
            return [self.process, *self.process.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []


@dataclass(frozen=True)
class Answered:
    """What one query came to at one server: its rows, or else what went wrong, and the seconds that it took."""

    rows: int | None
    seconds: float
    complaint: str = ""


def ours(name: str = OURS_CACHED, *options: str) -> Server:
    """Give our own server, with these options."""

    def command(data: Prepared, port: int) -> Sequence[str]:
        return [*EXO_ONTO, "serve", "--root", str(data.root), "--port", str(port), *options]

    return Server(name, "/sparql", command)


def oxigraph() -> Server:
    """Give Oxigraph's own server on our store."""
    program = shutil.which("oxigraph", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")

    def command(data: Prepared, port: int) -> Sequence[str]:
        how = ["--location", str(data.store), "--bind", f"127.0.0.1:{port}", "--union-default-graph"]
        return [program or "oxigraph", "serve-read-only", *how]

    return Server(OXIGRAPH, "/query", command)


def rdflib_endpoint(python: str) -> Server:
    """Give rdflib-endpoint, as that interpreter has it."""

    def command(data: Prepared, port: int) -> Sequence[str]:
        return [python, "-c", RDFLIB_ENDPOINT, str(data.quads), str(port)]

    return Server(RDFLIB, "/sparql", command)


def prepare(root: Path, name: str) -> tuple[Prepared, Data]:
    """Build a root without proofs, and write beside it what ours serves of it.

    Raises ServerError where the build fails.
    """
    command = [*EXO_ONTO, "build", "--root", str(root), "--no-justify"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)  # noqa: S603  ours
    if done.returncode:
        raise ServerError(f"{name} cannot be built: {done.stderr.strip()[-500:]}")
    snapshot = open_snapshot(root / "build")
    data = Prepared(name, root)
    snapshot.store.backup(str(data.store))
    store = Store(str(data.store))
    store.extend(beside(snapshot, root))
    store.flush()
    store.dump(str(data.quads), RdfFormat.N_QUADS)
    return data, Data(name, len(store), {})


def beside(snapshot: Snapshot, root: Path) -> tuple[Quad, ...]:
    """Give what ours serves beside a snapshot; only the address of the endpoint differs."""
    said = Description(ENDPOINT, "exo-onto", snapshot.manifest.ontology_version, snapshot.manifest.name)
    graphs = dataset.prepare(snapshot.store, said, default_graphs=DEFAULT_GRAPHS, disjoint=True)
    return serve.added(graphs, catalogue.shipped(root) if catalogue.folder_of(root) else (), Granted())


def copy_sources(root: Path) -> None:
    """Make a root of the repository's own knowledge."""
    for name in SOURCES:
        shutil.copytree(REPOSITORY / name, root / name)


def made_up(root: Path, studies: int) -> None:
    """Make a root of made-up studies, to whose source the shipped questions find their way."""
    generate(root, Plan(studies))
    (root / "instances" / "numbers.ttl").write_text(NUMBERED, "utf-8")


def lookups(snapshot: Snapshot, *, count: int = LOOKUPS_ASKED, seed: int = 1) -> tuple[Query, ...]:
    """Draw different look-ups from a store: of all about a thing, of its labels, of its types, of what names it."""
    chance = Random(seed)  # noqa: S311  nothing secret
    text = f"SELECT DISTINCT ?s WHERE {{ ?s ?p ?o FILTER (STRSTARTS(STR(?s), '{BASE}')) }}"
    found = cast("QuerySolutions", snapshot.store.query(text, default_graph=list(DEFAULT_GRAPHS)))
    known = sorted(str(row[0]) for row in found if isinstance(row[0], NamedNode))
    drawn = chance.sample(known, min(count, len(known)))
    return tuple(
        Query(f"look-up {number}", _LOOKED_UP[number % len(_LOOKED_UP)].format(iri=iri))
        for number, iri in enumerate(drawn)
    )


def questions() -> tuple[Query, ...]:
    """Give the shipped questions."""
    paths = sorted((REPOSITORY / "queries").glob("*.rq"))
    asked = (parse_question(path.stem, path.read_text("utf-8")) for path in paths)
    return tuple(Query(question.name, question.text) for question in asked)


def analytic() -> tuple[Query, ...]:
    """Give queries that look at much of the data: counts over all of it, joins and paths."""
    return tuple(Query(name, f"{_PREFIXED}\n{text}") for name, text in _HEAVY.items())


def asked_of(data: Prepared) -> dict[str, tuple[Query, ...]]:
    """Give the queries of each workload."""
    snapshot = open_snapshot(data.root / "build")
    return {LOOKUPS: lookups(snapshot), QUESTIONS: questions(), ANALYTIC: analytic()}


@contextmanager
def running(server: Server, data: Prepared, *, bound: float) -> Iterator[Running]:
    """Start a server, wait until it answers, and end it afterwards with all that it has started.

    Raises ServerError where it does not come to answer within `bound` seconds.
    """
    port = _free_port()
    endpoint = f"http://127.0.0.1:{port}{server.path}"
    with tempfile.TemporaryFile() as words:
        try:
            process = subprocess.Popen(  # noqa: S603  the servers named above
                server.command(data, port),
                cwd=REPOSITORY,
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=subprocess.STDOUT,
                process_group=0,
            )
        except FileNotFoundError as error:
            raise ServerError("not installed") from error
        try:
            if answers_again(endpoint, bound, alive=lambda: process.poll() is None) is None:
                words.seek(0)
                told = words.read().decode(errors="replace").strip().splitlines()
                ended = process.poll() is not None
                raise ServerError((told or ["it ended"])[-1][:200] if ended else f"does not answer after {bound:g} s")
            yield Running(endpoint, psutil.Process(process.pid))
        finally:
            _end(process)


def answers_again(endpoint: str, bound: float, *, alive: Callable[[], bool]) -> float | None:
    """Put a plain query until it is answered, and give the seconds until then; None: not within the bound."""
    start = perf_counter()
    with httpx.Client() as client:
        while alive() and (left := bound - (perf_counter() - start)) > 0:
            try:
                if client.get(endpoint, params={"query": "ASK {}"}, timeout=left).is_success:
                    return perf_counter() - start
            except httpx.HTTPError:
                pass
            sleep(0.1)
    return None


def ask(client: httpx.Client, endpoint: str, query: Query, patience: float) -> Answered:
    """Ask once, and count the rows."""
    start = perf_counter()
    try:
        headers = {"Accept": load.RESULTS}
        response = client.get(endpoint, params={"query": query.text}, headers=headers, timeout=patience)
        took = perf_counter() - start
        if not response.is_success:
            return Answered(None, took, f"status {response.status_code}")
        return Answered(len(response.json()["results"]["bindings"]), took)
    except httpx.TimeoutException:
        return Answered(None, perf_counter() - start, f"more than {patience:g} s")
    except (httpx.HTTPError, ValueError, KeyError) as error:
        return Answered(None, perf_counter() - start, type(error).__name__)


def examine(server: Server, data: Prepared, queries: Sequence[Query], settings: Settings) -> dict[str, Answered]:
    """Ask each query once, up to MISSES that fail; a server that has failed one is started anew.

    Raises ServerError where it cannot be.
    """
    found: dict[str, Answered] = {}
    left = list(queries)
    while left and len(misses(found)) < MISSES:
        with running(server, data, bound=settings.bound) as one, httpx.Client() as client:
            while left:
                query = left.pop(0)
                found[query.name] = ask(client, one.endpoint, query, settings.patience)
                if found[query.name].rows is None:
                    break  # it may be at it still
    return found


def misses(found: Mapping[str, Answered]) -> list[str]:
    """Name the queries that were not answered."""
    return [name for name, answered in found.items() if answered.rows is None]


def disagreements(found: Mapping[str, Mapping[str, Answered]]) -> dict[str, str]:
    """Say of each query why it cannot be timed, where servers differ on it: what each server found comes in by name."""
    reasons: dict[str, str] = {}
    for name in dict.fromkeys(name for answers in found.values() for name in answers):
        answers = {server: each[name] for server, each in found.items() if name in each}
        failed = [f"{server}: {one.complaint}" for server, one in answers.items() if one.rows is None]
        rows = {server: one.rows for server, one in answers.items()}
        if failed:
            reasons[name] = "; ".join(failed)
        elif len(set(rows.values())) > 1:
            reasons[name] = "rows: " + ", ".join(f"{server} {count}" for server, count in rows.items())
    return reasons


@dataclass(frozen=True)
class Agreed:
    """Of one workload: the queries that are timed, the seconds of a round by server, and what there is to tell."""

    queries: tuple[Query, ...]
    rounds: Mapping[str, float]
    refused: Mapping[str, str]
    left_out: Mapping[str, str]


def agree(
    data: Prepared, workload: Sequence[Query], servers: Sequence[Server], settings: Settings, progress: Progress
) -> Agreed:
    """Find the queries to which all servers give as many rows; a server that fails too many is left out itself."""
    found: dict[str, dict[str, Answered]] = {}
    refused: dict[str, str] = {}
    for server in servers:
        progress(f"{data.name}: {server.name} is asked each of {len(workload)} queries")
        try:
            answers = examine(server, data, workload, settings)
        except ServerError as error:
            refused[server.name] = str(error)
            continue
        missed = misses(answers)
        if len(missed) < MISSES:
            found[server.name] = answers
        else:
            refused[server.name] = "; ".join(f"{name}: {answers[name].complaint}" for name in missed)
    reasons = disagreements(found)
    timed = tuple(query for query in workload if query.name not in reasons)
    rounds = {
        server: sum(one.seconds for name, one in answers.items() if name not in reasons)
        for server, answers in found.items()
    }
    return Agreed(timed, rounds, refused, reasons)


def side_by_side(
    data: Prepared, servers: Sequence[Server], settings: Settings, progress: Progress
) -> tuple[list[Taken], list[LeftOut], dict[str, int]]:
    """Measure every server on every workload, in turn, and tell which queries were left out and how many were not."""
    plans = {name: agree(data, queries, servers, settings, progress) for name, queries in asked_of(data).items()}
    taken = {
        (name, server.name): Taken(data.name, name, server.name, remark=plan.refused.get(server.name, ""))
        for name, plan in plans.items()
        for server in servers
    }
    for nth in range(settings.repeat):
        for name, plan in plans.items():
            for server in [*servers[nth % len(servers) :], *servers[: nth % len(servers)]]:
                if server.name in plan.rounds and plan.queries:
                    progress(f"{data.name}, {name}: {server.name} ({nth + 1} of {settings.repeat})")
                    taken[name, server.name] = once(taken[name, server.name], server, data, plan, settings)
    left = [
        LeftOut(data.name, name, query, why) for name, plan in plans.items() for query, why in plan.left_out.items()
    ]
    return list(taken.values()), left, {name: len(plan.queries) for name, plan in plans.items()}


def once(taken: Taken, server: Server, data: Prepared, plan: Agreed, settings: Settings) -> Taken:
    """Measure one run, and add it to those that were taken; one that fails is told."""
    seconds = max(settings.seconds, min(LONGEST, 1.5 * plan.rounds[server.name]))
    held: list[float] = []
    try:
        with running(server, data, bound=settings.bound) as one:
            with httpx.Client() as client:
                for query in plan.queries:
                    ask(client, one.endpoint, query, settings.patience)
            measured = load.press(
                one.endpoint,
                plan.queries,
                seconds=seconds,
                connections=settings.connections,
                watch=lambda: held.append(one.mebibytes()),
            )
    except (ServerError, LoadError) as error:
        return replace(taken, remark=f"a run failed: {error}")
    most = round(max(held, default=0), 1)
    return replace(taken, loads=(*taken.loads, measured), mebibytes=max(most, taken.mebibytes or 0))


@dataclass(frozen=True)
class Corpus:
    """The hostile requests, and whatever fires one: at a host and a port, giving an outcome with its `status`."""

    requests: tuple[Any, ...]

    @classmethod
    def of(cls, folder: Path) -> "Corpus | None":
        """Read the corpus, if there is one."""
        if not (folder.parent / "hostility.py").exists():
            return None
        if str(folder.parent) not in sys.path:
            sys.path.append(str(folder.parent))
        return cls(tuple(import_module("hostility").load(folder)))


def fire(hostile: object, host: str, port: int) -> int | None:
    """Fire one hostile request, in a process of the pool, and give the status of its answer, if there is one."""
    try:
        status = import_module("hostility").fire(hostile, host, port).status
    except OSError:  # the server is gone
        return None
    return int(status) if status else None


def directed(value: _Any, path: str) -> _Any:
    """Send a hostile request, whatever it is made of, to the path of another server's endpoint."""
    if isinstance(value, str):
        return cast("_Any", re.sub(r"(?:^|(?<= ))/sparql(?=[ ?]|$)", path, value))
    if isinstance(value, bytes):
        return cast("_Any", re.sub(rb"(?:^|(?<= ))/sparql(?=[ ?]|$)", path.encode(), value))
    if isinstance(value, tuple):
        return cast("_Any", tuple(directed(each, path) for each in value))
    if is_dataclass(value) and not isinstance(value, type):
        changed = {each.name: directed(getattr(value, each.name), path) for each in fields(value) if each.init}
        return cast("_Any", replace(value, **changed))
    return value


def besiege(server: Server, data: Prepared, corpus: Corpus, settings: Settings) -> Siege:
    """Fire the whole corpus in parallel, and see what is left of a server."""
    try:
        with running(server, data, bound=settings.bound) as one, Pool(FIRED_AT_ONCE) as pool:
            fired, start, gone = _volley(pool, server, one, corpus), perf_counter(), None
            while any(not each.ready() for each in fired) and perf_counter() - start < settings.bound:
                sleep(0.05)
                if gone is None and not one.alive:
                    gone = perf_counter() - start
            statuses = [each.get() for each in fired if each.ready()]
            pool.terminate()
            recovered = answers_again(one.endpoint, settings.bound, alive=lambda: one.alive)
            left = round(one.mebibytes(), 1) if one.alive else None
            answered = sum(status is not None for status in statuses)
            pending = len(fired) - len(statuses)
            remark = f"{pending} without an answer after {settings.bound:g} s" if pending else ""
            return Siege(server.name, len(fired), answered, one.alive, gone, recovered, left, remark)
    except ServerError as error:
        return Siege(
            server.name,
            len(corpus.requests),
            0,
            alive=False,
            gone_after=None,
            recovered=None,
            mebibytes=None,
            remark=str(error),
        )


def _volley(pool: Pool, server: Server, one: Running, corpus: Corpus) -> list["AsyncResult[int | None]"]:
    place = urlsplit(one.endpoint)
    return [
        pool.apply_async(fire, (directed(hostile, server.path), place.hostname, place.port))
        for hostile in corpus.requests
    ]


def disturb(server: Server, data: Prepared, corpus: Corpus, settings: Settings, folder: Path) -> Disturbed:
    """Ask as a well-behaved client does, at rest and while the corpus is fired over and over; as often as asked.

    Raises ServerError where the server cannot be started.
    """
    queries = lookups(open_snapshot(data.root / "build"))
    manner = Manner(settings.seconds, source=ELSEWHERE if sys.platform == "linux" else "")
    idle, busy = [], []
    for _ in range(settings.sieges):
        with running(server, data, bound=settings.bound) as one:
            load.arrive(load.depart(one.endpoint, queries, folder, replace(manner, seconds=1)))  # warm
            idle.append(load.arrive(load.depart(one.endpoint, queries, folder, manner)))
            with Pool(FIRED_AT_ONCE, os.nice, (10,)) as pool:  # in life they have machines of their own
                fired: list[AsyncResult[int | None]] = []
                client = load.depart(one.endpoint, queries, folder, replace(manner, seconds=2 * settings.seconds))
                while client.poll() is None:
                    fired = [each for each in fired if not each.ready()]
                    if len(fired) < FIRED_AT_ONCE:
                        fired += _volley(pool, server, one, corpus)
                    sleep(0.05)
                pool.terminate()
            busy.append(load.arrive(client))
    return Disturbed(server.name, tuple(idle), tuple(busy))


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask a server to stop, and kill what is left of it: workers may have left its group."""
    try:
        family = psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        family = []
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    for each in family:
        if each.is_running():
            each.kill()


def grants(option: str) -> bool:
    """Tell whether our server knows an option.

    Raises ServerError where it does not even say so.
    """
    command = [*EXO_ONTO, "serve", "--help"]
    told = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)  # noqa: S603  ours
    if told.returncode:
        raise ServerError(f"exo-onto serve --help fails: {told.stderr.strip()[-300:]}")
    return option in told.stdout


def seen(module: str) -> Machine:
    """Say what the figures were measured on, with the versions of the servers and of wrk."""
    found = machine(module, DISTRIBUTIONS)
    return replace(found, versions={**found.versions, "wrk": _version_of_wrk()})


def _version_of_wrk() -> str:
    wrk = shutil.which("wrk")
    if wrk is None:
        return "not installed"
    done = subprocess.run([wrk, "--version"], capture_output=True, text=True, check=False)  # noqa: S603  wrk
    return (done.stdout + done.stderr).partition("[")[0].removeprefix("wrk").strip()


def competitors(python: str) -> tuple[Server, ...]:
    """Give the servers that are compared, those of others first: what they agree on is known soonest."""
    mine = (ours(OURS, "--cache-bytes", "0"), ours()) if grants("--cache-bytes") else (ours(OURS),)
    return (oxigraph(), *mine, rdflib_endpoint(python))


def measure(studies: int, python: str, settings: Settings, hostile: Path, progress: Progress) -> Result:
    """Measure all: the real corpus, made-up studies where there are to be any, and the hostile corpus."""
    servers = competitors(python)
    made: list[Data] = []
    taken: list[Taken] = []
    left_out: list[LeftOut] = []
    with tempfile.TemporaryDirectory(prefix="exo-onto-serving-") as name:
        home = Path(name)
        sets: dict[str, Callable[[Path], None]] = {REAL: copy_sources}
        if studies:
            sets[f"{studies:,} made-up studies"] = partial(made_up, studies=studies)
        for number, (called, make) in enumerate(sets.items()):
            progress(f"building {called}")
            make(home / str(number))
            data, told = prepare(home / str(number), called)
            found, left, counts = side_by_side(data, servers, settings, progress)
            made.append(replace(told, queries=counts))
            taken += found
            left_out += left
        real = Prepared(REAL, home / "0")
        sieges, disturbed = under_fire(real, servers, settings, hostile, home, progress)
    command = "benchmarks.serving"
    return Result(seen(command), settings, tuple(made), tuple(taken), tuple(left_out), tuple(sieges), tuple(disturbed))


def under_fire(  # noqa: PLR0913, PLR0917  what `measure` has at hand
    data: Prepared, servers: Sequence[Server], settings: Settings, hostile: Path, folder: Path, progress: Progress
) -> tuple[list[Siege], list[Disturbed]]:
    """Fire the hostile corpus at every server, and at ours while a well-behaved client asks too."""
    corpus = Corpus.of(hostile)
    if corpus is None or not settings.sieges:
        progress("the hostile corpus is left out")
        return [], []
    sieges, disturbed = [], []
    for server in servers:
        progress(f"the hostile corpus: {server.name}, at most {2 * settings.bound:g} s")
        sieges.append(besiege(server, data, corpus, settings))
    for server in servers:
        if server.name in {OURS, OURS_CACHED}:
            progress(f"a well-behaved client while the corpus is fired: {server.name}, {settings.sieges} runs")
            disturbed.append(disturb(server, data, corpus, settings, folder))
    return sieges, disturbed


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
console = Console(stderr=True)


@app.command(
    epilog="Examples:\n\npython -m benchmarks.serving\n\n"
    "python -m benchmarks.serving --studies 0 --seconds 2 --repeat 1 --sieges 1 --out /tmp/quick"
)
def main(  # noqa: PLR0913  one for each option
    *,
    studies: Annotated[
        int, typer.Option(help="How many made-up studies are served besides the real corpus; 0: none.", min=0)
    ] = 3000,
    seconds: Annotated[float, typer.Option(help="How long a run takes at least.", min=1)] = 10,
    repeat: Annotated[int, typer.Option(help="How often each is run; the median counts.", min=1)] = 3,
    connections: Annotated[int, typer.Option(help="How many connections wrk holds.", min=1)] = 4,
    patience: Annotated[float, typer.Option(help="Seconds after which a query is left out.")] = 30,
    bound: Annotated[
        float,
        typer.Option(help="Seconds that a server may take to start, and to answer again after the hostile corpus."),
    ] = 300,
    sieges: Annotated[
        int, typer.Option(help="How often the well-behaved client is disturbed; 0: no hostile corpus.")
    ] = 5,
    hostile: Annotated[Path, typer.Option(help="The folder of the hostile corpus.")] = HOSTILE,
    rdflib_python: Annotated[str, typer.Option(help="The interpreter that has rdflib-endpoint.")] = sys.executable,
    out: Annotated[Path, typer.Option(help="The folder for serving.md and serving.json.")] = Path("docs/benchmarks"),
) -> None:
    """Measure our server and others side by side, on the same data, with the same queries and the same client."""
    settings = Settings(seconds, repeat, connections, patience, bound, sieges)
    try:
        result = measure(studies, rdflib_python, settings, hostile, lambda said: console.print(f"{said} ..."))
    except (ServerError, LoadError) as error:
        typer.echo(f"{error}", err=True)
        raise typer.Exit(2) from error
    out.mkdir(parents=True, exist_ok=True)
    (out / "serving.json").write_text(serving_report.as_json(result), "utf-8")
    (out / "serving.md").write_text(serving_report.markdown(result), "utf-8")
    typer.echo(serving_report.markdown(result))


if __name__ == "__main__":
    app()
