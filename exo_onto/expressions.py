"""expressions: OWL class expressions in, what puts a thing into them and what follows for it out. Pure.

A class expression of OWL 2 RL (Profiles, section 4.2) means one of two things to a rule. On the left of a subclass
axiom it is a condition: `ways_in` gives the alternative conjunctions of triple patterns by which a thing gets into it.
On the right it is a consequence: `follows` gives what holds of a thing that is in it. Neither has a blank node left.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import count, product
from typing import NamedTuple

from pyoxigraph import BlankNode, Literal, NamedNode, Triple, Variable

from exo_onto.vocabulary import OWL, RDF_FIRST, RDF_NIL, RDF_REST, RDF_TYPE, RDFS_LITERAL

Term = Variable | NamedNode | BlankNode | Literal
Name = NamedNode | BlankNode

_RESTRICTIONS = (
    "someValuesFrom",
    "allValuesFrom",
    "hasValue",
    "hasSelf",
    "minCardinality",
    "maxCardinality",
    "cardinality",
    "minQualifiedCardinality",
    "maxQualifiedCardinality",
    "qualifiedCardinality",
)
_BOOLEANS = ("intersectionOf", "unionOf", "complementOf", "oneOf")
_DATA = ("onDatatype", "onDataRange", "datatypeComplementOf", "withRestrictions")


class Pattern(NamedTuple):
    """A triple pattern: any of its terms may be a variable but the predicate."""

    subject: Term
    predicate: NamedNode
    object: Term

    def __str__(self) -> str:
        """Write it as SPARQL does."""
        return f"{self.subject} {self.predicate} {self.object}"

    @property
    def terms(self) -> tuple[Term, Term]:
        """Its two ends."""
        return (self.subject, self.object)


@dataclass(frozen=True)
class Way:
    """One conjunction of patterns under which a thing is in a class; `bound` are variables that must be a given term.

    `names` are the W3C names of the rules that it passes through, the innermost first.
    """

    patterns: tuple[Pattern, ...] = ()
    names: tuple[str, ...] = ()
    bound: tuple[tuple[Variable, Term], ...] = ()

    def and_(self, other: "Way") -> "Way":
        """Give the conjunction of both."""
        return Way(self.patterns + other.patterns, self.names + other.names, self.bound + other.bound)

    def through(self, *names: str) -> "Way":
        """Give the same way, with names of rules added."""
        return replace(self, names=self.names + names)


@dataclass(frozen=True)
class Consequence:
    """What holds of a thing in a class: `head`, or a contradiction where it is None, once `way` is met as well."""

    head: Pattern | None
    way: Way = field(default_factory=Way)


class Axiom(NamedTuple):
    """A triple that may state an axiom."""

    subject: Name
    predicate: NamedNode
    object: NamedNode | BlankNode | Literal


class UnsupportedError(Exception):
    """A construct that lies outside OWL 2 RL, or outside what is compiled; the message names it and says why."""


class Schema:
    """The triples of an ontology, looked up by subject and predicate."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        """Index the triples, and note which properties are annotations and which have literals as values."""
        self.axioms = tuple(
            Axiom(t.subject, t.predicate, t.object)
            for t in dict.fromkeys(triples)
            if not isinstance(t.subject, Triple) and not isinstance(t.object, Triple)
        )
        self._objects: dict[object, dict[NamedNode, list[Term]]] = defaultdict(lambda: defaultdict(list))
        for axiom in self.axioms:
            self._objects[axiom.subject][axiom.predicate].append(axiom.object)
        self._fresh = count()

    def objects(self, subject: object, predicate: NamedNode) -> list[Term]:
        """Give the objects of a subject under a predicate."""
        return self._objects[subject][predicate] if subject in self._objects else []

    def value(self, subject: object, predicate: NamedNode) -> Term | None:
        """Give the one object, or None."""
        return next(iter(self.objects(subject, predicate)), None)

    def types(self, subject: object) -> list[Term]:
        """Give what a subject is declared to be."""
        return self.objects(subject, RDF_TYPE)

    def is_a(self, subject: object, kind: NamedNode) -> bool:
        """Say whether a subject is declared to be of a kind of OWL."""
        return kind in self.types(subject)

    def items(self, head: Term | None) -> list[Term]:
        """Give the members of an RDF list."""
        found: list[Term] = []
        seen: set[object] = set()
        while head is not None and head != RDF_NIL and head not in seen:
            seen.add(head)
            found.extend(self.objects(head, RDF_FIRST))
            head = self.value(head, RDF_REST)
        return found

    def variable(self) -> Variable:
        """Give a variable that no pattern has yet."""
        return Variable(f"v{next(self._fresh)}")

    def constructors(self, expression: Term) -> list[str]:
        """Give the local names of the constructors of OWL that an expression without a name is made by."""
        return [name for name in (*_BOOLEANS, *_RESTRICTIONS, *_DATA) if self.value(expression, OWL(name)) is not None]


def link(schema: Schema, prop: Term, start: Term, end: Term) -> Pattern:
    """Give the pattern that joins two terms by a property, or by the inverse of one, turned round.

    Raises UnsupportedError where it is no property.
    """
    if isinstance(prop, NamedNode):
        return Pattern(start, prop, end)
    inverse = schema.value(prop, OWL("inverseOf"))
    if inverse is None:
        raise UnsupportedError("a property without a name that is not the owl:inverseOf of one")
    return link(schema, inverse, end, start)


def is_data(schema: Schema, prop: Term | None) -> bool:
    """Say whether a property has literals as values."""
    return schema.is_a(prop, OWL("DatatypeProperty"))


def ways_in(schema: Schema, expression: Term, thing: Term) -> list[Way]:
    """Give the alternative ways in which a thing gets into a class expression; none where nothing can be in it.

    Raises UnsupportedError for an expression that OWL 2 RL does not allow on the left (Profiles, section 4.2.3).
    """
    if isinstance(expression, NamedNode):
        return _ways_into_name(expression, thing)
    match schema.constructors(expression):
        case ["intersectionOf"]:
            parts = [ways_in(schema, each, thing) for each in _members(schema, expression, "intersectionOf")]
            return [_conjunction(ways).through("cls-int1") for ways in product(*parts)]
        case ["unionOf"]:
            members = _members(schema, expression, "unionOf")
            return [way.through("cls-uni") for each in members for way in ways_in(schema, each, thing)]
        case ["oneOf"]:
            return [_being(thing, each) for each in _members(schema, expression, "oneOf")]
        case ["hasValue"]:
            value = _only(schema, expression, "hasValue")
            return [Way((link(schema, _property(schema, expression), thing, value),), ("cls-hv2",))]
        case ["someValuesFrom"]:
            return list(_ways_by_some(schema, expression, thing))
    raise UnsupportedError(f"{_called(schema, expression)} as a condition (the left of a subclass axiom)")


def _ways_into_name(name: NamedNode, thing: Term) -> list[Way]:
    if name == OWL("Nothing"):
        return []
    if name == OWL("Thing"):
        raise UnsupportedError("owl:Thing as a condition of its own (the left of a subclass axiom)")
    return [Way((Pattern(thing, RDF_TYPE, name),))]


def _being(thing: Term, one: Term) -> Way:
    """Give the way into an enumeration: to be one of its members."""
    if isinstance(thing, Variable):
        return Way((), ("cls-oo",), ((thing, one),))
    raise UnsupportedError("owl:oneOf of an individual")


def _ways_by_some(schema: Schema, expression: Term, thing: Term) -> Iterator[Way]:
    prop = _property(schema, expression)
    filler = _only(schema, expression, "someValuesFrom")
    other = schema.variable()
    step = Way((link(schema, prop, thing, other),))
    if filler in (OWL("Thing"), RDFS_LITERAL):
        yield step.through("cls-svf2")
        return
    if is_data(schema, prop):
        raise UnsupportedError("owl:someValuesFrom a range of data other than rdfs:Literal")
    for way in ways_in(schema, filler, other):
        yield step.and_(way).through("cls-svf1")


def follows(schema: Schema, expression: Term, thing: Term) -> list[Consequence]:
    """Give what holds of a thing because it is in a class expression.

    Raises UnsupportedError for an expression that OWL 2 RL does not allow on the right (Profiles, section 4.2.3).
    """
    if isinstance(expression, NamedNode):
        return _follows_from_name(expression, thing)
    match schema.constructors(expression):
        case ["intersectionOf"]:
            members = _members(schema, expression, "intersectionOf")
            return [_through(each, "cls-int2") for member in members for each in follows(schema, member, thing)]
        case ["complementOf"]:
            return [
                Consequence(None, way.through("cls-com"))
                for way in ways_in(schema, _only(schema, expression, "complementOf"), thing)
            ]
        case ["hasValue"]:
            value = _only(schema, expression, "hasValue")
            return [Consequence(link(schema, _property(schema, expression), thing, value), Way((), ("cls-hv1",)))]
        case ["allValuesFrom"]:
            return list(_follows_for_all(schema, expression, thing))
        case [("maxCardinality" | "maxQualifiedCardinality") as kind, *rest] if set(rest) <= {"onDataRange"}:
            return list(_follows_from_at_most(schema, expression, thing, kind))
    raise UnsupportedError(f"{_called(schema, expression)} as a consequence (the right of a subclass axiom)")


def _follows_from_name(name: NamedNode, thing: Term) -> list[Consequence]:
    if name == OWL("Thing"):
        return []
    if name == OWL("Nothing"):
        return [Consequence(None, Way((), ("cls-nothing2",)))]
    return [Consequence(Pattern(thing, RDF_TYPE, name))]


def _follows_for_all(schema: Schema, expression: Term, thing: Term) -> Iterator[Consequence]:
    prop = _property(schema, expression)
    filler = _only(schema, expression, "allValuesFrom")
    if filler in (OWL("Thing"), RDFS_LITERAL):
        return
    if is_data(schema, prop):
        raise UnsupportedError("owl:allValuesFrom a range of data other than rdfs:Literal")
    other = schema.variable()
    step = Way((link(schema, prop, thing, other),), ("cls-avf",))
    for each in follows(schema, filler, other):
        yield Consequence(each.head, step.and_(each.way))


def _follows_from_at_most(schema: Schema, expression: Term, thing: Term, kind: str) -> Iterator[Consequence]:
    """Give cls-maxc1, cls-maxc2 and cls-maxqc1 to cls-maxqc4: no such value, or all of them one."""
    prop = _property(schema, expression)
    number = _only(schema, expression, kind).value
    if number not in {"0", "1"}:
        raise UnsupportedError(f"owl:{kind} {number}: OWL 2 RL knows 0 and 1")
    if schema.value(expression, OWL("onDataRange")) not in (None, RDFS_LITERAL):
        raise UnsupportedError(f"owl:{kind} with a range of data other than rdfs:Literal")
    qualified = kind == "maxQualifiedCardinality"
    filler = schema.value(expression, OWL("onClass")) if qualified else None
    ends = [schema.variable() for _ in range(int(number) + 1)]
    anything = filler in (None, OWL("Thing"))
    name = ("cls-maxqc" if qualified else "cls-maxc") + str(
        (2 if anything and qualified else 1) + (0 if number == "0" else 2 if qualified else 1)
    )
    alternatives = [
        [Way((link(schema, prop, thing, end),)).and_(way) for way in _filled(schema, filler, end)] for end in ends
    ]
    for ways in product(*alternatives):
        way = _conjunction(ways).through(name)
        if number == "0":
            yield Consequence(None, way)
        else:
            yield Consequence(Pattern(ends[0], OWL("sameAs"), ends[1]), way)


def _filled(schema: Schema, filler: Term | None, end: Term) -> list[Way]:
    return [Way()] if filler in (None, OWL("Thing")) else ways_in(schema, filler, end)


def _through(each: Consequence, *names: str) -> Consequence:
    return Consequence(each.head, each.way.through(*names))


def _conjunction(ways: Iterable[Way]) -> Way:
    whole = Way()
    for way in ways:
        whole = whole.and_(way)
    return whole


def _members(schema: Schema, expression: Term, constructor: str) -> list[Term]:
    return schema.items(schema.value(expression, OWL(constructor)))


def _property(schema: Schema, expression: Term) -> Term:
    prop = schema.value(expression, OWL("onProperty"))
    if prop is None:
        raise UnsupportedError(f"{_called(schema, expression)} without owl:onProperty")
    return prop


def _only(schema: Schema, expression: Term, constructor: str) -> NamedNode | BlankNode | Literal:
    found = schema.objects(expression, OWL(constructor))
    if len(found) != 1 or isinstance(found[0], Variable):
        raise UnsupportedError(f"owl:{constructor} with {len(found)} values in one class expression")
    return found[0]


def _called(schema: Schema, expression: Term) -> str:
    """Name an expression by its constructors."""
    found = schema.constructors(expression)
    return " and ".join(f"owl:{name}" for name in found) if found else "a class without a name or a constructor"


def substitute(pattern: Pattern, bound: Mapping[Variable, Term]) -> Pattern:
    """Give a pattern with variables replaced by terms."""
    ends = (bound.get(term, term) if isinstance(term, Variable) else term for term in pattern.terms)
    start, end = ends
    return Pattern(start, pattern.predicate, end)
