"""agreement: an ontology and shapes in, where the two have drifted apart out. Pure.

Every name that a shape uses must be declared, and no shape may demand what the ontology makes impossible: for each
shape with a class as its target an example is made that meets its demands, and reasoned over.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Triple

from exo_onto.paths import Node, ShapesGraph, Term
from exo_onto.vocabulary import OWL, PREFIXES, RDF_TYPE, compact

Contradicts = Callable[[list[Triple]], bool]
"""Says whether some facts contradict the ontology."""

_EXAMPLE = "urn:example:"
_NAMES_A_CLASS = ("class", "targetClass")
_NAMES_A_PROPERTY = (
    "targetSubjectsOf",
    "targetObjectsOf",
    "equals",
    "disjoint",
    "lessThan",
    "lessThanOrEquals",
    "inversePath",
    "zeroOrMorePath",
    "oneOrMorePath",
    "zeroOrOnePath",
    "path",
)
_BUILT_IN = tuple(PREFIXES[prefix] for prefix in ("rdf", "rdfs", "owl", "xsd"))


@dataclass(frozen=True)
class Drift:
    """One thing in which shapes and ontology do not agree: what, and the triple of the shapes that shows it."""

    what: str
    subject: Node
    predicate: NamedNode
    value: Term


def drifts(ontology: Iterable[Triple], shapes: Iterable[Triple], contradicts: Contradicts) -> tuple[Drift, ...]:
    """List the names in shapes that the ontology does not declare, and the demands that it makes impossible."""
    told = tuple(shapes)
    return (*_undeclared(ontology, told), *_impossible(ShapesGraph(told), contradicts))


def _undeclared(ontology: Iterable[Triple], shapes: Iterable[Triple]) -> Iterator[Drift]:
    declared: dict[NamedNode, set[object]] = {}
    for triple in ontology:
        if triple.predicate == RDF_TYPE and isinstance(triple.subject, NamedNode):
            declared.setdefault(triple.subject, set()).add(triple.object)
    classes = {OWL("Class"), NamedNode(PREFIXES["rdfs"] + "Class")}
    properties = {OWL(f"{kind}Property") for kind in ("Object", "Datatype", "Annotation")}
    for triple in shapes:
        local = triple.predicate.value.removeprefix(PREFIXES["sh"])
        kinds = classes if local in _NAMES_A_CLASS else properties if local in _NAMES_A_PROPERTY else set()
        name = triple.object
        if not kinds or not isinstance(name, NamedNode) or name.value.startswith(_BUILT_IN):
            continue
        if not kinds & declared.get(name, set()) and not isinstance(triple.subject, Triple):
            kind = "class" if kinds is classes else "property"
            what = f"A shape names the {kind} {compact(name.value)}, which the ontology does not declare"
            yield Drift(what, triple.subject, triple.predicate, name)


def _impossible(graph: ShapesGraph, contradicts: Contradicts) -> Iterator[Drift]:
    target = _sh("targetClass")
    for shape in graph.subjects(target):
        for kind in graph.objects(shape, target):
            if isinstance(kind, NamedNode) and not kind.value.startswith(_BUILT_IN):
                example = list(_example(graph, shape, kind))
                if contradicts(example):
                    what = f"No {compact(kind.value)} can meet what this shape demands: the ontology excludes it"
                    yield Drift(what, shape, target, kind)


def _example(graph: ShapesGraph, shape: Node, kind: NamedNode) -> Iterator[Triple]:
    """Make a member of a class that has all that a shape demands of it outright."""
    one = NamedNode(f"{_EXAMPLE}one")
    yield Triple(one, RDF_TYPE, kind)
    yield from _demanded(graph, shape, one)
    for number, prop in enumerate(graph.objects(shape, _sh("property"))):
        path = graph.at_most_one(prop, _sh("path"))
        if not isinstance(path, NamedNode) or isinstance(prop, Literal):
            continue
        for wanted in graph.objects(prop, _sh("hasValue")):
            yield Triple(one, path, wanted)
        count = graph.at_most_one(prop, _sh("minCount"))
        if isinstance(count, Literal) and count.value != "0" and graph.objects(prop, _sh("class")):
            other = NamedNode(f"{_EXAMPLE}value-{number}")
            yield Triple(one, path, other)
            yield from _demanded(graph, prop, other)


def _demanded(graph: ShapesGraph, shape: Node, one: NamedNode) -> Iterator[Triple]:
    for kind in graph.objects(shape, _sh("class")):
        if isinstance(kind, NamedNode):
            yield Triple(one, RDF_TYPE, kind)


def _sh(local: str) -> NamedNode:
    return NamedNode(PREFIXES["sh"] + local)
