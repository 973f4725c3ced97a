"""rows: a table (CSV, TSV or XLSX, packed or not) in, its rows one at a time with their places out. Reads files.

What a file is, is told by its bytes and not by its name. No more of it is in memory than one row; of a workbook, the
texts that its cells share besides, which is why how large it may unpack is bounded.
"""

import csv
import gzip
import hashlib
import io
import os
import zipfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Final
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

LONGEST_LINE: Final = 1_000_000
"""Characters that a line of text may have."""
MOST_UNPACKED: Final = 4 * 2**30
"""Bytes that a workbook may unpack to."""
_GZIP, _ZIP, _OLD_EXCEL = b"\x1f\x8b", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_SEPARATORS: Final = "\t,;"


class TableError(Exception):
    """A file cannot be read as a table; says where, why, and what to do."""


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of a row, as texts without blanks around them, and the line on which it begins."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """The header of a table, and its other rows, to be read once."""

    header: Row
    rows: Iterator[Row]


def digest(path: Path) -> str:
    """Give the SHA-256 of a file's bytes. Raises TableError where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise TableError(f"{path}: cannot be read: {error.strerror or error}. Name a file that is there.") from error


@contextmanager
def opened(path: Path) -> Iterator[Table]:
    """Open a table. Raises TableError, then or while its rows are read, for what is none, or is damaged."""
    with ExitStack() as held:
        try:
            file = held.enter_context(path.open("rb"))
            rows = _told(path, read := _rows(path, file, held))
            held.callback(read.close)
        except OSError as error:
            raise TableError(
                f"{path}: cannot be read: {error.strerror or error}. Name a file that is there."
            ) from error
        header = next(rows, None)
        if header is None:
            raise TableError(f"{path}: has no row. Name a table with a header and rows below it.")
        yield Table(header, rows)


def write_aside(path: Path, text: str) -> Path:
    """Write a text beside its place, and put it there in one step. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        aside.write_text(text, "utf-8")
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    return path


def _rows(path: Path, file: BinaryIO, held: ExitStack) -> Generator[Row]:
    """Choose how to read a file by how it begins."""
    start = file.read(4)
    file.seek(0)
    if start.startswith(_OLD_EXCEL):
        raise TableError(f"{path}: is a workbook of the old kind (.xls). Save it as .xlsx or as CSV.")
    if start.startswith(_ZIP):
        return _of_workbook(path, file)
    unpacked = held.enter_context(gzip.GzipFile(fileobj=file)) if start.startswith(_GZIP) else file
    text = held.enter_context(io.TextIOWrapper(unpacked, encoding="utf-8-sig", newline=""))
    return _of_text(path, text)


def _told(path: Path, rows: Iterator[Row]) -> Iterator[Row]:
    """Say of a damaged file after which line the damage is. Rows without a text are left out."""
    last = 0
    try:
        for row in rows:
            last = row.line
            if any(row.cells):
                yield row
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise TableError(f"{path}:{last + 1}: the packed file is damaged or cut off here. Fetch it again.") from error
    except UnicodeDecodeError as error:
        raise TableError(f"{path}:{last + 1}: is not UTF-8, here or soon after. Save it as UTF-8.") from error
    except csv.Error as error:
        raise TableError(f"{path}:{last + 1}: is no table here: {error}. Mend the quotes of this line.") from error
    except (zipfile.BadZipFile, KeyError, ParseError, InvalidFileException) as error:
        raise TableError(f"{path}:{last + 1}: the workbook is damaged: {error}. Save it again, or as CSV.") from error


def _of_text(path: Path, file: io.TextIOWrapper) -> Generator[Row]:
    lines = _lines(path, file)
    before, first = 0, ""
    for before, first in enumerate(lines):  # noqa: B007  how many lines are empty is asked after
        if first.strip():
            break
    reader = csv.reader(chain([first], lines), delimiter=max(_SEPARATORS, key=first.count), strict=True)
    line = before + 1
    for cells in reader:
        yield Row(line, tuple(map(str.strip, cells)))
        line = before + reader.line_num + 1


def _lines(path: Path, file: io.TextIOWrapper) -> Iterator[str]:
    number = 0
    while line := file.readline(LONGEST_LINE):
        number += 1
        if len(line) == LONGEST_LINE and not line.endswith(("\n", "\r")):
            raise TableError(f"{path}:{number}: has more than {LONGEST_LINE:,} characters. Is this a table?")
        yield line


def _of_workbook(path: Path, file: BinaryIO) -> Generator[Row]:
    """Read the first sheet of a workbook."""
    with zipfile.ZipFile(file) as parts:
        if sum(part.file_size for part in parts.infolist()) > MOST_UNPACKED:
            raise TableError(f"{path}: unpacks to more than {MOST_UNPACKED:,} bytes. Save it as CSV.")
    book = load_workbook(file, read_only=True, data_only=True)
    try:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what a file says of its own size need not be so
        width = 0
        for line, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
            width = width or len(cells)  # a sheet leaves off the empty cells at the end of a row
            yield Row(line, tuple(map(_text, cells)) + ("",) * (width - len(cells)))
    finally:
        book.close()


def _text(value: object) -> str:
    """Write a cell as the table that it was made from had it: numbers without a fraction, dates by ISO 8601."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, date):
        return value.isoformat()[:10]
    return str(value).strip()
