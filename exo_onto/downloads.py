"""downloads: a dataset in, an ASGI application out that gives all of it, or a graph, as a file.

Graph Store HTTP Protocol, read-only: `?graph=IRI` and `?default` name a graph; without either comes the whole dataset.
The files are named by the snapshot.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Final, cast

from anyio import to_thread
from pyoxigraph import NamedNode, Quad, Store, Triple, serialize
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from exo_onto import negotiation, problems, protocol, sending
from exo_onto.dataset import Dataset
from exo_onto.outcome import BrokenError
from exo_onto.problems import Reply
from exo_onto.service import Desk

_AT_ONCE: Final = 2
"""Downloads that are written at the same time; a third is told to wait."""
_METHODS: Final = ("GET", "HEAD", "OPTIONS")
_PREFLIGHT: Final = {
    "Access-Control-Allow-Methods": ", ".join(_METHODS),
    "Access-Control-Allow-Headers": "Accept, If-None-Match",
    "Access-Control-Max-Age": "86400",
}


class Downloads:
    """Answers at /data."""

    def __init__(self, desk: Desk) -> None:
        """Give what a desk has."""
        self._desk = desk
        self._under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request, dataset = Request(scope, receive), self._desk.standing.dataset
        wanted = _wanted(request, dataset)
        if isinstance(wanted, Reply):
            await sending.send_reply(send, wanted, dataset.description, head_only=request.method == "HEAD")
            return
        if request.method == "HEAD":
            await sending.send_head(send, wanted.headers(dataset))
            return
        if self._under_way >= _AT_ONCE:
            busy = problems.problem(problems.BUSY, "Two downloads are under way.", headers={"Retry-After": "10"})
            await sending.send_reply(send, busy, dataset.description)
            return
        self._under_way += 1
        try:
            await to_thread.run_sync(_write, wanted, dataset, send)
        except TimeoutError as error:
            raise BrokenError from error
        finally:
            self._under_way -= 1


@dataclass(frozen=True)
class _Wanted:
    """Which graphs are asked for, and in which format. None: all of them, by name."""

    graphs: tuple[NamedNode, ...] | None
    name: str
    media_type: str

    def headers(self, dataset: Dataset) -> dict[str, str]:
        said = dataset.description
        file = f"exo-onto-{said.digest}{self.name}.{negotiation.SUFFIXES[self.media_type]}"
        return {
            **sending.content_type(self.media_type),
            **protocol.of_snapshot(said),
            **sending.FRESH,
            "ETag": negotiation.tag(said.digest, f"{self.name}{self.media_type}"),
            "Vary": "Accept",
            "Content-Disposition": f'attachment; filename="{file}"',
        }


def _wanted(request: Request, dataset: Dataset) -> _Wanted | Reply:
    """Read what is asked for, or refuse it."""
    refused = _refused(request, dataset)
    if refused is not None:
        return refused
    graphs, default = request.query_params.getlist("graph"), "default" in request.query_params
    accept, format = request.headers.get("accept", "*/*"), request.query_params.get("format")
    choice = negotiation.file_format(accept, format, whole=not (graphs or default))
    if isinstance(choice, Reply):
        return choice
    if graphs:
        found = _named(graphs[0], choice, dataset)
    elif default:
        found = _Wanted(dataset.default_graphs, "-default", choice)
    else:
        found = _Wanted(None, "", choice)
    return _unless_known(found, request.headers.get("if-none-match", ""), dataset)


def _refused(request: Request, dataset: Dataset) -> Reply | None:
    methods = {"Allow": ", ".join(_METHODS)}
    if request.method == "OPTIONS":
        return Reply(204, "", {**methods, **_PREFLIGHT}, b"")
    if request.method not in _METHODS:
        return problems.problem(problems.BAD_METHOD, "The data is only read.", headers=methods)
    if not isinstance(dataset.store, Store):
        return problems.problem(problems.NOT_FOUND, "The data lies in another store: download it there.")
    graphs = request.query_params.getlist("graph")
    if len(graphs) > 1 or (graphs and "default" in request.query_params):
        return problems.problem(problems.BAD_REQUEST, "Name one graph by `graph`, or the default one by `default`.")
    return None


def _unless_known(found: _Wanted | Reply, known: str, dataset: Dataset) -> _Wanted | Reply:
    if isinstance(found, Reply):
        return found
    tag = found.headers(dataset)["ETag"]
    if tag not in map(str.strip, known.split(",")):
        return found
    return Reply(304, "", {"ETag": tag, "Vary": "Accept", **sending.FRESH}, b"")


def _named(name: str, media_type: str, dataset: Dataset) -> _Wanted | Reply:
    known = next((graph.name for graph in dataset.named_graphs if graph.name.value == name), None)
    if known is None:
        return problems.problem(problems.NOT_FOUND, "There is no graph of this name here.")
    return _Wanted((known,), f"-{_slug(name)}", media_type)


def _slug(name: str) -> str:
    last = name.rstrip("/#").rpartition("/")[2]
    return "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in last) or "graph"


def _write(wanted: _Wanted, dataset: Dataset, send: Send) -> None:
    outlet = sending.Outlet(send, wanted.headers(dataset))
    write(wanted.graphs, wanted.media_type, dataset, cast("IO[bytes]", outlet))
    outlet.close()


def write(graphs: tuple[NamedNode, ...] | None, media_type: str, dataset: Dataset, output: IO[bytes]) -> None:
    """Write graphs of a dataset as one, or with None all of them by name: the same bytes each time."""
    store, format = cast("Store", dataset.store), negotiation.GRAPHS[media_type]
    if graphs is None:
        store.dump(output, format=format)
    elif len(graphs) == 1:
        store.dump(output, format=format, from_graph=graphs[0])
    else:
        serialize(_merged(store, graphs), output, format=format)


def _merged(store: Store, graphs: tuple[NamedNode, ...]) -> Iterator[Triple]:
    for graph in graphs:
        quads: Iterator[Quad] = store.quads_for_pattern(None, None, None, graph)
        yield from (quad.triple for quad in quads)
