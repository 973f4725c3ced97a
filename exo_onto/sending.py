"""sending: replies and answers in, messages of ASGI out, with the headers that every answer has. Pure.

What is sent in pieces waits for slow clients. Where the pieces break off, the last message is never sent: the server
then closes the connection, and no client takes the answer as whole.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from functools import lru_cache
from typing import Final

from anyio import from_thread
from starlette.types import Message, Send

from exo_onto import protocol
from exo_onto.dataset import Description
from exo_onto.problems import NOT_KEPT, Reply

EXPOSED: Final = ("ETag", "Content-Disposition", protocol.SNAPSHOT_HEADER, protocol.VERSION_HEADER, "Exo-Onto-Cache")
EVERYWHERE: Final = {
    "X-Content-Type-Options": "nosniff",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": ", ".join(EXPOSED),
}
FRESH: Final = {"Cache-Control": "public, no-cache"}
"""May be kept, and is to be asked for again each time: another snapshot may be current by then."""
_NO_BODY: Final = (204, 304)
_BUFFER: Final = 65_536
PATIENCE: Final = 60
"""Seconds in which a client must take a piece of a download: one that takes none holds up others."""


def content_type(media_type: str) -> dict[str, str]:
    """Give the header of a media type."""
    charset = "; charset=utf-8" if media_type.startswith("text/") and "charset" not in media_type else ""
    return {"Content-Type": media_type + charset} if media_type else {}


async def send_whole(
    send: Send, status: int, headers: Mapping[str, str], body: bytes, *, head_only: bool = False
) -> None:
    """Send an answer that is there as a whole."""
    length = {} if status in _NO_BODY else {"Content-Length": str(len(body))}
    await send(start(status, {**headers, **length}))
    await send({"type": "http.response.body", "body": b"" if head_only or status in _NO_BODY else body})


async def send_reply(send: Send, reply: Reply, description: Description, *, head_only: bool = False) -> None:
    """Send a reply of the protocol whose body is bytes. Where it does not say that it may be kept, it may not."""
    headers = {**content_type(reply.media_type), **protocol.of_snapshot(description), **NOT_KEPT, **reply.headers}
    await send_whole(send, reply.status, headers, reply.read(), head_only=head_only)


async def send_pieces(
    send: Send, status: int, headers: Mapping[str, str], pieces: AsyncIterator[bytes], *, head_only: bool = False
) -> int:
    """Send an answer that comes piece by piece; give how many bytes it had. What the pieces raise passes through."""
    await send(start(status, headers))
    size = 0
    async for piece in pieces:
        if head_only:
            break
        size += len(piece)
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})
    return size


def start(status: int, headers: Mapping[str, str]) -> Message:
    """Make the message that begins an answer. Of one that varies by a header, the encoding is another."""
    vary = {"Vary": f"{headers['Vary']}, Accept-Encoding"} if "Vary" in headers else {}
    raw = [_field(name, value) for name, value in {**EVERYWHERE, **headers, **vary}.items()]
    return {"type": "http.response.start", "status": status, "headers": raw}


@lru_cache(maxsize=4096)
def _field(name: str, value: str) -> tuple[bytes, bytes]:
    """Write a header; most answers have the same ones."""
    return name.lower().encode("latin-1"), value.encode("latin-1")


async def send_ready(send: Send, begin: Message, body: bytes, *, head_only: bool) -> None:
    """Send an answer whose first message is there already. Others may add to its headers, so it is copied."""
    await send({**begin, "headers": list(begin["headers"])})
    await send({"type": "http.response.body", "body": b"" if head_only else body})


async def send_head(send: Send, headers: Mapping[str, str]) -> None:
    """Send what HEAD is told where nobody knows how long the answer would be."""
    await send(start(200, headers))
    await send({"type": "http.response.body", "body": b""})


class Outlet:
    """Takes what is written to it in a thread, and sends it on from there; waits for a slow client."""

    def __init__(self, send: Send, headers: Mapping[str, str]) -> None:
        """Send with status 200 and these headers."""
        self._send = send
        self._headers = headers
        self._held = bytearray()
        self._started = False

    def write(self, chunk: bytes, /) -> int:
        """Take some bytes, and say how many."""
        self._held += chunk
        if len(self._held) >= _BUFFER:
            self._say(more=True)
        return len(chunk)

    def flush(self) -> None:
        """Hold on to what is there: `close` sends it."""

    def close(self) -> None:
        """Send what is left, and that it is all."""
        self._say(more=False)

    def _say(self, *, more: bool) -> None:
        if not self._started:
            self._started = True
            from_thread.run(_deliver, self._send, start(200, self._headers))
        message = {"type": "http.response.body", "body": bytes(self._held), "more_body": more}
        from_thread.run(_deliver, self._send, message)
        self._held.clear()


async def _deliver(send: Send, message: Message) -> None:
    async with asyncio.timeout(PATIENCE):
        await send(message)
