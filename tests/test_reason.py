"""Tests of reason: strata and saturation, and agreement with HermiT and owlrl on random ontologies."""

import os
from collections.abc import Iterable

from conftest import REPOSITORY
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from owlrl import DeductiveClosure
from owlrl.OWLRL import OWLRL_Semantics
from pyoxigraph import NamedNode, RdfFormat, Triple, parse, serialize
from rdflib import Graph
from reasoning import EX, ex, reasoned, spilled, turtle

from exo_onto import closure, referees
from exo_onto.sources import read_sources
from exo_onto.vocabulary import GRAPH_INFERRED, RDF_TYPE

FUZZ = int(os.environ.get("EXO_ONTO_FUZZ", "1"))
"""How many times the usual number of random ontologies is tried."""


def test_what_is_asserted_is_not_inferred_again() -> None:
    told = turtle(":C rdfs:subClassOf :D . :a a :C , :D . :b a :C .")
    assert reasoned(told).inferred == frozenset(turtle(":b a :D ."))


def test_what_no_rule_asks_for_comes_last_and_can_be_sent_elsewhere() -> None:
    told = turtle(
        ":p a owl:ObjectProperty ; rdfs:subPropertyOf :q . :q a owl:ObjectProperty ; owl:inverseOf :r . "
        ":C rdfs:subClassOf :D . [ owl:onProperty :p ; owl:someValuesFrom :D ] rdfs:subClassOf :E . :E rdfs:subClassOf :F . "
        ":a :p :b . :b a :C ."
    )
    found = spilled(told)
    assert found.stored == frozenset(turtle(":b a :D . :a a :E ."))
    assert found.sent == frozenset(turtle(":a :q :b . :b :r :a . :a a :F ."))


def test_the_working_graphs_are_gone_afterwards() -> None:
    store = reasoned(turtle(":p a owl:ObjectProperty , owl:TransitiveProperty . :a :p :b . :b :p :c .")).store
    assert GRAPH_INFERRED in set(store.named_graphs())
    assert not [graph for graph in store.named_graphs() if "delta" in str(graph)]


def test_a_rule_that_feeds_itself_runs_again_only_where_the_data_may() -> None:
    chain = ":p a owl:ObjectProperty ; owl:propertyChainAxiom ( :q :p ) . :b :p :c . :a :q :b ."
    once, again = reasoned(turtle(chain)), reasoned(turtle(f"{chain} :z :q :a ."))
    assert once.steps == (f"prp-spo2: {EX}p",)
    assert again.steps[1] == f"prp-spo2: {EX}p, again"
    assert once.inferred == frozenset(turtle(":a :p :c ."))
    assert again.inferred == frozenset(turtle(":a :p :c . :z :p :c ."))


### Random ontologies within OWL 2 DL and RL: simple properties s0, s1, composite ones r0, r1, data property d0

CLASSES = [f":C{number}" for number in range(5)]
SIMPLE = [":s0", ":s1"]
COMPOSITE = [":r0", ":r1"]
PEOPLE = [f":i{number}" for number in range(5)]
DECLARED = (
    "".join(f"{name} a owl:Class . " for name in CLASSES)
    + "".join(f"{name} a owl:ObjectProperty . " for name in (*SIMPLE, *COMPOSITE))
    + "".join(f"{name} a owl:NamedIndividual . " for name in PEOPLE)
)

a_class, a_person = st.sampled_from(CLASSES), st.sampled_from(PEOPLE)
two_classes = st.lists(a_class, min_size=2, max_size=2, unique=True)
a_simple, a_property = st.sampled_from(SIMPLE), st.sampled_from(SIMPLE + COMPOSITE)
a_turned = st.one_of(a_property, a_property.map(lambda name: f"[ owl:inverseOf {name} ]"))


def restriction(prop: str, rest: str) -> str:
    return f"[ a owl:Restriction ; owl:onProperty {prop} ; {rest} ]"


