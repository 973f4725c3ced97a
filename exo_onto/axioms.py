"""axioms: one axiom of OWL 2 RL in, its inference rules out, under their names in OWL 2 Profiles, tables 5 to 7. Pure.

Each handler takes the triple that states an axiom and gives the rules that it amounts to, class expressions resolved.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Final

from pyoxigraph import BlankNode, NamedNode, Variable

from exo_onto.expressions import (
    Axiom,
    Consequence,
    Pattern,
    Schema,
    Term,
    UnsupportedError,
    Way,
    follows,
    is_data,
    link,
    substitute,
    ways_in,
)
from exo_onto.vocabulary import (
    OWL,
    RDFS_DOMAIN,
    RDFS_LITERAL,
    RDFS_RANGE,
    RDFS_SUBCLASSOF,
    RDFS_SUBPROPERTYOF,
    compact,
)

_SAME = OWL("sameAs")
_X, _Y, _Z = Variable("x"), Variable("y"), Variable("z")


@dataclass(frozen=True)
class Rule:
    """If all patterns of the body hold, so does the head; where the head is None, the body is a contradiction.

    `names` are the W3C names of the rules that it was made of, that of the axiom last. `unequal` are two terms of the
    body that must differ. `axiom` is the triple that states the axiom; None for the rules of equality itself.
    """

    names: tuple[str, ...]
    head: Pattern | None
    body: tuple[Pattern, ...]
    axiom: Axiom | None
    unequal: tuple[Term, Term] | None = None

    def __str__(self) -> str:
        """Write it as people do: *body -> head (names)*."""
        body = " . ".join(map(str, self.body)) or "always"
        return f"{body} -> {self.head or 'contradiction'}  ({', '.join(self.names)})"


def _rules(
    schema: Schema, axiom: Axiom, ways: Iterable[Way], consequences: Iterable[Consequence], *names: str
) -> Iterator[Rule]:
    """Join each way into what an axiom asks for with each consequence that it has."""
    told = list(consequences)
    for way in ways:
        for each in told:
            yield _rule(schema, axiom, way.and_(each.way).through(*names), each.head)


def _rule(schema: Schema, axiom: Axiom | None, way: Way, head: Pattern | None) -> Rule:
    """Make a rule of a conjunction and a head: variables that must be a given term are replaced by it."""
    bound: dict[Variable, Term] = {}
    extra: list[Pattern] = []
    for variable, term in way.bound:
        if bound.setdefault(variable, term) != term:
            extra.append(Pattern(bound[variable], _SAME, term))
    body = tuple(dict.fromkeys(substitute(each, bound) for each in (*way.patterns, *extra)))
    conclusion = substitute(head, bound) if head else None
    if conclusion is None or conclusion.predicate != _SAME:
        return Rule(way.names, conclusion, body, axiom)
    if any(is_data(schema, each.predicate) and each.object in conclusion.terms for each in body):
        return Rule((*way.names, "dt-diff"), None, body, axiom, conclusion.terms)  # literals are what they are
    return Rule(way.names, conclusion, body, axiom, conclusion.terms)


def of_assertion(schema: Schema, axiom: Axiom) -> Iterator[Rule]:
    """Give the rules of an individual's membership in a class expression: what follows for it at once."""
    return _rules(schema, axiom, [Way()], follows(schema, axiom.object, axiom.subject))


def _sub_class(schema: Schema, axiom: Axiom) -> Iterator[Rule]:
    return _implies(schema, axiom, axiom.subject, axiom.object, "cax-sco")


def _implies(schema: Schema, axiom: Axiom, lower: Term, upper: Term, name: str) -> Iterator[Rule]:
    consequences = follows(schema, upper, _X)
    return _rules(schema, axiom, ways_in(schema, lower, _X) if consequences else (), consequences, name)


def _equivalent_class(schema: Schema, axiom: Axiom) -> Iterator[Rule]:
    yield from _implies(schema, axiom, axiom.subject, axiom.object, "cax-eqc1")
    yield from _implies(schema, axiom, axiom.object, axiom.subject, "cax-eqc2")


def _disjoint_classes(schema: Schema, axiom: Axiom) -> Iterator[Rule]:
    return _exclude(schema, axiom, axiom.subject, axiom.object, "cax-dw")


def _exclude(schema: Schema, axiom: Axiom, one: Term, other: Term, name: str) -> Iterator[Rule]:
    pairs = ((a, b) for a in ways_in(schema, one, _X) for b in ways_in(schema, other, _X))
    return (_rule(schema, axiom, a.and_(b).through(name), None) for a, b in pairs)


