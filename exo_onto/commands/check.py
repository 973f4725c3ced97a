"""check: a root folder or files in, a verdict out, with all that is wrong and where."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.markdown import Markdown
from typer.core import TyperCommand

from exo_onto import __version__, catalogue, remote, render
from exo_onto.commands.calls import RootOption, StoreOption, elsewhere, refuse, root_of
from exo_onto.commands.exits import WRONG_KNOWLEDGE
from exo_onto.diagnose import Diagnostic
from exo_onto.faults import FaultySourcesError
from exo_onto.quality import annotations, inspection, junit, pages, sarif, shipped, writing
from exo_onto.quality.inspection import Inspection
from exo_onto.quality.levels import LEVELS, FailOn, Shown
from exo_onto.quality.pages import Page
from exo_onto.quality.project import Flags, Project, ProjectError, Wanted, find
from exo_onto.render import Format
from exo_onto.sources import RootNotFoundError, Sources
from exo_onto.terminal import draw, err, out, say, show, shown, write
from exo_onto.why import contradictions

EXAMPLES = (
    "Examples:\n\nexo-onto check\n\nexo-onto check --explain\n\nexo-onto check --explain missing-label\n\n"
    "exo-onto check --format sarif > findings.sarif\n\n"
    "exo-onto check --ontology so.obo --show info --fail-on never\n\n"
    "exo-onto check --instances data.ttl --shapes shapes.ttl\n\n"
    "exo-onto check --baseline known.json --write-baseline"
)
_OF_SHAPE = "as its shape says"
_UNSAID = dict.fromkeys(("uncompiled", "profile", "agreement"), "error; warning elsewhere")
"""The severities of what is an error in a repository of this layout, and a warning in others."""
EXAMINERS: tuple[inspection.Examiner, ...] = ()
"""What else is looked at, after the quality of the ontology: the status of its links belongs here."""
_MOST_SHOWN = 20
"""How many findings of one code are shown to people; programs get all."""


class CheckFormat(StrEnum):
    """How findings are written."""

    TABLE = "table"
    CSV = "csv"
    TSV = "tsv"
    JSON = "json"
    JUNIT = "junit"
    SARIF = "sarif"
    GITHUB = "github"


class OptionalCode(TyperCommand):
    """A command whose option --explain may stand by itself, without a code."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        """Give --explain an empty value where none follows."""
        told: list[str] = []
        for position, each in enumerate(args):
            told.append(each)
            following = args[position + 1 : position + 2]
            if each == "--explain" and (not following or following[0].startswith("-")):
                told.append("")
        return super().parse_args(ctx, told)


KIND = OptionalCode

_FILES = "Files or folders of any format of RDF or OWL; may be given several times."
_PANEL = "What to check, where it has not the layout of this project"

FormatOption = Annotated[
    CheckFormat,
    typer.Option(
        "--format", "-f", help="How to write: a table for people; junit, sarif and github for CI; the rest for all."
    ),
]
ExplainOption = Annotated[
    str | None,
    typer.Option(
        "--explain",
        metavar="[CODE]",
        help="Print the page of a code: problem, why, fix, example. "
        "Without a code: the proofs of what excludes what, for each contradiction.",
    ),
]
ListOption = Annotated[bool, typer.Option("--list-codes", help="List all codes with their severities.")]
FailOption = Annotated[
    FailOn | None, typer.Option("--fail-on", help="From which severity on to exit with 1. Default: error.")
]
ShowOption = Annotated[Shown | None, typer.Option("--show", help="From which severity on to show. Default: warning.")]
ProfileOption = Annotated[
    Path | None,
    typer.Option("--profile", metavar="FILE", help="A file of TOML with severities and the like, as [check]."),
]
BaselineOption = Annotated[
    Path | None,
    typer.Option("--baseline", metavar="FILE", help="Tell only what is not in this file of known findings."),
]
WriteOption = Annotated[
    bool, typer.Option("--write-baseline", help="Write all findings of today to the baseline, and exit with 0.")
]
RefereesOption = Annotated[
    bool | None,
    typer.Option(
        "--referees/--no-referees",
        help="Have HermiT and pySHACL judge too. Default: where the layout is that of this project.",
    ),
]
NamespaceOption = Annotated[
    list[str] | None,
    typer.Option(
        "--namespace",
        help="Check the quality of terms below this IRI, or of this prefix (SO:), alone. Default: of all it declares.",
    ),
]
OntologyOption = Annotated[list[Path] | None, typer.Option("--ontology", help=_FILES, rich_help_panel=_PANEL)]
ImportsOption = Annotated[
    list[Path] | None,
    typer.Option("--imports", help="What the ontology builds on; not judged itself.", rich_help_panel=_PANEL),
]
ShapesOption = Annotated[list[Path] | None, typer.Option("--shapes", help="Shapes of SHACL.", rich_help_panel=_PANEL)]
InstancesOption = Annotated[list[Path] | None, typer.Option("--instances", help="The data.", rich_help_panel=_PANEL)]
QueriesOption = Annotated[
    Path | None, typer.Option("--queries", help="The folder of the questions, NAME.rq.", rich_help_panel=_PANEL)
]
ExpectedOption = Annotated[
    Path | None,
    typer.Option(
        "--expected",
        help="The folder of their answers, NAME.csv. Default: expected/ in that of the questions.",
        rich_help_panel=_PANEL,
    ),
]


def command(  # noqa: PLR0913  one for each option
    *,
    root: RootOption = None,
    form: FormatOption = CheckFormat.TABLE,
    explain: ExplainOption = None,
    list_codes: ListOption = False,
    fail_on: FailOption = None,
    least: ShowOption = None,
    profile: ProfileOption = None,
    baseline: BaselineOption = None,
    write_baseline: WriteOption = False,
    referees: RefereesOption = None,
    namespace: NamespaceOption = None,
    store: StoreOption = None,
    ontology: OntologyOption = None,
    imports: ImportsOption = None,
    shapes: ShapesOption = None,
    instances: InstancesOption = None,
    queries: QueriesOption = None,
    expected: ExpectedOption = None,
) -> None:
    """Judge without publishing: syntax, names, logic, profiles, shapes, questions, and the quality of the ontology.

    It works on anybody's files, as docs/gate.md says. With --store, judge what is published there: shapes,
    contradictions, questions.

    Exits with 1 where something is wrong, and says what, in which file and line, and what to do.
    """
    files = [tuple(each or ()) for each in (ontology, imports, shapes, instances)]
    named = Flags(files[0], files[1], files[2], files[3], queries, expected, profile)
    spaces = tuple(namespace) if namespace else None
    wanted = Wanted(fail_on, least, namespaces=spaces, referees=referees, baseline=baseline)
    if store is not None:
        _refuse_beside_store(explain is not None, named.given or list_codes or write_baseline or baseline is not None)
        _check_elsewhere(root, store, form)
    elif list_codes or explain:
        _tell_codes(root, named, wanted, explain or None, form)
    elif write_baseline:
        _write_baseline(_project(root, named, wanted))
    else:
        _check_here(_project(root, named, wanted), form, proofs=explain is not None)


def _check_here(project: Project, form: CheckFormat, *, proofs: bool) -> None:
    known = _known(project)
    with shown(err) as progress:
        found = inspection.inspect(project, known=known, examiners=EXAMINERS, progress=progress)
    _write(found, form, proofs=proofs)
    if found.failing:
        raise typer.Exit(WRONG_KNOWLEDGE)


def _project(root: Path | None, named: Flags, wanted: Wanted) -> Project:
    start = (root or Path.cwd()).resolve()
    if not start.is_dir():
        refuse(f"There is no folder {root}.")
    try:
        return find(start, named, wanted, exactly=root is not None)
    except ProjectError as error:
        refuse(str(error))
    except RootNotFoundError as error:
        refuse(f"{error} Or name files with --ontology, --shapes and --instances, or in exo-onto.toml.")


def _known(project: Project) -> frozenset[str] | None:
    try:
        return inspection.known_to(project.wanted.baseline) if project.wanted.baseline else None
    except ProjectError as error:
        refuse(str(error))


def _write_baseline(project: Project) -> None:
    file = project.wanted.baseline
    if file is None:
        refuse("--write-baseline needs to know where: add --baseline FILE, or set baseline in the settings.")
    with shown(err) as progress:
        found = inspection.inspect(project, examiners=EXAMINERS, progress=progress)
    writing.write_baseline(file, found.everything)
    number = len(found.everything)
    say(f"{file}: {number} finding{'' if number == 1 else 's'} known from now on; only others are told.")


def _write(found: Inspection, form: CheckFormat, *, proofs: bool) -> None:
    told = found.diagnostics
    match form:
        case CheckFormat.TABLE:
            _show(found, proofs=proofs)
        case CheckFormat.SARIF:
            write(sarif.sarif(told, _pages(told, found.judgement.sources), __version__))
        case CheckFormat.JUNIT:
            write(junit.junit(told, found.failing, inspection.codes(found.judgement.sources)))
        case CheckFormat.GITHUB:
            write(annotations.annotations(told))
        case _:
            write(render.delimited(*render.diagnostic_rows(told), Format(form.value)))


def _show(found: Inspection, *, proofs: bool) -> None:
    told, more = inspection.first_of_each(found.diagnostics, _MOST_SHOWN)
    show(render.diagnostics_text(told), soft_wrap=True)
    for code, number in more.items():
        say(f"... and {number:,} more of [{code}]; --format csv has them all.")
    if proofs:
        for contradiction in contradictions(found.judgement):
            draw(render.proofs_tree(contradiction))
    show(render.summary(found.judgement), soft_wrap=True)
    if found.known or found.gone:
        say(f"{found.known:,} known to the baseline{f', {found.gone:,} of it mended' if found.gone else ''}.")
    if found.failing and found.judgement.sound:
        say(f"Fails all the same: {len(found.failing):,} below an error count too, by --fail-on.")


def _pages(told: tuple[Diagnostic, ...], read: Sources | None) -> dict[str, Page]:
    triples = () if read is None else tuple(triple for file in read.shapes for triple in file.triples)
    found = {code: pages.page_of(code, shipped.pages(), triples) for code in {each.code for each in told}}
    return {code: page for code, page in found.items() if page is not None}


def _tell_codes(root: Path | None, named: Flags, wanted: Wanted, code: str | None, form: CheckFormat) -> None:
    """Print the page of a code, or list all: those of the package, and the shapes of the project, if there is one."""
    try:
        project: Project | None = find((root or Path.cwd()).resolve(), named, wanted, exactly=root is not None)
        shapes = () if project is None else inspection.shapes_of(project)
    except (ProjectError, RootNotFoundError, FaultySourcesError):
        project, shapes = None, ()
    if code is not None:
        page = pages.page_of(code, shipped.pages(), shapes)
        if page is None:
            refuse(writing.no_page(code, [*shipped.pages(), *dict(pages.shape_codes(shapes))]))
        _show_page(page)
        return
    levels = (project.wanted if project else wanted).levels(shipped.levels())
    titles = {each.code: each.title for each in shipped.pages().values()} | dict(pages.shape_codes(shapes))
    said = {each: str(levels.of(each) or _UNSAID.get(each, _OF_SHAPE)) for each in titles}
    rows = [(each, said[each], titles[each]) for each in sorted(titles)]
    if form in (CheckFormat.CSV, CheckFormat.TSV, CheckFormat.JSON):
        write(render.delimited(("code", "severity", "title"), rows, Format(form.value)))
    else:
        show(writing.code_table(rows))


def _show_page(page: Page) -> None:
    """Print a page: laid out on a terminal, and as it is elsewhere."""
    if out.is_terminal:
        draw(Markdown(page.text))
    else:
        write(page.text)


def _refuse_beside_store(explain: bool, files: bool) -> None:  # noqa: FBT001
    if explain:
        refuse("--explain shows the proofs of what stands in files: leave --store out.")
    if files:
        refuse("--store judges what is published there: leave the files, the codes and the baseline out.")


def _check_elsewhere(root: Path | None, store: str, form: CheckFormat) -> None:
    home = root_of(root)
    with shown(err) as progress:
        judgement = remote.check(home, elsewhere(store, None), queries=catalogue.folder_of(home), progress=progress)
    told = judgement.diagnostics
    failing = tuple(each for each in told if LEVELS[each.severity] == FailOn.ERROR.value)
    _write(Inspection(judgement, told, failing), form, proofs=False)
    if not judgement.sound:
        raise typer.Exit(WRONG_KNOWLEDGE)
