"""apart: sources of many studies in, a `Judgement` and a store on disk out, by the workers of any executor.

What is written is validated here, in memory, while workers reason over parts of it (`partitions`). What follows goes to
the disk as it comes, so that memory holds what is written and no more. Shapes about what follows run on the disk.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TypeVar

from pyoxigraph import NamedNode, Quad, RdfFormat, Store, Triple, parse

from exo_onto import crossing, judge, partitions, rules, sources
from exo_onto.axioms import Rule
from exo_onto.judge import Judgement, Progress
from exo_onto.partitions import Clash, Workers
from exo_onto.snapshot import Spool
from exo_onto.sources import FaultySourcesError, Sources
from exo_onto.validate import Report
from exo_onto.vocabulary import ASSERTED_GRAPHS, GRAPH_INFERRED

_Given = TypeVar("_Given")


@dataclass(frozen=True)
class _Job:
    """What there is to do: what is written, in memory, where to, and by which rules and by whom it is reasoned over."""

    read: Sources
    home: Path
    written: Store
    rules: tuple[Rule, ...]
    workers: Workers
    part_bytes: int
    progress: Progress


@dataclass(frozen=True)
class _Reasoned:
    """What came of all parts: what contradicts itself, why they do not do, if so, and how long writing took, in s."""

    clashes: tuple[Clash, ...]
    together: str | None
    writing: float


def judge_apart(
    read: Sources, home: Path, workers: Workers, *, part_bytes: int, progress: Progress
) -> Judgement | None:
    """Judge as `judge` does, with the studies in parts of about so many bytes, and fill a store in a new folder.

    None where the parts cannot be reasoned over one by one; progress says why. Raises WorkersError.
    """
    written = Store()
    seconds: dict[str, float] = {}
    try:
        with judge.timed(seconds, "read", progress):
            sources.load(read, written)
    except FaultySourcesError as error:
        return judge.unread(error)
    try:
        compiled = rules.compile_rules(judge.axioms(written))
    except rules.UncompilableError as error:
        return Judgement(read, None, Report(()), judge.refusals(read, error), seconds)
    return _judge(_Job(read, home, written, compiled, workers, part_bytes, progress), Store(str(home)), seconds)


def _judge(job: _Job, disk: Store, seconds: dict[str, float]) -> Judgement | None:
    read, written = job.read, job.written
    shapes, entailed = judge.part_shapes(read.shapes)
    with judge.timed(seconds, "reason and validate", job.progress), ThreadPoolExecutor(1) as beside:
        validating = beside.submit(judge.validated, read.shapes, written, shapes, ASSERTED_GRAPHS, _silent)
        reasoned = _reason(job, disk)
        report, refused = validating.result()
    if reasoned.together:
        job.progress(f"reason: in one piece, as {reasoned.together}")
        return None
    seconds["reason and validate"] -= reasoned.writing
    seconds["publish"] = reasoned.writing
    types = {each.contradiction: each.types for each in reasoned.clashes}
    wrong = judge.senseless(read, written, job.rules, types)
    if not wrong and not refused:
        seconds["publish"] += _timed(partial(_copy, written), disk)
        with judge.timed(seconds, "validate what follows", job.progress):
            everything = (*ASSERTED_GRAPHS, GRAPH_INFERRED)
            later, refused = judge.validated(read.shapes, disk, entailed, everything, job.progress)
            report = Report(tuple(sorted((*report.results, *later.results))))
    diagnostics = (*refused, *wrong, *judge.told(read, report))
    return Judgement(read, None, report, diagnostics, seconds, contradictions=tuple(types))


def _reason(job: _Job, disk: Store) -> _Reasoned:
    """Reason over the base, then over each part with it, and load what follows as it comes."""
    portions = partitions.cut(job.read.studies, job.part_bytes)
    base = partitions.reason_base((file.content() for file in job.read.shared), job.rules)
    follows = (quad.triple for quad in parse(base.inferred, format=RdfFormat.N_TRIPLES))
    fresh = (triple for triple in follows if not _is_written(job.written, triple))
    disk.extend(Quad(t.subject, t.predicate, t.object, GRAPH_INFERRED) for t in fresh)
    nameless = _nameless(base.inferred)
    reaches: list[crossing.Reach] = []
    clashes: set[Clash] = set()
    writing = 0.0
    spool = Spool(job.home.with_suffix(".nt"), disk, GRAPH_INFERRED)
    for part in partitions.parts(job.workers, portions, base, job.rules):
        reaches.append(part.reach)
        clashes |= set(part.clashes)
        nameless = nameless or _nameless(part.inferred)
        job.progress(f"reason and validate: part {len(reaches)} of {len(portions)}")
        writing += _timed(spool.take, part.inferred)
    job.progress("reason and validate: writing what follows")
    writing += _timed(Spool.load, spool)
    together = "something follows of a nameless thing" if nameless else crossing.why_together(job.rules, reaches)
    return _Reasoned(tuple(sorted(clashes, key=str)), together, writing)


def _copy(written: Store, disk: Store) -> None:
    """Copy graph by graph, as text: faster than one triple after the other."""
    graphs = [graph for graph in written.named_graphs() if isinstance(graph, NamedNode)]
    for graph in graphs:
        content = written.dump(format=RdfFormat.N_TRIPLES, from_graph=graph) or b""
        disk.bulk_load(content, format=RdfFormat.N_TRIPLES, to_graph=graph, lenient=True)


def _timed(work: Callable[[_Given], object], given: _Given) -> float:
    """Do something, and give how many seconds it took."""
    start = perf_counter()
    work(given)
    return perf_counter() - start


def _is_written(written: Store, triple: Triple) -> bool:
    """Say whether a study states what follows from what all share."""
    return any(True for _ in written.quads_for_pattern(triple.subject, triple.predicate, triple.object))


def _nameless(inferred: bytes) -> bool:
    """Say whether something may follow of a blank node, which nobody knows but the worker that read it."""
    return b"_:" in inferred


def _silent(_: str) -> None:
    """Stand for a progress that nobody follows."""
