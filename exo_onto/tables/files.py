"""files: a path in, the table that is there out; and tables written, aside and renamed. Reads and writes files.

tables.xlsx   a workbook            tables.zip   a ZIP archive of TSV files            tables/   a folder of TSV files
"""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from exo_onto.tables.delimited import SUFFIX, read_archive, read_folder, write_archive, write_folder
from exo_onto.tables.grid import Grid, Table, TableError, Wrong
from exo_onto.tables.workbook import Dress, read_workbook, write_workbook

PART: Final = ".part"
"""How the names of files end that are being written; what a killed process left is swept by the next."""

KINDS: Final = "a workbook (tables.xlsx), a ZIP archive of TSV files (tables.zip) or a folder of them (tables/)"
LAYOUT: Final = "tables.toml"
"""What a root may have in place of the layout below."""

_OWN_LAYOUT = Path(__file__).parent / "columns.toml"


def is_table(path: Path) -> bool:
    """Say whether a path names a table, by its suffix: a folder has none."""
    return path.suffix.lower() in {"", ".xlsx", ".zip", SUFFIX}


def layout_text(root: Path) -> str:
    """Read the layout of a root's tables: its own, or else that of this package."""
    own = root / LAYOUT
    return (own if own.is_file() else _OWN_LAYOUT).read_text(encoding="utf-8")


def read_file(path: Path, wanted: Callable[[str], bool], *, encoding: str | None = None) -> Table:
    """Read the sheets that are wanted of a table, whatever kind of file it is.

    `encoding` is that of TSV files without a mark; UTF-8 by default. Raises TableError where it cannot be read.
    """
    try:
        if path.is_dir():
            return Table(path.absolute().name, read_folder(path.absolute(), wanted, encoding))
        if not path.exists():
            raise TableError(Wrong(None, f"There is no {path}."))
        if path.suffix.lower() == ".zip":
            return Table(path.name, read_archive(path, wanted, encoding))
        if path.suffix.lower() == ".xlsx":
            return Table(path.name, read_workbook(path, wanted))
    except OSError as error:
        raise TableError(Wrong(None, f"{path} cannot be read: {error.strerror or error}.")) from error
    raise TableError(Wrong(None, f"{path.name} is no table that can be read: name {KINDS}."))


def write_file(path: Path, grids: tuple[Grid, ...], dress: Dress, *, force: bool) -> None:
    """Write grids as a table, of the kind that the path names: aside, and renamed when it is whole.

    Raises TableError where something stands there and is not to be replaced, or where the path names no kind.
    """
    if path.suffix.lower() not in {"", ".xlsx", ".zip"}:
        raise TableError(Wrong(None, f"{path.name} is no name for a table: name {KINDS}."))
    if path.is_dir() and any(path.iterdir()):
        raise TableError(Wrong(None, f"{path} is a folder that is not empty.", "Name another, or empty it."))
    if path.is_file() and not force:
        raise TableError(Wrong(None, f"{path} is there already.", "Name another file, or replace it with --force."))

    def write(aside: Path) -> None:
        if path.suffix.lower() == ".xlsx":
            write_workbook(aside, grids, dress)
        elif path.suffix.lower() == ".zip":
            write_archive(aside, grids)
        else:
            write_folder(aside, grids)

    if not path.absolute().parent.is_dir():
        raise TableError(Wrong(None, f"There is no folder {path.parent} to write {path.name} in."))
    with writing(path):
        write_aside(path, write)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Tell in words what the world refuses."""
    try:
        yield
    except OSError as error:
        raise TableError(Wrong(None, f"{path} cannot be written: {error.strerror or error}.")) from error


def content(path: Path) -> bytes | None:
    """Read a file; None where there is none."""
    return path.read_bytes() if path.is_file() else None


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file, aside, and rename it; the folder that it lies in is made where there is none."""

    def write(aside: Path) -> None:
        aside.write_bytes(content)

    path.parent.mkdir(parents=True, exist_ok=True)
    write_aside(path, write)


def write_aside(path: Path, write: Callable[[Path], None]) -> None:
    """Have a file or folder written beside its place, brought to the disk, and put in its place by one rename."""
    sweep(path.parent)
    aside = path.with_name(f".{path.name}.{os.getpid()}{PART}")
    try:
        write(aside)
        for each in (*(aside.iterdir() if aside.is_dir() else ()), aside):
            _sync(each)
        aside.replace(path)
        _sync(path.parent)
    finally:
        _remove(aside)


def sweep(folder: Path) -> None:
    """Delete what writers that were killed left in a folder."""
    for left in folder.glob(f".*{PART}"):
        number = left.name.removesuffix(PART).rpartition(".")[2]
        if number.isdigit() and not _alive(int(number)):
            _remove(left)


@contextmanager
def locked(root: Path) -> Iterator[None]:
    """Let one process at a time change what is below a root's instances."""
    (root / "build").mkdir(exist_ok=True)
    with (root / "build" / ".tables.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(FileNotFoundError):
            path.unlink()


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
