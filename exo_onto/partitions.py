"""partitions: studies cut into parts, reasoned over on the workers of any executor, what follows from each out.

    base (ontology, entities) --- reasoned over once, with all that follows from it
      + part 1 --> worker --> what follows, what contradicts itself, what it says of shared things
      + part 2 --> worker --> ...

A worker that is lost is made up for: its parts are given to another. `crossing` says whether the parts may stand alone.
"""

import importlib
import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from math import ceil
from typing import Any, Final, cast

from pyoxigraph import NamedNode, Quad, QueryResultsFormat, QuerySolutions, QueryTriples, RdfFormat, Store, parse

from exo_onto.axioms import Rule
from exo_onto.crossing import Reach
from exo_onto.leaves import Leaves, leaves
from exo_onto.offenders import first_offenders
from exo_onto.plan import Plan
from exo_onto.reach import reach
from exo_onto.reason import Contradiction, Dataset, engine, reason
from exo_onto.rules import among_individuals
from exo_onto.snapshot import package_digest
from exo_onto.sources import SourceFile
from exo_onto.vocabulary import PREFIXES, RDF_TYPE

PART_BYTES: Final = 2_000_000
"""How much Turtle a part holds at the most, about: 2,000 studies told briefly. More would not fit the caches."""
ATTEMPTS: Final = 3
"""How often workers are lost before the build gives up."""

_BASE, _OWN, _INFERRED = (NamedNode(f"{PREFIXES['graph']}part-{name}") for name in ("base", "own", "inferred"))
_ALL = Dataset((_BASE, _OWN), _INFERRED)
_PART = replace(_ALL, closed=(_BASE,))


class WorkersError(Exception):
    """The workers cannot be reached, are lost again and again, or are not the same version as we are."""


@dataclass(frozen=True)
class Workers:
    """Who does the work: `open` gives an executor, anew each time; `number` says for how many to have work ready."""

    open: Callable[[], AbstractContextManager[Executor]]
    number: int


@dataclass(frozen=True)
class Task:
    """What a worker is sent: the base as N-Triples, the files of a part, the rules, and the version of the sender."""

    base: bytes
    texts: tuple[bytes, ...]
    rules: tuple[Rule, ...]
    package: str


@dataclass(frozen=True)
class Base:
    """What all parts share, as N-Triples: what is written, and what follows from it."""

    written: bytes
    inferred: bytes


@dataclass(frozen=True)
class Clash:
    """A contradiction, and the classes that its subject is in."""

    contradiction: Contradiction
    types: tuple[NamedNode, ...]


@dataclass(frozen=True)
class Part:
    """What a worker gives back: what follows, as N-Triples and as leaves, and contradictions that come of no other.

    Where a study `states_axioms`, what follows is not all: they hold in every part.
    """

    stored: bytes
    leaves: tuple[Leaves, ...]
    clashes: tuple[Clash, ...]
    reach: Reach
    states_axioms: bool

    def written(self) -> Iterator[bytes]:
        """Give all that follows as N-Triples, some lines at a time, each line once."""
        yield self.stored
        for each in self.leaves:
            yield from each.written()


def processes(number: int | None = None) -> Workers:
    """Give a pool of processes of this machine: by default one for each core that we may use."""
    several = number or cores()
    context = multiprocessing.get_context("spawn")
    return Workers(lambda: ProcessPoolExecutor(several, mp_context=context), several)


def cores() -> int:
    """Give the number of cores of this machine that we may use."""
    return len(os.sched_getaffinity(0))


def cluster(address: str) -> Workers:
    """Give the workers of a Dask scheduler, as `tcp://host:8786`. Raises WorkersError where it cannot be reached."""
    try:
        distributed: Any = importlib.import_module("distributed")
    except ModuleNotFoundError as error:
        raise WorkersError("Dask is not installed here. Install it: pip install 'exo-onto[cluster]'.") from error

    @contextmanager
    def connected() -> Iterator[Executor]:
        with _client(distributed, address) as client:
            yield client.get_executor(pure=False)

    with _client(distributed, address) as client:
        return Workers(connected, max(1, sum(client.nthreads().values())))


def _client(distributed: Any, address: str) -> Any:  # noqa: ANN401  it has no types
    try:
        return distributed.Client(address, timeout="10s", set_as_default=False)
    except (OSError, ValueError) as error:
        raise WorkersError(
            f"The Dask scheduler {address} cannot be reached: {error or 'it does not answer'}."
        ) from error


def share(files: Sequence[SourceFile], number: int) -> int:
    """Say how many bytes a part should hold, so that so many workers have the same to do and none too much at once."""
    total = sum(file.size for file in files)
    rounds = ceil(total / (number * PART_BYTES)) or 1
    return ceil(total / (number * rounds)) + max((file.size for file in files), default=0) // 2


