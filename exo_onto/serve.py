"""serve: a desk in, an ASGI application out; and a server that runs it. Opens a port.

    /sparql              the endpoint: queries, and the service description where there is none
    /.well-known/void    how much of what is in the data
    /data                downloads: all of it, or a graph (Graph Store Protocol, read-only)
    /healthz  /readyz    whether the process answers at all; whether queries are answered
    /metrics             counts, in Prometheus's format
    /openapi.json        all of this, for machines
    /                    the pages that people read (`pages`); who wants no HTML is told where the endpoint is

What is sent with status 200 is begun with the first full buffer: what fails before is a problem document, what fails
after breaks the connection, so that an answer which is cut short never looks like a whole one.
"""

import asyncio
import gc
import json
import logging
import socket
import sys
from collections.abc import Callable, Iterable, Mapping
from importlib import resources
from threading import Lock
from typing import Any, Final, cast

import uvicorn
from cachetools import LRUCache, cached
from pyoxigraph import Quad, Store
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette_compress import CompressMiddleware, add_compress_type
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from exo_onto import described, negotiation, problems, protocol, sending
from exo_onto.connection import Connection
from exo_onto.dataset import Dataset, Description
from exo_onto.described import About, Limits
from exo_onto.downloads import Downloads
from exo_onto.endpoint import Described, Endpoint
from exo_onto.gate import Gate
from exo_onto.metrics import MEDIA_TYPE, Metrics
from exo_onto.outcome import BrokenError
from exo_onto.pages.offers import Document
from exo_onto.pages.routes import Pages
from exo_onto.problems import Problem
from exo_onto.questions import Question
from exo_onto.service import Desk, Standing
from exo_onto.settings import Settings
from exo_onto.translated import translating
from exo_onto.watch import EVENTS_PATH

SPARQL_PATH: Final = "/sparql"
OPENAPI_PATH: Final = "/openapi.json"
DRAIN_SECONDS: Final = 5
"""How long what is under way may go on once the process is told to stop."""
SWITCH_SECONDS: Final = 0.0005
"""How long a thread, such as one that reads a long query, may keep the loop waiting where it has something to do."""
MOST_DESCRIBED: Final = 1_000_000
"""Up to how many triples VoID is in the store that is served: it takes a second for each 100,000."""
_TURTLE: Final = "text/turtle"
_ENDPOINTS: Final = frozenset({SPARQL_PATH, f"{SPARQL_PATH}/"})
_TASTE: Final = (
    "SELECT ?study ?mechanism WHERE { ?study a <https://w3id.org/exo-onto/Study> ; "
    "<https://w3id.org/exo-onto/demonstrates> ?mechanism } ORDER BY ?study LIMIT 5"
)


def application(
    desk: Desk,
    settings: Settings,
    *,
    log: Callable[[str], object] = lambda _: None,
    more: Iterable[Route] = (),
    settle: Callable[[], object] = lambda: None,
) -> ASGIApp:
    """Make the application that answers from a desk, within what the settings grant; `log` takes its lines.

    `more` are routes to have besides. Where they tell of events, the pages follow them. `settle` is called when what
    the pages of a snapshot need has been made.
    """
    besides = tuple(more)
    live = next((route.path for route in besides if route.path == EVENTS_PATH), "")
    metrics, pages = Metrics(), _Pages(desk, settings)
    _follow(metrics, desk)
    endpoint = Endpoint(desk, settings, metrics, pages.described)
    downloads = Downloads(desk)

    async def told(_: Request) -> Response:
        metrics.serve(desk.standing.description.digest, desk.standing.description.version)
        return Response(
            metrics.written(), headers={"Content-Type": MEDIA_TYPE, **problems.NOT_KEPT, **sending.EVERYWHERE}
        )

    read = Pages(desk, settings, pages.hint, documents=pages.documents, live=live, settle=settle)
    rest = _rest(pages, read, Route("/metrics", told), *besides)

    async def routed(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path")
        worded = translating(scope, send) if scope["type"] == "http" else send
        await (endpoint if path in _ENDPOINTS else downloads if path == described.DATA_PATH else rest)(
            scope, receive, worded
        )

    app: ASGIApp = Gate(_compressed(routed), desk, settings, metrics, log)
    if settings.trusted_proxies:  # its types are those of another library of ASGI
        app = cast("ASGIApp", ProxyHeadersMiddleware(cast("Any", app), list(settings.trusted_proxies)))
    return app


def _compressed(app: ASGIApp) -> ASGIApp:
    """Compress what is sent to those who ask for it."""
    for media_type in (*negotiation.SUFFIXES, problems.PROBLEM):
        add_compress_type(media_type)
    compressing = CompressMiddleware(app)

    async def encoded(scope: Scope, receive: Receive, send: Send) -> None:
        asked = any(name == b"accept-encoding" for name, _ in scope.get("headers", ()))
        await (compressing if asked else app)(scope, receive, send)

    return encoded


def _rest(pages: "_Pages", read: Pages, *besides: BaseRoute) -> Starlette:
    """Make what answers at all addresses but those of queries and downloads."""
    routes = [
        Route("/healthz", pages.health),
        Route("/readyz", pages.readiness),
        Route(OPENAPI_PATH, pages.openapi),
        Route(described.VOID_PATH, pages.void),
        *besides,
        *read.routes,
    ]
    refusals = {HTTPException: pages.refused, Exception: pages.failed}
    made = Starlette(routes=routes, lifespan=read.lifespan, exception_handlers=refusals)
    made.router.default = read.otherwise
    made.router.redirect_slashes = False  # or it would lead to whatever host a request names
    return made


def _follow(metrics: Metrics, desk: Desk) -> None:
    pool = desk.pool
    if pool is not None:
        metrics.follow("queries_running", "Queries that run", lambda: pool.running)
        metrics.follow("queries_waiting", "Queries that wait for a worker", lambda: pool.waiting)
        metrics.follow("workers", "Worker processes", lambda: len(pool.processes))
        metrics.follow_lost(lambda: dict(pool.lost))


def listen(host: str, port: int) -> socket.socket:
    """Take an address, so that nobody is told of one that cannot be had. Port 0 takes a free one; raises OSError."""
    host = host.removeprefix("[").removesuffix("]")
    if not host:
        raise OSError("no address is given; an empty one would mean all of them")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=512)


