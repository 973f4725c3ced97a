"""triples: OWL as RDF in, triple by triple; its terms, and what it says of itself, out. Pure.

A stream is read once, in whatever order: what hangs on blank nodes (restrictions, intersections) is kept until the end,
and nothing else is, so that memory grows with the terms and not with what is said of them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from exo_onto.links.axioms import ALTERNATIVE, LICENCES, REPLACED_BY, TITLES, header_of
from exo_onto.links.terms import Gathering, Header, Kind, Term
from exo_onto.vocabulary import (
    OWL,
    OWL_IMPORTS,
    OWL_VERSIONINFO,
    OWL_VERSIONIRI,
    PREFIXES,
    RDF_TYPE,
    RDFS_LABEL,
    RDFS_SUBCLASSOF,
    RDFS_SUBPROPERTYOF,
)

_KINDS: Final = {OWL(kind.value): kind for kind in Kind}
_BELOW: Final = (RDFS_SUBCLASSOF, RDFS_SUBPROPERTYOF, OWL("equivalentClass"))
_OF_EXPRESSIONS: Final = {
    OWL("onProperty"),
    OWL("someValuesFrom"),
    OWL("intersectionOf"),
    NamedNode(PREFIXES["rdf"] + "first"),
    NamedNode(PREFIXES["rdf"] + "rest"),
}
_DEPRECATED: Final = OWL("deprecated")
_INVERSE: Final = OWL("inverseOf")
_ONTOLOGY: Final = OWL("Ontology")

_OF_HEADERS: Final = {OWL_IMPORTS, OWL_VERSIONINFO, OWL_VERSIONIRI, *map(NamedNode, (*TITLES, *LICENCES))}
_PARTS: Final = NamedNode(PREFIXES["rdf"] + "first"), NamedNode(PREFIXES["rdf"] + "rest")

Expressions = Mapping[BlankNode, Mapping[NamedNode, object]]


def gather(quads: Iterable[Quad]) -> tuple[dict[str, Term], Header]:
    """Gather the terms of an ontology, and its header."""
    gathering = Gathering()
    expressions: defaultdict[BlankNode, dict[NamedNode, object]] = defaultdict(dict)
    above: list[tuple[str, BlankNode]] = []
    told: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for quad in quads:
        subject, predicate, value = quad.subject, quad.predicate, quad.object
        if isinstance(subject, BlankNode):
            if predicate in _OF_EXPRESSIONS:
                expressions[subject][predicate] = value
        elif not isinstance(subject, NamedNode):
            continue
        elif isinstance(value, BlankNode):
            above += [(subject.value, value)] if predicate in _BELOW else []
        elif predicate in _OF_HEADERS or value == _ONTOLOGY:
            told[subject.value].setdefault(predicate.value, str(getattr(value, "value", value)))
        else:
            _take(subject.value, predicate, value, gathering)
    for name, node in above:
        _imply(name, node, expressions, gathering)
    return gathering.terms(), _header(told)


def _header(told: Mapping[str, Mapping[str, str]]) -> Header:
    """Find the ontology among what headers may say of, and what it says of itself."""
    ontology = next((name for name, said in told.items() if said.get(RDF_TYPE.value) == _ONTOLOGY.value), None)
    said = told[ontology] if ontology else {}
    imports = OWL_IMPORTS.value in said
    return header_of(ontology, said.get(OWL_VERSIONIRI.value), said.items(), imports=imports)


def _take(name: str, predicate: NamedNode, value: object, gathering: Gathering) -> None:
    """Note what a triple between names, or of a name and a text, says of a term."""
    match value:
        case Literal() if predicate == RDFS_LABEL:
            gathering.label(name, value.value, value.language)
        case Literal() | NamedNode() if predicate.value == ALTERNATIVE:
            gathering.alternative(name, value.value)
        case Literal(value="true" | "1") if predicate == _DEPRECATED:
            gathering.obsolete(name)
        case NamedNode() if predicate == RDF_TYPE:
            if value in _KINDS:
                gathering.declare(name, _KINDS[value])
        case NamedNode() if predicate in (RDFS_SUBCLASSOF, RDFS_SUBPROPERTYOF):
            gathering.parent(name, value.value)
        case NamedNode() if predicate == _INVERSE:
            gathering.inverse(name, value.value)
        case NamedNode() if predicate.value == REPLACED_BY:
            gathering.replacement(name, value.value)
        case _:
            pass


def _imply(name: str, node: object, expressions: Expressions, gathering: Gathering) -> None:
    """Take the named classes, and the relations to named classes, that a class expression implies."""
    if isinstance(node, NamedNode):
        gathering.parent(name, node.value)
    elif isinstance(node, BlankNode):
        parts = expressions.get(node, {})
        relation, target = parts.get(OWL("onProperty")), parts.get(OWL("someValuesFrom"))
        if isinstance(relation, NamedNode) and isinstance(target, NamedNode):
            gathering.relation(name, relation.value, target.value)
        for part in _items(parts.get(OWL("intersectionOf")), expressions):
            _imply(name, part, expressions, gathering)


def _items(node: object, expressions: Expressions) -> Iterator[object]:
    """Give the members of a list; of one that bites its tail, each once."""
    first, rest = _PARTS
    seen: set[object] = set()
    while isinstance(node, BlankNode) and node not in seen:
        seen.add(node)
        yield expressions.get(node, {}).get(first)
        node = expressions.get(node, {}).get(rest)
