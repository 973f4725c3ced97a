"""grid: what a table is once it is read, rows of text with their places; and what a cell may hold. Pure."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

MOST_ROWS: Final = 100_000
"""How many rows, over all sheets, a table may have: some 2,000 studies."""

MOST_COLUMNS: Final = 256
"""How many columns a sheet may have; ours have twenty at most."""

LONGEST_CELL: Final = 32_767
"""How many characters a cell may hold: as many as a spreadsheet program lets it."""

BETWEEN: Final = "|"
"""What stands between the values of a cell that holds several."""

_RUNS = "=+\\-@＝＋－＠"  # noqa: RUF001  a spreadsheet program may take the wide ones for the narrow ones
_RISKY = re.compile(f"'*[{_RUNS}]")
_GUARDED = re.compile(f"'+[{_RUNS}]")


@dataclass(frozen=True)
class Spot:
    """Where something stands in a table: a sheet, a row from 1 (the headings), and the heading of a column."""

    sheet: str
    row: int | None = None
    column: str | None = None

    def __str__(self) -> str:
        """Say it as people find it: `sheet edges, row 5, column cause`."""
        parts = (("sheet", self.sheet), ("row", self.row), ("column", self.column))
        return ", ".join(f"{word} {part}" for word, part in parts if part is not None)


@dataclass(frozen=True)
class Wrong:
    """One thing that is wrong in a table: where, what, and what to do."""

    spot: Spot | None
    what: str
    remedy: str = ""

    def __str__(self) -> str:
        """Say it in one line."""
        where = f"{self.spot}: " if self.spot else ""
        return f"{where}{self.what}{' ' if self.remedy else ''}{self.remedy}"


class TableError(Exception):
    """A table cannot be taken; `wrongs` says where and why."""

    def __init__(self, *wrongs: Wrong) -> None:
        """Keep what is wrong, and make the first of it the message."""
        super().__init__(str(wrongs[0]))
        self.wrongs = wrongs


@dataclass(frozen=True)
class Line:
    """One row: its number, from 1 with the headings, and its cells as they stand."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Grid:
    """One sheet: its name, its headings, and its rows that are not empty."""

    name: str
    headings: tuple[str, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Table:
    """What a file of tables holds, and what it is called."""

    name: str
    grids: tuple[Grid, ...]


def guarded(text: str) -> str:
    """Give a text as a cell may hold it without being run as a formula (OWASP, CSV injection)."""
    return f"'{text}" if _RISKY.match(text) else text


def unguarded(cell: str) -> str:
    """Give the text that a cell holds: the inverse of `guarded`."""
    return cell[1:] if _GUARDED.match(cell) else cell


def plain(text: str) -> bool:
    """Say whether a text comes back from a cell as it went in."""
    return bool(text) and text == text.strip() and BETWEEN not in text and len(text) < LONGEST_CELL and not odd(text)


def odd(text: str) -> str | None:
    """Name the first character that nobody sees, or that stands for a lost one; None where there is none."""
    for at, each in enumerate(text):
        if unicodedata.category(each) in {"Cc", "Cf", "Cs", "Co", "Cn"} or each in "\ufffd\u2028\u2029":
            name = unicodedata.name(each, "a control character")
            return f"U+{ord(each):04X} ({name}), character {at + 1}"
    return None


def seen(text: str) -> str:
    """Leave out of a name the characters that nobody sees."""
    return "".join(each for each in text if unicodedata.category(each) not in {"Cc", "Cf"}).strip()


def parts(cell: str) -> tuple[str, ...]:
    """Part a cell that holds several values."""
    return tuple(part for part in (each.strip() for each in cell.split(BETWEEN)) if part)
