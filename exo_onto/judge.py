"""judge: sources in; what reasoning and validation say of them, as a `Judgement`, out.

Whatever is wrong comes out as a `Diagnostic`, in the terms of the person who wrote the files.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Final

from pyoxigraph import BlankNode, NamedNode, Quad, QuerySolutions, Store, Triple

from exo_onto import coherence, loading, offenders, reason, rules, sources
from exo_onto.axioms import Rule
from exo_onto.dataset import AnyStore
from exo_onto.diagnose import Diagnostic, Teller
from exo_onto.faults import FaultySourcesError
from exo_onto.kept import Kept
from exo_onto.paths import ShapesError
from exo_onto.places import Place
from exo_onto.reason import Contradiction
from exo_onto.rules import Within
from exo_onto.shapes import compile_shapes
from exo_onto.sources import SourceFile, Sources
from exo_onto.validate import ONE_BY_ONE, Ask, Manner, Report, Severity, Solution, validate
from exo_onto.vocabulary import (
    ASSERTED_GRAPHS,
    GRAPH_IMPORTS,
    GRAPH_INFERRED,
    GRAPH_ONTOLOGY,
    RDF_TYPE,
    SH_ENTAILMENT,
    compact,
)

Progress = Callable[[str], None]
"""Called with the name of each stage as it begins; what is done within a stage follows a colon."""

THEORY: Final = (GRAPH_ONTOLOGY, GRAPH_IMPORTS)
"""The graphs that hold axioms; the others hold individuals, and an axiom here and there."""

_MOST_NAMED: Final = 3
"""How many of the axioms that are left out for one construct are named."""


@dataclass(frozen=True)
class Judgement:
    """What reasoning and validation say of the sources.

    `store` holds the asserted graphs and what was inferred, by `rules`; None where the sources were not read, or not
    reasoned over here.
    """

    sources: Sources | None
    store: Store | None
    report: Report
    diagnostics: tuple[Diagnostic, ...]
    seconds: dict[str, float] = field(default_factory=dict)
    answered: int = 0
    contradictions: tuple[Contradiction, ...] = ()
    inferred_elsewhere: int = 0
    rules: tuple[Rule, ...] = ()

    @property
    def inferred(self) -> int:
        """How many triples follow from those asserted."""
        return (
            self.inferred_elsewhere
            if self.store is None
            else sum(1 for _ in self.store.quads_for_pattern(None, None, None, GRAPH_INFERRED))
        )

    @property
    def sound(self) -> bool:
        """True where nothing is wrong that keeps the knowledge from being published."""
        return all(diagnostic.severity < Severity.VIOLATION for diagnostic in self.diagnostics)


def judge(read: Sources, *, tolerant: bool = False, kept: Kept | None = None, progress: Progress = print) -> Judgement:
    """Load the sources, reason over them by compiled rules, and validate what is written and what follows from it.

    An axiom outside OWL 2 RL keeps all from being reasoned over; or, if `tolerant`, is left out and told as a warning.
    `kept` is of earlier judgements, where what follows is judged again and again.
    """
    store = Store()
    seconds: dict[str, float] = {}
    again, kept = kept is not None, kept or Kept()
    try:
        with timed(seconds, "read", progress):
            loading.load(read, store, again=again)
    except FaultySourcesError as error:
        return unread(error)
    written, entailed = part_shapes(read.shapes)
    with timed(seconds, "validate", progress):
        report, refused = validated(read.shapes, store, written, ASSERTED_GRAPHS, progress, kept)
    with timed(seconds, "reason", progress):
        reasoned = _reason(read, store, kept, progress, tolerant=tolerant)
    if not refused and all(each.severity < Severity.VIOLATION for each in reasoned.wrong):
        with timed(seconds, "validate what follows", progress):
            everything = (*ASSERTED_GRAPHS, GRAPH_INFERRED)
            later, refused = validated(read.shapes, store, entailed, everything, progress, kept)
            report = report.joined(later)
    return Judgement(
        read,
        store,
        report,
        (*refused, *reasoned.wrong, *told(read, report)),
        seconds,
        contradictions=reasoned.contradictions,
        rules=reasoned.rules,
    )


def told(read: Sources, report: Report) -> tuple[Diagnostic, ...]:
    """Tell the results of a report that are more than remarks."""
    teller = Teller(read)
    return tuple(teller.tell(result) for result in report.results if result.severity > Severity.INFO)


def look(root: Path, progress: Progress) -> Sources:
    """Find the sources; raises FaultySourcesError where they cannot be read."""
    progress("look")
    return sources.read_sources(root)


def unread(error: FaultySourcesError) -> Judgement:
    """Tell what is wrong with files that could not be read."""
    told = tuple(Diagnostic("syntax", Severity.VIOLATION, each.what, each.place, each.remedy) for each in error.faults)
    return Judgement(None, None, Report(()), told)


def validated(  # noqa: PLR0913, PLR0917  what is validated, by what, and who is told
    files: Iterable[SourceFile],
    store: AnyStore,
    shapes: list[Triple],
    graphs: Sequence[NamedNode],
    progress: Progress,
    kept: Kept | None = None,
    *,
    manner: Manner = ONE_BY_ONE,
) -> tuple[Report, tuple[Diagnostic, ...]]:
    """Validate graphs by compiled shapes; where these are refused, find out which of the files is at fault."""
    entailed = any(graph.value.startswith(GRAPH_INFERRED.value) for graph in graphs)
    stage = "validate what follows" if entailed else "validate"

    def named(shape: str) -> None:
        progress(f"{stage}: {compact(shape)}")

    try:
        program = (kept or Kept()).checks.get(frozenset(shapes), lambda: compile_shapes(shapes))
        return validate(asking(store, graphs), program.checks, manner=manner, progress=named), ()
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


def asking(store: AnyStore, graphs: Sequence[NamedNode]) -> Ask:
    """Give what puts a SELECT to the union of some graphs of a store: of all that it has, where it has no others."""
    whole = isinstance(store, Store) and set(store.named_graphs()) <= set(graphs)

    def ask(query: str) -> Iterator[Solution]:
        if whole and isinstance(store, Store):
            found = store.query(query, use_default_graph_as_union=True)
        else:
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


@dataclass(frozen=True)
class _Reasoned:
    """The rules that were run, what contradicts itself by them, and what keeps the knowledge from having a meaning."""

    rules: tuple[Rule, ...]
    contradictions: tuple[Contradiction, ...]
    wrong: tuple[Diagnostic, ...]


def _reason(read: Sources, store: Store, kept: Kept, progress: Progress, *, tolerant: bool) -> _Reasoned:
    """Compile the axioms and run them in the store."""
    select, update = reason.engine(store)
    try:
        within = _compiled(axioms(store), kept, tolerant=tolerant)
    except rules.UncompilableError as error:
        return _Reasoned((), (), refusals(read, error))
    told = tuple(_tell_left_out(read, within.refusals))
    found = reason.reason(select, update, within.rules, progress=lambda rule: progress(f"reason: {compact(rule)}"))
    first = offenders.first_offenders(select, within.rules, found) if found else ()
    clashes = {each: _types(store, each) for each in first}
    return _Reasoned(within.rules, first, (*told, *senseless(read, store, within.rules, clashes, kept)))


def _compiled(stated: list[Triple], kept: Kept, *, tolerant: bool) -> Within:
    told = rules.stating(stated)  # so that a label that is changed asks for nothing new

    def compiled() -> Within:
        return rules.compile_within(told) if tolerant else Within(rules.compile_rules(told), ())

    return kept.rules.get((frozenset(told), tolerant), compiled)


def senseless(
    read: Sources,
    store: Store,
    compiled: tuple[Rule, ...],
    clashes: Mapping[Contradiction, Iterable[NamedNode]],
    kept: Kept | None = None,
) -> tuple[Diagnostic, ...]:
    """Tell contradictions, each with the classes that its subject is in; where there are none, incoherent classes."""
    if clashes:
        teller = Teller(read)
        return tuple(teller.tell_contradiction(each, types) for each, types in clashes.items())
    quads = (quad for graph in THEORY for quad in store.quads_for_pattern(None, None, None, graph))
    theory = coherence.asked_of(quads, compiled)
    classes = (kept or Kept()).incoherent.get(
        (theory, compiled), lambda: tuple(coherence.unsatisfiable(theory, compiled))
    )
    return tuple(_tell_incoherence(read, classes))


def refusals(read: Sources, error: rules.UncompilableError) -> tuple[Diagnostic, ...]:
    """Tell which axioms are not compiled."""
    return tuple(_tell_refusal(read, refusal) for refusal in error.refusals)


def axioms(store: Store) -> list[Triple]:
    """Give the triples of axioms: all of the ontology's, and those among the individuals, which few are."""
    told = [quad for graph in THEORY for quad in store.quads_for_pattern(None, None, None, graph)]
    for graph in (each for each in ASSERTED_GRAPHS if each not in THEORY):
        told += rules.among_individuals(partial(_matching, store, graph))
    expressions = {quad.subject for quad in told if isinstance(quad.subject, BlankNode)}
    members = [quad for each in expressions for quad in store.quads_for_pattern(None, RDF_TYPE, each)]
    return [quad.triple for quad in (*told, *members)]


