"""template: a layout and names in; the sheets of a table with help and drop-down lists out. Pure."""

from collections.abc import Iterable, Iterator
from typing import Final

from exo_onto.tables.grid import Grid, Line
from exo_onto.tables.layout import Column, Layout, Range, Sheet
from exo_onto.tables.rows import HELP, LISTS
from exo_onto.tables.terms import Names
from exo_onto.tables.workbook import ROWS_WITH_LISTS, Choice, Dress
from exo_onto.vocabulary import compact

_WIDE, _NARROW = 48, 24
_SHOWN: Final = 4


def dressed(layout: Layout, names: Names, grids: tuple[Grid, ...], language: str) -> tuple[tuple[Grid, ...], Dress]:
    """Add the help sheet and the lists to the sheets of a table, and say how they look."""
    lister = _Lister(layout, names, language)
    choices = tuple(lister.choices())
    lists = lister.grid()
    widths = {sheet.title(language): tuple(_widths(sheet, layout)) for sheet in layout.sheets}
    widths |= {HELP[language]: (16, 24, 10, 60, 90)}
    helped = Grid(HELP[language], layout.help[language].headings, tuple(_help(layout, names, language)))
    return (helped, *grids, lists), Dress(frozenset({lists.name}), choices, widths)


def empty(layout: Layout, language: str) -> tuple[Grid, ...]:
    """Give the sheets of a table that has no rows."""
    return tuple(
        Grid(sheet.title(language), tuple(c.heading(language) for c in layout.columns_of(sheet)), ())
        for sheet in layout.sheets
    )


def _widths(sheet: Sheet, layout: Layout) -> Iterator[int]:
    for column in layout.columns_of(sheet):
        yield _WIDE if column.form == "text" and column is not layout.name else _NARROW


class _Lister:
    """Gathers the lists that cells offer: terms stand on a sheet of their own, things on the sheets that name them."""

    def __init__(self, layout: Layout, names: Names, language: str) -> None:
        self._layout = layout
        self._names = names
        self._language = language
        self._lists: dict[Range, tuple[str, ...]] = {}

    def choices(self) -> Iterator[Choice]:
        for sheet in self._layout.sheets:
            for at, column in enumerate(self._layout.columns_of(sheet), start=1):
                cells = self._cells(column)
                if cells:
                    strict = not column.many and not column.range.anything
                    yield Choice(sheet.title(self._language), at, cells, strict)

    def grid(self) -> Grid:
        """Put each list into a column."""
        longest = max(map(len, self._lists.values()), default=0)
        rows = (tuple(each[at] if at < len(each) else "" for each in self._lists.values()) for at in range(longest))
        headings = tuple(f"list {number}" for number in range(1, len(self._lists) + 1))
        return Grid(LISTS[self._language], headings, tuple(Line(n, row) for n, row in enumerate(rows, start=2)))

    def _cells(self, column: Column) -> str:
        if column.form == "boolean":
            return '"true,false"'
        if column.form != "term":
            return ""
        terms = self._names.members(column.range)
        if not terms:
            return self._rows_of(_home(self._layout, self._names, column))
        if column.range not in self._lists:
            told = (self._names.written(each, column.range, self._language, own=False) for each in terms)
            self._lists[column.range] = tuple(told)
        at = list(self._lists).index(column.range)
        return _absolute(LISTS[self._language], at + 1, len(terms) + 1)

    def _rows_of(self, sheet: Sheet | None) -> str:
        if sheet is None:
            return ""
        at = self._layout.columns_of(sheet).index(self._layout.name)
        return _absolute(sheet.title(self._language), at + 1, ROWS_WITH_LISTS)


def _absolute(sheet: str, column: int, last: int) -> str:
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"'{sheet}'!${letters}$2:${letters}${last}"


def _home(layout: Layout, names: Names, column: Column) -> Sheet | None:
    """Find the sheet whose rows name what a column holds."""
    if column.range.kinds:
        return layout.of_kind(column.range.kinds[-1])
    for sheet in layout.sheets:
        if sheet.nominal and names.ancestors(sheet.nominal).intersection(column.range.classes):
            return sheet
    return None


def _help(layout: Layout, names: Names, language: str) -> Iterator[Line]:
    """Say what each sheet and column holds."""
    rows: list[tuple[str, ...]] = [("", "", "", "", how) for how in layout.help[language].how]
    for sheet in layout.sheets:
        rows.append((sheet.title(language), "", "", "", sheet.help.get(language, "")))
        for column in layout.columns_of(sheet):
            needed = layout.help[language].needed if column.needed or column is layout.name else ""
            meaning = column.help.get(language) or column.help.get("en", "")
            holds = _holds(column, layout, names, language)
            rows.append((sheet.title(language), column.heading(language), needed, holds, meaning))
    return (Line(number, row) for number, row in enumerate(rows, start=2))


def _holds(column: Column, layout: Layout, names: Names, language: str) -> str:
    words = layout.help[language]
    if column.form != "term":
        said = words.forms[column.form]
    else:
        terms = names.members(column.range)
        homes = [s.title(language) for kind in column.range.kinds if (s := layout.of_kind(kind))]
        home = _home(layout, names, column)
        if terms:
            said = _few((f"{names.label(each, language)} ({compact(each.value)})" for each in terms), len(terms))
        elif homes or home:
            said = f"{words.row_of} {f' {words.either} '.join(homes or [home.title(language) if home else ''])}"
        else:
            said = words.forms["term"]
    return f"{said}; {words.several}" if column.many else said


def _few(told: Iterable[str], number: int) -> str:
    shown = [each for each, _ in zip(told, range(_SHOWN), strict=False)]
    return ", ".join(shown) + (", ..." if number > _SHOWN else "")
