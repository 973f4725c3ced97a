"""serve: a prepared dataset in, an ASGI application out; and a server that runs it. Opens a port.

    /sparql     the endpoint: queries, and the service description where there is none
    /           where the endpoint is, and how to ask it
    /healthz    whether the process answers at all

A query runs, and its answer is written, in one thread beside the event loop. Status 200 goes out with the first full
buffer: what fails before is a problem document, what fails after breaks the connection, so that an answer which is cut
short never looks like a whole one.
"""

import socket
from collections.abc import Mapping
from typing import Final

import uvicorn
from anyio import from_thread
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from exo_onto import protocol
from exo_onto.dataset import Dataset
from exo_onto.protocol import Problem, Reply

SPARQL_PATH: Final = "/sparql"
_BUFFER: Final = 65_536
_MAX_HEAD: Final = 65_536  # bytes of request line and headers; longer queries are posted
_DRAIN_SECONDS: Final = 5
_EVERYWHERE: Final = {"X-Content-Type-Options": "nosniff"}
_TASTE: Final = (
    "SELECT ?study ?mechanism WHERE { ?study a <https://w3id.org/exo-onto/Study> ; "
    "<https://w3id.org/exo-onto/demonstrates> ?mechanism } ORDER BY ?study LIMIT 5"
)
_CORS: Final = Middleware(
    CORSMiddleware,
    allow_origins=["*"],
    allow_methods=protocol.METHODS,
    allow_headers=["*"],
    expose_headers=["ETag", protocol.SNAPSHOT_HEADER],
)


def application(dataset: Dataset) -> Starlette:
    """Make the application that answers from a dataset. It looks at `state.dataset` anew for every request."""
    endpoint = _Endpoint()
    app = Starlette(
        routes=[
            Route("/", _hint),
            Route("/healthz", _health),
            Route(SPARQL_PATH, endpoint),
            Route(f"{SPARQL_PATH}/", endpoint),
        ],
        middleware=[_CORS],
        exception_handlers={HTTPException: _refused, Exception: _failed},
    )
    app.state.dataset = dataset
    return app


def listen(host: str, port: int) -> socket.socket:
    """Take an address, so that nobody is told of one that cannot be had. Port 0 takes a free one; raises OSError."""
    host = host.removeprefix("[").removesuffix("]")
    if not host:
        raise OSError("no address is given; an empty one would mean all of them")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family)


def address_of(listening: socket.socket) -> str:
    """Give the address as it stands in a URL: `http://127.0.0.1:7878`, also where all are listened on."""
    host, port = listening.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  shown, not bound
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def welcome(endpoint: str) -> str:
    """Tell the address of the endpoint, and one line that works when pasted."""
    return f"""
Serving SPARQL at {endpoint}   (Ctrl-C stops it)

Try, in another shell:

  curl -s '{endpoint}' -H 'Accept: text/csv' --data-urlencode 'query={_TASTE}'
"""


def run(app: Starlette, listening: socket.socket) -> None:
    """Serve until the process is told to stop; what is under way then gets a few seconds. Quiet but for failures.

    The signal that stopped it is raised again at the end, for whoever handles it.
    """
    settings = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        lifespan="off",
        proxy_headers=False,
        server_header=False,
        h11_max_incomplete_event_size=_MAX_HEAD,
        timeout_graceful_shutdown=_DRAIN_SECONDS,
    )
    uvicorn.Server(settings).run([listening])


class _Endpoint:
    """Answers at the endpoint: an ASGI application, since a response could not be written from a thread."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            request = await _received(Request(scope, receive))
        except ClientDisconnect:
            return
        await run_in_threadpool(_respond, request, scope["app"].state.dataset, send)


async def _received(request: Request) -> protocol.Request:
    """Read a request whole, but of a body no more than is needed to see that it is too long."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > protocol.MAX_BODY:
            break
    headers = {name: ", ".join(request.headers.getlist(name)) for name in request.headers}
    return protocol.Request(request.method, request.scope["query_string"], headers, bytes(body))


def _respond(request: protocol.Request, dataset: Dataset, send: Send) -> None:
    reply = protocol.answer(request, dataset)
    outlet = _Outlet(reply, send, has_body=request.method != "HEAD")
    reply.write(outlet)
    outlet.close()


class _Outlet:
    """Sends what is written to it, from a thread, and waits for a slow client. Tells the length of a short answer."""

    def __init__(self, reply: Reply, send: Send, *, has_body: bool) -> None:
        self._reply = reply
        self._send = send
        self._has_body = has_body
        self._held = bytearray()
        self._started = False

    def write(self, chunk: bytes, /) -> int:
        self._held += chunk
        if len(self._held) >= _BUFFER:
            self._start({})
            self._say(more=True)
        return len(chunk)

    def flush(self) -> None:
        """Hold on to what is there: `close` sends it."""

    def close(self) -> None:
        length = self._has_body and self._reply.status != 204  # noqa: PLR2004  No Content has no length
        self._start({"Content-Length": str(len(self._held))} if length else {})
        self._say(more=False)

    def _start(self, headers: Mapping[str, str]) -> None:
        if not self._started:
            self._started = True
            raw = Headers({**_headers(self._reply), **headers}).raw
            self._pass_on({"type": "http.response.start", "status": self._reply.status, "headers": raw})

    def _say(self, *, more: bool) -> None:
        self._pass_on({"type": "http.response.body", "body": bytes(self._held), "more_body": more})
        self._held.clear()

    def _pass_on(self, message: Message) -> None:
        from_thread.run(_deliver, self._send, message)


async def _deliver(send: Send, message: Message) -> None:
    await send(message)


def _headers(reply: Reply) -> dict[str, str]:
    charset = "; charset=utf-8" if reply.media_type.startswith("text/") else ""
    typed = {"Content-Type": reply.media_type + charset} if reply.media_type else {}
    return {**_EVERYWHERE, **typed, **reply.headers}


async def _hint(request: Request) -> Response:
    said = request.app.state.dataset.description
    text = f"""{said.title} {said.version}, snapshot {said.digest}

SPARQL 1.1 endpoint: {said.endpoint}

curl -H 'Accept: text/csv' --data-urlencode 'query=SELECT * WHERE {{ ?s ?p ?o }} LIMIT 10' {said.endpoint}
"""
    return PlainTextResponse(text, headers=_EVERYWHERE)


async def _health(_: Request) -> Response:
    return PlainTextResponse("ok\n", headers=_EVERYWHERE)


async def _refused(request: Request, error: Exception) -> Response:
    """Tell in a problem document what the router refuses: no such path, or no such method there."""
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    if isinstance(error, HTTPException) and error.status_code == protocol.BAD_METHOD.status:
        return _response(protocol.BAD_METHOD, f"{request.url.path} is only read.", headers)
    return _response(
        protocol.NOT_FOUND, f"The endpoint is at {request.app.state.dataset.description.endpoint}.", headers
    )


async def _failed(_: Request, __: Exception) -> Response:
    """Tell a client that we failed, and no more: the trace is in the log."""
    return _response(protocol.FAILED, "The failure has been logged.", {})


def _response(kind: Problem, detail: str, headers: Mapping[str, str]) -> Response:
    reply = protocol.problem(kind, detail, headers=headers)
    return Response(reply.read(), reply.status, _headers(reply))
