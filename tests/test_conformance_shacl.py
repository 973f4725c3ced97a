"""The W3C SHACL test suite, Core and SHACL-SPARQL: our report against the expected one.

The tests are not part of the product: they lie beside it, in ../shared/conformance, or where CONFORMANCE points.
"""

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import rdflib
from conftest import REPOSITORY
from pyoxigraph import Literal, NamedNode, Quad, QuerySolutions, RdfFormat, Store, Triple, parse
from rdflib import RDF, SH, BNode, Graph, Namespace, URIRef
from rdflib.term import Literal as RdflibLiteral
from rdflib.term import Node

from exo_onto.paths import ShapesError
from exo_onto.referees import _path
from exo_onto.shapes import compile_shapes
from exo_onto.validate import BLANK, Manner, Report, Solution, validate

SUITE = Path(os.environ.get("CONFORMANCE", REPOSITORY.parent / "shared" / "conformance")) / "shacl"
MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
SHT = Namespace("http://www.w3.org/ns/shacl-test#")

SKIPPED: Mapping[str, str] = {
    "core/misc/severity-002": "a severity of one's own counts as a violation: reports know the three of SHACL",
    "sparql/pre-binding/shapesGraph-001": "$shapesGraph is optional (SHACL, section 5.3.1), and refused by name",
}
"""The tests that are not passed, each with its reason."""

pytestmark = pytest.mark.skipif(
    not SUITE.is_dir(), reason=f"the W3C suite is not at {SUITE}; CONFORMANCE names its folder"
)


@dataclass(frozen=True)
class Entry:
    """One test: the files that hold data, shapes and the expected report."""

    name: str
    node: str
    file: Path

    def __str__(self) -> str:
        return self.name


def entries(part: str) -> Iterator[Entry]:
    """Find the tests by their files: the manifest of sparql/component forgets one."""
    for path in (SUITE / part).rglob("*.ttl"):
        for test in read(path).subjects(RDF.type, SHT.Validate):
            yield Entry(f"{path.relative_to(SUITE).parent}/{str(test).rpartition('/')[2]}", str(test), path)


def read(path: Path) -> Graph:
    rdflib.NORMALIZE_LITERALS = False
    return Graph().parse(path, format="turtle", publicID=path.as_uri())


ENTRIES = [entry for part in ("core", "sparql") for entry in sorted(entries(part), key=str)]


def triples(path: Path) -> list[Triple]:
    quads = parse(path.read_bytes(), format=RdfFormat.TURTLE, base_iri=path.as_uri(), rename_blank_nodes=False)
    return [quad.triple for quad in quads]


def judged(data: list[Triple], shapes: list[Triple]) -> Report:
    """Validate in both ways, which must give the same."""
    store = Store()
    store.extend(_quads(data))

    def ask(query: str) -> Iterator[Solution]:
        found = store.query(query)
        assert isinstance(found, QuerySolutions)
        names = [variable.value for variable in found.variables]
        for row in found:
            yield {name: row[name] for name in names if row[name] is not None}

    checks = compile_shapes(shapes).checks
    report = validate(ask, checks)
    assert validate(ask, checks, manner=Manner(in_sets=True, screened=True)) == report
    return report


def _quads(data: list[Triple]) -> Iterator[Quad]:
    return (Quad(t.subject, t.predicate, t.object) for t in data)


@pytest.mark.parametrize("entry", ENTRIES, ids=str)
def test_the_report_is_the_expected_one(entry: Entry) -> None:
    if entry.name in SKIPPED:
        pytest.skip(SKIPPED[entry.name])
    graph = read(entry.file)
    action = graph.value(URIRef(entry.node), MF.action)
    files = [Path(str(graph.value(action, part)).removeprefix("file://")) for part in (SHT.dataGraph, SHT.shapesGraph)]
    expected = graph.value(URIRef(entry.node), MF.result)
    data, shapes = map(triples, files)
    if expected == SHT.Failure:
        with pytest.raises((ShapesError, SyntaxError)):
            judged(data, shapes)
        return
    assert ours(judged(data, shapes)) == theirs(graph, expected)


def plain(term: Node | None) -> str | None:
    """Write a term as the store keeps it: literals in their canonical form."""
    if isinstance(term, RdflibLiteral) and term.datatype is not None:
        name = NamedNode("urn:x")
        store = Store()
        store.add(Quad(name, name, Literal(str(term), datatype=NamedNode(str(term.datatype)))))
        return next(str(getattr(quad.object, "value", "")) for quad in store)
    return None if term is None else BLANK if isinstance(term, BNode) else str(term)


def theirs(graph: Graph, report: Node | None) -> Counter[tuple[str | None, ...]]:
    found: Counter[tuple[str | None, ...]] = Counter()
    for result in graph.objects(report, SH.result):
        path = graph.value(result, SH.resultPath)
        found[
            (
                plain(graph.value(result, SH.focusNode)),
                _path(graph, path) if path is not None else None,
                plain(graph.value(result, SH.value)),
                plain(graph.value(result, SH.sourceConstraintComponent)),
                str(graph.value(result, SH.resultSeverity)).rpartition("#")[2].upper(),
            )
        ] += 1
    return found


def ours(report: Report) -> Counter[tuple[str | None, ...]]:
    return Counter((r.focus, r.path, r.value, r.component, r.severity.name) for r in report.results)
