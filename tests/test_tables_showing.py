"""Tests of showing, and of the commands: as a curator calls them."""

import json
from pathlib import Path

import pytest
from conftest import REPOSITORY
from rich.console import Console
from typer.testing import CliRunner

from exo_onto import cli
from exo_onto.diagnose import Diagnostic
from exo_onto.tables import showing
from exo_onto.tables.adding import Change, Plan
from exo_onto.tables.grid import Spot, TableError, Wrong
from exo_onto.tables.preview import Difference, Preview
from exo_onto.validate import Severity

PLAN = Plan(
    REPOSITORY,
    "t.xlsx",
    (Change("a.ttl", None, b"x", 3, 0), Change("b.ttl", b"x", b"y", 1, 2, 1), Change("c.ttl", b"x", b"x")),
)
PREVIEW = Preview(
    (Diagnostic("x", Severity.WARNING, "something"),),
    (
        Difference("categories", "What follows", ("study",), (("a",),), (("b [red]",),)),
        Difference("n", "None", (), (), ()),
    ),
)
runner = CliRunner()


def text(page: object) -> str:
    console = Console(width=100, record=True, color_system=None)
    with console.capture() as captured:
        console.print(page)
    return captured.get()


def test_what_becomes_of_files_is_laid_out() -> None:
    told = text(showing.plan_table(PLAN))
    assert [line.split() for line in told.splitlines() if ".ttl" in line][:2] == [
        ["a.ttl", "new", "3", "0"],
        ["b.ttl", "changed", "1", "2"],
    ]
    assert "b.ttl loses 1 line of comment, which no row can hold." in told
    assert "1 file unchanged and not touched" in told


def test_what_would_follow_is_laid_out() -> None:
    told = text(showing.preview_table(PREVIEW))
    assert "What follows" in told
    assert "+   a" in told
    assert "-   b [red]" in told
    assert "None" not in told
    assert "answered otherwise" in text(showing.preview_table(Preview((), ())))
    assert "cannot be compared" in text(showing.preview_table(Preview((), (), compared=False)))


def test_programs_get_rows() -> None:
    assert list(showing.rows(PLAN, PREVIEW)) == [
        ("file", "new", "a.ttl"),
        ("file", "changed", "b.ttl"),
        ("file", "unchanged", "c.ttl"),
        ("diagnostic", "x", "something"),
        ("categories", "+", "a"),
        ("categories", "-", "b [red]"),
    ]


def test_all_that_is_wrong_is_told_a_line_each() -> None:
    error = TableError(Wrong(Spot("edges", 2), "One.", "Mend it."), Wrong(None, "Two."))
    assert showing.wrongs_text(error) == "sheet edges, row 2: One. Mend it.\nTwo."


def call(*arguments: str, code: int = 0) -> str:
    done = runner.invoke(cli.app, [*arguments], env={"SOURCE_DATE_EPOCH": "1800000000", "NO_COLOR": "1"})
    assert done.exit_code == code, done.output
    return done.output


def test_a_curator_exports_changes_and_adds(copied: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(copied)
    before = {path: path.read_bytes() for path in (copied / "instances").rglob("*.ttl")}
    table = tmp_path / "one"
    assert call("export", str(table), "--study", "lu-k-2017") == f"written: 1 study in {table}\n"
    assert "up to date: the table says what is there already" in call("add", str(table))
    edges = table / "reports.tsv"
    edges.write_text(edges.read_text("utf-8").replace("\treported increase", "\treported increse", 1), "utf-8")
    told = call("add", str(table), code=1)
    assert "column direction: 'reported increse' is unknown here. Nearest: reported increase" in told
    assert "Nothing was written." in told
    edges.write_text(edges.read_text("utf-8").replace("reported increse", "reported increase"), "utf-8")
    (table / "studies.tsv").write_text((table / "studies.tsv").read_text("utf-8").replace("\t", "\t", 1), "utf-8")
    activities = table / "activities.tsv"
    lines = activities.read_text("utf-8").splitlines()
    at = lines[0].split("\t").index("not stated")
    cells = lines[1].split("\t")
    cells[at] = " | ".join(filter(None, (cells[at], "aspect")))
    activities.write_text("\n".join([lines[0], "\t".join(cells), *lines[2:]]) + "\n", "utf-8")
    assert "dry run: 1 file would be written, and nothing was" in call("add", str(table), "--dry-run", "--by", "Li Mei")
    assert {path: path.read_bytes() for path in (copied / "instances").rglob("*.ttl")} == before
    rows = json.loads(call("add", str(table), "--by", "Li Mei", "--format", "json").partition("[")[2].join(["[", ""]))
    assert {"about": "file", "change": "changed", "what": "instances/studies/lu-k-2017.ttl"} in rows
    text_ = (copied / "instances" / "studies" / "lu-k-2017.ttl").read_text("utf-8")
    assert '"Changed from the table one by Li Mei on 2027-01-15."@en' in text_


def test_a_template_is_written_and_not_written_over(copied: Path, tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    assert "written:" in call("template", str(path), "--root", str(copied), "--lang", "zh")
    assert "is there already" in call("template", str(path), "--root", str(copied), code=2)
    assert "written:" in call("template", str(path), "--root", str(copied), "--force")
    assert "The table has no row of a study" in call("add", str(path), "--root", str(copied), code=1)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("add", "none.xlsx"), 2, "There is no none.xlsx"),
        (("export", "edges.tsv"), 2, "edges.tsv is no name for a table"),
        (("export", "graph.json"), 2, "graph.json says by no suffix what to write"),
        (("export", "t.zip", "--study", "nobody"), 2, "There is no study 'nobody'"),
        (("add", str(REPOSITORY / "docs")), 2, "docs has no .tsv file"),
    ],
)
def test_a_wrong_call_is_told(arguments: tuple[str, ...], code: int, said: str, tmp_path: Path) -> None:
    told = runner.invoke(cli.app, [*arguments, "--root", str(REPOSITORY)], catch_exceptions=False)
    assert told.exit_code == code
    assert said in " ".join(told.output.split())
    assert not list(tmp_path.iterdir())


def test_a_layout_that_is_wrong_is_told(copied: Path, tmp_path: Path) -> None:
    (copied / "tables.toml").write_text("x", "utf-8")
    assert "layout of the tables" in call("template", str(tmp_path / "t"), "--root", str(copied), code=2)
