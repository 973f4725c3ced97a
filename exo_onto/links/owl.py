"""owl: the triples of our graphs in, one OWL document in RDF/XML, Turtle or functional syntax out. Pure.

Editors take a document for one ontology. So the modules of other ontologies keep what they say of their sources, and
only ours is an owl:Ontology. The same triples give the same bytes.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

import pyhornedowl
from pyoxigraph import CanonicalizationAlgorithm, Dataset, NamedNode, Quad, RdfFormat, Triple, serialize

from exo_onto.vocabulary import (
    BASE,
    OWL_ANNOTATEDPROPERTY,
    OWL_ANNOTATEDSOURCE,
    OWL_ANNOTATEDTARGET,
    OWL_ONTOLOGY,
    PREFIXES,
    RDF_TYPE,
)


class Syntax(StrEnum):
    """The syntaxes that are written, each by the suffix that asks for it."""

    RDF_XML = "owl"
    TURTLE = "ttl"
    FUNCTIONAL = "ofn"


SUFFIXES: Final[Mapping[str, Syntax]] = {
    ".owl": Syntax.RDF_XML,
    ".rdf": Syntax.RDF_XML,
    ".ttl": Syntax.TURTLE,
    ".ofn": Syntax.FUNCTIONAL,
}
"""Which suffix of a file asks for which syntax."""

_OURS: Final = NamedNode(BASE)
_PARTS: Final = (OWL_ANNOTATEDSOURCE, OWL_ANNOTATEDPROPERTY, OWL_ANNOTATEDTARGET)


def write(triples: Iterable[Triple], syntax: Syntax) -> str:
    """Write triples as one OWL document."""
    told = _ordered(triple for triple in triples if not _is_header_of_another(triple))
    if syntax is Syntax.TURTLE:
        return _serialized(told, RdfFormat.TURTLE)
    if syntax is Syntax.RDF_XML:
        return _serialized(told, RdfFormat.RDF_XML)
    return _functional(told)


def _is_header_of_another(triple: Triple) -> bool:
    return triple.predicate == RDF_TYPE and triple.object == OWL_ONTOLOGY and triple.subject != _OURS


def _ordered(triples: Iterable[Triple]) -> list[Triple]:
    """Put triples in an order that the names of blank nodes have no part in: these are given anew (RDFC-1.0)."""
    dataset = Dataset(Quad(*triple) for triple in triples)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return sorted((quad.triple for quad in dataset), key=str)


def _serialized(triples: list[Triple], syntax: RdfFormat) -> str:
    written = serialize(triples, format=syntax, prefixes=dict(PREFIXES))
    return (written or b"").decode()


def _functional(triples: list[Triple]) -> str:
    """Write functional syntax by py-horned-owl.

    It reads of an axiom that is annotated more than once only one annotation (each is an axiom of its own by OWL 2
    Mapping to RDF, section 3.2.5), so these come to it one after the other.
    """
    first, *others = _layers(triples)
    ontology = _parsed(first)
    for layer in others:
        for each in _parsed(layer).get_components():
            if each.ann:
                ontology.add_component(each.component, each.ann)
    for prefix, namespace in PREFIXES.items():
        ontology.prefix_mapping.add_prefix(prefix, namespace)
    return ontology.save_to_string("ofn")


def _layers(triples: list[Triple]) -> list[list[Triple]]:
    """Part triples into layers, in each of which an axiom is annotated once; what is no annotation is in all."""
    parts: defaultdict[object, dict[object, object]] = defaultdict(dict)
    for triple in triples:
        if triple.predicate in _PARTS:
            parts[triple.subject][triple.predicate] = triple.object
    seen: Counter[tuple[object, ...]] = Counter()
    rank: dict[object, int] = {}
    for node, said in sorted(parts.items(), key=str):
        axiom = tuple(said.get(part) for part in _PARTS)
        rank[node] = seen[axiom]
        seen[axiom] += 1
    return [
        [triple for triple in triples if rank.get(triple.subject, layer) == layer]
        for layer in range(max(seen.values(), default=1))
    ]


def _parsed(triples: list[Triple]) -> pyhornedowl.PyIndexedOntology:
    return pyhornedowl.open_ontology_from_string(_serialized(triples, RdfFormat.RDF_XML), serialization="rdf")
