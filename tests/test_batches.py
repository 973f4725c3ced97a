"""Tests of batches: what hangs together through blank nodes is never parted, and the same files give the same batches."""

from pathlib import Path

from pyoxigraph import BlankNode, NamedNode, Store, Triple

from exo_onto import loading, sources
from exo_onto.batches import MOST_CHARACTERS, MOST_TRIPLES, batches, cut, together
from exo_onto.vocabulary import GRAPH_INSTANCES

P = NamedNode("urn:p")
A = NamedNode("urn:a")


def blank(name: str) -> BlankNode:
    return BlankNode(name)


def test_triples_that_share_a_blank_node_are_one_group() -> None:
    chain = [
        Triple(blank("x"), P, blank("y")),
        Triple(A, P, A),
        Triple(blank("y"), P, blank("z")),
        Triple(A, P, blank("z")),
    ]
    other = [Triple(A, P, blank("w"))]
    groups = list(together([*chain, *other]))
    assert sorted(map(len, groups)) == [1, 1, 3]


def test_a_batch_is_bounded_and_a_group_is_not_parted() -> None:
    groups = [tuple(Triple(blank(f"b{n}"), P, NamedNode(f"urn:{n}-{m}")) for m in range(7)) for n in range(300)]
    whole = list(cut(GRAPH_INSTANCES, groups))
    assert all(len(batch.triples) <= MOST_TRIPLES for batch in whole)
    subjects = [{triple.subject for triple in batch.triples} for batch in whole]
    assert sum(map(len, subjects)) == 300
    long = [(Triple(A, P, NamedNode("urn:" + "x" * MOST_CHARACTERS)),)] * 3
    assert [len(batch.triples) for batch in cut(GRAPH_INSTANCES, long)] == [1, 1, 1]


def test_the_same_files_give_the_same_batches_but_for_the_labels_of_blank_nodes(root: Path) -> None:
    def shape() -> list[tuple[str, int, int]]:
        read = sources.read_sources(root)
        store = Store()
        loading.load(read, store)
        return [(batch.graph.value, len(batch.triples), len(batch.text)) for batch in batches(read, store)]

    first = shape()
    assert [(graph, count) for graph, count, _ in first] == [(graph, count) for graph, count, _ in shape()]
    read = sources.read_sources(root)
    store = Store()
    loading.load(read, store)
    sent = {(batch.graph, triple) for batch in batches(read, store) for triple in batch.triples}
    assert len(sent) == len(store)
