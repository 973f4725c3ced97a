"""levels: diagnostics and what a project says of their severities in, the graded ones out. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fnmatch import fnmatchcase

from exo_onto.diagnose import Diagnostic
from exo_onto.validate import Severity


class Level(StrEnum):
    """How bad a finding is to a project; `ignore` is not told at all."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    IGNORE = "ignore"


class FailOn(StrEnum):
    """From which level on a finding makes the check fail."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    NEVER = "never"


class Shown(StrEnum):
    """From which level on a finding is shown."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


SEVERITIES: Mapping[Level, Severity] = {
    Level.ERROR: Severity.VIOLATION,
    Level.WARNING: Severity.WARNING,
    Level.INFO: Severity.INFO,
}
LEVELS = {severity: level for level, severity in SEVERITIES.items()}


@dataclass(frozen=True)
class Levels:
    """Which severity each code has, from which on findings are shown, and from which on the check fails.

    A code may be a pattern such as `shape:*`; of several that fit, one without a star wins, then the longest. `shipped`
    are the severities where none fits.
    """

    severity: Mapping[str, Level] = field(default_factory=dict)
    fail_on: FailOn = FailOn.ERROR
    shown: Shown = Shown.WARNING
    shipped: Mapping[str, Level] = field(default_factory=dict)

    def of(self, code: str) -> Level | None:
        """Give the level that a code is set to; None where nothing is said of it."""
        if code in self.severity:
            return self.severity[code]
        fits = sorted((p for p in self.severity if "*" in p and fnmatchcase(code, p)), key=len)
        return self.severity[fits[-1]] if fits else self.shipped.get(code)

    def graded(self, found: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
        """Give the diagnostics with their severities, without those that are ignored or not to be shown."""
        least = SEVERITIES[Level(self.shown.value)]
        for each in found:
            level = self.of(each.code)
            if level is Level.IGNORE:
                continue
            severity = each.severity if level is None else SEVERITIES[level]
            if severity >= least:
                yield replace(each, severity=severity)

    def failing(self, graded: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
        """Give those for which the check fails."""
        if self.fail_on is FailOn.NEVER:
            return ()
        least = SEVERITIES[Level(self.fail_on.value)]
        return tuple(each for each in graded if each.severity >= least)
