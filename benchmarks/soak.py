"""soak: our server for minutes under mixed load, with a new snapshot each minute; what failed and what it held, out.

Two well-behaved clients ask look-ups and the shipped questions, and two others ask monsters, each in a process and from
an address of its own. Each minute a source file gains a comment, the root is built anew, and the server has to take the
new snapshot over. `make soak` runs it.
"""

import json
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from time import perf_counter, sleep
from typing import Annotated

import httpx
import typer
from rich.console import Console

from benchmarks import load, servers, serving, workloads
from benchmarks.load import LoadError, Manner, Query, Visit
from benchmarks.report import Machine
from benchmarks.servers import Prepared, Running, ServerError
from benchmarks.serving import REAL
from benchmarks.tabling import table
from exo_onto.protocol import SNAPSHOT_HEADER
from exo_onto.snapshot import open_snapshot

SETTLED = 2.0
"""The minute from which on memory has to be flat: until then, workers and the cache fill."""
MINUTES = 3
"""How many minutes are looked at, then and at the end."""
FLAT = 1.1
"""How many times what was held in these minutes may be held at the end."""
GLANCE = 5.0
"""Seconds between two looks at the memory."""
TAKEN_OVER = 30.0
"""Seconds that a server has to take a new snapshot over."""

MONSTERS = (
    Query("product", "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"),
    Query("sorted product", "SELECT * WHERE { ?a ?b ?c . ?d ?e ?f } ORDER BY ?c ?f"),
    Query("paths", "SELECT (COUNT(*) AS ?n) WHERE { ?a (!<urn:x>)* ?b . ?b (!<urn:y>)* ?c }"),
    Query(
        "regular expressions", "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f FILTER (REGEX(STR(?c), STR(?f))) }"
    ),
)
"""Queries that no server answers in time."""

WELL_BEHAVED = ("look-ups", "questions")


@dataclass(frozen=True)
class Sample:
    """What the server's own process and each of its workers held at some minute, in MiB."""

    minute: float
    own: float
    workers: tuple[float, ...]

    @property
    def mebibytes(self) -> float:
        """What all held together."""
        return self.own + sum(self.workers)

    @property
    def processes(self) -> int:
        """How many there were."""
        return 1 + len(self.workers)


@dataclass(frozen=True)
class Growth:
    """What there was of something once all had filled, and at the end: in the middle of what was seen in MINUTES."""

    before: float
    after: float

    @property
    def times(self) -> float:
        """How many times as much there is at the end."""
        return self.after / self.before if self.before else float("nan")

    @property
    def flat(self) -> bool:
        """Whether it does not grow."""
        return 0 < self.after <= FLAT * self.before


@dataclass(frozen=True)
class Swap:
    """One new snapshot: when it was published, and the seconds until it was served; None: it was not."""

    minute: float
    snapshot: str
    seconds: float | None


@dataclass(frozen=True)
class Soak:
    """All that a soak saw: visits by client, new snapshots, samples of memory, and whether the server lived."""

    machine: Machine
    minutes: float
    visits: Mapping[str, Visit]
    swaps: tuple[Swap, ...]
    samples: tuple[Sample, ...]
    alive: bool

    @property
    def failed(self) -> int:
        """How many requests of the well-behaved clients failed."""
        return sum(self.visits[name].failed for name in WELL_BEHAVED)

    @property
    def growth(self) -> dict[str, Growth]:
        """What there is of memory and of processes, at the end and before.

        A worker lives until the next snapshot, or until its query is a monster: how old those are that are there, and
        which of them were ever asked, decides what all hold together. So a worker counts by the middle of all that were
        seen, and the server's own process, which stays, by itself.
        """
        before = self._between(self.start, self.start + MINUTES * self.span)
        after = self._between(self.minutes - MINUTES * self.span, self.minutes)

        def grown(what: Callable[[Sample], Iterable[float]]) -> Growth:
            return Growth(_middle(before, what), _middle(after, what))

        return {
            "memory of the server's own process": grown(lambda seen: (seen.own,)),
            "memory of a worker": grown(lambda seen: seen.workers),
            "number of processes": grown(lambda seen: (seen.processes,)),
        }

    def _between(self, start: float, end: float) -> list[Sample]:
        return [sample for sample in self.samples if start <= sample.minute <= end]

    @property
    def start(self) -> float:
        """The minute from which on what is held is looked at: SETTLED, or the middle of a shorter soak."""
        return min(SETTLED, self.minutes / 2)

    @property
    def span(self) -> float:
        """A minute, or less where a soak is too short for two times MINUTES."""
        return min(1, self.minutes / 4 / MINUTES)

    @property
    def flat(self) -> bool:
        """Whether nothing grows."""
        return all(each.flat for each in self.growth.values())

    @property
    def held_out(self) -> bool:
        """Whether all came as it should."""
        taken_over = bool(self.swaps) and all(swap.seconds is not None for swap in self.swaps)
        return self.alive and not self.failed and self.flat and taken_over


