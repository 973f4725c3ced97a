"""workbook: an XLSX file in, grids out; and grids in, an XLSX file with drop-down lists out. Reads and writes files.

openpyxl reads and writes; before it reads, `packages` has seen that the file is bounded.
"""

import datetime as dt
import math
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.datavalidation import DataValidation

from exo_onto.tables.grid import (
    LONGEST_CELL,
    MOST_COLUMNS,
    MOST_ROWS,
    Grid,
    Line,
    Spot,
    TableError,
    Wrong,
    guarded,
    unguarded,
)
from exo_onto.tables.packages import DAMAGES, Contents, damaged, look_through, opened

ROWS_WITH_LISTS: Final = 2_000
"""Down to which row the cells of a template have their drop-down lists."""

_TEXT = "@"
_LONG, _MOST_WRONGS = 60, 50
_ODD_FILE = (InvalidFileException, TypeError, AttributeError, IndexError, SyntaxError)
"""What openpyxl says of files that nobody should have written."""


@dataclass(frozen=True)
class Choice:
    """A drop-down list: on which sheet and for which column, and the cells that it lists, as a formula says it."""

    sheet: str
    column: int
    cells: str
    strict: bool


@dataclass(frozen=True)
class Dress:
    """How sheets look: which are hidden, their drop-down lists, and the widths of their columns in characters."""

    hidden: frozenset[str] = frozenset()
    choices: tuple[Choice, ...] = ()
    widths: Mapping[str, tuple[int, ...]] | None = None


def read_workbook(path: Path, wanted: Callable[[str], bool]) -> tuple[Grid, ...]:
    """Read the sheets that are wanted.

    Raises TableError where the file is damaged or unbounded, or has formulas, errors, dates or merged cells in them.
    """
    with opened(path) as archive:
        contents = look_through(path, archive)
    _refuse_merged(contents, wanted)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions, which are nothing to us
            book = load_workbook(path, read_only=True, keep_links=False)
            left = MOST_ROWS
            grids = []
            for sheet in book.worksheets:
                if wanted(sheet.title):
                    grids.append(_grid(sheet, left))
                    left -= len(grids[-1].lines)
            book.close()
    except (*_ODD_FILE, *DAMAGES) as error:
        raise damaged(path, str(error) or type(error).__name__) from error
    return tuple(grids)


def _refuse_merged(contents: Contents, wanted: Callable[[str], bool]) -> None:
    wrongs = [
        Wrong(Spot(name), f"The cells {ref} are merged.", "Unmerge them, and write what they say into each row.")
        for name, part in contents.sheets.items()
        if wanted(name)
        for ref in contents.merged.get(part, ())[:10]
    ]
    if wrongs:
        raise TableError(*wrongs)


def _grid(sheet: Any, left: int) -> Grid:  # noqa: ANN401  openpyxl's worksheet
    """Read one sheet, whatever size it says that it has."""
    sheet.reset_dimensions()
    headings: tuple[str, ...] = ()
    lines: list[Line] = []
    wrongs: list[Wrong] = []
    for number, row in enumerate(sheet.iter_rows(), start=1):
        cells = tuple(_texts(sheet.title, number, row, headings, wrongs))
        if number == 1:
            headings = cells
        elif any(cells):
            lines.append(Line(number, cells))
        if len(lines) > left:
            raise TableError(
                Wrong(Spot(sheet.title, number), f"The table has more than {MOST_ROWS:,} rows.", "Part it.")
            )
        if len(wrongs) >= _MOST_WRONGS:
            break
    if wrongs:
        raise TableError(*wrongs)
    return Grid(sheet.title, headings, tuple(lines))


