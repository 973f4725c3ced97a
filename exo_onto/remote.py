"""remote: a root folder and a store elsewhere in, a `Build` or a `Judgement` out, as `pipeline` and `check` give them.

    sources -> load -> validate -> reason -> validate what follows -> publish

The same compiled rules and checks run in the store elsewhere, in graphs aside, which take the place of the published
ones at the end, in one request. The axioms are compiled from the files, which are parsed here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from time import monotonic, sleep
from typing import Final
from uuid import uuid4

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, QuerySolutions, Store

from exo_onto import explain, judge, justify, loading, offenders, pipeline, reason, rules, snapshot, staging
from exo_onto.axioms import Rule
from exo_onto.batches import batches, cut, together
from exo_onto.check import check_questions
from exo_onto.dataset import AnyStore, StoreError
from exo_onto.diagnose import Diagnostic
from exo_onto.faults import FaultySourcesError
from exo_onto.judge import Judgement, Progress, timed
from exo_onto.pipeline import Build
from exo_onto.reason import OURS, Contradiction, Dataset
from exo_onto.snapshot import Manifest
from exo_onto.sources import Sources
from exo_onto.staging import JUSTIFY, LOAD, Staging, TakenOverError
from exo_onto.validate import Report
from exo_onto.vocabulary import (
    ASSERTED_GRAPHS,
    GRAPH_INFERRED,
    GRAPH_JUSTIFICATIONS,
    GRAPH_METADATA,
    OWL_VERSIONINFO,
    RDF_TYPE,
    compact,
)

PATIENCE: Final = 30.0
"""How many seconds another run may take to publish, before it is held to be dead and its publishing is finished."""


def build(
    root: Path,
    store: AnyStore,
    *,
    justified: bool | None = None,
    patience: float = PATIENCE,
    progress: Progress = print,
) -> Build:
    """Do what `pipeline.build` does, in a store elsewhere: what is not sound leaves there what was published before.

    A build that was stopped goes on where it was, as far as its batches are concerned. Raises StoreError.
    """
    try:
        read = judge.look(root, progress)
        local = Store()
        seconds: dict[str, float] = {}
        with timed(seconds, "read", progress):
            loading.load(read, local)
    except FaultySourcesError as error:
        return Build(judge.unread(error), None, fresh=False)
    name = snapshot.name_of(read.digest, snapshot.package_digest(), justified=justified)
    if staging.published(store) == name:
        return Build(Judgement(read, None, Report(()), ()), name, fresh=False)
    _wait(store, patience, progress)
    aside = Staging(store, name, uuid4().hex)
    try:
        judgement = _judge(read, local, store, aside, Judgement(read, None, Report(()), (), seconds), progress)
        if not judgement.sound:
            aside.discard()
            return Build(judgement, None, fresh=False)
        _complete(read, local, store, aside, judgement, justified=justified, progress=progress)
    except TakenOverError as error:
        aside.discard()
        raise StoreError(str(error)) from error
    return Build(judgement, name, fresh=True)


def _wait(store: AnyStore, patience: float, progress: Progress) -> None:
    """Let another run publish in peace."""
    end = monotonic() + patience
    while monotonic() < end and any(marker.publishing for marker in staging.markers(store)):
        progress("wait for another build to publish")
        sleep(0.5)


def _judge(  # noqa: PLR0913, PLR0917  what is read, here and there, and what is known so far
    read: Sources, local: Store, store: AnyStore, aside: Staging, judgement: Judgement, progress: Progress
) -> Judgement:
    """Load, validate what is written, reason, and validate what follows, all in graphs aside."""
    seconds = judgement.seconds
    with timed(seconds, "load", progress):
        _load(read, local, aside, progress)
    data = aside.dataset
    written, entailed = judge.part_shapes(read.shapes)
    with timed(seconds, "validate", progress):
        report, refused = judge.validated(read.shapes, store, written, data.asserted, progress)
    with timed(seconds, "reason", progress):
        contradictions, wrong = _reason(read, local, store, data, progress)
    if not wrong and not refused:
        with timed(seconds, "validate what follows", progress):
            graphs = (*data.asserted, data.inferred)
            later, refused = judge.validated(read.shapes, store, entailed, graphs, progress)
            report = report.joined(later)
    told = judge.told(read, report)
    return Judgement(read, None, report, (*refused, *wrong, *told), seconds, contradictions=contradictions)


def _load(read: Sources, local: Store, aside: Staging, progress: Progress) -> None:
    """Send the batches that the store has not got yet, and see that all of them are there."""
    whole = tuple(batches(read, local))
    expected = {graph: sum(1 for _ in local.quads_for_pattern(None, None, None, graph)) for graph in ASSERTED_GRAPHS}
    done = aside.take()
    for _ in range(2):
        for number in range(done, len(whole)):
            progress(f"load: {number + 1} of {len(whole)}")
            aside.send(LOAD, number, whole[number])
        found = aside.sizes(ASSERTED_GRAPHS)
        if all(found[graph] <= number for graph, number in expected.items()):
            break
        # A run that was taken over has sent the same batch in the same moment: blank nodes would be there twice.
        aside.begin_anew()
        done = 0
    short = [graph for graph, number in expected.items() if found[graph] != number]
    if short:
        graph = short[0]
        raise StoreError(
            f"The store holds {found[graph]:,} of the {expected[graph]:,} triples of {compact(graph.value)}."
        )


def _reason(
    read: Sources, local: Store, store: AnyStore, data: Dataset, progress: Progress
) -> tuple[tuple[Contradiction, ...], tuple[Diagnostic, ...]]:
    """Run the compiled axioms in the store. Gives what keeps the knowledge from having a meaning."""
    select, update = reason.engine(store)
    try:
        compiled = rules.compile_rules(judge.axioms(local))
    except rules.UncompilableError as error:
        return (), judge.refusals(read, error)
    found = reason.reason(
        select, update, compiled, dataset=data, progress=lambda rule: progress(f"reason: {compact(rule)}")
    )
    return _clashes(read, local, store, compiled, found, data)


def _clashes(  # noqa: PLR0913, PLR0917  what is read, here and there, and what was found
    read: Sources,
    local: Store,
    store: AnyStore,
    compiled: tuple[Rule, ...],
    found: Sequence[Contradiction],
    data: Dataset,
) -> tuple[tuple[Contradiction, ...], tuple[Diagnostic, ...]]:
    """Tell the contradictions that others come from, or where there are none, the classes that can have no member."""
    select, _ = reason.engine(store)
    first = offenders.first_offenders(select, compiled, found, dataset=data) if found else ()
    return first, judge.senseless(read, local, compiled, {each: _types(store, each, data) for each in first})


def _types(store: AnyStore, clash: Contradiction, data: Dataset) -> list[NamedNode]:
    if not isinstance(clash.subject, NamedNode):
        return []
    query = f"SELECT ?type WHERE {{ {clash.subject} {RDF_TYPE} ?type }}"
    found = store.query(query, default_graph=[*data.asserted, data.inferred])
    rows = found if isinstance(found, QuerySolutions) else ()
    return [row[0] for row in rows if isinstance(row[0], NamedNode)]


def _complete(  # noqa: PLR0913  what is read, here and there, and what became of it
    read: Sources,
    local: Store,
    store: AnyStore,
    aside: Staging,
    judgement: Judgement,
    *,
    justified: bool | None,
    progress: Progress,
) -> None:
    """Add the proofs and the metadata, and publish."""
    inferred = aside.sizes((GRAPH_INFERRED,))[GRAPH_INFERRED]
    if justified or (justified is None and inferred <= pipeline.MOST_JUSTIFIED):
        with timed(judgement.seconds, "justify", progress):
            _justify(local, store, aside, progress)
    progress("publish")
    package = snapshot.package_digest()
    sizes = aside.sizes((*ASSERTED_GRAPHS, GRAPH_INFERRED, GRAPH_JUSTIFICATIONS))
    manifest = Manifest(
        name=snapshot.name_of(read.digest, package, justified=justified),
        sources_digest=read.digest,
        package_digest=package,
        ontology_version=pipeline.ontology_version(read),
        built=snapshot.now(),
        engines=snapshot.engines(),
        triples={graph.value: count for graph, count in sizes.items()},
    )
    said = " . ".join(map(str, snapshot.metadata(manifest)))
    store.update(f"INSERT DATA {{ GRAPH {aside.graph(GRAPH_METADATA)} {{ {said} }} }}")
    aside.publish()


def _justify(local: Store, store: AnyStore, aside: Staging, progress: Progress) -> None:
    """Send the last step of the smallest proof of what is inferred; a blank node cannot be named, and is left out."""
    select, _ = reason.engine(store)
    steps = explain.every_step(select, rules.compile_rules(judge.axioms(local)), dataset=aside.dataset)
    said = (quad.triple for quad in justify.justifications(steps) if not isinstance(quad.object, BlankNode))
    whole = tuple(cut(GRAPH_JUSTIFICATIONS, together(said)))
    for number, batch in enumerate(whole):
        progress(f"justify: {number + 1} of {len(whole)}")
        aside.send(JUSTIFY, number, batch)


# --- What is published


def published(store: AnyStore) -> tuple[str, str]:
    """Give the name of the build that is published, and its version. Raises StoreError where there is none."""
    query = f"SELECT ?build ?version WHERE {{ GRAPH {GRAPH_METADATA} {{ ?build {OWL_VERSIONINFO} ?version }} }}"
    found = store.query(query)
    for build, version in found if isinstance(found, QuerySolutions) else ():
        if isinstance(build, NamedNode) and isinstance(version, Literal):
            return build.value.rpartition("/")[2], version.value
    raise StoreError("Nothing has been built in this store yet. Run `exo-onto build --store URL` first.")


def check(root: Path, store: AnyStore, *, queries: Path | None = None, progress: Progress = print) -> Judgement:
    """Judge what is published in a store elsewhere: by the shapes of the root, the rules of its axioms, the questions.

    Files and lines are those of the root, where it says the same. Raises StoreError.
    """
    try:
        read = judge.look(root, progress)
        written, entailed = judge.part_shapes(read.shapes)
    except FaultySourcesError as error:
        return judge.unread(error)
    published(store)
    seconds: dict[str, float] = {}
    with timed(seconds, "validate", progress):
        report, refused = judge.validated(read.shapes, store, written, ASSERTED_GRAPHS, progress)
    with timed(seconds, "contradictions", progress):
        contradictions, wrong = _contradict(read, store)
    if not wrong and not refused:
        with timed(seconds, "validate what follows", progress):
            graphs = (*ASSERTED_GRAPHS, GRAPH_INFERRED)
            later, refused = judge.validated(read.shapes, store, entailed, graphs, progress)
            report = report.joined(later)
    found = (*refused, *wrong, *judge.told(read, report))
    inferred = _size(store, GRAPH_INFERRED)
    judgement = Judgement(
        read, None, report, found, seconds, contradictions=contradictions, inferred_elsewhere=inferred
    )
    if queries is None or not judgement.sound:
        return judgement
    with timed(seconds, "questions", progress):
        answered, faults = check_questions(queries, store)
    return replace(judgement, diagnostics=(*judgement.diagnostics, *faults), answered=answered)


def _size(store: AnyStore, graph: NamedNode) -> int:
    found = store.query("SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }", default_graph=[graph])
    return next((int(row[0].value) for row in found), 0) if isinstance(found, QuerySolutions) else 0


def _contradict(read: Sources, store: AnyStore) -> tuple[tuple[Contradiction, ...], tuple[Diagnostic, ...]]:
    """Look for contradictions in what is published, by the rules of the axioms that are published with it."""
    local = _fetched(store)
    try:
        compiled = rules.compile_rules(judge.axioms(local))
    except rules.UncompilableError as error:
        return (), judge.refusals(read, error)
    found = reason.contradicting(reason.engine(store)[0], compiled)
    return _clashes(read, local, store, compiled, found, OURS)


def _fetched(store: AnyStore) -> Store:
    """Copy here the graphs of axioms, and the axioms that stand among individuals."""
    local = Store()
    every = "SELECT ?s ?p ?o WHERE { ?s ?p ?o }"  # no CONSTRUCT: Virtuoso may cut a graph without a word
    names = " ".join(map(str, (*rules.AXIOM_NAMES, *rules.SCHEMA_PREDICATES)))
    kinds = " ".join(map(str, (*rules.AXIOM_NAMES, *rules.DECLARATIONS)))
    among = (
        f"SELECT DISTINCT ?s ?p ?o WHERE {{ {{ VALUES ?p {{ {names} }} ?s ?p ?o }} UNION "
        f"{{ VALUES ?o {{ {kinds} }} ?s {RDF_TYPE} ?o . ?s ?p ?o }} }}"
    )
    for graph in ASSERTED_GRAPHS:
        query = every if graph in judge.THEORY else among
        local.bulk_extend(_quads(store.query(query, default_graph=[graph]), graph))
    return local


def _quads(found: object, graph: NamedNode) -> Iterator[Quad]:
    for subject, predicate, value in found if isinstance(found, QuerySolutions) else ():
        if (
            isinstance(subject, NamedNode | BlankNode)
            and isinstance(predicate, NamedNode)
            and isinstance(value, NamedNode | BlankNode | Literal)
        ):
            yield Quad(subject, predicate, value, graph)
