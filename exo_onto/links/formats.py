"""formats: the path of an ontology's file in, a `Document` of its terms out; whatever syntax it is in. Reads files."""

import io
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, cast

import ijson
import pyhornedowl
from pyoxigraph import RdfFormat, parse

from exo_onto.links import axioms, obo, obograph, triples
from exo_onto.links.opening import Format, blocks, digest, opened, sniff, text_of, well_formed
from exo_onto.links.terms import DamagedError, Document, Header, Term

Progress = Callable[[str], None]
"""Called with what is being done."""

_ISO: Final = re.compile(r"(?<!\d)(?:19|20)\d{2}-\d{2}(?:-\d{2})?(?!\d)")
_COMPACT: Final = re.compile(r"(?<!\d)((?:19|20)\d{2})(0[1-9]|1[0-2])([0-3]\d)(?!\d)")
_DAY_FIRST: Final = re.compile(r"(\d{2}):(\d{2}):(\d{4})")
_MOST_FOR_PLACE: Final = 300_000_000
"""Up to how many bytes JSON that is refused is read once more, as a whole, to say where."""

_Read = tuple[dict[str, Term], Header, tuple[str, ...]]


def read(path: Path, *, progress: Progress = print) -> Document:
    """Read the terms of an ontology from a file in any of the formats of `opening`, packed or not.

    Raises LinksError: DamagedError for what is broken, cut short or without a term, and UnknownFormatError.
    """
    syntax = sniff(path)
    progress(f"read {path.name} ({syntax})")
    terms, header, warnings = _READERS[syntax](path)
    if not terms:
        raise DamagedError(f"{path}: No term was found in this {syntax}: it is cut short, or no ontology. Fetch it again.")
    header = replace(header, date=header.date or _date(header.version) or _date(path.name))
    return Document(path, syntax.value, digest(path), header, terms, warnings)


def _date(text: str | None) -> str | None:
    """Find a date in a version or a file's name: year, month and, where it is told, day."""
    said = text or ""
    iso, compact, day = _ISO.search(said), _COMPACT.search(said), _DAY_FIRST.search(said)
    if iso:
        return iso[0]
    if compact:
        return "-".join(compact.groups())
    return "-".join(reversed(day.groups())) if day else None


def _read_obo(path: Path) -> _Read:
    text = text_of(path)
    parsed = obo.parse(text, str(path))
    terms = axioms.terms(parsed.ontology)
    cut = obo.missing(terms)
    if cut:
        raise DamagedError(f"{path}:{text.count(chr(10))}: {cut}")
    return terms, obo.header(text), parsed.warnings


def _read_text(path: Path, serialization: str) -> _Read:
    """Read what py-horned-owl reads as a whole."""
    text = text_of(path)
    try:
        ontology = pyhornedowl.open_ontology_from_string(text, serialization=cast("Any", serialization))
    except ValueError as error:
        place = re.search(r"line_col: (?:Pos|Span)\(\(+(\d+), (\d+)\)", str(error))
        where = f":{place[1]}:{place[2]}" if place else ""
        quoted = text.splitlines()[int(place[1]) - 1][:80] if place else str(error)[:120]
        raise DamagedError(f"{path}{where}: The file is broken or cut short there: {quoted!r}. Fetch it again.") from error
    return axioms.terms(ontology), axioms.header(ontology), ()


def _read_functional(path: Path) -> _Read:
    return _read_text(path, "ofn")


def _read_owl_xml(path: Path) -> _Read:
    well_formed(path)
    return _read_text(path, "owx")


def _read_rdf_xml(path: Path) -> _Read:
    well_formed(path)
    return _read_rdf(path, RdfFormat.RDF_XML)


def _read_turtle(path: Path) -> _Read:
    return _read_rdf(path, RdfFormat.TURTLE)


def _read_rdf(path: Path, syntax: RdfFormat) -> _Read:
    """Read RDF as a stream."""
    try:
        terms, header = triples.gather(parse(cast("Any", _Blocks(blocks(path))), format=syntax, base_iri=path.as_uri()))
    except SyntaxError as error:
        where = f":{error.lineno}:{error.offset}" if error.lineno else ""
        raise DamagedError(f"{path}{where}: The {syntax} is broken or cut short: {error.msg}. Fetch it again.") from error
    return terms, header, ()


class _Blocks(io.RawIOBase):
    """Lets blocks be read as a file."""

    def __init__(self, source: Iterator[bytes]) -> None:
        self._source = source
        self._rest = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while size < 0 or len(self._rest) < size:
            block = next(self._source, b"")
            if not block:
                break
            self._rest += block
        given, self._rest = (self._rest, b"") if size < 0 else (self._rest[:size], self._rest[size:])
        return given


def _read_json(path: Path) -> _Read:
    """Read the graph as a stream: first its nodes, then its edges, wherever in the file they stand."""
    try:
        gathering = obograph.gathered(
            _each(path, "graphs.item.nodes.item"),
            _each(path, "graphs.item.edges.item"),
            _each(path, "graphs.item.logicalDefinitionAxioms.item"),
        )
        iri = next(iter(_each(path, "graphs.item.id")), None)
        meta = next(iter(_each(path, "graphs.item.meta")), None)
    except (ijson.JSONError, AttributeError) as error:
        raise DamagedError(f"{path}{_place(path)}: The JSON is broken or cut short there. Fetch it again.") from error
    return gathering.terms(), obograph.header(cast("Any", iri), cast("Any", meta) or {}), ()


def _each(path: Path, prefix: str) -> Iterable[obograph.Json]:
    with opened(path) as file:
        yield from ijson.items(file, prefix)


def _place(path: Path) -> str:
    """Find where JSON is broken: line and column, from the parser of the standard library."""
    content = b""
    for block in blocks(path):
        content += block
        if len(content) > _MOST_FOR_PLACE:
            return ""
    try:
        json.loads(content)
    except json.JSONDecodeError as error:
        return f":{error.lineno}:{error.colno}"
    except UnicodeDecodeError as error:
        return f":{content.count(bytes((10,)), 0, error.start) + 1}"
    return ""


_READERS: Final[dict[Format, Callable[[Path], _Read]]] = {
    Format.OBO: _read_obo,
    Format.FUNCTIONAL: _read_functional,
    Format.OWL_XML: _read_owl_xml,
    Format.RDF_XML: _read_rdf_xml,
    Format.TURTLE: _read_turtle,
    Format.JSON: _read_json,
}
