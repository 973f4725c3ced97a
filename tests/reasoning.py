"""What the tests of reasoning share: small ontologies in Turtle, reasoned over by compiled rules."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from pyoxigraph import (
    NamedNode,
    Quad,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    Triple,
    parse,
)

from exo_onto.axioms import Rule
from exo_onto.leaves import leaves
from exo_onto.plan import Plan
from exo_onto.reason import Contradiction, Dataset, Row, reason
from exo_onto.rules import compile_rules
from exo_onto.vocabulary import GRAPH_INFERRED, GRAPH_INSTANCES

EX = "http://example.org/"
HEAD = (
    f"@prefix : <{EX}> . @prefix owl: <http://www.w3.org/2002/07/owl#> . "
    "@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . "
    "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> . "
)


def ex(name: str) -> NamedNode:
    return NamedNode(EX + name)


def turtle(content: str) -> list[Triple]:
    return [quad.triple for quad in parse(HEAD + content, format=RdfFormat.TURTLE)]


@dataclass(frozen=True)
class Reasoned:
    """What came of reasoning."""

    rules: tuple[Rule, ...]
    inferred: frozenset[Triple]
    contradictions: tuple[Contradiction, ...]
    store: Store
    steps: tuple[str, ...]


def reasoned(triples: Iterable[Triple]) -> Reasoned:
    """Reason over triples of a schema and of data."""
    told = list(triples)
    store = Store()
    store.extend(Quad(t.subject, t.predicate, t.object, GRAPH_INSTANCES) for t in told)
    rules, steps = compile_rules(told), list[str]()
    found = reason(lambda query: rows(store, query), store.update, rules, progress=steps.append)
    inferred = frozenset(quad.triple for quad in store.quads_for_pattern(None, None, None, GRAPH_INFERRED))
    return Reasoned(rules, inferred, found, store, tuple(steps))


@dataclass(frozen=True)
class Spilled:
    """What came of reasoning with the leaves sent elsewhere."""

    stored: frozenset[Triple]
    sent: frozenset[Triple]
    asked: tuple[str, ...] = ()


def spilled(triples: Iterable[Triple]) -> Spilled:
    """Reason over triples of a schema and of data, and gather apart what no rule asks for."""
    told = list(triples)
    store = Store()
    store.extend(Quad(t.subject, t.predicate, t.object, GRAPH_INSTANCES) for t in told)
    sent: list[Triple] = []
    asked: list[str] = []

    def tabulate(query: str) -> bytes:
        asked.append(query)
        return tabulated(store, query)

    def spill(plan: Plan, dataset: Dataset) -> None:
        for each in leaves(plan, dataset, tabulate, partial(constructed, store)):
            lines = b"".join(each.written())
            sent.extend(quad.triple for quad in parse(lines, format=RdfFormat.N_TRIPLES))

    reason(lambda q: rows(store, q), store.update, compile_rules(told), spill=spill, progress=lambda _: None)
    stored = frozenset(quad.triple for quad in store.quads_for_pattern(None, None, None, GRAPH_INFERRED))
    assert len(sent) == len(set(sent)), "a triple was sent twice"
    return Spilled(stored, frozenset(sent), tuple(asked))


def tabulated(store: Store, query: str) -> bytes:
    """Put a SELECT to a store and give TSV."""
    answer = store.query(query)
    assert isinstance(answer, QuerySolutions)
    return answer.serialize(format=QueryResultsFormat.TSV) or b""


def constructed(store: Store, query: str) -> bytes:
    """Put a CONSTRUCT to a store and give N-Triples."""
    answer = store.query(query)
    assert isinstance(answer, QueryTriples)
    return answer.serialize(format=RdfFormat.N_TRIPLES) or b""


def rows(store: Store, query: str) -> Iterable[Row]:
    """Put a SELECT to a store."""
    answer = store.query(query)
    assert isinstance(answer, QuerySolutions)
    return answer