def _middle(samples: Iterable[Sample], what: Callable[[Sample], Iterable[float]]) -> float:
    """Give the median of all that was seen of something; 0 where nothing was."""
    return median([each for sample in samples for each in what(sample)] or [0])


def as_json(soak: Soak) -> str:
    """Give all that was seen, and what follows from it."""
    growth = {name: asdict(each) for name, each in soak.growth.items()}
    follows = {"failed": soak.failed, "growth": growth, "flat": soak.flat, "held_out": soak.held_out}
    return json.dumps({**asdict(soak), **follows}, indent=2, ensure_ascii=False) + "\n"


def markdown(soak: Soak) -> str:
    """Write the report for people."""
    return "\n\n".join((_head(soak), _verdicts(soak), _clients(soak), _swaps(soak.swaps), _memory(soak))) + "\n"


def _head(soak: Soak) -> str:
    machine = soak.machine
    versions = ", ".join(f"{name} {number}" for name, number in machine.versions.items())
    return (
        f"# A soak of {soak.minutes:g} minutes\n\n"
        f"Made by `{machine.command}` on {machine.date}.\n"
        f"{machine.processor}, {machine.cores} cores, {machine.gibibytes:g} GiB, {machine.system}, "
        f"Python {machine.python}; {versions}.\n"
        "The real corpus is served with default settings and built anew each minute, on the same machine.\n"
        "Every client is a process of its own and asks from an address of its own."
    )


def _verdicts(soak: Soak) -> str:
    done = sum(swap.seconds is not None for swap in soak.swaps)
    rows = [
        ("requests of well-behaved clients that failed", "0", f"{soak.failed:,}", _yes(met=soak.failed == 0)),
        (
            "new snapshots taken over",
            f"{len(soak.swaps)}",
            f"{done}",
            _yes(met=done == len(soak.swaps) > 0),
        ),
        *(
            (f"{name} at the end, in times of before", f"≤ {FLAT:g}", f"{each.times:.2f}", _yes(met=each.flat))
            for name, each in soak.growth.items()
        ),
        ("the server is there at the end", "yes", _yes(met=soak.alive), _yes(met=soak.alive)),
    ]
    return f"## Targets\n\n{table(('target', 'wanted', 'found', 'met'), rows)}"


def _yes(*, met: bool) -> str:
    return "yes" if met else "no"


def _clients(soak: Soak) -> str:
    rows = [
        (name, f"{seen.requests:,}", f"{seen.p50:.1f}", f"{seen.p99:.1f}", f"{seen.longest:,.0f}", _failures(seen))
        for name, seen in soak.visits.items()
    ]
    body = table(("client", "requests", "p50 ms", "p99 ms", "longest ms", "not answered"), rows)
    return f"## Clients\n\n{body}\n\nMonsters are meant to be refused: what is not answered there is no failure."


def _failures(seen: Visit) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in sorted(seen.failures.items())) or "0"


def _swaps(swaps: Iterable[Swap]) -> str:
    rows = [
        (f"{swap.minute:.1f}", swap.snapshot, "not taken over" if swap.seconds is None else f"{swap.seconds:.1f}")
        for swap in swaps
    ]
    return f"## New snapshots\n\n{table(('minute', 'snapshot', 'served after s'), rows)}"


def _memory(soak: Soak) -> str:
    by_minute: dict[int, list[Sample]] = {}
    for sample in soak.samples:
        by_minute.setdefault(int(sample.minute), []).append(sample)
    columns = ("minute", "the server itself", "a worker", "least of all", "most of all", "processes")
    rows = [(f"{minute}", *_minute(seen)) for minute, seen in by_minute.items()]
    return (
        f"## Memory\n\n{table(columns, rows)}\n\n"
        "All but the last in MiB; what several processes share counts once.\n"
        "The server itself is its own process, which stays; a worker ends with its snapshot, or with a monster.\n"
        "Each counts by the middle of all that was seen of it.\n"
        "Least and most are of all together at a moment: they tell of monsters, and of workers that have just begun.\n"
        f"At the end: in the last {MINUTES * soak.span:g} minutes; before: in as many from minute {soak.start:g} on."
    )


def _minute(seen: Sequence[Sample]) -> tuple[str, ...]:
    held, processes = [each.mebibytes for each in seen], sorted({each.processes for each in seen})
    several = f"{processes[0]} to {processes[-1]}" if len(processes) > 1 else f"{processes[0]}"
    middle = _middle(seen, lambda each: (each.own,)), _middle(seen, lambda each: each.workers)
    return *(f"{each:,.0f}" for each in (*middle, min(held), max(held))), several


