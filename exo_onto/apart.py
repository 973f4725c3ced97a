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
from typing import Final, TypeVar

from pyoxigraph import NamedNode, Quad, RdfFormat, Store, Triple, parse

from exo_onto import crossing, judge, loading, partitions, rules
from exo_onto.axioms import Rule
from exo_onto.diagnose import Diagnostic
from exo_onto.faults import FaultySourcesError
from exo_onto.judge import Judgement, Progress
from exo_onto.partitions import Base, Clash, Workers
from exo_onto.sources import Sources
from exo_onto.spool import Spool
from exo_onto.validate import Manner, Report
from exo_onto.vocabulary import ASSERTED_GRAPHS, GRAPH_INFERRED

MOST_BESIDE: Final = 100_000_000
"""Up to how many bytes of studies are written to the disk while what follows is: nearly 100,000, told briefly."""
_Given = TypeVar("_Given")


@dataclass(frozen=True)
class _Job:
    """What there is to do: what is read, where to, by whom it is reasoned over, and in parts of how many bytes."""

    read: Sources
    home: Path
    workers: Workers
    part_bytes: int
    progress: Progress


@dataclass(frozen=True)
class _Reasoned:
    """What came of the base and of all parts: contradictions, why parts do not do, if so, and seconds of writing.

    Where a study `states_axioms`, it is to do again by those of all.
    """

    base: Base
    clashes: tuple[Clash, ...]
    together: str | None
    states_axioms: bool
    writing: float


def judge_apart(
    read: Sources, home: Path, workers: Workers, *, part_bytes: int, progress: Progress
) -> Judgement | None:
    """Judge as `judge` does, with the studies in parts of about so many bytes, and fill a store in a new folder.

    None where the parts cannot be reasoned over one by one; progress says why. Raises WorkersError.
    """
    seconds: dict[str, float] = {}
    try:
        return _judge(_Job(read, home, workers, part_bytes, progress), Store(str(home)), seconds)
    except (FaultySourcesError, SyntaxError) as error:
        return judge.unread(_all_faults(read, error))
    except rules.UncompilableError as error:
        return Judgement(read, None, Report(()), judge.refusals(read, error), seconds)


def _judge(job: _Job, disk: Store, seconds: dict[str, float]) -> Judgement | None:
    shapes, entailed = judge.part_shapes(job.read.shapes)
    written, spool = Store(), Spool(job.home.with_suffix(".nt"), disk, GRAPH_INFERRED)
    with judge.timed(seconds, "reason and validate", job.progress), ThreadPoolExecutor(1) as beside:
        validating = beside.submit(_read_and_validate, job.read, written, shapes, seconds)
        axioms = _shared_axioms(job.read)
        compiled, reasoned = _reason(job, spool, axioms)
        report, refused = validating.result()
        if reasoned.states_axioms:
            job.progress("reason and validate: anew, as studies state axioms")
            spool.clear()
            compiled, reasoned = _reason(job, spool, judge.axioms(written))
    if reasoned.together:
        job.progress(f"reason: in one piece, as {reasoned.together}")
        return None
    seconds["reason and validate"] -= reasoned.writing + seconds["read"]
    types = {each.contradiction: each.types for each in reasoned.clashes}
    wrong = judge.senseless(job.read, written, compiled, types)
    if not wrong and not refused:
        job.progress("publish: writing what is written and what follows")
        seconds["publish"] = reasoned.writing + _timed(partial(_publish, job, written, reasoned.base), spool)
        with judge.timed(seconds, "validate what follows", job.progress):
            everything = (*ASSERTED_GRAPHS, GRAPH_INFERRED)
            manner = Manner(partitions.cores(), in_sets=True, screened=True)
            later, refused = judge.validated(job.read.shapes, disk, entailed, everything, job.progress, manner=manner)
            report = Report(tuple(sorted((*report.results, *later.results))))
    diagnostics = (*refused, *wrong, *judge.told(job.read, report))
    return Judgement(job.read, None, report, diagnostics, seconds, contradictions=tuple(types))


def _read_and_validate(
    read: Sources, written: Store, shapes: list[Triple], seconds: dict[str, float]
) -> tuple[Report, tuple[Diagnostic, ...]]:
    """Fill a store with what is written, and validate that. Raises FaultySourcesError."""
    seconds["read"] = _timed(partial(loading.load, read), written)
    return judge.validated(read.shapes, written, shapes, ASSERTED_GRAPHS, _silent, manner=Manner(screened=True))


def _shared_axioms(read: Sources) -> list[Triple]:
    """Give the axioms that all share: all there are but for those that a study states, which few do."""
    store = Store()
    loading.load(read.without_studies, store)
    return judge.axioms(store)


def _all_faults(read: Sources, first: FaultySourcesError | SyntaxError) -> FaultySourcesError:
    """Give all that is wrong with the sources, and not only what was come upon first."""
    try:
        loading.load(read, Store())
    except FaultySourcesError as error:
        return error
    raise first


def _reason(job: _Job, spool: Spool, axioms: list[Triple]) -> tuple[tuple[Rule, ...], _Reasoned]:
    """Reason by some axioms over the base, then over each part with it, and keep what follows as it comes."""
    compiled = rules.compile_rules(axioms)
    portions = partitions.cut(job.read.studies, job.part_bytes)
    base = partitions.reason_base((file.content() for file in job.read.shared), compiled)
    nameless = _nameless(base.inferred)
    reaches: list[crossing.Reach] = []
    clashes: set[Clash] = set()
    states_axioms, writing = False, 0.0
    for part in partitions.parts(job.workers, portions, base, compiled):
        reaches.append(part.reach)
        clashes |= set(part.clashes)
        states_axioms = states_axioms or part.states_axioms
        nameless = nameless or _nameless(part.stored) or any(_nameless(each.lines) for each in part.leaves)
        job.progress(f"reason and validate: part {len(reaches)} of {len(portions)}")
        writing += _timed(spool.take, part.written())
    together = "something follows of a nameless thing" if nameless else crossing.why_together(compiled, reaches)
    return compiled, _Reasoned(base, tuple(sorted(clashes, key=str)), together, states_axioms, writing)


def _publish(job: _Job, written: Store, base: Base, spool: Spool) -> None:
    """Write to the disk what is written and what follows: side by side, unless that would be much to hold at once."""
    much = sum(file.size for file in job.read.studies) > MOST_BESIDE
    with ThreadPoolExecutor(1 if much else 2) as together:
        for done in (together.submit(_write, written, base, spool), together.submit(_copy, written, spool.store)):
            done.result()


def _write(written: Store, base: Base, spool: Spool) -> None:
    """Write what follows of all parts, and of the base what no study states."""
    follows = (quad.triple for quad in parse(base.inferred, format=RdfFormat.N_TRIPLES))
    fresh = (triple for triple in follows if not _is_written(written, triple))
    spool.store.extend(Quad(t.subject, t.predicate, t.object, GRAPH_INFERRED) for t in fresh)
    spool.load()


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