def boolean(constructor: str, members: Iterable[str]) -> str:
    return f"[ a owl:Class ; owl:{constructor} ( {' '.join(members)} ) ]"


def lower(depth: int) -> st.SearchStrategy[str]:
    """Give class expressions that OWL 2 RL allows on the left."""
    if depth == 0:
        return a_class
    inner = lower(depth - 1)
    return st.one_of(
        a_class,
        st.builds(lambda m: boolean("intersectionOf", m), st.lists(inner, min_size=2, max_size=3)),
        st.builds(lambda m: boolean("unionOf", m), st.lists(inner, min_size=2, max_size=2)),
        st.builds(lambda m: boolean("oneOf", m), st.lists(a_person, min_size=1, max_size=2, unique=True)),
        st.builds(
            lambda p, c: restriction(p, f"owl:someValuesFrom {c}"), a_turned, st.one_of(inner, st.just("owl:Thing"))
        ),
        st.builds(lambda p, v: restriction(p, f"owl:hasValue {v}"), a_property, a_person),
    )


def upper(depth: int) -> st.SearchStrategy[str]:
    """Give class expressions that OWL 2 RL allows on the right."""
    if depth == 0:
        return a_class
    return st.one_of(
        a_class,
        st.builds(lambda m: boolean("intersectionOf", m), st.lists(upper(depth - 1), min_size=2, max_size=2)),
        st.builds(lambda c: f"[ a owl:Class ; owl:complementOf {c} ]", lower(0)),
        st.builds(lambda p, c: restriction(p, f"owl:allValuesFrom {c}"), a_turned, upper(depth - 1)),
        st.builds(lambda p, v: restriction(p, f"owl:hasValue {v}"), a_property, a_person),
        st.builds(lambda p: restriction(p, 'owl:maxCardinality "0"^^xsd:nonNegativeInteger'), a_simple),
    )


ONCE = 'owl:maxCardinality "1"^^xsd:nonNegativeInteger'
EQUATING = st.one_of(
    a_simple.map(lambda p: f"{p} a owl:FunctionalProperty ."),
    a_simple.map(lambda p: f"{p} a owl:InverseFunctionalProperty ."),
    st.builds(
        lambda c, p: f"{c} rdfs:subClassOf {restriction(p, ONCE)} .",
        a_class,
        a_simple,
    ),
    st.builds(lambda a, b: f"{a} owl:sameAs {b} .", a_person, a_person),
    st.builds(lambda a, b: f"{a} owl:differentFrom {b} .", a_person, a_person),
)
SCHEMA = st.one_of(
    st.builds(lambda a, b: f"{a} rdfs:subClassOf {b} .", lower(2), upper(2)),
    two_classes.map(lambda two: f"{two[0]} owl:equivalentClass {two[1]} ."),
    two_classes.map(lambda two: f"{two[0]} owl:disjointWith {two[1]} ."),
    st.builds(lambda p, q: f"{p} rdfs:subPropertyOf {q} .", a_simple, a_property),
    st.builds(lambda p, q: f"{p} owl:inverseOf {q} .", a_simple, a_simple),
    st.builds(lambda p, c: f"{p} rdfs:domain {c} .", a_property, upper(1)),
    st.builds(lambda p, c: f"{p} rdfs:range {c} .", a_property, upper(1)),
    st.builds(
        lambda p, q: f":r1 owl:propertyChainAxiom ( {p} {q} ) .", a_simple, st.sampled_from([":s0", ":s1", ":r0"])
    ),
    st.sampled_from(
        [
            ":r0 a owl:TransitiveProperty .",
            ":r0 a owl:SymmetricProperty .",
            ":s0 a owl:SymmetricProperty .",
            ":s1 a owl:AsymmetricProperty .",
            ":s1 a owl:IrreflexiveProperty .",
            ":s0 owl:propertyDisjointWith :s1 .",
        ]
    ),
)
FACTS = st.one_of(
    st.builds(lambda a, c: f"{a} a {c} .", a_person, a_class),
    st.builds(lambda a, p, b: f"{a} {p} {b} .", a_person, a_property, a_person),
)
PLAIN = st.tuples(st.lists(SCHEMA, max_size=7), st.lists(FACTS, min_size=1, max_size=9))
WITH_EQUALITY = st.tuples(st.lists(st.one_of(SCHEMA, EQUATING), max_size=7), st.lists(FACTS, min_size=1, max_size=9))


