"""showing: a plan and its preview in, what there is to show of them out, for people and for programs. Pure."""

from collections.abc import Iterable, Iterator

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table as RichTable
from rich.text import Text

from exo_onto.tables.adding import Change, Plan
from exo_onto.tables.grid import TableError
from exo_onto.tables.preview import Difference, Preview

COLUMNS = ("about", "change", "what")
"""The columns of the rows for programs."""


def wrongs_text(error: TableError) -> str:
    """Say all that is wrong in a table, a line each."""
    return "\n".join(str(each) for each in error.wrongs)


def plan_table(plan: Plan) -> RenderableType:
    """Lay out what becomes of each file."""
    table = RichTable(box=box.SIMPLE_HEAD)
    for heading in ("file", "is", "gains", "loses"):
        table.add_column(heading, justify="right" if heading in {"gains", "loses"} else "left", no_wrap=True)
    for change in plan.open:
        table.add_row(Text(change.path), change.state, str(change.gained), str(change.lost))
    notes = [Text(f"  {each}", style="yellow") for each in map(_lost_comments, plan.open) if each]
    same = len(plan.changes) - len(plan.open)
    kept = Text(f"  {same} file{'' if same == 1 else 's'} unchanged and not touched", style="dim") if same else Text("")
    return Group(*([table] if plan.open else []), *notes, kept)


def _lost_comments(change: Change) -> str:
    if not change.comments_lost:
        return ""
    lines = f"{change.comments_lost} line{'' if change.comments_lost == 1 else 's'} of comment"
    return f"{change.path} loses {lines}, which no row can hold."


def preview_table(preview: Preview) -> RenderableType:
    """Lay out how answers would differ."""
    if not preview.compared:
        return Text(
            "  What is there, or would be, contradicts itself: what follows cannot be compared.", style="yellow"
        )
    parts = [_difference(each) for each in preview.differences if each.come or each.gone]
    return Group(*parts) if parts else Text("  Nothing that is asked would be answered otherwise.", style="dim")


def _difference(difference: Difference) -> RenderableType:
    table = RichTable(box=box.SIMPLE_HEAD, title=difference.title, title_justify="left", title_style="bold")
    table.add_column("")
    for column in difference.columns:
        table.add_column(column, overflow="fold")
    for sign, style, rows in (("+", "green", difference.come), ("-", "red", difference.gone)):
        for row in rows:
            table.add_row(sign, *map(Text, row), style=style)
    return table


def rows(plan: Plan, preview: Preview) -> Iterator[tuple[str, str, str]]:
    """Give everything as rows for programs: files, diagnostics, and what would follow or no longer follow."""
    for change in plan.changes:
        yield "file", change.state, change.path
    for each in preview.diagnostics:
        yield "diagnostic", each.code, " ".join(filter(None, (f"{each.place}:" if each.place else "", each.what)))
    for difference in preview.differences:
        yield from _told(difference.name, "+", difference.come)
        yield from _told(difference.name, "-", difference.gone)


def _told(name: str, sign: str, rows_: Iterable[tuple[str, ...]]) -> Iterator[tuple[str, str, str]]:
    for row in rows_:
        yield name, sign, " | ".join(row)
