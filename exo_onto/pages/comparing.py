"""comparing: rows of activities in several studies in, what they dispute, share, explain and predict out. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from exo_onto.pages.asking import Row, number, text

STANDINGS: Final = ("explained", "unexplained", "predicted")


@dataclass(frozen=True)
class Observed:
    """An activity in a study, with its direction; the study's number in the review's list is 0 where it has none."""

    study: str
    number: int
    activity: str
    direction: str


@dataclass(frozen=True)
class Compared:
    """A thing that several studies looked at, with what each saw, by direction."""

    thing: str
    observed: Mapping[str, tuple[Observed, ...]]

    @property
    def studies(self) -> int:
        """How many studies looked at it."""
        return len({each.study for found in self.observed.values() for each in found})


def by_direction(rows: Iterable[Row]) -> tuple[Compared, ...]:
    """Gather things, and of each what was observed; what most studies looked at comes first."""
    found: dict[str, dict[str, list[Observed]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        found[text(row["thing"])][text(row["direction"])].append(_observed(row))
    things = [Compared(thing, {way: tuple(each) for way, each in ways.items()}) for thing, ways in found.items()]
    return tuple(sorted(things, key=lambda each: (-each.studies, each.thing)))


def outcomes(rows: Iterable[Row]) -> Mapping[str, tuple[Observed, ...]]:
    """Gather outcomes by how they stand: explained, unexplained, predicted."""
    found: dict[str, list[Observed]] = {standing: [] for standing in STANDINGS}
    for row in rows:
        found[text(row["standing"])].append(_observed(row))
    return {standing: tuple(each) for standing, each in found.items()}


def _observed(row: Row) -> Observed:
    return Observed(text(row["study"]), number(row.get("number")), text(row["activity"]), text(row["direction"]))
