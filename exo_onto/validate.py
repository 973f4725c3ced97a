"""validate: the result of judging a graph by shapes, in the terms of SHACL, section 3.6. Pure."""

from dataclasses import dataclass
from enum import IntEnum


class Severity(IntEnum):
    """How bad a result is, in the order of SHACL, section 2.1.4."""

    INFO = 1
    WARNING = 2
    VIOLATION = 3


@dataclass(frozen=True, order=True)
class Result:
    """One validation result. Terms are plain strings: IRIs, lexical forms, or labels of blank nodes.

    `shape` is the named shape that the failing one is, or is part of. Where the focus is an annotated axiom,
    `annotated` is the subject, property and object that it is about.
    """

    focus: str
    path: str | None
    value: str | None
    component: str
    shape: str
    message: str
    severity: Severity
    annotated: tuple[str, str, str] | None = None


@dataclass(frozen=True)
class Report:
    """All results of one validation, sorted by focus node."""

    results: tuple[Result, ...]

    def of(self, severity: Severity) -> tuple[Result, ...]:
        """Give the results of one severity."""
        return tuple(result for result in self.results if result.severity is severity)
