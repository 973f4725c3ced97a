"""pipeline: the stages in one place; read this file first. A root folder in, a `Judgement` or a `Build` out.

    sources -> reason -> validate -> publish -> serve

`judge` reads, reasons and validates; `build` publishes what is sound. Whatever is wrong comes out as a `Diagnostic`,
in the terms of the person who wrote the files.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Final, cast
from uuid import uuid4

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, QuerySolutions, Store, Triple

from exo_onto import explain, justify, offenders, reason, rules, snapshot, sources
from exo_onto.axioms import Rule
from exo_onto.diagnose import Diagnostic, Teller
from exo_onto.paths import ShapesError
from exo_onto.places import Place
from exo_onto.reason import Contradiction
from exo_onto.shapes import compile_shapes
from exo_onto.snapshot import Manifest
from exo_onto.sources import FaultySourcesError, SourceFile, Sources
from exo_onto.validate import Ask, Report, Severity, Solution, validate
from exo_onto.vocabulary import (
    ASSERTED_GRAPHS,
    GRAPH_IMPORTS,
    GRAPH_INFERRED,
    GRAPH_INSTANCES,
    GRAPH_JUSTIFICATIONS,
    GRAPH_ONTOLOGY,
    OWL_CLASS,
    OWL_ONTOLOGY,
    OWL_VERSIONINFO,
    RDF_TYPE,
    SH_ENTAILMENT,
    compact,
)

Progress = Callable[[str], None]
"""Called with the name of each stage as it begins."""


MOST_JUSTIFIED: Final = 500_000
"""Up to how many inferred triples their proofs are stored without being asked for: about 3,000 studies."""

THEORY: Final = (GRAPH_ONTOLOGY, GRAPH_IMPORTS)
"""The graphs that hold axioms; the others hold individuals, and an axiom here and there."""


@dataclass(frozen=True)
class Judgement:
    """What reasoning and validation say of the sources.

    `store` holds the asserted graphs and what was inferred; None where the sources were not read, or not reasoned over.
    """

    sources: Sources | None
    store: Store | None
    report: Report
    diagnostics: tuple[Diagnostic, ...]
    seconds: dict[str, float] = field(default_factory=dict)
    answered: int = 0
    contradictions: tuple[Contradiction, ...] = ()

    @property
    def inferred(self) -> int:
        """How many triples follow from those asserted."""
        return (
            0 if self.store is None else sum(1 for _ in self.store.quads_for_pattern(None, None, None, GRAPH_INFERRED))
        )

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


def build(root: Path, *, justified: bool | None = None, progress: Progress = print) -> Build:
    """Read, reason, validate, and publish below `root`/build what is sound; what is not leaves the last one current.

    The same sources give the same name, and are not built twice. The proofs of all that is inferred are stored too, by
    default up to MOST_JUSTIFIED inferred triples. Raises SnapshotError where nothing can be written.
    """
    home = root / "build"
    snapshot.prepare(home)
    try:
        read = look(root, progress)
    except FaultySourcesError as error:
        return Build(unread(error), None, fresh=False)
    package = snapshot.package_digest()
    name = snapshot.name_of(read.digest, package)
    if snapshot.exists(home, name):
        snapshot.make_current(home, name)
        return Build(_untried(read), name, fresh=False)
    judgement = judge(read, progress=progress)
    if not judgement.sound or judgement.store is None:
        return Build(judgement, None, fresh=False)
    if justified or (justified is None and judgement.inferred <= MOST_JUSTIFIED):
        with timed(judgement.seconds, "justify", progress):
            _justify(judgement.store)
    progress("publish")
    manifest = _manifest(name, package, read, judgement.store, judgement.seconds)
    snapshot.publish(home, manifest, judgement.store)
    return Build(judgement, name, fresh=True)


def judge(read: Sources, *, progress: Progress = print) -> Judgement:
    """Load the sources, reason over them by compiled rules, and validate what is written and what follows from it."""
    store = Store()
    seconds: dict[str, float] = {}
    try:
        with timed(seconds, "read", progress):
            sources.load(read, store)
    except FaultySourcesError as error:
        return unread(error)
    written, entailed = part_shapes(read.shapes)
    with timed(seconds, "validate", progress):
        report, refused = _validate(read.shapes, store, written, ASSERTED_GRAPHS, progress)
    with timed(seconds, "reason", progress):
        contradictions, wrong = _reason(read, store, progress)
    if not wrong and not refused:
        with timed(seconds, "validate what follows", progress):
            later, refused = _validate(read.shapes, store, entailed, (*ASSERTED_GRAPHS, GRAPH_INFERRED), progress)
            report = Report(tuple(sorted((*report.results, *later.results))))
    teller = Teller(read)
    told = tuple(teller.tell(result) for result in report.results if result.severity > Severity.INFO)
    return Judgement(read, store, report, (*refused, *wrong, *told), seconds, contradictions=contradictions)


def look(root: Path, progress: Progress) -> Sources:
    """Find the sources; raises FaultySourcesError where they cannot be read."""
    progress("look")
    return sources.read_sources(root)


def unread(error: FaultySourcesError) -> Judgement:
    """Tell what is wrong with files that could not be read."""
    told = tuple(Diagnostic("syntax", Severity.VIOLATION, each.what, each.place, each.remedy) for each in error.faults)
    return Judgement(None, None, Report(()), told)


def _untried(read: Sources) -> Judgement:
    """Stand for a build that was judged before: a snapshot of its name is there, so it was sound."""
    return Judgement(read, None, Report(()), ())


def _validate(
    files: Iterable[SourceFile], store: Store, shapes: list[Triple], graphs: Sequence[NamedNode], progress: Progress
) -> tuple[Report, tuple[Diagnostic, ...]]:
    """Validate graphs by compiled shapes; where these are refused, find out which of the files is at fault."""

    def named(shape: str) -> None:
        progress(f"validate: {compact(shape)}")

    try:
        return validate(asking(store, graphs), compile_shapes(shapes).checks, progress=named), ()
    except (ShapesError, SyntaxError) as error:
        guilty = [file.path for file in files if not _accepted(file)]
        place = Place(guilty[0]) if guilty else None
        remedy = "Mend the shape: its SPARQL, its paths and the values of its constraints."
        return Report(()), (
            Diagnostic("shapes", Severity.VIOLATION, f"The shapes are refused: {error}", place, remedy),
        )


def _accepted(file: SourceFile) -> bool:
    try:
        validate(asking(Store(), ()), compile_shapes(file.triples).checks)
    except (ShapesError, SyntaxError):
        return False
    return True


def asking(store: Store, graphs: Sequence[NamedNode]) -> Ask:
    """Give what puts a SELECT to the union of some graphs of an embedded store."""

    def ask(query: str) -> Iterator[Solution]:
        found = store.query(query, default_graph=list(graphs))
        if isinstance(found, QuerySolutions):
            names = [variable.value for variable in found.variables]
            for row in found:
                yield {name: term for name in names if (term := row[name]) is not None}

    return ask


def part_shapes(files: Iterable[SourceFile]) -> tuple[list[Triple], list[Triple]]:
    """Part the shapes into those about what is written and those, marked by sh:entailment, about what follows."""
    written: list[Triple] = []
    entailed: list[Triple] = []
    for file in files:
        asks = any(triple.predicate == SH_ENTAILMENT for triple in file.triples)
        (entailed if asks else written).extend(file.triples)
    return written, entailed


def _reason(
    read: Sources, store: Store, progress: Progress
) -> tuple[tuple[Contradiction, ...], tuple[Diagnostic, ...]]:
    """Compile the axioms and run them in the store. Gives what keeps the knowledge from having a meaning."""
    select, update = engine(store)
    try:
        compiled = rules.compile_rules(axioms(store))
    except rules.UncompilableError as error:
        return (), tuple(_tell_refusal(read, refusal) for refusal in error.refusals)
    found = reason.reason(select, update, compiled, progress=lambda rule: progress(f"reason: {compact(rule)}"))
    if found:
        first = offenders.first_offenders(select, compiled, found)
        teller = Teller(read)
        return first, tuple(teller.tell_contradiction(each, _types(store, each)) for each in first)
    return (), tuple(_tell_incoherence(read, _unsatisfiable(store, compiled)))


def engine(store: Store) -> tuple[reason.Select, reason.Update]:
    """Give what puts a SELECT and an update to an embedded store."""

    def select(query: str) -> Iterable[reason.Row]:
        return cast("Iterable[reason.Row]", store.query(query))

    return select, store.update


def axioms(store: Store) -> list[Triple]:
    """Give the triples of axioms: all of the ontology's, and those among the individuals, which few are."""
    told = [quad for graph in THEORY for quad in store.quads_for_pattern(None, None, None, graph)]
    for graph in (each for each in ASSERTED_GRAPHS if each not in THEORY):
        for name in (*rules.AXIOM_NAMES, *rules.SCHEMA_PREDICATES):
            told += store.quads_for_pattern(None, name, None, graph)
        for name in (*rules.AXIOM_NAMES, *rules.DECLARATIONS):
            told += store.quads_for_pattern(None, RDF_TYPE, name, graph)
    expressions = {quad.subject for quad in told if isinstance(quad.subject, BlankNode)}
    members = [quad for each in expressions for quad in store.quads_for_pattern(None, RDF_TYPE, each)]
    return [quad.triple for quad in (*told, *members)]