def told_of(parts: tuple[list[str], list[str]]) -> list[Triple]:
    return turtle(DECLARED + " ".join((*parts[0], *parts[1])))


def about_people(triples: Iterable[Triple]) -> frozenset[Triple]:
    """Keep the types and values of named individuals, equality with itself apart."""
    people = {ex(name[1:]) for name in PEOPLE}
    properties = {ex(name[1:]) for name in (*SIMPLE, *COMPOSITE)}
    classes = {ex(name[1:]) for name in CLASSES}
    return frozenset(
        t
        for t in triples
        if t.subject in people
        and ((t.predicate == RDF_TYPE and t.object in classes) or (t.predicate in properties and t.object in people))
    )


@settings(max_examples=200 * FUZZ, deadline=None, derandomize=FUZZ == 1, suppress_health_check=list(HealthCheck))
@given(PLAIN)
def test_hermit_agrees_on_random_ontologies(parts: tuple[list[str], list[str]]) -> None:
    told = told_of(parts)
    ours, theirs = reasoned(told), referees.hermit(told)
    assert theirs.consistent is (ours.contradictions == ())
    if theirs.consistent:
        expected = about_people(closure.entail(told, theirs.triples).inferred)
        assert about_people(ours.inferred) == expected - frozenset(told)


@settings(max_examples=20 * FUZZ, deadline=None, derandomize=FUZZ == 1, suppress_health_check=list(HealthCheck))
@given(WITH_EQUALITY)
def test_hermit_agrees_where_things_may_be_the_same(parts: tuple[list[str], list[str]]) -> None:
    told = told_of(parts)
    ours, theirs = reasoned(told), referees.hermit(told)
    assert theirs.consistent is (ours.contradictions == ())
    if theirs.consistent:
        assert about_people(closure.entail(told, theirs.triples).inferred) <= ours.inferred | set(told)


@settings(max_examples=150 * FUZZ, deadline=None, derandomize=FUZZ == 1, suppress_health_check=list(HealthCheck))
@given(WITH_EQUALITY)
def test_owlrl_agrees_on_random_ontologies(parts: tuple[list[str], list[str]]) -> None:
    told = told_of(parts)
    ours = reasoned(told)
    if ours.contradictions == ():
        assert about_people((*told, *ours.inferred)) == about_people(closed_by_owlrl(told))


@settings(max_examples=150 * FUZZ, deadline=None, derandomize=FUZZ == 1, suppress_health_check=list(HealthCheck))
@given(st.one_of(PLAIN, WITH_EQUALITY))
def test_what_is_sent_elsewhere_and_what_is_stored_are_all_that_follows(parts: tuple[list[str], list[str]]) -> None:
    told = told_of(parts)
    found = spilled(told)
    assert found.stored | found.sent == reasoned(told).inferred
    assert not found.stored & found.sent


def closed_by_owlrl(told: list[Triple]) -> list[Triple]:
    graph = Graph().parse(data=serialize(told, format=RdfFormat.N_TRIPLES), format="nt")
    DeductiveClosure(OWLRL_Semantics).expand(graph)
    lines = [line for line in graph.serialize(format="nt").splitlines() if line.startswith(f"<{EX}i")]
    quads = parse("\n".join(lines), format=RdfFormat.N_TRIPLES)
    return [quad.triple for quad in quads if isinstance(quad.object, NamedNode)]


def test_hermit_agrees_on_every_study() -> None:
    told = list(read_sources(REPOSITORY).triples())
    difference = closure.compare(told, reasoned(told).inferred, referees.hermit(told).triples)
    assert difference.ours == frozenset()
    assert difference.theirs == frozenset()
