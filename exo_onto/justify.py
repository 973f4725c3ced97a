"""justify: the steps that inferred facts follow by in, the quads of `graph:justifications` out. Pure.

Each fact is an `rdf:Statement` with its subject, predicate and object; an inferred one was derived from its premises
(`prov:wasDerivedFrom`) by a rule whose W3C names it bears (`skos:notation`). So the premises of any inferred type can
be asked for in SPARQL:

    GRAPH graph:justifications {
        ?fact rdf:subject study:x ; rdf:predicate exonto:demonstrates ; prov:wasDerivedFrom ?premise .
        ?premise rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o .
    }
"""

import hashlib
from collections.abc import Iterator, Mapping

from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from exo_onto.explain import Step
from exo_onto.expressions import Pattern
from exo_onto.vocabulary import GRAPH_JUSTIFICATIONS, PREFIXES, RDF_TYPE, SKOS_NOTATION

_STATEMENT, _SUBJECT, _PREDICATE, _OBJECT = (
    NamedNode(PREFIXES["rdf"] + name) for name in ("Statement", "subject", "predicate", "object")
)
_DERIVED = NamedNode(PREFIXES["prov"] + "wasDerivedFrom")


def justifications(steps: Mapping[Pattern, Step]) -> Iterator[Quad]:
    """Yield what says from what each inferred fact was derived, and by which rules; nothing twice."""
    nodes: dict[Pattern, NamedNode] = {}
    for fact, step in steps.items():
        for each in (fact, *step.premises):
            if each not in nodes:
                nodes[each] = node_of(each)
                yield from _statement(each, nodes[each])
        node = nodes[fact]
        for premise in dict.fromkeys(step.premises):
            yield Quad(node, _DERIVED, nodes[premise], GRAPH_JUSTIFICATIONS)
        for name in dict.fromkeys(step.rule.names):
            yield Quad(node, SKOS_NOTATION, Literal(name), GRAPH_JUSTIFICATIONS)


def node_of(fact: Pattern) -> NamedNode:
    """Name a fact by what it says: the same in every build."""
    return NamedNode(PREFIXES["justification"] + hashlib.sha256(str(fact).encode()).hexdigest()[:24])


def _statement(fact: Pattern, node: NamedNode) -> Iterator[Quad]:
    yield Quad(node, RDF_TYPE, _STATEMENT, GRAPH_JUSTIFICATIONS)
    yield Quad(node, _PREDICATE, fact.predicate, GRAPH_JUSTIFICATIONS)
    if isinstance(fact.subject, NamedNode | BlankNode):
        yield Quad(node, _SUBJECT, fact.subject, GRAPH_JUSTIFICATIONS)
    if isinstance(fact.object, NamedNode | BlankNode | Literal):
        yield Quad(node, _OBJECT, fact.object, GRAPH_JUSTIFICATIONS)