def _justify(store: Store) -> None:
    """Put the last step of the smallest proof of everything inferred into its graph."""
    select, _ = engine(store)
    steps = explain.every_step(select, rules.compile_rules(axioms(store)))
    quads = (Quad(t.subject, t.predicate, t.object, GRAPH_JUSTIFICATIONS) for t in justify.justifications(steps))
    store.bulk_extend(quads)


def _types(store: Store, clash: Contradiction) -> list[NamedNode]:
    """Give the classes that the subject of a contradiction is in."""
    if not isinstance(clash.subject, NamedNode | BlankNode):
        return []
    return [q.object for q in store.quads_for_pattern(clash.subject, RDF_TYPE, None) if isinstance(q.object, NamedNode)]


def _unsatisfiable(store: Store, compiled: tuple[Rule, ...]) -> list[NamedNode]:
    """Find the classes that can have no member, by giving each a member and looking for a contradiction.

    All at once first, in a store of the ontology alone; then each of the suspects by itself, as the members of two
    classes may meet at an individual that both name.
    """
    theory = [q for graph in THEORY for q in store.quads_for_pattern(None, None, None, graph)]
    classes = {q.subject for q in theory if q.predicate == RDF_TYPE and q.object == OWL_CLASS}
    members = {NamedNode(f"urn:uuid:{uuid4()}"): name for name in classes if isinstance(name, NamedNode)}
    clashes = tried(theory, _members(members), compiled)
    suspects = {term for clash in clashes for fact in clash.facts for term in fact.terms}
    alone = sorted(members.keys() & suspects, key=lambda member: members[member].value)
    return [members[member] for member in alone if tried(theory, _members({member: members[member]}), compiled)]


