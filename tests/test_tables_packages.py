"""Tests of archives from anybody: what is too much is refused before memory or time is spent on it."""

import os
import resource
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from itertools import chain, repeat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from spreadsheets import inline, workbook

from exo_onto.tables.files import read_file
from exo_onto.tables.grid import TableError
from exo_onto.tables.packages import MOST_BYTES

ROW = f"<row>{inline('study')}{inline('cause')}</row>"
DOCTYPE = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'


def rows(number: int, row: str) -> Iterator[str]:
    return chain([ROW], repeat(row * 1000, number // 1000))


def a_million_rows(path: Path) -> Path:
    return workbook(path, sheet=rows(1_000_000, f"<row>{inline('abc')}</row>"))


def a_million_empty_rows(path: Path) -> Path:
    return workbook(path, sheet=rows(1_000_000, '<row><c s="1"/></row>'))


def a_bomb(path: Path) -> Path:
    return workbook(path, sheet=chain([ROW], repeat(" " * 1_000_000, 400)))


def one_long_text(path: Path) -> Path:
    return workbook(
        path, sheet=chain(['<row><c t="inlineStr"><is><t>'], repeat("a" * 1_000_000, 100), ["</t></is></c></row>"])
    )


def one_long_row(path: Path) -> Path:
    return workbook(path, sheet=chain(["<row>"], repeat("<c/>" * 10_000, 500), ["</row>"]))


def one_long_tag(path: Path) -> Path:
    return workbook(path, sheet=chain(['<row x="'], repeat("a" * 1_000_000, 100), ['"/>']))


def many_texts(path: Path) -> Path:
    return workbook(path, sheet=[ROW], strings=repeat("<si><t/></si>" * 1000, 900))


def deep(path: Path) -> Path:
    return workbook(path, sheet=["<row>", "<a>" * 5000, "</a>" * 5000, "</row>"])


def far_away(path: Path) -> Path:
    return workbook(path, sheet=[ROW, f'<row r="99999999999">{inline("x")}</row>'])


def entities(path: Path) -> Path:
    return workbook(path, sheet=[ROW, f"<row>{inline('&b;')}</row>"], head=DOCTYPE)


def many_entries(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(15_000):
            archive.writestr(f"{number}{'x' * 60}", "")
    return path


def large(path: Path) -> Path:
    with path.open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    return path


def fifty_megabytes_of_pictures(path: Path) -> Path:
    workbook(path, sheet=[ROW])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_STORED) as archive, archive.open("xl/media/1.png", "w") as part:
        for _ in range(50):
            part.write(b"\xff" * 1_000_000)
    return path


HOSTILE: list[tuple[Callable[[Path], Path], str]] = [
    (a_million_rows, "rows, empty ones with them"),
    (a_million_empty_rows, "rows, empty ones with them"),
    (a_bomb, "unpacks to 381 MiB"),
    (one_long_text, "characters in one cell"),
    (one_long_row, "cells in one row"),
    (one_long_tag, "bytes in one tag"),
    (many_texts, "more than 500,000 texts"),
    (deep, "more than 64 levels"),
    (far_away, "row number 99999999999"),
    (entities, "declares a document type"),
    (many_entries, "too many entries"),
    (fifty_megabytes_of_pictures, "read: 1 sheet"),
    (large, "tables of up to 64 MiB are read"),
]

SCRIPT = """
import resource, sys
from pathlib import Path
from exo_onto.tables.files import read_file
from exo_onto.tables.grid import TableError
held = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (held + (96 << 20),) * 2)
try:
    print(f"read: {len(read_file(Path(sys.argv[1]), lambda name: True).grids)} sheet")
except TableError as error:
    print(error)
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads how much memory is held from /proc")
@pytest.mark.parametrize(("make", "said"), HOSTILE, ids=lambda each: getattr(each, "__name__", ""))
def test_what_is_too_much_is_refused_in_little_memory(make: Callable[[Path], Path], said: str, tmp_path: Path) -> None:
    path = make(tmp_path / "table.xlsx")
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(path)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "MALLOC_ARENA_MAX": "1"},
    )
    assert done.stderr == ""
    assert said in done.stdout
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss


def refused(path: Path) -> str:
    with pytest.raises(TableError) as caught:
        read_file(path, lambda _: True)
    return str(caught.value)


def test_what_is_no_archive_is_told(tmp_path: Path) -> None:
    path = tmp_path / "table.xlsx"
    path.write_bytes(b"study\tcause\n")
    assert "it is no ZIP archive" in refused(path)
    path.write_bytes(b"\xd0\xcf\x11\xe0" + b"\0" * 600)
    assert "workbook of the old format, or locked by a password" in refused(path)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("edges.tsv", "x")
    assert "packed in an unusual way" in refused(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("edges.tsv", "study\n")
    assert "damaged, or no .xlsx file" in refused(path)
    workbook(path, sheet=["<row>"])
    assert "is no XML" in refused(path)


def test_a_locked_entry_is_told(tmp_path: Path) -> None:
    path = tmp_path / "table.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("edges.tsv", "study\n")
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    assert "locked by a password" in refused(path)


def test_a_pipe_is_no_table(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "table.xlsx")
    assert "table.xlsx is no file" in refused(tmp_path / "table.xlsx")


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused_and_never_worse(data: st.DataObject, tmp_path: Path) -> None:
    path = workbook(tmp_path / "table.xlsx", sheet=[ROW, f"<row>{inline('a')}{inline('b')}</row>"])
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))] if data.draw(st.booleans()) else content)
    try:
        read_file(path, lambda _: True)
    except TableError as error:
        assert str(error)  # noqa: PT017  what it says is the point
