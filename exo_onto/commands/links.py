"""links: files of external ontologies in, modules of what is used of them out, and how links stand; a command each.

To add a verb: a function here, and a line in the tuple at the end.
"""

from collections import Counter
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from pyoxigraph import Store
from rich.console import Console

from exo_onto import catalogue, loading, pipeline, render, sources
from exo_onto.commands import evidence
from exo_onto.commands.calls import FormatOption, RootOption, refuse, root_of
from exo_onto.commands.exits import WRONG_KNOWLEDGE
from exo_onto.faults import FaultySourcesError
from exo_onto.links import coverage, formats, issued, mappings, references, saving, status, validator
from exo_onto.links import update as updating
from exo_onto.links.edits import Change, EditError
from exo_onto.links.fresh import fresh_of
from exo_onto.links.mappings import SssomError
from exo_onto.links.references import Outcome, RecordsError
from exo_onto.links.saving import SavingError
from exo_onto.links.status import Status
from exo_onto.links.terms import LinksError
from exo_onto.links.update import Told, Update
from exo_onto.links.validator import ValidatorError
from exo_onto.render import Format
from exo_onto.sources import Sources
from exo_onto.terminal import err, out, say, show, shown, write
from exo_onto.validate import Severity
from exo_onto.vocabulary import compact

UPDATE_EXAMPLES = (
    "Examples:\n\nexo-onto links update go.obo.gz\n\nexo-onto links update go.owl chebi_lite.obo.gz --strict\n\n"
    "exo-onto links update slice.obo --version slice.obo=2026-01-31 "
    "--licence slice.obo=https://creativecommons.org/licenses/by/4.0/"
)

CHECK_EXAMPLES = (
    "Examples:\n\nexo-onto links check\n\nexo-onto links check go.obo.gz --fix\n\nexo-onto links check --format json"
)

REFERENCES_EXAMPLES = (
    "Examples:\n\nexo-onto links references library.ris --dry-run\n\nexo-onto links references zotero.csv"
)

COVERAGE_EXAMPLES = "Examples:\n\nexo-onto links coverage\n\nexo-onto links coverage --format csv"
ISSUED_EXAMPLES = "Examples:\n\nexo-onto links issued\n\nexo-onto links issued --add"
SSSOM_EXAMPLES = (
    "Examples:\n\nexo-onto links sssom > ours.sssom.tsv\n\nexo-onto links sssom --output ours.sssom.tsv\n\n"
    "exo-onto links sssom --add theirs.sssom.tsv"
)
PREFIXES_EXAMPLES = (
    "Examples:\n\nexo-onto links prefixes > context.jsonld\n\nexo-onto links prefixes --form map\n\n"
    "exo-onto links prefixes --form extended"
)


class Form(StrEnum):
    """How prefixes are written."""

    CONTEXT = "context"
    MAP = "map"
    EXTENDED = "extended"


_FORMS = {Form.CONTEXT: mappings.context, Form.MAP: mappings.prefix_map, Form.EXTENDED: mappings.extended_prefix_map}

app = typer.Typer(
    name="links",
    add_completion=False,
    help="Keep the links to other ontologies right: modules of what is used of them.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)

FilesArgument = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE...",
        help="OBO, OWL (RDF/XML, OWL/XML, functional syntax, Turtle) or OBO-graph JSON, as it is or packed by gzip.",
        show_default=False,
    ),
]


def _option(name: str, what: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(
        f"--{name}", metavar="NAME=TEXT", help=f"The {what} of the file of that name, where it says none. Repeatable."
    )
    return option


def update(  # noqa: PLR0913  one for each option
    files: FilesArgument,
    *,
    root: RootOption = None,
    version: Annotated[list[str] | None, _option("version", "version, best a date,")] = None,
    licence: Annotated[list[str] | None, _option("licence", "licence, best an IRI,")] = None,
    title: Annotated[list[str] | None, _option("title", "title")] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 1 where a file lacks a term of its ontology that is in use.")
    ] = False,
) -> None:
    """Write anew the modules below ontology/imports/ from files of the ontologies that they are taken from.

    A module holds the terms that ontology, instances, shapes and questions use, with all that is above them. A term in
    use that a new file lacks stays as it was, and is listed. A file that is damaged changes nothing.
    """
    home = root_of(root)
    told = _told(files, version, licence, title)
    try:
        read = sources.read_sources(home)
        folder = catalogue.folder_of(home)
        queries = [text for _, text in sources.read_texts(folder, ".rq")] if folder else []
        with shown(err) as progress:
            done = updating.update(read, queries, files, told=told, progress=progress)
    except (LinksError, FaultySourcesError) as error:
        refuse(str(error))
    _tell(done, home)
    if strict and (done.kept or done.missing):
        raise typer.Exit(WRONG_KNOWLEDGE)


