"""template: a file's name in, an empty table with help and drop-down lists there out."""

from pathlib import Path
from typing import Annotated

import typer

from exo_onto import sources
from exo_onto.commands.calls import RootOption, root_of
from exo_onto.commands.tabled import stopped_by_table
from exo_onto.render import Language
from exo_onto.tables import exporting, files
from exo_onto.tables.layout import parse_layout
from exo_onto.terminal import say

EXAMPLES = (
    "Examples:\n\nexo-onto template study.xlsx\n\nexo-onto template study/\n\nexo-onto template study.xlsx --lang zh"
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
    lang: Annotated[Language, typer.Option("--lang", help="The language of headings and lists.")] = Language.EN,
    force: Annotated[bool, typer.Option("--force", help="Replace the file where it is there already.")] = False,
) -> None:
    """Write an empty table to fill in: a sheet for each kind of thing, with the terms that may stand there now."""
    home = root_of(root)
    with stopped_by_table():
        layout = parse_layout(files.layout_text(home))
        grids, dress = exporting.template(sources.read_sources(home), layout, lang.value)
        files.write_file(path, grids, dress, force=force)
    say(f"written: {path}, to be filled in and added with `exo-onto add {path}`")
