"""Tests of scope: the graphs that a query names itself."""

import pytest
from pyoxigraph import NamedNode

from exo_onto.scope import Scope, UnclearScopeError, own_scope

BASE = "http://example.org/"


def graph(name: str) -> NamedNode:
    return NamedNode(BASE + name)


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ("SELECT * WHERE { ?s ?p ?o }", None),
        ("SELECT * FROM <a> WHERE { ?s ?p ?o }", Scope((graph("a"),), ())),
        ("SELECT * FROM <a> FROM NAMED <b> { ?s ?p ?o }", Scope((graph("a"),), (graph("b"),))),
        ("PREFIX ex: <http://example.org/> ASK FROM NAMED ex:b { ?s ?p ?o }", Scope((), (graph("b"),))),
        ("SELECT * WHERE { ?s ?p 'FROM <a>' } # FROM <b>", None),
        ("SELECT * WHERE { ?from ?p <http://example.org/FROM> }", None),
    ],
)
def test_from_is_read_where_it_is_one(text: str, scope: Scope | None) -> None:
    assert own_scope(text, base=BASE) == scope


def test_a_from_that_parsers_may_read_differently_is_refused() -> None:
    with pytest.raises(UnclearScopeError, match="Put a blank"):
        own_scope("ASKFROM<http://example.org/a> { ?s ?p ?o }", base=BASE)
