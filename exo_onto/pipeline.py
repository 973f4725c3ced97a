"""pipeline: the stages in one place; read this file first. A root folder in, a `Build` out.

    sources -> reason -> validate -> publish -> serve

`judge` reads, reasons and validates, in one piece; `apart` does so in parts, where there is much of it. What is sound
is published.
"""

import gc
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from pyoxigraph import Literal, NamedNode, Quad, QuerySolutions, Store

from exo_onto import apart, archive, explain, judge, justify, partitions, reason, snapshot
from exo_onto.axioms import Rule
from exo_onto.faults import FaultySourcesError
from exo_onto.judge import Judgement, Progress
from exo_onto.kept import Kept
from exo_onto.links import whole
from exo_onto.links.whole import Loaded, Whole
from exo_onto.partitions import Workers
from exo_onto.snapshot import Draft, Manifest
from exo_onto.sources import Sources
from exo_onto.validate import Report
from exo_onto.vocabulary import (
    ASSERTED_GRAPHS,
    GRAPH_INFERRED,
    GRAPH_JUSTIFICATIONS,
    GRAPH_ONTOLOGY,
    OWL_ONTOLOGY,
    OWL_VERSIONINFO,
    RDF_TYPE,
)

MOST_JUSTIFIED: Final = 1_000_000
"""Up to how many inferred triples their proofs are stored without being asked for: 3,000 studies told in full."""

APART_BYTES: Final = 6_000_000
"""From how many bytes of studies on they are reasoned over in parts: what is less is done before workers have begun."""


@dataclass(frozen=True)
class Build:
    """A judgement, and the snapshot that came of it: None where the knowledge is not sound."""

    judgement: Judgement
    name: str | None
    fresh: bool


def build(  # noqa: PLR0913  what there is to choose
    root: Path,
    *,
    home: Path | None = None,
    justified: bool | None = None,
    workers: Workers | None = None,
    beside: Iterable[Path] = (),
    kept: Kept | None = None,
    progress: Progress = print,
) -> Build:
    """Read, reason, validate, and publish below `home` what is sound; what is not leaves the last one current.

    `home` is by default `root`/build.

    The same sources give the same name, and are not built twice. The proofs of all that is inferred are stored too, by
    default up to MOST_JUSTIFIED inferred triples; who wishes otherwise gets another name. Studies of more than
    APART_BYTES are reasoned over in parts, by `workers`, by default the cores of this machine. `beside` are files of
    whole ontologies, each of which becomes a graph of its own that nobody reasons over. `kept` is of earlier builds in
    the same process. Raises SnapshotError where nothing can be written, WorkersError where workers fail, LinksError
    where a file beside is damaged.
    """
    home = home or root / "build"
    snapshot.prepare(home)
    try:
        read = judge.look(root, progress)
        read = kept.known(read) if kept else read
    except FaultySourcesError as error:
        return Build(judge.unread(error), None, fresh=False)
    wholes = whole.wholes(beside)
    digest = whole.joined(read.digest, wholes)
    name = snapshot.name_of(digest, snapshot.package_digest(), justified=justified)
    if snapshot.exists(home, name):
        snapshot.make_current(home, name)
        return Build(_untried(read), name, fresh=False)
    large = sum(file.size for file in read.studies) > APART_BYTES
    if not justified and (workers or large):
        built = _build_apart(home, name, read, workers or partitions.processes(), wholes, progress)
        if built is not None:
            return built
    return _build_whole(home, name, read, justified, wholes, kept, progress)


def _build_whole(  # noqa: PLR0913, PLR0917
    home: Path,
    name: str,
    read: Sources,
    justified: bool | None,  # noqa: FBT001
    beside: tuple[Whole, ...],
    kept: Kept | None,
    progress: Progress,
) -> Build:
    """Build in memory, in one piece."""
    with _collector_held_back():
        judgement = judge.judge(read, kept=kept, progress=progress)
        if not judgement.sound or judgement.store is None:
            return Build(judgement, None, fresh=False)
        proved = justified or (justified is None and judgement.inferred <= MOST_JUSTIFIED)
        sound = _Sound(home, name, read, judgement, judgement.store, proved, progress)
        with snapshot.drafted(home, name) as draft:
            if kept is None or beside:
                _publish(sound, draft, beside)
            else:
                _publish_next(sound, draft, kept)
        return Build(judgement, name, fresh=True)


@contextmanager
def _collector_held_back() -> Iterator[None]:
    """Spare rounds of the garbage collector: they go through each step of each proof, and find nothing to free."""
    held_back = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if held_back:
            gc.enable()


@dataclass(frozen=True)
class _Sound:
    """What is to be published, and where: a judgement with its store, and whether its proofs are stored too."""

    home: Path
    name: str
    read: Sources
    judgement: Judgement
    store: Store
    proved: bool
    progress: Progress


