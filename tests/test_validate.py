"""Tests of validate."""

from exo_onto.validate import Report, Result, Severity


def result(severity: Severity) -> Result:
    return Result("focus", None, None, "component", "shape", "message", severity)


def test_only_a_violation_keeps_a_graph_from_conforming() -> None:
    assert Report(()).conforms
    assert Report((result(Severity.INFO), result(Severity.WARNING))).conforms
    assert not Report((result(Severity.INFO), result(Severity.VIOLATION))).conforms


def test_results_are_told_apart_by_severity() -> None:
    report = Report((result(Severity.INFO), result(Severity.VIOLATION)))
    assert report.of(Severity.INFO) == (result(Severity.INFO),)
    assert report.violations == (result(Severity.VIOLATION),)


def test_severities_are_in_order() -> None:
    assert Severity.INFO < Severity.WARNING < Severity.VIOLATION
