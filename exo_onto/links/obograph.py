"""obograph: passes over the nodes and edges of an OBO-graph JSON file in; its terms, and its header, out. Pure.

The format is that of geneontology/obographs: `graphs`, each with `nodes`, `edges`, `logicalDefinitionAxioms`, `meta`.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from exo_onto.links.axioms import ALTERNATIVE, REPLACED_BY, header_of
from exo_onto.links.names import canonical
from exo_onto.links.terms import Gathering, Header, Kind
from exo_onto.vocabulary import (
    OBO,
    OWL,
    PREFIXES,
    RDF_TYPE,
    RDFS_LABEL,
    RDFS_SUBCLASSOF,
    RDFS_SUBPROPERTYOF,
    XSD_BOOLEAN,
)

_KINDS: Final = {"CLASS": Kind.CLASS, "INDIVIDUAL": Kind.INDIVIDUAL, "PROPERTY": Kind.OBJECT_PROPERTY}
_PROPERTIES: Final = {"ANNOTATION": Kind.ANNOTATION_PROPERTY, "DATA": Kind.DATA_PROPERTY}
_BELOW: Final = {"is_a", "subPropertyOf", "subClassOf"}
_AXIOMS: Final = {
    "is_a": RDFS_SUBCLASSOF,
    "subClassOf": RDFS_SUBCLASSOF,
    "subPropertyOf": RDFS_SUBPROPERTYOF,
    "inverseOf": OWL("inverseOf"),
    "type": RDF_TYPE,
}
_OIO: Final = "http://www.geneontology.org/formats/oboInOwl#"
_DATE: Final = "http://www.geneontology.org/formats/oboInOwl#hasDate"

Json = Mapping[str, Any]


def take_node(node: Json, gathering: Gathering) -> None:
    """Note what a node says: what it is, its label, whether it is withdrawn and what replaces it."""
    name = str(node.get("id"))
    kind = _PROPERTIES.get(str(node.get("propertyType"))) or _KINDS.get(str(node.get("type")))
    if kind is not None:
        gathering.declare(name, kind)
    label = node.get("lbl")
    if isinstance(label, str):
        gathering.label(name, label)
    meta = node.get("meta") or {}
    if meta.get("deprecated") is True:
        gathering.obsolete(name)
    for said in meta.get("basicPropertyValues") or ():
        if said.get("pred") == REPLACED_BY:
            gathering.replacement(name, _expanded(str(said.get("val"))))
        elif said.get("pred") == ALTERNATIVE:
            gathering.alternative(name, str(said.get("val")))


def take_edge(edge: Json, gathering: Gathering) -> None:
    """Note what an edge says: what is below what, the inverse of what, or in which relation."""
    below, relation, above = (str(edge.get(part)) for part in ("sub", "pred", "obj"))
    if relation in _BELOW:
        gathering.parent(below, above)
    elif relation == "inverseOf":
        gathering.inverse(below, above)
    elif relation != "type":
        gathering.relation(below, relation, above)


def take_definition(axiom: Json, gathering: Gathering) -> None:
    """Note what a logical definition implies: its genera are above, its differences hold."""
    name = str(axiom.get("definedClassId"))
    for genus in axiom.get("genusIds") or ():
        gathering.parent(name, str(genus))
    for difference in axiom.get("restrictions") or ():
        gathering.relation(name, str(difference.get("propertyId")), str(difference.get("fillerId")))


def header(iri: str | None, meta: Json) -> Header:
    """Give what the graph says of itself."""
    said = [(str(each.get("pred")), str(each.get("val"))) for each in meta.get("basicPropertyValues") or ()]
    version = meta.get("version") or next((value for name, value in said if name == _DATE), None)
    return header_of(iri, str(version) if version else None, reversed(said))


def _expanded(name: str) -> str:
    """Give the IRI of a name, which some files write as a CURIE."""
    prefix, colon, local = name.partition(":")
    return f"{PREFIXES[prefix]}{local}" if colon and prefix in PREFIXES and not local.startswith("//") else name


def gathered(nodes: Iterable[Json], edges: Iterable[Json], definitions: Iterable[Json]) -> Gathering:
    """Gather a whole graph."""
    gathering = Gathering()
    for node in nodes:
        take_node(node, gathering)
    for edge in edges:
        take_edge(edge, gathering)
    for axiom in definitions:
        take_definition(axiom, gathering)
    return gathering


def triples(nodes: Iterable[Json], edges: Iterable[Json], definitions: Iterable[Json]) -> Iterator[Triple]:
    """Yield a whole graph as OWL in RDF: what it says of nodes, and each edge as an axiom (OWL 2 Mapping to RDF)."""
    for node in nodes:
        yield from _triples_of_node(node)
    for edge in edges:
        below, relation, above = (str(edge.get(part)) for part in ("sub", "pred", "obj"))
        if relation in _AXIOMS:
            yield from _plain(below, _AXIOMS[relation], above)
        else:
            yield from _restriction(below, relation, above)
    for axiom in definitions:
        name = str(axiom.get("definedClassId"))
        for genus in axiom.get("genusIds") or ():
            yield from _plain(name, RDFS_SUBCLASSOF, str(genus))
        for difference in axiom.get("restrictions") or ():
            yield from _restriction(name, str(difference.get("propertyId")), str(difference.get("fillerId")))


def _triples_of_node(node: Json) -> Iterator[Triple]:
    name = _named(node.get("id"))
    kind = _PROPERTIES.get(str(node.get("propertyType"))) or _KINDS.get(str(node.get("type")))
    if name is None:
        return
    if kind is not None:
        yield Triple(name, RDF_TYPE, OWL(kind.value))
    if isinstance(node.get("lbl"), str):
        yield Triple(name, RDFS_LABEL, Literal(node["lbl"]))
    meta = node.get("meta") or {}
    if meta.get("deprecated") is True:
        yield Triple(name, OWL("deprecated"), Literal("true", datatype=XSD_BOOLEAN))
    definition = (meta.get("definition") or {}).get("val")
    said = [(f"{OBO}IAO_0000115", definition)] if definition else []
    said += [(f"{_OIO}{each.get('pred')}", each.get("val")) for each in meta.get("synonyms") or ()]
    said += [(f"{_OIO}hasDbXref", each.get("val")) for each in meta.get("xrefs") or ()]
    said += [(str(each.get("pred")), each.get("val")) for each in meta.get("basicPropertyValues") or ()]
    for predicate, value in said:
        prop = _named(predicate)
        if prop is not None and value is not None:
            target = _named(_expanded(str(value))) if predicate == REPLACED_BY else None
            yield Triple(name, prop, target or Literal(str(value)))


def _plain(below: str, predicate: NamedNode, above: str) -> Iterator[Triple]:
    one, other = _named(below), _named(above)
    if one is not None and other is not None:
        yield Triple(one, predicate, other)


def _restriction(below: str, relation: str, above: str) -> Iterator[Triple]:
    one, prop, other = _named(below), _named(relation), _named(above)
    if one is not None and prop is not None and other is not None:
        node = BlankNode()
        yield Triple(one, RDFS_SUBCLASSOF, node)
        yield Triple(node, RDF_TYPE, OWL("Restriction"))
        yield Triple(node, OWL("onProperty"), prop)
        yield Triple(node, OWL("someValuesFrom"), other)


def _named(iri: object) -> NamedNode | None:
    """Make a name of an IRI, in our spelling; None of what is none."""
    try:
        return NamedNode(canonical(str(iri)))
    except ValueError:
        return None
