"""serving: servers side by side on the same store, with the same queries and the same client. Starts them, one by one.

    data -> which queries do all agree on? -> warm up, then wrk, in turn -> the hostile corpus -> report

Ours serves what tools look for (VoID, example queries) beside the snapshot, so the others are given the same: `oxigraph
serve-read-only` a copy of the store to which this was added, and rdflib-endpoint its quads.

A worker that meets a query for the first time reads from the disk what the next time is there. So each server is asked
every query until each of its workers, if it has any, has met it. Memory is looked at meanwhile, and once when wrk is
done: to look costs processor, most where there are many processes, so nobody looks while it is timed.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Annotated

import httpx
import typer
from pyoxigraph import Quad, RdfFormat, Store
from rich.console import Console

from benchmarks import load, serving_report
from benchmarks.generate import Plan, generate
from benchmarks.load import LoadError, Query
from benchmarks.machine import machine
from benchmarks.report import Machine
from benchmarks.servers import (
    EXO_ONTO,
    REPOSITORY,
    Prepared,
    Progress,
    Running,
    Server,
    ServerError,
    competitors,
    running,
)
from benchmarks.serving_report import (
    OURS,
    OURS_CACHED,
    OXIGRAPH,
    RDFLIB,
    WORKLOADS,
    Data,
    LeftOut,
    Result,
    Settings,
    Taken,
)
from benchmarks.siege import HOSTILE, under_fire
from benchmarks.workloads import asked_of
from exo_onto import catalogue, dataset, serve
from exo_onto.dataset import Description
from exo_onto.settings import Settings as Granted
from exo_onto.snapshot import Snapshot, open_snapshot
from exo_onto.vocabulary import DEFAULT_GRAPHS

SOURCES = ("ontology", "shapes", "instances", "queries")

REAL = "the real corpus"
SERVERS = (OXIGRAPH, OURS, OURS_CACHED, RDFLIB)
MISSES = 3
"""After so many queries of a workload that a server does not answer in time, it is not measured on it."""
LONGEST = 120.0
"""Seconds that a run may take where a round of all queries is long."""
ASKERS = len(os.sched_getaffinity(0)) + 2 if hasattr(os, "sched_getaffinity") else 4
"""How many ask at once while a server is warmed up: ours has as many workers."""
MEETINGS = 2
"""How often they do so with each query."""
GLANCE = 0.5
"""Seconds between two looks at the memory meanwhile."""
ENDPOINT = "http://127.0.0.1:7878/sparql"

DISTRIBUTIONS = ("exo-onto", "pyoxigraph", "oxigraph", "rdflib", "rdflib-endpoint")

NUMBERED = """# The number by which the shipped questions know the source of the made-up studies.
@prefix exonto: <https://w3id.org/exo-onto/> .
@prefix reference: <https://w3id.org/exo-onto/reference/> .