def address_of(listening: socket.socket) -> str:
    """Give the address as it stands in a URL: `http://127.0.0.1:7878`, also where all are listened on."""
    host, port = listening.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  shown, not bound
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def welcome(endpoint: str) -> str:
    """Tell the addresses of the endpoint and of the pages, and one line that works when pasted."""
    return f"""
Serving SPARQL at {endpoint}   (Ctrl-C stops it)
Pages for a browser: {endpoint.removesuffix(SPARQL_PATH)}/

Try, in another shell:

  curl -s '{endpoint}' -H 'Accept: text/csv' --data-urlencode 'query={_TASTE}'
"""


def run(
    app: ASGIApp,
    desk: Desk,
    listening: socket.socket,
    *,
    ready: Callable[[], object] = lambda: None,
    leaving: Callable[[], object] = lambda: None,
) -> None:
    """Serve until the process is told to stop; what is under way then gets a few seconds. Quiet but for failures.

    `ready` is called once queries are answered, `leaving` when it begins to stop. The signal that stopped it is raised
    again at the end, for whoever handles it. Raises StartError where the desk cannot be opened.
    """
    logging.getLogger("uvicorn.error").addFilter(_is_no_broken_answer)
    sys.setswitchinterval(SWITCH_SECONDS)
    config = uvicorn.Config(
        app,
        http=Connection,
        ws="none",
        log_level="warning",
        access_log=False,
        lifespan="on",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )

    async def serve() -> None:
        try:
            await desk.open()
            ready()
            await _Server(config, leaving).serve([listening])
        finally:
            await desk.close()

    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(serve())


def settle() -> None:
    """Take what has been made to stay out of the rounds of the garbage collector, of the whole process.

    A round over all that pages know of a snapshot takes some 100 ms, and whoever reads a page just then waits for it.
    What an earlier snapshot has left is collected first.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()


class _Server(uvicorn.Server):
    """A server that says when it begins to stop, so that streams without end come to one."""

    def __init__(self, config: uvicorn.Config, leaving: Callable[[], object]) -> None:
        super().__init__(config)
        self._leaving = leaving

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._leaving()
        await super().shutdown(sockets)


def _is_no_broken_answer(record: logging.LogRecord) -> bool:
    """Leave out that an answer was broken off: it is meant, and the server has no other way."""
    return not (record.exc_info and isinstance(record.exc_info[1], BrokenError))


class _Pages:
    """Answers at the addresses beside the endpoint."""

    def __init__(self, desk: Desk, settings: Settings) -> None:
        self._desk = desk
        self._settings = settings
        self.described = _once(self._described)
        self._void = _once(self._void_of)

    async def hint(self, _: Request) -> Response:
        said = self._desk.standing.description
        text = f"""{said.title} {said.version}, snapshot {said.digest}

SPARQL 1.1 endpoint: {said.endpoint}
Downloads: {self._base}{described.DATA_PATH}