def _all_disjoint_classes(schema: Schema, axiom: Axiom) -> Iterator[Rule]:
    for one, other in combinations(_listed(schema, axiom, "members"), 2):
        yield from _exclude(schema, axiom, one, other, "cax-adc")


def _listed(schema: Schema, axiom: Axiom, predicate: str) -> list[Term]:
    return schema.items(schema.value(axiom.subject, OWL(predicate)))


def _sub_property(schema: Schema, axiom: Axiom) -> Iterator[Rule]:
    return _sub_path(schema, axiom, axiom.subject, axiom.object, "prp-spo1")


def _sub_path(schema: Schema, axiom: Axiom, lower: Term, upper: Term, name: str) -> Iterator[Rule]:
    if lower in _BOTTOM or upper in _TOP:
        return
    if lower in _TOP:
        raise UnsupportedError(f"{compact(lower.value)} as a condition")
    body = link(schema, lower, _X, _Y)
    head = None if upper in _BOTTOM else link(schema, upper, _X, _Y)
    yield Rule((name,), head, (body,), axiom)


def _equivalent_property(schema: Schema, axiom: Axiom) -> Iterator[Rule]:
    yield from _sub_path(schema, axiom, axiom.subject, axiom.object, "prp-eqp1")
    yield from _sub_path(schema, axiom, axiom.object, axiom.subject, "prp-eqp2")


def _inverse(schema: Schema, axiom: Axiom) -> Iterator[Rule]:
    if isinstance(axiom.subject, BlankNode):
        return  # the inverse of a property, as an expression
    one, other = link(schema, axiom.subject, _X, _Y), link(schema, axiom.object, _Y, _X)
    yield Rule(("prp-inv1",), other, (one,), axiom)
    yield Rule(("prp-inv2",), one, (other,), axiom)


def _disjoint_properties(schema: Schema, axiom: Axiom) -> Iterator[Rule]:
    yield _both(schema, axiom, axiom.subject, axiom.object, "prp-pdw")


def _both(schema: Schema, axiom: Axiom, one: Term, other: Term, name: str) -> Rule:
    return Rule((name,), None, (link(schema, one, _X, _Y), link(schema, other, _X, _Y)), axiom)


def _all_disjoint_properties(schema: Schema, axiom: Axiom) -> Iterator[Rule]:
    for one, other in combinations(_listed(schema, axiom, "members"), 2):
        yield _both(schema, axiom, one, other, "prp-adp")


def _chain(schema: Schema, axiom: Axiom) -> Iterator[Rule]:
    steps = schema.items(axiom.object)
    stops = [Variable(f"x{number}") for number in range(len(steps) + 1)]
    body = tuple(link(schema, step, *ends) for step, ends in zip(steps, pairwise(stops), strict=True))
    if body:
        yield Rule(("prp-spo2",), link(schema, axiom.subject, stops[0], stops[-1]), body, axiom)


def _domain(schema: Schema, axiom: Axiom) -> Iterator[Rule]:
    way = Way((link(schema, axiom.subject, _X, _Y),))
    return _rules(schema, axiom, [way], follows(schema, axiom.object, _X), "prp-dom")


def _range(schema: Schema, axiom: Axiom) -> Iterator[Rule]:
    if is_data(schema, axiom.subject):
        if axiom.object != RDFS_LITERAL:
            raise UnsupportedError("rdfs:range with a datatype other than rdfs:Literal (say it in a shape)")
        return iter(())
    way = Way((link(schema, axiom.subject, _X, _Y),))
    return _rules(schema, axiom, [way], follows(schema, axiom.object, _Y), "prp-rng")


def _functional(schema: Schema, axiom: Axiom) -> Iterator[Rule]:
    way = Way((link(schema, axiom.subject, _X, _Y), link(schema, axiom.subject, _X, _Z)), ("prp-fp",))
    yield _rule(schema, axiom, way, Pattern(_Y, _SAME, _Z))


def _inverse_functional(schema: Schema, axiom: Axiom) -> Iterator[Rule]:
    way = Way((link(schema, axiom.subject, _X, _Z), link(schema, axiom.subject, _Y, _Z)), ("prp-ifp",))
    yield _rule(schema, axiom, way, Pattern(_X, _SAME, _Y))


def _irreflexive(schema: Schema, axiom: Axiom) -> Iterator[Rule]:
    yield Rule(("prp-irp",), None, (link(schema, axiom.subject, _X, _X),), axiom)


