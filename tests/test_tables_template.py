"""Tests of templates: every column has its help, and its list where what may stand there is known."""

from pathlib import Path

import pytest
from conftest import REPOSITORY
from spreadsheets import known, layout_of

from exo_onto.sources import read_sources
from exo_onto.tables import exporting
from exo_onto.tables.grid import Grid, Table
from exo_onto.tables.rows import no_rows, read_table
from exo_onto.tables.template import empty
from exo_onto.tables.workbook import Dress

MADE = {each: exporting.template(read_sources(REPOSITORY), layout_of(REPOSITORY), each) for each in ("en", "zh")}


def grids(language: str) -> tuple[tuple[Grid, ...], Dress]:
    return MADE[language]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_help_tells_of_every_column(language: str) -> None:
    (helped, *sheets), _ = grids(language)
    told = {(line.cells[0], line.cells[1]) for line in helped.lines}
    for sheet in sheets:
        if not no_rows(sheet.name):
            assert {(sheet.name, heading) for heading in sheet.headings} <= told
    holds = [line.cells[3] for line in helped.lines if line.cells[1]]
    assert all(holds)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_headings_are_read_back_and_there_are_no_rows(language: str) -> None:
    (_, *sheets), _ = grids(language)
    layout, names = known(Path(REPOSITORY))
    only = Table("t", tuple(each for each in sheets if each.name not in {"studies", "研究"}))
    assert all(not each.lines for each in only.grids if not no_rows(each.name))
    references = Table("t", tuple(each for each in only.grids if each.name in {"references", "参考文献"}))
    with pytest.raises(Exception, match="no row of a study"):
        read_table(references, layout, names, {})


def test_lists_hold_the_terms_of_now() -> None:
    (*_, lists), dress = grids("en")
    by_column = {(each.sheet, each.column): each for each in dress.choices}
    sheet = next(each for each in grids("en")[0] if each.name == "activities")
    aspect = by_column["activities", sheet.headings.index("aspect") + 1]
    letter = aspect.cells.split("$")[1]
    at = ord(letter) - ord("A")
    assert {line.cells[at] for line in lists.lines} - {""} == {"expression", "secretion", "activation", "abundance"}
    assert lists.name in dress.hidden
    assert aspect.strict


def test_a_column_of_things_lists_the_rows_that_name_them() -> None:
    _, dress = grids("en")
    sheet = next(each for each in grids("en")[0] if each.name == "activities")
    cells = {each.column: each.cells for each in dress.choices if each.sheet == "activities"}
    assert cells[sheet.headings.index("cells") + 1].startswith("'cells'!$B$2:")
    assert cells[sheet.headings.index("observed under") + 1].startswith("'treatments'!$B$2:")


def test_an_empty_table_has_every_sheet(root: Path) -> None:
    layout, _ = known(root)
    assert [grid.name for grid in empty(layout, "zh")] == [sheet.titles["zh"] for sheet in layout.sheets]
