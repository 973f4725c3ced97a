"""Tests of exporting: all studies or some, with what they share, and what cannot be told is said."""

from pathlib import Path

import pytest
from spreadsheets import layout_of, told

from exo_onto.sources import read_sources
from exo_onto.tables import exporting
from exo_onto.tables.grid import TableError


def test_only_what_is_asked_for_is_told_with_its_references(root: Path) -> None:
    table = told(read_sources(root), layout_of(root), "lu-k-2017")
    by_name = {grid.name: grid for grid in table.grids}
    assert [line.cells[0] for line in by_name["studies"].lines] == ["lu-k-2017"]
    assert [line.cells[0] for line in by_name["references"].lines] == ["lu-k-2017"]
    assert {line.cells[0] for name in ("cells", "activities", "edges") for line in by_name[name].lines} == {"lu-k-2017"}


def test_a_study_may_be_named_by_its_curie(root: Path) -> None:
    layout, read = layout_of(root), read_sources(root)
    assert told(read, layout, "study:lu-k-2017") == told(read, layout, "lu-k-2017")


def test_terms_are_told_by_their_labels_in_either_language(root: Path) -> None:
    layout, read = layout_of(root), read_sources(root)
    english = {cell for g in told(read, layout, "zhu-lf-2020").grids for n in g.lines for cell in n.cells}
    chinese = {
        cell for g in told(read, layout, "zhu-lf-2020", language="zh").grids for n in g.lines for cell in n.cells
    }
    assert {"apoptotic process", "MAP3K11", "reported decrease", "in vitro"} <= english
    assert {"细胞凋亡", "混合谱系激酶3", "报告的降低", "体外"} <= chinese


def test_a_study_that_is_not_there_is_told(root: Path) -> None:
    with pytest.raises(TableError, match="There is no study 'zhu'"):
        exporting.export(read_sources(root), layout_of(root), "en", only=["zhu"])


@pytest.mark.parametrize(
    ("file", "more", "said"),
    [
        (
            "instances/studies/lu-k-2017.ttl",
            "study:lu-k-2017 exonto:uses [ a exonto:CellModel ] .",
            "lu-k-2017.ttl cannot be told",
        ),
        ("instances/studies/lu-k-2017.ttl", "study:other a exonto:Study .", "lu-k-2017.ttl tells of 2 studies"),
        (
            "instances/references.ttl",
            "reference:li-y-2023 exonto:place exonto:place .",
            "No column can hold reference:li-y",
        ),
    ],
)
def test_what_no_row_can_hold_is_told(copied: Path, file: str, more: str, said: str) -> None:
    path = copied / file
    path.write_text(f"{path.read_text('utf-8')}\n{more}\n", "utf-8")
    with pytest.raises(TableError, match=said):
        exporting.export(read_sources(copied), layout_of(copied), "en")
