"""sources: folders of Turtle in, frozen `Sources` out: named graphs, digest, and the place of each word. Reads files.

The family of errors:

    SourcesError            the folders cannot be read as sources
      +- RootNotFoundError  there is no folder here, or above, to work on    (the call is wrong)
      +- FaultySourcesError some files are wrong, each `Fault` says where     (the knowledge is wrong)
"""

import codecs
import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Store, Triple, parse

from exo_onto.faults import Fault, FaultySourcesError, SourcesError, not_utf8, telling, unreadable
from exo_onto.places import Place, Sighting, Statement, Written, closest, statements
from exo_onto.vocabulary import (
    ASSERTED_GRAPHS,
    GRAPH_CLAIMS,
    GRAPH_EVIDENCE,
    GRAPH_IMPORTS,
    GRAPH_INSTANCES,
    GRAPH_ONTOLOGY,
    OWL_ANNOTATEDPROPERTY,
    OWL_ANNOTATEDSOURCE,
    OWL_ANNOTATEDTARGET,
    PREFIXES,
    Names,
    adopt,
)

FOLDERS = ("ontology", "shapes", "instances")
"""The folders that make a directory a root."""

STRICT_FOLDER = "strict"
"""Below ontology/: axioms that only `check` adds, and that are not published."""


STUDIES = "instances/studies/"
"""Where the files of studies lie."""

_APART = {"claims.ttl": GRAPH_CLAIMS, "evidence": GRAPH_EVIDENCE}
"""What below instances/ has a graph of its own."""


class RootNotFoundError(SourcesError):
    """There is no folder here, or above, that has ontology/, shapes/ and instances/."""


@dataclass(frozen=True)
class SourceFile:
    """One Turtle file: its path relative to the root, how many bytes it has, and their SHA-256."""

    root: Path
    path: str
    size: int
    sha256: str

    @cached_property
    def triples(self) -> tuple[Triple, ...]:
        """What it says. Parsed when it is first asked for: of data by the million, a store is the better reader.

        Blank nodes are called by the file and their order in it, so that a file that says nearly what it said before
        gives nearly the same triples. Raises FaultySourcesError where it cannot be read.
        """
        content = self.content()
        with telling(content, self.path):
            return tuple(_called(parse(content, format=RdfFormat.TURTLE), self.path))

    def load(self, store: Store, graph: NamedNode) -> None:
        """Parse it straight into a graph of a store. Raises FaultySourcesError where it cannot be read."""
        content = self.content()
        with telling(content, self.path):
            store.load(content, format=RdfFormat.TURTLE, to_graph=graph)

    def quads(self, graph: NamedNode) -> tuple[Quad, ...]:
        """Give what it says, in a graph; kept as `triples` are, with the same blank nodes."""
        if graph not in self._quads:
            self._quads[graph] = tuple(Quad(t.subject, t.predicate, t.object, graph) for t in self.triples)
        return self._quads[graph]

    @cached_property
    def _quads(self) -> dict[NamedNode, tuple[Quad, ...]]:
        return {}

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        """Every triple of it with its place. Slow, as it is parsed again: only for telling people where."""
        return self._written.statements

    def find(self, subject: str, predicate: str | None, value: str | None) -> Sighting | None:
        """Find where a triple is written, or failing that where its subject is first spoken of."""
        return self._written.find(subject, predicate, value)

    @cached_property
    def _written(self) -> Written:
        return Written(statements(self.content(), self.path))

    def content(self) -> bytes:
        """Read its bytes, without a byte order mark.

        Raises FaultySourcesError where they are not those that were read before, or cannot be read.
        """
        content = _bytes(self.root, self.path)
        if hashlib.sha256(content).hexdigest() != self.sha256:
            fault = Fault(Place(self.path), "The file changed while it was being read.", "Run the command again.")
            raise FaultySourcesError((fault,))
        return content.removeprefix(codecs.BOM_UTF8)