def _told(files: list[Path], *options: list[str] | None) -> dict[str, Told]:
    """Take what is told of files: for each its version, licence and title."""
    names = {path.name for path in files}
    told: dict[str, list[str | None]] = {name: [None, None, None] for name in names}
    for number, option in enumerate(options):
        for each in option or ():
            name, equals, text = each.partition("=")
            if not equals or not text or name not in names:
                refuse(f"{each!r} does not say of which file: write NAME=TEXT, NAME one of {', '.join(sorted(names))}.")
            told[name][number] = text
    return {name: Told(*said) for name, said in told.items()}


def _tell(done: Update, home: Path) -> None:
    for warning in done.warnings:
        err.print(f"warning: {warning}", style="yellow", soft_wrap=True, highlight=False, markup=False)
    for written in done.modules:
        said = "written" if written.changed else "unchanged"
        say(f"{said}: {written.path.relative_to(home)}, {written.terms:,} terms")
    if not done.modules:
        why = "What these files have of the terms in use is not newer" if done.kept else "They have no term in use"
        say(f"{why}: no module was written.")
    for term, version in done.kept:
        say(f"kept: {term} as of {version}, which no file given has as new")
    for term in done.missing:
        say(f"not found: {term}, in the files and in the modules")


def check(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[FILE...]",
            help="Files of ontologies to hold the identifiers against, in any format that `links update` reads.",
            show_default=False,
        ),
    ] = None,
    *,
    root: RootOption = None,
    form: FormatOption = Format.TABLE,
    fix: Annotated[
        bool, typer.Option("--fix", help="Put what replaces withdrawn identifiers in their place, and show the diff.")
    ] = False,
) -> None:
    """Say which identifiers are malformed, unknown, withdrawn, merged, relabelled, or of the wrong species or kind.

    Offline they are held against the modules below ontology/imports/; with files, against what stands in these. Exits
    with 1 where one is wrong.
    """
    home = root_of(root)
    questions = saving.texts_below(home, "queries", ".rq")
    try:
        read, store = _loaded(home)
        with shown(err) as progress:
            documents = [formats.read(path, progress=progress) for path in files or ()]
            fresh = fresh_of(documents, status.recorded_dates(read))
            progress("examine")
            found = status.examine(read, store, questions=questions, fresh=fresh)
        if fix:
            changes = status.fixes(found, read, questions)
            _save(home, changes, page=out if form is Format.TABLE else err)
            read, store = _loaded(home)
            questions = saving.texts_below(home, "queries", ".rq")
            found = status.examine(read, store, questions=questions, fresh=fresh)
    except (LinksError, FaultySourcesError, EditError, SavingError) as error:
        refuse(str(error))
    told = status.diagnostics(found, read, questions)
    if form is Format.TABLE:
        show(render.diagnostics_text(told), soft_wrap=True)
        say(_summary(found))
    else:
        write(render.delimited(*render.diagnostic_rows(told), form))
    if any(each.severity is Severity.VIOLATION for each in told):
        raise typer.Exit(WRONG_KNOWLEDGE)


def _summary(found: Status) -> str:
    count = len(found.findings)
    accepted = f", {len(found.accepted)} accepted" if found.accepted else ""
    return f"{found.looked_at:,} identifiers looked at: {count} finding{'' if count == 1 else 's'}{accepted}."


def complete(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="RIS or CSV, as a reference manager or PubMed exports it.", show_default=False
        ),
    ],
    *,
    root: RootOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the diff, and change nothing.")] = False,
) -> None:
    """Complete our references with the DOI and PMID that a library knows of them.

    A record is ours where title, first author and year agree, and no other record does. What agrees in part, or says
    another identifier than ours, is told and left alone; another identifier makes the command exit with 1.
    """
    home = root_of(root)
    try:
        read = sources.read_sources(home)
        matches = references.match(references.references_of(read), references.read_records(sources.read_text(file)))
        changes = references.completions(matches, read)
        _save(home, changes, dry_run=dry_run)
    except (FaultySourcesError, EditError, SavingError) as error:
        refuse(str(error))
    except RecordsError as error:
        refuse(f"{file}: {error}")
    for each in matches:
        if each.why:
            place = f"{file}:{each.record.line}: " if each.record else ""
            say(f"{place}{compact(each.reference.iri)}: {each.outcome}: {each.why}")
    counts = Counter(each.outcome for each in matches)
    say(", ".join(f"{counts[outcome]} {outcome}" for outcome in Outcome if counts[outcome]) or "no reference")
    if counts[Outcome.CONFLICT]:
        raise typer.Exit(WRONG_KNOWLEDGE)