def _texts(sheet: str, number: int, row: Any, headings: tuple[str, ...], wrongs: list[Wrong]) -> Iterator[str]:  # noqa: ANN401
    if len(row) > MOST_COLUMNS and any(cell.value is not None for cell in row[MOST_COLUMNS:]):
        wrongs.append(Wrong(Spot(sheet, number), f"A cell stands beyond column {MOST_COLUMNS}.", "Delete it."))
        return
    for at, cell in enumerate(row[:MOST_COLUMNS]):
        if cell.value is None:
            yield ""
            continue
        wrong = _refused(cell.value, cell.data_type)
        if wrong:
            name = headings[at] if at < len(headings) and headings[at] else ""
            spot = Spot(sheet, number, f"{name} ({get_column_letter(at + 1)})" if name else get_column_letter(at + 1))
            wrongs.append(Wrong(spot, *wrong))
        yield "" if wrong else _text(cell.value)


def _refused(value: object, kind: str) -> tuple[str, str] | None:
    """Say what is wrong with a cell that is no text, number or truth value."""
    if kind == "f":
        return "A formula stands there, and what it comes to may differ from day to day.", "Paste its value instead."
    if kind == "e":
        return f"The error {value} stands there.", "Write what is meant."
    if isinstance(value, (dt.date, dt.time, dt.timedelta)):
        what = f"A date or time stands there ({value}): a spreadsheet program makes one of 3.1, SEPT2 or 1-2."
        return what, "Format the column as text and write the cell anew."
    if isinstance(value, str) and len(value) > LONGEST_CELL:
        return f"The text has {len(value):,} characters; a cell may hold {LONGEST_CELL:,}.", "Shorten it."
    if not isinstance(value, (str, int, float)) or (isinstance(value, float) and not math.isfinite(value)):
        return f"What stands there is neither text nor number ({type(value).__name__}).", "Write it as text."
    return None


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return unguarded(str(value).strip())


def write_workbook(path: Path, grids: tuple[Grid, ...], dress: Dress) -> None:
    """Write grids as a workbook whose cells are all text, so that none of them can run as a formula.

    Raises TableError where a cell is longer than a workbook can hold.
    """
    _refuse_long(grids)
    book = Workbook(write_only=True)
    for grid in grids:
        sheet = book.create_sheet(grid.name)
        sheet.freeze_panes = "A2"
        sheet.sheet_state = "hidden" if grid.name in dress.hidden else "visible"
        widths = (dress.widths or {}).get(grid.name, ())
        for at in range(1, len(grid.headings) + 1):
            column = sheet.column_dimensions[get_column_letter(at)]
            column.width = widths[at - 1] if at <= len(widths) else 24
            column.number_format = _TEXT  # else what is typed may become a date
        for choice in (each for each in dress.choices if each.sheet == grid.name):
            sheet.data_validations.append(_validation(choice))
        sheet.append([_cell(sheet, heading, heading=True) for heading in grid.headings])
        for line in grid.lines:
            sheet.append([_cell(sheet, cell) for cell in line.cells])
    book.save(path)


def _refuse_long(grids: tuple[Grid, ...]) -> None:
    for grid in grids:
        for line in grid.lines:
            longest = max((len(guarded(cell)) for cell in line.cells), default=0)
            if longest > LONGEST_CELL:
                what = f"A text has {longest:,} characters; a cell of a workbook holds {LONGEST_CELL:,}."
                raise TableError(Wrong(Spot(grid.name, line.number), what, "Export to a folder or a .zip of TSV."))


def _validation(choice: Choice) -> DataValidation:
    letter = get_column_letter(choice.column)
    rule = DataValidation(type="list", formula1=choice.cells, allow_blank=True, showErrorMessage=choice.strict)
    rule.errorStyle = "warning"
    rule.error = "This is none of the list. A synonym, a symbol or a CURIE may stand here too. Keep it?"
    rule.add(f"{letter}2:{letter}{ROWS_WITH_LISTS}")
    return rule


def _cell(sheet: Any, text: str, *, heading: bool = False) -> Any:  # noqa: ANN401
    held = guarded(text)
    cell = WriteOnlyCell(sheet, value=held or None)
    cell.data_type = "s" if held else "n"
    cell.number_format = _TEXT
    if heading:
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", start_color="DDE7F0")
    cell.alignment = Alignment(vertical="top", wrap_text=len(text) > _LONG)
    return cell
