"""telling: stories in, the rows that tell them out: the inverse of `rows`. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import NamedNode

from exo_onto.tables.grid import Grid, Line
from exo_onto.tables.layout import Column, Layout, Sheet, Statements
from exo_onto.tables.story import Fact, Source, Story, UntellableError, Value
from exo_onto.tables.values import Valuer
from exo_onto.vocabulary import RDF_TYPE, compact


@dataclass(frozen=True)
class _Sheets:
    """The rows of each sheet, as they are told."""

    layout: Layout
    rows: dict[str, list[tuple[str, ...]]]

    def grids(self, language: str) -> tuple[Grid, ...]:
        return tuple(
            Grid(
                sheet.title(language),
                tuple(column.heading(language) for column in self.layout.columns_of(sheet)),
                tuple(Line(number, cells) for number, cells in enumerate(self.rows.get(sheet.key, ()), start=2)),
            )
            for sheet in self.layout.sheets
        )


def tell(
    stories: Mapping[NamedNode, Story], shared: Iterable[Fact], layout: Layout, valuer: Valuer
) -> tuple[Grid, ...]:
    """Tell studies and the things that they share as rows.

    Raises UntellableError where something has no place in any sheet.
    """
    sheets = _Sheets(layout, {})
    by_thing: dict[NamedNode, list[Fact]] = {}
    for fact in shared:
        by_thing.setdefault(fact.subject, []).append(fact)
    for thing, facts in by_thing.items():
        sheet = layout.of_kind(_kind(thing))
        if sheet is not None and sheet.file:
            left = _tell_thing(thing, facts, sheet, sheets, valuer, None)
            if left:
                raise UntellableError(f"No column can hold {left[0].words}.")
    for study, story in stories.items():
        _tell_story(study, story, sheets, valuer)
    return sheets.grids(valuer.language)


def _tell_story(study: NamedNode, story: Story, sheets: _Sheets, valuer: Valuer) -> None:
    layout = sheets.layout
    sourced: dict[Fact, list[Source]] = {}
    for source in story.sources:
        sourced.setdefault(source.fact, []).append(source)
    statements: dict[Fact, Sheet] = {}
    things: dict[NamedNode, list[Fact]] = {}
    last = layout.sheets[-1]
    for fact in story.facts:
        sheet = next((s for s in layout.sheets[:-1] if s.statements and _takes(s.statements, fact, valuer)), None)
        if sheet is not None or fact in sourced:
            statements[fact] = sheet or last
        else:
            things.setdefault(fact.subject, []).append(fact)
    for thing, facts in things.items():
        home = layout.of_kind(_kind(thing))
        whole = home is not None and not home.file and (home.type is None or Fact(thing, RDF_TYPE, home.type) in facts)
        left = _tell_thing(thing, facts, home, sheets, valuer, study) if home is not None and whole else facts
        statements |= dict.fromkeys(left, last)
    order = {fact: at for at, fact in enumerate([*(source.fact for source in story.sources), *statements][::-1])}
    for fact in sorted(statements, key=lambda each: -order[each]):
        for source in sourced.get(fact, [None]):
            _tell_statement(fact, source, statements[fact], sheets, valuer, study)


def _takes(said: Statements, fact: Fact, valuer: Valuer) -> bool:
    return (
        fact.predicate in said.property.range.choices
        and valuer.fits(fact.subject, said.subject)
        and valuer.fits(fact.object, said.object)
    )


def _tell_thing(  # noqa: PLR0913  what a row is made of
    thing: NamedNode, facts: list[Fact], sheet: Sheet, sheets: _Sheets, valuer: Valuer, study: NamedNode | None
) -> list[Fact]:
    """Make a row of a thing. Gives the facts that no column of its sheet can hold."""
    left: list[Fact] = []
    held: dict[int, list[Value]] = {}
    for fact in facts:
        if fact.predicate == RDF_TYPE and fact.object == sheet.type:
            continue
        at = _free_column(fact, sheet.columns, held, valuer)
        if at is None:
            left.append(fact)
        else:
            held.setdefault(at, []).append(fact.object)
    layout = sheets.layout
    told = [valuer.written(held.get(at, []), column) for at, column in enumerate(sheet.columns)]
    first = (_slug(study),) if study is not None and sheet is not layout.main else ()
    sheets.rows.setdefault(sheet.key, []).append((*first, _slug(thing), *told))
    return left


def _free_column(fact: Fact, columns: Sequence[Column], held: Mapping[int, list[Value]], valuer: Valuer) -> int | None:
    for at, column in enumerate(columns):
        if column.property == fact.predicate and valuer.fits(fact.object, column) and (column.many or at not in held):
            return at
    return None


def _tell_statement(  # noqa: PLR0913  what a row is made of
    fact: Fact, source: Source | None, sheet: Sheet, sheets: _Sheets, valuer: Valuer, study: NamedNode
) -> None:
    said = sheet.statements
    if said is None:
        raise UntellableError("The last sheet of the layout must be one of statements.")
    held: dict[int, list[Value]] = {}
    provenance = sheets.layout.provenance
    for predicate, note in source.notes if source else ():
        at = _free_column(Fact(fact.subject, predicate, note), provenance, held, valuer)
        if at is None:
            what = f"No column can hold {compact(predicate.value)} {note}, which is noted of {fact.words}."
            raise UntellableError(what)
        held.setdefault(at, []).append(note)
    told: list[tuple[Value, Column]] = [(fact.subject, said.subject)]
    if not said.only:
        told.append((fact.predicate, said.property))
    told.append((fact.object, said.object))
    cells = [valuer.written([value], column) for value, column in told]
    cells += [valuer.written(held.get(at, []), column) for at, column in enumerate(provenance)]
    sheets.rows.setdefault(sheet.key, []).append((_slug(study), *cells))


def _kind(thing: NamedNode) -> str:
    return compact(thing.value).partition(":")[0]


def _slug(thing: NamedNode) -> str:
    return compact(thing.value).partition(":")[2]
