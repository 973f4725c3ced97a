"""Tests of evaluation: a call is answered over the graphs it names, in the format it chose, and no graph is too large.

What a request comes to as a whole, `test_protocol` says.
"""

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from exo_onto.dataset import Dataset, Description, prepare
from exo_onto.evaluation import TooManyError, perform
from exo_onto.negotiation import negotiate
from exo_onto.problems import Reply
from exo_onto.protocol import Call
from exo_onto.scope import Scope
from exo_onto.vocabulary import DEFAULT_GRAPHS, GRAPH_JUSTIFICATIONS

A, B, S, P = (NamedNode(f"http://ex/{name}") for name in "absp")
SAID = Description("http://127.0.0.1:7878/sparql", "Test data", "1.2.3", "3f2a")
TRIPLES = "CONSTRUCT WHERE { ?s ?p ?o }"


def held(*quads: Quad) -> Dataset:
    store = Store()
    store.extend(quads)
    return prepare(store, SAID, default_graphs=[A, B])


DATA = held(Quad(S, P, Literal("one"), A), Quad(S, P, Literal("two"), B))


def asked(query: str, *, accept: str = "text/csv, application/n-triples", scope: Scope | None = None) -> Call:
    return Call(query, scope, negotiate(accept))


def told(reply: Reply) -> list[str]:
    assert reply.status == 200
    return reply.read().decode().split()


def test_the_graphs_that_a_call_names_are_asked_and_else_those_of_the_dataset() -> None:
    query = "SELECT ?o WHERE { ?s ?p ?o } ORDER BY ?o"
    assert told(perform(asked(query), DATA)) == ["o", "one", "two"]
    assert told(perform(asked(query, scope=Scope((B,), None)), DATA)) == ["o", "two"]


def test_an_answer_names_the_snapshot_and_a_refusal_does_too() -> None:
    for query, status in (("ASK {}", 406), (TRIPLES, 200), ("nonsense", 400)):
        reply = perform(asked(query), DATA)
        assert (reply.status, reply.headers["Exo-Onto-Snapshot"]) == (status, "3f2a")


def test_a_graph_of_more_triples_than_are_granted_is_not_written_to_its_end() -> None:
    assert len(told(perform(asked(TRIPLES), DATA, most=2))) == 8
    with pytest.raises(TooManyError):
        perform(asked(TRIPLES), DATA, most=1).read()


def test_the_graphs_of_a_snapshot_are_not_searched_for_what_they_share_be_it_the_proofs_that_are_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """They share nothing, and to find that out takes seconds in every process."""
    store = Store()
    store.add(Quad(S, P, Literal("proof"), GRAPH_JUSTIFICATIONS))
    dataset = prepare(store, SAID, default_graphs=DEFAULT_GRAPHS, disjoint=True)
    monkeypatch.setattr("exo_onto.dataset.overlapping", lambda *_: pytest.fail("searched"))
    froms = "".join(f" FROM {graph}" for graph in (*DEFAULT_GRAPHS, GRAPH_JUSTIFICATIONS))
    assert told(perform(asked(f"SELECT ?o{froms} WHERE {{ ?s ?p ?o }}"), dataset)) == ["o", "proof"]
