"""replies: a page or a file in, the response that carries it out: who may keep it, and what a browser may do with it.

Every reply names the snapshot that it came from; a page in HTML lets a browser load what lies here and nothing else.
"""

from dataclasses import replace
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Message, Receive, Scope, Send

from exo_onto import problems, protocol, sending
from exo_onto.outcome import BusyError, DeadlineError, LostError, PoolError
from exo_onto.pages import languages, writing
from exo_onto.pages.asking import UnansweredError
from exo_onto.pages.visits import MissingError, Visit

HTML: Final = "text/html"
_POLICY: Final = (
    ("default-src", "'none'"),
    ("script-src", "'self'"),
    ("style-src", "'self'"),
    ("img-src", "'self' data: blob:"),
    ("font-src", "'self'"),
    ("connect-src", "'self'"),
    ("form-action", "'self'"),
    ("base-uri", "'none'"),
    ("frame-ancestors", "'none'"),
)
POLICY: Final = "; ".join(f"{name} {value}" for name, value in _POLICY)
"""What a page may load: only what lies here, and no script or style that stands in the page itself."""
PRIVATE: Final = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
NEGOTIATED: Final = {"Vary": "Accept, Accept-Language, Cookie"}
_YEAR: Final = 365 * 86_400
THEME: Final = "exo-onto-theme"
_KINDS: Final[dict[type[Exception], problems.Problem]] = {
    BusyError: problems.BUSY,
    DeadlineError: problems.DEADLINE,
    LostError: problems.WORKER_LOST,
}

Failure = MissingError | PoolError | UnansweredError


def headers(visit: Visit) -> dict[str, str]:
    """Give the headers that every reply has."""
    return {**sending.EVERYWHERE, **protocol.of_snapshot(visit.said)}


def html(content: bytes, visit: Visit, *, status: int = 200, tag: str | None = None) -> Response:
    """Carry a page; without a tag it is not to be kept. What the address chooses, stays chosen."""
    kept = {**sending.FRESH, "ETag": tag} if tag else problems.NOT_KEPT
    tongue = {"Content-Language": languages.TAGS[visit.reader.language]}
    told = {**sending.content_type(HTML), **NEGOTIATED, **tongue, **headers(visit), **PRIVATE, **kept}
    reply = Response(content, status, told)
    known = ((languages.COOKIE, "lang", languages.LANGUAGES), (THEME, "theme", writing.THEMES))
    for cookie, name, choices in known:
        value = visit.parameters.get(name)
        if value in choices:
            where = visit.reader.root or "/"
            reply.set_cookie(cookie, str(value), max_age=_YEAR, path=where, samesite="lax", httponly=True)
    return reply


def failed(error: Failure, visit: Visit, *, page: bool) -> Response:
    """Tell, on a page or to a program, that there is nothing here, or that a page's own questions were not answered."""
    missing = isinstance(error, MissingError)
    kind = problems.NOT_FOUND if missing else _KINDS.get(type(error), problems.FAILED)
    status = error.answer.status if isinstance(error, UnansweredError) else kind.status
    if not page:
        told = f"Nothing here has this address. The endpoint is at {visit.said.endpoint}."
        return problem(replace(kind, status=status), told if missing else "Try again in a moment.", visit)
    name = "missing" if missing else "failed"
    view = {"title": visit.words(f"error.{name}"), "detail": visit.words(f"error.{name}_detail")}
    return html(writing.written("error.html", visit.reader, visit.said, view), visit, status=status)


def problem(kind: problems.Problem, detail: str, visit: Visit, **more: str) -> Response:
    """Carry a problem document (RFC 9457)."""
    reply = problems.problem(kind, detail, headers=more)
    told = {**sending.content_type(reply.media_type), **headers(visit), **reply.headers}
    return Response(reply.read(), reply.status, told)


def see(path: str, visit: Visit) -> Response:
    """Lead to another path of ours."""
    return RedirectResponse(visit.reader.href(path), 303, headers={**headers(visit), **NEGOTIATED})


def is_known(request: Request, tag: str) -> bool:
    """Tell whether a client has an answer already."""
    return tag in map(str.strip, request.headers.get("if-none-match", "").split(","))


class Static(StaticFiles):
    """Serves the files that pages are made of."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and say of every file how it is to be taken."""

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                extra = {**sending.EVERYWHERE, **sending.FRESH}
                raw = [(name.lower().encode(), value.encode()) for name, value in extra.items()]
                message = {**message, "headers": [*message["headers"], *raw]}
            await send(message)

        await super().__call__(scope, receive, told)
