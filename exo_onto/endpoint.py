"""endpoint: requests of the SPARQL Protocol in, answers from what is kept or from the desk out; an ASGI application.

    understand -> not modified? -> kept? -> the desk -> send

An answer over an immutable snapshot may be kept: by the text of the query without comments and blanks, its graphs, the
formats, and the digest of the snapshot.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from typing import Final

from cachetools import LRUCache
from starlette.requests import ClientDisconnect
from starlette.requests import Request as Received
from starlette.types import Message, Receive, Scope, Send

from exo_onto import federation, negotiation, problems, protocol, sending
from exo_onto.alarms import Alarms
from exo_onto.metrics import Metrics
from exo_onto.outcome import Answer, BrokenError, BusyError, DeadlineError, LostError, PoolError
from exo_onto.problems import Reply
from exo_onto.protocol import Call, Describe
from exo_onto.service import Desk, Standing
from exo_onto.settings import Settings

_GLANCE: Final = 0.25
"""Seconds after which it is looked whether the client is still there."""
_OVERHEAD: Final = 1_000
_SHORT: Final = 4_000
"""Bytes of a request that is read at once: a millisecond of work."""
OK: Final = 200

Described = Callable[[Standing, str], bytes]
"""Writes the service description in a media type."""


class Trace:
    """What the log is told of a request, as it comes to be known."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self.query = ""
        self.cache = ""
        self.rows: int | None = None


class Endpoint:
    """Answers at the endpoint."""

    def __init__(self, desk: Desk, settings: Settings, metrics: Metrics, described: Described) -> None:
        """Ask a desk, within what the settings grant."""
        self._desk = desk
        self._settings = settings
        self._metrics = metrics
        self._described = described
        self._of = desk.standing.description.digest
        self._reader = ThreadPoolExecutor(1)
        self._glances = Alarms(_GLANCE)
        self._most_kept = settings.cache_bytes // 8 - _OVERHEAD
        self._kept: LRUCache[bytes, _Kept] = LRUCache(settings.cache_bytes or 1, getsizeof=_size)
        metrics.follow("cache_bytes", "Bytes of the answers that are kept", lambda: self._kept.currsize)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        loop = asyncio.get_running_loop()
        latest = loop.time() + self._settings.timeout
        standing, trace, head_only = self._desk.standing, scope["exo_onto"], scope["method"] == "HEAD"
        request = _bare(scope)
        if request.method == "POST":
            try:
                async with asyncio.timeout_at(latest):
                    request = replace(request, body=await _body(Received(scope, receive)))
            except ClientDisconnect:
                return
            except TimeoutError:
                slow = problems.problem(problems.SLOW, "It did not come in time.", headers={"Connection": "close"})
                await sending.send_reply(send, slow, standing.description)
                return
        wanted = await self._understood(request)
        if isinstance(wanted, Call):
            known = request.headers.get("if-none-match", "") if request.method != "POST" else ""
            seconds = min(wanted.timeout or self._settings.timeout, self._settings.timeout)
            deadline = latest - self._settings.timeout + seconds
            await self._answer(_Asked(wanted, known, deadline, standing, trace, head_only), scope, receive, send)
            return
        reply = await self._describe(wanted, standing) if isinstance(wanted, Describe) else wanted
        await sending.send_reply(send, reply, standing.description, head_only=head_only)

    async def _understood(self, request: protocol.Request) -> Call | Describe | Reply:
        """Read a request; a long one beside the event loop, and one long one at a time."""
        allowed = await self._allowed(request)
        if len(request.query_string) + len(request.body) <= _SHORT:
            return protocol.understand(request, allowed=allowed)
        work = partial(protocol.understand, request, allowed=allowed)
        return await asyncio.get_running_loop().run_in_executor(self._reader, work)

    async def _allowed(self, request: protocol.Request) -> frozenset[str]:
        """Give the addresses that this query may call, where it calls any."""
        if not self._settings.services or b"service" not in (request.query_string + request.body).lower():
            return frozenset()
        return await asyncio.to_thread(federation.callable_now, self._settings.services)

    async def _describe(self, wanted: Describe, standing: Standing) -> Reply:
        headers = {"ETag": negotiation.tag(standing.description.digest, wanted.media_type), "Vary": "Accept"}
        content = await asyncio.to_thread(self._described, standing, wanted.media_type)
        return Reply(OK, wanted.media_type, {**headers, **sending.FRESH}, content)

    async def _answer(self, asked: "_Asked", scope: Scope, receive: Receive, send: Send) -> None:
        description = asked.standing.description
        if description.digest != self._of:  # what is kept of another snapshot is asked for no more
            self._kept.clear()
            self._of = description.digest
        asked.trace.query = asked.call.digest
        if asked.known_tag:
            headers = {"ETag": asked.known_tag, "Vary": "Accept", **protocol.of_snapshot(description), **sending.FRESH}
            await sending.send_whole(send, 304, headers, b"")
            return
        kept = self._kept.get(asked.key) if self._settings.cache_bytes else None
        asked.trace.cache = "hit" if kept else "miss"
        (self._metrics.hits if kept else self._metrics.misses).inc()
        if kept and not asked.call.download:
            asked.trace.rows = kept.answer.rows
            await sending.send_ready(send, kept.start, kept.body, head_only=asked.head_only)
            return
        try:
            answer = kept.answer if kept else await self._fetched(asked, scope, receive)
            if isinstance(answer.body, bytes) and not kept:
                self._keep(answer, answer.body, asked)
            await self._deliver(answer, asked, send)
        except BrokenError:
            raise
        except ClientDisconnect:
            return
        except PoolError as error:
            reply = _failure(error)
            await sending.send_reply(send, reply, description, head_only=asked.head_only)

    async def _fetched(self, asked: "_Asked", scope: Scope, receive: Receive) -> Answer:
        """Ask the desk; where the client leaves meanwhile, nobody waits any more."""
        loop, task, left = asyncio.get_running_loop(), asyncio.current_task(), False

        async def watch() -> None:
            nonlocal left
            while (await receive())["type"] != "http.disconnect":
                pass
            left = True
            if task is not None:
                task.cancel()

        watching: list[asyncio.Task[None]] = []
        glance = self._glances.set(lambda: watching.append(loop.create_task(watch())))
        try:
            return await self._desk.ask(asked.call, client=client_of(scope), deadline=asked.deadline)
        except asyncio.CancelledError:
            if left:
                raise ClientDisconnect from None
            raise
        finally:
            glance.cancel()
            for each in watching:
                each.cancel()

    def _keep(self, answer: Answer, body: bytes, asked: "_Asked") -> None:
        """Keep an answer, if it is that of the snapshot that was asked for and would be the same again."""
        if len(body) > self._most_kept or answer.status != OK or asked.call.shifts:
            return
        if answer.headers.get(protocol.SNAPSHOT_HEADER) == asked.standing.description.digest == self._of:
            whole = replace(answer, body=body)
            start = sending.start(OK, {**_headers(answer, asked, "hit"), "Content-Length": str(len(body))})
            self._kept[asked.key] = _Kept(whole, body, start)

    async def _gathered(self, answer: Answer, pieces: AsyncIterator[bytes], asked: "_Asked") -> AsyncIterator[bytes]:
        """Pass pieces on, and keep them if they are not too many and come to their end."""
        gathered, size = list[bytes](), 0
        async for piece in pieces:
            size += len(piece)
            if size <= self._most_kept:
                gathered.append(piece)
            yield piece
        if size <= self._most_kept:
            self._keep(answer, b"".join(gathered), asked)

    async def _deliver(self, answer: Answer, asked: "_Asked", send: Send) -> None:
        headers = _headers(answer, asked, asked.trace.cache)
        if asked.call.download and answer.status == OK:
            headers["Content-Disposition"] = f'attachment; filename="{_file_name(asked.standing, answer.media_type)}"'
        if isinstance(answer.body, bytes):
            asked.trace.rows = answer.rows
            await sending.send_whole(send, answer.status, headers, answer.body, head_only=asked.head_only)
            return
        try:
            async with asyncio.timeout_at(asked.deadline):
                pieces = self._gathered(answer, answer.body, asked)
                await sending.send_pieces(send, answer.status, headers, pieces, head_only=asked.head_only)
        except (PoolError, TimeoutError) as error:
            raise BrokenError from error
        finally:
            await answer.body.aclose()