def _symmetric(schema: Schema, axiom: Axiom) -> Iterator[Rule]:
    yield Rule(("prp-symp",), link(schema, axiom.subject, _Y, _X), (link(schema, axiom.subject, _X, _Y),), axiom)


def _asymmetric(schema: Schema, axiom: Axiom) -> Iterator[Rule]:
    both = (link(schema, axiom.subject, _X, _Y), link(schema, axiom.subject, _Y, _X))
    yield Rule(("prp-asyp",), None, both, axiom)


def _transitive(schema: Schema, axiom: Axiom) -> Iterator[Rule]:
    steps = (link(schema, axiom.subject, _X, _Y), link(schema, axiom.subject, _Y, _Z))
    yield Rule(("prp-trp",), link(schema, axiom.subject, _X, _Z), steps, axiom)


def _key(schema: Schema, axiom: Axiom) -> Iterator[Rule]:
    for one in ways_in(schema, axiom.subject, _X):
        for other in ways_in(schema, axiom.subject, _Y):
            way = one.and_(other)
            for prop in schema.items(axiom.object):
                value = schema.variable()
                way = way.and_(Way((link(schema, prop, _X, value), link(schema, prop, _Y, value))))
            yield _rule(schema, axiom, way.through("prp-key"), Pattern(_X, _SAME, _Y))


def _negative(schema: Schema, axiom: Axiom) -> Iterator[Rule]:
    source, prop = (schema.value(axiom.subject, OWL(name)) for name in ("sourceIndividual", "assertionProperty"))
    target = schema.value(axiom.subject, OWL("targetIndividual"))
    value = schema.value(axiom.subject, OWL("targetValue"))
    end = target or value
    if source is None or prop is None or end is None:
        raise UnsupportedError("owl:NegativePropertyAssertion without its source, property or target")
    yield Rule(("prp-npa1" if target else "prp-npa2",), None, (link(schema, prop, source, end),), axiom)


def _same(_: Schema, __: Axiom) -> Iterator[Rule]:
    return iter(())  # is data; `_equality` gives the rules that use it


def _different(_: Schema, axiom: Axiom) -> Iterator[Rule]:
    yield _told_apart(axiom, axiom.subject, axiom.object, "eq-diff1")


def _all_different(schema: Schema, axiom: Axiom) -> Iterator[Rule]:
    for predicate, name in (("members", "eq-diff2"), ("distinctMembers", "eq-diff3")):
        for one, other in combinations(_listed(schema, axiom, predicate), 2):
            yield _told_apart(axiom, one, other, name)


def _told_apart(axiom: Axiom, one: Term, other: Term, name: str) -> Rule:
    body = () if one == other else (Pattern(one, _SAME, other),)
    return Rule((name,), None, body, axiom)


Handler = Callable[[Schema, Axiom], Iterator[Rule]]

_TOP = (OWL("topObjectProperty"), OWL("topDataProperty"))
_BOTTOM = (OWL("bottomObjectProperty"), OWL("bottomDataProperty"))

AXIOMS: Final[Mapping[NamedNode, Handler]] = {
    RDFS_SUBCLASSOF: _sub_class,
    OWL("equivalentClass"): _equivalent_class,
    OWL("disjointWith"): _disjoint_classes,
    RDFS_SUBPROPERTYOF: _sub_property,
    OWL("equivalentProperty"): _equivalent_property,
    OWL("inverseOf"): _inverse,
    OWL("propertyDisjointWith"): _disjoint_properties,
    OWL("propertyChainAxiom"): _chain,
    RDFS_DOMAIN: _domain,
    RDFS_RANGE: _range,
    OWL("hasKey"): _key,
    _SAME: _same,
    OWL("differentFrom"): _different,
}
"""The axioms that one triple states."""

KINDS: Final[Mapping[NamedNode, Handler]] = {
    OWL("FunctionalProperty"): _functional,
    OWL("InverseFunctionalProperty"): _inverse_functional,
    OWL("IrreflexiveProperty"): _irreflexive,
    OWL("SymmetricProperty"): _symmetric,
    OWL("AsymmetricProperty"): _asymmetric,
    OWL("TransitiveProperty"): _transitive,
    OWL("AllDisjointClasses"): _all_disjoint_classes,
    OWL("AllDisjointProperties"): _all_disjoint_properties,
    OWL("AllDifferent"): _all_different,
    OWL("NegativePropertyAssertion"): _negative,
}
"""The axioms that are stated by saying what kind of thing something is."""
