"""Tests of workbooks: what is written comes back and runs nowhere; formulas, dates, errors and merged cells are told."""

import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet
from spreadsheets import inline, workbook

from exo_onto.tables.grid import Grid, Line, TableError
from exo_onto.tables.workbook import Choice, Dress, read_workbook, write_workbook

HEAD = f"<row>{inline('study')}{inline('cause')}</row>"


def everything(_: str) -> bool:
    return True


def refused(path: Path) -> str:
    with pytest.raises(TableError) as caught:
        read_workbook(path, everything)
    return "\n".join(map(str, caught.value.wrongs))


cells = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), max_size=8).map(str.strip)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(cells, cells), max_size=4))
def test_what_is_written_comes_back(rows: list[tuple[str, str]], tmp_path: Path) -> None:
    grid = Grid("edges", ("study", "cause"), tuple(Line(n, row) for n, row in enumerate(rows, start=2)))
    path = tmp_path / "table.xlsx"
    write_workbook(path, (grid,), Dress())
    (read,) = read_workbook(path, everything)
    padded = [(*line.cells, "", "")[:2] for line in read.lines]
    assert padded == [row for row in rows if any(row)]


def test_no_cell_is_a_formula_whatever_it_says(tmp_path: Path) -> None:
    says = ("=1+1", "=cmd|' /C calc'!A0", "+1", "-2", "@SUM(A1)", '=HYPERLINK("http://evil")')
    path = tmp_path / "table.xlsx"
    write_workbook(path, (Grid("edges", says, (Line(2, says),)),), Dress())
    sheet = openpyxl.load_workbook(path)["edges"]
    for row in sheet.iter_rows():
        for cell in row:
            assert cell.data_type == "s"
            assert str(cell.value).startswith("'")
            assert cell.number_format == "@"
    assert b"<f>" not in zipfile.ZipFile(path).read("xl/worksheets/sheet1.xml")
    assert read_workbook(path, everything)[0].lines[0].cells == says


def test_lists_and_hidden_sheets_are_there(tmp_path: Path) -> None:
    path = tmp_path / "table.xlsx"
    grids = (Grid("edges", ("study", "relation"), ()), Grid("lists", ("list 1",), (Line(2, ("increases",)),)))
    write_workbook(path, grids, Dress(frozenset({"lists"}), (Choice("edges", 2, "'lists'!$A$2:$A$2", strict=True),)))
    book = openpyxl.load_workbook(path)
    (rule,) = book["edges"].data_validations.dataValidation
    assert (rule.formula1, str(rule.sqref), rule.errorStyle) == ("'lists'!$A$2:$A$2", "B2:B2000", "warning")
    assert book["lists"].sheet_state == "hidden"
    assert book["edges"].freeze_panes == "A2"


def test_numbers_and_truths_are_read_as_they_are_shown(tmp_path: Path) -> None:
    path = tmp_path / "table.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.append(["year", "place", "suspect", "text"])
    sheet.append([2020, 3.1, True, "  \u00a0x "])
    sheet.append([2020.0, 1e-7, False, None])
    book.save(path)
    assert [line.cells for line in read_workbook(path, everything)[0].lines] == [
        ("2020", "3.1", "true", "x"),
        ("2020", "1e-07", "false"),
    ]


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("<c><f>1+1</f><v>2</v></c>", "sheet edges, row 2, column study (A): A formula stands there"),
        ('<c t="str"><f>A1</f><v>study</v></c>', "A formula stands there"),
        ('<c t="e"><v>#REF!</v></c>', "The error #REF! stands there"),
        (inline("a" * 40_000), "The text has 40,000 characters"),
        ('<c t="s"><v>7</v></c>', "damaged"),
        ("<c><v>seven</v></c>", "damaged"),
    ],
)
def test_what_is_no_value_is_told(cell: str, said: str, tmp_path: Path) -> None:
    assert said in refused(workbook(tmp_path / "t.xlsx", sheet=[HEAD, f"<row>{cell}</row>"]))


def test_a_date_that_a_program_made_is_told(tmp_path: Path) -> None:
    path = tmp_path / "table.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.append(["place"])
    sheet["A2"] = 45_000
    sheet["A2"].number_format = "d-mmm"
    book.save(path)
    assert "column place (A): A date or time stands there" in refused(path)


def test_merged_cells_are_told_where_they_matter(tmp_path: Path) -> None:
    merged = '</sheetData><mergeCells count="1"><mergeCell ref="A2:A3"/></mergeCells>'
    path = workbook(tmp_path / "t.xlsx", sheet=[HEAD, merged])
    assert "sheet edges: The cells A2:A3 are merged." in refused(path)
    assert read_workbook(path, lambda name: name != "edges") == ()


def test_rows_and_cells_that_are_far_away_do_not_cost(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "t.xlsx", sheet=[HEAD, '<row r="90000"><c r="B90000" t="inlineStr"><is><t>x</t></is></c></row>']
    )
    assert read_workbook(path, everything)[0].lines == (Line(90_000, ("", "x")),)
    path = workbook(
        tmp_path / "u.xlsx", sheet=[HEAD, '<row r="2"><c r="XFD2" t="inlineStr"><is><t>x</t></is></c></row>']
    )
    assert "A cell stands beyond column 256" in refused(path)


def test_a_text_too_long_for_a_cell_is_told_on_writing(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"sheet edges, row 2: A text has 40,000 characters"):
        write_workbook(tmp_path / "t.xlsx", (Grid("edges", ("x",), (Line(2, ("a" * 40_000,)),)),), Dress())
