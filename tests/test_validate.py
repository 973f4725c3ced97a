"""Tests of validate."""

from exo_onto.validate import Report, Result, Severity


def result(severity: Severity) -> Result:
    return Result("focus", None, None, "component", "shape", "message", severity)


def test_results_are_told_apart_by_severity() -> None:
    report = Report((result(Severity.INFO), result(Severity.VIOLATION)))
    assert report.of(Severity.INFO) == (result(Severity.INFO),)
    assert report.of(Severity.WARNING) == ()


def test_severities_are_in_order() -> None:
    assert Severity.INFO < Severity.WARNING < Severity.VIOLATION