def _publish(sound: _Sound, draft: Draft, beside: tuple[Whole, ...]) -> None:
    """Write to the disk what is known while its proofs are sought, then these, and publish all of it."""
    with ThreadPoolExecutor(1) as aside:
        writing = aside.submit(_write, sound, draft)
        found = _proofs(sound)
        writing.result()
    with judge.timed(sound.judgement.seconds, "publish", sound.progress):
        number = snapshot.add(draft, found)
    loaded = _load_beside(draft, beside, sound.judgement, sound.progress)
    snapshot.publish_draft(sound.home, draft, _manifest(sound, number, loaded), ())


def _write(sound: _Sound, draft: Draft) -> None:
    archive.keep(sound.read, draft.path)
    snapshot.fill(draft, sound.store)


def _publish_next(sound: _Sound, draft: Draft, kept: Kept) -> None:
    """Write what is new to a store that an earlier build has left."""
    sound.store.bulk_extend(_proofs(sound))
    sound.progress("publish")
    archive.keep(sound.read, draft.path)
    manifest = _manifest(sound, _size(sound.store, GRAPH_JUSTIFICATIONS))
    before, kept.written = kept.written, None
    kept.written = snapshot.publish_next(sound.home, draft, manifest, sound.store, before)


def _proofs(sound: _Sound) -> Iterator[Quad]:
    if not sound.proved:
        return iter(())
    with judge.timed(sound.judgement.seconds, "justify", sound.progress):
        return proofs(sound.store, sound.judgement.rules)


def _build_apart(  # noqa: PLR0913, PLR0917
    home: Path, name: str, read: Sources, workers: Workers, beside: tuple[Whole, ...], progress: Progress
) -> Build | None:
    """Build with the studies reasoned over in parts; None where they must be reasoned over in one piece."""
    with snapshot.drafted(home, name) as draft:
        size = partitions.share(read.studies, workers.number)
        judgement = apart.judge_apart(read, draft.store, workers, part_bytes=size, progress=progress)
        if judgement is None:
            return None
        if not judgement.sound:
            return Build(judgement, None, fresh=False)
        loaded = _load_beside(draft, beside, judgement, progress)
        progress("publish")
        archive.keep(read, draft.path)
        manifest = _manifest(
            _Sound(home, name, read, judgement, Store.read_only(str(draft.store)), proved=False, progress=progress),
            0,
            loaded,
        )
        snapshot.publish_draft(home, draft, manifest, ())
        return Build(judgement, name, fresh=True)


def _load_beside(
    draft: Draft, beside: tuple[Whole, ...], judgement: Judgement, progress: Progress
) -> tuple[Loaded, ...]:
    """Load whole ontologies into the store that is to be published."""
    if not beside:
        return ()
    with judge.timed(judgement.seconds, "load beside", progress):
        return whole.load(beside, Store(str(draft.store)), progress=progress)


def _untried(read: Sources) -> Judgement:
    """Stand for a build that was judged before: a snapshot of its name is there, so it was sound."""
    return Judgement(read, None, Report(()), ())


def proofs(store: Store, compiled: tuple[Rule, ...]) -> Iterator[Quad]:
    """Find the last step of the smallest proof of everything inferred by some rules; give them as quads, one by one."""
    select, _ = reason.engine(store)
    return justify.justifications(explain.every_step(select, compiled))


def _manifest(sound: _Sound, proving: int, beside: tuple[Loaded, ...] = ()) -> Manifest:
    """Describe what is to be published: how many triples are its proofs, and what is beside it."""
    triples = {graph.value: _size(sound.store, graph) for graph in (*ASSERTED_GRAPHS, GRAPH_INFERRED)}
    return Manifest(
        name=sound.name,
        sources_digest=sound.read.digest,
        package_digest=snapshot.package_digest(),
        ontology_version=ontology_version(sound.read),
        built=snapshot.now(),
        engines=snapshot.engines(),
        triples=triples | {GRAPH_JUSTIFICATIONS.value: proving} | {each.graph.value: each.triples for each in beside},
        seconds=dict(sound.judgement.seconds),
    )


def _size(store: Store, graph: NamedNode) -> int:
    query = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
    (row,) = cast("QuerySolutions", store.query(query, default_graph=[graph]))
    return int(row["n"].value)


def ontology_version(read: Sources) -> str:
    """Give what the ontology's own header says, or `unversioned`."""
    ontology = tuple(read.triples(GRAPH_ONTOLOGY))
    headers = {triple.subject for triple in ontology if triple.predicate == RDF_TYPE and triple.object == OWL_ONTOLOGY}
    found = (t.object for t in ontology if t.subject in headers and t.predicate == OWL_VERSIONINFO)
    versions = [version.value for version in found if isinstance(version, Literal)]
    return versions[0] if versions else "unversioned"
