"""formats: the path of an ontology's file in, a `Document` of its terms out; whatever syntax it is in. Reads files."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, cast

import ijson
import pyhornedowl
from pyoxigraph import Quad, RdfFormat, parse

from exo_onto.links import axioms, obo, obograph, triples
from exo_onto.links.opening import Format, Stream, blocks, digest, opened, sniff, text_of, well_formed
from exo_onto.links.terms import DamagedError, Header, Kind, Term

Progress = Callable[[str], None]
"""Called with what is being done."""

_ISO: Final = re.compile(r"(?<!\d)(?:19|20)\d{2}-\d{2}(?:-\d{2})?(?!\d)")
_COMPACT: Final = re.compile(r"(?<!\d)((?:19|20)\d{2})(0[1-9]|1[0-2])([0-3]\d)(?!\d)")
_DAY_FIRST: Final = re.compile(r"(\d{2}):(\d{2}):(\d{4})")
_MOST_FOR_PLACE: Final = 300_000_000
"""Up to how many bytes JSON that is refused is read once more, as a whole, to say where."""

_Read = tuple[dict[str, Term], Header, tuple[str, ...]]


@dataclass(frozen=True)
class Document:
    """A file of an ontology, read: its format, its SHA-256 as it lies on the disk, and its terms by IRI.

    `warnings` tell what was passed over for it to be read.
    """

    path: Path
    format: str
    sha256: str
    header: Header
    terms: Mapping[str, Term]
    warnings: tuple[str, ...] = ()


def read(path: Path, *, progress: Progress = print) -> Document:
    """Read the terms of an ontology from a file in any of the formats of `opening`, packed or not.

    Raises LinksError: DamagedError for what is broken, cut short or without a term, and UnknownFormatError.
    """
    syntax = sniff(path)
    progress(f"read {path.name} ({syntax})")
    terms, header, warnings = _READERS[syntax](path)
    if not terms:
        raise DamagedError(
            f"{path}: No term was found in this {syntax}: it is cut short, or no ontology. Fetch it again."
        )
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
    told = {iri: term for iri, term in parsed.terms.items() if term.kind is not Kind.ANNOTATION_PROPERTY}
    return told, obo.header(text), parsed.warnings  # annotation properties: py-horned-owl declares more than the file


def parse_text(path: Path, syntax: Format) -> pyhornedowl.PyIndexedOntology:
    """Parse OWL functional syntax or OWL/XML."""
    if syntax is Format.OWL_XML:
        well_formed(path)
    text = text_of(path)
    serialization = cast("Any", "ofn" if syntax is Format.FUNCTIONAL else "owx")
    try:
        return pyhornedowl.open_ontology_from_string(text, serialization=serialization)
    except ValueError as error:
        place = re.search(r"line_col: (?:Pos|Span)\(\(+(\d+), (\d+)\)", str(error))
        where = f":{place[1]}:{place[2]}" if place else ""
        quoted = text.splitlines()[int(place[1]) - 1][:80] if place else str(error)[:120]
        raise DamagedError(
            f"{path}{where}: The file is broken or cut short there: {quoted!r}. Fetch it again."
        ) from error


def _read_functional(path: Path) -> _Read:
    ontology = parse_text(path, Format.FUNCTIONAL)
    return axioms.terms(ontology), axioms.header(ontology), ()


def _read_owl_xml(path: Path) -> _Read:
    ontology = parse_text(path, Format.OWL_XML)
    return axioms.terms(ontology), axioms.header(ontology), ()


def _read_rdf_xml(path: Path) -> _Read:
    return *triples.gather(stream_rdf(path, Format.RDF_XML)), ()


def _read_turtle(path: Path) -> _Read:
    return *triples.gather(stream_rdf(path, Format.TURTLE)), ()


def stream_rdf(path: Path, syntax: Format) -> Iterator[Quad]:
    """Parse RDF/XML or Turtle, statement by statement; blank nodes are those of no other file.

    Raises DamagedError with line and column.
    """
    if syntax is Format.RDF_XML:
        well_formed(path)
    form = RdfFormat.RDF_XML if syntax is Format.RDF_XML else RdfFormat.TURTLE
    try:
        yield from parse(
            cast("Any", Stream(path)), format=form, base_iri=path.absolute().as_uri(), rename_blank_nodes=True
        )
    except SyntaxError as error:
        where = f":{error.lineno}:{error.offset}" if error.lineno else ""
        raise DamagedError(
            f"{path}{where}: The {syntax} is broken or cut short: {error.msg}. Fetch it again."
        ) from error


def _read_json(path: Path) -> _Read:
    """Read the graph as a stream: first its nodes, then its edges, wherever in the file they stand."""
    nodes, edges, definitions = (json_items(path, part) for part in ("nodes", "edges", "logicalDefinitionAxioms"))
    with refusing_json(path):
        gathering = obograph.gathered(nodes, edges, definitions)
        iri = next(json_items(path, "id", within=""), None)
        meta = next(json_items(path, "meta", within=""), None)
    return gathering.terms(), obograph.header(cast("Any", iri), cast("Any", meta) or {}), ()


def json_items(path: Path, part: str, *, within: str = ".item") -> Iterator[obograph.Json]:
    """Yield the members of a part of each graph, one at a time."""
    with opened(path) as file:
        yield from ijson.items(file, f"graphs.item.{part}{within}")


@contextmanager
def refusing_json(path: Path) -> Iterator[None]:
    """Say where JSON is broken, or that it is no OBO graph."""
    try:
        yield
    except (ijson.JSONError, AttributeError, TypeError) as error:
        raise DamagedError(f"{path}{_place(path)}: The JSON is broken or cut short there. Fetch it again.") from error


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
