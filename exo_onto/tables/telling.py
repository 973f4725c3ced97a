"""telling: stories in, the rows that tell them out: the inverse of `rows`. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pyoxigraph import NamedNode

from exo_onto.tables.grid import Grid, Line
from exo_onto.tables.layout import Column, Layout, Sheet, Statements
from exo_onto.tables.story import Fact, Source, Story, UntellableError, Value
from exo_onto.tables.values import Valuer
from exo_onto.vocabulary import RDF_TYPE, compact


def tell(
    stories: Mapping[NamedNode, Story], shared: Iterable[Fact], layout: Layout, valuer: Valuer
) -> tuple[Grid, ...]:
    """Tell studies and the things that they share as rows.

    Raises UntellableError where something has no place in any sheet.
    """
    teller = _Teller(layout, valuer)
    by_thing: dict[NamedNode, list[Fact]] = {}
    for fact in shared:
        by_thing.setdefault(fact.subject, []).append(fact)
    for thing, facts in by_thing.items():
        sheet = layout.of_kind(_kind(thing))
        left = teller.thing(thing, facts, sheet, None) if sheet is not None and sheet.file else []
        if left:
            raise UntellableError(f"No column can hold {left[0].words}.")
    for study, story in stories.items():
        teller.story(study, story)
    return teller.grids()


@dataclass(frozen=True)
class _Teller:
    """Tells rows, and keeps them by the key of their sheet."""

    layout: Layout
    valuer: Valuer
    rows: dict[str, list[tuple[str, ...]]] = field(default_factory=dict)
    told: set[NamedNode] = field(default_factory=set)
    """The things that rows name: only of these can other rows speak by name."""

    def grids(self) -> tuple[Grid, ...]:
        language = self.valuer.language
        return tuple(
            Grid(
                sheet.title(language),
                tuple(column.heading(language) for column in self.layout.columns_of(sheet)),
                tuple(Line(number, cells) for number, cells in enumerate(self.rows.get(sheet.key, ()), start=2)),
            )
            for sheet in self.layout.sheets
        )

    def story(self, study: NamedNode, story: Story) -> None:
        """Tell a study: its things each in a row, its statements each in a row for each source."""
        sourced: dict[Fact, list[Source]] = {}
        for source in story.sources:
            sourced.setdefault(source.fact, []).append(source)
        self.told.update(self._things(story, sourced))
        statements, things = self._parted(story, sourced)
        for thing, facts in things.items():
            home = self.layout.of_kind(_kind(thing))
            left = self.thing(thing, facts, home, study) if home is not None and thing in self.told else facts
            statements |= dict.fromkeys(left, self.layout.sheets[-1])
        order = {fact: at for at, fact in enumerate(dict.fromkeys((*sourced, *statements)))}
        for fact in sorted(statements, key=lambda each: order[each]):
            for source in sourced.get(fact, ()):
                self._statement(source, statements[fact], study)
            if fact not in sourced:
                self._statement(Source(fact, ()), statements[fact], study)

    def _things(self, story: Story, sourced: Mapping[Fact, list[Source]]) -> Iterator[NamedNode]:
        """Find the things that have a row: they are of its type, and a column tells something of them."""
        for fact in story.facts:
            home = self.layout.of_kind(_kind(fact.subject))
            if home is None or home.file:
                continue
            if home.type is not None:
                if fact.predicate == RDF_TYPE and fact.object == home.type:
                    yield fact.subject
            elif fact not in sourced and fact.predicate in {column.property for column in home.columns}:
                yield fact.subject

    def _can_name(self, value: Value) -> bool:
        """Say whether a row can speak of something by name."""
        return not isinstance(value, NamedNode) or _kind(value) not in self.valuer.own or value in self.told

    def _parted(
        self, story: Story, sourced: Mapping[Fact, list[Source]]
    ) -> tuple[dict[Fact, Sheet], dict[NamedNode, list[Fact]]]:
        """Part what is told as statements, each with its sheet, from what is told of things."""
        *sheets, last = self.layout.sheets
        statements: dict[Fact, Sheet] = {}
        things: dict[NamedNode, list[Fact]] = {}
        for fact in story.facts:
            sheet = next((s for s in sheets if s.statements and self._takes(s.statements, fact)), None)
            home = self.layout.of_kind(_kind(fact.subject))
            makes_a_row = home is not None and home.type is not None and fact == Fact(fact.subject, RDF_TYPE, home.type)
            if sheet is not None or fact in sourced:
                statements[fact] = sheet or last
            if makes_a_row or fact not in statements:
                things.setdefault(fact.subject, []).append(fact)
        return statements, things

    def _takes(self, said: Statements, fact: Fact) -> bool:
        return (
            fact.predicate in said.relation.range.choices
            and self._can_name(fact.subject)
            and self._can_name(fact.object)
            and self.valuer.fits(fact.subject, said.subject)
            and self.valuer.fits(fact.object, said.value)
        )

    def thing(self, thing: NamedNode, facts: list[Fact], sheet: Sheet, study: NamedNode | None) -> list[Fact]:
        """Make a row of a thing. Gives the facts that no column of its sheet can hold."""
        left: list[Fact] = []
        held: dict[int, list[Value]] = {}
        for fact in facts:
            if fact.predicate == RDF_TYPE and fact.object == sheet.type:
                continue
            at = self._free_column(fact, sheet.columns, held)
            if at is None:
                left.append(fact)
            else:
                held.setdefault(at, []).append(fact.object)
        told = [self.valuer.written(held.get(at, []), column) for at, column in enumerate(sheet.columns)]
        first = (_slug(study),) if study is not None and sheet is not self.layout.main else ()
        self.rows.setdefault(sheet.key, []).append((*first, _slug(thing), *told))
        return left

    def _free_column(self, fact: Fact, columns: Sequence[Column], held: Mapping[int, list[Value]]) -> int | None:
        for at, column in enumerate(columns):
            fits = column.property == fact.predicate and self.valuer.fits(fact.object, column)
            if fits and self._can_name(fact.object) and (column.many or at not in held):
                return at
        return None

    def _statement(self, source: Source, sheet: Sheet, study: NamedNode) -> None:
        """Make a row of a statement and what one source says of it."""
        said, fact = sheet.statements, source.fact
        if said is None:
            raise UntellableError("The last sheet of the layout must be one of statements.")
        held: dict[int, list[Value]] = {}
        for predicate, note in source.notes:
            at = self._free_column(Fact(fact.subject, predicate, note), self.layout.provenance, held)
            if at is None:
                what = f"No column can hold {compact(predicate.value)} {note}, which is noted of {fact.words}."
                raise UntellableError(what)
            held.setdefault(at, []).append(note)
        told: list[tuple[Value, Column]] = [(fact.subject, said.subject), (fact.object, said.value)]
        if not said.only:
            told.insert(1, (fact.predicate, said.relation))
        cells = [self.valuer.written([value], column) for value, column in told]
        cells += [self.valuer.written(held.get(at, []), column) for at, column in enumerate(self.layout.provenance)]
        self.rows.setdefault(sheet.key, []).append((_slug(study), *cells))


def _kind(thing: NamedNode) -> str:
    return compact(thing.value).partition(":")[0]


def _slug(thing: NamedNode) -> str:
    return compact(thing.value).partition(":")[2]
