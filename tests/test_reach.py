"""Tests of reach: what a part adds to a base, end by end, and of what things of the base it speaks."""

from pyoxigraph import NamedNode, Quad, Store
from reasoning import EX, ex, rows, turtle

from exo_onto.crossing import LITERAL, OBJECT, SUBJECT, Reach
from exo_onto.plan import Fact
from exo_onto.reach import reach
from exo_onto.reason import Dataset
from exo_onto.rules import compile_rules

BASE, OWN, INFERRED = (NamedNode(f"urn:graph:{name}") for name in ("base", "own", "inferred"))
THEORY = (
    ":p a owl:ObjectProperty . :q a owl:ObjectProperty . :d a owl:DatatypeProperty ; owl:propertyDisjointWith :e . "
    ":e a owl:DatatypeProperty . :f a owl:DatatypeProperty . :r a owl:ObjectProperty ; "
    "owl:propertyChainAxiom ( :p :q ) . :C rdfs:subClassOf :D . "
    "[ owl:intersectionOf ( :C [ owl:onProperty :f ; owl:hasValue 1 ] ) ] rdfs:subClassOf :E . :shared a :C ."
)


def reached(own: str, inferred: str = "") -> Reach:
    """Give what a part with these facts adds to the theory."""
    store = Store()
    theory = turtle(THEORY)
    for graph, triples in ((BASE, theory), (OWN, turtle(own)), (INFERRED, turtle(inferred))):
        store.extend(Quad(t.subject, t.predicate, t.object, graph) for t in triples)
    known = frozenset(term.value for triple in theory for term in triple if isinstance(term, NamedNode))
    dataset = Dataset((BASE, OWN), INFERRED, closed=(BASE,))
    return reach(lambda query: rows(store, query), compile_rules(theory), dataset, known)


def test_the_ends_that_meet_the_base_are_told_by_their_kind() -> None:
    found = reached(":a :p :shared . :shared :q :a . :a :d 1 .")
    p, q, d = (Fact(ex(name), of_class=False) for name in "pqd")
    assert found.kinds == {p, q, d}
    assert found.ends == {
        (p, OBJECT): frozenset({EX + "shared"}),
        (q, SUBJECT): frozenset({EX + "shared"}),
        (d, OBJECT): frozenset({LITERAL}),
    }


def test_literals_are_told_only_where_facts_may_meet_at_them() -> None:
    f = Fact(ex("f"), of_class=False)
    found = reached(":a :f 1 . :a :e 1 .")
    assert f in found.kinds
    assert found.ends == {(Fact(ex("e"), of_class=False), OBJECT): frozenset({LITERAL})}


def test_what_follows_counts_as_said() -> None:
    assert reached(":a :p :b .", ":shared a :C .").ends == {
        (Fact(ex("C"), of_class=True), SUBJECT): frozenset({EX + "shared"})
    }


def test_names_are_those_that_the_base_does_not_have() -> None:
    assert len(reached(":a :p :shared .").names) == 1
    assert reached(":a :p :shared .").names == reached(":a :q :shared .").names
    assert not reached(":a :p :b .").names & reached(":c :p :shared .").names


def test_a_part_speaks_of_a_thing_of_the_base_where_it_names_nothing_of_its_own_with_it() -> None:
    assert reached(":shared :q :a . :a :p :shared .").speaks_of == frozenset()
    assert reached(":shared :d 1 .").speaks_of == {EX + "shared"}
    assert reached(":shared :q :shared .").speaks_of == {EX + "shared"}
