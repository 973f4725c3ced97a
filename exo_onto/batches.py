"""batches: files of triples in, bounded batches for one request each out; the same files give the same batches. Pure.

A blank node has no name that a later request could call it by. So all triples that hang together through blank nodes
are in one batch, which may be larger for it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pyoxigraph import BlankNode, NamedNode, Quad, Store, Triple

from exo_onto.sources import Sources

MOST_TRIPLES: Final = 500
"""How many triples a batch has: Virtuoso compiles an update to 10,000 lines at most, as 2,000 triples nearly are."""
MOST_CHARACTERS: Final = 200_000


@dataclass(frozen=True)
class Batch:
    """Triples for one graph, to be sent in one request."""

    graph: NamedNode
    triples: tuple[Triple, ...]

    @property
    def text(self) -> str:
        """The triples as they stand in the template of an update."""
        return " . ".join(map(str, self.triples))


def batches(read: Sources, store: Store) -> Iterator[Batch]:
    """Cut the asserted graphs into batches. `store` has them loaded: each triple is in the first graph that has it."""
    for graph, files in read.graphs:
        told = (_first(file.triples, graph, store) for file in files)
        yield from cut(graph, (group for triples in told for group in together(triples)))


def cut(graph: NamedNode, groups: Iterable[Sequence[Triple]]) -> Iterator[Batch]:
    """Put groups of triples into batches, a group never into two."""
    held: list[Triple] = []
    size = 0
    for group in groups:
        more = sum(len(str(triple)) + 3 for triple in group)
        if held and (len(held) + len(group) > MOST_TRIPLES or size + more > MOST_CHARACTERS):
            yield Batch(graph, tuple(held))
            held, size = [], 0
        held += group
        size += more
    if held:
        yield Batch(graph, tuple(held))


def together(triples: Iterable[Triple]) -> Iterator[tuple[Triple, ...]]:
    """Group triples that hang together through blank nodes, in the order in which each group begins."""
    told = tuple(triples)
    leader: dict[BlankNode, BlankNode] = {}
    for triple in told:
        blanks = _blanks(triple)
        for blank in blanks:
            leader[_lead(leader, blank)] = _lead(leader, blanks[0])
    groups: dict[object, list[Triple]] = {}
    for number, triple in enumerate(told):
        blanks = _blanks(triple)
        groups.setdefault(_lead(leader, blanks[0]) if blanks else number, []).append(triple)
    return (tuple(group) for group in groups.values())


def _first(triples: Iterable[Triple], graph: NamedNode, store: Store) -> tuple[Triple, ...]:
    """Leave out what an earlier graph has; the store renames blank nodes, so that theirs are not looked up."""
    return tuple(t for t in triples if _blanks(t) or Quad(t.subject, t.predicate, t.object, graph) in store)


def _blanks(triple: Triple) -> tuple[BlankNode, ...]:
    return tuple(term for term in (triple.subject, triple.object) if isinstance(term, BlankNode))


def _lead(leader: dict[BlankNode, BlankNode], blank: BlankNode) -> BlankNode:
    while leader.setdefault(blank, blank) != blank:
        leader[blank] = leader[leader[blank]]
        blank = leader[blank]
    return blank
