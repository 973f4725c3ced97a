"""The W3C tests of SPARQL 1.1 entailment regimes, those that fall within what is compiled: individuals, OWL 2 RL.

The tests are not part of the product: they lie beside it, in ../shared/conformance, or where CONFORMANCE points.
"""

import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import REPOSITORY
from pyoxigraph import (
    BlankNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Store,
    parse_query_results,
)
from rdflib import RDF, Graph, Namespace, URIRef

from exo_onto import reason
from exo_onto.rules import compile_rules
from exo_onto.vocabulary import GRAPH_INFERRED, GRAPH_INSTANCES

SUITE = Path(os.environ.get("CONFORMANCE", REPOSITORY.parent / "shared" / "conformance")) / "sparql11" / "entailment"
MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
QT = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")

OUTSIDE_RL = "an axiom of its data lies outside OWL 2 RL, and is refused by name"
SCHEMA = "asks for what follows about the schema, and not about individuals"
IN_QUERY = "has a class expression in the query, for which no rule was compiled"
RIF = "is about rules in RIF"
NOT_OURS: dict[str, str] = {
    **dict.fromkeys(["owlds01", "owlds02", "sparqldl-03", "sparqldl-11", "sparqldl-12"], OUTSIDE_RL),
    **dict.fromkeys(["paper-sparqldl-Q1", "paper-sparqldl-Q1-rdfs"], OUTSIDE_RL),
    **dict.fromkeys([f"paper-sparqldl-Q{number}" for number in range(2, 6)], OUTSIDE_RL),
    **dict.fromkeys([f"parent{number}" for number in range(2, 11)], OUTSIDE_RL),
    **dict.fromkeys([f"simple{number}" for number in range(1, 9)], IN_QUERY),
    **dict.fromkeys(["rdfs05", "rdfs11", "sparqldl-02"], SCHEMA),
    **dict.fromkeys(["rif01", "rif03", "rif04", "rif06"], RIF),
    "rdfs08": "has a range that is a datatype, which is refused by name",
    "rdf01": "asks for the axiomatic triple that a property is an rdf:Property",
    "sparqldl-10": "asks for owl:sameAs of everything with itself (eq-ref), which is left out",
    "sparqldl-13": "asks for owl:sameAs of everything with itself (eq-ref), which is left out",
}
"""What lies outside the supported fragment, each with its reason."""

pytestmark = pytest.mark.skipif(
    not SUITE.is_dir(), reason=f"the W3C suite is not at {SUITE}; CONFORMANCE names its folder"
)


@dataclass(frozen=True)
class Entry:
    name: str
    query: Path
    data: Path
    result: Path


def entries() -> list[Entry]:
    if not SUITE.is_dir():
        return []
    graph = Graph().parse(SUITE / "manifest.ttl", publicID=SUITE.as_uri() + "/")
    found: list[Entry] = []
    for test in graph.subjects(RDF.type, MF.QueryEvaluationTest):
        action = graph.value(test, MF.action)
        parts = [graph.value(action, QT.query), graph.value(action, QT.data), graph.value(test, MF.result)]
        files = [SUITE / str(part).rpartition("/")[2] for part in parts if isinstance(part, URIRef)]
        if len(files) == len(parts):
            found.append(Entry(str(test).rpartition("#")[2], *files))
    return sorted(found, key=lambda entry: entry.name)


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: entry.name)
def test_the_regime_is_kept(entry: Entry) -> None:
    if entry.name in NOT_OURS:
        pytest.skip(NOT_OURS[entry.name])
    store = Store()
    store.load(
        path=str(entry.data), format=RdfFormat.TURTLE, base_iri="http://example.org/base", to_graph=GRAPH_INSTANCES
    )
    told = [quad.triple for quad in store]

    def select(query: str) -> QuerySolutions:
        found = store.query(query)
        assert isinstance(found, QuerySolutions)
        return found

    reason.reason(select, store.update, compile_rules(told), progress=lambda _: None)
    answer = store.query(entry.query.read_text("utf-8"), default_graph=[GRAPH_INSTANCES, GRAPH_INFERRED])
    expected = parse_query_results(entry.result.read_bytes(), format=QueryResultsFormat.XML)
    if isinstance(expected, QueryBoolean):
        assert bool(answer) is bool(expected)
    else:
        assert isinstance(answer, QuerySolutions)
        assert isinstance(expected, QuerySolutions)
        names = [variable.value for variable in expected.variables]
        assert set(rows(answer, names)) == set(rows(expected, names))


def rows(solutions: QuerySolutions, names: list[str]) -> Counter[tuple[str, ...]]:
    """Count the rows; a blank node stands for any."""
    return Counter(
        tuple("a blank node" if isinstance(row[name], BlankNode) else str(row[name]) for name in names)
        for row in solutions
    )
