"""comparing: rows of activities in several studies in, what they dispute, share, explain and predict out. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
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
    left: Mapping[str, int] = field(default_factory=dict)

    @property
    def studies(self) -> int:
        """How many studies looked at it, of those that are kept."""
        return len({each.study for found in self.observed.values() for each in found})

    def first(self, most: int) -> "Compared":
        """Keep so many in each direction; `left` says how many more there are."""
        left = {way: len(found) - most for way, found in self.observed.items() if len(found) > most}
        return Compared(self.thing, {way: found[:most] for way, found in self.observed.items()}, left)


@dataclass(frozen=True)
class Comparison:
    """What studies dispute and share, and how outcomes stand; `left` is how many of each are not shown."""

    contested: tuple[Compared, ...]
    shared: tuple[Compared, ...]
    outcomes: Mapping[str, tuple[Observed, ...]]
    left: Mapping[str, int]

    def first(self, most: int, of_each: int) -> "Comparison":
        """Keep so many things, of each so many studies in one direction, and so many outcomes of each standing."""
        parts = {"contested": self.contested, "shared": self.shared, **self.outcomes}
        left = {name: len(found) - most for name, found in parts.items() if len(found) > most}
        contested, shared = (
            tuple(each.first(of_each) for each in found[:most]) for found in (self.contested, self.shared)
        )
        return Comparison(contested, shared, {name: each[:most] for name, each in self.outcomes.items()}, left)

    def number(self, standing: str) -> int:
        """Say how many outcomes stand so, shown or not."""
        return len(self.outcomes[standing]) + self.left.get(standing, 0)

    def things(self) -> set[str]:
        """Give every IRI that has to be named to show it."""
        compared = (*self.contested, *self.shared)
        observed = [seen for each in (*(each.observed for each in compared), self.outcomes) for seen in each.values()]
        found = {iri for seen in observed for each in seen for iri in (each.study, each.activity)}
        return found | {each.thing for each in compared}


def comparison(contested: Iterable[Row], shared: Iterable[Row], outcome: Iterable[Row]) -> Comparison:
    """Put the comparison together."""
    return Comparison(by_direction(contested), by_direction(shared), outcomes(outcome), {})


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
