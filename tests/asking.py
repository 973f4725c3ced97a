"""What the tests of the protocol share: a request answered in one piece, without a server."""

from dataclasses import replace

from rdflib import Graph, Node

from exo_onto.dataset import Dataset
from exo_onto.described import service_description, written
from exo_onto.evaluation import perform
from exo_onto.negotiation import GRAPHS, tag
from exo_onto.problems import Reply
from exo_onto.protocol import Describe, Request, of_snapshot, understand
from exo_onto.serve import about
from exo_onto.settings import Settings


def answer(request: Request, data: Dataset) -> Reply:
    """Do in one piece what the endpoint and a worker do."""
    wanted = understand(request)
    if isinstance(wanted, Describe):
        triples = service_description(data.store, about(data, Settings()))
        headers = {"ETag": tag(data.description.digest, wanted.media_type), "Vary": "Accept"}
        reply = Reply(200, wanted.media_type, headers, written(triples, GRAPHS[wanted.media_type]))
    else:
        reply = wanted if isinstance(wanted, Reply) else perform(wanted, data)
    headers = {**reply.headers, **of_snapshot(data.description)}
    return replace(reply, headers=headers, body=b"" if request.method == "HEAD" else reply.body)


def one(graph: Graph, subject: Node, predicate: Node) -> Node:
    [node] = graph.objects(subject, predicate)
    return node


def text(graph: Graph, subject: Node, predicate: Node) -> str:
    return str(one(graph, subject, predicate))
