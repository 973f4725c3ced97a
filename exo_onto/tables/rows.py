"""rows: a table in, the stories of its studies and what it says of shared things out. Pure.

Everything that is wrong in the table is found before anything is made of it: TableError has up to MOST_WRONGS of it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple
from rapidfuzz import process

from exo_onto.tables.grid import Grid, Line, Spot, Table, TableError, Wrong
from exo_onto.tables.layout import LANGUAGES, Column, Layout, Sheet
from exo_onto.tables.story import Fact, Source, Story, Value
from exo_onto.tables.terms import Names, UnresolvedError, add, folded
from exo_onto.tables.values import Valuer, ValueRefusedError, slug_of
from exo_onto.vocabulary import RDF_TYPE, RDFS_LABEL, compact

MOST_WRONGS: Final = 50
"""After how many mistakes the reading stops: who has made more, has made one of them many times."""

HELP: Final = {"en": "help", "zh": "帮助"}
LISTS: Final = {"en": "lists", "zh": "列表"}
"""The sheets of a template that hold no rows."""


@dataclass(frozen=True)
class Told:
    """One study as a table tells it, and where the row of each thing and of each provenance stands."""

    study: NamedNode
    story: Story
    spots: Mapping[NamedNode | Source, Spot]


@dataclass(frozen=True)
class Shared:
    """One thing that studies share, as a table tells it: its sheet, its facts, and where its row stands."""

    thing: NamedNode
    sheet: Sheet
    facts: tuple[Fact, ...]
    spot: Spot


@dataclass(frozen=True)
class Reading:
    """What a table says."""

    studies: tuple[Told, ...]
    shared: tuple[Shared, ...]


@dataclass(frozen=True)
class _Row:
    """A row whose cells stand in the order of the columns of its sheet."""

    sheet: Sheet
    grid: str
    number: int
    cells: tuple[str, ...]
    columns: tuple[Column, ...]

    def spot(self, heading: str | None = None) -> Spot:
        return Spot(self.grid, self.number, heading)


@dataclass(frozen=True)
class _Gathered:
    """What is known of one study while rows are read."""

    facts: dict[Fact, None] = field(default_factory=dict)
    sources: list[Source] = field(default_factory=list)
    others: list[Source] = field(default_factory=list)
    """Those of statements that have no sheet of their own: they stand first in files, as they are of what was given."""
    spots: dict[NamedNode | Source, Spot] = field(default_factory=dict)


def no_rows(name: str) -> bool:
    """Say whether a sheet of a name is one of a template that holds no rows."""
    return folded(name) in _called("", HELP) | _called("", LISTS)


def read_table(table: Table, layout: Layout, names: Names, taken: Mapping[NamedNode, str]) -> Reading:
    """Make stories of a table's rows.

    `names` is what the root shares, and takes up what the table names; `taken` says in which file each thing stands
    that is named already: a study, and what belongs to it, may stand in the study's own file alone. Raises TableError.
    """
    reader = _Reader(layout, names, taken)
    rows = [row for grid in table.grids for row in reader.rows(grid)]
    reader.stop_if_wrong()
    reader.name_things(rows)
    for row in rows:
        reader.take(row)
    reader.stop_if_wrong()
    told = (Told(study, Story(tuple(g.facts), (*g.others, *g.sources)), g.spots) for study, g in reader.studies.items())
    return Reading(tuple(told), tuple(reader.shared))


class _Reader:
    """Reads rows, and gathers what is wrong."""

    def __init__(self, layout: Layout, names: Names, taken: Mapping[NamedNode, str]) -> None:
        self._layout = layout
        self._valuer = Valuer(names)
        self._taken = taken
        self._wrongs: list[Wrong] = []
        self._homes: dict[NamedNode, tuple[NamedNode | None, Spot]] = {}
        self.studies: dict[NamedNode, _Gathered] = {}
        self.shared: list[Shared] = []

    def stop_if_wrong(self) -> None:
        if self._wrongs:
            raise TableError(*self._wrongs)

    def _wrong(self, spot: Spot, what: str, remedy: str = "") -> None:
        self._wrongs.append(Wrong(spot, what, remedy))
        if len(self._wrongs) >= MOST_WRONGS:
            self._wrongs.append(Wrong(None, f"Reading stopped after {MOST_WRONGS} mistakes."))
            self.stop_if_wrong()

    # Sheets and headings

    def rows(self, grid: Grid) -> Iterator[_Row]:
        """Find the sheet that a grid is, and give its rows, their cells in the order of its columns."""
        sheet = next((s for s in self._layout.sheets if folded(grid.name) in _called(s.key, s.titles)), None)
        if sheet is None:
            if grid.lines and not no_rows(grid.name):
                self._wrong(Spot(grid.name), f"There is no sheet of that name.{self._near_sheets(grid.name)}")
            return
        columns = self._layout.columns_of(sheet)
        places = self._places(grid, columns)
        for line in grid.lines:
            self._refuse_strays(grid, line)
            cells = tuple(line.cells[at] if at is not None and at < len(line.cells) else "" for at in places)
            yield _Row(sheet, grid.name, line.number, cells, columns)

    def _places(self, grid: Grid, columns: tuple[Column, ...]) -> list[int | None]:
        """Find at which place of a row each column stands."""
        places: list[int | None] = [None] * len(columns)
        for at, heading in enumerate(grid.headings):
            found = [n for n, column in enumerate(columns) if folded(heading) in _called("", column.headings)]
            if not heading:
                continue
            if not found:
                all_ = [column.heading(language) for column in columns for language in LANGUAGES]
                near = [each[0] for each in process.extract(heading, all_, processor=folded, limit=2, score_cutoff=55)]
                self._wrong(Spot(grid.name, 1, heading), f"There is no such column.{_did_you_mean(near)}")
            elif places[found[0]] is not None:
                self._wrong(Spot(grid.name, 1, heading), "The column stands there twice.", "Delete one of them.")
            else:
                places[found[0]] = at
        return places

    def _refuse_strays(self, grid: Grid, line: Line) -> None:
        for at, cell in enumerate(line.cells):
            if cell and (at >= len(grid.headings) or not grid.headings[at]):
                what = f"{cell[:40]!r} stands in a column without a heading."
                self._wrong(Spot(grid.name, line.number), what, "Move it, or delete it.")

    def _near_sheets(self, name: str) -> str:
        all_ = [title for sheet in self._layout.sheets for title in (sheet.key, *sheet.titles.values())]
        found = process.extract(name, list(dict.fromkeys(all_)), processor=folded, limit=2, score_cutoff=55)
        return _did_you_mean([each[0] for each in found])

    # Things

    def name_things(self, rows: Iterable[_Row]) -> None:
        """Take up the things that rows name, so that others can speak of them."""
        things = [row for row in rows if row.sheet.kind]
        for row in sorted(things, key=lambda row: row.sheet is not self._layout.main):
            study = None if row.sheet.file or row.sheet is self._layout.main else self._study(row)
            thing = self._thing(row)
            if thing is None:
                continue
            if thing in self._homes:
                self._wrong(row.spot(), f"{compact(thing.value)} is named before, by {self._homes[thing][1]}.")
            elif self._taken.get(thing) not in {None, row.sheet.file, self._taken.get(study or thing)}:
                what = f"{compact(thing.value)} is named already, in {self._taken[thing]}."
                self._wrong(row.spot(), what, "Give it another name.")
            else:
                self._homes[thing] = (study, row.spot())
                if row.sheet is self._layout.main:
                    self.studies[thing] = _Gathered()
                add(self._valuer.names, self._introduced(thing, row), self._layout)
        if not self.studies and not any(row.sheet.file for row in things):
            self._wrong(Spot(self._layout.main.title("en")), "The table has no row of a study.", "Add one.")
        self.stop_if_wrong()

    def _introduced(self, thing: NamedNode, row: _Row) -> Iterator[Triple]:
        """Say of a thing what others need to find it by."""
        if row.sheet.nominal:
            yield Triple(thing, RDF_TYPE, row.sheet.nominal)
        for cell, column in zip(row.cells, row.columns, strict=True):
            if column.property == RDFS_LABEL and cell:
                yield Triple(thing, RDFS_LABEL, Literal(cell, language=column.language))

    def _thing(self, row: _Row) -> NamedNode | None:
        at = row.columns.index(self._layout.name)
        try:
            return slug_of(row.cells[at], row.sheet.kind)
        except ValueRefusedError as error:
            self._wrong(row.spot(self._layout.name.heading("en")), str(error))
            return None

    def _study(self, row: _Row) -> NamedNode | None:
        """Find the study that a row belongs to: the only one, where it does not say."""
        cell = row.cells[row.columns.index(self._layout.study)]
        spot = row.spot(self._layout.study.heading("en"))
        if not cell:
            if len(self.studies) == 1:
                return next(iter(self.studies))
            self._wrong(spot, f"The row does not say its study, and the table has {len(self.studies)}.")
            return None
        try:
            study = self._valuer.names.resolve(cell, self._layout.study.range)
            why = f"{cell!r} is no study of this table."
        except UnresolvedError as error:
            study, why = None, str(error)
        if study not in self.studies:
            self._wrong(spot, why, f"Each study of a table has a row on the sheet {self._layout.main.title('en')}.")
            return None
        return study

    # Rows

    def take(self, row: _Row) -> None:
        """Take up what a row says."""
        if row.sheet.statements is not None:
            study = self._study(row)
            if study is not None:
                self._statement(row, self.studies[study], study)
            return
        thing = self._thing(row)
        home = self._homes.get(thing) if thing else None
        if thing is None or home is None or home[1] != row.spot():
            return
        facts = self._facts(row, thing)
        if row.sheet.file:
            self.shared.append(Shared(thing, row.sheet, tuple(facts), row.spot()))
        else:
            gathered = self.studies[home[0] or thing]
            gathered.spots[thing] = row.spot()
            gathered.facts.update(dict.fromkeys(facts))

    def _facts(self, row: _Row, thing: NamedNode) -> list[Fact]:
        facts = [Fact(thing, RDF_TYPE, row.sheet.type)] if row.sheet.type else []
        for cell, column in zip(row.cells, row.columns, strict=True):
            if column.property is not None:
                facts += [Fact(thing, column.property, value) for value in self._values(row, cell, column)]
        return facts

    def _statement(self, row: _Row, gathered: _Gathered, study: NamedNode) -> None:
        said = row.sheet.statements
        if said is None:
            return
        cells = {id(column): cell for column, cell in zip(row.columns, row.cells, strict=True)}
        told: list[Value] = []
        for part in (said.subject, said.relation, said.value):
            only = said.only if part is said.relation else None
            values = (only,) if only else self._values(row, cells[id(part)], part, needed=True)
            told += values[:1]
        notes = [(c.property, value) for c in self._layout.provenance for value in self._values(row, cells[id(c)], c)]
        if len(told) < len((said.subject, said.relation, said.value)):
            return
        subject, predicate, value = told
        home = self._homes.get(subject, (study, None))[0] if isinstance(subject, NamedNode) else None
        if not isinstance(subject, NamedNode) or not isinstance(predicate, NamedNode):
            self._wrong(row.spot(), "Only the value of a statement can be a text.")
        elif home not in {study, None}:
            self._wrong(row.spot(said.subject.heading("en")), f"{compact(subject.value)} belongs to another study.")
        else:
            fact = Fact(subject, predicate, value)
            gathered.facts[fact] = None
            gathered.spots.setdefault(subject, row.spot())
            if notes:
                source = Source(fact, tuple((name, note) for name, note in notes if name is not None))
                (gathered.others if row.sheet is self._layout.sheets[-1] else gathered.sources).append(source)
                gathered.spots[source] = row.spot()

    def _values(self, row: _Row, cell: str, column: Column, *, needed: bool = False) -> tuple[Value, ...]:
        spot = row.spot(column.heading("en"))
        if needed and not cell:
            self._wrong(spot, "The cell is empty.", "A statement needs a subject, a property and a value.")
        try:
            return self._valuer.read(cell, column)
        except (UnresolvedError, ValueRefusedError) as error:
            self._wrong(spot, str(error))
            return ()


def _called(key: str, headings: Mapping[str, str]) -> set[str]:
    return {folded(each) for each in (key, *headings.values()) if each}


def _did_you_mean(near: list[str]) -> str:
    return f" Did you mean {' or '.join(near)}?" if near else ""
