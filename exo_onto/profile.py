"""profile: what keeps an ontology out of OWL 2 DL that a profile checker may let pass. Pure.

Two conditions of the Structural Specification are global (section 11.2), and are easily left unchecked: the hierarchy
of properties with chains must be *regular*, and a property with chains must not stand where a *simple* one is asked
for. And data may only have literals of the datatype map (section 4): a reasoner stops at any other.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Triple

from exo_onto.expressions import Axiom, Schema, Term
from exo_onto.vocabulary import OWL, PREFIXES, RDF_TYPE, RDFS_LITERAL, RDFS_SUBPROPERTYOF, compact

_NAMES = (
    "anyURI base64Binary boolean byte dateTime dateTimeStamp decimal double float hexBinary int integer language long",
    "Name NCName negativeInteger NMTOKEN nonNegativeInteger nonPositiveInteger normalizedString positiveInteger short",
    "string token unsignedByte unsignedInt unsignedLong unsignedShort",
)
DATATYPES = frozenset(NamedNode(PREFIXES["xsd"] + name) for names in _NAMES for name in names.split()) | {
    OWL("real"),
    OWL("rational"),
    RDFS_LITERAL,
    *(NamedNode(PREFIXES["rdf"] + name) for name in ("PlainLiteral", "XMLLiteral", "langString")),
}
"""The datatype map of OWL 2 (Structural Specification, section 4)."""

_NEED_SIMPLE = ("FunctionalProperty", "InverseFunctionalProperty", "IrreflexiveProperty", "AsymmetricProperty")
_COUNTING = (
    "maxCardinality",
    "minCardinality",
    "cardinality",
    "maxQualifiedCardinality",
    "minQualifiedCardinality",
    "qualifiedCardinality",
    "hasSelf",
)


@dataclass(frozen=True)
class Departure:
    """One way in which an ontology leaves OWL 2 DL, and the triple that does it."""

    what: str
    axiom: Axiom


def departures(triples: Iterable[Triple]) -> tuple[Departure, ...]:
    """List what is irregular, not simple, or of a datatype outside the map."""
    schema = Schema(triples)
    return (*_irregular(schema), *_not_simple(schema), *_foreign_literals(schema))


def _irregular(schema: Schema) -> Iterator[Departure]:
    """Find the chains for which there is no order: a property in one that must be below and is not (section 11.2)."""
    above = _order(schema)
    for axiom, steps in _chains(schema):
        head = axiom.subject
        stated = schema.items(axiom.object)  # an inverse of the head is not the head
        if stated == [head, head]:
            continue  # transitivity
        inner = steps[1:] if stated[:1] == [head] else steps[:-1] if stated[-1:] == [head] else steps
        for step in inner:
            if step == head or step in _reach(head, above):
                what = f"The chain of {_named(head)} is irregular: {_named(step)} in it is not below {_named(head)}"
                yield Departure(what, axiom)
                break


def _order(schema: Schema) -> Mapping[Term, set[Term]]:
    """Give for each property those that must not be below it: what is above it by an axiom, or its inverse."""
    above: defaultdict[Term, set[Term]] = defaultdict(set)
    for axiom in schema.axioms:
        lower, upper = _property(schema, axiom.subject), _property(schema, axiom.object)
        if axiom.predicate == RDFS_SUBPROPERTYOF:
            above[lower].add(upper)
        elif axiom.predicate in (OWL("equivalentProperty"), OWL("inverseOf")) and isinstance(axiom.subject, NamedNode):
            above[lower].add(upper)
            above[upper].add(lower)
    for axiom, steps in _chains(schema):
        for step in steps:
            if step != axiom.subject:
                above[step].add(axiom.subject)
    return above


def _chains(schema: Schema) -> Iterator[tuple[Axiom, list[Term]]]:
    for axiom in schema.axioms:
        if axiom.predicate == OWL("propertyChainAxiom"):
            yield axiom, [_property(schema, step) for step in schema.items(axiom.object)]


def _property(schema: Schema, term: Term) -> Term:
    """Give the named property of an inverse, which has the same place in the order."""
    return schema.value(term, OWL("inverseOf")) or term if not isinstance(term, NamedNode) else term


def _reach(start: Term, above: Mapping[Term, set[Term]]) -> set[Term]:
    seen: set[Term] = set()
    todo = [start]
    while todo:
        fresh = above.get(todo.pop(), set()) - seen
        seen |= fresh
        todo.extend(fresh)
    return seen


def _not_simple(schema: Schema) -> Iterator[Departure]:
    """Find composite properties where only simple ones may stand: those with chains, and all above them."""
    above = _order(schema)
    roots = {axiom.subject for axiom, _ in _chains(schema)}
    roots |= {axiom.subject for axiom in schema.axioms if axiom.object == OWL("TransitiveProperty")}
    composite = roots.union(*(_reach(root, _upwards(schema, above)) for root in roots))
    for axiom in schema.axioms:
        for prop in _asked_simple(schema, axiom):
            if _property(schema, prop) in composite:
                yield Departure(f"{_named(prop)} has chains below it, and so may not be asked to be simple here", axiom)


def _upwards(schema: Schema, above: Mapping[Term, set[Term]]) -> Mapping[Term, set[Term]]:
    """Give the hierarchy alone, without what the chains add."""
    chained = {(step, axiom.subject) for axiom, steps in _chains(schema) for step in steps}
    stated = {(a.subject, a.object) for a in schema.axioms if a.predicate == RDFS_SUBPROPERTYOF}
    return {one: {each for each in more if (one, each) not in chained - stated} for one, more in above.items()}


def _asked_simple(schema: Schema, axiom: Axiom) -> Iterator[Term]:
    if axiom.predicate == RDF_TYPE and axiom.object in {OWL(name) for name in _NEED_SIMPLE}:
        yield axiom.subject
    elif axiom.predicate == OWL("propertyDisjointWith"):
        yield from (axiom.subject, axiom.object)
    elif axiom.predicate == RDF_TYPE and axiom.object == OWL("AllDisjointProperties"):
        yield from schema.items(schema.value(axiom.subject, OWL("members")))
    elif axiom.predicate in {OWL(name) for name in _COUNTING}:
        yield from schema.objects(axiom.subject, OWL("onProperty"))


def _foreign_literals(schema: Schema) -> Iterator[Departure]:
    """Find values of data properties whose datatype is none of the map."""
    data = {a.subject for a in schema.axioms if a.predicate == RDF_TYPE and a.object == OWL("DatatypeProperty")}
    for axiom in schema.axioms:
        told = axiom.predicate in data or axiom.predicate in (OWL("hasValue"), OWL("targetValue"))
        if told and isinstance(axiom.object, Literal) and axiom.object.datatype not in DATATYPES:
            kind = compact(axiom.object.datatype.value)
            yield Departure(f"The value {axiom.object.value!r} is of {kind}, which OWL 2 has not", axiom)


def _named(term: Term) -> str:
    return compact(term.value) if isinstance(term, NamedNode) else "a property without a name"
