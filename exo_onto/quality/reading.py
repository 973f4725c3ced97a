"""reading: a file of RDF or OWL in any format in, a `SourceFile` out, and the places of what could not be read.

Turtle, N-Triples, N-Quads, TriG, RDF/XML and JSON-LD are read by pyoxigraph; OBO and the functional, Manchester and XML
syntaxes of OWL by py-horned-owl. Each may be compressed by gzip. Inside, a file that is not Turtle is kept as
N-Triples, which is Turtle too. Nothing is fetched: an import that is no file here stays out.
"""

import gzip
import hashlib
import re
import zlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, Literal

import pyhornedowl
from pyoxigraph import RdfFormat, parse, serialize

from exo_onto.faults import Fault, FaultySourcesError
from exo_onto.places import Place, Sighting, Statement
from exo_onto.quality.lines import Lines
from exo_onto.sources import SourceFile

MOST_BYTES: Final = 512 * 2**20
"""How large a file may be, unpacked."""
MOST_PLACED: Final = 2 * 2**20
"""Up to how many bytes of Turtle are parsed again to tell places; of more, the lines are looked for in the text."""
MOST_LEFT_OUT: Final = 50
"""How many lines of a file of OBO may be left out before it is refused."""

RDF: Final = {
    ".ttl": RdfFormat.TURTLE,
    ".n3": RdfFormat.N3,
    ".nt": RdfFormat.N_TRIPLES,
    ".nq": RdfFormat.N_QUADS,
    ".trig": RdfFormat.TRIG,
    ".rdf": RdfFormat.RDF_XML,
    ".jsonld": RdfFormat.JSON_LD,
}
Syntax = Literal["ofn", "omn", "owx", "obo"]
Form = RdfFormat | Syntax

OWL: Final[dict[str, Syntax]] = {
    ".ofn": "ofn",
    ".omn": "omn",
    ".owx": "owx",
    ".obo": "obo",
}
SUFFIXES: Final = (*RDF, *OWL, ".owl", ".xml", ".json")
"""The names of files that are read, each with or without .gz after it."""

_LINE = re.compile(r"line_col: Pos\(\((\d+), (\d+)\)\)|line_col: Span\(\((\d+), (\d+)\)")
_WRONG = "Mend the file there, or save it anew with the tool that made it."


@dataclass(frozen=True)
class Reading:
    """A file that was read, and the lines that had to be left out."""

    file: SourceFile
    left_out: tuple[Fault, ...] = ()


@dataclass(frozen=True)
class ConvertedFile(SourceFile):
    """A file of another format than Turtle: its triples as N-Triples, its lines those of the text as it stands."""

    converted: bytes
    lines: Lines

    def content(self) -> bytes:
        """Give its triples as N-Triples, which are Turtle."""
        return self.converted

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        """Give nothing: of what has no name no line is known."""
        return ()

    def find(self, subject: str, predicate: str | None, value: str | None) -> Sighting | None:
        """Find the value of a term, or the term, or where it is first mentioned; 4, 2 or 1 say which."""
        of_value = self.lines.value(subject, value) if predicate and value else None
        if of_value is not None:
            return Sighting(4, Place(self.path, of_value))
        defined = self.lines.definition(subject)
        if defined is not None:
            return Sighting(2, Place(self.path, defined))
        mentioned = self.lines.mention(subject)
        return Sighting(1, Place(self.path, mentioned)) if mentioned is not None else None


def read(root: Path, path: str) -> Reading:
    """Read a file of any of the formats; `path` is relative to the root, or absolute.

    Raises FaultySourcesError where it cannot be read, with its line where that is known.
    """
    name = path.removesuffix(".gz").lower()
    suffix = next((each for each in SUFFIXES if name.endswith(each)), None)
    if suffix is None:
        known = " ".join(SUFFIXES)
        raise _faulty(path, "The name of the file does not tell its format.", f"Let it end in one of {known} (or .gz).")
    content = _unpacked(root, path)
    if suffix == ".ttl" and not path.endswith(".gz") and len(content) <= MOST_PLACED:
        return Reading(SourceFile(root, path, len(content), hashlib.sha256(content).hexdigest()))
    text = _decoded(path, content)
    left_out: tuple[Fault, ...] = ()
    form = _form(suffix, text)
    if isinstance(form, RdfFormat):
        converted = _by_pyoxigraph(path, text, form)
    elif form is None:
        what = "This JSON is no JSON-LD: it has no @context, @graph or @id."
        raise _faulty(path, what, "Save it as JSON-LD, Turtle, OBO or OWL.")
    elif form == "obo":
        converted, left_out = _by_lines(path, text)
    else:
        converted = _by_horned_owl(path, text, form)
    digest = hashlib.sha256(content).hexdigest()
    return Reading(ConvertedFile(root, path, len(content), digest, converted, Lines(text)), left_out)


