"""described: a store and how it is served in; service description, VoID and example queries out, as RDF.

    examples               questions -> queries and prefixes that tools find by asking (sib-swiss/sparql-examples)
    statistics             how much is in a store, by graph, class and property; no address is in it
    void                   the same, with title, licence, version, endpoint and downloads
    service_description    what a client must know of the service: formats, features, graphs, limits
    published              void and examples as graphs, for a store that is to be served

The work is done by the queries in describing/; what is not in the store is written into their empty VALUES. Nothing has
a blank node and all is in order, so the same store gives the same bytes. Pure, but for reading those queries.

Sources: SPARQL 1.1 Service Description; Describing Linked Datasets with the VoID Vocabulary; void-ext (ldf.fi).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad, QueryTriples, RdfFormat, Store, Triple, serialize

from exo_onto import guard
from exo_onto.dataset import AnyStore, Term, evaluate
from exo_onto.questions import Question
from exo_onto.scope import Scope
from exo_onto.vocabulary import BASE, DEFAULT_GRAPHS, GRAPH_INFERRED, PREFIXES

DATA_PATH: Final = "/data"
VOID_PATH: Final = "/.well-known/void"
EXAMPLES_PATH: Final = "/.well-known/sparql-examples"
_DECIMAL: Final = NamedNode(PREFIXES["xsd"] + "decimal")
_FORMS: Final = frozenset({"select", "ask", "construct", "describe"})
_PREFIXES: Final[Mapping[str, str]] = {
    **PREFIXES,
    "foaf": "http://xmlns.com/foaf/0.1/",
    "schema": "https://schema.org/",
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "void": "http://rdfs.org/ns/void#",
    "void-ext": "http://ldf.fi/void-ext#",
}
_GAP: Final = re.compile(r"VALUES (\?\w+|\([?\w ]+\)) \{\}")

_Row = tuple[Term | None, ...]
_Given = Mapping[str, Iterable[_Row]]


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may take: seconds from its arrival, rows and bytes of the answer, bytes of address space.

    `rate` is requests per minute and client. None: there is no such limit, or it is not told.
    """

    deadline: float | None = None
    rows: int | None = None
    bytes: int | None = None
    memory: int | None = None
    rate: int | None = None


@dataclass(frozen=True, slots=True)
class About:
    """What the descriptions say that is not in the store.

    `base` is the address below which all of the service lies, without a slash at the end; `digest` names the snapshot.
    `formats` are IRIs of result formats, `services` the addresses that SERVICE may call. `disjoint`: no triple is in
    two of the store's graphs.
    """

    base: str
    endpoint: str
    title: str
    version: str
    digest: str
    default_graphs: tuple[NamedNode, ...] = DEFAULT_GRAPHS
    limits: Limits = Limits()
    formats: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    disjoint: bool = False

    @property
    def dataset(self) -> NamedNode:
        """The IRI of what is served: that of the snapshot."""
        return NamedNode(f"{PREFIXES['snapshot']}{self.digest}")

    @property
    def document(self) -> NamedNode:
        """Where its VoID is, and the graph that holds it in a store."""
        return NamedNode(self.base + VOID_PATH)

    @property
    def examples(self) -> NamedNode:
        """The graph of the example queries."""
        return _examples_of(self.endpoint)

    @property
    def served(self) -> tuple[NamedNode, ...]:
        """The graphs that a query asks where it names none: the default ones, and what is `published` beside them."""
        return (*self.default_graphs, self.document, self.examples)


def examples(questions: Iterable[Question], endpoint: str) -> tuple[Triple, ...]:
    """Tell questions, and the prefixes that we use, as the tools of sib-swiss expect them."""
    asked = tuple(questions)
    given: _Given = {
        "(?endpoint ?examples)": [(NamedNode(endpoint), _examples_of(endpoint))],
        "(?name ?label ?title ?english ?chinese ?form ?text)": map(_told, asked),
        "(?name ?keyword)": [(Literal(each.name), Literal(word)) for each in asked for word in each.keywords],
        "(?name ?called)": [(Literal(each.name), NamedNode(call)) for each in asked for call in each.calls],
        "(?prefix ?namespace)": [(Literal(prefix), Literal(namespace)) for prefix, namespace in PREFIXES.items()],
    }
    return _ordered(_constructed("examples", Store(), Scope((), None), given, disjoint=True))


def statistics(
    store: AnyStore,
    dataset: NamedNode,
    *,
    default_graphs: Iterable[NamedNode] = DEFAULT_GRAPHS,
    besides: Iterable[NamedNode] = (),
    disjoint: bool = False,
) -> tuple[Triple, ...]:
    """Count what is in a store `besides` some graphs: in all, by graph, by class and by property, and how these link.

    How classes are linked is told of the default graphs alone, and by the types that are asserted: editors complete
    queries by it, and with all that follows everything is linked to everything.
    """
    left_out = set(besides)
    graphs = tuple(graph for graph in _names(store) if graph not in left_out)
    default = tuple(graph for graph in graphs if graph in set(default_graphs))
    asserted = tuple(graph for graph in default if graph != GRAPH_INFERRED)
    given: _Given = {"?dataset": [(dataset,)]}
    return _ordered(
        triple
        for names, scope in (
            (("summary", "classes", "properties", "linksets"), Scope(graphs, graphs)),
            (("class-properties",), Scope(default, asserted)),
            (("class-objects",), Scope(asserted, asserted)),
        )
        for name in names
        for triple in _constructed(name, store, scope, given, disjoint=disjoint)
    )


