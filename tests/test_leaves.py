"""Tests of leaves: what is written as text is what the store would have inferred, each triple once."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, Quad, RdfFormat, Triple, parse
from reasoning import ex, reasoned, spilled, turtle

from exo_onto.leaves import Leaves
from exo_onto.plan import Fact

BELOW = ":p rdfs:subPropertyOf :q . :q rdfs:subPropertyOf :r . "
HAS_VALUE = ":C rdfs:subClassOf [ owl:onProperty :q ; owl:hasValue :h ] . :q owl:inverseOf :i . "
CASES = {
    "classes in a line": ":C rdfs:subClassOf :D . :D rdfs:subClassOf :E . :a a :C . :b a :D .",
    "two ways to one": ":C rdfs:subClassOf :E . :D rdfs:subClassOf :E , :F . :a a :C , :D . :b a :D .",
    "some asserted": ":C rdfs:subClassOf :D . :a a :C , :D . :b a :C .",
    "pairs": f"{BELOW} :a :p :b . :b :q :a . :c :r :c .",
    "inverses": f"{BELOW} :q owl:inverseOf :i . :a :p :b . :c :i :d .",
    "domain and range": ":p rdfs:domain :C ; rdfs:range :D . :q rdfs:domain :C . :a :p :b . :b :q :a .",
    "a value and a pair": f"{HAS_VALUE} :a a :C . :b :q :c . :c :i :d .",
    "a value that is asserted": f"{HAS_VALUE} :a a :C ; :q :h .",
    "nameless things": f"{BELOW} :q owl:inverseOf :i . [] :p [] . :a :p [] .",
    "numbers": f"{BELOW} :a :p 1 , 1.5 , 1e3 , true , '1'^^xsd:integer , :b .",
    "texts": f"{BELOW} :a :p 'a\\tb' , 'c\\nd' , '> <tag:between> <x' , 'é'@fr , '<x>' , '_:b' , '' .",
    "texts below a class": ":p rdfs:subPropertyOf :q ; rdfs:range rdfs:Literal ; rdfs:domain :C . :a :p 'x' , 'y' .",
    "a value that is a text": ":C rdfs:subClassOf [ owl:onProperty :d ; owl:hasValue 'a b' ] . :a a :C .",
    "itself": ":p rdfs:subPropertyOf :q , [ owl:inverseOf :q ] . :a :p :a , :b .",
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_written_and_what_is_stored_are_all_that_follows(name: str) -> None:
    told = turtle(CASES[name])
    found = spilled(told)
    assert found.sent, "nothing was written as text"
    assert not found.stored & found.sent
    assert found.stored | found.sent == reasoned(told).inferred


def test_the_store_is_asked_once_for_each_premise() -> None:
    classes = " ".join(f":C{n} rdfs:subClassOf :D , :E{n} . :a{n} a :C{n} ." for n in range(9))
    asked = spilled(turtle(classes)).asked
    assert len(asked) == len(set(asked)) == 9


def test_something_is_only_about_what_is_there() -> None:
    found = spilled(turtle(f"{BELOW} {HAS_VALUE} :p rdfs:domain :C ."))
    assert found.stored | found.sent == frozenset()


def test_lines_are_spelt_as_each_fact() -> None:
    members = Leaves((Fact(ex("D"), of_class=True), Fact(ex("E"), of_class=True)), b"<http://a>\n<http://b>\n")
    assert triples(members.written()) == turtle(
        "<http://a> a :D . <http://b> a :D . <http://a> a :E . <http://b> a :E ."
    )
    pairs = Leaves((Fact(ex("p"), of_class=False),), b'<http://a>\t"x\\ty"\n')
    assert triples(pairs.written()) == turtle("<http://a> :p 'x\\ty' .")


@given(st.lists(st.text(max_size=6), min_size=1, max_size=5))
def test_any_text_comes_through(texts: list[str]) -> None:
    told = turtle(BELOW) + [Triple(ex("a"), ex("p"), Literal(text)) for text in texts]
    sent = {triple.object for triple in spilled(told).sent if triple.predicate == ex("r")}
    assert sent == {Literal(text) for text in texts}


def triples(parts: Iterator[bytes]) -> list[Triple]:
    quads: Iterator[Quad] = (quad for part in parts for quad in parse(part, format=RdfFormat.N_TRIPLES))
    return [quad.triple for quad in quads]