@dataclass(frozen=True)
class _Kept:
    """An answer that is kept, with the message that begins it."""

    answer: Answer
    body: bytes
    start: Message


@dataclass(frozen=True)
class _Asked:
    """A call with what is needed to answer it: the tags that the client knows, and until when."""

    call: Call
    known: str
    deadline: float
    standing: Standing
    trace: Trace
    head_only: bool

    @property
    def known_tag(self) -> str | None:
        """The tag of this answer, where the client has it already."""
        if not self.known or self.call.shifts:
            return None
        digest, choice = self.standing.description.digest, self.call.choice
        tags = {negotiation.tag(digest, name) for name in (choice.solutions, choice.boolean, choice.graph) if name}
        return next((tag.strip() for tag in self.known.split(",") if tag.strip() in tags), None)

    @property
    def key(self) -> bytes:
        """What an answer is kept by: a digest, since a query may be longer than its answer."""
        whole = (self.standing.description.digest, self.call.canonical, self.call.scope, self.call.choice)
        return sha256(repr(whole).encode()).digest()


def _bare(scope: Scope) -> protocol.Request:
    """Read a request without its body."""
    headers: dict[str, str] = {}
    for raw, value in scope["headers"]:
        name, text = raw.decode("latin-1"), value.decode("latin-1")
        headers[name] = f"{headers[name]}, {text}" if name in headers else text
    return protocol.Request(scope["method"], scope["query_string"], headers)


async def _body(request: Received) -> bytes:
    """Read a body whole, but no more of it than is needed to see that it is too long."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > protocol.MAX_BODY:
            break
    return bytes(body)


def client_of(scope: Scope) -> str:
    """Give the address of the client."""
    client = scope.get("client")
    return str(client[0]) if client else "unknown"


def _size(kept: _Kept) -> int:
    return len(kept.body) + _OVERHEAD


def _headers(answer: Answer, asked: _Asked, cache: str) -> dict[str, str]:
    fresh = sending.FRESH if answer.status == OK and not asked.call.shifts else problems.NOT_KEPT
    return {**sending.content_type(answer.media_type), **fresh, **answer.headers, "Exo-Onto-Cache": cache}


def _file_name(standing: Standing, media_type: str) -> str:
    return f"exo-onto-{standing.description.digest}.{negotiation.SUFFIXES[media_type]}"


def _failure(error: PoolError) -> Reply:
    match error:
        case BusyError():
            return problems.problem(problems.BUSY, "Try again in a moment.", headers={"Retry-After": "1"})
        case DeadlineError():
            return problems.problem(problems.DEADLINE, "It was ended. Ask for less, or for a part at a time.")
        case LostError():
            return problems.problem(
                problems.WORKER_LOST, "It needed more memory than it may have, or nested too deep. Ask for less."
            )
        case _:
            return problems.problem(problems.FAILED, "The failure has been logged.")
