"""Tests of difference.changes: what a thing lost and gained, its provenance included."""

from pyoxigraph import RdfFormat, parse

from exo_onto.difference.canonical import Piece, pieces
from exo_onto.difference.changes import Changed, How, Naming, changes
from exo_onto.difference.expression import Node

PREFIXES = """@prefix ex: <http://ex/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
"""
AXIOM = "[] a owl:Axiom ; owl:annotatedSource ex:a ; owl:annotatedProperty ex:p ; owl:annotatedTarget ex:b ; "


def graph(text: str) -> dict[str, Piece]:
    return pieces(quad.triple for quad in parse(PREFIXES + text, format=RdfFormat.TURTLE, rename_blank_nodes=True))


def name(term: Node) -> str:
    return str(getattr(term, "value", term)).rpartition("/")[2].rpartition("#")[2]


def found(before: str, after: str) -> tuple[Changed, ...]:
    return changes(graph(before), graph(after), Naming(name))


def told(each: Changed) -> list[tuple[str, list[str], list[str]]]:
    return [(e.words, [v.words for v in e.lost], [v.words for v in e.gained]) for e in each.edits]


def test_the_same_meaning_is_no_change() -> None:
    one = f"ex:a ex:p ex:b , [ ex:q 1 ] . {AXIOM} ex:place 1 ."
    other = f"{AXIOM} ex:place 1 . ex:a ex:p [ ex:q 1 ] . ex:a ex:p ex:b ."
    assert found(one, other) == ()


def test_a_value_that_became_another_is_told_with_both() -> None:
    (changed,) = found('ex:a rdfs:label "x"@en .', 'ex:a rdfs:label "y"@en .')
    assert changed.how is How.CHANGED
    assert told(changed) == [("label", ["x"], ["y"])]


def test_things_are_added_and_removed() -> None:
    one, other = found("ex:a ex:p 1 .", "ex:b ex:p 1 .")
    assert (one.name, one.how) == ("http://ex/a", How.REMOVED)
    assert (other.name, other.how) == ("http://ex/b", How.ADDED)


def test_of_an_annotation_only_what_differs_is_told_of_the_statement() -> None:
    before, after = (f'{AXIOM} ex:place "1" ; ex:certainty "{word}" .' for word in ("stated", "hedged"))
    (changed,) = found(before, after)
    (edit,) = changed.edits
    assert changed.name == "http://ex/a"
    assert edit.about is not None
    assert (name(edit.about[0]), edit.about[1].words) == ("p", "b")
    assert told(changed) == [("certainty", ["stated"], ["hedged"])]


def test_of_two_annotations_of_one_statement_each_is_held_against_the_one_that_it_is_most_like() -> None:
    text = f'{AXIOM} ex:in ex:text ; ex:place "1" ; ex:who ex:x . {AXIOM} ex:in ex:title ; ex:place "2" ; ex:who ex:y .'
    (changed,) = found(text, text.replace('"2"', '"3"'))
    assert told(changed) == [("place", ["2"], ["3"])]


def test_an_axiom_about_a_nameless_class_is_told_whole() -> None:
    some = "[] a owl:Restriction ; owl:onProperty ex:p ; owl:someValuesFrom ex:A ; rdfs:subClassOf ex:"
    (changed,) = found(f"{some}B .", f"{some}C .")
    assert changed.name == ""
    assert told(changed) == [("subClassOf", ["'p' some A: B"], ["'p' some A: C"])]


def test_a_restriction_is_told_of_the_class_that_has_it() -> None:
    (changed,) = found(
        "ex:a a owl:Class .",
        "ex:a a owl:Class ; rdfs:subClassOf [ a owl:Restriction ; owl:onProperty ex:p ; owl:hasValue ex:v ] .",
    )
    assert told(changed) == [("subClassOf", [], ["'p' value v"])]