@dataclass(frozen=True)
class Sources:
    """What the folders of a root say, and where they say it."""

    root: Path
    graphs: tuple[tuple[NamedNode, tuple[SourceFile, ...]], ...]
    shapes: tuple[SourceFile, ...]
    strict: tuple[SourceFile, ...]
    digest: str

    def triples(self, *graphs: NamedNode) -> Iterator[Triple]:
        """Yield the triples of the graphs named, or of all asserted graphs."""
        wanted = graphs or ASSERTED_GRAPHS
        for graph, files in self.graphs:
            if graph in wanted:
                for file in files:
                    yield from file.triples

    @property
    def files(self) -> tuple[SourceFile, ...]:
        """All files of the asserted graphs and of the shapes."""
        return tuple(file for _, files in self.graphs for file in files) + self.shapes

    @property
    def all_files(self) -> tuple[SourceFile, ...]:
        """All that was read: what only `check` adds, too."""
        return (*self.files, *self.strict)

    def with_files(self, same: Callable[[SourceFile], SourceFile]) -> "Sources":
        """Give the same with others in the place of its files, which are equal to them."""
        return replace(
            self,
            graphs=tuple((graph, tuple(map(same, files))) for graph, files in self.graphs),
            shapes=tuple(map(same, self.shapes)),
            strict=tuple(map(same, self.strict)),
        )

    @property
    def studies(self) -> tuple[SourceFile, ...]:
        """The files of studies: each is the knowledge of itself, given what all share."""
        return tuple(file for _, files in self.graphs for file in files if file.path.startswith(STUDIES))

    @property
    def shared(self) -> tuple[SourceFile, ...]:
        """The files of the asserted graphs that are not of studies: the ontology, the entities, references, claims."""
        return tuple(file for _, files in self.graphs for file in files if not file.path.startswith(STUDIES))

    @property
    def without_studies(self) -> "Sources":
        """The same without what only studies say."""
        studies = frozenset(file.path for file in self.studies)
        kept = ((graph, tuple(file for file in files if file.path not in studies)) for graph, files in self.graphs)
        return replace(self, graphs=tuple(kept), shapes=(), strict=())

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        """Every triple with its place. Slow (it parses all files again): only for telling people where."""
        return tuple(said for file in self.files for said in file.statements)

    def place_of(self, subject: str, predicate: str | None = None, value: str | None = None) -> Place | None:
        """Find where a triple is written, or failing that where its subject is first spoken of.

        IRIs and lexical forms as plain strings. None where the sources do not mention it.
        """
        return closest(file.find(subject, predicate, value) for file in self.files)

    def place_of_axiom(self, source: str, predicate: str, target: str) -> Place | None:
        """Find where an annotation of the triple begins (OWL 2 Mapping to RDF, section 2.2)."""
        parts = {
            OWL_ANNOTATEDSOURCE.value: source,
            OWL_ANNOTATEDPROPERTY.value: predicate,
            OWL_ANNOTATEDTARGET.value: target,
        }
        found: dict[tuple[str, str], set[str]] = {}
        for said in self.statements:
            if parts.get(said.predicate) == said.object:
                seen = found.setdefault((said.place.file, said.subject), set())
                seen.add(said.predicate)
                if len(seen) == len(parts):
                    return said.place
        return None

    def place_of_axiom_like(self, predicate: str, value: str) -> Place | None:
        """Find where something without a name has a value: of several, the first."""
        found = (
            s.place for s in self.statements if (s.predicate, s.object) == (predicate, value) and ":" not in s.subject
        )
        return next(found, None)

    def names(self) -> frozenset[str]:
        """Give every IRI that the asserted graphs use, for suggesting what a misspelt one may have meant."""
        terms = (term for triple in self.triples() for term in triple)
        return frozenset(term.value for term in terms if isinstance(term, NamedNode))


def find_root(start: Path) -> Path:
    """Find the nearest folder, from `start` upwards, that has ontology/, shapes/ and instances/.

    Raises RootNotFoundError where there is none.
    """
    for folder in (start, *start.parents):
        if all((folder / name).is_dir() for name in FOLDERS):
            return folder
    needed = ", ".join(f"{name}/" for name in FOLDERS)
    raise RootNotFoundError(
        f"No folder with {needed} at {start} or above it. Change into one, or name it with --root FOLDER."
    )


def names_of(root: Path) -> Names | None:
    """Read from the record of an ontology, in ontology/header.ttl, under which base and prefix its own names are.

    None where it does not say so: in the terms of VANN, preferredNamespacePrefix and preferredNamespaceUri.
    """
    try:
        said = {t.predicate.value: t.object for t in parse(path=root / "ontology" / "header.ttl")}
    except (OSError, SyntaxError):  # whoever reads all files tells of it
        return None
    prefix, base = (said.get(PREFIXES["vann"] + name) for name in ("preferredNamespacePrefix", "preferredNamespaceUri"))
    return Names(prefix.value, base.value) if isinstance(prefix, Literal) and isinstance(base, Literal) else None


