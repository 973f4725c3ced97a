"""The tests of the W3C for the SPARQL 1.1 Protocol, where their folder is there.

An update is refused, as the standard lets a service do (SPARQL 1.1 Protocol, section 2.2.4).
"""

import json
import os
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet
from asking import answer, one, text
from pyoxigraph import NamedNode, RdfFormat, Store
from rdflib import RDF, RDFS, Graph, Namespace, Node
from rdflib.collection import Collection

from exo_onto.dataset import Description, prepare
from exo_onto.problems import PROBLEMS, Reply
from exo_onto.protocol import Request

DESCRIPTION = Description("http://127.0.0.1:7878/sparql", "Test data", "1.2.3", "3f2a")
JSON, XML = "application/sparql-results+json", "application/sparql-results+xml"

FOLDER = Path(os.environ.get("CONFORMANCE", Path(__file__).parents[2] / "shared" / "conformance"))
MANIFEST = FOLDER / "sparql11" / "protocol" / "manifest.ttl"
CNT = Namespace("http://www.w3.org/2011/content#")
HT = Namespace("http://www.w3.org/2011/http#")
MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
UT = Namespace("http://www.w3.org/2009/sparql/tests/test-update#")
READ_ONLY = {
    "update_base_uri",
    "update_dataset_default_graph",
    "update_dataset_default_graphs",
    "update_dataset_full",
    "update_dataset_named_graphs",
    "update_post_direct",
    "update_post_form",
}
"""These expect that an update succeeds; this endpoint takes none."""


def manifest_tests() -> list[ParameterSet]:
    if not MANIFEST.is_file():
        return [pytest.param(Graph(), MF.none, marks=pytest.mark.skip(f"there is no {MANIFEST}: set CONFORMANCE"))]
    graph = Graph().parse(MANIFEST)
    names = {test: str(test).rpartition("#")[2] for test in graph.subjects(RDF.type, MF.ProtocolTest)}
    return [pytest.param(graph, test, id=name) for test, name in names.items()]


@pytest.mark.parametrize(("graph", "test"), manifest_tests())
def test_w3c(graph: Graph, test: Node) -> None:
    store = Store()
    for data in graph.objects(test, UT.graphData):
        path = MANIFEST.parent / text(graph, data, UT.graph).rpartition("/")[2]
        store.load(path.read_bytes(), RdfFormat.N_TRIPLES, to_graph=NamedNode(text(graph, data, RDFS.label)))
    names = [name for name in store.named_graphs() if isinstance(name, NamedNode)]
    prepared = prepare(store, DESCRIPTION, default_graphs=names)
    for request in Collection(graph, one(graph, one(graph, test, MF.action), HT.requests)):
        reply = answer(w3c_request(graph, request), prepared)
        if str(test).rpartition("#")[2] in READ_ONLY:
            assert (reply.status, json.loads(reply.read())["type"]) == (403, f"{PROBLEMS}read-only")
            return
        assert_w3c_response(graph, one(graph, request, HT.resp), reply)


def w3c_request(graph: Graph, node: Node) -> Request:
    listed = [header for headers in graph.objects(node, HT.headers) for header in Collection(graph, headers)]
    headers = {text(graph, header, HT.fieldName): text(graph, header, HT.fieldValue) for header in listed}
    bodies = [
        text(graph, body, CNT.chars).encode(text(graph, body, CNT.characterEncoding))
        for body in graph.objects(node, HT.body)
    ]
    query_string = text(graph, node, HT.absolutePath).partition("?")[2].encode()
    return Request(text(graph, node, HT.methodName), query_string, headers, b"".join(bodies))


def assert_w3c_response(graph: Graph, node: Node, reply: Reply) -> None:
    body = reply.read()
    statuses = {str(status).rpartition("StatusCode")[2][0] for status in graph.objects(node, MF.expectedStatus)}
    assert str(reply.status)[0] in statuses, body
    kinds = {"boolean": {JSON, XML}, "tabular": {JSON, XML, "text/csv"}, "RDF": {"text/turtle"}}
    assert all(reply.media_type in kinds[str(expected)] for expected in graph.objects(node, MF.expectedFormat))
    for truth in graph.objects(node, MF.expectedBoolean):
        assert json.loads(body)["boolean"] == (str(truth) == "true")