def soak(minutes: float, every: float, progress: Callable[[str], None]) -> Soak:
    """Serve the real corpus for some minutes, with a new snapshot `every` so many seconds, and watch.

    Raises ServerError where the corpus cannot be built or served, LoadError where a client fails.
    """
    with tempfile.TemporaryDirectory(prefix="exo-onto-soak-") as name:
        home = Path(name)
        progress("building the real corpus")
        serving.copy_sources(home / "root")
        data, _ = serving.prepare(home / "root", REAL)
        with servers.running(servers.ours(), data, bound=60) as one:
            clients = {
                name: load.depart(one.endpoint, queries, home, manner)
                for name, (queries, manner) in _mixed(data, minutes * 60).items()
            }
            try:
                samples, swaps = _watch(one, data, minutes, every, progress)
                visits = {name: load.arrive(client) for name, client in clients.items()}
            finally:
                for client in clients.values():
                    client.kill()  # where something failed: they would go on asking
            alive = one.alive
    return Soak(serving.seen("benchmarks.soak"), minutes, visits, swaps, samples, alive)


def _mixed(data: Prepared, seconds: float) -> dict[str, tuple[Sequence[Query], Manner]]:
    """Say who asks what, and how."""
    several = sys.platform == "linux"  # only there has loopback more than one address
    sources = [f"127.0.0.{number}" if several else "" for number in (2, 3, 4, 5)]
    looked_up = workloads.lookups(open_snapshot(data.root / "build"))
    return {
        "look-ups": (looked_up, Manner(seconds, pause=0.02, source=sources[0])),
        "questions": (workloads.questions(), Manner(seconds, pause=0.2, source=sources[1])),
        "monsters": (MONSTERS, Manner(seconds, pause=1, source=sources[2])),
        "monsters too": (MONSTERS[::-1], Manner(seconds, pause=1, source=sources[3])),
    }


def _watch(
    one: Running, data: Prepared, minutes: float, every: float, progress: Callable[[str], None]
) -> tuple[tuple[Sample, ...], tuple[Swap, ...]]:
    """Look at the memory now and then, and have new snapshots made meanwhile."""
    samples: list[Sample] = []
    start, due = perf_counter(), every
    with ThreadPoolExecutor(1) as aside:
        swaps = []
        while (passed := perf_counter() - start) < minutes * 60:
            own, *workers = (round(share, 1) for share in one.shares())
            samples.append(Sample(round(passed / 60, 3), own, tuple(workers)))
            if passed >= due and passed + TAKEN_OVER < minutes * 60:
                progress(f"minute {passed / 60:.0f}: {samples[-1].mebibytes:,.0f} MiB, and a new snapshot")
                swaps.append(aside.submit(_swap, one, data, start))
                due += every
            sleep(min(GLANCE, max(0.0, minutes * 60 - (perf_counter() - start))))
        return tuple(samples), tuple(swap.result() for swap in swaps)


def _swap(one: Running, data: Prepared, start: float) -> Swap:
    """Publish a snapshot of the same knowledge and another name, and wait until it is served."""
    touched = min((data.root / "instances").glob("*.ttl"))
    with touched.open("a", encoding="utf-8") as file:
        file.write(f"# Touched after {perf_counter() - start:.0f} seconds.\n")
    serving.build(data.root, data.name)
    name = open_snapshot(data.root / "build").manifest.name
    published = perf_counter()
    while perf_counter() - published < TAKEN_OVER:
        if _served(one) == name:
            return Swap(round((published - start) / 60, 2), name, round(perf_counter() - published, 2))
        sleep(0.2)
    return Swap(round((published - start) / 60, 2), name, None)


def _served(one: Running) -> str:
    """Ask the server which snapshot it answers from."""
    try:
        answer = httpx.get(one.endpoint, params={"query": "ASK {}"}, timeout=TAKEN_OVER)
    except httpx.HTTPError:
        return ""
    return str(answer.headers.get(SNAPSHOT_HEADER, ""))


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
console = Console(stderr=True)


@app.command(
    epilog="Examples:\n\npython -m benchmarks.soak --minutes 10\n\npython -m benchmarks.soak --minutes 2 --out /tmp"
)
def main(
    *,
    minutes: Annotated[float, typer.Option(help="How long.", min=0.5)] = 10,
    every: Annotated[float, typer.Option(help="Seconds from one new snapshot to the next.", min=10)] = 60,
    out: Annotated[Path, typer.Option(help="The folder for soak.md and soak.json.")] = Path("docs/benchmarks"),
) -> None:
    """Serve under mixed load with hot swaps, and tell what failed and whether memory stays flat; 1 where it did not."""
    try:
        seen = soak(minutes, every, lambda said: console.print(f"{said} ..."))
    except (ServerError, LoadError) as error:
        typer.echo(f"{error}", err=True)
        raise typer.Exit(2) from error
    out.mkdir(parents=True, exist_ok=True)
    (out / "soak.json").write_text(as_json(seen), "utf-8")
    (out / "soak.md").write_text(markdown(seen), "utf-8")
    typer.echo(markdown(seen))
    if not seen.held_out:
        raise typer.Exit(1)


if __name__ == "__main__":
    app()
