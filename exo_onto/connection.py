"""connection: an HTTP connection that does not wait for ever: Uvicorn's own, with heads bounded in bytes and seconds.

A client that sends the head of a request byte by byte, or without end, would hold a connection and memory for nothing;
one that sends ten thousand headers, or trailers after its body, would hold up everybody while they are read one by one.
What is written leaves as one.
"""

import asyncio
from typing import Any, Final, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_HEAD: Final = 65_536
"""Bytes of a request line and its headers; longer queries are posted."""
MOST_FIELDS: Final = 100
"""Headers and trailers of a request together, as Apache has it (LimitRequestFields)."""
HEAD_SECONDS: Final = 10
_END: Final = b"\r\n\r\n"
_TOO_LONG: Final = b"HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class Joining:
    """A transport that sends as one what is written in one go: a head and its body wake nobody twice."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        """Write to a transport."""
        self._transport = transport
        self._loop = loop
        self._held: list[bytes] = []

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  all else is the transport's own
        """Be the transport in all else."""
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Hold on to some bytes for a moment."""
        if not self._held:
            self._loop.call_soon(self._send)
        self._held.append(data)

    def close(self) -> None:
        """Send what is held, and close."""
        self._send()
        self._transport.close()

    def _send(self) -> None:
        held, self._held = self._held, []
        if held and not self._transport.is_closing():
            self._transport.write(b"".join(held))


class _TooManyFieldsError(Exception):
    """The parser is to stop at once."""


class Connection(HttpToolsProtocol):
    """Closes where a head is too long, has too many fields, or takes too long."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  uvicorn's signature
        """Make a connection as uvicorn does."""
        super().__init__(*args, **kwargs)
        self._head_bytes = 0
        self._fields = 0
        self._tail = b""
        self._in_head = True
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a head."""
        super().connection_made(cast("asyncio.Transport", Joining(transport, self.loop)))
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what belongs to a head."""
        if self._in_head:
            seen = self._tail + data
            end = seen.find(_END)
            self._head_bytes += (len(seen) if end < 0 else end) - len(self._tail)
            self._tail = seen[1 - len(_END) :]
            if self._head_bytes > MOST_HEAD:
                self._refuse()
                return
        super().data_received(data)
        if self._in_head and self._tail and self._patience is None:  # a head that has begun and is not whole
            self._wait()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count headers and trailers."""
        self._fields += 1
        if self._fields > MOST_FIELDS:
            self._refuse()
            raise _TooManyFieldsError
        super().on_header(name, value)

    def send_400_response(self, msg: str) -> None:
        """Say so unless the request has been refused already."""
        if not self.transport.is_closing():
            super().send_400_response(msg)

    def on_headers_complete(self) -> None:
        """Stop counting bytes: what follows is a body."""
        self._stop_waiting()
        self._in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Count the next head from its beginning."""
        super().on_message_complete()
        self._stop_waiting()
        self._in_head, self._head_bytes, self._fields, self._tail = True, 0, 0, b""

    def on_response_complete(self) -> None:
        """Wait for the end of a body whose request was answered before, but not for ever."""
        super().on_response_complete()
        if not self._in_head and self.cycle.response_complete:
            self._wait()

    def _refuse(self) -> None:
        self._stop_waiting()
        if not self.transport.is_closing():
            if self.cycle is None or self.cycle.response_complete:  # else it would end up within an answer
                self.transport.write(_TOO_LONG)
            self.transport.close()

    def _wait(self) -> None:
        self._patience = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _give_up(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()
