"""closure: what a DL reasoner derived in, an `Entailment` out: complete, told apart from what was asserted. Pure.

A DL reasoner's output is a seed: HermiT through owlready2 gives the direct types of an individual only, and drops a
pair whose inverse is asserted. `entail` closes it over the inferred hierarchies of classes and properties and over
inverses, which is all that is left to do (the closure is rdfs9, rdfs7 and prp-inv1/2 of OWL 2 Profiles, tables 5-8).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pyoxigraph import NamedNode, Triple

from exo_onto.vocabulary import (
    OWL_BOTTOMOBJECTPROPERTY,
    OWL_EQUIVALENTCLASS,
    OWL_EQUIVALENTPROPERTY,
    OWL_INVERSEOF,
    OWL_NAMEDINDIVIDUAL,
    OWL_OBJECTPROPERTY,
    OWL_SYMMETRICPROPERTY,
    OWL_THING,
    OWL_TOPOBJECTPROPERTY,
    RDF_TYPE,
    RDFS_SUBCLASSOF,
    RDFS_SUBPROPERTYOF,
)

_TRIVIAL_TYPES = frozenset({OWL_THING, OWL_NAMEDINDIVIDUAL})
_TRIVIAL_PROPERTIES = frozenset({OWL_TOPOBJECTPROPERTY, OWL_BOTTOMOBJECTPROPERTY})

Pairs = Mapping[NamedNode, frozenset[NamedNode]]


@dataclass(frozen=True)
class Derivation:
    """What a reasoner says of one knowledge base.

    `triples` are types and property values of individuals and the subsumptions between names, as the reasoner gave
    them; `unsatisfiable` are the named classes that can have no member.
    """

    consistent: bool
    triples: frozenset[Triple]
    unsatisfiable: tuple[NamedNode, ...]


@dataclass(frozen=True)
class Entailment:
    """The triples about named individuals that follow from the asserted ones and are not among them."""

    inferred: frozenset[Triple]


def entail(asserted: Iterable[Triple], derived: Iterable[Triple]) -> Entailment:
    """Complete what a reasoner derived, and leave out what was asserted.

    Both are triples of one knowledge base; those whose subject or object is a blank node are passed over.
    """
    told = frozenset(asserted)
    known = told | frozenset(derived)
    individuals = _individuals(told)
    types = _types(known, individuals)
    values = _values(known, individuals)
    return Entailment(frozenset((types | values) - told))


@dataclass(frozen=True)
class Disagreement:
    """What only one of two engines derived, about named individuals. Both empty: they agree."""

    ours: frozenset[Triple]
    theirs: frozenset[Triple]


def compare(asserted: Iterable[Triple], ours: Iterable[Triple], derived: Iterable[Triple]) -> Disagreement:
    """Compare what our rules inferred with what a reasoner derived, completed."""
    theirs = entail(asserted, derived).inferred
    named = frozenset(t for t in ours if isinstance(t.subject, NamedNode) and isinstance(t.object, NamedNode))
    return Disagreement(named - theirs, theirs - named)


def _individuals(told: Iterable[Triple]) -> frozenset[NamedNode]:
    """Give the named things that are declared as individuals, typed by a class, or joined by an object property."""
    members = _members(told)
    properties = members[OWL_OBJECTPROPERTY]
    found = set(members[OWL_NAMEDINDIVIDUAL])
    for triple in told:
        if triple.predicate in properties:
            found.update(term for term in (triple.subject, triple.object) if isinstance(term, NamedNode))
        elif triple.predicate == RDF_TYPE and isinstance(triple.subject, NamedNode) and not _is_builtin(triple.object):
            found.add(triple.subject)
    return frozenset(found)


def _members(triples: Iterable[Triple]) -> defaultdict[NamedNode, set[NamedNode]]:
    """Give each named class with its named members, as typed."""
    found: defaultdict[NamedNode, set[NamedNode]] = defaultdict(set)
    for triple in triples:
        one, kind = triple.subject, triple.object
        if triple.predicate == RDF_TYPE and isinstance(kind, NamedNode) and isinstance(one, NamedNode):
            found[kind].add(one)
    return found


def _is_builtin(term: object) -> bool:
    return not isinstance(term, NamedNode) or term.value.startswith(
        (
            "http://www.w3.org/2002/07/owl#",
            "http://www.w3.org/2000/01/rdf-schema#",
            "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        )
    )


def _above(known: Iterable[Triple], sub: NamedNode, equivalent: NamedNode) -> Pairs:
    """Give each name with all names above it, itself included: the reflexive transitive closure."""
    direct: dict[NamedNode, set[NamedNode]] = defaultdict(set)
    for triple in known:
        lower, upper = triple.subject, triple.object
        if isinstance(lower, NamedNode) and isinstance(upper, NamedNode) and triple.predicate in (sub, equivalent):
            direct[lower].add(upper)
            if triple.predicate == equivalent:
                direct[upper].add(lower)
    return {name: _reach(name, direct) for name in list(direct)}


def _reach(start: NamedNode, direct: Mapping[NamedNode, set[NamedNode]]) -> frozenset[NamedNode]:
    seen = {start}
    todo = [start]
    while todo:
        fresh = direct.get(todo.pop(), set()) - seen
        seen |= fresh
        todo.extend(fresh)
    return frozenset(seen)


def _types(known: Iterable[Triple], individuals: frozenset[NamedNode]) -> frozenset[Triple]:
    above = _above(known, RDFS_SUBCLASSOF, OWL_EQUIVALENTCLASS)
    return frozenset(
        Triple(triple.subject, RDF_TYPE, upper)
        for triple in known
        if triple.predicate == RDF_TYPE and triple.subject in individuals and isinstance(triple.object, NamedNode)
        for upper in above.get(triple.object, frozenset({triple.object}))
        if upper not in _TRIVIAL_TYPES
    )


def _values(known: Iterable[Triple], individuals: frozenset[NamedNode]) -> frozenset[Triple]:
    known = frozenset(known)
    above = _above(known, RDFS_SUBPROPERTYOF, OWL_EQUIVALENTPROPERTY)
    inverses = _inverses(known)
    properties = {t.subject for t in known if t.predicate == RDF_TYPE and t.object == OWL_OBJECTPROPERTY}
    todo = [t for t in known if t.predicate in properties and t.subject in individuals and t.object in individuals]
    seen = set(todo)
    while todo:
        triple = todo.pop()
        uppers = (Triple(triple.subject, upper, triple.object) for upper in above.get(triple.predicate, ()))
        end = triple.object
        turned = (
            Triple(end, inverse, triple.subject)
            for inverse in inverses.get(triple.predicate, ())
            if isinstance(end, NamedNode)
        )
        fresh = {t for t in (*uppers, *turned) if t.predicate not in _TRIVIAL_PROPERTIES} - seen
        seen |= fresh
        todo.extend(fresh)
    return frozenset(seen)


def _inverses(known: Iterable[Triple]) -> Pairs:
    found: dict[NamedNode, set[NamedNode]] = defaultdict(set)
    for triple in known:
        one, other = triple.subject, triple.object
        if triple.predicate == OWL_INVERSEOF and isinstance(one, NamedNode) and isinstance(other, NamedNode):
            found[one].add(other)
            found[other].add(one)
        elif triple.predicate == RDF_TYPE and other == OWL_SYMMETRICPROPERTY and isinstance(one, NamedNode):
            found[one].add(one)
    return {name: frozenset(names) for name, names in found.items()}