reference:hou-ph-2025 exonto:referenceNumber 1000 .
"""
"""Without it, most questions would have no answer on made-up studies."""


@dataclass(frozen=True)
class Answered:
    """What one query came to at one server: its rows, or else what went wrong, and the seconds that it took."""

    rows: int | None
    seconds: float
    complaint: str = ""


def prepare(root: Path, name: str) -> tuple[Prepared, Data]:
    """Build a root without proofs, and write beside it what ours serves of it.

    Raises ServerError where the build fails.
    """
    build(root, name)
    snapshot = open_snapshot(root / "build")
    data = Prepared(name, root)
    snapshot.store.backup(str(data.store))
    store = Store(str(data.store))
    store.extend(beside(snapshot, root))
    store.flush()
    store.dump(str(data.quads), RdfFormat.N_QUADS)
    return data, Data(name, len(store), {})


def build(root: Path, name: str) -> None:
    """Build a root without proofs. Raises ServerError where that fails."""
    command = [*EXO_ONTO, "build", "--root", str(root), "--no-justify"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)  # noqa: S603  ours
    if done.returncode:
        raise ServerError(f"{name} cannot be built: {done.stderr.strip()[-500:]}")


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
    asked = {name: queries for name, queries in asked_of(data).items() if name in settings.workloads}
    plans = {name: agree(data, queries, servers, settings, progress) for name, queries in asked.items()}
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
    try:
        with running(server, data, bound=settings.bound) as one:
            held = _while_warming(one, plan.queries, settings)
            measured = load.press(one.endpoint, plan.queries, seconds=seconds, connections=settings.connections)
            most = round(max(held, one.mebibytes(), taken.mebibytes or 0), 1)
    except (ServerError, LoadError) as error:
        return replace(taken, remark=f"a run failed: {error}")
    return replace(taken, loads=(*taken.loads, measured), mebibytes=most)


def _while_warming(one: Running, queries: Sequence[Query], settings: Settings) -> float:
    """Warm a server up, and give the most MiB that it was seen to hold meanwhile."""
    most = 0.0
    with ThreadPoolExecutor(1) as aside:
        warming = aside.submit(warm, one.endpoint, queries, settings.patience)
        while wait([warming], GLANCE).not_done:
            most = max(most, one.mebibytes())
    warming.result()
    return most


def warm(endpoint: str, queries: Sequence[Query], patience: float) -> None:
    """Ask each query once, and then ASKERS times at once, MEETINGS times over: each worker of a server has met it then.

    The latter ends after LONGEST seconds. Every answer is waited for, so that nothing is under way at the end.
    """
    with httpx.Client() as client, ThreadPoolExecutor(ASKERS) as askers:
        for query in queries:
            ask(client, endpoint, query, patience)
        end = perf_counter() + LONGEST
        for query in [*queries] * MEETINGS:
            if perf_counter() < end:
                wait([askers.submit(ask, client, endpoint, query, ASKERS * patience) for _ in range(ASKERS)])


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


def measure(studies: int, servers: Sequence[Server], settings: Settings, hostile: Path, progress: Progress) -> Result:
    """Measure all: the real corpus, made-up studies where there are to be any, and the hostile corpus."""
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


def _one_of(known: Iterable[str]) -> Callable[[list[str] | None], list[str] | None]:
    """Make what refuses names that are not known."""

    def checked(given: list[str] | None) -> list[str] | None:
        unknown = set(given or ()) - set(known)
        if unknown:
            raise typer.BadParameter(f"{', '.join(sorted(unknown))}: known are {'; '.join(known)}")
        return given

    return checked


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
console = Console(stderr=True)


@app.command(
    epilog="Examples:\n\npython -m benchmarks.serving\n\n"
    "python -m benchmarks.serving --studies 0 --seconds 2 --repeat 1 --sieges 1 --out /tmp/quick\n\n"
    "python -m benchmarks.serving --studies 0 --sieges 0 --workload analytic --server oxigraph --out /tmp/quick"
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
    workload: Annotated[
        list[str] | None,
        typer.Option(callback=_one_of(WORKLOADS), help=f"Repeatable, of {'; '.join(WORKLOADS)}. Without it: all."),
    ] = None,
    server: Annotated[
        list[str] | None,
        typer.Option(callback=_one_of(SERVERS), help=f"Repeatable, of {'; '.join(SERVERS)}. Without it: all."),
    ] = None,
    rdflib_python: Annotated[str, typer.Option(help="The interpreter that has rdflib-endpoint.")] = sys.executable,
    out: Annotated[Path, typer.Option(help="The folder for serving.md and serving.json.")] = Path("docs/benchmarks"),
) -> None:
    """Measure our server and others side by side, on the same data, with the same queries and the same client."""
    settings = Settings(seconds, repeat, connections, patience, bound, sieges, tuple(workload or WORKLOADS))
    try:
        servers = tuple(each for each in competitors(rdflib_python) if not server or each.name in server)
        result = measure(studies, servers, settings, hostile, lambda said: console.print(f"{said} ..."))
    except (ServerError, LoadError) as error:
        typer.echo(f"{error}", err=True)
        raise typer.Exit(2) from error
    out.mkdir(parents=True, exist_ok=True)
    (out / "serving.json").write_text(serving_report.as_json(result), "utf-8")
    (out / "serving.md").write_text(serving_report.markdown(result), "utf-8")
    typer.echo(serving_report.markdown(result))


if __name__ == "__main__":
    app()
