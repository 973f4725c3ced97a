"""What the tests of serving share: a small dataset in memory, a desk over it, and requests that need no socket."""

import asyncio
import json
from collections.abc import Iterable
from typing import Any

import httpx
from pyoxigraph import Literal, NamedNode, Quad, Store
from starlette.types import ASGIApp, Message

from exo_onto.dataset import Description, prepare
from exo_onto.outcome import Answer
from exo_onto.problems import PROBLEMS
from exo_onto.protocol import Call
from exo_onto.serve import application
from exo_onto.service import Elsewhere
from exo_onto.settings import Settings
from exo_onto.workers import Pool

EX = "http://ex/"
A, B, C = (NamedNode(EX + name) for name in ("a", "b", "c"))
DESCRIPTION = Description("http://test/sparql", "Test data", "1.2.3", "3f2a")
TABLE = "SELECT ?o WHERE { ?s ?p ?o } ORDER BY ?o"
ASK = "ASK { ?s ?p ?o }"
TRIPLES = "CONSTRUCT WHERE { ?s ?p ?o }"
STRANGER = "203.0.113.7"
"""An address that is not this machine's (RFC 5737)."""


def store(quads: Iterable[Quad] = ()) -> Store:
    """Make a store: 1 and 2 in the default graphs, 3 in another."""
    made, node = Store(), NamedNode(EX + "s")
    made.extend(Quad(node, node, Literal(value), graph) for value, graph in ((1, A), (2, B), (3, C)))
    made.extend(quads)
    return made


class Desk(Elsewhere):
    """A desk over data in memory that notes what it is asked, or does as it is told instead of answering."""

    def __init__(
        self,
        settings: Settings,
        outcome: Answer | Exception | None = None,
        *,
        quads: Iterable[Quad] = (),
        pool: Pool | None = None,
    ) -> None:
        """Answer, or give or raise the outcome."""
        super().__init__(prepare(store(quads), DESCRIPTION, default_graphs=[A, B]), settings)
        self.pool = pool
        self.outcome = outcome
        self.asked: list[Call] = []
        self.seconds: list[float] = []

    async def ask(self, call: Call, *, client: str, deadline: float) -> Answer:
        """Note a call and how many seconds it has."""
        self.asked.append(call)
        self.seconds.append(deadline - asyncio.get_running_loop().time())
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome or await super().ask(call, client=client, deadline=deadline)


def served(settings: Settings | None = None, **options: Any) -> ASGIApp:  # noqa: ANN401  those of `Desk`
    """Make an application over the small dataset."""
    granted = settings or Settings()
    return application(Desk(granted, **options), granted)


def send(app: ASGIApp, method: str, path: str, *, client: str = "127.0.0.1", **options: Any) -> httpx.Response:  # noqa: ANN401  those of httpx
    """Send one request; what the application raises passes through."""

    async def sent() -> httpx.Response:
        transport = httpx.ASGITransport(app, client=(client, 1234))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as session:
            return await session.request(method, path, **options)

    return asyncio.run(sent())


def get(app: ASGIApp, query: str | None = None, *, accept: str = "*/*", **parameters: str) -> httpx.Response:
    """Send a query by GET."""
    asked = parameters if query is None else {"query": query, **parameters}
    return send(app, "GET", "/sparql", params=asked, headers={"Accept": accept})


def scope(path: str, query_string: str = "", *, method: str = "GET", **headers: str) -> dict[str, Any]:
    """Describe a request as a server does. A header `if_none_match` is `if-none-match`."""
    return {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query_string.encode(),
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1234),
        "scheme": "http",
        "server": ("test", 80),
        "http_version": "1.1",
    }


async def never() -> Message:
    """Stand for a client that says no more, and stays."""
    await asyncio.Event().wait()
    raise AssertionError


def failure(reply: httpx.Response) -> tuple[int, str]:
    """Give the status and the kind of a problem document, once it is seen to be one."""
    document = json.loads(reply.content)
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert reply.headers["Cache-Control"] == "no-store"
    assert document["status"] == reply.status_code
    assert document["title"]
    assert document["detail"]
    assert "Traceback" not in reply.text
    return reply.status_code, document["type"].removeprefix(PROBLEMS)