def cut(files: Iterable[SourceFile], most: int) -> tuple[tuple[SourceFile, ...], ...]:
    """Cut files into parts of about so many bytes, in their order; a file is never cut."""
    parts: list[list[SourceFile]] = []
    room = 0
    for file in files:
        if not parts or file.size > room:
            parts.append([])
            room = most
        parts[-1].append(file)
        room -= file.size
    return tuple(map(tuple, parts))


def reason_base(texts: Iterable[bytes], rules: tuple[Rule, ...]) -> Base:
    """Reason over what all parts share. What contradicts itself there, does so in every part."""
    store = Store()
    for text in texts:
        store.load(text, format=RdfFormat.TURTLE, to_graph=_BASE)
    reason(*engine(store), rules, dataset=_ALL, progress=_silent)
    return Base(_dumped(store, _BASE), _dumped(store, _INFERRED))


def work(task: Task) -> Part:
    """Reason over one part; what a worker does. Raises WorkersError where its version is not that of the sender."""
    if task.package != package_digest():
        raise WorkersError("A worker runs another version of exo-onto or of its engines. Install the same everywhere.")
    store = Store()
    store.load(task.base, format=RdfFormat.N_TRIPLES, to_graph=_BASE, lenient=True)
    for text in task.texts:
        store.load(text, format=RdfFormat.TURTLE, to_graph=_OWN)
    told: list[Leaves] = []
    select, update = engine(store)
    found = reason(select, update, task.rules, dataset=_PART, spill=partial(_spill, store, told), progress=_silent)
    inferred = _dumped(store, _INFERRED)
    reached = reach(select, task.rules, _PART, _terms(task.base))
    return Part(inferred, tuple(told), _clashes(store, task.rules, found), reached, _states_axioms(store))


def _states_axioms(store: Store) -> bool:

    def find(predicate: NamedNode, value: NamedNode | None) -> Iterable[Quad]:
        return store.quads_for_pattern(None, predicate, value, _OWN)

    return any(True for _ in among_individuals(find))


def _spill(store: Store, told: list[Leaves], plan: Plan, dataset: Dataset) -> None:

    def tabulate(query: str) -> bytes:
        return cast("QuerySolutions", store.query(query)).serialize(format=QueryResultsFormat.TSV) or b""

    def construct(query: str) -> bytes:
        return cast("QueryTriples", store.query(query)).serialize(format=RdfFormat.N_TRIPLES) or b""

    told.extend(leaves(plan, dataset, tabulate, construct))


@lru_cache(maxsize=1)
def _terms(base: bytes) -> frozenset[str]:
    """Give the IRIs that a base uses."""
    triples = (quad.triple for quad in parse(base, format=RdfFormat.N_TRIPLES, lenient=True))
    return frozenset(term.value for triple in triples for term in triple if isinstance(term, NamedNode))


def _clashes(store: Store, rules: tuple[Rule, ...], found: tuple[Contradiction, ...]) -> tuple[Clash, ...]:
    """Give the contradictions that come of no other, each with all the classes that its subject is in."""
    if not found:
        return ()
    select, update = engine(store)
    reason(select, update, rules, dataset=_PART, progress=_silent)  # the leaves too
    first = first_offenders(select, rules, found, dataset=_PART)
    return tuple(Clash(each, _types(store, each)) for each in first)


def parts(
    workers: Workers, portions: Sequence[Sequence[SourceFile]], base: Base, rules: tuple[Rule, ...]
) -> Iterator[Part]:
    """Have portions reasoned over, and give what comes of each as it is done.

    Few are under way at a time, so that memory is bounded. Raises WorkersError where workers are lost again and again.
    """
    shared, package = base.written + base.inferred, package_digest()

    def task(files: Iterable[SourceFile]) -> Task:
        return Task(shared, tuple(file.content() for file in files), rules, package)

    left = {number: partial(task, files) for number, files in enumerate(portions)}
    for _ in range(ATTEMPTS):
        try:
            with workers.open() as executor:
                for number, part in _done(executor, left, 2 * workers.number):
                    del left[number]
                    yield part
        except BrokenExecutor:
            continue
        return
    raise WorkersError(
        f"Workers were lost {ATTEMPTS} times, with {len(left)} of {len(portions)} parts to do: is there enough memory?"
    )


def _done(executor: Executor, tasks: Mapping[int, Callable[[], Task]], most: int) -> Iterator[tuple[int, Part]]:
    waiting = list(tasks)
    running: dict[Future[Part], int] = {}
    while waiting or running:
        while waiting and len(running) < most:
            number = waiting.pop(0)
            running[executor.submit(work, tasks[number]())] = number
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            yield running.pop(future), future.result()


def _types(store: Store, clash: Contradiction) -> tuple[NamedNode, ...]:
    quads = store.quads_for_pattern(cast("NamedNode", clash.subject), RDF_TYPE, None)
    return tuple(quad.object for quad in quads if isinstance(quad.object, NamedNode))


def _dumped(store: Store, graph: NamedNode) -> bytes:
    return store.dump(format=RdfFormat.N_TRIPLES, from_graph=graph) or b""


def _silent(_: str) -> None:
    """Stand for a progress that nobody follows."""
