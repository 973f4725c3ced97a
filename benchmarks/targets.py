"""targets: what is aimed at and what came of it in, a table for people out. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.tabling import table


@dataclass(frozen=True)
class Target:
    """What is aimed at, and what came of it: `found` is a ratio or a count, and None where it was not measured.

    Where `at_least`, what was found is a lower bound: a peer had not come to its end.
    """

    sentence: str
    found: float | None
    least: float | None = None
    most: float | None = None
    at_least: bool = False

    @property
    def met(self) -> bool | None:
        """Whether it was met; None: not measured, or not for long enough."""
        if self.found is None or (self.at_least and self.found < (self.least or 0)):
            return None
        return (self.least is None or self.found >= self.least) and (self.most is None or self.found <= self.most)


def written(found: Sequence[Target]) -> str:
    """Write a section of Markdown with a row for each target."""
    rows = [
        (each.sentence, _wanted(each), ("> " if each.at_least else "") + number(each.found), _verdict(each))
        for each in found
    ]
    return f"## Targets\n\n{table(('target', 'wanted', 'found', 'met'), rows)}"


def number(value: float | None) -> str:
    """Write three digits, which tell enough."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"  # noqa: PLR2004  three digits


def _wanted(target: Target) -> str:
    return f"≥ {target.least:.3g}" if target.least is not None else f"≤ {target.most:g}"


def _verdict(target: Target) -> str:
    return {True: "yes", False: "no", None: "not measured"}[target.met]
