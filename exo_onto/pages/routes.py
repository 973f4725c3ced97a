"""routes: a desk in, the routes of the pages out: what each answers, in which language and format, and what is kept.

A page over an immutable snapshot may be kept: by its address, the language, the theme and the digest of the snapshot.
What a page asks, it asks through the desk; what takes long besides is done in a thread.

    /  /search  /matrix  /matrix/evidence  /compare  /download  /why      pages
    /search.json  /matrix.csv  /matrix.svg  /study/SLUG/graph.json         the same for programs
    /static                                                                what pages are made of
    anything else                                                          a resource, as a page or as RDF
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from importlib import resources
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from cachetools import LRUCache
from pyoxigraph import NamedNode
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import Receive, Scope, Send

from exo_onto import __version__, negotiation, problems, sending
from exo_onto.described import DATA_PATH
from exo_onto.endpoint import client_of
from exo_onto.negotiation import GRAPHS
from exo_onto.outcome import PoolError
from exo_onto.pages import addresses, editor, languages, matrix, replies, writing
from exo_onto.pages.addresses import Asked
from exo_onto.pages.asking import Asker, UnansweredError
from exo_onto.pages.languages import Words
from exo_onto.pages.offers import Document
from exo_onto.pages.replies import HTML
from exo_onto.pages.views import Views
from exo_onto.pages.visits import Load, MissingError, View, Visit
from exo_onto.pages.writing import Reader
from exo_onto.service import Desk
from exo_onto.settings import Settings
from exo_onto.vocabulary import GRAPH_ONTOLOGY

PLAIN: Final = "text/plain"
_KEPT_BYTES: Final = 32 * 2**20
_LONGEST: Final = 2_000
"""Characters of a header, a path or a query string that are read."""
_WARM_SECONDS: Final = 5
"""How long the first reader may wait for what all pages need."""
_BESIDES: Final = "pages"
"""The client in whose name a snapshot's views are made beforehand."""


