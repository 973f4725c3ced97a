"""gate: an ASGI application in, the same with a bound on requests by client, counts and a log out.

The log has one line of JSON for each request; it never has the text of a query, only its digest.
"""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Final

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from exo_onto import problems, sending
from exo_onto.endpoint import Trace, client_of
from exo_onto.metrics import Metrics
from exo_onto.service import Desk
from exo_onto.settings import Settings
from exo_onto.translated import translating

_NETWORK: Final = 64
"""Bits of an IPv6 address that tell clients apart: each has a whole network to itself."""
_FREE: Final = frozenset({"/healthz", "/readyz"})

Write = Callable[[str], object]


class Gate:
    """Lets requests in, and notes what became of them."""

    def __init__(self, app: ASGIApp, desk: Desk, settings: Settings, metrics: Metrics, write: Write) -> None:
        """Stand before an application; `write` takes lines for the log."""
        self._app = app
        self._desk = desk
        self._log = write if settings.access_log else None
        self._metrics = metrics
        self._answered = lru_cache(lambda status: metrics.requests.labels(str(status)))
        self._limiter = FixedWindowRateLimiter(MemoryStorage())
        self._rate = RateLimitItemPerMinute(settings.rate)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start, status, size = asyncio.get_running_loop().time(), 0, 0
        trace = scope["exo_onto"] = Trace()

        async def noted(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
            else:
                size += len(message.get("body", b""))
            await send(message)

        try:
            if self._may_come(scope):
                await self._app(scope, receive, noted)
            else:
                await self._turn_away(scope, translating(scope, noted))
        finally:
            seconds = asyncio.get_running_loop().time() - start
            self._answered(status).inc()
            self._metrics.seconds.observe(seconds)
            if self._log is not None:
                self._log(self._line(scope, trace, {"status": status, "seconds": round(seconds, 4), "bytes": size}))

    def _may_come(self, scope: Scope) -> bool:
        client = _client(scope)
        return client is None or scope["path"] in _FREE or self._limiter.hit(self._rate, client)

    async def _turn_away(self, scope: Scope, send: Send) -> None:
        reset, _ = self._limiter.get_window_stats(self._rate, _client(scope) or "")
        wait = max(1, round(reset - datetime.now(UTC).timestamp()) + 1)
        detail = f"At most {self._rate.amount} a minute. Try again in {wait} s."
        reply = problems.problem(problems.TOO_MANY, detail, headers={"Retry-After": str(wait)})
        await sending.send_reply(send, reply, self._desk.standing.description, head_only=scope["method"] == "HEAD")

    def _line(self, scope: Scope, trace: Trace, outcome: dict[str, float]) -> str:
        told = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "method": scope["method"],
            "path": scope["path"],
            **outcome,
            "rows": trace.rows,
            "query": trace.query or None,
            "cache": trace.cache or None,
            "snapshot": self._desk.standing.description.digest,
        }
        return json.dumps({name: value for name, value in told.items() if value is not None}) + "\n"


def _client(scope: Scope) -> str | None:
    return counted_as(client_of(scope))


@lru_cache(maxsize=1024)
def counted_as(client: str) -> str | None:
    """Tell who is counted together; None: this machine itself, which is not counted."""
    try:
        address = ip_address(client)
    except ValueError:
        return "unknown"
    address = getattr(address, "ipv4_mapped", None) or address
    if address.is_loopback:
        return None
    if address.version == 6:  # noqa: PLR2004  IPv6
        return str(ip_network(f"{address}/{_NETWORK}", strict=False))
    return str(address)