def void(store: AnyStore, about: About) -> tuple[Triple, ...]:
    """Describe a dataset: what it is, how it is reached, and what is in it; what was `published` does not count."""
    besides = (about.document, about.examples)
    graphs = tuple(graph for graph in _names(store) if graph not in besides)
    endpoint, data = NamedNode(about.endpoint), NamedNode(about.base + DATA_PATH)
    given: _Given = {"(?dataset ?document ?endpoint ?data)": [(about.dataset, about.document, endpoint, data)]}
    counted = statistics(
        store, about.dataset, default_graphs=about.default_graphs, besides=besides, disjoint=about.disjoint
    )
    reached = _constructed("access", store, Scope(graphs, graphs), given, disjoint=about.disjoint)
    return _ordered((*counted, *reached, *_header(store, about)))


def service_description(store: AnyStore, about: About) -> tuple[Triple, ...]:
    """Describe a service: where it is, what it speaks, what it grants, and the graphs that it is asked about."""
    service, limits = NamedNode(f"{about.endpoint}#service"), about.limits
    default = NamedNode(f"{about.dataset.value}#default")
    granted = (limits.deadline, limits.rows, limits.bytes, limits.memory, limits.rate)
    offered: _Given = {
        "(?service ?endpoint ?dataset)": [(service, NamedNode(about.endpoint), about.dataset)],
        "(?deadline ?rows ?bytes ?memory ?rate)": [tuple(None if each is None else _number(each) for each in granted)],
        "?written": [(NamedNode(format),) for format in about.formats],
        "?called": [(NamedNode(address),) for address in about.services],
    }
    names = _names(store)
    parts = tuple(graph for graph in about.served if graph in names)
    held: _Given = {
        "(?service ?dataset ?default)": [(service, about.dataset, default)],
        "?part": [(part,) for part in parts],
        "?graph": [(part,) for part in parts],
    }
    return _ordered(
        (
            *_constructed("service", Store(), Scope((), None), offered, disjoint=True),
            *_constructed("graphs", store, Scope(parts, names), held, disjoint=about.disjoint),
            *_header(store, about),
        )
    )


def published(store: Store, about: About, questions: Iterable[Question]) -> tuple[Quad, ...]:
    """Give what to add to a store that is to be served: VoID and the example queries, each as a graph of its own.

    Editors ask for them as for data, so a query's default graph holds them too: `About.served`. What the store says
    already is left out: where a triple is in two graphs, their union must be made anew for each query.
    """
    told = {about.document: void(store, about), about.examples: examples(questions, about.endpoint)}
    return tuple(
        Quad(triple.subject, triple.predicate, triple.object, graph)
        for graph, triples in told.items()
        for triple in triples
        if not any(store.quads_for_pattern(triple.subject, triple.predicate, triple.object, None))
    )


def written(triples: Iterable[Triple], format: RdfFormat) -> bytes:
    """Write a description, with those prefixes alone that it uses."""
    told = tuple(triples)
    names = {term.value for triple in told for term in triple if isinstance(term, NamedNode)}
    used = {
        prefix: namespace
        for prefix, namespace in _PREFIXES.items()
        if any(name.startswith(namespace) for name in names)
    }
    return serialize(told, format=format, prefixes=used) or b""


def _header(store: AnyStore, about: About) -> Iterable[Triple]:
    said = (about.dataset, Literal(about.title), Literal(about.digest), Literal(about.version))
    return _constructed(
        "header", store, Scope((), None), {"(?dataset ?name ?digest ?version)": [said]}, disjoint=about.disjoint
    )


def _examples_of(endpoint: str) -> NamedNode:
    return NamedNode(endpoint + EXAMPLES_PATH)


def _told(question: Question) -> _Row:
    words = (token.text.casefold() for token in guard.tokens(question.text) if token.kind == "word")
    form = next((word for word in words if word in _FORMS), "select")
    return (
        Literal(question.name),
        *(Literal(question.titles[language], language=language) for language in ("en", "zh")),
        Literal(question.sentences["en"], language="en"),
        Literal(question.sentences["zh"], language="zh"),
        Literal(form),
        Literal(question.whole),
    )


def _number(value: float) -> Literal:
    """Write a number as an integer where it is one: clients read these most easily."""
    return Literal(int(value)) if value == int(value) else Literal(str(value), datatype=_DECIMAL)


def _names(store: AnyStore) -> tuple[NamedNode, ...]:
    return tuple(sorted((name for name in store.named_graphs() if isinstance(name, NamedNode)), key=str))


def _constructed(name: str, store: AnyStore, scope: Scope, given: _Given, *, disjoint: bool) -> Iterable[Triple]:
    """Put one of our queries to the graphs of a store, with what is given in the place of its empty VALUES."""
    text = _GAP.sub(lambda gap: _filled(gap[1], given[gap[1]]), _query(name))
    results = evaluate(store, text, scope, base=BASE, disjoint=disjoint)
    return results if isinstance(results, QueryTriples) else ()


@cache
def _query(name: str) -> str:
    return resources.files("exo_onto").joinpath("describing", f"{name}.rq").read_text("utf-8")


def _filled(variables: str, rows: Iterable[_Row]) -> str:
    cells = (" ".join("UNDEF" if term is None else str(term) for term in row) for row in rows)
    data = "\n".join(f"({row})" if variables.startswith("(") else row for row in cells)
    return f"VALUES {variables} {{ {data} }}"


def _ordered(triples: Iterable[Triple]) -> tuple[Triple, ...]:
    return tuple(sorted(set(triples), key=str))
