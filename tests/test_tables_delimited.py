"""Tests of TSV: what is written comes back, in whichever encoding it was marked; what is not to be read is told."""

import codecs
import os
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exo_onto.tables.delimited import read_archive, read_folder, write_archive, write_folder
from exo_onto.tables.grid import MOST_ROWS, Grid, Line, TableError

TEXT = "study\tcause\nzhu-lf-2020\t混合谱系激酶3\n"
ROWS = (Line(2, ("zhu-lf-2020", "混合谱系激酶3")),)


def everything(_: str) -> bool:
    return True


def folder(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "tables"
    path.mkdir(exist_ok=True)
    (path / "edges.tsv").write_bytes(content)
    return path


def refused(path: Path, encoding: str | None = None) -> str:
    with pytest.raises(TableError) as caught:
        (read_folder if path.is_dir() else read_archive)(path, everything, encoding)
    return str(caught.value)


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0\ufeff"), max_size=10).map(str.strip)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(cells, cells), max_size=5))
def test_what_is_written_comes_back(rows: list[tuple[str, str]], tmp_path: Path) -> None:
    grid = Grid("edges", ("study", "cause"), tuple(Line(n, row) for n, row in enumerate(rows, start=2)))
    write_archive(tmp_path / "t.zip", (grid,))
    (read,) = read_archive(tmp_path / "t.zip", everything, None)
    assert [line.cells for line in read.lines] == [row for row in rows if any(row)]


def test_folders_and_archives_hold_the_same(tmp_path: Path) -> None:
    grids = (Grid("edges", ("study", "cause"), ROWS),)
    write_folder(tmp_path / "t", grids)
    write_archive(tmp_path / "t.zip", grids)
    first = (tmp_path / "t.zip").read_bytes()
    assert read_folder(tmp_path / "t", everything, None) == read_archive(tmp_path / "t.zip", everything, None) == grids
    write_archive(tmp_path / "t.zip", grids)
    assert (tmp_path / "t.zip").read_bytes() == first


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
    ],
)
def test_a_marked_encoding_is_read(mark: bytes, encoding: str, tmp_path: Path) -> None:
    (grid,) = read_folder(folder(tmp_path, mark + TEXT.encode(encoding)), everything, None)
    assert (grid.headings, grid.lines) == (("study", "cause"), ROWS)


@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "utf-16-le"])
def test_an_encoding_without_a_mark_is_named_and_read_when_given(encoding: str, tmp_path: Path) -> None:
    path = folder(tmp_path, TEXT.encode(encoding))
    said = refused(path)
    assert "--encoding gb18030" in said or "--encoding utf-16-le" in said
    assert read_folder(path, everything, encoding)[0].lines == ROWS


def test_files_in_mixed_encodings_are_told_by_name(tmp_path: Path) -> None:
    path = folder(tmp_path, TEXT.encode())
    (path / "studies.tsv").write_bytes(TEXT.encode("gbk"))
    assert "studies.tsv is not UTF-8 (about row 2:" in refused(path)


def test_what_is_no_encoding_is_told(tmp_path: Path) -> None:
    path = folder(tmp_path, b"caf\xe9\n")
    assert "is not UTF-8" in refused(path)
    assert "There is no encoding 'nonsense'" in refused(path, "nonsense")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_may_end_as_they_like(end: str, tmp_path: Path) -> None:
    text = TEXT.replace("\n", end) + 'a\t"two\nlines"' + end
    (grid,) = read_folder(folder(tmp_path, text.encode()), everything, None)
    assert grid.lines == (*ROWS, Line(3, ("a", "two\nlines")))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'study\n"open\n', "Look for a quotation mark that is not closed"),
        (b"study\n" + b"a\t" * 300 + b"\n", "The row has 301 cells"),
        (b"study\n" + b"a" * 40_000 + b"\n", "A cell has 40,000 characters"),
        (b"study\n" + b"a" * 9_000_000, "A line has more than"),
        (b"study\n" + b"a\n" * (MOST_ROWS + 1), "more than 100,000 rows"),
    ],
)
def test_what_is_too_much_is_told(content: bytes, said: str, tmp_path: Path) -> None:
    assert said in refused(folder(tmp_path, content))


def test_a_risky_text_is_guarded_in_the_file(tmp_path: Path) -> None:
    write_folder(tmp_path / "t", (Grid("edges", ("study",), (Line(2, ("=1+1",)),)),))
    assert (tmp_path / "t" / "edges.tsv").read_text("utf-8") == "study\n'=1+1\n"
    assert read_folder(tmp_path / "t", everything, None)[0].lines[0].cells == ("=1+1",)


def test_other_files_beside_are_told_and_hidden_ones_left_alone(tmp_path: Path) -> None:
    path = folder(tmp_path, TEXT.encode())
    (path / ".DS_Store").write_bytes(os.urandom(10))
    assert read_folder(path, everything, None)
    (path / "edges.csv").write_text("study\n")
    assert "edges.csv, which is no TSV" in refused(path)
    (path / "edges.csv").unlink()
    (path / "edges.tsv").unlink()
    assert "has no .tsv file" in refused(path)


def test_a_damaged_entry_is_told(tmp_path: Path) -> None:
    path = tmp_path / "t.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("edges.tsv", TEXT)
    content = path.read_bytes()
    path.write_bytes(content.replace(b"cause", b"cuase"))
    assert "damaged, or no .zip file" in refused(path)