class Pages:
    """Answers at the addresses that people read."""

    def __init__(  # noqa: PLR0913  what it shows, and whom it tells
        self,
        desk: Desk,
        settings: Settings,
        hint: Callable[[Request], Awaitable[Response]],
        *,
        documents: Iterable[Document] = (),
        live: str = "",
        settle: Callable[[], object] = lambda: None,
    ) -> None:
        """Show what a desk has; `hint` answers at the first page those who want neither HTML nor RDF.

        `documents` are what describes it, to be downloaded. `live` is the path at which events tell of a root that
        somebody edits: pages then follow it. `settle` is called when what all pages of a snapshot need has been made.
        """
        self._desk = desk
        self._live = live
        self._settings = settings
        self._settle = settle
        self._hint = hint
        self._views = Views(documents)
        self._kept: LRUCache[tuple[str, ...], bytes] = LRUCache(_KEPT_BYTES, getsizeof=len)
        self._warmed = ""
        self._warming: asyncio.Task[None] | None = None

    @property
    def routes(self) -> list[BaseRoute]:
        """Every address of ours but those of resources, which `otherwise` answers."""
        views = self._views
        pages: dict[str, tuple[str, Load]] = {
            "/search": ("search.html", views.found),
            "/matrix": ("matrix.html", views.matrix),
            "/matrix/evidence": ("evidence.html", views.evidence),
            "/compare": ("compare.html", views.compare),
            "/why": ("why.html", views.why),
        }
        static = resources.files("exo_onto.pages").joinpath("static")
        return [
            Route("/", self._first),
            *(Route(path, partial(self._shown, template, load)) for path, (template, load) in pages.items()),
            Route("/download", self._download),
            Route("/search.json", self._suggested),
            Route("/matrix.csv", self._csv),
            Route("/matrix.svg", self._svg),
            Route("/study/{slug}/graph.json", self._graph),
            Route(editor.PATH, self._query),
            Mount("/static", replies.Static(directory=str(static))),
        ]

    async def otherwise(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer at an address that no route has: that of a resource, or of nothing."""
        request = Request(scope, receive)
        reply = await (self._resource if request.method in ("GET", "HEAD") else self._only_read)(request)
        await reply(scope, receive, send)

    # --- Pages

    async def _first(self, request: Request) -> Response:
        """Answer at the ontology's own address: with the first page, the ontology, or a hint."""
        wanted = preferred(request.headers.get("accept", ""), first=PLAIN)
        if wanted == HTML:
            return await self._shown("home.html", self._views.first, request)
        if wanted is not None and wanted in GRAPHS:
            return replies.see(_data(GRAPH_ONTOLOGY, wanted), self._visit(request))
        return await self._hint(request)

    async def _query(self, request: Request) -> Response:
        """Show the SPARQL page, the only one whose library writes styles into it."""
        reply = await self._shown("query.html", editor.load(self._settings), request)
        reply.headers["Content-Security-Policy"] = editor.policy(replies.POLICY)
        return reply

    async def _download(self, request: Request) -> Response:
        """Show the downloads; what is not yet measured will be the next time, so the page is not kept."""
        return await self._shown("download.html", self._views.download, request, kept=False)

    async def _resource(self, request: Request) -> Response:
        """Answer at the address of a resource: with its page, or in RDF."""
        asked = self._asked(request)
        if asked is None:
            return self._failed(request, MissingError(request.scope["path"]))
        wanted = asked.media_type or preferred(request.headers.get("accept", ""), first=HTML)
        if wanted is None:
            offered = f"Offered are: {', '.join((HTML, *GRAPHS))}."
            return await self._refused(request, problems.NOT_ACCEPTABLE, offered, Vary="Accept")
        if wanted != HTML:
            return await self._rdf(asked.resource, wanted, request)
        kind, slash, slug = request.scope["path"].removeprefix("/").partition("/")
        if kind == "study" and slash and "/" not in slug:
            return await self._shown("study.html", self._views.study, request, slug=slug)
        return await self._shown("resource.html", partial(self._views.resource, node=asked.resource), request)

    async def _only_read(self, request: Request) -> Response:
        return await self._refused(request, problems.BAD_METHOD, "This is only read.", Allow="GET, HEAD")

    async def _refused(self, request: Request, kind: problems.Problem, detail: str, **headers: str) -> Response:
        """Refuse what a resource has not; where there is none, tell that."""
        asked, visit = self._asked(request), self._visit(request)
        try:
            if asked is None or not await visit.asker.rows("exists", this=[asked.resource]):
                return self._failed(request, MissingError(request.scope["path"]))
        except (PoolError, UnansweredError) as error:
            return self._failed(request, error, html=False)
        return replies.problem(kind, detail, visit, **headers)

    async def _rdf(self, node: NamedNode, media_type: str, request: Request) -> Response:
        """Answer with a resource in RDF; for a named graph, with what is in it."""
        visit = self._visit(request)
        if any(graph.name == node for graph in visit.standing.dataset.named_graphs):
            return replies.see(_data(node, media_type), visit)
        tag = negotiation.tag(visit.said.digest, media_type)
        headers = {**replies.headers(visit), **sending.FRESH, **replies.NEGOTIATED, "ETag": tag}
        if replies.is_known(request, tag):
            return Response(status_code=304, headers=headers)
        try:
            content = await self._views.data(visit, node, media_type)
        except (MissingError, PoolError, UnansweredError) as error:
            return self._failed(request, error, html=False)
        return Response(content, headers={**sending.content_type(media_type), **headers})

    # --- The same for programs

    async def _suggested(self, request: Request) -> Response:
        return await self._told(request, self._views.suggested)

    async def _graph(self, request: Request) -> Response:
        return await self._told(request, self._views.graph, **request.path_params)

    async def _told(self, request: Request, load: Callable[[Visit], Awaitable[object]], **path: str) -> Response:
        """Answer in JSON."""
        visit = self._visit(request, **path)
        try:
            found = await load(visit)
        except (MissingError, PoolError, UnansweredError) as error:
            return self._failed(request, error, html=False)
        return JSONResponse(found, headers={**replies.NEGOTIATED, **replies.headers(visit), **sending.FRESH})

    async def _csv(self, request: Request) -> Response:
        return await self._file(
            request, "text/csv", lambda _, view: matrix.table(view["matrix"], view["names"]).encode()
        )

    async def _svg(self, request: Request) -> Response:
        return await self._file(
            request, "image/svg+xml", lambda visit, view: writing.written("matrix.svg", visit.reader, visit.said, view)
        )

    async def _file(self, request: Request, media_type: str, write: Callable[[Visit, View], bytes]) -> Response:
        """Answer with the matrix as a file."""
        visit = self._visit(request)
        try:
            content = write(visit, await self._views.matrix(visit))
        except (PoolError, UnansweredError) as error:
            return self._failed(request, error, html=False)
        name = f"exo-onto-{visit.said.digest}-matrix.{'csv' if media_type == 'text/csv' else 'svg'}"
        disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
        headers = {**replies.NEGOTIATED, **replies.headers(visit), **replies.PRIVATE, **disposition, **sending.FRESH}
        return Response(content, headers={**sending.content_type(media_type), **headers})

    # --- What all have in common

    async def _shown(self, template: str, load: Load, request: Request, *, kept: bool = True, **path: str) -> Response:
        """Answer with a page in HTML."""
        visit = self._visit(request, **path)
        self._warm(visit)
        reader = visit.reader
        key = (visit.said.digest, reader.language, reader.theme, reader.path, _query(request))
        tag = f'W/"{"-".join((__version__, *key[:3]))}"'
        if kept and replies.is_known(request, tag):
            return replies.html(b"", visit, status=304, tag=tag)
        content = self._kept.get(key) if kept else None
        if content is None:
            try:
                view = await load(visit)
            except (MissingError, PoolError, UnansweredError) as error:
                return self._failed(request, error)
            content = writing.written(template, reader, visit.said, view)
            if kept and len(content) <= _KEPT_BYTES // 8:
                self._kept[key] = content
        return replies.html(content, visit, tag=tag if kept else None)

    @asynccontextmanager
    async def lifespan(self, _: object) -> AsyncIterator[None]:
        """Make what the pages of the first snapshot need while nobody reads them yet; of a large one, go on with it."""
        scope = {"type": "http", "path": "/", "query_string": b"", "headers": [], "method": "GET"}
        self._warm(self._visit(Request(scope)))
        await asyncio.to_thread(writing.ready)
        if self._warming is not None:
            await asyncio.wait({self._warming}, timeout=_WARM_SECONDS)
        yield
        if self._warming is not None:
            self._warming.cancel()
            await asyncio.gather(self._warming, return_exceptions=True)

    def _warm(self, visit: Visit) -> None:
        """Make what a new snapshot's pages need, while the first of them is read."""
        if self._warmed != visit.said.digest:
            self._warmed = visit.said.digest
            self._kept.clear()  # pages of another snapshot are asked for no more
            self._warming = asyncio.get_running_loop().create_task(self._warmed_up(visit))

    async def _warmed_up(self, visit: Visit) -> None:
        try:
            await self._views.warm(replace(visit, asker=replace(visit.asker, client=_BESIDES)))
        except (PoolError, UnansweredError):
            self._warmed = ""  # the next page tries again
        else:
            self._settle()

    def _visit(self, request: Request, **path: str) -> Visit:
        standing, parameters, cookies = self._desk.standing, request.query_params, request.cookies
        language = languages.chosen(
            parameters.get("lang"), cookies.get(languages.COOKIE), request.headers.get("accept-language")
        )
        themes = (parameters.get("theme"), cookies.get(replies.THEME))
        theme = next((each for each in themes if each in writing.THEMES), writing.THEMES[0])
        base = standing.description.endpoint.removesuffix("/sparql")
        pairs = parse_qsl(_query(request)[:_LONGEST], keep_blank_values=True)
        rest = urlencode([(name, value) for name, value in pairs if name not in ("lang", "theme")])
        here = quote(request.scope["path"][:_LONGEST], safe="/:@!$&'()*+,;=-._~", errors="replace")
        reader = Reader(Words(language), str(theme), urlsplit(base).path, here, rest, base, self._live)
        asker = Asker(self._desk, client_of(request.scope), self._settings.timeout)
        return Visit(parameters, path, asker, reader, standing)

    def _failed(self, request: Request, error: replies.Failure, *, html: bool | None = None) -> Response:
        """Tell what went wrong: on a page, where nobody says otherwise, to those who want one."""
        page = preferred(request.headers.get("accept", ""), first=PLAIN) == HTML if html is None else html
        return replies.failed(error, self._visit(request), page=page)

    def _asked(self, request: Request) -> Asked | None:
        path = request.scope["path"]
        return addresses.asked(path, iri=request.query_params.get("iri")) if len(path) <= _LONGEST else None


def preferred(accept: str, *, first: str) -> str | None:
    """Choose among HTML, plain text where that comes first, and RDF by the client's quality values.

    `first` is what those get who take anything. None: they take nothing of it.
    """
    try:
        return negotiation.best(dict.fromkeys((first, HTML, *GRAPHS)), accept[:_LONGEST].lower() or "*/*")
    except problems.RefusalError:
        return first


def _query(request: Request) -> str:
    """Give what stands after `?`, as it came; a byte that is not UTF-8 counts as the character that says so."""
    return str(request.scope["query_string"].decode("utf-8", "replace"))


def _data(graph: NamedNode, media_type: str) -> str:
    """Give the path at which a graph is downloaded in a media type."""
    return f"{DATA_PATH}?graph={quote(graph.value, safe='')}&format={quote(media_type, safe='')}"
