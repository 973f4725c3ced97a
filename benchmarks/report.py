"""report: measurements in, Markdown and JSON out. Pure.

Like is compared with like. A peer reasons or validates, and the build does both, so it is compared without the stage
that the peer has no part in: whole processes on both sides, from start-up to the written result.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import log
from statistics import linear_regression, median

from benchmarks.peers import Measurement
from benchmarks.processes import Outcome
from benchmarks.tabling import table
from benchmarks.targets import Target, written

OURS = {"reason": "exo-onto, parse + reason + write", "validate": "exo-onto, parse + validate"}
TASKS = {"reason": "Reasoning", "validate": "Validation"}
REFEREES = ("HermiT (owlready2)", "pySHACL")
"""The two peers that do together what the build does."""

NOTES = {
    "reason": "Each counts in its own way what it infers: owlready2 keeps direct types only, rule engines also draw "
    "conclusions about the vocabulary, and Konclude is counted with the types that were asserted.",
    "validate": "All validate what is asserted, by the shapes about it. A build also validates what follows.",
}
"""What a reader must know to read a table."""

Row = tuple[str, ...]


@dataclass(frozen=True)
class Machine:
    """What the figures were measured on, when, and by which command."""

    processor: str
    cores: int
    gibibytes: float
    system: str
    python: str
    versions: Mapping[str, str]
    date: str
    command: str


@dataclass(frozen=True)
class Growth:
    """The build at one size."""

    studies: int
    triples: int
    build: Measurement


@dataclass(frozen=True)
class Result:
    """All that one run measured; `corpus` are seconds of builds of the shipped corpus, after start-up."""

    machine: Machine
    studies: int
    detail: str
    triples: int
    bound: float
    repeat: int
    ours: Measurement
    alone: tuple[Measurement, ...]
    peers: tuple[Measurement, ...]
    growth: tuple[Growth, ...] = ()
    corpus: tuple[float, ...] = ()


def as_json(result: Result) -> str:
    """Give all that was measured, and the exponents that follow."""
    told = {**asdict(result), "exponents": exponents(result.growth)}
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def markdown(result: Result) -> str:
    """Write the report for people: one table for each task, one for the whole, one for growth."""
    parts = [
        _head(result),
        written(targets(result)),
        *(_task(result, task) for task in TASKS),
        _whole(result),
        _stages(result.ours),
        _corpus(result.corpus),
        _growth(result.growth),
        _foot(result),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def targets(result: Result) -> tuple[Target, ...]:
    """Hold what was measured against what is aimed at."""
    reasoning, validation = alone(result, "reason"), alone(result, "validate")
    peers = (
        (reasoning, "Konclude", 1),
        (reasoning, "reasonable", 2),
        (validation, "pySHACL", 8),
        (validation, "pyrudof", 1),
    )
    together = f"the whole build: times as fast as {' and '.join(REFEREES)} together"
    return (
        _against(result, together, 10, result.ours, *REFEREES),
        *(
            _against(result, f"{OURS[mine.task]}: {name} takes times as long", least, mine, name)
            for mine, name, least in peers
        ),
        Target("reasoning and validation, in times of reading", _in_readings(result.ours), most=2.5),
        Target("the shipped corpus, after start-up: seconds", median(result.corpus) if result.corpus else None, most=1),
        Target("growth of the whole build: the exponent", exponents(result.growth).get("whole"), most=1.1),
    )


def _against(result: Result, sentence: str, least: float, mine: Measurement, *names: str) -> Target:
    """Say how many times as long as we some peers take, one after the other."""
    peers = [next((peer for peer in result.peers if peer.peer == name), None) for name in names]
    ended = [peer for peer in peers if peer and peer.run.outcome in (Outcome.DONE, Outcome.PAST_BOUND)]
    if len(ended) < len(peers) or mine.run.outcome is not Outcome.DONE or not mine.run.seconds:
        return Target(sentence, None, least=least)
    past = any(peer.run.outcome is Outcome.PAST_BOUND for peer in ended)
    times = sum(_at_least(peer, result.bound) for peer in ended) / mine.run.seconds
    return Target(sentence, times, least=least, at_least=past)


def _in_readings(ours: Measurement) -> float | None:
    work = sum(seconds for name, seconds in ours.stages.items() if name.startswith(("reason", "validate")))
    return work / ours.stages["read"] if ours.stages.get("read") else None


def alone(result: Result, task: str) -> Measurement:
    """Give how long we take for the work of the peers of a task, and no more."""
    return next(one for one in result.alone if one.task == task)


def exponents(growth: Sequence[Growth]) -> dict[str, float]:
    """Fit time to size, by least squares on their logarithms: 1 is in proportion, 2 four times at twice the size.

    For the whole process, and for each stage that every size has told.
    """
    done = [each for each in growth if each.build.run.seconds and each.build.run.outcome is Outcome.DONE]
    if len({each.studies for each in done}) < 2:  # noqa: PLR2004  a line takes two points
        return {}
    sizes = [log(each.studies) for each in done]
    known = set.intersection(*({name for name, s in each.build.stages.items() if s > 0} for each in done))
    columns = {"whole": [each.build.run.seconds or 0 for each in done]}
    columns |= {name: [each.build.stages[name] for each in done] for name in done[0].build.stages if name in known}
    return {name: round(linear_regression(sizes, list(map(log, times))).slope, 3) for name, times in columns.items()}


def _head(result: Result) -> str:
    machine = result.machine
    times = f"the median of {result.repeat} runs" if result.repeat > 1 else "one run"
    return (
        f"# Benchmarks: {result.studies:,} studies, {result.triples:,} triples\n\n"
        f"Made by `{machine.command}` on {machine.date}.\n"
        f"{machine.processor}, {machine.cores} cores, {machine.gibibytes:g} GiB, {machine.system}, "
        f"Python {machine.python}.\n"
        f"Seconds on the wall of whole processes, {times} each; memory is the most held at once, child processes too.\n"
        f"The studies are made up (`benchmarks/generate.py`, {result.detail}); all read the same triples.\n"
        "A ratio says how many times as long as exo-onto a peer takes.\n\n"
        "![Seconds of exo-onto and of each peer, as bars](chart.svg)"
    )


def _task(result: Result, task: str) -> str:
    mine = alone(result, task)
    seconds = mine.run.seconds if mine.run.outcome is Outcome.DONE else None
    rows: list[Row] = [(OURS[task], *_peer(mine, seconds, result.bound)[1:]), *_alone(mine)]
    for peer in result.peers:
        if peer.task == task:
            rows.append(_peer(peer, seconds, result.bound))
            rows += _alone(peer)
    count = {"reason": "triples inferred", "validate": "results"}[task]
    body = table(("tool", "seconds", "ratio", "MiB", count, "remark"), rows)
    return f"## {TASKS[task]}\n\n{body}\n\n{NOTES[task]}"


def _peer(peer: Measurement, mine: float | None, bound: float) -> Row:
    found = "-" if peer.found is None else f"{peer.found:,}"
    return (peer.peer, _ending(peer, bound), _ratio(peer, mine, bound), _memory(peer), found, peer.remark)


def _alone(peer: Measurement) -> list[Row]:
    """Tell the work of a validator without its start-up and reading."""
    if peer.task not in peer.stages or peer.task != "validate":
        return []
    return [(f"{peer.peer}, the stage alone", _seconds(peer.stages[peer.task]), "", "", "", "")]


def _whole(result: Result) -> str:
    """Compare the whole build with the two tools that do the same together."""
    pair = [peer for name in REFEREES for peer in result.peers if peer.peer == name]
    if len(pair) < len(REFEREES):
        return ""
    mine = result.ours.run.seconds if result.ours.run.outcome is Outcome.DONE else None
    ended = [peer.run.outcome in (Outcome.DONE, Outcome.PAST_BOUND) for peer in pair]
    least = sum(_at_least(peer, result.bound) for peer in pair)
    more = "> " if any(peer.run.outcome is Outcome.PAST_BOUND for peer in pair) else ""
    theirs = f"{more}{least:.1f}" if all(ended) else "-"
    ratio = f"{more}{_times(least / mine)}" if all(ended) and mine else "-"
    rows = [("exo-onto build", _ending(result.ours, result.bound), "1"), (" + ".join(REFEREES), theirs, ratio)]
    return f"## The whole build\n\n{table(('tool', 'seconds', 'ratio'), rows)}"


def _stages(ours: Measurement) -> str:
    if ours.run.seconds is None or not ours.stages:
        return ""
    rest = ours.run.seconds - sum(ours.stages.values())
    rows = [
        *((name, _seconds(seconds)) for name, seconds in ours.stages.items()),
        ("start-up and the rest", _seconds(rest)),
    ]
    return f"## Our build by stage\n\n{table(('stage', 'seconds'), rows)}"


def _corpus(seconds: Sequence[float]) -> str:
    if not seconds:
        return ""
    return (
        f"## The shipped corpus\n\nIts build, with all proofs, takes {median(seconds):.2f} s after start-up: "
        f"the median of {len(seconds)} processes, of {min(seconds):.2f} to {max(seconds):.2f} s."
    )


def _growth(growth: Sequence[Growth]) -> str:
    if not growth:
        return ""
    rows = [
        (f"{each.studies:,}", f"{each.triples:,}", _ending(each.build, None), _memory(each.build)) for each in growth
    ]
    fitted = exponents(growth)
    said = "; ".join(f"{name} n^{slope:.2f}" for name, slope in fitted.items())
    sentence = (
        f"\n\nTime grows with the number of studies n as: {said} (least squares on logarithms)." if fitted else ""
    )
    return f"## Growth\n\n{table(('studies', 'triples', 'seconds', 'MiB'), rows)}{sentence}"


def _foot(result: Result) -> str:
    return "Versions: " + ", ".join(f"{name} {number}" for name, number in result.machine.versions.items()) + "."


def _seconds(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds:.2f}"


def _ending(one: Measurement, bound: float | None) -> str:
    """Say in the seconds' place how a run ended, where it did not end well."""
    match one.run.outcome:
        case Outcome.DONE:
            return _seconds(one.run.seconds)
        case Outcome.PAST_BOUND:
            return f"> {one.run.seconds if bound is None else bound:g}"
        case Outcome.FAILED:
            return f"failed: {one.run.told}".replace("|", "/")
        case Outcome.NOT_INSTALLED:
            return "not installed"


def _at_least(one: Measurement, bound: float) -> float:
    return bound if one.run.outcome is Outcome.PAST_BOUND else one.run.seconds or 0


def _ratio(peer: Measurement, mine: float | None, bound: float) -> str:
    if not mine or peer.run.outcome not in (Outcome.DONE, Outcome.PAST_BOUND):
        return "-"
    more = "> " if peer.run.outcome is Outcome.PAST_BOUND else ""
    return f"{more}{_times(_at_least(peer, bound) / mine)}"


def _times(ratio: float) -> str:
    return f"{ratio:.1f}" if ratio >= 1 else f"{ratio:.2g}"


def _memory(one: Measurement) -> str:
    return "-" if one.run.mebibytes is None else f"{one.run.mebibytes:,.0f}"
