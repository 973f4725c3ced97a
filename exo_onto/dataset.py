"""dataset: an opened store and what to say of it in, a `Dataset` ready to be asked and its description out. Pure.

The results of the store belong to the thread that asked for them; nothing here keeps any.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Protocol, cast

from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    QueryBoolean,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    Triple,
    Variable,
    serialize,
)

from exo_onto.scope import Scope

Term = NamedNode | BlankNode | Literal | Triple
Results = QuerySolutions | QueryBoolean | QueryTriples
Graphs = NamedNode | BlankNode | DefaultGraph | list[NamedNode | BlankNode | DefaultGraph]


_SD: Final = "http://www.w3.org/ns/sparql-service-description#"
_VOID: Final = "http://rdfs.org/ns/void#"
_DCTERMS: Final = "http://purl.org/dc/terms/"
_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_OWL: Final = "http://www.w3.org/2002/07/owl#"
_A: Final = NamedNode(_RDF + "type")
_PREFIXES: Final = {"sd": _SD, "void": _VOID, "dcterms": _DCTERMS, "owl": _OWL}


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

    The store does not change as long as it is queried.
    """

    store: AnyStore
    default_graphs: tuple[NamedNode, ...]
    named_graphs: tuple[Graph, ...]
    description: Description
    triples: int


def prepare(store: AnyStore, description: Description, *, default_graphs: Iterable[NamedNode]) -> Dataset:
    """Make a store ready to be asked, by counting what each of its graphs holds."""
    names = tuple(dict.fromkeys(default_graphs))
    graphs = tuple(Graph(name, _count(store, (name,))) for name in sorted(_all_names(store), key=str))
    return Dataset(store, names, graphs, description, _count(store, names))


def evaluate(
    store: AnyStore, text: str, scope: Scope, *, base: str, bindings: Mapping[Variable, Term] | None = None
) -> Results:
    """Put a query to the graphs of a scope, whose default ones count as one (SPARQL 1.1 Query Language, 13.1).

    A store elsewhere makes one of them by itself. Raises SyntaxError for wrong SPARQL, RuntimeError for what the store
    has not, and OSError for one that does not answer.
    """
    default: list[NamedNode | BlankNode | DefaultGraph] = [*scope.default]
    if isinstance(store, Store) and overlapping(store, scope.default):
        store, default = merged(store, scope.default, scope.named), [DefaultGraph()]
    named: list[NamedNode | BlankNode] | None = None if scope.named is None else [*scope.named]
    values = dict(bindings or {})
    return store.query(text, base_iri=base, default_graph=default, named_graphs=named, substitutions=values)


@lru_cache(maxsize=64)
def overlapping(store: Store, graphs: tuple[NamedNode, ...]) -> bool:
    """Tell whether two graphs share a triple. The store then gives it twice, where an RDF merge holds it once."""
    if len(graphs) <= 1:
        return False
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


def described(dataset: Dataset, format: RdfFormat, *, results: Iterable[str]) -> bytes:
    """Write the service description (SPARQL 1.1 Service Description); `results` are the IRIs of result formats."""
    prefixes = _PREFIXES if format.supports_datasets or format is RdfFormat.TURTLE else None
    return serialize(_described_service(dataset, results), format=format, prefixes=prefixes) or b""


def _described_service(dataset: Dataset, results: Iterable[str]) -> list[Triple]:
    endpoint, service, data = NamedNode(dataset.description.endpoint), BlankNode("service"), BlankNode("dataset")
    # The store has an IRI for JSON-LD that the W3C's registry of formats has not.
    odd, registered = "https://www.w3.org/ns/formats/data/", "http://www.w3.org/ns/formats/"
    formats = (iri.replace(odd, registered) for iri in dict.fromkeys(results))
    return [
        Triple(service, _A, _sd("Service")),
        Triple(service, _sd("endpoint"), endpoint),
        Triple(service, _sd("supportedLanguage"), _sd("SPARQL11Query")),
        *(Triple(service, _sd("resultFormat"), NamedNode(format)) for format in formats),
        *(Triple(service, _sd("feature"), feature) for feature in _features(dataset)),
        Triple(service, _sd("defaultDataset"), data),
        *_described_dataset(dataset, data),
    ]


def _features(dataset: Dataset) -> list[NamedNode]:
    """Name what the service does. The union is one only where no graph is left out of it."""
    whole = {graph.name for graph in dataset.named_graphs} <= set(dataset.default_graphs)
    return [_sd("UnionDefaultGraph")] if whole else []


def _described_dataset(dataset: Dataset, data: BlankNode) -> list[Triple]:
    default, said = BlankNode("default"), dataset.description
    triples = [
        Triple(data, _A, _sd("Dataset")),
        Triple(data, NamedNode(_DCTERMS + "title"), Literal(said.title)),
        Triple(data, NamedNode(_DCTERMS + "identifier"), Literal(said.digest)),
        Triple(data, NamedNode(_OWL + "versionInfo"), Literal(said.version)),
        Triple(data, _sd("defaultGraph"), default),
        *_described_graph(default, dataset.triples),
        *(Triple(default, NamedNode(_DCTERMS + "hasPart"), name) for name in dataset.default_graphs),
    ]
    for number, graph in enumerate(dataset.named_graphs):
        named, content = BlankNode(f"named{number}"), BlankNode(f"graph{number}")
        triples += [
            Triple(data, _sd("namedGraph"), named),
            Triple(named, _A, _sd("NamedGraph")),
            Triple(named, _sd("name"), graph.name),
            Triple(named, _sd("graph"), content),
            *_described_graph(content, graph.triples),
        ]
    return triples


def _described_graph(graph: BlankNode, triples: int) -> list[Triple]:
    return [Triple(graph, _A, _sd("Graph")), Triple(graph, NamedNode(_VOID + "triples"), Literal(triples))]


def _sd(name: str) -> NamedNode:
    return NamedNode(_SD + name)


def _all_names(store: AnyStore) -> list[NamedNode]:
    return [name for name in store.named_graphs() if isinstance(name, NamedNode)]


def _count(store: AnyStore, graphs: tuple[NamedNode, ...]) -> int:
    """Count the triples of some graphs, one that stands in several only once."""
    twice = isinstance(store, Store) and overlapping(store, graphs)
    unique = "SELECT DISTINCT ?s ?p ?o WHERE { ?s ?p ?o }" if twice else "?s ?p ?o"
    rows = cast("QuerySolutions", store.query(f"SELECT (COUNT(*) AS ?n) WHERE {{ {unique} }}", default_graph=[*graphs]))
    return int(str(next(rows)[0].value))
