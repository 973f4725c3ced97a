"""inspection: a project in, an `Inspection` out: all that is wrong with it, each with its place and its severity.

In the order of the flow: the files are read, judged by the reasoner, the shapes, the referees and the questions, and
then the ontology by the checks of its quality. What else there is to look at (links to other ontologies) comes as an
`Examiner`. At the end every diagnostic gets a file and a line, the project's severities, and what its baseline knows
is set apart.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pyoxigraph import Store, Triple

from exo_onto import judge
from exo_onto.check import PROFILES, Demands, examine
from exo_onto.diagnose import Diagnostic
from exo_onto.faults import FaultySourcesError
from exo_onto.judge import Judgement, Progress, timed
from exo_onto.places import Place
from exo_onto.quality import baseline, checks, reading, shipped
from exo_onto.quality.checks import Finding
from exo_onto.quality.levels import SEVERITIES, Levels
from exo_onto.quality.pages import shape_codes
from exo_onto.quality.project import Project, ProjectError
from exo_onto.sources import SourceFile, Sources
from exo_onto.validate import Severity
from exo_onto.vocabulary import (
    GRAPH_CLAIMS,
    GRAPH_IMPORTS,
    GRAPH_INSTANCES,
    GRAPH_ONTOLOGY,
    OWL_ONTOLOGY,
    RDF_TYPE,
)

_MEANINGLESS: Final = frozenset({"syntax", "shapes", "contradiction", "incoherent", "inconsistent"})


@dataclass(frozen=True)
class Examined:
    """What an examiner is given: the project, its sources, and the store that they and what follows are in."""

    project: Project
    sources: Sources
    store: Store


Examiner = Callable[[Examined, Progress], Iterable[Diagnostic]]
"""Looks at one more thing, such as the links to other ontologies. Its codes have pages as all others do."""


@dataclass(frozen=True)
class Inspection:
    """What was found: the judgement with its graded diagnostics, which of them fail it, and what a baseline knew.

    `everything` is what was found, graded, before the baseline was held against it.
    """

    judgement: Judgement
    everything: tuple[Diagnostic, ...]
    failing: tuple[Diagnostic, ...]
    known: int = 0
    gone: int = 0

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """What is to be told: graded, in the order of files and lines."""
        return self.judgement.diagnostics


@dataclass(frozen=True)
class _Collected:
    """The sources of a project, and what had to be left out of them."""

    sources: Sources
    left_out: tuple[Diagnostic, ...]


def inspect(
    project: Project, *, known: frozenset[str] | None = None, examiners: Sequence[Examiner] = (), progress: Progress
) -> Inspection:
    """Look at everything. `known` are the fingerprints of a baseline."""
    try:
        progress("look")
        collected = _collect(project)
    except FaultySourcesError as error:
        return _graded(project, judge.unread(error), None, known)
    read = collected.sources
    judgement = examine(read, _demands(project), progress=progress)
    found = [*collected.left_out, *judgement.diagnostics]
    if judgement.store is not None:
        with timed(judgement.seconds, "quality", progress):
            found += _quality(project, read, judgement.store, progress)
        for examiner in examiners:
            found += examiner(Examined(project, read, judgement.store), progress)
    return _graded(project, replace(judgement, diagnostics=tuple(found)), read, known)


def known_to(file: Path) -> frozenset[str]:
    """Read a baseline. Raises ProjectError where there is none."""
    try:
        return baseline.read(file.read_text("utf-8"))
    except OSError as error:
        what = f"The baseline {file} cannot be read ({error.strerror}). --write-baseline writes one."
        raise ProjectError(what) from error
    except (baseline.BaselineError, UnicodeDecodeError) as error:
        raise ProjectError(f"The baseline {file} cannot be used: {error}.") from error


def codes(read: Sources | None) -> frozenset[str]:
    """Give every code that was looked for: those with a page of their own, and the shapes of the sources."""
    shapes = () if read is None else (triple for file in read.shapes for triple in file.triples)
    return frozenset(shipped.pages()) | {code for code, _ in shape_codes(shapes)}


def shapes_of(project: Project) -> tuple[Triple, ...]:
    """Read the shapes of a project alone. Raises FaultySourcesError where they cannot be read."""
    return tuple(triple for file in _collect(project).sources.shapes for triple in file.triples)


def first_of_each(found: Iterable[Diagnostic], most: int) -> tuple[tuple[Diagnostic, ...], dict[str, int]]:
    """Give of each code the first ones, and how many more there are."""
    shown: list[Diagnostic] = []
    counted: dict[str, int] = {}
    for each in found:
        counted[each.code] = counted.get(each.code, 0) + 1
        if counted[each.code] <= most:
            shown.append(each)
    return tuple(shown), {code: number - most for code, number in counted.items() if number > most}


def _demands(project: Project) -> Demands:
    """Say what is asked: of a repository of this layout all that this project asks of itself, of others less.

    HermiT takes minutes for what our rules take seconds for, and few ontologies of others stay within OWL 2 RL.
    """
    wanted, home = project.wanted, project.laid_out
    return Demands(
        queries=project.queries,
        expected=project.expected,
        referees=home if wanted.referees is None else wanted.referees,
        profiles=(PROFILES if home else ()) if wanted.profiles is None else wanted.profiles,
        tolerant=not home,
        root=project.root,
    )


def _collect(project: Project) -> _Collected:
    """Read the files of a project, in this layout or any other.

    Raises FaultySourcesError with one fault for each file that cannot be read.
    """
    if project.laid_out:
        return _Collected(judge.look(project.root, _silent), ())
    faults: list[Diagnostic] = []
    wrong: list[FaultySourcesError] = []

    def files(paths: Iterable[str]) -> Iterator[SourceFile]:
        for path in paths:
            try:
                one = reading.read(project.root, path)
            except FaultySourcesError as error:
                wrong.append(error)
                continue
            faults.extend(
                Diagnostic("left-out", Severity.WARNING, f"{each.what} It is left out.", each.place, each.remedy)
                for each in one.left_out
            )
            yield one.file

    graphs = (
        (GRAPH_ONTOLOGY, tuple(files(project.ontology))),
        (GRAPH_IMPORTS, tuple(files(project.imports))),
        (GRAPH_INSTANCES, tuple(files(project.instances))),
        (GRAPH_CLAIMS, ()),
    )
    shapes = tuple(files(project.shapes))
    if wrong:
        raise FaultySourcesError(tuple(fault for error in wrong for fault in error.faults))
    return _Collected(Sources(project.root, graphs, shapes, (), ""), tuple(faults))


def _quality(project: Project, read: Sources, store: Store, progress: Progress) -> Iterator[Diagnostic]:
    """Run the checks of quality, but for those that are ignored or not to be shown."""
    levels = project.wanted.levels(shipped.levels())
    asked = [check for check in shipped.checks() if any(levels.graded([_sample(check.code)]))]

    def named(code: str) -> None:
        progress(f"quality: {code}")

    with checks.scoped(store, shipped.terms(), project.wanted.scope):
        for each in checks.run(store, asked, progress=named):
            yield _told(each, read)


def _sample(code: str) -> Diagnostic:
    return Diagnostic(code, SEVERITIES[shipped.levels()[code]], "")


def _told(finding: Finding, read: Sources) -> Diagnostic:
    code = finding.check.code
    place = read.place_of(finding.term, finding.predicate or None, finding.value or None) if finding.term else None
    return Diagnostic(code, _sample(code).severity, finding.what, place, finding.check.fix, finding.about)


def _graded(project: Project, judgement: Judgement, read: Sources | None, known: frozenset[str] | None) -> Inspection:
    levels = (
        Levels() if read is None else project.wanted.levels(shipped.levels())
    )  # what is unread is never passed over
    placed = _placed(judgement.diagnostics, read)
    everything = tuple(sorted(levels.graded(placed), key=_order))
    compared = baseline.compare(everything, known or frozenset())
    told = compared.fresh
    return Inspection(
        replace(judgement, diagnostics=told), everything, levels.failing(told), compared.known, compared.gone
    )


def _order(each: Diagnostic) -> tuple[int, str, int, str, str]:
    """Put the worst first, and within it file by file."""
    place = each.place or Place("")
    return (-each.severity, place.file, place.line or 0, each.code, each.what)


def _placed(found: Iterable[Diagnostic], read: Sources | None) -> Iterator[Diagnostic]:
    """Give each a file and a line: what is about the whole stands where the ontology is declared."""
    whole: Place | None = None
    for each in found:
        place = each.place
        if place is None and read is not None:
            whole = whole or _whole(read)
            place = whole
        if place is not None and place.line is None:
            place = Place(place.file, 1)
        yield replace(each, place=place)


def _whole(read: Sources) -> Place | None:
    for graph, files in read.graphs:
        for file in files:
            for triple in file.triples:
                if graph == GRAPH_ONTOLOGY and triple.predicate == RDF_TYPE and triple.object == OWL_ONTOLOGY:
                    seen = file.find(str(getattr(triple.subject, "value", "")), None, None)
                    return seen.place if seen else Place(file.path, 1)
    first = next(iter(read.files), None)
    return Place(first.path, 1) if first else None


def _silent(_: str) -> None:
    """Stand for a progress that was told already."""
