"""Tests of why, through the command: three real studies read well, and what cannot be explained is told."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from exo_onto.cli import app

RUN = CliRunner()


def said(published: Path, *arguments: str, code: int = 0) -> str:
    result = RUN.invoke(app, ["explain", *arguments, "--root", str(published)])
    assert result.exit_code == code, result.output
    return result.output


def test_a_direction_that_is_reported_and_traced_is_proved_both_ways_the_traced_first(published: Path) -> None:
    text = said(published, "zhu-lf-2020", "apoptosis-inhibition")
    traced, reported = text.index("is a traced decrease"), text.index("is a reported decrease")
    assert traced < reported
    assert "what is 'decreased by' a traced increase is a traced decrease" in text
    assert "instances/studies/zhu-lf-2020.ttl:" in text
    assert "place: 3.1" in text


@pytest.mark.parametrize(
    ("study", "mechanism"), [("liao-zw-2019", "apoptosis-inhibition"), ("lu-k-2017", "matrix-homeostasis")]
)
def test_other_studies_are_explained_down_to_their_lines(published: Path, study: str, mechanism: str) -> None:
    text = said(published, study, mechanism)
    assert f"instances/studies/{study}.ttl:" in text
    assert "[prp-spo2]" in text


def test_as_json_each_leaf_has_its_file_and_line(published: Path) -> None:
    told = json.loads(said(published, "study:zhu-lf-2020", "mechanism:apoptosis-inhibition", "--format", "json"))
    assert len(told["proofs"]) == 2
    leaves: list[dict[str, object]] = []
    todo = list(told["proofs"])
    while todo:
        node = todo.pop()
        todo += node.get("premises", [])
        leaves += [node["asserted"]] if "asserted" in node else []
    assert all(leaf["file"] and leaf["line"] for leaf in leaves)


def test_in_chinese_the_labels_are_chinese(published: Path) -> None:
    assert "抑制细胞凋亡" in said(published, "zhu-lf-2020", "apoptosis-inhibition", "--lang", "zh")


def test_without_a_value_what_was_inferred_is_listed(published: Path) -> None:
    assert "mechanism:apoptosis-inhibition" in said(published, "study:zhu-lf-2020")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nobody-1999", "apoptosis-inhibition"), "Nothing here is called 'nobody-1999'"),
        (("zhu-lf-2020", "no-such-thing"), "Nothing here is called 'no-such-thing'"),
        (("foo:bar", "x"), "Known prefixes"),
        (("zhu-lf-2020", "matrix-homeostasis"), "Nothing joins zhu-lf-2020 to matrix-homeostasis"),
        (("exonto:Study",), "Nothing was inferred of exonto:Study"),
    ],
)
def test_what_cannot_be_explained_is_told(published: Path, arguments: tuple[str, ...], says: str) -> None:
    assert says in said(published, *arguments, code=2)


def test_check_explain_shows_the_proofs_of_a_contradiction(one_study: Callable[[str], Path]) -> None:
    root = one_study("zhu-lf-2020")
    path = root / "instances/studies/zhu-lf-2020.ttl"
    text = path.read_text("utf-8")
    assert text.count("a exonto:Activity , GO:0006915 , exonto:ReportedDecrease") == 1
    path.write_text(
        text.replace(
            "a exonto:Activity , GO:0006915 , exonto:ReportedDecrease",
            "a exonto:Activity , GO:0006915 , exonto:ReportedIncrease",
        ),
        "utf-8",
    )
    result = RUN.invoke(app, ["check", "--explain", "--root", str(root)])
    assert result.exit_code == 1
    assert "is a traced decrease" in result.output
    assert "every reported increase is an increased activity" in result.output
