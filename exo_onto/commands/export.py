"""export: a root in, its studies as a table out."""

from pathlib import Path
from typing import Annotated

import typer

from exo_onto import sources
from exo_onto.commands.calls import RootOption, refuse, root_of, stopped_by_table
from exo_onto.render import Language
from exo_onto.tables import exporting, files
from exo_onto.tables.layout import parse_layout
from exo_onto.terminal import say

EXAMPLES = (
    "Examples:\n\nexo-onto export studies.xlsx\n\nexo-onto export studies.zip --study zhu-lf-2020 --lang zh\n\n"
    "exo-onto export studies/"
)


def command(
    path: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="What to write: a workbook (.xlsx), a .zip of TSV files or a folder of them."
        ),
    ],
    *,
    root: RootOption = None,
    study: Annotated[
        list[str] | None, typer.Option("--study", metavar="NAME", help="Only this study, by name. May be repeated.")
    ] = None,
    lang: Annotated[Language, typer.Option("--lang", help="The language of headings and terms.")] = Language.EN,
    force: Annotated[bool, typer.Option("--force", help="Replace the file where it is there already.")] = False,
) -> None:
    """Write the studies as a table, which `exo-onto add` reads back as the same graph."""
    home = root_of(root)
    if files.is_table(path):
        export_table(home, path, study or [], lang, force=force)
    else:
        refuse(f"{path.name} is no table: name {files.KINDS}.")


def export_table(home: Path, path: Path, studies: list[str], lang: Language, *, force: bool) -> None:
    """Write studies as a table."""
    with stopped_by_table():
        layout = parse_layout(files.layout_text(home))
        grids, dress = exporting.export(sources.read_sources(home), layout, lang.value, only=studies)
        files.write_file(path, grids, dress, force=force)
    number = sum(1 for _ in sources.read_sources(home).studies) if not studies else len(studies)
    say(f"written: {number} stud{'y' if number == 1 else 'ies'} in {path}")
