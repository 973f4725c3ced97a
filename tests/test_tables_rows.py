"""Tests of rows: what is wrong in a table is told with sheet, row and column, all of it at once, and nothing is made."""

from pathlib import Path

import pytest
from conftest import REPOSITORY
from pyoxigraph import NamedNode
from spreadsheets import changed, known, layout_of, term, told

from exo_onto.sources import read_sources
from exo_onto.tables.grid import Grid, Line, Table, TableError
from exo_onto.tables.rows import MOST_WRONGS, Reading, no_rows, read_table
from exo_onto.tables.story import Story, read_story

READ = read_sources(REPOSITORY)
TABLE = told(READ, layout_of(REPOSITORY), "zhu-lf-2020", "lu-k-2017")


def reading(table: Table, taken: dict[NamedNode, str] | None = None) -> Reading:
    layout, names = known(Path(REPOSITORY))
    return read_table(table, layout, names, taken or {})


def wrongs(table: Table, taken: dict[NamedNode, str] | None = None) -> str:
    with pytest.raises(TableError) as caught:
        reading(table, taken)
    return "\n".join(map(str, caught.value.wrongs))


def without(table: Table, *sheets: str) -> Table:
    return Table(table.name, tuple(grid for grid in table.grids if grid.name not in sheets))


def test_rows_are_the_stories_that_they_were_told_of() -> None:
    told_ = {each.study: each.story for each in reading(TABLE).studies}
    for slug in ("zhu-lf-2020", "lu-k-2017"):
        file = next(each for each in READ.studies if each.path.endswith(f"{slug}.ttl"))
        assert told_[term(f"study:{slug}")].same(read_story(file.triples))


def test_every_thing_and_provenance_has_the_row_that_it_came_of() -> None:
    (study, _) = reading(TABLE).studies
    assert str(study.spots[study.study]) == "sheet studies, row 2"
    assert {study.spots[each].sheet for each in study.story.sources} == {"reports", "edges", "facts"}


@pytest.mark.parametrize(
    ("sheet", "row", "heading", "cell", "said"),
    [
        ("activities", 3, "activity of", "MAP3K1", "sheet activities, row 3, column activity of: 'MAP3K1' is unknown"),
        ("activities", 2, "name", "a b", "sheet activities, row 2, column name: 'a b' is no name."),
        ("activities", 3, "name", "zhu-lf-2020-mir-142-3p-npc", "is named before, by sheet activities, row 2"),
        ("activities", 2, "study", "zhu-lf-2021", "column study: 'zhu-lf-2021' is unknown here. Nearest: Zhu LF"),
        ("activities", 2, "study", "", "does not say its study, and the table has 2"),
        ("activities", 2, "aspect", "colour", "One may write, for instance: expression"),
        ("edges", 2, "effect", "", "sheet edges, row 2, column effect: The cell is empty."),
        ("edges", 2, "study", "lu-k-2017", "belongs to another study"),
        ("edges", 2, "certainty", "stated | hedged", "Only one value can stand here"),
        ("references", 2, "publication year", "MMXX", "is no whole number"),
        ("studies", 2, "note (English)", "\u202eevil", "RIGHT-TO-LEFT OVERRIDE"),
        ("facts", 2, "subject", '"text"', "Only the value of a statement can be a text"),
    ],
)
def test_what_is_wrong_is_told_where_it_stands(sheet: str, row: int, heading: str, cell: str, said: str) -> None:
    assert said in wrongs(changed(TABLE, sheet, row, heading, cell))


def test_all_that_is_wrong_is_told_at_once_up_to_a_limit() -> None:
    table = changed(changed(TABLE, "edges", 2, "certainty", "x"), "activities", 2, "aspect", "y")
    assert len(wrongs(table).splitlines()) == 2
    bad = Grid("edges", ("study", "cause"), tuple(Line(n, ("zhu-lf-2020", "x")) for n in range(2, 500)))
    assert len(wrongs(Table("t", (*without(TABLE, "edges").grids, bad))).splitlines()) == MOST_WRONGS + 1


def test_sheets_and_headings_are_known_in_either_language_or_told() -> None:
    (study, *_) = TABLE.grids
    chinese = Grid("研究", ("名称", *study.headings[1:]), study.lines)
    assert reading(Table("t", (chinese, *TABLE.grids[1:])))
    wrong = Table("t", (Grid("studeis", study.headings, study.lines), *TABLE.grids[1:]))
    assert "sheet studeis: There is no sheet of that name. Did you mean studies?" in wrongs(wrong)
    wrong = Table("t", (Grid("studies", ("nam", *study.headings[1:]), study.lines), *TABLE.grids[1:]))
    assert "sheet studies, row 1, column nam: There is no such column. Did you mean name" in wrongs(wrong)
    twice = Table("t", (Grid("studies", ("name", *study.headings, "name"), study.lines),))
    assert "stands there twice" in wrongs(twice)
    stray = Table("t", (Grid("studies", study.headings, (Line(2, (*study.lines[0].cells, "x")),)),))
    assert "'x' stands in a column without a heading" in wrongs(stray)


def test_a_row_of_the_only_study_need_not_name_it() -> None:
    table = told(READ, layout_of(REPOSITORY), "lu-k-2017")
    for grid in table.grids:
        for line in grid.lines:
            if "study" in grid.headings:
                table = changed(table, grid.name, line.number, "study", "")
    file = next(each for each in READ.studies if each.path.endswith("lu-k-2017.ttl"))
    assert reading(table).studies[0].story.same(read_story(file.triples))


def test_a_name_that_another_file_has_is_refused() -> None:
    taken = {term("cells:zhu-lf-2020-npc"): "instances/studies/lu-k-2017.ttl"}
    assert "cells:zhu-lf-2020-npc is named already, in instances/studies/lu-k-2017.ttl" in wrongs(TABLE, taken)
    own = "instances/studies/zhu-lf-2020.ttl"
    assert reading(TABLE, {term("cells:zhu-lf-2020-npc"): own, term("study:zhu-lf-2020"): own})


def test_a_table_without_a_study_is_refused() -> None:
    assert "The table has no row of a study" in wrongs(Table("t", ()))
    only = reading(Table("t", tuple(grid for grid in TABLE.grids if grid.name == "references")))
    assert (len(only.shared), only.studies) == (2, ())


def test_a_statement_without_provenance_is_a_row_without() -> None:
    table = TABLE
    edges = next(grid for grid in TABLE.grids if grid.name == "edges")
    for heading in edges.headings[4:]:
        table = changed(table, "edges", 2, heading, "")
    stories: list[Story] = [each.story for each in reading(table).studies]
    before = [each.story for each in reading(TABLE).studies]
    assert sum(len(each.sources) for each in before) - sum(len(each.sources) for each in stories) == 1
    assert [set(each.facts) for each in before] == [set(each.facts) for each in stories]


def test_a_template_has_sheets_without_rows() -> None:
    assert [no_rows(each) for each in ("help", "帮助", "Lists", "edges")] == [True, True, True, False]
