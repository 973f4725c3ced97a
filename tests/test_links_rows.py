"""Tests of rows: the same table in every packing gives the same rows; what is damaged is told with its place."""

import gzip
import tracemalloc
import zipfile
from collections.abc import Callable, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from exo_onto.links import rows
from exo_onto.links.rows import Row, TableError, digest, opened, write_aside

ROWS = [
    ["miRNA", "gene", "note"],
    ["hsa-miR-1", "IL6", "a, b"],
    ["hsa-miR-2", "TNF", 'says "so"\nand more'],
    ["x", "", ""],
]


def joined(separator: str) -> str:
    def cell(text: str) -> str:
        return '"' + text.replace('"', '""') + '"' if any(each in text for each in f'{separator}"\n') else text

    return "".join(separator.join(map(cell, row)) + "\r\n" for row in ROWS)


def workbook(path: Path, cells: Sequence[Sequence[object]]) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in cells:
        sheet.append(list(row))
    book.save(path)


def text_file(separator: str, *, mark: bool = False) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_bytes((b"\xef\xbb\xbf" if mark else b"") + joined(separator).encode())

    return write


def packed(path: Path) -> None:
    path.write_bytes(gzip.compress(joined("\t").encode()))


def read(path: Path) -> list[Row]:
    with opened(path) as table:
        return [table.header, *table.rows]


@pytest.mark.parametrize(
    "write",
    [text_file("\t"), text_file(","), text_file(";"), text_file(",", mark=True), packed, lambda p: workbook(p, ROWS)],
    ids=["tsv", "csv", "semicolons", "byte order mark", "gzip", "xlsx"],
)
def test_a_table_is_the_same_however_it_is_packed_whatever_its_name(
    tmp_path: Path, write: Callable[[Path], None]
) -> None:
    path = tmp_path / "table.dat"
    write(path)
    found = read(path)
    assert [list(row.cells) for row in found] == [[cell.strip() for cell in row] for row in ROWS]


def test_a_row_is_told_by_the_line_on_which_it_begins(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(joined(","), "utf-8", newline="")
    assert [row.line for row in read(path)] == [1, 2, 3, 5]


def test_rows_without_a_text_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("\na,b\n\n,\n1,2\n\n", "utf-8")
    assert read(path) == [Row(2, ("a", "b")), Row(5, ("1", "2"))]


def test_cells_of_a_workbook_are_as_in_the_table_that_it_was_made_from(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    workbook(path, [["a", "b", "c", "d", "e"], [18632605, 3091.0, 0.5, datetime(2021, 9, 7), None]])  # noqa: DTZ001  as cells are
    assert read(path)[1].cells == ("18632605", "3091", "0.5", "2021-09-07", "")


@given(
    st.lists(
        st.lists(
            st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufeff\u2028\u2029\x85")),
            min_size=2,
            max_size=4,
        ),
        min_size=1,
        max_size=5,
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_is_in_the_cells_is_read_back(tmp_path: Path, cells: list[list[str]]) -> None:
    wanted = [["miRNA", "gene"], *([*map(str.strip, row)] for row in cells if any(each.strip() for each in row))]
    path = tmp_path / "a.csv"
    path.write_text(
        "".join(
            ",".join('"' + each.replace('"', '""') + '"' for each in row) + "\n" for row in [["miRNA", "gene"], *cells]
        ),
        "utf-8",
        newline="",
    )
    assert [list(row.cells) for row in read(path)] == wanted


def cut(path: Path) -> None:
    path.write_bytes(gzip.compress(joined("\t").encode() * 2000)[:-40])


def spoiled(path: Path) -> None:
    path.write_bytes(gzip.compress(b"a\tb\n")[:10] + b"\xff" * 40)


def cut_workbook(path: Path) -> None:
    workbook(path, ROWS)
    path.write_bytes(path.read_bytes()[:1500])


def strange_archive(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "no workbook")


@pytest.mark.parametrize(
    ("write", "says"),
    [
        (lambda path: path.write_bytes(b""), "has no row"),
        (lambda path: path.write_bytes(b"\n\n"), "has no row"),
        (lambda path: path.write_bytes(b"\xd0\xcf\x11\xe0rest"), r"Save it as \.xlsx or as CSV"),
        (lambda path: path.write_bytes(b"a,b\n1,\xff\xfe\n"), ":2: is not UTF-8|:1: is not UTF-8"),
        (lambda path: path.write_bytes(b'a,b\n1,"2" 3\n'), ":2: is no table here"),
        (
            lambda path: path.write_bytes(b"a,b\n" + b"x" * (rows.LONGEST_LINE + 5)),
            ":2: has more than 1,000,000 characters",
        ),
        (cut, r":\d+: the packed file is damaged or cut off here"),
        (spoiled, ":1: the packed file is damaged"),
        (cut_workbook, ":1: the workbook is damaged"),
        (strange_archive, ":1: the workbook is damaged"),
        (lambda _: None, "cannot be read: No such file"),
        (lambda path: path.mkdir(), "cannot be read: Is a directory"),
    ],
)
def test_what_is_no_table_is_refused_with_its_place(tmp_path: Path, write: Callable[[Path], object], says: str) -> None:
    path = tmp_path / "table"
    write(path)
    with pytest.raises(TableError, match=says) as caught:
        read(path)
    assert str(path) in str(caught.value)


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.xlsx"
    workbook(path, ROWS)
    monkeypatch.setattr(rows, "MOST_UNPACKED", 100)
    with pytest.raises(TableError, match="unpacks to more than 100 bytes"):
        read(path)


def test_no_more_than_a_row_is_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    with path.open("w") as file:
        file.write("miRNA\tgene\n")
        for number in range(50_000):
            file.write(f"hsa-miR-{number}\tGENE{number}\n")
    tracemalloc.start()
    with opened(path) as table:
        assert sum(1 for _ in table.rows) == 50_000
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 500_000


def test_a_digest_is_of_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"abc")
    assert digest(path) == sha256(b"abc").hexdigest()
    with pytest.raises(TableError, match="cannot be read"):
        digest(tmp_path / "b")


def test_a_text_is_put_in_its_place_in_one_step(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.ttl"
    assert write_aside(path, "one") == path
    write_aside(path, "two")
    assert path.read_text("utf-8") == "two"
    assert list(path.parent.iterdir()) == [path]
    taken = tmp_path / "taken.ttl"
    taken.mkdir()
    with pytest.raises(OSError, match="directory"):
        write_aside(taken, "three")
    assert {each.name for each in tmp_path.iterdir()} == {"new", "taken.ttl"}