_BEGINNINGS: Final[tuple[tuple[str, Form], ...]] = (
    (r"<rdf:RDF|<RDF\b", RdfFormat.RDF_XML),
    (r"<Ontology\b", "owx"),
    (r"(?m)^\s*(Prefix|Ontology)\s*\(", "ofn"),
    (r"(?m)^\s*(Prefix|Ontology):", "omn"),
    (r"\A\s*<\?xml", RdfFormat.RDF_XML),
)


def _form(suffix: str, text: str) -> Form | None:
    """Tell the format by the name of the file, or where several bear the name by how the text begins."""
    if suffix in RDF or suffix in OWL:
        return RDF.get(suffix) or OWL[suffix]
    if suffix == ".json":
        return RdfFormat.JSON_LD if re.search(r'"@(context|graph|id)"', text) else None
    return next((form for begins, form in _BEGINNINGS if re.search(begins, text[:5000])), RdfFormat.TURTLE)


def _by_pyoxigraph(path: str, text: str, form: RdfFormat) -> bytes:
    try:
        quads = parse(text, format=form, base_iri="urn:exo-onto:source", rename_blank_nodes=True)
        return serialize((quad.triple for quad in quads), format=RdfFormat.N_TRIPLES) or b""
    except SyntaxError as error:
        what = f"{form.name}: {re.sub(r'^Parser error at line .*?: ', '', str(error.msg))}."
        raise FaultySourcesError((Fault(Place(path, error.lineno, error.offset), what, _WRONG),)) from error
    except (ValueError, OSError) as error:
        raise _faulty(path, f"{form.name}: {error}.", _WRONG) from error


def _by_horned_owl(path: str, text: str, form: Syntax) -> bytes:
    return _as_triples(path, _parsed(path, text, form))


def _parsed(path: str, text: str, form: Syntax) -> pyhornedowl.PyIndexedOntology:
    try:
        return pyhornedowl.open_ontology_from_string(text, serialization=form)
    except ValueError as error:
        found = _LINE.search(str(error))
        line, column = (int(part) for part in found.groups() if part) if found else (None, None)
        rows = text.split("\n")
        quoted = f" The line reads: {rows[line - 1].strip()[:120]}" if line and line <= len(rows) else ""
        what = f"The file does not keep to its format ({form}).{quoted}"
        raise FaultySourcesError((Fault(Place(path, line, column), what, _WRONG),)) from error


def _by_lines(path: str, text: str) -> tuple[bytes, tuple[Fault, ...]]:
    """Read OBO, and leave out the lines that are none: released files have some, and each is told.

    A line of OBO says one thing of one term, so that the others keep their meaning without it.
    """
    faults: list[Fault] = []
    rows = text.split("\n")
    while True:
        try:
            return _as_triples(path, _parsed(path, "\n".join(rows), "obo")), tuple(faults)
        except FaultySourcesError as error:
            fault = error.faults[0]
            line = fault.place.line
            if line is None or line > len(rows) or not rows[line - 1] or len(faults) == MOST_LEFT_OUT:
                raise
            if not re.match(r"[a-z_-]+:", rows[line - 1]) or rows[line - 1].startswith("id:"):
                raise
            rows[line - 1] = ""
            faults.append(fault)


def _as_triples(path: str, ontology: pyhornedowl.PyIndexedOntology) -> bytes:
    written = ontology.save_to_string("owl")
    return _by_pyoxigraph(path, written, RdfFormat.RDF_XML)


def _unpacked(root: Path, path: str) -> bytes:
    try:
        with (root / path).open("rb") as file:
            if path.endswith(".gz"):
                with gzip.GzipFile(fileobj=file) as packed:
                    content = packed.read(MOST_BYTES + 1)
            else:
                content = file.read(MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        said = getattr(error, "strerror", None) or error
        raise _faulty(path, f"The file cannot be read: {said}.", "Mend or remove it.") from error
    if len(content) > MOST_BYTES:
        what = f"The file has more than {MOST_BYTES // 2**20} MiB when it is unpacked."
        raise _faulty(path, what, "Take a module of the ontology, or split the data.")
    return content


def _decoded(path: str, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        fault = Fault(Place(path, line), "The file is not UTF-8.", "Save it as UTF-8.")
        raise FaultySourcesError((fault,)) from error


def _faulty(path: str, what: str, remedy: str) -> FaultySourcesError:
    return FaultySourcesError((Fault(Place(path), what, remedy),))