curl -H 'Accept: text/csv' --data-urlencode 'query=SELECT * WHERE {{ ?s ?p ?o }} LIMIT 10' {said.endpoint}
"""
        return self._text(text)

    async def health(self, _: Request) -> Response:
        return self._text("ok\n")

    async def readiness(self, _: Request) -> Response:
        if self._desk.ready:
            return self._text("ready\n")
        return self._problem(problems.BUSY, "No queries are answered yet.", {"Retry-After": "1"})

    async def openapi(self, _: Request) -> Response:
        return Response(_openapi(self._desk.standing), media_type="application/json", headers=self._headers)

    async def void(self, request: Request) -> Response:
        chosen = negotiation.file_format(
            request.headers.get("accept", "*/*"), request.query_params.get("format"), whole=False
        )
        if not isinstance(chosen, str):
            return Response(chosen.read(), chosen.status, {**sending.content_type(chosen.media_type), **self._headers})
        content = await run_in_threadpool(self._void, self._desk.standing, chosen)
        tag = negotiation.tag(self._desk.standing.description.digest, chosen)
        headers = {**self._headers, "ETag": tag, "Vary": "Accept", **sending.FRESH}
        if tag in map(str.strip, request.headers.get("if-none-match", "").split(",")):
            return Response(status_code=304, headers=headers)
        return Response(content, headers={**sending.content_type(chosen), **headers})

    async def refused(self, _: Request, error: Exception) -> Response:
        """Tell in a problem document what the router refuses: no such path, or no such method there."""
        headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
        if isinstance(error, HTTPException) and error.status_code == problems.BAD_METHOD.status:
            return self._problem(problems.BAD_METHOD, "This is only read.", headers)
        return self._problem(problems.NOT_FOUND, f"The endpoint is at {self._endpoint}.", headers)

    async def failed(self, _: Request, __: Exception) -> Response:
        """Tell a client that we failed, and no more: the trace is in the log."""
        return self._problem(problems.FAILED, "The failure has been logged.", {})

    @property
    def documents(self) -> tuple[Document, ...]:
        """Give what describes all of this, for those who take it away."""
        return (
            Document(
                "void", "ttl", f"{described.VOID_PATH}?format=turtle", lambda standing: self._void(standing, _TURTLE)
            ),
            Document(
                "service", "ttl", f"{SPARQL_PATH}?format=turtle", lambda standing: self.described(standing, _TURTLE)
            ),
            Document("openapi", "json", OPENAPI_PATH, _openapi),
        )

    @property
    def _endpoint(self) -> str:
        return self._desk.standing.description.endpoint

    @property
    def _base(self) -> str:
        return self._endpoint.removesuffix(SPARQL_PATH)

    @property
    def _headers(self) -> dict[str, str]:
        return {**sending.EVERYWHERE, **protocol.of_snapshot(self._desk.standing.description)}

    def _text(self, text: str) -> Response:
        return Response(text, headers={**sending.content_type("text/plain"), **self._headers, **problems.NOT_KEPT})

    def _problem(self, kind: Problem, detail: str, headers: Mapping[str, str]) -> Response:
        reply = problems.problem(kind, detail, headers=headers)
        told = {**sending.content_type(reply.media_type), **self._headers, **reply.headers}
        return Response(reply.read(), reply.status, told)

    def _described(self, standing: Standing, media_type: str) -> bytes:
        triples = described.service_description(standing.dataset.store, about(standing.dataset, self._settings))
        return described.written(triples, negotiation.GRAPHS[media_type])

    def _void_of(self, standing: Standing, media_type: str) -> bytes:
        triples = described.void(standing.dataset.store, about(standing.dataset, self._settings))
        return described.written(triples, negotiation.GRAPHS[media_type])


def _once(write: Described) -> Described:
    """Write once for each snapshot and media type. The bytes alone are kept: no snapshot stays open for them."""
    kept: LRUCache[tuple[Description, str], bytes] = LRUCache(6)
    return cached(kept, lambda standing, media_type: (standing.description, media_type), Lock())(write)


def _openapi(standing: Standing) -> bytes:
    text = resources.files("exo_onto").joinpath("describing", "openapi.json").read_text("utf-8")
    said = standing.description
    document = {**json.loads(text), "servers": [{"url": said.endpoint.removesuffix(SPARQL_PATH)}]}
    document["info"]["version"] = said.version
    return json.dumps(document, indent=1).encode()


def about(dataset: Dataset, settings: Settings) -> About:
    """Say of a service what is not in its store."""
    said = dataset.description
    limits = Limits(settings.timeout, settings.max_rows, settings.max_bytes, settings.memory * 2**20, settings.rate)
    return About(
        base=said.endpoint.removesuffix(SPARQL_PATH),
        endpoint=said.endpoint,
        title=said.title,
        version=said.version,
        digest=said.digest,
        default_graphs=dataset.default_graphs,
        limits=limits,
        formats=tuple(dict.fromkeys(negotiation.RESULT_FORMATS)),
        services=settings.services,
        disjoint=dataset.disjoint,
    )


def added(
    dataset: Dataset, questions: Iterable[Question], settings: Settings, *, most: int = MOST_DESCRIBED
) -> tuple[Quad, ...]:
    """Give what is served besides the data: the shipped questions, and VoID of up to `most` triples."""
    said, store = about(dataset, settings), cast("Store", dataset.store)
    if sum(graph.triples for graph in dataset.named_graphs) <= most:
        return described.published(store, said, questions)
    found = described.examples(questions, said.endpoint)
    return tuple(Quad(triple.subject, triple.predicate, triple.object, said.examples) for triple in found)
