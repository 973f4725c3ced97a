"""routes: a desk in, the routes of the pages out: what each answers, in which language, and what is kept.

A page over an immutable snapshot may be kept: by its address, the language, the theme and the digest of the snapshot.
Whatever a page asks, it asks through the desk; what takes long besides is done in a thread.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from importlib import resources
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from cachetools import LRUCache
from pyoxigraph import NamedNode
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from exo_onto import protocol, sending
from exo_onto.dataset import Description
from exo_onto.endpoint import client_of
from exo_onto.pages import editor, home, languages, stories, writing
from exo_onto.pages.asking import Asker, UnansweredError
from exo_onto.pages.languages import Words
from exo_onto.pages.names import named
from exo_onto.pages.writing import Reader
from exo_onto.service import Desk
from exo_onto.settings import Settings
from exo_onto.vocabulary import PREFIXES
from exo_onto.workers import BusyError, DeadlineError, PoolError

HTML: Final = "text/html; charset=utf-8"
POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""What a page may load: only what lies here, and no script or style that stands in the page itself."""
_PRIVATE: Final = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_YEAR: Final = 365 * 86_400
_THEME: Final = "exo-onto-theme"
_KEPT_BYTES: Final = 32 * 2**20
_LONGEST: Final = 2_000
"""Characters of a query string that a page reads."""

View = Mapping[str, object]


@dataclass(frozen=True)
class Visit:
    """One request for a page: who asks, with what, and how the page's own questions are asked."""

    request: Request
    asker: Asker
    reader: Reader
    described: Description

    @property
    def parameters(self) -> Mapping[str, str]:
        """What stands after `?`."""
        return self.request.query_params


class MissingError(Exception):
    """There is nothing at this address."""


Load = Callable[[Visit], Awaitable[View]]


