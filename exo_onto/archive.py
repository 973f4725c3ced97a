"""archive: sources in, a copy of their files beside a snapshot out, and where they say something. Reads files.

A store does not know on which line of which file a triple stands. The files themselves do, so a snapshot keeps those
that it was made from, in `sources.zip`, up to a size; one file of them is parsed when somebody asks for a place in it.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from exo_onto.places import Place, Written, closest, statements
from exo_onto.sources import Sources

NAME: Final = "sources.zip"
MOST_KEPT: Final = 64_000_000
"""Up to how many bytes of sources are kept: some 6,000 studies told in full."""
_MOST_PARSED: Final = 256
"""How many files are remembered as they were parsed."""
_FIRST: Final = re.compile(rb"^\S+", re.MULTILINE)
"""What a line begins with: in Turtle, the subject of what follows."""


class Archive:
    """The files that a snapshot was made from, by their paths; none where none were kept."""

    def __init__(self, contents: Mapping[str, bytes]) -> None:
        """Look into some files."""
        self._contents = contents
        self._begun = _begun(contents)
        self._written = lru_cache(maxsize=_MOST_PARSED)(self._parsed)

    def place_of(self, subject: str, predicate: str, value: str) -> Place | None:
        """Find where a triple is written, or failing that its subject. IRIs and lexical forms as plain strings."""
        return closest(self._written(path).find(subject, predicate, value) for path in self._likely(subject))

    def _likely(self, subject: str) -> tuple[str, ...]:
        """Give the files in which a line begins with a subject, or where none does those that have it anywhere."""
        local = _local(subject.encode())
        return self._begun.get(local) or tuple(path for path, content in self._contents.items() if local in content)

    def _parsed(self, path: str) -> Written:
        return Written(statements(self._contents[path], path))


def _begun(contents: Mapping[str, bytes]) -> dict[bytes, tuple[str, ...]]:
    """Give the files in which lines begin with a name, by its last part."""
    found: dict[bytes, list[str]] = defaultdict(list)
    for path, content in contents.items():
        for name in {_local(first.rstrip(b">")) for first in _FIRST.findall(content)}:
            found[name].append(path)
    return {name: tuple(paths) for name, paths in found.items()}


def _local(name: bytes) -> bytes:
    """Give the last part of an IRI or a prefixed name."""
    return re.split(rb"[/#:]", name.rstrip(b"/#:"))[-1]


def keep(read: Sources, folder: Path, *, most: int = MOST_KEPT) -> None:
    """Keep the files of sources in the folder of a snapshot, unless they are too large."""
    if sum(file.size for file in read.files) > most:
        return
    with ZipFile(folder / NAME, "w", ZIP_DEFLATED) as archive:
        for file in read.files:
            archive.writestr(ZipInfo(file.path), file.content(), ZIP_DEFLATED)


def opened(folder: Path | None) -> Archive:
    """Open what a snapshot has kept. Nothing where it has not, or where that is damaged."""
    if folder is None:
        return Archive({})
    try:
        with ZipFile(folder / NAME) as archive:
            return Archive({path: archive.read(path) for path in archive.namelist()})
    except (OSError, BadZipFile):
        return Archive({})