def _matching(store: Store, graph: NamedNode, predicate: NamedNode, value: NamedNode | None) -> Iterable[Quad]:
    return store.quads_for_pattern(None, predicate, value, graph)


def _types(store: Store, clash: Contradiction) -> list[NamedNode]:
    """Give the classes that the subject of a contradiction is in."""
    if not isinstance(clash.subject, NamedNode | BlankNode):
        return []
    return [q.object for q in store.quads_for_pattern(clash.subject, RDF_TYPE, None) if isinstance(q.object, NamedNode)]


def _tell_left_out(read: Sources, refused: Iterable[rules.Refusal]) -> Iterator[Diagnostic]:
    """Tell what was left out, once for each construct, with the first of the axioms that use it by name and place."""
    by_construct: dict[str, list[rules.Refusal]] = {}
    for each in refused:
        by_construct.setdefault(each.construct, []).append(each)
    for construct, uses in by_construct.items():
        named = sorted({compact(u.axiom.subject.value) for u in uses if isinstance(u.axiom.subject, NamedNode)})
        names = f", of {', '.join(named[:_MOST_NAMED])}{' ...' if len(named) > _MOST_NAMED else ''}" if named else ""
        count = f"{len(uses):,} axiom{' uses' if len(uses) == 1 else 's use'} {construct}{names}"
        what = f"{count}: outside OWL 2 RL, and left out of the reasoning."
        remedy = "What follows from the others is told. `--referees` has HermiT reason over all of OWL 2 DL."
        first = min((u for u in uses if isinstance(u.axiom.subject, NamedNode)), key=_subject, default=uses[0])
        place = _place_of_refusal(read, first)
        yield Diagnostic("uncompiled", Severity.WARNING, what, place, remedy, (construct,))


