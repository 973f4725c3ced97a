"""Tests of staging: a batch counts once, a run that is taken over is refused, and publishing goes on where it stopped."""

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, QuerySolutions, Store, Triple

from exo_onto import staging
from exo_onto.batches import Batch
from exo_onto.staging import JUSTIFY, LOAD, MARKER, Staging, TakenOverError, finish, markers, published
from exo_onto.vocabulary import ASSERTED_GRAPHS, GRAPH_INFERRED, GRAPH_INSTANCES, GRAPH_METADATA, PREFIXES

NAME = "0123456789abcdef"
IDENTIFIER = NamedNode(PREFIXES["dcterms"] + "identifier")
TRIPLES = NamedNode("http://rdfs.org/ns/void#triples")


def batch(number: int) -> Batch:
    return Batch(GRAPH_INSTANCES, (Triple(NamedNode(f"urn:{number}"), IDENTIFIER, BlankNode()),))


def size(store: Store, graph: NamedNode | BlankNode) -> int:
    return sum(1 for _ in store.quads_for_pattern(None, None, None, graph))


def complete(store: Store, run: Staging, name: str) -> None:
    """Say what the metadata say of a build of one instance."""
    counts = " ".join(f"{graph} {TRIPLES} {1 if graph == GRAPH_INSTANCES else 0} ." for graph in ASSERTED_GRAPHS)
    said = f"<urn:build> {IDENTIFIER} {Literal(name)} . {counts}"
    store.update(f"INSERT DATA {{ GRAPH {run.graph(GRAPH_METADATA)} {{ {said} }} }}")


def test_a_batch_that_is_sent_again_counts_once() -> None:
    store = Store()
    run = Staging(store, NAME, "one")
    assert run.take() == 0
    run.send(LOAD, 0, batch(0))
    with pytest.raises(TakenOverError):
        run.send(LOAD, 5, batch(5))
    again = Staging(store, NAME, "two")
    assert again.take() == 1
    again.send(LOAD, 1, batch(1))
    assert size(store, again.graph(GRAPH_INSTANCES)) == 2


class Stuttering:
    """A store that does every update twice, as where a request is sent again whose answer was lost."""

    def __init__(self, store: Store) -> None:
        """Take a store."""
        self.query = store.query
        self.named_graphs = store.named_graphs
        self._update = store.update

    def update(self, update: str) -> None:
        """Do it twice."""
        self._update(update)
        self._update(update)


def test_the_same_request_twice_doubles_no_blank_node() -> None:
    store = Store()
    run = Staging(Stuttering(store), NAME, "one")
    run.take()
    for number in range(3):
        run.send(LOAD, number, batch(number))
    assert size(store, run.graph(GRAPH_INSTANCES)) == 3


def test_a_run_that_is_taken_over_by_the_same_build_or_another_is_refused() -> None:
    for name in (NAME, "fedcba9876543210"):
        store = Store()
        first = Staging(store, NAME, "one")
        first.take()
        first.send(LOAD, 0, batch(0))
        second = Staging(store, name, "two")
        assert second.take() == (1 if name == NAME else 0)
        with pytest.raises(TakenOverError):
            first.send(LOAD, 1, batch(1))
        with pytest.raises(TakenOverError):
            first.publish()
        first.discard()
        second.send(LOAD, 1 if name == NAME else 0, batch(1))
        assert [marker.owner for marker in markers(store)] == ["two"]


def test_two_that_begin_in_the_same_moment_both_stop() -> None:
    store = Store()
    one, two = Staging(store, NAME, "one"), Staging(store, NAME, "two")
    one.take()
    owner = NamedNode(f"{MARKER.value}#owner")
    store.update(
        f'INSERT {{ GRAPH {MARKER} {{ ?b {owner} "two" }} }} WHERE {{ GRAPH {MARKER} {{ ?b {owner} "one" }} }}'
    )
    for run in (one, two):
        with pytest.raises(TakenOverError):
            run.send(LOAD, 0, batch(0))
    assert size(store, one.graph(GRAPH_INSTANCES)) == 0


def test_what_one_run_infers_is_not_mixed_with_what_another_does() -> None:
    store = Store()
    one, two = Staging(store, NAME, "one"), Staging(store, NAME, "two")
    assert one.dataset.asserted == two.dataset.asserted
    assert one.dataset.inferred != two.dataset.inferred
    assert not set(one.dataset.deltas) & set(two.dataset.deltas)
    assert published(store) is None


def test_publishing_replaces_all_graphs_and_leaves_nothing_aside() -> None:
    store = Store()
    store.update(
        f"INSERT DATA {{ GRAPH {GRAPH_INSTANCES} {{ <urn:old> a <urn:old> }} GRAPH {GRAPH_INFERRED} {{ <urn:old> a <urn:c> }} }}"
    )
    run = Staging(store, NAME, "one")
    run.take()
    run.send(LOAD, 0, batch(0))
    complete(store, run, NAME)
    assert published(store) is None
    run.publish()
    assert published(store) == NAME
    assert size(store, GRAPH_INSTANCES) == 1
    assert size(store, GRAPH_INFERRED) == 0
    assert {str(graph) for graph in store.named_graphs() if size(store, graph)} == {
        str(GRAPH_INSTANCES),
        str(GRAPH_METADATA),
    }


@pytest.mark.parametrize("moved", [0, 1, 2])
def test_publishing_that_was_stopped_halfway_is_finished_by_whoever_comes_next(moved: int) -> None:
    """A store that does not keep the steps of one request together may have done some of them."""
    store = Store()
    run = Staging(store, NAME, "one")
    run.take()
    run.send(LOAD, 0, batch(0))
    complete(store, run, NAME)
    stage = NamedNode(f"{MARKER.value}#stage")
    store.update(
        f'DELETE {{ GRAPH {MARKER} {{ ?b {stage} ?s }} }} INSERT {{ GRAPH {MARKER} {{ ?b {stage} "publishing" }} }} '
        f"WHERE {{ GRAPH {MARKER} {{ ?b {stage} ?s }} }}"
    )
    for graph in (GRAPH_INSTANCES, GRAPH_METADATA)[:moved]:
        store.update(f"MOVE {run.graph(graph)} TO {graph}")
    assert Staging(store, "fedcba9876543210", "two").take() == 0
    assert size(store, GRAPH_INSTANCES) == 1
    found = store.query(f"SELECT ?n {{ GRAPH {GRAPH_METADATA} {{ ?b {IDENTIFIER} ?n }} }}")
    assert isinstance(found, QuerySolutions)
    assert [row[0].value for row in found] == [NAME]
    finish(store, staging.Marker(NAME, "one", publishing=True, loaded=1))
    assert size(store, GRAPH_INSTANCES) == 1


def test_what_is_sent_of_proofs_is_counted_by_itself() -> None:
    run = Staging(Store(), NAME, "one")
    run.take()
    run.send(LOAD, 0, batch(0))
    run.send(JUSTIFY, 0, batch(1))
    run.begin_anew()
    assert run.sizes([GRAPH_INSTANCES]) == {GRAPH_INSTANCES: 0}
    run.send(LOAD, 0, batch(0))
