"""packages: a ZIP archive from anybody in; opened if it is bounded, and looked through before a library reads it.

What is refused is told in a sentence, before memory or time is spent on it. The bounds are the ones below.
"""

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final
from xml.parsers import expat

from exo_onto.tables.grid import MOST_ROWS, TableError, Wrong

MOST_BYTES: Final = 64 << 20
"""How large a file of tables may be."""

MOST_UNPACKED: Final = 256 << 20
"""How large all that is read of an archive may be, unpacked."""

MOST_OF_PARTS: Final = {"xl/worksheets/": 256 << 20, "xl/sharedStrings.xml": 16 << 20}
MOST_OF_PART: Final = 4 << 20
"""How large a part of a workbook may be that a library reads in one piece: by name, and any other."""

MOST_DIRECTORY: Final = 1 << 20
"""How large the directory of an archive may be: some 10,000 entries."""

LAST_ROW: Final = 1_048_576
MOST_GRID_ROWS: Final = 2 * MOST_ROWS
MOST_CELLS: Final = 16_384
MOST_CELLS_IN_ALL: Final = 4_000_000
MOST_STRINGS: Final = 500_000
MOST_OTHERS: Final = 500_000
MOST_WITHIN: Final = 2_000
MOST_TEXT: Final = 200_000
DEEPEST: Final = 64
"""How many rows a worksheet may have, empty ones too, cells a row and a worksheet; how much one cell may hold."""

DAMAGES: Final = (zipfile.BadZipFile, zlib.error, EOFError, struct.error, ValueError, KeyError)
"""What the standard library says of archives that are not what they should be."""

_CHUNK = 1 << 16
_LONGEST_TAG = 1 << 20
_END, _END_64, _COMMENT = b"PK\x05\x06", b"PK\x06\x07", 1 << 16
_END_BYTES = 22
_DIGITS = 9
_OLD = b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True)
class Contents:
    """What a look through a workbook found: the part of each sheet, and the merged cells of each part."""

    sheets: dict[str, str]
    merged: dict[str, list[str]]


def check_size(path: Path, size: int) -> None:
    """Refuse a file that is larger than MOST_BYTES."""
    if size > MOST_BYTES:
        what = f"{path.name} has {size >> 20} MiB; tables of up to {MOST_BYTES >> 20} MiB are read."
        raise TableError(Wrong(None, what, "Part it, or delete what is no table (pictures, other sheets)."))


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open an archive whose directory and unpacked size are bounded.

    Raises TableError where they are not, where it is none, is damaged, or is locked by a password.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise TableError(Wrong(None, f"{path.name} is no file.", "Name a file or a folder of tables."))
    check_size(path, path.stat().st_size)
    _check_directory(path)
    try:
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                if entry.flag_bits & 1:
                    raise TableError(Wrong(None, f"{path.name} is locked by a password.", "Save it without one."))
                if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
                    raise TableError(Wrong(None, f"{path.name}: {entry.filename} is packed in an unusual way."))
            yield archive
    except (*DAMAGES, NotImplementedError) as error:
        raise damaged(path, str(error)) from error


def damaged(path: Path, why: str) -> TableError:
    """Say that a file is not what its name says."""
    what = f"{path.name} is damaged, or no {path.suffix} file: {why}."
    return TableError(Wrong(None, what, "Open it in the program that made it, and save it anew."))


def check_unpacked(path: Path, entries: list[zipfile.ZipInfo]) -> None:
    """Refuse entries that are larger, unpacked, than MOST_UNPACKED together: a bomb, or no table."""
    size = sum(entry.file_size for entry in entries)
    if size > MOST_UNPACKED:
        what = f"{path.name} unpacks to {size >> 20} MiB; up to {MOST_UNPACKED >> 20} MiB are read."
        raise TableError(Wrong(None, what, "Part it into smaller tables."))


def look_through(path: Path, archive: zipfile.ZipFile) -> Contents:
    """Look through the XML of a workbook, in little memory.

    Raises TableError where there is more of anything than a table needs, where it declares entities (ECMA-376, part 2,
    section 9.1.4 forbids document types), or is no XML.
    """
    parts = [entry for entry in archive.infolist() if entry.filename.endswith((".xml", ".rels"))]
    check_unpacked(path, parts)
    for part in parts:
        most = next((size for name, size in MOST_OF_PARTS.items() if part.filename.startswith(name)), MOST_OF_PART)
        if part.file_size > most:
            what = f"{path.name}: its part {part.filename} has {part.file_size >> 20} MiB; up to {most >> 20} are read."
            raise TableError(Wrong(None, what, "Delete formats and texts that the tables do not need."))
    found = _Found({}, {}, {}, [0])
    for part in parts:
        with archive.open(part) as stream:
            _Look(path, part.filename, found).through(stream)
    sheets = {name: found.targets.get(number, "") for name, number in found.sheets.items()}
    return Contents(sheets, found.merged)