def _subject(refusal: rules.Refusal) -> str:
    return refusal.axiom.subject.value


def _tell_refusal(read: Sources, refusal: rules.Refusal) -> Diagnostic:
    what = f"This axiom uses {refusal.construct}, which is not compiled: it lies outside OWL 2 RL."
    remedy = "Say it within OWL 2 RL, or as a shape."
    return Diagnostic("uncompiled", Severity.VIOLATION, what, _place_of_refusal(read, refusal), remedy)


def _place_of_refusal(read: Sources, refusal: rules.Refusal) -> Place | None:
    axiom = refusal.axiom
    if isinstance(axiom.subject, BlankNode):
        return read.place_of_axiom_like(axiom.predicate.value, str(getattr(axiom.object, "value", axiom.object)))
    return read.place_of(*(str(getattr(term, "value", term)) for term in axiom))


def _tell_incoherence(read: Sources, classes: Iterable[NamedNode]) -> Iterator[Diagnostic]:
    for name in classes:
        what = f"The class {compact(name.value)} can have no member: its axioms contradict each other."
        remedy = "Drop or correct one of its superclasses."
        place = read.place_of(name.value)
        yield Diagnostic("incoherent", Severity.VIOLATION, what, place, remedy, (name.value,))


@contextmanager
def timed(seconds: dict[str, float], stage: str, progress: Progress) -> Iterator[None]:
    """Announce a stage, and note how many seconds it takes."""
    progress(stage)
    start = perf_counter()
    try:
        yield
    finally:
        seconds[stage] = round(perf_counter() - start, 3)
