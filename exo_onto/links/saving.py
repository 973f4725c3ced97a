"""saving: changes of files in, the files changed or none of them. Reads and writes files."""

import codecs
import os
from collections.abc import Iterable
from pathlib import Path

from exo_onto.links.edits import Change


class SavingError(Exception):
    """A file is not as it was read, so that writing it would undo what somebody else did, or it cannot be written."""


def texts_below(root: Path, folder: str, suffix: str) -> tuple[tuple[str, str], ...]:
    """Read the files of a folder that end in a suffix, to the letter: for each its path below the root, and its text.

    A file that is not UTF-8 is passed over: `check` tells of it.
    """
    found = []
    for path in sorted((root / folder).glob(f"*{suffix}")):
        try:
            found.append((path.relative_to(root).as_posix(), _text(path)))
        except UnicodeDecodeError:
            continue
    return tuple(found)


def save(root: Path, changes: Iterable[Change]) -> None:
    """Write each changed file aside and rename it, so that none is ever half-written.

    Raises SavingError where a file was changed since it was read, before any is touched.
    """
    wanted = list(changes)
    for change in wanted:
        path = root / change.path
        if (_text(path) if path.exists() else "") != change.before:
            raise SavingError(f"{change.path} was changed by somebody else meanwhile: run the command again.")
    for change in wanted:
        target = root / change.path
        old = target.exists()
        mark = codecs.BOM_UTF8 if old and target.read_bytes().startswith(codecs.BOM_UTF8) else b""
        _replace(target, mark + change.after.encode(), target.stat().st_mode if old else None)


def write_new(path: Path, text: str) -> None:
    """Write a file whatever was there, aside first."""
    _replace(path, text.encode(), None)


def _replace(target: Path, content: bytes, mode: int | None) -> None:
    aside = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        aside.write_bytes(content)
        if mode is not None:
            aside.chmod(mode)
        aside.replace(target)
    except OSError as error:
        raise SavingError(f"{target}: The file cannot be written: {error.strerror}.") from error
    finally:
        aside.unlink(missing_ok=True)


def _text(path: Path) -> str:
    return path.read_bytes().removeprefix(codecs.BOM_UTF8).decode()