@dataclass(frozen=True)
class _Found:
    sheets: dict[str, str]
    targets: dict[str, str]
    merged: dict[str, list[str]]
    full_rows: list[int]


class _Look:
    """Counts what an XML file has, and stops where that is too much."""

    def __init__(self, path: Path, part: str, found: _Found) -> None:
        self._path = path
        self._part = part
        self._found = found
        self._depth = self._rows = self._cells = self._all_cells = self._strings = self._others = self._within = (
            self._text
        ) = 0
        self._full = False
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.StartDoctypeDeclHandler = self._doctype

    def through(self, stream: IO[bytes]) -> None:
        fed = 0
        try:
            while chunk := stream.read(_CHUNK):
                self._parser.Parse(chunk, False)  # noqa: FBT003  expat takes it so
                fed += len(chunk)
                self._bound(fed - self._parser.CurrentByteIndex, _LONGEST_TAG, "bytes in one tag")
            self._parser.Parse(b"", True)  # noqa: FBT003
        except (expat.ExpatError, LookupError, ValueError) as error:
            raise damaged(self._path, f"{self._part} is no XML ({error})") from error

    def _bound(self, number: int, most: int, of: str) -> None:
        if number > most:
            what = f"{self._path.name}: its part {self._part} has more than {most:,} {of}."
            raise TableError(Wrong(None, what, "Part it into smaller tables, or delete what is no table."))

    def _doctype(self, *_: object) -> None:
        raise damaged(self._path, f"{self._part} declares a document type, which no workbook does")

    def _characters(self, text: str) -> None:
        self._text += len(text)
        self._bound(self._text, MOST_TEXT, "characters in one cell")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._bound(self._depth, DEEPEST, "levels")
        match name.rpartition(":")[2]:
            case "row":
                self._row(attributes.get("r", ""))
            case "c":
                self._cells += 1
                self._all_cells += 1
                self._within = self._text = 0
                self._bound(self._cells, MOST_CELLS, "cells in one row")
                self._bound(self._all_cells, MOST_CELLS_IN_ALL, "cells, empty ones with them")
            case "si":
                self._strings += 1
                self._within = self._text = 0
                self._bound(self._strings, MOST_STRINGS, "texts")
            case "v" | "t" | "f" | "is":
                self._inside()
                self._count_row()
            case local:
                self._other(local, attributes)

    def _row(self, number: str) -> None:
        self._rows += 1
        self._cells = 0
        self._full = False
        self._bound(self._rows, MOST_GRID_ROWS, "rows, empty ones with them")
        if number and not (number.isdecimal() and len(number) < _DIGITS and int(number) <= LAST_ROW):
            raise damaged(self._path, f"{self._part} has a row number {number[:20]}")

    def _end(self, _: str) -> None:
        self._depth -= 1

    def _inside(self) -> None:
        self._within += 1
        self._bound(self._within, MOST_WITHIN, "elements in one cell")

    def _count_row(self) -> None:
        if not self._full and self._rows:
            self._full = True
            self._found.full_rows[0] += 1
            if self._found.full_rows[0] > 2 * MOST_ROWS:  # there are headings, and sheets that are not read
                what = f"{self._path.name} has more than {MOST_ROWS:,} rows."
                raise TableError(Wrong(None, what, "Part it into smaller tables, by studies."))

    def _other(self, local: str, attributes: dict[str, str]) -> None:
        self._others += 1
        self._text = 0
        self._bound(self._others, MOST_OTHERS, "elements besides cells")
        if local == "mergeCell":
            self._found.merged.setdefault(self._part, []).append(attributes.get("ref", "?"))
        elif local == "sheet" and self._part == "xl/workbook.xml":
            number = next((value for key, value in attributes.items() if key.endswith(":id")), "")
            self._found.sheets[attributes.get("name", "")] = number
        elif local == "Relationship" and self._part == "xl/_rels/workbook.xml.rels":
            target = attributes.get("Target", "").removeprefix("/xl/")
            self._found.targets[attributes.get("Id", "")] = f"xl/{target}"


def _check_directory(path: Path) -> None:
    """Refuse an archive whose directory is too large to be read at once."""
    with path.open("rb") as file:
        if file.read(len(_OLD)) == _OLD:
            what = f"{path.name} is a workbook of the old format, or locked by a password."
            raise TableError(Wrong(None, what, "Save it as .xlsx, without a password."))
        size = file.seek(0, 2)
        file.seek(max(0, size - _COMMENT - _END_BYTES))
        tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_BYTES:
        raise damaged(path, "it is no ZIP archive")
    length = int.from_bytes(tail[at + 12 : at + 16], "little")
    if length > MOST_DIRECTORY or tail[max(0, at - 20) : at].startswith(_END_64):
        raise TableError(Wrong(None, f"{path.name} has too many entries for a table.", "Save it anew."))
