"""layout: the text of columns.toml in, the sheets of a table and what their columns hold out. Pure."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pyoxigraph import NamedNode

from exo_onto.vocabulary import UnknownNameError, expand

LANGUAGES: Final = ("en", "zh")
"""The languages that sheets and headings come in."""

FORMS: Final = ("term", "text", "integer", "boolean")
"""What a column may hold."""


class LayoutError(Exception):
    """A layout that cannot be understood; the message says which entry, and why."""


@dataclass(frozen=True)
class Range:
    """Which terms a column may hold: any of the ways of being in it will do."""

    classes: tuple[NamedNode, ...] = ()
    below: tuple[NamedNode, ...] = ()
    schemes: tuple[NamedNode, ...] = ()
    kinds: tuple[str, ...] = ()
    choices: tuple[NamedNode, ...] = ()
    anything: bool = False

    @property
    def said(self) -> bool:
        """Whether anything is said of it."""
        return any((self.classes, self.below, self.schemes, self.kinds, self.choices, self.anything))


@dataclass(frozen=True)
class Column:
    """One column: its headings and help by language, what it holds, and of which property."""

    property: NamedNode | None
    headings: Mapping[str, str]
    help: Mapping[str, str] = field(default_factory=dict)
    form: str = "term"
    language: str | None = None
    many: bool = False
    needed: bool = False
    range: Range = field(default_factory=Range)

    def heading(self, language: str) -> str:
        """Give its heading in a language, or else in another."""
        return self.headings.get(language) or next(iter(self.headings.values()), "?")


@dataclass(frozen=True)
class Statements:
    """What the rows of a sheet of statements say: of what, by which property, what."""

    subject: Column
    relation: Column
    value: Column

    @property
    def only(self) -> NamedNode | None:
        """The one property that all rows have, which then needs no column."""
        choices = self.relation.range.choices
        return choices[0] if len(choices) == 1 and not self.relation.range.anything else None


@dataclass(frozen=True)
class Sheet:
    """One sheet: of things, a row for each, or of statements, a row for each place that makes one."""

    key: str
    titles: Mapping[str, str]
    help: Mapping[str, str]
    kind: str = ""
    type: NamedNode | None = None
    nominal: NamedNode | None = None
    file: str | None = None
    columns: tuple[Column, ...] = ()
    order: tuple[NamedNode, ...] = ()
    statements: Statements | None = None

    def title(self, language: str) -> str:
        """Give its title in a language."""
        return self.titles.get(language, self.key)


@dataclass(frozen=True)
class Section:
    """A heading of a study's file, and the sheets whose things stand below it.

    `only` parts a sheet: of it, the things that are objects of a property stand here, the others elsewhere.
    """

    heading: str
    sheets: tuple[str, ...]
    only: Mapping[str, NamedNode]


@dataclass(frozen=True)
class Help:
    """The words of the help sheet in one language: its headings, how tables are filled in, and what columns hold."""

    headings: tuple[str, ...]
    how: tuple[str, ...]
    needed: str
    row_of: str
    either: str
    several: str
    forms: Mapping[str, str]


@dataclass(frozen=True)
class Layout:
    """All sheets, in their order, and what they have in common."""

    studies: str
    note: NamedNode
    names: tuple[NamedNode, ...]
    matches: tuple[NamedNode, ...]
    definitions: tuple[NamedNode, ...]
    study: Column
    name: Column
    provenance: tuple[Column, ...]
    sheets: tuple[Sheet, ...]
    sections: tuple[Section, ...]
    help: Mapping[str, Help]

    @property
    def main(self) -> Sheet:
        """The sheet with a row for each study."""
        return self.sheets[0]

    def of_kind(self, kind: str) -> Sheet | None:
        """Find the sheet of the things of a kind."""
        return next((sheet for sheet in self.sheets if sheet.kind and sheet.kind == kind), None)

    def columns_of(self, sheet: Sheet) -> tuple[Column, ...]:
        """List all columns of a sheet as they stand in it."""
        if sheet.statements is None:
            first = () if sheet.file or sheet is self.main else (self.study,)
            return (*first, self.name, *sheet.columns)
        said = sheet.statements
        relation = () if said.only else (said.relation,)
        return (self.study, said.subject, *relation, said.value, *self.provenance)


def parse_layout(text: str) -> Layout:
    """Read a layout.

    Raises LayoutError where it is no TOML, lacks an entry, or names a property that is no CURIE.
    """
    try:
        told = tomllib.loads(text)
        return _layout(told)
    except (tomllib.TOMLDecodeError, UnknownNameError) as error:
        raise LayoutError(f"The layout of the tables cannot be read: {error}") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise LayoutError(f"The layout of the tables lacks an entry, or has one of a wrong kind: {error}.") from error


def _layout(told: Mapping[str, Any]) -> Layout:
    sheets = tuple(_sheet(each) for each in told["sheets"])
    return Layout(
        studies=told["studies"],
        note=expand(told["note"]),
        names=_terms(told["names"]),
        matches=_terms(told.get("matches", ())),
        definitions=_terms(told.get("definitions", ())),
        study=_column({**told["headings"]["study"], "kind": [sheets[0].kind]}),
        name=_column({**told["headings"]["name"], "is": "text"}),
        provenance=tuple(_column(each) for each in told["provenance"]),
        sheets=sheets,
        sections=tuple(_section(each) for each in told["sections"]),
        help={language: _help(told["help"][language]) for language in LANGUAGES},
    )


def _sheet(told: Mapping[str, Any]) -> Sheet:
    said = told.get("statement")
    kind, nominal = told.get("type"), told.get("class", told.get("type"))
    return Sheet(
        key=told["key"],
        titles=_by_language(told),
        help=_by_language(told, "help_"),
        kind=told.get("kind", ""),
        type=expand(kind) if kind else None,
        nominal=expand(nominal) if nominal else None,
        file=told.get("file"),
        columns=tuple(_column(each) for each in told.get("columns", ())),
        order=_terms(told.get("order", ())),
        statements=Statements(*(_column(said[part]) for part in ("subject", "property", "object"))) if said else None,
    )


def _column(told: Mapping[str, Any]) -> Column:
    form = told.get("is", "term")
    if form not in FORMS:
        raise LayoutError(f"A column of the tables holds {form!r}; it may hold {', '.join(FORMS)}.")
    named = told.get("property")
    return Column(
        property=expand(named) if named else None,
        headings=_by_language(told),
        help=_by_language(told, "help_"),
        form=form,
        language=told.get("language"),
        many=told.get("many", False),
        needed=told.get("needed", False),
        range=Range(
            classes=_terms(told.get("class", ())),
            below=_terms(told.get("below", ())),
            schemes=_terms(told.get("scheme", ())),
            kinds=tuple(told.get("kind", ())),
            choices=_terms(told.get("choices", ())),
            anything=told.get("anything", False),
        ),
    )


def _section(told: Mapping[str, Any]) -> Section:
    only = {sheet: expand(name) for sheet, name in told.get("only", {}).items()}
    return Section(told["heading"], tuple(told["sheets"]), only)


def _help(told: Mapping[str, Any]) -> Help:
    return Help(
        headings=tuple(told["headings"]),
        how=tuple(told["how"]),
        needed=told["needed"],
        row_of=told["row_of"],
        either=told["either"],
        several=told["several"],
        forms={form: told[form] for form in FORMS},
    )


def _terms(names: list[str] | tuple[str, ...]) -> tuple[NamedNode, ...]:
    return tuple(expand(name) for name in names)


def _by_language(told: Mapping[str, Any], before: str = "") -> dict[str, str]:
    return {language: told[before + language] for language in LANGUAGES if before + language in told}
