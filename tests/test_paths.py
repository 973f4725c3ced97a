"""Tests of paths: as SPARQL reads them, as people do, and what is ill-formed."""

import pytest
from pyoxigraph import NamedNode
from validating import EX, turtle

from exo_onto.paths import Path, ShapesError, ShapesGraph


def read(text: str) -> Path:
    graph = ShapesGraph(turtle(f":S :path {text} ."))
    (node,) = graph.objects(NamedNode(f"{EX}S"), NamedNode(f"{EX}path"))
    return graph.path(node, NamedNode(f"{EX}S"))


@pytest.mark.parametrize(
    ("text", "sparql", "nullable"),
    [
        (":p", "<p>", False),
        ("[ sh:inversePath :p ]", "^<p>", False),
        ("( :p :q )", "<p>/<q>", False),
        ("[ sh:alternativePath ( :p :q ) ]", "<p>|<q>", False),
        ("[ sh:zeroOrMorePath :p ]", "<p>*", True),
        ("[ sh:oneOrMorePath ( :p :q ) ]", "(<p>/<q>)+", False),
        ("[ sh:zeroOrOnePath [ sh:inversePath :p ] ]", "(^<p>)?", True),
        ("( :p [ sh:alternativePath ( :q :r ) ] )", "<p>/(<q>|<r>)", False),
        ("( [ sh:zeroOrMorePath :p ] [ sh:zeroOrOnePath :q ] )", "<p>*/<q>?", True),
    ],
)
def test_a_path_is_read(text: str, sparql: str, nullable: bool) -> None:  # noqa: FBT001  a column of the table
    path = read(text)
    assert path.sparql.replace(EX, "") == sparql
    assert path.nullable is nullable


@pytest.mark.parametrize(
    "text", ["'p'", "[]", "( :p )", "[ sh:alternativePath ( ) ]", "[ rdf:first :p ; rdf:rest [] ]"]
)
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(ShapesError):
        read(text)


def test_a_blank_shape_is_told_by_the_named_one_that_it_is_part_of() -> None:
    graph = ShapesGraph(turtle(":S sh:or ( [ sh:not [ :here true ] ] ) ."))
    (inner,) = graph.subjects(NamedNode(f"{EX}here"))
    assert graph.named_owner(inner) == NamedNode(f"{EX}S")