def read_sources(root: Path) -> Sources:
    """Read every Turtle file below the root's folders. From then on things are called by the names of that root.

    Nothing is parsed yet: `load` does that, or whoever asks a file for its triples. Raises FaultySourcesError with one
    fault per file that cannot be read.
    """
    adopt(names_of(root))
    faults: list[Fault] = []
    graphs: dict[NamedNode, list[SourceFile]] = {graph: [] for graph in ASSERTED_GRAPHS}
    shapes: list[SourceFile] = []
    strict: list[SourceFile] = []
    for path in _turtle_files(root):
        try:
            file = _read(root, path)
        except FaultySourcesError as error:
            faults.extend(error.faults)
            continue
        _shelf(path, graphs, shapes, strict).append(file)
    if faults:
        raise FaultySourcesError(tuple(faults))
    everything = [*(file for files in graphs.values() for file in files), *shapes, *strict]
    return Sources(
        root=root,
        graphs=tuple((graph, tuple(files)) for graph, files in graphs.items()),
        shapes=tuple(shapes),
        strict=tuple(strict),
        digest=_digest(everything),
    )


def read_texts(folder: Path, suffix: str) -> tuple[tuple[str, str], ...]:
    """Read the files of a folder that end in a suffix: for each the stem of its name, and its text, in their order.

    Raises FaultySourcesError for those that cannot be read.
    """
    return tuple((path.stem, read_text(path)) for path in sorted(folder.glob(f"*{suffix}")))


def read_text(path: Path) -> str:
    """Read a file of UTF-8, with or without a byte order mark.

    Raises FaultySourcesError where it cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise FaultySourcesError((not_utf8(str(path)),)) from error
    except OSError as error:
        raise FaultySourcesError((unreadable(str(path), error),)) from error


def _turtle_files(root: Path) -> Iterator[Path]:
    """Yield the Turtle files below the root's folders; a folder without any is a mistake, not an empty graph."""
    for folder in FOLDERS:
        found = sorted(path.relative_to(root) for path in (root / folder).rglob("*.ttl"))
        if not found:
            what = "There is no Turtle file (*.ttl) in this folder."
            fault = Fault(Place(f"{folder}/"), what, "Put the files back, or see that --root names the right folder.")
            raise FaultySourcesError((fault,))
        yield from found


def _shelf(
    path: Path, graphs: dict[NamedNode, list[SourceFile]], shapes: list[SourceFile], strict: list[SourceFile]
) -> list[SourceFile]:
    """Say which list a file belongs in, by the folder that it lies in."""
    match path.parts:
        case ("shapes", *_):
            return shapes
        case ("ontology", "imports", *_):
            return graphs[GRAPH_IMPORTS]
        case ("ontology", folder, *_) if folder == STRICT_FOLDER:
            return strict
        case ("ontology", *_):
            return graphs[GRAPH_ONTOLOGY]
        case _:
            return graphs[_APART.get(path.parts[1], GRAPH_INSTANCES)]


def _read(root: Path, path: Path) -> SourceFile:
    name = path.as_posix()
    content = _bytes(root, name)
    return SourceFile(root, name, len(content), hashlib.sha256(content).hexdigest())


def _bytes(root: Path, name: str) -> bytes:
    try:
        return (root / name).read_bytes()
    except OSError as error:
        raise FaultySourcesError((unreadable(name, error),)) from error


def _called(quads: Iterable[Quad], path: str) -> Iterator[Triple]:
    """Give the triples of a file with its blank nodes called anew, in 128 bits, as nobody calls theirs."""
    mark = hashlib.sha256(path.encode()).hexdigest()[:23]
    names: dict[BlankNode, BlankNode] = {}

    def name(node: BlankNode) -> BlankNode:
        if node not in names:
            names[node] = BlankNode(f"b{mark}{len(names):08x}")
        return names[node]

    for quad in quads:
        start, end = quad.subject, quad.object
        if isinstance(start, BlankNode) or isinstance(end, BlankNode):
            start = name(start) if isinstance(start, BlankNode) else start
            end = name(end) if isinstance(end, BlankNode) else end
            yield Triple(start, quad.predicate, end)
        else:
            yield quad.triple


def _digest(files: Iterable[SourceFile]) -> str:
    """Give one SHA-256 for names and contents together; the order of reading does not matter."""
    total = hashlib.sha256()
    for file in sorted(files, key=lambda file: file.path):
        total.update(f"{file.path}\0{file.sha256}\n".encode())
    return total.hexdigest()
