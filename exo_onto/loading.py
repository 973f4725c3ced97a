"""loading: `Sources` in, a store that holds each of their triples once out."""

from itertools import combinations
from typing import cast

from pyoxigraph import NamedNode, Quad, QuerySolutions, Store

from exo_onto.faults import Fault, FaultySourcesError
from exo_onto.sources import Sources


def load(read: Sources, store: Store, *, again: bool = False) -> None:
    """Parse the asserted graphs into a store, each triple into the first graph that has it; the rest for its syntax.

    With `again` each file keeps what it says, for the next time: that takes longer once, and then nearly nothing.
    Raises FaultySourcesError with one fault per file that is not Turtle.
    """
    faults: list[Fault] = []
    told: list[Quad] = []
    for graph, files in read.graphs:
        for file in files:
            try:
                if again:
                    told += file.quads(graph)
                else:
                    file.load(store, graph)
            except FaultySourcesError as error:
                faults.extend(error.faults)
    for file in (*read.shapes, *read.strict):
        try:
            file.triples  # noqa: B018  parsed here, kept for later
        except FaultySourcesError as error:
            faults.extend(error.faults)
    if faults:
        raise FaultySourcesError(tuple(faults))
    store.extend(told)
    _keep_first(store, [graph for graph, _ in read.graphs])


def _keep_first(store: Store, graphs: list[NamedNode]) -> None:
    """Take a triple out of every graph but the first that has it: the union of the graphs holds each triple once."""
    sizes = {graph: _size(store, graph) for graph in graphs}
    for earlier, later in combinations(graphs, 2):
        small, large = sorted((earlier, later), key=lambda graph: sizes[graph])
        store.update(
            f"DELETE {{ GRAPH {later} {{ ?s ?p ?o }} }} "
            f"WHERE {{ GRAPH {small} {{ ?s ?p ?o }} FILTER EXISTS {{ GRAPH {large} {{ ?s ?p ?o }} }} }}"
        )


def _size(store: Store, graph: NamedNode) -> int:
    counted = store.query(f"SELECT (COUNT(*) AS ?n) WHERE {{ GRAPH {graph} {{ ?s ?p ?o }} }}")
    (row,) = cast("QuerySolutions", counted)
    return int(row["n"].value)
