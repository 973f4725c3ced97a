"""whole: files of whole ontologies in, a named graph for each, in a store beside our graphs, out. Reads files.

Such a graph is reached by its name and by nothing else: it is not in the default graph of a query, and what is in it is
not reasoned over.
"""

import hashlib
import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyhornedowl
from pyoxigraph import NamedNode, Quad, RdfFormat, Store, Triple, parse

from exo_onto.links import obo, obograph
from exo_onto.links.formats import json_items, parse_text, refusing_json, stream_rdf
from exo_onto.links.opening import Format, digest, sniff, text_of
from exo_onto.links.terms import DamagedError, Kind, LinksError
from exo_onto.vocabulary import DEFAULT_GRAPHS, GRAPH_JUSTIFICATIONS, OWL, OWL_ONTOLOGY, PREFIXES, RDF_TYPE

_OURS: Final = frozenset((*DEFAULT_GRAPHS, GRAPH_JUSTIFICATIONS))
_KINDS: Final = frozenset(OWL(kind.value) for kind in Kind)


@dataclass(frozen=True)
class Whole:
    """A file of a whole ontology: its syntax, and its SHA-256."""

    path: Path
    syntax: Format
    sha256: str


@dataclass(frozen=True)
class Loaded:
    """A graph that was loaded, and how many triples it has."""

    graph: NamedNode
    triples: int


def wholes(paths: Iterable[Path]) -> tuple[Whole, ...]:
    """Look at files of ontologies, before there is much work. Raises LinksError where one is none."""
    return tuple(Whole(path, sniff(path), digest(path)) for path in paths)


def is_beside(graph: str) -> bool:
    """Say whether a graph is that of an ontology loaded beside, by its IRI."""
    return NamedNode(graph) not in _OURS


def joined(sources: str, beside: Iterable[Whole]) -> str:
    """Give one digest of the sources and of what is loaded beside them: without that, the sources' own."""
    files = sorted(each.sha256 for each in beside)
    return hashlib.sha256("\n".join([sources, *files]).encode()).hexdigest() if files else sources


def load(beside: Iterable[Whole], store: Store, *, progress: Callable[[str], None] = print) -> tuple[Loaded, ...]:
    """Load each file into a graph of its own, which is named by its ontology: `graph:go`.

    Raises LinksError where a file is damaged, or where two of them would have one name.
    """
    done: list[Loaded] = []
    for each in beside:
        progress(f"load beside: {each.path.name}")
        iri, triples = _read(each)
        graph = NamedNode(f"{PREFIXES['graph']}{_name(iri, each.path)}")
        if graph in _OURS or graph in {other.graph for other in done}:
            raise LinksError(f"{each.path}: There is a graph {graph.value} already. Load one file of an ontology.")
        done.append(Loaded(graph, _load(each, triples, graph, store)))
    store.flush()
    return tuple(done)


def _load(whole: Whole, triples: Iterable[Triple], graph: NamedNode, store: Store) -> int:
    terms = 0

    def counted() -> Iterator[Quad]:
        nonlocal terms
        for triple in triples:
            terms += triple.predicate == RDF_TYPE and triple.object in _KINDS
            yield Quad(triple.subject, triple.predicate, triple.object, graph)

    store.bulk_extend(counted())
    if not terms:
        raise DamagedError(f"{whole.path}: No term was found in this {whole.syntax}: it is cut short, or no ontology.")
    return sum(1 for _ in store.quads_for_pattern(None, None, None, graph))


def _name(iri: str | None, path: Path) -> str:
    """Name a graph by the ontology's IRI, or failing that by the file: `go`, `uberon-musculoskeletal`."""
    stem = re.sub(r"^.*/obo/|^.*/(?=[^/]+$)|\.(?:owl|json|obo)$", "", (iri or "").rstrip("/#"))
    return re.sub(r"[^\w.-]+", "-", stem or path.name.partition(".")[0]).lower()


def _read(whole: Whole) -> tuple[str | None, Iterable[Triple]]:
    """Give an ontology's IRI and its triples, whatever syntax it is in."""
    path, syntax = whole.path, whole.syntax
    match syntax:
        case Format.RDF_XML | Format.TURTLE:
            return _ontology(stream_rdf(path, syntax)), (quad.triple for quad in stream_rdf(path, syntax))
        case Format.JSON:
            with refusing_json(path):
                iri = next(json_items(path, "id", within=""), None)
            return (str(iri) if iri else None), _of_json(path)
        case Format.OBO:
            return _of_axioms(obo.parse(text_of(path), str(path)).ontology)
        case _:
            return _of_axioms(parse_text(path, syntax))


def _ontology(quads: Iterable[Quad]) -> str | None:
    found = (quad.subject for quad in quads if quad.predicate == RDF_TYPE and quad.object == OWL_ONTOLOGY)
    return next((each.value for each in found if isinstance(each, NamedNode)), None)


def _of_axioms(ontology: pyhornedowl.PyIndexedOntology) -> tuple[str | None, Iterable[Triple]]:
    """Have py-horned-owl write what it has read as RDF/XML, and read that."""
    iri = ontology.get_iri()
    written = io.BytesIO(ontology.save_to_string("rdf").encode())
    quads = parse(written, format=RdfFormat.RDF_XML, rename_blank_nodes=True)
    return (str(iri) if iri else None), (quad.triple for quad in quads)


def _of_json(path: Path) -> Iterator[Triple]:
    parts = (json_items(path, part) for part in ("nodes", "edges", "logicalDefinitionAxioms"))
    with refusing_json(path):
        yield from obograph.triples(*parts)
