"""Tests of the preview: new categories, conflicts, predictions and contradictions are known before anything is saved."""

from dataclasses import replace
from pathlib import Path

import pytest
from conftest import REPOSITORY, quiet
from spreadsheets import changed, layout_of, renamed, told

from exo_onto.questions import parse_question
from exo_onto.sources import Sources, read_sources
from exo_onto.tables import adding, preview
from exo_onto.tables.grid import Table
from exo_onto.tables.preview import QUESTIONS, Preview
from exo_onto.vocabulary import GRAPH_INSTANCES

LAYOUT = layout_of(REPOSITORY)
NEW = (
    ("zhu-lf-2020", "wang-a-2026"),
    ("Zhu LF et al. 2020", "Wang A et al. 2026"),
    ("Zhu LF 等 2020", "Wang A 等 2026"),
)
WHOLE = read_sources(REPOSITORY)


def few(*slugs: str) -> Sources:
    """Give the sources with some studies only: reasoning over all takes its time."""

    def kept(path: str) -> bool:
        return not path.startswith("instances/studies/") or Path(path).stem in slugs

    graphs = tuple((graph, tuple(f for f in files if kept(f.path))) for graph, files in WHOLE.graphs)
    return replace(WHOLE, graphs=graphs)


READ = few("zhu-lf-2020", "lu-k-2017")


def new_study() -> Table:
    table = renamed(told(WHOLE, LAYOUT, "zhu-lf-2020"), *NEW)
    return changed(table, "references", 2, "reference number", "")


def foreseen(table: Table, folder: Path) -> Preview:
    plan = adding.plan(READ, table, LAYOUT, None)
    found = preview.preview(READ, adding.overlaid(READ, plan, folder), progress=quiet)
    return replace(found, diagnostics=adding.spotted(found.diagnostics, plan))


def all_rows(table: Table, sheet: str, heading: str, old: str, new: str) -> Table:
    for grid in table.grids:
        for line in grid.lines if grid.name == sheet else ():
            if line.cells[grid.headings.index(heading)] == old:
                table = changed(table, sheet, line.number, heading, new)
    return table


def test_new_categories_and_predictions_are_foreseen(tmp_path: Path) -> None:
    found = foreseen(new_study(), tmp_path)
    assert found.sound, "that claims speak of studies that are not here was wrong before, and is not told again"
    assert found.diagnostics == ()
    come = {each.name: each.come for each in found.differences}
    assert ("Wang A et al. 2026", "inhibition of apoptosis") in come["categories"]
    assert ("Wang A et al. 2026", "MAP3K11 in nucleus pulposus cells (Wang A et al. 2026)", "traced decrease") in come[
        "predictions"
    ]
    assert come["conflicts"] == ()
    assert all(not each.gone for each in found.differences)


def test_a_conflict_with_another_study_is_foreseen(tmp_path: Path) -> None:
    table = all_rows(new_study(), "reports", "direction", "reported decrease", "reported increase")
    without = tuple(replace(g, lines=()) if g.name == "edges" else g for g in table.grids)
    found = foreseen(Table(table.name, without), tmp_path)
    conflicts = next(each for each in found.differences if each.name == "conflicts")
    assert ("apoptotic process", "Wang A et al. 2026", "Zhu LF et al. 2020") in conflicts.come


def test_a_contradiction_is_foreseen_with_its_row(tmp_path: Path) -> None:
    table = all_rows(new_study(), "reports", "direction", "reported decrease", "reported increase")
    found = foreseen(table, tmp_path)
    assert not found.sound
    assert not found.compared
    (first, *_) = [each for each in found.diagnostics if each.code == "contradiction"]
    assert str(first.place) == "table.xlsx, sheet activities, row 4"
    assert "which exclude each other" in first.what


def test_what_shapes_miss_is_foreseen_with_its_row(tmp_path: Path) -> None:
    found = foreseen(changed(new_study(), "activities", 3, "observed under", ""), tmp_path)
    (wrong,) = [each for each in found.diagnostics if each.code == "shape:Activity"]
    assert (str(wrong.place), found.sound) == ("table.xlsx, sheet activities, row 3", False)


@pytest.mark.parametrize("path", sorted(QUESTIONS.glob("*.rq")), ids=lambda path: path.stem)
def test_every_question_of_the_preview_has_its_header(path: Path) -> None:
    assert parse_question(path.stem, path.read_text("utf-8")).title


def test_the_sources_keep_their_graphs(tmp_path: Path) -> None:
    plan = adding.plan(READ, new_study(), LAYOUT, None)
    after = adding.overlaid(READ, plan, tmp_path)
    assert [graph for graph, _ in after.graphs] == [graph for graph, _ in READ.graphs]
    new = {f.path for g, files in after.graphs if g == GRAPH_INSTANCES for f in files}
    assert "instances/studies/wang-a-2026.ttl" in new