class Pages:
    """Answers at the addresses that people read."""

    def __init__(self, desk: Desk, settings: Settings, hint: Callable[[Request], Awaitable[Response]]) -> None:
        """Show what a desk has; `hint` answers at the first page those who want no HTML."""
        self._desk = desk
        self._settings = settings
        self._hint = hint
        self._kept: LRUCache[tuple[str, ...], bytes] = LRUCache(_KEPT_BYTES, getsizeof=len)

    @property
    def routes(self) -> list[BaseRoute]:
        """Every address of ours."""
        static = resources.files("exo_onto.pages").joinpath("static")
        return [
            Route("/", self._first),
            Route("/study/{slug}/graph.json", self._graph),
            Route(editor.PATH, self._query),
            Mount("/static", _Static(directory=str(static))),
        ]

    # --- Pages

    async def _first(self, request: Request) -> Response:
        if wants_html(request):
            return await self._shown("home.html", home.load, request)
        return await self._hint(request)

    async def _query(self, request: Request) -> Response:
        """Show the SPARQL page, the only one whose library writes styles into it."""
        reply = await self._shown("query.html", editor.load(self._settings), request)
        reply.headers["Content-Security-Policy"] = editor.policy(POLICY)
        return reply

    async def _graph(self, request: Request) -> Response:
        """Give a study's story as JSON."""
        visit = self._visit(request)
        subject = [NamedNode(PREFIXES["study"] + quote(request.path_params["slug"]))]
        try:
            nodes, edges, grounds = await asyncio.gather(
                *(visit.asker.rows(name, this=subject) for name in ("story-nodes", "story-edges", "story-grounds"))
            )
            told = stories.story(nodes, edges, stories.grounds_of(grounds))
            names = await named(visit.asker, stories.things(told), visit.reader.language)
        except (PoolError, UnansweredError) as error:
            return self._failed(request, error)
        if not told.nodes:
            return self._missing(request)
        headers = {"Vary": "Accept-Language, Cookie", **self._headers, **sending.FRESH}
        return JSONResponse(stories.drawn(told, names), headers=headers)

    # --- What all have in common

    async def _shown(self, template: str, load: Load, request: Request) -> Response:
        """Answer with a page in HTML."""
        visit = self._visit(request)
        key = (
            visit.described.digest,
            visit.reader.language,
            visit.reader.theme,
            str(request.url.path),
            request.url.query,
        )
        tag = f'W/"{"-".join(key[:3])}"'
        if tag in map(str.strip, request.headers.get("if-none-match", "").split(",")):
            return self._html(b"", visit, status=304, tag=tag)
        content = self._kept.get(key)
        if content is None:
            try:
                view = await load(visit)
            except MissingError:
                return self._missing(request)
            except (PoolError, UnansweredError) as error:
                return self._failed(request, error)
            content = writing.written(template, visit.reader, visit.described, view)
            if len(content) <= _KEPT_BYTES // 8:
                self._kept[key] = content
        return self._html(content, visit, tag=tag)

    def _visit(self, request: Request) -> Visit:
        described = self._desk.standing.description
        parameters, cookies = request.query_params, request.cookies
        language = languages.chosen(
            parameters.get("lang"), cookies.get(languages.COOKIE), request.headers.get("accept-language")
        )
        theme = next(
            (each for each in (parameters.get("theme"), cookies.get(_THEME)) if each in writing.THEMES), "auto"
        )
        base = described.endpoint.removesuffix("/sparql")
        pairs = parse_qsl(request.url.query[:_LONGEST], keep_blank_values=True)
        rest = urlencode([(name, value) for name, value in pairs if name not in ("lang", "theme")])
        path = quote(request.url.path, safe="/:@!$&'()*+,;=-._~%")
        reader = Reader(Words(language), str(theme), urlsplit(base).path, path, rest, base)
        asker = Asker(self._desk, client_of(request.scope), self._settings.timeout)
        return Visit(request, asker, reader, described)

    def _html(self, content: bytes, visit: Visit, *, status: int = 200, tag: str | None = None) -> Response:
        kept = {**sending.FRESH, "ETag": tag} if tag else sending.NOT_KEPT
        headers = {
            "Vary": "Accept, Accept-Language, Cookie",
            "Content-Language": languages.TAGS[visit.reader.language],
            **self._headers,
            **_PRIVATE,
            **kept,
        }
        reply = Response(content, status, {"Content-Type": HTML, **headers})
        for name, cookie in (("lang", languages.COOKIE), ("theme", _THEME)):
            value = visit.parameters.get(name)
            if value in languages.LANGUAGES or value in writing.THEMES:
                reply.set_cookie(
                    cookie, str(value), max_age=_YEAR, path=visit.reader.root or "/", samesite="lax", httponly=True
                )
        return reply

    def _missing(self, request: Request) -> Response:
        """Tell that there is nothing at an address."""
        if not wants_html(request):
            return self._problem(protocol.NOT_FOUND, "There is no such resource in this snapshot.")
        visit = self._visit(request)
        view = {"title": visit.reader.words("error.missing"), "detail": visit.reader.words("error.missing_detail")}
        return self._html(writing.written("error.html", visit.reader, visit.described, view), visit, status=404)

    def _failed(self, request: Request, error: Exception) -> Response:
        """Tell that a page's own questions were not answered."""
        kind = {BusyError: protocol.BUSY, DeadlineError: protocol.DEADLINE}.get(type(error), protocol.FAILED)
        status = error.answer.status if isinstance(error, UnansweredError) else kind.status
        if not wants_html(request):
            return self._problem(replace(kind, status=status), "The questions of this page were not answered.")
        visit = self._visit(request)
        view = {"title": visit.reader.words("error.failed"), "detail": visit.reader.words("error.failed_detail")}
        return self._html(writing.written("error.html", visit.reader, visit.described, view), visit, status=status)

    def _problem(self, kind: protocol.Problem, detail: str) -> Response:
        reply = sending.problem(kind, detail)
        told = {**sending.content_type(reply.media_type), **self._headers, **reply.headers}
        return Response(reply.read(), reply.status, told)

    @property
    def _headers(self) -> dict[str, str]:
        return {**sending.EVERYWHERE, **sending.of_snapshot(self._desk.standing.description)}


def wants_html(request: Request) -> bool:
    """Tell whether a client names HTML among what it takes; one that takes anything does not."""
    accepted = request.headers.get("accept", "")[:_LONGEST].lower()
    return "text/html" in accepted or "application/xhtml+xml" in accepted


class _Static(StaticFiles):
    """Serves the files that pages use."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and say on every file how it is to be taken."""

        async def told(message: dict[str, object]) -> None:
            if message["type"] == "http.response.start":
                extra = {**sending.EVERYWHERE, **sending.FRESH}
                raw = [(name.lower().encode(), value.encode()) for name, value in extra.items()]
                message = {**message, "headers": [*message["headers"], *raw]}  # type: ignore[misc]
            await send(message)

        await super().__call__(scope, receive, told)  # type: ignore[arg-type]