def sssom(
    *,
    root: RootOption = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write to this file, not to standard output.")
    ] = None,
    add: Annotated[
        Path | None,
        typer.Option("--add", metavar="FILE", help="Take in the links of this file of SSSOM, and show the diff."),
    ] = None,
) -> None:
    """Write our links to registries as SSSOM, or take in the links of such a file.

    What is written is validated, and by the package `sssom` too where that is installed (`exo-onto[sssom]`). A file is
    taken as a whole or not at all: each fault is told with its line.
    """
    home = root_of(root)
    if add is not None and output is not None:
        refuse("--output is for what is written, --add for what is taken in: name one of them.")
    try:
        read = sources.read_sources(home)
        if add is not None:
            _take_in(home, read, add)
            return
        text = mappings.sssom(read, version=pipeline.ontology_version(read))
        judged = validator.validate(text)
        if output is not None:
            saving.write_new(output, text)
    except (FaultySourcesError, SavingError, ValidatorError) as error:
        refuse(str(error))
    except SssomError as error:
        refuse("\n".join(f"{add}: {fault}" for fault in error.faults))
    if output is None:
        write(text)
    err.print(judged, highlight=False, soft_wrap=True)


def _take_in(home: Path, read: Sources, path: Path) -> None:
    file = mappings.read_sssom(sources.read_text(path))
    taking = mappings.take(read, file)
    before = next((each.content().decode() for each in read.files if each.path == mappings.FILE), "")
    kept = [triple for each in read.files if each.path == mappings.FILE for triple in each.triples]
    if taking.new:
        _save(home, (Change(mappings.FILE, before, mappings.turtle([(file, taking.new)], kept)),))
    say(f"{len(taking.new)} new, {taking.known} known")
    for name in taking.unknown:
        say(f"{name} is in no module: take it with `exo-onto links update FILE`.")


def prefixes(
    *,
    form: Annotated[
        Form, typer.Option("--form", help="A context of JSON-LD, a prefix map, or an extended one.")
    ] = Form.CONTEXT,
) -> None:
    """Write the prefixes that our CURIEs have, for other tools."""
    write(_FORMS[form]())


def count(*, root: RootOption = None, form: FormatOption = Format.TABLE) -> None:
    """Count for each kind of thing how many are linked, to which registries, and why the others are not."""
    home = root_of(root)
    try:
        _, store = _loaded(home)
    except FaultySourcesError as error:
        refuse(str(error))
    rows = [each.row for each in coverage.coverage(store)]
    if form is Format.TABLE:
        show(render.plain_table(coverage.COLUMNS, [[str(cell) for cell in row] for row in rows]))
    else:
        write(render.delimited(coverage.COLUMNS, rows, form))


def issue(
    *,
    root: RootOption = None,
    add: Annotated[bool, typer.Option("--add", help="Put them on the list, and show the diff.")] = False,
) -> None:
    """List the terms of ours that are declared and not yet on the list of those that were published.

    What is on the list stays: a term is withdrawn by owl:deprecated and IAO:0100001, and never deleted.
    """
    home = root_of(root)
    try:
        read = sources.read_sources(home)
        names = issued.unissued(read)
        if add and names:
            _save(home, (issued.listed(read),))
    except (FaultySourcesError, SavingError) as error:
        refuse(str(error))
    for name in () if add else names:
        say(compact(name))
    say(f"{len(names)} {'put on' if add else 'not on'} the list")


def _loaded(home: Path) -> tuple[Sources, Store]:
    read, store = sources.read_sources(home), Store()
    loading.load(read, store)
    return read, store


def _save(home: Path, changes: tuple[Change, ...], *, page: Console = out, dry_run: bool = False) -> None:
    """Show changes of files, and make them."""
    for change in changes:
        page.print(change.diff(), soft_wrap=True, highlight=False, markup=False, end="")
    if not dry_run:
        saving.save(home, changes)
    said = "would change" if dry_run else "changed"
    page.print(f"{said}: {len(changes)} file{'' if len(changes) == 1 else 's'}", highlight=False)


for _verb, _examples in ((update, UPDATE_EXAMPLES), (check, CHECK_EXAMPLES)):
    app.command(_verb.__name__, epilog=_examples)(_verb)
app.command("coverage", epilog=COVERAGE_EXAMPLES)(count)
app.command("issued", epilog=ISSUED_EXAMPLES)(issue)
app.command("sssom", epilog=SSSOM_EXAMPLES)(sssom)
app.command("prefixes", epilog=PREFIXES_EXAMPLES)(prefixes)
app.command("references", epilog=REFERENCES_EXAMPLES)(complete)
app.command("evidence", epilog=evidence.EXAMPLES)(evidence.command)
