"""template: a layout and what terms are called in; the sheets of a template out, with a help sheet and drop-down lists. Pure."""

from collections.abc import Iterable, Iterator
from typing import Final

from exo_onto.tables.grid import Grid, Line
from exo_onto.tables.layout import Column, Layout, Range, Sheet
from exo_onto.tables.rows import HELP, LISTS
from exo_onto.tables.terms import Names
from exo_onto.tables.workbook import ROWS_WITH_LISTS, Choice, Dress
from exo_onto.vocabulary import compact

_WIDE, _NARROW = 48, 24
_HEADINGS: Final = {
    "en": ("sheet", "column", "needed", "holds", "meaning"),
    "zh": ("工作表", "列", "必填", "内容", "含义"),
}
_HOW: Final = {
    "en": (
        "A row of the sheet studies tells of one study; the other sheets tell what was given, what went on, and who says so.",
        "A term may be written by its label or a synonym in either language, by its symbol, or by its CURIE (GO:0006915).",
        "Several values stand in one cell with | between them, where the column takes several.",
        "A statement with several sources has a row for each; all that a source says of it stands in its row.",
        "exo-onto add FILE --dry-run tells what is wrong, and what would follow, before anything is saved.",
    ),
    "zh": (
        "“研究”表中每行一项研究；其余各表记录给予何物、发生何事、依据何在。",
        "术语可写任一语言的标签或同义词、符号，或 CURIE（如 GO:0006915）。",
        "可填多值的列，各值之间以 | 分隔。",
        "一项陈述有多个来源时，每个来源一行，其说明均写在该行。",
        "exo-onto add FILE --dry-run 在保存之前指出错误与将得出的推论。",
    ),
}
_WORDS: Final = {
    "en": ("yes", "text", "a whole number", "true or false", "a row of", "several", "any term", "or"),
    "zh": ("是", "文本", "整数", "true 或 false", "某行，见", "可多值", "任何术语", "或"),
}
_SHOWN: Final = 4


def dressed(layout: Layout, names: Names, grids: tuple[Grid, ...], language: str) -> tuple[tuple[Grid, ...], Dress]:
    """Add the help sheet and the lists to the sheets of a table, and say how they look."""
    lister = _Lister(layout, names, language)
    choices = tuple(lister.choices())
    lists = lister.grid()
    widths = {sheet.title(language): tuple(_widths(sheet, layout)) for sheet in layout.sheets}
    widths |= {HELP[language]: (16, 24, 10, 60, 90)}
    helped = Grid(HELP[language], _HEADINGS[language], tuple(_help(layout, names, language)))
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
    rows: list[tuple[str, ...]] = [("", "", "", "", how) for how in _HOW[language]]
    for sheet in layout.sheets:
        rows.append((sheet.title(language), "", "", "", sheet.help.get(language, "")))
        for column in layout.columns_of(sheet):
            needed = _WORDS[language][0] if column.needed or column is layout.name else ""
            meaning = column.help.get(language) or column.help.get("en", "")
            holds = _holds(column, layout, names, language)
            rows.append((sheet.title(language), column.heading(language), needed, holds, meaning))
    return (Line(number, row) for number, row in enumerate(rows, start=2))


def _holds(column: Column, layout: Layout, names: Names, language: str) -> str:
    _, text, whole, truth, row_of, several, anything, or_ = _WORDS[language]
    if column.form != "term":
        said = {"text": text, "integer": whole, "boolean": truth}[column.form]
    else:
        terms = names.members(column.range)
        homes = [s.title(language) for kind in column.range.kinds if (s := layout.of_kind(kind))]
        home = _home(layout, names, column)
        if terms:
            said = _few((f"{names.label(each, language)} ({compact(each.value)})" for each in terms), len(terms))
        elif homes or home:
            said = f"{row_of} {f' {or_} '.join(homes or [home.title(language) if home else ''])}"
        else:
            said = anything
    return f"{said}; {several}" if column.many else said


def _few(told: Iterable[str], number: int) -> str:
    shown = [each for each, _ in zip(told, range(_SHOWN), strict=False)]
    return ", ".join(shown) + (", ..." if number > _SHOWN else "")
