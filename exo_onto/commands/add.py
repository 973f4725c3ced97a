"""add: a table in, its studies in the files of the root out, or what would follow from them."""

import getpass
import os
import shutil
import subprocess
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from exo_onto import render, sources
from exo_onto.commands.calls import FormatOption, RootOption, refuse, root_of, tell
from exo_onto.commands.exits import WRONG_KNOWLEDGE
from exo_onto.commands.tabled import stopped_by_table
from exo_onto.render import Format
from exo_onto.sources import Sources
from exo_onto.tables import adding, files, preview, showing
from exo_onto.tables.adding import Plan, Signature
from exo_onto.tables.layout import parse_layout
from exo_onto.tables.preview import Preview
from exo_onto.tables.rows import no_rows
from exo_onto.terminal import err, say, show, shown, write

EXAMPLES = (
    "Examples:\n\nexo-onto add study.xlsx --dry-run\n\nexo-onto add study.xlsx --by 'Li Mei'\n\n"
    "exo-onto add study/ --encoding gb18030"
)


def command(  # noqa: PLR0913  one for each option
    path: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="The table: a workbook (.xlsx), a .zip of TSV files or a folder of them."),
    ],
    *,
    root: RootOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be written and what would follow, and write nothing.")
    ] = False,
    by: Annotated[
        str | None,
        typer.Option("--by", metavar="NAME", help="Who adds it. Default: the user of git, or of the machine."),
    ] = None,
    note: Annotated[
        bool, typer.Option("--note/--no-note", help="Note on each study that is written who added it, and when.")
    ] = True,
    encoding: Annotated[
        str | None, typer.Option("--encoding", help="The encoding of TSV files that do not mark it. Default: UTF-8.")
    ] = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Add the studies of a table: one Turtle file for each, once the reasoner has found nothing wrong with them.

    A study that is there already becomes what the table says; where it says the same, its file is not touched.
    Whatever is ambiguous, unknown or contradictory is told with sheet, row and column, and nothing is written.
    """
    home = root_of(root)
    with stopped_by_table():
        layout = parse_layout(files.layout_text(home))
        with shown(err) as progress:
            progress(f"read {path}")
            table = files.read_file(path, lambda sheet: not no_rows(sheet), encoding=encoding)
            progress("resolve names")
            read = sources.read_sources(home)
            plan = adding.plan(read, table, layout, Signature(_who(by), _today()) if note else None)
        found = _foreseen(read, plan)
        _tell(plan, found, form)
        if not found.sound:
            err.print("[bold red]Nothing was written.[/]")
            raise typer.Exit(WRONG_KNOWLEDGE)
        if not dry_run:
            adding.carry_out(plan)
    if form is Format.TABLE:
        say(_done(plan, dry_run=dry_run))


def _foreseen(read: Sources, plan: Plan) -> Preview:
    """Reason over what would be there."""
    if not plan.open:
        return Preview((), ())
    with shown(err) as progress, tempfile.TemporaryDirectory(prefix="exo-onto-") as folder:
        after = adding.overlaid(read, plan, Path(folder))
        found = preview.preview(read, after, progress=progress)
        return replace(found, diagnostics=adding.spotted(found.diagnostics, plan))


def _tell(plan: Plan, found: Preview, form: Format) -> None:
    if form is not Format.TABLE:
        write(render.delimited(showing.COLUMNS, showing.rows(plan, found), form))
        return
    show(showing.plan_table(plan))
    tell(found.diagnostics)
    if plan.open:
        show(showing.preview_table(found))


def _done(plan: Plan, *, dry_run: bool) -> str:
    number = len(plan.open)
    if not number:
        return "up to date: the table says what is there already"
    files_ = f"{number} file{'' if number == 1 else 's'}"
    return f"dry run: {files_} would be written, and nothing was" if dry_run else f"written: {files_}"


def _who(given: str | None) -> str:
    """Say who adds: by name, as git knows them, or as the machine does."""
    name = given if given is not None else _git_user() or getpass.getuser()
    told = " ".join(name.split())
    if not told or not told.isprintable():
        refuse("--by takes the name of whoever adds the table.")
    return told


def _git_user() -> str:
    git = shutil.which("git")
    if git is None:
        return ""
    done = subprocess.run([git, "config", "user.name"], capture_output=True, text=True, check=False)  # noqa: S603
    return done.stdout.strip()


def _today() -> str:
    """Give the day, UTC: that of SOURCE_DATE_EPOCH where it is set (reproducible-builds.org)."""
    told = os.environ.get("SOURCE_DATE_EPOCH", "")
    now = datetime.fromtimestamp(int(told), UTC) if told.isdigit() else datetime.now(UTC)
    return now.date().isoformat()
