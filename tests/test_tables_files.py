"""Tests of files: each kind of table is read and written by its name, whole or not at all."""

import os
from pathlib import Path

import pytest

from exo_onto.tables.files import (
    content,
    is_table,
    layout_text,
    locked,
    read_file,
    sweep,
    write_aside,
    write_bytes,
    write_file,
)
from exo_onto.tables.grid import Grid, Line, TableError
from exo_onto.tables.workbook import Dress

GRIDS = (Grid("edges", ("study", "cause"), (Line(2, ("a", "=b")),)), Grid("facts", ("study",), ()))


@pytest.mark.parametrize("name", ["t.xlsx", "t.zip", "t"])
def test_each_kind_is_written_and_read(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    write_file(path, GRIDS, Dress(), force=False)
    table = read_file(path, lambda sheet: sheet != "facts")
    assert table.grids == GRIDS[:1]
    assert table.name == name
    assert is_table(path)
    assert [each.name for each in tmp_path.iterdir()] == [name]


def test_what_is_there_is_replaced_only_by_force(tmp_path: Path) -> None:
    path = tmp_path / "t.zip"
    path.write_text("mine")
    with pytest.raises(TableError, match=r"is there already. Name another file, or replace it with --force"):
        write_file(path, GRIDS, Dress(), force=False)
    assert path.read_text() == "mine"
    write_file(path, GRIDS, Dress(), force=True)
    folder = tmp_path / "t"
    folder.mkdir()
    write_file(folder, GRIDS, Dress(), force=False)
    with pytest.raises(TableError, match="a folder that is not empty"):
        write_file(folder, GRIDS, Dress(), force=True)


@pytest.mark.parametrize(
    ("name", "said"),
    [("none.xlsx", "There is no"), ("t.ods", "is no table that can be read"), ("e.tsv", "is no table")],
)
def test_what_cannot_be_read_is_told(name: str, said: str, tmp_path: Path) -> None:
    for each in ("t.ods", "e.tsv"):
        (tmp_path / each).write_text("x")
    with pytest.raises(TableError, match=said):
        read_file(tmp_path / name, lambda _: True)


def test_a_name_for_no_table_is_told(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"edges.tsv is no name for a table: name a workbook"):
        write_file(tmp_path / "edges.tsv", GRIDS, Dress(), force=False)
    with pytest.raises(TableError, match=r"There is no folder .*nowhere to write t.xlsx in"):
        write_file(tmp_path / "nowhere" / "t.xlsx", GRIDS, Dress(), force=False)


def test_a_writer_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "t.ttl"
    write_bytes(path, b"old")

    def fail(aside: Path) -> None:
        aside.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        write_aside(path, fail)
    assert content(path) == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["t.ttl"]
    assert content(tmp_path / "none") is None


def test_what_killed_writers_left_is_swept_and_of_living_ones_kept(tmp_path: Path) -> None:
    gone = 2**22 - 1
    for number in (gone, os.getpid()):
        (tmp_path / f".t.ttl.{number}.part").write_text("half")
    (tmp_path / f".t.{gone}.part").mkdir()
    (tmp_path / ".mine.part").write_text("x")
    sweep(tmp_path)
    assert {each.name for each in tmp_path.iterdir()} == {f".t.ttl.{os.getpid()}.part", ".mine.part"}


def test_a_root_may_have_a_layout_of_its_own(root: Path, tmp_path: Path) -> None:
    assert layout_text(tmp_path) == (root / "exo_onto" / "tables" / "columns.toml").read_text("utf-8")
    (tmp_path / "tables.toml").write_text("x = 1", encoding="utf-8")
    assert layout_text(tmp_path) == "x = 1"
    with locked(tmp_path):
        assert (tmp_path / "build").is_dir()
