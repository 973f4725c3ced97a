"""staging: a store elsewhere and a build's name in, graphs aside to build in out; published by one request. Pure.

    graph:next                              the marker: which build is under way, whose it is, how far it has come
    graph:instances/next/<build>            what is asserted, as it is loaded
    graph:inferred/next/<build>/<owner>     what one run of the build makes of it

A batch and the count of batches go in by one update, which does nothing unless the marker says that the batch is the
next and that the run still owns the build: sent twice, it counts once. A run that begins takes the marker over, with
what has been loaded where it is the same build; the run that held it is refused from then on. So two never mix.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode, QueryBoolean, QuerySolutions

from exo_onto.batches import Batch
from exo_onto.dataset import AnyStore
from exo_onto.reason import Dataset
from exo_onto.vocabulary import (
    ASSERTED_GRAPHS,
    BASE,
    GRAPH_INFERRED,
    GRAPH_JUSTIFICATIONS,
    GRAPH_METADATA,
    PREFIXES,
)

MARKER: Final = NamedNode(PREFIXES["graph"] + "next")
"""The graph that says which build is under way."""

LOAD, JUSTIFY = "load", "justify"
"""What is sent in batches."""
_OWNER, _STAGE = (NamedNode(f"{MARKER.value}#{name}") for name in ("owner", "stage"))
_BUILDING, _PUBLISHING = Literal("building"), Literal("publishing")
_MADE: Final = (GRAPH_INFERRED, GRAPH_JUSTIFICATIONS, GRAPH_METADATA)
_IDENTIFIER: Final = NamedNode(PREFIXES["dcterms"] + "identifier")
_TRIPLES: Final = NamedNode("http://rdfs.org/ns/void#triples")


class TakenOverError(Exception):
    """Another run has taken the build over, or has begun another one."""


@dataclass(frozen=True)
class Marker:
    """What the marker says of the build under way."""

    name: str
    owner: str
    publishing: bool
    loaded: int


class Staging:
    """The graphs of one run of one build, beside those that are published."""

    def __init__(self, store: AnyStore, name: str, owner: str) -> None:
        """Name the graphs. `owner` must be new for every run."""
        self._store = store
        self._me = Literal(owner)
        self._subject = NamedNode(f"{BASE}snapshot/{name}")
        self._name, self._owner = name, owner

    def graph(self, published: NamedNode) -> NamedNode:
        """Give the graph that stands for one that will be published."""
        return _aside(published, self._name, self._owner)

    @property
    def dataset(self) -> Dataset:
        """The graphs to reason over."""
        return Dataset(tuple(map(self.graph, ASSERTED_GRAPHS)), self.graph(GRAPH_INFERRED))

    def take(self) -> int:
        """Take the marker over, or begin. Gives how many batches of this build are loaded."""
        for other in markers(self._store):
            if other.publishing:
                finish(self._store, other)
            elif other.name != self._name:
                _discard(self._store, other)
        mine = [each for each in markers(self._store) if each.name == self._name]
        if mine:
            self._store.update(_dropped(graph for each in mine for graph in _own(each.name, each.owner)))
        self._store.update(
            f"DELETE WHERE {{ GRAPH {MARKER} {{ {self._subject} {_OWNER} ?o }} }} ; "
            f"DELETE WHERE {{ GRAPH {MARKER} {{ {self._subject} {_count(JUSTIFY)} ?o }} }} ; "
            f"INSERT DATA {{ GRAPH {MARKER} {{ {self._subject} {_OWNER} {self._me} ; {_STAGE} {_BUILDING} ; "
            f"{_count(JUSTIFY)} 0 {'' if mine else f'; {_count(LOAD)} 0'} }} }}"
        )
        self._hold("")
        return mine[0].loaded if mine else 0

    def begin_anew(self) -> None:
        """Forget what has been loaded."""
        self._store.update(_dropped(map(self.graph, ASSERTED_GRAPHS)))
        self._store.update(f"DELETE WHERE {{ GRAPH {MARKER} {{ {self._subject} {_count(LOAD)} ?o }} }}")
        self._store.update(f"INSERT DATA {{ GRAPH {MARKER} {{ {self._subject} {_count(LOAD)} 0 }} }}")

    def send(self, what: str, number: int, batch: Batch) -> None:
        """Send the batch of a number, and count it: both or neither. Raises TakenOverError."""
        before, after = (f"{self._subject} {_count(what)} {count}" for count in (number, number + 1))
        self._change(before, after, f"GRAPH {self.graph(batch.graph)} {{ {batch.text} }}")
        self._hold(after)

    def sizes(self, graphs: Iterable[NamedNode]) -> Mapping[NamedNode, int]:
        """Count the triples that stand for each graph."""
        return {graph: _size(self._store, self.graph(graph)) for graph in graphs}

    def publish(self) -> None:
        """Put all graphs in the place of those that are published. Raises TakenOverError."""
        stage = f"{self._subject} {_STAGE} "
        self._change(f"{stage}{_BUILDING}", f"{stage}{_PUBLISHING}", "")
        self._hold(f"{stage}{_PUBLISHING}")
        finish(self._store, Marker(self._name, self._owner, publishing=True, loaded=0))

    def discard(self) -> None:
        """Leave nothing of this run, and nothing of the build where it is still ours."""
        ours = any(each.owner == self._owner for each in markers(self._store))
        if ours:
            _discard(self._store, Marker(self._name, self._owner, publishing=False, loaded=0))
        else:
            self._store.update(_dropped(_own(self._name, self._owner)))

    def _change(self, before: str, after: str, insert: str) -> None:
        self._store.update(
            f"DELETE {{ GRAPH {MARKER} {{ {before} }} }} INSERT {{ GRAPH {MARKER} {{ {after} }} {insert} }} "
            f"WHERE {{ GRAPH {MARKER} {{ {self._subject} {_OWNER} {self._me} . {before} }} {self._alone} }}"
        )

    @property
    def _alone(self) -> str:
        return f"FILTER NOT EXISTS {{ GRAPH {MARKER} {{ ?other {_OWNER} ?them }} FILTER (?them != {self._me}) }}"

    def _hold(self, said: str) -> None:
        ask = f"ASK {{ GRAPH {MARKER} {{ {self._subject} {_OWNER} {self._me} . {said} }} {self._alone} }}"
        found = self._store.query(ask)
        if not (isinstance(found, QueryBoolean) and bool(found)):
            raise TakenOverError("Another build has begun on this store meanwhile; this one has stopped.")


def published(store: AnyStore) -> str | None:
    """Give the name of the build that is published, or None where there is none."""
    query = f"SELECT ?name WHERE {{ GRAPH {GRAPH_METADATA} {{ ?build {_IDENTIFIER} ?name }} }}"
    names = [row[0].value for row in _rows(store, query) if isinstance(row[0], Literal)]
    return names[0] if names and not markers(store) else None


def markers(store: AnyStore) -> tuple[Marker, ...]:
    """Read the marker: one build is under way, or none; two only in the moment in which two begin at once."""
    rows = _rows(
        store,
        f"SELECT ?build ?owner ?stage ?loaded WHERE {{ GRAPH {MARKER} "
        f"{{ ?build {_OWNER} ?owner ; {_STAGE} ?stage ; {_count(LOAD)} ?loaded }} }}",
    )
    return tuple(
        Marker(
            name=row[0].value.rpartition("/")[2],
            owner=row[1].value,
            publishing=row[2].value == _PUBLISHING.value,
            loaded=int(row[3].value),
        )
        for row in rows
    )


def finish(store: AnyStore, marker: Marker) -> None:
    """Publish what a build has made, all in one request; what an earlier attempt has moved is left where it is."""
    names = {graph: _aside(graph, marker.name, marker.owner) for graph in (*ASSERTED_GRAPHS, *_MADE)}
    expected = _expected(store, names[GRAPH_METADATA])
    steps = []
    if expected:  # otherwise the metadata, which go last, have been moved
        for graph, aside in names.items():
            if _size(store, aside):
                steps.append(f"MOVE {aside} TO {graph}")
            elif not expected.get(graph.value):
                steps.append(f"CLEAR SILENT GRAPH {graph}")
    steps.append(f"CLEAR SILENT GRAPH {MARKER}")
    store.update(" ; ".join(steps))


def _expected(store: AnyStore, metadata: NamedNode) -> Mapping[str, int]:
    query = f"SELECT ?graph ?n WHERE {{ GRAPH {metadata} {{ ?graph {_TRIPLES} ?n }} }}"
    return {row[0].value: int(row[1].value) for row in _rows(store, query)}


def _discard(store: AnyStore, marker: Marker) -> None:
    graphs = [_aside(graph, marker.name, marker.owner) for graph in (*ASSERTED_GRAPHS, *_MADE)]
    store.update(_dropped((*graphs, MARKER)))


def _own(name: str, owner: str) -> list[NamedNode]:
    return [_aside(graph, name, owner) for graph in _MADE]


def _aside(published: NamedNode, name: str, owner: str) -> NamedNode:
    run = f"/{owner}" if published in _MADE else ""
    return NamedNode(f"{published.value}/next/{name}{run}")


def _dropped(graphs: Iterable[NamedNode]) -> str:
    return " ; ".join(f"CLEAR SILENT GRAPH {graph}" for graph in graphs)


def _count(what: str) -> NamedNode:
    return NamedNode(f"{MARKER.value}#{what}")


def _size(store: AnyStore, graph: NamedNode) -> int:
    (row,) = _rows(store, f"SELECT (COUNT(*) AS ?n) WHERE {{ GRAPH {graph} {{ ?s ?p ?o }} }}")
    return int(row[0].value)


def _rows(store: AnyStore, query: str) -> list[list[NamedNode | Literal]]:
    found = store.query(query)
    if not isinstance(found, QuerySolutions):
        raise TypeError(found)
    return [[term for term in row if isinstance(term, NamedNode | Literal)] for row in found]
