"""pipeline: the stages in one place; read this file first. A root folder in, a `Judgement` or a `Build` out.

    sources -> reason -> validate -> publish -> serve

`judge` reads, reasons and validates. `build` judges, and publishes what is sound. `check` judges more strictly and
publishes nothing. Whatever is wrong comes out as a `Diagnostic`, in the terms of the person who wrote the files.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter
from typing import Final

from pyoxigraph import Literal, NamedNode, Store, Triple

from exo_onto import questions, reason, referees, snapshot, sources
from exo_onto.diagnose import Diagnostic, Teller
from exo_onto.reason import Entailment
from exo_onto.snapshot import Manifest
from exo_onto.sources import FaultySourcesError, Place, SourceFile, Sources
from exo_onto.validate import Report, Severity
from exo_onto.vocabulary import (
    ASSERTED_GRAPHS,
    GRAPH_INFERRED,
    GRAPH_INSTANCES,
    GRAPH_ONTOLOGY,
    OWL_ONTOLOGY,
    OWL_VERSIONINFO,
    RDF_TYPE,
    SH_ENTAILMENT,
    compact,
)

Progress = Callable[[str], None]
"""Called with the name of each stage as it begins."""

PROFILES: Final = ("DL", "RL")
"""The profiles of OWL 2 that the ontology and the data keep to, both at once."""


@dataclass(frozen=True)
class Judgement:
    """What reasoning and validation say of the sources."""

    sources: Sources | None
    entailment: Entailment
    report: Report
    diagnostics: tuple[Diagnostic, ...]
    seconds: dict[str, float] = field(default_factory=dict)
    answered: int = 0

    @property
    def sound(self) -> bool:
        """True where nothing is wrong that keeps the knowledge from being published."""
        return all(diagnostic.severity < Severity.VIOLATION for diagnostic in self.diagnostics)


@dataclass(frozen=True)
class Build:
    """A judgement, and the snapshot that came of it: None where the knowledge is not sound."""

    judgement: Judgement
    name: str | None
    fresh: bool


def build(root: Path, *, progress: Progress = print) -> Build:
    """Read, reason, validate, and publish below `root`/build what is sound; what is not leaves the last one current.

    The same sources give the same name, and are not built twice. Raises SnapshotError where nothing can be written.
    """
    home = root / "build"
    snapshot.prepare(home)
    try:
        read = _read(root, progress)
    except FaultySourcesError as error:
        return Build(_unread(error), None, fresh=False)
    package = snapshot.package_digest()
    name = snapshot.name_of(read.digest, package)
    if snapshot.exists(home, name):
        snapshot.make_current(home, name)
        return Build(_untried(read), name, fresh=False)
    judgement = judge(read, progress=progress)
    if not judgement.sound:
        return Build(judgement, None, fresh=False)
    with _timed(judgement.seconds, "publish", progress):
        graphs = _graphs(read, judgement.entailment)
        snapshot.publish(home, _manifest(name, package, read, graphs, judgement.seconds), graphs)
    return Build(judgement, name, fresh=True)


def check(root: Path, *, queries: Path | None = None, progress: Progress = print) -> Judgement:
    """Judge the sources as a build does, and by the profiles of OWL 2, the stricter axioms and the questions besides.

    `queries` is the folder of the questions, each of which must answer.
    """
    try:
        read = _read(root, progress)
    except FaultySourcesError as error:
        return _unread(error)
    judgement = judge(read, strict=True, progress=progress)
    with _timed(judgement.seconds, "profiles", progress):
        wrong = _judge_profiles(read)
    answered = 0
    if queries is not None and judgement.sound:
        with _timed(judgement.seconds, "questions", progress):
            answered, faults = check_questions(queries, judgement)
        wrong += faults
    return replace(judgement, diagnostics=(*judgement.diagnostics, *wrong), answered=answered)


def judge(read: Sources, *, strict: bool = False, progress: Progress = print) -> Judgement:
    """Reason over the sources and validate them: what is written, and what follows from it.

    HermiT runs in a process of its own, so that pySHACL judges what is written at the same time. With `strict`, HermiT
    runs once more with the axioms of ontology/strict/.
    """
    asserted = tuple(read.triples())
    written, entailed = _shapes(read.shapes)
    seconds: dict[str, float] = {}
    with _timed(seconds, "reason and validate", progress), ThreadPoolExecutor(max_workers=1) as background:
        reasoning = background.submit(_reason, read, asserted)
        stricter = background.submit(_judge_strictly, read, seconds) if strict and read.strict else None
        report, refused = _validate(read.shapes, asserted, written)
        entailment, wrong = reasoning.result()
        if stricter:
            wrong = wrong or stricter.result()
    if not wrong and not refused:
        with _timed(seconds, "validate what follows", progress):
            later, refused = _validate(read.shapes, (*asserted, *entailment.inferred), entailed)
            report = Report(tuple(sorted((*report.results, *later.results))))
    teller = Teller(read)
    told = tuple(teller.tell(result) for result in report.results if result.severity > Severity.INFO)
    return Judgement(read, entailment, report, (*refused, *wrong, *told), seconds)


def check_questions(folder: Path, judgement: Judgement) -> tuple[int, tuple[Diagnostic, ...]]:
    """Put every question of a folder to what was judged. Gives how many answer, and what is wrong with the others."""
    if judgement.sources is None:
        return 0, ()
    store = Store()
    snapshot.fill(store, _graphs(judgement.sources, judgement.entailment))
    try:
        texts = sources.read_texts(folder, ".rq")
    except FaultySourcesError as error:
        return 0, _unread(error).diagnostics
    faults: list[Diagnostic] = []
    for name, text in texts:
        try:
            questions.ask(store, questions.parse_question(name, text).text)
        except questions.QuestionError as error:
            place = Place(f"{folder.name}/{name}.rq")
            faults.append(Diagnostic("question", Severity.VIOLATION, str(error), place, "Mend the query."))
    return len(texts) - len(faults), tuple(faults)


def _read(root: Path, progress: Progress) -> Sources:
    progress("read")
    return sources.read_sources(root)


def _unread(error: FaultySourcesError) -> Judgement:
    """Tell what is wrong with files that could not be read."""
    told = tuple(Diagnostic("syntax", Severity.VIOLATION, each.what, each.place, each.remedy) for each in error.faults)
    return Judgement(None, Entailment(frozenset()), Report(()), told)


def _untried(read: Sources) -> Judgement:
    """Stand for a build that was judged before: a snapshot of its name is there, so it was sound."""
    return Judgement(read, Entailment(frozenset()), Report(()), ())


def _validate(
    files: Iterable[SourceFile], data: tuple[Triple, ...], shapes: list[Triple]
) -> tuple[Report, tuple[Diagnostic, ...]]:
    """Validate by shapes; where pySHACL refuses them, find out which of the files it refuses."""
    try:
        return referees.pyshacl(data, shapes), ()
    except referees.RefereeError as error:
        guilty = [file.path for file in files if not _accepted(file, data)]
        place = Place(guilty[0]) if guilty else None
        remedy = "Mend the shape: its SPARQL, its paths and the values of its constraints."
        return Report(()), (Diagnostic("shapes", Severity.VIOLATION, str(error), place, remedy),)


def _accepted(file: SourceFile, data: tuple[Triple, ...]) -> bool:
    try:
        referees.pyshacl(data, file.triples)
    except referees.RefereeError:
        return False
    return True


def _shapes(files: Iterable[SourceFile]) -> tuple[list[Triple], list[Triple]]:
    """Part the shapes into those about what is written and those, marked by sh:entailment, about what follows."""
    written: list[Triple] = []
    entailed: list[Triple] = []
    for file in files:
        asks = any(triple.predicate == SH_ENTAILMENT for triple in file.triples)
        (entailed if asks else written).extend(file.triples)
    return written, entailed


def _reason(read: Sources, asserted: tuple[Triple, ...]) -> tuple[Entailment, tuple[Diagnostic, ...]]:
    nothing = Entailment(frozenset())
    try:
        derivation = referees.hermit(asserted)
        if not derivation.consistent:
            return nothing, tuple(_tell_inconsistency(read, asserted))
    except referees.RefereeError as error:
        return nothing, (_refused(error),)
    if derivation.unsatisfiable:
        return nothing, tuple(_tell_incoherence(read, derivation.unsatisfiable))
    return reason.entail(asserted, derivation.triples), ()


def _refused(error: referees.RefereeError) -> Diagnostic:
    remedy = "Keep to the constructs and datatypes of OWL 2 DL that HermiT knows; years are integers, not dates."
    return Diagnostic("reasoner", Severity.VIOLATION, f"HermiT refuses the ontology: {error}", None, remedy)


def _tell_incoherence(read: Sources, classes: Iterable[NamedNode]) -> Iterator[Diagnostic]:
    for name in classes:
        what = f"The class {compact(name.value)} can have no member: its axioms contradict each other."
        yield Diagnostic(
            "incoherent",
            Severity.VIOLATION,
            what,
            read.place_of(name.value),
            "Drop or correct one of its superclasses.",
        )


def _tell_inconsistency(read: Sources, asserted: tuple[Triple, ...]) -> Iterator[Diagnostic]:
    """Find the offender: reason without the disjointness and list what is both; failing that, halve the studies."""
    lenient = referees.hermit(reason.without_disjointness(asserted))
    if lenient.consistent:
        entailment = reason.entail(asserted, lenient.triples)
        found = reason.contradictions(asserted, entailment)
        known = Teller(read)
        if found:
            yield from (known.tell_contradiction(each, entailment) for each in found)
            return
    for file in _offending_files(read):
        what = "What this file says contradicts the ontology, in a way that is not two disjoint classes or properties."
        yield Diagnostic(
            "inconsistent",
            Severity.VIOLATION,
            what,
            Place(file),
            "Take statements out of it until `exo-onto check` passes.",
        )


def _offending_files(read: Sources) -> list[str]:
    """Halve the files of the instances until those remain that are inconsistent on their own with the rest.

    Studies are independent of each other given the ontology and the shared entities, so each can be judged alone.
    """
    separate = [f for graph, files in read.graphs if graph == GRAPH_INSTANCES for f in files if "/studies/" in f.path]
    paths = {file.path for file in separate}
    shared = [t for _, files in read.graphs for f in files if f.path not in paths for t in f.triples]
    if not referees.hermit(shared, values=False).consistent:
        return ["ontology"]
    return _halve(shared, separate)


def _halve(shared: list[Triple], files: list[SourceFile]) -> list[str]:
    triples = [*shared, *(triple for file in files for triple in file.triples)]
    if not files or referees.hermit(triples, values=False).consistent:
        return []
    if len(files) == 1:
        return [files[0].path]
    middle = len(files) // 2
    return _halve(shared, files[:middle]) + _halve(shared, files[middle:])


def _judge_profiles(read: Sources) -> tuple[Diagnostic, ...]:
    triples = tuple(read.triples())
    return tuple(
        Diagnostic(
            "profile", Severity.VIOLATION, f"Not in OWL 2 {profile}: {violation}", None, "Say it within the profile."
        )
        for profile in PROFILES
        for violation in referees.profile_violations(triples, profile)
    )


def _judge_strictly(read: Sources, seconds: dict[str, float]) -> tuple[Diagnostic, ...]:
    """Reason once more with the axioms of ontology/strict/, for consistency alone."""
    triples = (*read.triples(), *(triple for file in read.strict for triple in file.triples))
    try:
        with _timed(seconds, "strict axioms", lambda _: None):
            consistent = referees.hermit(triples, values=False).consistent
    except referees.RefereeError as error:
        return (_refused(error),)
    if consistent:
        return ()
    what = "With the domains, ranges and disjointness of RO and BFO added, the knowledge is inconsistent."
    remedy = "Look for a property whose subject or object is of the wrong kind, a material where a process is meant."
    return (Diagnostic("strict", Severity.VIOLATION, what, Place(read.strict[0].path), remedy),)


def _graphs(read: Sources, entailment: Entailment) -> list[tuple[NamedNode, tuple[Triple, ...]]]:
    named = [(graph, tuple(read.triples(graph))) for graph in ASSERTED_GRAPHS]
    return [*named, (GRAPH_INFERRED, tuple(sorted(entailment.inferred, key=str)))]


def _manifest(
    name: str,
    package: str,
    read: Sources,
    graphs: Iterable[tuple[NamedNode, tuple[Triple, ...]]],
    seconds: dict[str, float],
) -> Manifest:
    return Manifest(
        name=name,
        sources_digest=read.digest,
        package_digest=package,
        ontology_version=_ontology_version(read),
        built=snapshot.now(),
        engines=snapshot.engines(),
        triples={graph.value: len(triples) for graph, triples in graphs},
        seconds=dict(seconds),
    )


def _ontology_version(read: Sources) -> str:
    """Give what the ontology's own header says, or `unversioned`."""
    ontology = tuple(read.triples(GRAPH_ONTOLOGY))
    headers = {triple.subject for triple in ontology if triple.predicate == RDF_TYPE and triple.object == OWL_ONTOLOGY}
    found = (t.object for t in ontology if t.subject in headers and t.predicate == OWL_VERSIONINFO)
    versions = [version.value for version in found if isinstance(version, Literal)]
    return versions[0] if versions else "unversioned"


@contextmanager
def _timed(seconds: dict[str, float], stage: str, progress: Progress) -> Iterator[None]:
    progress(stage)
    start = perf_counter()
    try:
        yield
    finally:
        seconds[stage] = round(perf_counter() - start, 3)
