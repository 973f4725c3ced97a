"""Tests of places: every triple of a file with the line that its object stands on."""

from exo_onto.places import Place, Statement, statements

TURTLE = b"""@prefix : <http://example.org/> .
:a :p :b ,
    :c ;
  :q [ :r
    "text" ] .
"""


def test_a_triple_has_the_line_of_its_object() -> None:
    found = {(said.predicate.rpartition("/")[2], said.place.line) for said in statements(TURTLE, "a.ttl")}
    assert found == {("p", 2), ("p", 3), ("q", 4), ("r", 5)}


def test_terms_are_plain_strings() -> None:
    first = statements(TURTLE, "a.ttl")[0]
    assert first == Statement("http://example.org/a", "http://example.org/p", "http://example.org/b", Place("a.ttl", 2))


def test_a_place_is_written_so_that_an_editor_finds_it() -> None:
    assert str(Place("a.ttl", 2, 7)) == "a.ttl:2:7"
    assert str(Place("a.ttl")) == "a.ttl"
