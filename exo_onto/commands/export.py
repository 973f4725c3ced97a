"""export: a root in; its studies as a table, or all that is published as one OWL file, out."""

import os
from pathlib import Path
from typing import Annotated

import typer

from exo_onto import sources
from exo_onto.commands.calls import RootOption, opened, refuse, root_of
from exo_onto.commands.tabled import stopped_by_table
from exo_onto.links import owl
from exo_onto.render import Language
from exo_onto.tables import exporting, files
from exo_onto.tables.layout import parse_layout
from exo_onto.terminal import err, say, shown
from exo_onto.vocabulary import ASSERTED_GRAPHS, GRAPH_INFERRED

EXAMPLES = (
    "Examples:\n\nexo-onto export studies.xlsx\n\nexo-onto export studies.zip --study zhu-lf-2020 --lang zh\n\n"
    "exo-onto export studies/\n\nexo-onto export exo-onto.owl\n\nexo-onto export exo-onto.ttl --inferred"
)


def command(  # noqa: PLR0913  one for each option
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="Where to write. Its suffix says what. Studies: a workbook (.xlsx), a .zip of TSV files or a folder "
            "of them. All as OWL: .owl or .rdf is RDF/XML, .ttl Turtle, .ofn functional syntax.",
            show_default=False,
        ),
    ],
    *,
    root: RootOption = None,
    study: Annotated[
        list[str] | None, typer.Option("--study", metavar="NAME", help="Only this study, by name. May be repeated.")
    ] = None,
    lang: Annotated[Language, typer.Option("--lang", help="The language of headings and terms.")] = Language.EN,
    force: Annotated[bool, typer.Option("--force", help="Replace the table where it is there already.")] = False,
    inferred: Annotated[
        bool, typer.Option("--inferred/--asserted", help="OWL: with what was inferred, or what was asserted alone.")
    ] = False,
) -> None:
    """Write studies as a table, which `add` reads back; or all that is published as OWL, which Protégé and ROBOT open.

    The OWL file holds the ontology, the modules of other ontologies, the instances and the claims.
    """
    home = root_of(root)
    if file.suffix.lower() in owl.SUFFIXES:
        if study:
            refuse("--study is for tables: an OWL file holds all that is published.")
        export_owl(home, file, inferred=inferred)
    elif files.is_table(file):
        export_table(home, file, study or [], lang, force=force)
    else:
        refuse(f"{file} says by no suffix what to write: name {files.KINDS}, or a file in {', '.join(owl.SUFFIXES)}.")


def export_table(home: Path, path: Path, studies: list[str], lang: Language, *, force: bool) -> None:
    """Write studies as a table."""
    with stopped_by_table():
        layout = parse_layout(files.layout_text(home))
        grids, dress = exporting.export(sources.read_sources(home), layout, lang.value, only=studies)
        files.write_file(path, grids, dress, force=force)
    number = sum(1 for _ in sources.read_sources(home).studies) if not studies else len(studies)
    say(f"written: {number} stud{'y' if number == 1 else 'ies'} in {path}")


def export_owl(home: Path, file: Path, *, inferred: bool) -> None:
    """Write all that is published as one OWL file."""
    graphs = (*ASSERTED_GRAPHS, GRAPH_INFERRED) if inferred else ASSERTED_GRAPHS
    store = opened(home).store
    triples = [quad.triple for graph in graphs for quad in store.quads_for_pattern(None, None, None, graph)]
    with shown(err) as progress:
        progress(f"write {file.name}")
        text = owl.write(triples, owl.SUFFIXES[file.suffix.lower()])
    _put(file, text)
    say(f"written: {file}, {len(triples):,} triples")


def _put(file: Path, text: str) -> None:
    """Write aside, and rename what is whole."""
    aside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        aside.write_text(text, encoding="utf-8")
        aside.replace(file)
    except OSError as error:
        aside.unlink(missing_ok=True)
        refuse(f"{file} cannot be written: {error.strerror or error}.")
