"""delimited: a folder or a ZIP archive of TSV files in, grids out; and back. Reads and writes files.

Each sheet is a file of its own, `edges.tsv`: UTF-8, tabs between cells, quotation marks around a cell that has a tab, a
quotation mark or a line break (RFC 4180, with tabs for commas).
"""

import codecs
import csv
import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Final

from exo_onto.tables.grid import (
    LONGEST_CELL,
    MOST_COLUMNS,
    MOST_ROWS,
    Grid,
    Line,
    Spot,
    TableError,
    Wrong,
    guarded,
    unguarded,
)
from exo_onto.tables.packages import check_size, check_unpacked, opened

SUFFIX: Final = ".tsv"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_NOT_TABLES = (".csv", ".xlsx", ".xls", ".ods", ".txt")
_SAMPLE = 1 << 16
_LONGEST_LINE = MOST_COLUMNS * LONGEST_CELL
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time that all entries of an archive bear, so that the same tables give the same bytes."""


def read_folder(path: Path, wanted: Callable[[str], bool], encoding: str | None) -> tuple[Grid, ...]:
    """Read the TSV files of a folder."""
    files = sorted(each for each in path.iterdir() if each.is_file() and not each.name.startswith("."))
    _refuse_others([each.name for each in files], path.name)
    tables = [each for each in files if each.suffix.lower() == SUFFIX]
    check_size(path, sum(each.stat().st_size for each in tables))
    grids: list[Grid] = []
    for file in tables:
        if wanted(file.stem):
            with file.open("rb") as stream:
                grids.append(_grid(stream, file.stem, _left(grids), encoding))
    return tuple(grids)


def read_archive(path: Path, wanted: Callable[[str], bool], encoding: str | None) -> tuple[Grid, ...]:
    """Read the TSV files of a ZIP archive, wherever in it they stand."""
    with opened(path) as archive:
        entries = [each for each in archive.infolist() if not each.is_dir() and not _hidden(each.filename)]
        check_unpacked(path, entries)
        _refuse_others([each.filename for each in entries], path.name)
        grids: list[Grid] = []
        for entry in entries:
            name = Path(entry.filename)
            if name.suffix.lower() == SUFFIX and wanted(name.stem):
                with archive.open(entry) as stream:
                    grids.append(_grid(stream, name.stem, _left(grids), encoding))
    return tuple(grids)


def _hidden(name: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in Path(name).parts)


def _left(grids: list[Grid]) -> int:
    return MOST_ROWS - sum(len(grid.lines) for grid in grids)


def _refuse_others(names: list[str], where: str) -> None:
    others = [name for name in names if name.lower().endswith(_NOT_TABLES)]
    if others:
        raise TableError(
            Wrong(None, f"{where} has {others[0]}, which is no TSV.", f"Save it as {SUFFIX}, or move it away.")
        )
    if not any(name.lower().endswith(SUFFIX) for name in names):
        raise TableError(Wrong(None, f"{where} has no {SUFFIX} file.", "Each sheet is a file: edges.tsv."))


def _grid(stream: IO[bytes], name: str, left: int, encoding: str | None) -> Grid:
    start = stream.read(_SAMPLE)
    mark, found = next(((mark, each) for mark, each in _MARKS if start.startswith(mark)), (b"", encoding or "utf-8"))
    _refuse_wide(start.removeprefix(mark), found, name)
    headings: tuple[str, ...] | None = None
    lines: list[Line] = []
    reader = csv.reader(_text(start.removeprefix(mark), stream, found), delimiter="\t", strict=True)
    try:
        for number, cells in enumerate(reader, start=1):
            row = tuple(unguarded(cell.strip()) for cell in cells)
            _refuse_large(row, name, number)
            if headings is None:
                headings = row
            elif any(row):
                lines.append(Line(number, row))
            if len(lines) > left:
                raise TableError(Wrong(Spot(name, number), f"The table has more than {MOST_ROWS:,} rows.", "Part it."))
    except UnicodeError as error:
        raise _undecoded(name, found, start, len(lines) + 2, error) from error
    except csv.Error as error:
        what = f"The rows after line {reader.line_num - 1} are no TSV: {error}."
        raise TableError(Wrong(Spot(name), what, "Look for a quotation mark that is not closed.")) from error
    return Grid(name, headings or (), tuple(lines))


def _text(start: bytes, stream: IO[bytes], encoding: str) -> Iterator[str]:
    """Give the lines of a stream whose beginning has been read, whatever they end with."""
    try:
        decoder = codecs.getincrementaldecoder(encoding)()
    except LookupError as error:
        what = f"There is no encoding {encoding!r}."
        raise TableError(Wrong(None, what, "Name one such as utf-8, gb18030 or utf-16.")) from error
    kept = ""
    chunk = start
    while True:
        kept += decoder.decode(chunk, final=not chunk)
        if len(kept) > _LONGEST_LINE:
            raise TableError(
                Wrong(None, f"A line has more than {_LONGEST_LINE:,} characters.", "It is no table: mend it.")
            )
        *whole, kept = (
            io.StringIO(kept, newline="").readlines() or [""] if chunk else [*io.StringIO(kept, newline=""), ""]
        )
        yield from whole
        if not chunk:
            return
        chunk = stream.read(_SAMPLE)


def _refuse_wide(start: bytes, encoding: str, name: str) -> None:
    if encoding == "utf-8" and b"\0" in start:
        what = f"{name}{SUFFIX} has zero bytes: it seems to be UTF-16 without a mark."
        raise TableError(Wrong(None, what, "Save it as UTF-8, or read it with --encoding utf-16-le (or utf-16-be)."))


def _refuse_large(row: tuple[str, ...], name: str, number: int) -> None:
    if len(row) > MOST_COLUMNS:
        raise TableError(
            Wrong(Spot(name, number), f"The row has {len(row):,} cells; {MOST_COLUMNS} are read.", "Mend it.")
        )
    longest = max(map(len, row), default=0)
    if longest > LONGEST_CELL:
        what = f"A cell has {longest:,} characters; it may have {LONGEST_CELL:,}."
        raise TableError(Wrong(Spot(name, number), what, "Shorten it."))


def _undecoded(name: str, encoding: str, start: bytes, row: int, error: UnicodeError) -> TableError:
    """Say that a file is in another encoding, and in which, where that is plain."""
    what = f"{name}{SUFFIX} is not {encoding.upper()} (about row {row}: {getattr(error, 'reason', error)})."
    hint = "Save it as UTF-8, or name its encoding with --encoding."
    if encoding == "utf-8":
        try:
            read = codecs.getincrementaldecoder("gb18030")().decode(start)
        except UnicodeError:
            read = ""
        wide = sum("\u4e00" <= each <= "\u9fff" for each in read)
        if wide and wide >= sum(each > "\x7f" for each in read) * 0.6:
            hint = "It reads as Chinese in GBK: save it as UTF-8, or read it with --encoding gb18030."
    return TableError(Wrong(None, what, hint))


def write_folder(path: Path, grids: tuple[Grid, ...]) -> None:
    """Write grids as the TSV files of a new folder."""
    path.mkdir()
    for grid in grids:
        (path / f"{grid.name}{SUFFIX}").write_bytes(_bytes(grid))


def write_archive(path: Path, grids: tuple[Grid, ...]) -> None:
    """Write grids as a ZIP archive of TSV files; the same grids give the same bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for grid in grids:
            entry = zipfile.ZipInfo(f"{grid.name}{SUFFIX}", _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, _bytes(grid))


def _bytes(grid: Grid) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, delimiter="\t", lineterminator="\n")
    writer.writerow([guarded(each) for each in grid.headings])
    writer.writerows([guarded(each) for each in line.cells] for line in grid.lines)
    return out.getvalue().encode()
