"""opening: the path of a file in, its bytes unpacked, its digest and its format out. Reads files.

What a file is, its first bytes say, never its suffix: `.gz` or not, OBO, RDF/XML, OWL/XML, functional syntax, Turtle or
JSON.
"""

import gzip
import hashlib
import io
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import IO, Final
from xml.parsers import expat

from exo_onto.links.terms import DamagedError, LinksError, UnknownFormatError

MOST_TEXT: Final = 1_500_000_000
"""How many bytes of OBO, functional syntax or OWL/XML are read, which are held in memory as a whole."""

MOST_STREAM: Final = 20_000_000_000
"""How many bytes, unpacked, are read of what is read in a stream: more is a packed file that never ends."""

_GZIP: Final = b"\x1f\x8b"
_BLOCK: Final = 1 << 20
_OWL_ROOTS: Final = {"RDF": "RDF/XML", "Ontology": "OWL/XML"}


class Format(StrEnum):
    """The syntaxes that are read."""

    OBO = "OBO"
    FUNCTIONAL = "OWL functional syntax"
    OWL_XML = "OWL/XML"
    RDF_XML = "RDF/XML"
    TURTLE = "Turtle"
    JSON = "OBO-graph JSON"


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """Open a file for reading, unpacked where it is packed by gzip.

    Raises LinksError where it cannot be read, DamagedError where it is cut short or damaged, and says where.
    """
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == _GZIP
            raw.seek(0)
            file = gzip.GzipFile(fileobj=raw) if packed else raw
            try:
                yield file  # type: ignore[misc]
            except (EOFError, zlib.error, gzip.BadGzipFile) as error:
                where = f"byte {raw.tell():,} of {path.stat().st_size:,}"
                why = "is cut short" if isinstance(error, EOFError) else f"is damaged ({error})"
                raise DamagedError(f"{path}: the gzip file {why}, at {where}. Fetch it again.") from error
    except OSError as error:
        raise LinksError(f"{path}: The file cannot be read: {error.strerror or error}.") from error


def digest(path: Path) -> str:
    """Give the SHA-256 of a file as it lies on the disk, as `sha256sum` does."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise LinksError(f"{path}: The file cannot be read: {error.strerror or error}.") from error


def text_of(path: Path) -> str:
    """Read a whole file as UTF-8 text.

    Raises DamagedError where it is not, with the line, and LinksError where there is more than MOST_TEXT of it.
    """
    with opened(path) as file:
        content = file.read(MOST_TEXT + 1)
    if len(content) > MOST_TEXT:
        raise LinksError(
            f"{path}: More than {MOST_TEXT:,} bytes of text. Take its RDF/XML or JSON, which are streamed."
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DamagedError(f"{path}:{line}: The file is not UTF-8 there. Fetch it again.") from error


def blocks(path: Path) -> Iterator[bytes]:
    """Yield a file's bytes, unpacked, in pieces; of what never ends, no more than MOST_STREAM."""
    total = 0
    with opened(path) as file:
        while block := file.read(_BLOCK):
            total += len(block)
            if total > MOST_STREAM:
                raise LinksError(f"{path}: More than {MOST_STREAM:,} bytes, unpacked: this is no ontology.")
            yield block


class Stream(io.RawIOBase):
    """Lets the pieces of a file be read as a file."""

    def __init__(self, path: Path) -> None:
        """Begin with the first piece."""
        self._source = blocks(path)
        self._rest = b""

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Read so many bytes, or all."""
        while size < 0 or len(self._rest) < size:
            block = next(self._source, b"")
            if not block:
                break
            self._rest += block
        given, self._rest = (self._rest, b"") if size < 0 else (self._rest[:size], self._rest[size:])
        return given


def sniff(path: Path) -> Format:
    """Tell a file's syntax by how it begins.

    Raises DamagedError for an empty file, UnknownFormatError for what is not read.
    """
    with opened(path) as file:
        head = file.read(1 << 16)
    text = head.decode("utf-8-sig", errors="replace").lstrip()
    if not text:
        raise DamagedError(f"{path}: The file is empty. Fetch it again.")
    if text.startswith("{"):
        return Format.JSON
    if text.startswith("<") and not re.match(r"<[a-z]+://\S+>\s+<", text):
        return _xml(path, head)
    return _plain(path, text)


def _plain(path: Path, text: str) -> Format:
    said = re.sub(r"^(?:[#!].*\n|\s*\n)+", "", text)
    if re.match(r"(?:format-version|data-version|ontology|date)\s*:|\[(?:Term|Typedef)\]", said):
        return Format.OBO
    if re.match(r"(?:Prefix|Ontology)\s*\(", said):
        return Format.FUNCTIONAL
    if re.match(r"@?(?:prefix|base)\s|<[a-z]+://\S+>\s+<", said, re.IGNORECASE):
        return Format.TURTLE
    begin = said[:40].replace("\n", " ")
    raise UnknownFormatError(
        f"{path}: Neither OBO, OWL (RDF/XML, OWL/XML, functional syntax, Turtle) nor OBO-graph JSON: it begins "
        f"with {begin!r}."
    )


def _xml(path: Path, head: bytes) -> Format:
    """Tell by its outermost element what an XML file is."""
    seen: list[str] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, _: seen.append(name)
    try:
        parser.Parse(head, False)  # noqa: FBT003
    except expat.ExpatError as error:
        if not seen:
            raise damaged_xml(path, error) from error
    root = seen[0].rpartition(":")[2] if seen else ""
    if root not in _OWL_ROOTS:
        kind = "a web page" if root.lower() == "html" else f"XML of another kind (<{root}>)"
        raise UnknownFormatError(f"{path}: This is {kind}, and no ontology. Fetch it again.")
    return Format(_OWL_ROOTS[root])


def well_formed(path: Path) -> None:
    """See that an XML file is whole: a parser of RDF may take the first part of one for all of it.

    Raises DamagedError with line and column.
    """
    parser = expat.ParserCreate()
    try:
        for block in blocks(path):
            parser.Parse(block, False)  # noqa: FBT003
        parser.Parse(b"", True)  # noqa: FBT003
    except expat.ExpatError as error:
        raise damaged_xml(path, error) from error


def damaged_xml(path: Path, error: expat.ExpatError) -> DamagedError:
    """Say where XML is broken or cut short."""
    why = expat.ErrorString(error.code)
    return DamagedError(
        f"{path}:{error.lineno}:{error.offset + 1}: The XML is broken or cut short: {why}. Fetch it again."
    )
