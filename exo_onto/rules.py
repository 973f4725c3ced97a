"""rules: the axioms of an ontology in, inference rules out, each under its names in OWL 2 Profiles, tables 4-9. Pure.

The tables join data with the schema: *if ?p is a sub-property of ?q and ?x ?p ?y, then ?x ?q ?y*. Here the schema is
known, so that each axiom becomes a rule with constants, and a class expression becomes the patterns that it stands for:
what is left to look up is data. The rules of the schema itself (`scm-*`) have nothing left to do: whatever they would
add follows for individuals by using the axioms one after the other (Profiles, theorem PR1).

Errors:

    UncompilableError   some axioms lie outside the fragment; each `Refusal` names its construct and its triple
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from pyoxigraph import BlankNode, NamedNode, Quad, Triple, Variable

from exo_onto.axioms import AXIOMS, KINDS, Rule, of_assertion
from exo_onto.expressions import Axiom, Pattern, Schema, Term, UnsupportedError, is_data
from exo_onto.vocabulary import (
    OWL,
    OWL_NAMES,
    PREFIXES,
    RDF_FIRST,
    RDF_REST,
    RDF_TYPE,
    RDFS_DOMAIN,
    RDFS_RANGE,
    RDFS_SUBCLASSOF,
    RDFS_SUBPROPERTYOF,
)

Find = Callable[[NamedNode, NamedNode | None], Iterable[Quad]]
"""Gives what has a predicate, and an object where one is given."""

_SAME = OWL("sameAs")
_X, _Y, _Z = Variable("x"), Variable("y"), Variable("z")


@dataclass(frozen=True)
class Refusal:
    """An axiom that is not compiled: what it uses, and the triple that states it."""

    construct: str
    axiom: Axiom


@dataclass(frozen=True)
class Within:
    """The rules of the axioms that are compiled, and the refusals of those that are not."""

    rules: tuple[Rule, ...]
    refusals: tuple[Refusal, ...]


class UncompilableError(Exception):
    """Some axioms lie outside OWL 2 RL; `refusals` names each."""

    def __init__(self, refusals: tuple[Refusal, ...]) -> None:
        """Keep the refusals and make the first one the message."""
        super().__init__(f"{refusals[0].construct} is not compiled")
        self.refusals = refusals


def stating(triples: Iterable[Triple]) -> list[Triple]:
    """Leave out of some triples those that no rule may come of: labels, and what else is said in other names."""
    return [triple for triple in triples if triple.predicate in _READ or _owl_name(triple.predicate)]


def among_individuals(find: Find) -> Iterator[Quad]:
    """Give the triples of axioms that stand among individuals, where few do; `find` is asked for each name of them."""
    for name in (*AXIOM_NAMES, *SCHEMA_PREDICATES):
        yield from find(name, None)
    for name in (*AXIOM_NAMES, *DECLARATIONS):
        yield from find(RDF_TYPE, name)


def compile_rules(triples: Iterable[Triple]) -> tuple[Rule, ...]:
    """Compile the axioms among some triples to rules. Individuals may be among them; only axioms are looked at.

    Raises UncompilableError, which names every axiom outside OWL 2 RL: none is dropped.
    """
    schema = Schema(triples)
    rules: list[Rule] = []
    refusals: list[Refusal] = []
    for axiom in schema.axioms:
        try:
            rules.extend(_of(schema, axiom))
        except UnsupportedError as error:
            refusals.append(Refusal(str(error), axiom))
    if refusals:
        raise UncompilableError(tuple(refusals))
    found = tuple(dict.fromkeys(rules))
    return found + (tuple(_equality(schema, found)) if _equates(schema, found) else ())


def compile_within(triples: Iterable[Triple]) -> Within:
    """Compile what lies within OWL 2 RL, and name each axiom that does not: what follows is sound, not complete.

    Of an expression that is not compiled nothing is kept, so that what holds it is not taken for less than it says.
    """
    told = list(triples)
    refused: list[Refusal] = []
    while True:
        try:
            return Within(compile_rules(told), tuple(refused))
        except UncompilableError as error:
            out = {tuple(each.axiom) for each in error.refusals}
            parts = {each.axiom.subject for each in error.refusals if isinstance(each.axiom.subject, BlankNode)}
            refused += error.refusals
            told = [t for t in told if t.subject not in parts and (t.subject, t.predicate, t.object) not in out]


def _of(schema: Schema, axiom: Axiom) -> Iterator[Rule]:
    """Give the rules of one axiom; none where a triple is data, an annotation or a part of an axiom."""
    if axiom.predicate == RDF_TYPE:
        return _of_type(schema, axiom)
    if axiom.predicate in AXIOMS:
        if schema.is_a(axiom.subject, OWL("AnnotationProperty")):
            return iter(())  # has no meaning for a reasoner (OWL 2 Direct Semantics, section 1)
        return AXIOMS[axiom.predicate](schema, axiom)
    name = _owl_name(axiom.predicate)
    if name in _PARTS and isinstance(axiom.subject, NamedNode):
        raise UnsupportedError(f"owl:{name} of a class with a name; say owl:equivalentClass [ owl:{name} ... ],")
    if name is not None and name not in _PARTS | _SAYS_NOTHING:
        raise UnsupportedError(f"owl:{name}")
    return iter(())


def _of_type(schema: Schema, axiom: Axiom) -> Iterator[Rule]:
    kind = axiom.object
    if isinstance(kind, BlankNode):
        return of_assertion(schema, axiom)
    if isinstance(kind, NamedNode) and kind in KINDS:
        return KINDS[kind](schema, axiom)
    name = _owl_name(kind)
    if name is not None and name not in _DECLARED:
        raise UnsupportedError(f"owl:{name}")
    return iter(())


def _owl_name(term: Term) -> str | None:
    """Give the local name of a term of OWL."""
    if not isinstance(term, NamedNode) or not term.value.startswith(PREFIXES["owl"]):
        return None
    return term.value.removeprefix(PREFIXES["owl"])


def _equates(schema: Schema, rules: Iterable[Rule]) -> bool:
    """Say whether anything can come to be the same as something else."""
    asserted = any(triple.predicate == _SAME for triple in schema.axioms)
    return asserted or any(rule.head is not None and rule.head.predicate == _SAME for rule in rules)


def _equality(schema: Schema, rules: Iterable[Rule]) -> Iterator[Rule]:
    """Give eq-sym, eq-trans and eq-rep-*, the latter for each class and each property that is spoken of.

    `eq-ref` is left out (it says of everything that it is itself), and eq-rep-p: a property has one name.
    """
    same = Pattern(_X, _SAME, _Y)
    yield Rule(("eq-sym",), Pattern(_Y, _SAME, _X), (same,), None)
    yield Rule(("eq-trans",), Pattern(_X, _SAME, _Z), (same, Pattern(_Y, _SAME, _Z)), None, (_X, _Z))
    patterns = [each for rule in rules for each in (*rule.body, *([rule.head] if rule.head else ()))]
    classes = {each.object for each in patterns if each.predicate == RDF_TYPE}
    classes |= {t.subject for t in schema.axioms if t.predicate == RDF_TYPE and t.object == OWL("Class")}
    properties = {each.predicate for each in patterns}
    for kind in ("ObjectProperty", "DatatypeProperty"):
        properties |= {t.subject for t in schema.axioms if t.object == OWL(kind) and isinstance(t.subject, NamedNode)}
    for name in sorted((c for c in classes if isinstance(c, NamedNode)), key=str):
        yield Rule(("eq-rep-s",), Pattern(_Y, RDF_TYPE, name), (same, Pattern(_X, RDF_TYPE, name)), None)
    for prop in sorted(properties - {RDF_TYPE, _SAME}, key=str):
        yield Rule(("eq-rep-s",), Pattern(_Y, prop, _Z), (same, Pattern(_X, prop, _Z)), None)
        if not is_data(schema, prop):
            yield Rule(("eq-rep-o",), Pattern(_Z, prop, _Y), (same, Pattern(_Z, prop, _X)), None)


_PARTS = frozenset(
    {
        "allValuesFrom",
        "cardinality",
        "complementOf",
        "hasSelf",
        "hasValue",
        "intersectionOf",
        "maxCardinality",
        "maxQualifiedCardinality",
        "minCardinality",
        "minQualifiedCardinality",
        "onClass",
        "onDataRange",
        "onProperty",
        "oneOf",
        "qualifiedCardinality",
        "someValuesFrom",
        "unionOf",
        "members",
        "distinctMembers",
        "sourceIndividual",
        "assertionProperty",
        "targetIndividual",
        "targetValue",
    }
)
"""What belongs to an axiom that is stated elsewhere: there it is compiled, or refused."""

_SAYS_NOTHING = frozenset(
    {
        "annotatedProperty",
        "annotatedSource",
        "annotatedTarget",
        "backwardCompatibleWith",
        "deprecated",
        "imports",
        "incompatibleWith",
        "priorVersion",
        "versionIRI",
        "versionInfo",
    }
)
"""Annotations, and the headers of ontologies."""

_DECLARED = frozenset(
    {
        "Annotation",
        "AnnotationProperty",
        "Axiom",
        "Class",
        "DatatypeProperty",
        "DeprecatedClass",
        "DeprecatedProperty",
        "NamedIndividual",
        "ObjectProperty",
        "Ontology",
        "OntologyProperty",
        "Restriction",
        "Thing",
    }
)

SCHEMA_PREDICATES = (RDFS_DOMAIN, RDFS_RANGE, RDFS_SUBCLASSOF, RDFS_SUBPROPERTYOF, RDF_FIRST, RDF_REST)
"""The names of other vocabularies that axioms are written with."""

_READ = frozenset({RDF_TYPE, *SCHEMA_PREDICATES})
"""What is read of an axiom besides the names of OWL."""

DECLARATIONS = tuple(
    OWL(name) for name in ("AnnotationProperty", "Class", "DatatypeProperty", "ObjectProperty", "Restriction")
)
"""What a triple of an axiom may declare something to be."""

AXIOM_NAMES = tuple(OWL(name) for name in sorted(OWL_NAMES - _SAYS_NOTHING - _DECLARED))
"""Every name of OWL that a triple of an axiom may have as its predicate or as its kind."""
