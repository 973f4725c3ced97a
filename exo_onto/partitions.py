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
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from typing import Any, Final, cast

from pyoxigraph import NamedNode, Quad, RdfFormat, Store
from rdflib import OWL, RDF, RDFS

from exo_onto.axioms import Rule
from exo_onto.crossing import LITERAL, OBJECT, SUBJECT, End, Reach, joining
from exo_onto.offenders import first_offenders
from exo_onto.reason import Contradiction, Dataset, Fact, Row, asked, engine, present, reason
from exo_onto.snapshot import package_digest
from exo_onto.sources import SourceFile
from exo_onto.vocabulary import PREFIXES, RDF_TYPE

PART_BYTES: Final = 3_000_000
"""How much Turtle a part holds, about: 3,000 studies told briefly, for which a worker takes some 300 MB."""
ATTEMPTS: Final = 3
"""How often workers are lost before the build gives up."""

_BASE, _OWN, _INFERRED, _STANDARD = (
    NamedNode(f"{PREFIXES['graph']}part-{name}") for name in ("base", "own", "inferred", "standard")
)
_DATASET = Dataset((_BASE, _OWN), _INFERRED)


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
    """What a worker gives back: what follows, as N-Triples, and the contradictions that come of no other."""

    inferred: bytes
    clashes: tuple[Clash, ...]
    reach: Reach


def processes(number: int | None = None) -> Workers:
    """Give a pool of processes of this machine: by default one for each core that we may use."""
    cores = number or len(os.sched_getaffinity(0))
    context = multiprocessing.get_context("spawn")
    return Workers(lambda: ProcessPoolExecutor(cores, mp_context=context), cores)


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


def cut(files: Iterable[SourceFile], most: int = PART_BYTES) -> tuple[tuple[SourceFile, ...], ...]:
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
    reason(*engine(store), rules, dataset=_DATASET, progress=_silent)
    return Base(_dumped(store, _BASE), _dumped(store, _INFERRED))


def work(task: Task) -> Part:
    """Reason over one part; what a worker does. Raises WorkersError where its version is not that of the sender."""
    if task.package != package_digest():
        raise WorkersError("A worker runs another version of exo-onto or of its engines. Install the same everywhere.")
    store = Store()
    store.load(task.base, format=RdfFormat.N_TRIPLES, to_graph=_BASE)
    for text in task.texts:
        store.load(text, format=RdfFormat.TURTLE, to_graph=_OWN)
    select, update = engine(store)
    found = reason(select, update, task.rules, dataset=_DATASET, progress=_silent)
    first = first_offenders(select, task.rules, found, dataset=_DATASET) if found else ()
    clashes = tuple(Clash(each, _types(store, each)) for each in first)
    return Part(_dumped(store, _INFERRED), clashes, _reach(store, task.rules))


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


_SAID = f"FROM {_OWN} FROM {_INFERRED} FROM NAMED {_BASE} FROM NAMED {_STANDARD}"


def _in_base(name: str) -> str:
    """Ask whether the base has a term; every base has those of RDF and OWL themselves."""
    ways = (
        f"{_BASE} {{ ?{name} ?in_p ?in_o }}",
        f"{_BASE} {{ ?in_s ?in_p ?{name} }}",
        f"{_STANDARD} {{ ?{name} a [] }}",
    )
    return " UNION ".join(f"{{ GRAPH {way} }}" for way in ways)


def _reach(store: Store, rules: Iterable[Rule]) -> Reach:
    """Ask a store what its part says of things that others may speak of."""
    select, _ = engine(store)
    names = (NamedNode(name) for standard in (OWL, RDF, RDFS) for name in dir(standard))
    store.extend(Quad(name, RDF_TYPE, name, _STANDARD) for name in names)
    told = tuple(joining(rules))
    asked_for = frozenset(asked(pattern) for rule in told for pattern in rule.body)
    kinds = asked_for & present(select, told, Dataset((_OWN, _INFERRED), _INFERRED))
    base = f"{{ SELECT DISTINCT ?t WHERE {{ {_in_base('t')} FILTER (isIRI(?t)) }} }}"
    subjects = _terms(select(f"SELECT ?t {_SAID} WHERE {{ {base} FILTER EXISTS {{ ?t ?p ?o }} }}"))
    objects = _terms(
        select(f"SELECT ?t {_SAID} WHERE {{ {base} FILTER EXISTS {{ ?s ?p ?t FILTER (?p != {RDF_TYPE}) }} }}")
    )
    speaks = f"{_values(subjects)} ?t ?p ?o FILTER (isLiteral(?o) || EXISTS {{ {_in_base('o')} }})"
    return Reach(
        kinds=kinds,
        ends=_ends(select, kinds, subjects, objects),
        names=_names(select, base),
        speaks_of=frozenset(term.value for term in _terms(select(f"SELECT DISTINCT ?t {_SAID} WHERE {{ {speaks} }}"))),
    )


def _ends(
    select: Callable[[str], Iterable[Row]],
    kinds: frozenset[Fact],
    subjects: Sequence[NamedNode],
    objects: Sequence[NamedNode],
) -> dict[End, frozenset[str]]:
    """Give what each end of each kind reaches in the base, and where it reaches literals."""
    found: dict[End, set[str]] = {}
    properties = _values(_properties(kinds), "k")
    queries = (
        (SUBJECT, True, f"SELECT DISTINCT ?k ?t {_SAID} WHERE {{ {_values(subjects)} ?t {RDF_TYPE} ?k }}"),
        (SUBJECT, False, f"SELECT DISTINCT ?k ?t {_SAID} WHERE {{ {_values(subjects)} ?t ?k ?o }}"),
        (OBJECT, False, f"SELECT DISTINCT ?k ?t {_SAID} WHERE {{ {_values(objects)} ?s ?k ?t }}"),
        (OBJECT, False, f"SELECT DISTINCT ?k ?t {_SAID} WHERE {{ {properties} ?s ?k ?t FILTER (isLiteral(?t)) }}"),
    )
    for end, of_class, query in queries:
        for kind, term in cast("Iterable[tuple[NamedNode, object]]", select(query)):
            if Fact(kind, of_class) in kinds:
                text = term.value if isinstance(term, NamedNode) else LITERAL
                found.setdefault((Fact(kind, of_class), end), set()).add(text)
    return {end: frozenset(terms) for end, terms in found.items()}


def _names(select: Callable[[str], Iterable[Row]], base: str) -> frozenset[int]:
    """Give digests of the IRIs that a part has written and the base has not."""
    own = "{ ?t ?p ?o } UNION { ?s ?p ?t } FILTER (isIRI(?t))"
    written = _terms(select(f"SELECT DISTINCT ?t FROM {_OWN} WHERE {{ {own} }}"))  # noqa: S608  all ours
    known = frozenset(_terms(select(f"SELECT ?t {_SAID} WHERE {{ {base} }}")))
    return frozenset(_digest(term.value) for term in written if term not in known)


def _digest(name: str) -> int:
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest())


def _properties(kinds: Iterable[Fact]) -> list[NamedNode]:
    return [fact.name for fact in kinds if not fact.of_class]


def _terms(rows: Iterable[Row]) -> list[NamedNode]:
    return [row[0] for row in rows if isinstance(row[0], NamedNode)]


def _values(terms: Iterable[NamedNode], name: str = "t") -> str:
    return f"VALUES ?{name} {{ {' '.join(map(str, terms))} }}"
