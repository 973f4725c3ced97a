"""usage: the sources and the texts of the questions in; the terms of other ontologies that they speak of, out. Pure."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from pyoxigraph import NamedNode

from exo_onto.links.names import canonical, prefix_of
from exo_onto.sources import Sources
from exo_onto.vocabulary import ABBREVIATES, GRAPH_IMPORTS, GRAPH_ONTOLOGY

_PREFIX: Final = re.compile(r"^\s*PREFIX\s+([\w.-]*):\s*<([^>]*)>", re.IGNORECASE | re.MULTILINE)
_NAME: Final = re.compile(r"<([^<>\s]+)>|(?<![\w<:/])([A-Za-z][\w.-]*):(\w[\w.-]*)")


def in_use(read: Sources, queries: Iterable[str] = ()) -> frozenset[str]:
    """Give the IRIs of all terms of other ontologies that stand in a source, imports aside, or in a query."""
    files = [file for graph, files in read.graphs if graph != GRAPH_IMPORTS for file in files]
    triples = (triple for file in (*files, *read.shapes, *read.strict) for triple in file.triples)
    said = {term.value for triple in triples for term in triple if isinstance(term, NamedNode)}
    asked = {iri for text in queries for iri in _named(text)}
    return frozenset(iri for iri in map(canonical, said | asked) if prefix_of(iri))


def chosen_relations(read: Sources) -> Mapping[str, str]:
    """Give the relations that are followed, each with the property by which we write them between classes."""
    found = (triple for triple in read.triples(GRAPH_ONTOLOGY) if triple.predicate == ABBREVIATES)
    return {
        triple.object.value: triple.subject.value
        for triple in found
        if isinstance(triple.object, NamedNode) and isinstance(triple.subject, NamedNode)
    }


def _named(query: str) -> Iterable[str]:
    """Give the IRIs that a query names, written out or by a prefix that it declares."""
    prefixes = dict(_PREFIX.findall(query))
    for iri, prefix, local in _NAME.findall(query):
        if iri:
            yield iri
        elif prefix in prefixes:
            yield f"{prefixes[prefix]}{local}"
