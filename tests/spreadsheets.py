"""What the tests of tables share: sources with their layout, tables in memory, and workbooks made by hand, good and bad."""

import zipfile
from collections.abc import Iterable
from pathlib import Path

from pyoxigraph import NamedNode

from exo_onto.sources import Sources, read_sources
from exo_onto.tables import adding, exporting, files
from exo_onto.tables.grid import Grid, Line, Table
from exo_onto.tables.layout import Layout, parse_layout
from exo_onto.tables.rows import no_rows
from exo_onto.tables.terms import Names
from exo_onto.vocabulary import expand

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def layout_of(root: Path) -> Layout:
    """Give the layout of a root's tables, as it is written."""
    return parse_layout(files.layout_text(root))


def known(root: Path, *, studies: bool = False) -> tuple[Layout, Names]:
    """Give the layout fitted to a root, and what its terms are called."""
    return adding.known(read_sources(root), layout_of(root), studies=studies)


def told(read: Sources, layout: Layout, *only: str, language: str = "en") -> Table:
    """Give studies as a table in memory."""
    grids, _ = exporting.export(read, layout, language, only=only)
    return Table("table.xlsx", tuple(grid for grid in grids if not no_rows(grid.name)))


def changed(table: Table, sheet: str, row: int, heading: str, cell: str) -> Table:
    """Give a table with one cell changed; row 2 is the first below the headings."""

    def line(grid: Grid, each: Line) -> Line:
        at = grid.headings.index(heading)
        return Line(each.number, (*each.cells[:at], cell, *each.cells[at + 1 :])) if each.number == row else each

    return Table(
        table.name,
        tuple(
            Grid(grid.name, grid.headings, tuple(line(grid, each) for each in grid.lines))
            if grid.name == sheet
            else grid
            for grid in table.grids
        ),
    )


def renamed(table: Table, *pairs: tuple[str, str]) -> Table:
    """Give a table with texts replaced in every cell: another study of the same story."""

    def text(cell: str) -> str:
        for old, new in pairs:
            cell = cell.replace(old, new)
        return cell

    return Table(
        table.name,
        tuple(
            Grid(g.name, g.headings, tuple(Line(n.number, tuple(map(text, n.cells))) for n in g.lines))
            for g in table.grids
        ),
    )


def term(curie: str) -> NamedNode:
    """Give the term of a CURIE."""
    return expand(curie)


def inline(text: str) -> str:
    """Write a cell with a text, in the XML of a worksheet."""
    return f'<c t="inlineStr"><is><t>{text}</t></is></c>'


def workbook(
    path: Path, *, sheet: Iterable[str], strings: Iterable[str] = (), name: str = "edges", head: str = ""
) -> Path:
    """Write a workbook of one sheet, part by part; what is in its rows is up to the test."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("[Content_Types].xml", _types())
        archive.writestr("_rels/.rels", _relations(("officeDocument", "xl/workbook.xml")))
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
            f'<sheet name="{name}" sheetId="1" r:id="rId1"/></sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            _relations(("worksheet", "worksheets/sheet1.xml"), ("sharedStrings", "sharedStrings.xml")),
        )
        with archive.open("xl/sharedStrings.xml", "w") as part:
            for each in (f'<sst xmlns="{_MAIN}">', *strings, "</sst>"):
                part.write(each.encode())
        with archive.open("xl/worksheets/sheet1.xml", "w") as part:
            part.write(f'{head}<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
            closed = False
            for each in sheet:
                closed = closed or "</sheetData>" in each
                part.write(each.encode())
            part.write(b"</worksheet>" if closed else b"</sheetData></worksheet>")
    return path


def _types() -> str:
    parts = (("workbook", "sheet.main"), ("worksheets/sheet1", "worksheet"), ("sharedStrings", "sharedStrings"))
    overrides = "".join(
        f'<Override PartName="/xl/{part}.xml" ContentType="{_SPREADSHEET}.{kind}+xml"/>' for part, kind in parts
    )
    return (
        f'<Types xmlns="{_TYPES}"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    )


def _relations(*targets: tuple[str, str]) -> str:
    told = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets, start=1)
    )
    return f'<Relationships xmlns="{_RELATIONS}">{told}</Relationships>'
