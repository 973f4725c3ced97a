"""Tests of levels: what a project says of severities is done."""

import pytest

from exo_onto.diagnose import Diagnostic
from exo_onto.quality.levels import FailOn, Level, Levels, Shown
from exo_onto.validate import Severity

FOUND = [
    Diagnostic("missing-label", Severity.VIOLATION, "a"),
    Diagnostic("shape:Study", Severity.WARNING, "b"),
    Diagnostic("missing-superclass", Severity.INFO, "c"),
]


def test_a_severity_is_changed_by_its_code_or_by_a_pattern() -> None:
    levels = Levels({"missing-label": Level.INFO, "shape:*": Level.ERROR, "missing-*": Level.IGNORE}, shown=Shown.INFO)
    graded = list(levels.graded(FOUND))
    assert [(each.code, each.severity) for each in graded] == [
        ("missing-label", Severity.INFO),
        ("shape:Study", Severity.VIOLATION),
    ]


def test_what_a_project_says_comes_before_what_is_shipped() -> None:
    levels = Levels({"missing-*": Level.INFO}, shipped={"missing-label": Level.ERROR, "strict": Level.ERROR})
    assert (levels.of("missing-label"), levels.of("strict"), levels.of("other")) == (Level.INFO, Level.ERROR, None)


def test_the_longest_pattern_wins() -> None:
    levels = Levels({"*": Level.IGNORE, "shape:*": Level.WARNING, "sh*": Level.INFO})
    assert levels.of("shape:Study") is Level.WARNING
    assert levels.of("other") is Level.IGNORE


def test_what_is_below_the_least_is_not_shown() -> None:
    assert [each.code for each in Levels().graded(FOUND)] == ["missing-label", "shape:Study"]
    assert [each.code for each in Levels(shown=Shown.ERROR).graded(FOUND)] == ["missing-label"]


@pytest.mark.parametrize(
    ("fail_on", "number"), [(FailOn.ERROR, 1), (FailOn.WARNING, 2), (FailOn.INFO, 3), (FailOn.NEVER, 0)]
)
def test_the_check_fails_from_a_severity_on(fail_on: FailOn, number: int) -> None:
    assert len(Levels(fail_on=fail_on).failing(FOUND)) == number
