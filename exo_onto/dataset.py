"""dataset: an opened store and what to say of it in, a `Dataset` ready to be asked and its description out. Pure.

The results of the store belong to the thread that asked for them; nothing here keeps any.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol, cast

from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    QueryBoolean,
    QuerySolutions,
    QueryTriples,
    Store,
    Triple,
    Variable,
)

from exo_onto.scope import Scope

Term = NamedNode | BlankNode | Literal | Triple
Results = QuerySolutions | QueryBoolean | QueryTriples
Graphs = NamedNode | BlankNode | DefaultGraph | list[NamedNode | BlankNode | DefaultGraph]


class StoreError(OSError):
    """The store did not do what it was asked, and why."""


class RefusedError(StoreError, RuntimeError):
    """The store was reached, and refuses a query or an update; `said` are its words."""

    def __init__(self, what: str, said: str = "") -> None:
        """Keep the store's own words, which may be shown where its address may not."""
        super().__init__(what)
        self.said = said


class AnyStore(Protocol):
    """What is asked as pyoxigraph's `Store` is: the embedded one, or one elsewhere."""

    def query(  # noqa: D102
        self,
        query: str,
        *,
        base_iri: str | None = None,
        default_graph: Graphs | None = None,
        named_graphs: list[NamedNode | BlankNode] | None = None,
        substitutions: dict[Variable, Term] | None = None,
    ) -> Results: ...

    def update(self, update: str) -> None: ...  # noqa: D102
    def named_graphs(self) -> Iterable[NamedNode | BlankNode]: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Description:
    """What the service description says that is not in the store. The endpoint, an IRI, is also the base of queries."""

    endpoint: str
    title: str
    version: str
    digest: str


@dataclass(frozen=True, slots=True)
class Graph:
    """A named graph and how many triples it holds."""

    name: NamedNode
    triples: int


@dataclass(frozen=True, slots=True)
class Dataset:
    """What is queried: where nothing else is asked for, the union of the default graphs, and each graph by its name.

    The store does not change as long as it is queried. `disjoint`: no triple is in two of its graphs. `united` is a
    store that has no graphs but the default ones: what is asked of all of them is found there at one place.
    """

    store: AnyStore
    default_graphs: tuple[NamedNode, ...]
    named_graphs: tuple[Graph, ...]
    description: Description
    triples: int
    disjoint: bool = False
    united: Store | None = None


def prepare(
    store: AnyStore, description: Description, *, default_graphs: Iterable[NamedNode], disjoint: bool = False
) -> Dataset:
    """Make a store ready to be asked, by counting what each of its graphs holds."""
    names = tuple(dict.fromkeys(default_graphs))
    graphs = tuple(Graph(name, _count(store, (name,))) for name in sorted(_all_names(store), key=str))
    sizes = {graph.name: graph.triples for graph in graphs}
    total = sum(sizes.get(name, 0) for name in names) if disjoint else _count(store, names)
    return Dataset(store, names, graphs, description, total, disjoint)


def evaluate(  # noqa: PLR0913  a query, what it is asked of, and how
    store: AnyStore,
    text: str,
    scope: Scope,
    *,
    base: str,
    bindings: Mapping[Variable, Term] | None = None,
    disjoint: bool = False,
) -> Results:
    """Put a query to the graphs of a scope, whose default ones count as one (SPARQL 1.1 Query Language, 13.1).

    Where no triple is in two of the store's graphs, they need not be looked through for that. A store elsewhere makes
    one of them by itself. Raises SyntaxError for wrong SPARQL, RuntimeError for what the store has not, and OSError for
    one that does not answer.
    """
    default: list[NamedNode | BlankNode | DefaultGraph] = [*scope.default]
    if not disjoint and isinstance(store, Store) and overlapping(store, scope.default):
        store, default = merged(store, scope.default, scope.named), [DefaultGraph()]
    named: list[NamedNode | BlankNode] | None = None if scope.named is None else [*scope.named]
    values = dict(bindings or {})
    return store.query(text, base_iri=base, default_graph=default, named_graphs=named, substitutions=values)


def overlapping(store: Store, graphs: tuple[NamedNode, ...]) -> bool:
    """Tell whether two graphs share a triple. The store then gives it twice, where an RDF merge holds it once.

    Where there can be two, the answer is remembered, and the store stays open for as long.
    """
    return len(graphs) > 1 and _share(store, graphs)


@lru_cache(maxsize=64)
def _share(store: Store, graphs: tuple[NamedNode, ...]) -> bool:
    shared = "ASK { GRAPH ?a { ?s ?p ?o } GRAPH ?b { ?s ?p ?o } FILTER (?a != ?b) }"
    return bool(store.query(shared, named_graphs=[*graphs]))


@lru_cache(maxsize=4)
def merged(store: Store, default: tuple[NamedNode, ...], named: tuple[NamedNode, ...] | None) -> Store:
    """Copy graphs into memory, the default ones as one; the named ones None: all."""
    union = Store()
    for graph in store.named_graphs() if named is None else named:
        union.bulk_extend(store.quads_for_pattern(None, None, None, graph))
    for name in default:
        quads = store.quads_for_pattern(None, None, None, name)
        union.bulk_extend(Quad(quad.subject, quad.predicate, quad.object) for quad in quads)
    return union


def _all_names(store: AnyStore) -> list[NamedNode]:
    return [name for name in store.named_graphs() if isinstance(name, NamedNode)]


def _count(store: AnyStore, graphs: tuple[NamedNode, ...]) -> int:
    """Count the triples of some graphs, one that stands in several only once."""
    twice = isinstance(store, Store) and overlapping(store, graphs)
    unique = "SELECT DISTINCT ?s ?p ?o WHERE { ?s ?p ?o }" if twice else "?s ?p ?o"
    rows = cast("QuerySolutions", store.query(f"SELECT (COUNT(*) AS ?n) WHERE {{ {unique} }}", default_graph=[*graphs]))
    return int(str(next(rows)[0].value))
