"""serving_report: what was measured of servers in, Markdown and JSON out. Pure.

Each figure is the median of the runs. A target is met, is not, or could not be measured, and is told so.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median

from benchmarks.load import Load, Visit
from benchmarks.report import Machine
from benchmarks.tabling import table
from benchmarks.targets import Target, number, written

OXIGRAPH, RDFLIB = "oxigraph", "rdflib-endpoint"
OURS, OURS_CACHED = "exo-onto, cache off", "exo-onto, cache on"

LOOKUPS, QUESTIONS, ANALYTIC = "look-ups", "questions", "analytic"
WORKLOADS = {
    LOOKUPS: "Look-ups",
    QUESTIONS: "The shipped questions",
    ANALYTIC: "Analytic queries",
}


@dataclass(frozen=True)
class Taken:
    """The runs of one workload on one server; none, and why, where it could not be measured."""

    data: str
    workload: str
    server: str
    loads: tuple[Load, ...] = ()
    mebibytes: float | None = None
    remark: str = ""

    @property
    def throughput(self) -> float | None:
        """Answers a second, the median of the runs."""
        return median(load.throughput for load in self.loads) if self.loads else None


@dataclass(frozen=True)
class LeftOut:
    """A query that no server was timed with, since they do not agree on it."""

    data: str
    workload: str
    query: str
    why: str


@dataclass(frozen=True)
class Data:
    """What was served: its name, its triples, and how many different queries of each workload all agree on."""

    name: str
    triples: int
    queries: Mapping[str, int]


@dataclass(frozen=True)
class Siege:
    """What is left of a server after the hostile corpus; `recovered` None: not within the bound."""

    server: str
    fired: int
    answered: int
    alive: bool
    gone_after: float | None
    recovered: float | None
    mebibytes: float | None
    remark: str = ""


@dataclass(frozen=True)
class Disturbed:
    """What a well-behaved client saw of a server: at rest, and while the corpus was fired, one pair for each run."""

    server: str
    idle: tuple[Visit, ...]
    fired_at: tuple[Visit, ...]

    @property
    def factor(self) -> float | None:
        """How many times as long the slowest hundredth waits, the median of the runs."""
        pairs = [busy.p99 / idle.p99 for idle, busy in zip(self.idle, self.fired_at, strict=True) if idle.p99]
        return median(pairs) if pairs else None

    @property
    def failed(self) -> int:
        """How many requests failed while the corpus was fired, in all runs."""
        return sum(visit.failed for visit in self.fired_at)


@dataclass(frozen=True)
class Settings:
    """How it was measured."""

    seconds: float
    repeat: int
    connections: int
    patience: float
    bound: float
    sieges: int
    workloads: tuple[str, ...] = tuple(WORKLOADS)


@dataclass(frozen=True)
class Result:
    """All that one run measured."""

    machine: Machine
    settings: Settings
    data: tuple[Data, ...]
    taken: tuple[Taken, ...]
    left_out: tuple[LeftOut, ...] = ()
    sieges: tuple[Siege, ...] = ()
    disturbed: tuple[Disturbed, ...] = ()


@dataclass(frozen=True)
class Aim:
    """A target of throughput: one server against another on one workload."""

    sentence: str
    workload: str
    ours: str
    theirs: str
    least: float


AIMS = (
    Aim("look-ups, cache off: a third of oxigraph's throughput", LOOKUPS, OURS, OXIGRAPH, 1 / 3),
    Aim("analytic queries, cache off: 0.9 of oxigraph's throughput", ANALYTIC, OURS, OXIGRAPH, 0.9),
    Aim("shipped questions, cache off: 10 times rdflib-endpoint's", QUESTIONS, OURS, RDFLIB, 10),
    Aim("shipped questions, cache on: 5 times oxigraph's", QUESTIONS, OURS_CACHED, OXIGRAPH, 5),
)
MOST_DISTURBED = 5
"""How many times its idle p99 a well-behaved client may wait while the corpus is fired."""


def as_json(result: Result) -> str:
    """Give all that was measured, and what came of the targets."""
    aims = [{**asdict(target), "met": target.met} for target in targets(result)]
    return json.dumps({**asdict(result), "targets": aims}, indent=2, ensure_ascii=False) + "\n"


def markdown(result: Result) -> str:
    """Write the report for people."""
    parts = [
        _head(result),
        written(targets(result)),
        *(_workload(result, data, workload) for data in result.data for workload in WORKLOADS),
        _left_out(result.left_out),
        _sieges(result.sieges),
        _disturbed(result.disturbed),
        "Versions: " + ", ".join(f"{name} {number}" for name, number in result.machine.versions.items()) + ".",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def targets(result: Result) -> tuple[Target, ...]:
    """Hold what was measured against what is aimed at, on each data set that both servers were measured on."""
    found = [
        Target(f"{data.name}: {aim.sentence}", ratio(result, data.name, aim), least=aim.least)
        for data in result.data
        for aim in AIMS
    ]
    if not result.disturbed:
        found.append(Target("p99 of a well-behaved client under the corpus, in idle ones", None, most=MOST_DISTURBED))
    for each in result.disturbed:
        sentence = f"{each.server}: p99 of a well-behaved client under the corpus, in idle ones"
        found.append(Target(sentence, each.factor, most=MOST_DISTURBED))
        found.append(Target(f"{each.server}: failures that this client sees", each.failed, most=0))
    return tuple(found)


def ratio(result: Result, data: str, aim: Aim) -> float | None:
    """Divide the throughput of one server by that of another, where both were measured."""
    by_server = {one.server: one.throughput for one in result.taken if (one.data, one.workload) == (data, aim.workload)}
    mine, theirs = by_server.get(aim.ours), by_server.get(aim.theirs)
    return mine / theirs if mine is not None and theirs else None


def _head(result: Result) -> str:
    machine, how = result.machine, result.settings
    sizes = "; ".join(f"{data.name}, {data.triples:,} triples" for data in result.data)
    return (
        f"# Serving, side by side\n\n"
        f"Made by `{machine.command}` on {machine.date}.\n"
        f"{machine.processor}, {machine.cores} cores, {machine.gibibytes:g} GiB, {machine.system}, "
        f"Python {machine.python}.\n"
        f"Data: {sizes}; proofs are left out, so that the default graph is the same everywhere.\n"
        "Each server is a process on loopback, started anew for each run and asked beforehand, several times at once, "
        "until each of its workers has met every query.\n"
        f"wrk asks with {how.connections} connections, on the same cores, for {how.seconds:g} seconds or one and a "
        f"half rounds of all queries; each figure is the median of {how.repeat} runs, taken in turn.\n"
        "Milliseconds are those of wrk, which adds what would have waited while a server stood still.\n"
        "Memory is the most that a server and its workers held, as seen beforehand and at the end, since to look while "
        "it is timed would cost time; what they share counts once.\n"
        "All servers gave as many rows to each query that is timed; the others are named below."
    )


def _workload(result: Result, data: Data, workload: str) -> str:
    several = [one for one in result.taken if (one.data, one.workload) == (data.name, workload)]
    if not several:
        return ""
    base = next((one.throughput for one in several if one.server == OXIGRAPH), None)
    header = ("server", "a second", "of oxigraph", "p50 ms", "p99 ms", "MiB", "failed", "remark")
    title = f"{WORKLOADS[workload]}: {data.name}, {data.queries.get(workload, 0)} queries"
    return f"## {title}\n\n{table(header, (_taken(one, base) for one in several))}"


def _taken(one: Taken, base: float | None) -> tuple[str, ...]:
    if one.throughput is None:
        return (one.server, "-", "-", "-", "-", _mebibytes(one.mebibytes), "-", one.remark)
    return (
        one.server,
        number(one.throughput),
        number(one.throughput / base if base else None),
        number(median(load.p50 for load in one.loads)),
        number(median(load.p99 for load in one.loads)),
        _mebibytes(one.mebibytes),
        f"{sum(load.failures for load in one.loads):,}",
        one.remark,
    )


def _left_out(several: Iterable[LeftOut]) -> str:
    rows = [(one.query, one.data, one.why) for one in several]
    return f"## Queries left out\n\n{table(('query', 'data', 'remark'), rows)}" if rows else ""


def _sieges(several: Sequence[Siege]) -> str:
    if not several:
        return ""
    header = ("server", "answered", "alive", "answers again after", "MiB", "remark")
    rows = [
        (
            one.server,
            f"{one.answered} of {one.fired}",
            "yes" if one.alive else f"gone after {one.gone_after or 0:.1f} s",
            _recovered(one),
            _mebibytes(one.mebibytes),
            one.remark,
        )
        for one in several
    ]
    return (
        f"## What is left after the hostile corpus\n\n{table(header, rows)}\n\n"
        "The corpus (`tests/hostile/`) is fired in parallel; a refusal is an answer.\n"
        "Then a plain query is put until it is answered."
    )


def _recovered(one: Siege) -> str:
    if not one.alive:
        return "never"
    return "not within the bound" if one.recovered is None else f"{one.recovered:.1f} s"


def _disturbed(several: Sequence[Disturbed]) -> str:
    if not several:
        return ""
    header = ("server", "idle p99 ms", "p99 ms", "longest ms", "times", "requests", "failed")
    rows = [
        (
            one.server,
            number(median(visit.p99 for visit in one.idle)),
            number(median(visit.p99 for visit in one.fired_at)),
            number(max(visit.longest for visit in one.fired_at)),
            number(one.factor),
            f"{sum(visit.requests for visit in one.fired_at):,}",
            f"{one.failed:,}",
        )
        for one in several
    ]
    return (
        f"## A well-behaved client while the corpus is fired\n\n{table(header, rows)}\n\n"
        f"Medians of {len(several[0].idle)} runs.\n"
        "It asks look-ups, one after the other, from an address and in a process of its own; "
        "the corpus is fired over and over meanwhile."
    )


def _mebibytes(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}"
