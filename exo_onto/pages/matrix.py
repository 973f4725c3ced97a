"""matrix: rows of studies, mechanisms and claims in, source cells against mechanisms out; chosen from by facets. Pure.

A mark stands for a study in a cell. Its standing is *agreed* where the mechanism is inferred and Table 1 of the review
claims it, *inferred* or *claimed* where only one is so. A cell without a mark is a gap: nobody has looked, as far as is
known here. Which cells and mechanisms there are, the data say; a root that has none has no matrix.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from exo_onto.pages.asking import Row, number, text
from exo_onto.pages.names import Names

FACETS: Final = ("recipient", "cargo", "setting", "species")
NOT_STATED: Final = "none"
"""The choice of studies of which the source does not say it."""
STANDINGS: Final = ("agreed", "claimed", "inferred")


@dataclass(frozen=True)
class Mechanism:
    """A column: a mechanism, the one above it at the top, and whether it is shown where not all are asked for.

    Those are the categories of the review; where there are none, the mechanisms at the top. `colour` numbers the tops,
    from 1.
    """

    iri: str
    top: str
    main: bool
    colour: int


@dataclass(frozen=True)
class Mark:
    """A study in a cell; its number in the review's list is 0 where it has none."""

    study: str
    number: int
    standing: str


@dataclass(frozen=True)
class Matrix:
    """Source cells, mechanisms, the marks in each cell, and what studies can be chosen by."""

    sources: tuple[str, ...]
    mechanisms: tuple[Mechanism, ...]
    cells: Mapping[tuple[str, str], tuple[Mark, ...]]
    facets: Mapping[str, Mapping[str, frozenset[str]]]

    def marks(self, source: str, mechanism: str) -> tuple[Mark, ...]:
        """Give what is in a cell."""
        return self.cells.get((source, mechanism), ())

    def colour(self, mechanism: str) -> int:
        """Give the number of the colour of a mechanism; 0 for anything else."""
        return next((each.colour for each in self.mechanisms if each.iri == mechanism), 0)

    @property
    def claimed(self) -> bool:
        """Say whether there is a claim in some cell."""
        return any(mark.standing != "inferred" for marks in self.cells.values() for mark in marks)

    @property
    def studies(self) -> frozenset[str]:
        """All studies that have a mark."""
        return frozenset(mark.study for marks in self.cells.values() for mark in marks)

    def options(self, facet: str) -> tuple[str, ...]:
        """Give the values that a facet has in some study."""
        return tuple(sorted({value for each in self.facets.values() for value in each.get(facet, ())}))

    def things(self) -> set[str]:
        """Give every IRI that has to be named to show it."""
        values = {value for each in self.facets.values() for found in each.values() for value in found}
        return {*self.sources, *(each.iri for each in self.mechanisms), *self.studies, *values}

    def chosen(self, wishes: Mapping[str, str], *, fine: bool) -> "Matrix":
        """Keep the studies that meet all wishes, by facet; and of the mechanisms the main ones, or if fine all."""
        kept = {study for study in self.studies if all(self._meets(study, *wish) for wish in wishes.items())}
        columns = tuple(each for each in self.mechanisms if fine or each.main)
        cells = {place: tuple(mark for mark in marks if mark.study in kept) for place, marks in self.cells.items()}
        return Matrix(self.sources, columns, cells, self.facets)

    def _meets(self, study: str, facet: str, value: str) -> bool:
        has = self.facets.get(study, {}).get(facet, frozenset())
        return not has if value == NOT_STATED else value in has


def colours(axes: Iterable[Row]) -> dict[str, int]:
    """Give mechanisms at the top numbers from 1, by their place in the review; one below has that of its top."""
    rows = sorted(axes, key=lambda row: ("place" not in row, text(row.get("place")), text(row.get("top"))))
    tops: dict[str, int] = {}
    return {text(row["thing"]): tops.setdefault(text(row["top"]), len(tops) + 1) for row in rows}


def matrix(axes: Iterable[Row], marks: Iterable[Row], facets: Iterable[Row]) -> Matrix:
    """Put the matrix together."""
    rows = list(axes)
    across = [row for row in rows if text(row["axis"]) == "mechanism"]
    down = sorted(
        (text(row.get("place")).casefold(), text(row["thing"])) for row in rows if text(row["axis"]) == "source"
    )
    numbered = colours(across)
    main = {text(row["thing"]) for row in across if text(row["review"]) == "true"} or {
        text(row["top"]) for row in across
    }
    columns = [
        Mechanism(thing, text(row["top"]), thing in main, numbered[thing])
        for row in across
        for thing in [text(row["thing"])]
    ]
    columns.sort(key=lambda each: (each.colour, each.iri != each.top, each.iri))
    sources = tuple(dict.fromkeys(source for _, source in down))
    return Matrix(sources, tuple(columns), _cells(marks), _facets(facets))


def _cells(rows: Iterable[Row]) -> dict[tuple[str, str], tuple[Mark, ...]]:
    ways: dict[tuple[str, str], dict[tuple[int, str], set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in rows:
        place = (text(row["source"]), text(row["mechanism"]))
        ways[place][number(row.get("number")), text(row["study"])].add(text(row["how"]))
    return {
        place: tuple(Mark(study, cited, _standing(how)) for (cited, study), how in sorted(studies.items()))
        for place, studies in ways.items()
    }


def _standing(how: set[str]) -> str:
    return "agreed" if len(how) > 1 else next(iter(how))


def _facets(rows: Iterable[Row]) -> dict[str, dict[str, frozenset[str]]]:
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in rows:
        found[text(row["study"])][text(row["facet"])].add(text(row["value"]))
    return {study: {facet: frozenset(values) for facet, values in each.items()} for study, each in found.items()}


def wishes(parameters: Mapping[str, str], whole: Matrix) -> dict[str, str]:
    """Read what studies are to be chosen by; a value that no study has is none."""
    told = {facet: parameters.get(facet, "") for facet in FACETS}
    return {facet: value for facet, value in told.items() if value == NOT_STATED or value in whole.options(facet)}


def table(shown: Matrix, names: Names) -> str:
    """Write the matrix as CSV, one line for each mark, and one for each gap; RFC 4180."""
    output = io.StringIO()
    writer = csv.writer(output)
    writer.writerow(
        ("source", "source_iri", "mechanism", "mechanism_iri", "standing", "reference", "study", "study_iri")
    )
    for source in shown.sources:
        for column in shown.mechanisms:
            place = (names.short(source), source, names(column.iri), column.iri)
            marks = shown.marks(source, column.iri)
            for mark in marks:
                writer.writerow((*place, mark.standing, mark.number or "", names(mark.study), mark.study))
            if not marks:
                writer.writerow((*place, "gap", "", "", ""))
    return output.getvalue()