def tried(theory: list[Quad], facts: Iterable[Triple], compiled: tuple[Rule, ...]) -> tuple[Contradiction, ...]:
    """Give the contradictions of some facts with an ontology."""
    store = Store()
    store.extend(theory)
    store.extend(Quad(fact.subject, fact.predicate, fact.object, GRAPH_INSTANCES) for fact in facts)
    return reason.reason(*engine(store), compiled, progress=_silent)


def _members(classes: dict[NamedNode, NamedNode]) -> list[Triple]:
    return [Triple(member, RDF_TYPE, name) for member, name in classes.items()]


def _silent(_: str) -> None:
    """Stand for a progress that nobody follows."""


def _tell_refusal(read: Sources, refusal: rules.Refusal) -> Diagnostic:
    what = f"This axiom uses {refusal.construct}, which is not compiled: it lies outside OWL 2 RL."
    remedy = "Say it within OWL 2 RL, or as a shape."
    axiom = refusal.axiom
    place = read.place_of(*(str(getattr(term, "value", term)) for term in axiom))
    if isinstance(axiom.subject, BlankNode):
        place = read.place_of_axiom_like(axiom.predicate.value, str(getattr(axiom.object, "value", axiom.object)))
    return Diagnostic("uncompiled", Severity.VIOLATION, what, place, remedy)


def _tell_incoherence(read: Sources, classes: Iterable[NamedNode]) -> Iterator[Diagnostic]:
    for name in classes:
        what = f"The class {compact(name.value)} can have no member: its axioms contradict each other."
        remedy = "Drop or correct one of its superclasses."
        yield Diagnostic("incoherent", Severity.VIOLATION, what, read.place_of(name.value), remedy)


def _manifest(name: str, package: str, read: Sources, store: Store, seconds: dict[str, float]) -> Manifest:
    graphs = (*ASSERTED_GRAPHS, GRAPH_INFERRED, GRAPH_JUSTIFICATIONS)
    return Manifest(
        name=name,
        sources_digest=read.digest,
        package_digest=package,
        ontology_version=_ontology_version(read),
        built=snapshot.now(),
        engines=snapshot.engines(),
        triples={graph.value: sum(1 for _ in store.quads_for_pattern(None, None, None, graph)) for graph in graphs},
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
def timed(seconds: dict[str, float], stage: str, progress: Progress) -> Iterator[None]:
    """Announce a stage, and note how many seconds it takes."""
    progress(stage)
    start = perf_counter()
    try:
        yield
    finally:
        seconds[stage] = round(perf_counter() - start, 3)
