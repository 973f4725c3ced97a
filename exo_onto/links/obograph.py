"""obograph: passes over the nodes and edges of an OBO-graph JSON file in; its terms, and its header, out. Pure.

The format is that of geneontology/obographs: `graphs`, each with `nodes`, `edges`, `logicalDefinitionAxioms`, `meta`.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from exo_onto.links.axioms import ALTERNATIVE, REPLACED_BY, header_of
from exo_onto.links.terms import Gathering, Header, Kind
from exo_onto.vocabulary import PREFIXES

_KINDS: Final = {"CLASS": Kind.CLASS, "INDIVIDUAL": Kind.INDIVIDUAL, "PROPERTY": Kind.OBJECT_PROPERTY}
_PROPERTIES: Final = {"ANNOTATION": Kind.ANNOTATION_PROPERTY, "DATA": Kind.DATA_PROPERTY}
_BELOW: Final = {"is_a", "subPropertyOf", "subClassOf"}
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
