"""hostility: TOML files in, hostile requests out, and what became of each; opens sockets.

A file tells one request and what must happen. Texts of bytes are told in pieces that are joined, so that a big one
stays a short file:

    "text"                            as it stands, in UTF-8; `[[n]]` and `[[n+1]]` count the repetitions from 0
    {text = "(", times = 10000}       repeated
    {text = "é", encoding = "latin-1"}
    {hex = "c0 af"}                   bytes that are no text

    attacks, must     what it attacks, and what must happen: a sentence each
    query, how        a query, and how it is carried: `get` (default), `form`, `direct`
    parameters        pairs of names and values beside the query, percent-encoded here
    target            as it stands in the request line, with whatever follows `?`; default /sparql
    method, headers   the default method is that of `how`; a header line replaces the one that would be sent
    body              instead of a query
    length            how the body's length is told: `declared` (default), `chunked`, `hidden`, or a number, which may lie
    gzip              whether the body is compressed
    raw               instead of all these: the bytes on the wire
    chunk, pause      a slow writer: so many bytes at once, so many seconds between
    reads             a slow reader: bytes per second
    leaves            after so many seconds the client closes the connection
    half_closes       after the request the client closes its side
    status, problem   what may be answered: statuses, and the ends of the problem types
    dropped           whether the connection may end without a whole answer
    lacks             texts that stand nowhere in the head or the beginning of the answer
    within            seconds in which all must be over (default 60)
"""

import gzip
import json
import socket
import threading
import time
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from http.client import HTTPException, HTTPResponse
from io import BufferedReader, RawIOBase
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import quote_from_bytes

from exo_onto.problems import PROBLEMS

HOWS: Final = ("get", "form", "direct")
ENCODINGS: Final = ("utf-8", "latin-1", "utf-16")
LENGTHS: Final = ("declared", "chunked", "hidden")
_KEEP: Final = 65_536
"""How many bytes of an answer are looked at; the rest is read and counted as there."""
_READ: Final = 16_384
_SIP: Final = 512
_GRACE: Final = 5
_ALWAYS_LACKS: Final = ("Traceback", "site-packages", "root:x:", "panicked")
_CONTENT: Final[Mapping[str, str]] = {
    "form": "application/x-www-form-urlencoded",
    "direct": "application/sparql-query",
}
_FORM_TEXT: Final = b"*-._"
_SCHEMA: Final[Mapping[str, tuple[type, ...]]] = {
    **dict.fromkeys(("attacks", "must", "how", "method"), (str,)),
    **dict.fromkeys(("query", "body", "raw", "target"), (str, list)),
    **dict.fromkeys(("parameters", "headers", "status", "lacks"), (list,)),
    **dict.fromkeys(("gzip", "half_closes", "dropped"), (bool,)),
    **dict.fromkeys(("chunk", "reads"), (int,)),
    **dict.fromkeys(("pause", "leaves", "within"), (int, float)),
    "length": (str, int),
    "problem": (str, list),
}


class SchemaError(ValueError):
    """A file that tells no request."""


@dataclass(frozen=True, slots=True)
class Hostile:
    """A request on the wire, how it is sent and read, and what must happen. `{address}` in it stands for host and port."""

    name: str
    attacks: str
    must: str
    method: str
    sent: bytes
    statuses: frozenset[int]
    problems: frozenset[str]
    may_drop: bool
    lacks: tuple[str, ...]
    within: float
    chunk: int | None = None
    pause: float = 0
    reads: int | None = None
    leaves: float | None = None
    half_closes: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a request.

    No status: no head of an answer came, or all the time was spent. Dropped: the connection ended, by either side,
    before there was a whole answer. `said` is the head and the beginning of the body.
    """

    status: int | None
    problem: str | None
    dropped: bool
    seconds: float
    said: str = ""


def load(folder: Path) -> tuple[Hostile, ...]:
    """Read all requests of a folder, by name. Raises SchemaError, which names the file."""
    return tuple(read(path) for path in sorted(folder.glob("*.toml")))


def read(path: Path) -> Hostile:
    """Read one request. Raises SchemaError."""
    try:
        told = tomllib.loads(path.read_text("utf-8"))
        return _hostile(path.stem, told)
    except (tomllib.TOMLDecodeError, SchemaError, KeyError, TypeError, ValueError) as error:
        raise SchemaError(f"{path.name}: {error}") from error


def fire(hostile: Hostile, host: str, port: int) -> Outcome:
    """Send a request over a connection of its own, and see what becomes of it. Raises nothing of the network's."""
    start = time.monotonic()
    ends = start + min(hostile.within, hostile.leaves or hostile.within)
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as connection:
        if hostile.reads is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)  # or the kernel reads for us
        connection.settimeout(ends - start)
        try:
            connection.connect((host, port))
        except OSError:
            return Outcome(None, None, dropped=True, seconds=time.monotonic() - start)
        writer = threading.Thread(target=_write, args=(hostile, connection, f"{host}:{port}", ends), daemon=True)
        writer.start()
        outcome = _outcome(hostile, connection, ends)
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        writer.join(_GRACE)
    return replace(outcome, seconds=time.monotonic() - start)


def complaint(hostile: Hostile, outcome: Outcome) -> str:
    """Say what is wrong with an outcome; empty: it is as it must be."""
    told = f"status {outcome.status}, problem {outcome.problem}, {outcome.seconds:.1f} s: {outcome.said[:1_000]!r}"
    leaked = [text for text in (*_ALWAYS_LACKS, *hostile.lacks) if text.casefold() in outcome.said.casefold()]
    if leaked:
        return f"the answer holds {leaked}; {told}"
    if outcome.dropped:
        return "" if hostile.may_drop else f"the connection was dropped; {told}"
    if outcome.status is None:
        return f"no answer within {hostile.within} s"
    if outcome.status not in hostile.statuses:
        return f"not one of the statuses {sorted(hostile.statuses)}: {told}"
    if hostile.problems and outcome.status >= 400 and outcome.problem not in hostile.problems:
        return f"not one of the problems {sorted(hostile.problems)}: {told}"
    return ""


# --- From a file to bytes


def _hostile(name: str, told: Mapping[str, Any]) -> Hostile:
    wrong = [key for key, value in told.items() if not isinstance(value, _SCHEMA.get(key, ()))]
    if wrong:
        raise SchemaError(f"unknown, or of a wrong type: {', '.join(sorted(wrong))}")
    if len({"query", "body", "raw"} & told.keys()) > 1:
        raise SchemaError("one of query, body and raw")
    statuses, may_drop = frozenset(told.get("status", ())), told.get("dropped", False)
    if not (statuses or may_drop):
        raise SchemaError("neither status nor dropped")
    problem = told.get("problem", [])
    method = told.get("method") or ("GET" if told.get("how", "get") == "get" and "body" not in told else "POST")
    return Hostile(
        name,
        attacks=_sentence(told, "attacks"),
        must=_sentence(told, "must"),
        method=method,
        sent=_joined(told["raw"]) if "raw" in told else _request(told, method),
        statuses=statuses,
        problems=frozenset([problem] if isinstance(problem, str) else problem),
        may_drop=may_drop,
        lacks=tuple(told.get("lacks", ())),
        within=told.get("within", 60),
        chunk=told.get("chunk"),
        pause=told.get("pause", 0),
        reads=told.get("reads"),
        leaves=told.get("leaves"),
        half_closes=told.get("half_closes", False),
    )


def _sentence(told: Mapping[str, Any], key: str) -> str:
    said = str(told[key])
    if not said.endswith("."):
        raise SchemaError(f"{key} is no sentence")
    return said


def _joined(told: object) -> bytes:
    """Join pieces: a text, or a list of texts and of tables."""
    pieces = told if isinstance(told, list) else [told]
    return b"".join(unit for piece in pieces for unit in _units(piece))


def _units(piece: object) -> Iterator[bytes]:
    """Give a piece, or each of its repetitions where they differ."""
    table: Mapping[str, Any] = {"text": piece} if isinstance(piece, str) else cast("Mapping[str, Any]", piece)
    if table.keys() - {"text", "hex", "times", "encoding"} or ("text" in table) == ("hex" in table):
        raise SchemaError(f"no piece: {piece!r:.60}")
    if "hex" in table:
        yield bytes.fromhex(table["hex"]) * table.get("times", 1)
        return
    encoding, text = table.get("encoding", "utf-8"), table["text"]
    if encoding not in ENCODINGS:
        raise SchemaError(f"no encoding: {encoding}")
    if "[[n" not in text:
        yield text.encode(encoding) * table.get("times", 1)
        return
    for number in range(table.get("times", 1)):
        yield text.replace("[[n]]", str(number)).replace("[[n+1]]", str(number + 1)).encode(encoding)


def _request(told: Mapping[str, Any], method: str) -> bytes:
    how = told.get("how", "get")
    if how not in HOWS:
        raise SchemaError(f"no way to carry a query: {how}")
    target = _joined(told.get("target", "/sparql"))
    pairs = [(_joined(key), _joined(value)) for key, value in told.get("parameters", [])]
    body = _joined(told["body"]) if "body" in told else None
    if "query" in told:
        query = _joined(told["query"])
        pairs += [] if how == "direct" else [(b"query", query)]
        body = query if how == "direct" else None
    encoded = "&".join(f"{_quoted(key)}={_quoted(value)}" for key, value in pairs).encode()
    if how == "form" and body is None:
        body = encoded
    elif encoded:
        target += (b"&" if b"?" in target else b"?") + encoded
    if body is not None and told.get("gzip"):
        body = gzip.compress(body)
    return _message(told, method, target, how, body)


def _quoted(text: bytes) -> str:
    return quote_from_bytes(text, safe=_FORM_TEXT)


def _message(told: Mapping[str, Any], method: str, target: bytes, how: str, body: bytes | None) -> bytes:
    lines = [_joined(line) for line in told.get("headers", [])]
    given = {line.partition(b":")[0].strip().lower() for line in lines}
    usual = {"Host": "{address}", "Connection": "close"}
    if body is not None:
        usual["Content-Type"] = _CONTENT.get(how, _CONTENT["form"])
        usual |= _length(told, body)
    lines = [f"{key}: {value}".encode() for key, value in usual.items() if key.lower().encode() not in given] + lines
    head = b"\r\n".join([method.encode() + b" " + target + b" HTTP/1.1", *lines, b"", b""])
    return head + (_chunked(body) if told.get("length") == "chunked" and body is not None else body or b"")


def _length(told: Mapping[str, Any], body: bytes) -> dict[str, str]:
    length = told.get("length", "declared")
    if isinstance(length, int):
        return {"Content-Length": str(length)}
    if length not in LENGTHS:
        raise SchemaError(f"no length: {length}")
    if length == "chunked":
        return {"Transfer-Encoding": "chunked"}
    return {"Content-Length": str(len(body))} if length == "declared" else {}


def _chunked(body: bytes) -> bytes:
    parts = (body[start : start + _READ] for start in range(0, len(body), _READ))
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


# --- On the wire


def _write(hostile: Hostile, connection: socket.socket, address: str, ends: float) -> None:
    """Send a request, slowly if it says so. A server need not hear it out."""
    sent = hostile.sent.replace(b"{address}", address.encode())
    step = hostile.chunk or max(len(sent), 1)
    with suppress(OSError):
        for start in range(0, len(sent), step):
            if time.monotonic() > ends:
                return
            connection.sendall(sent[start : start + step])
            if hostile.pause:
                time.sleep(hostile.pause)
        if hostile.half_closes:
            connection.shutdown(socket.SHUT_WR)


class _Incoming(RawIOBase):
    """What arrives at a socket: until a moment, and no faster than told."""

    def __init__(self, connection: socket.socket, ends: float, rate: int | None) -> None:
        super().__init__()
        self._connection = connection
        self._ends = ends
        self._rate = rate

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:  # noqa: ANN401  whatever the buffer protocol takes
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._connection.settimeout(left)
        if self._rate is None:
            return self._connection.recv_into(buffer)
        pause = 0.1
        time.sleep(min(pause, left))
        return self._connection.recv_into(buffer, max(1, int(self._rate * pause)))


class _Wire:
    """What the standard library's client wants of a socket."""

    def __init__(self, hostile: Hostile, connection: socket.socket, ends: float) -> None:
        self._size = _READ if hostile.reads is None else _SIP
        self._incoming = _Incoming(connection, ends, hostile.reads)

    def makefile(self, _mode: str) -> BufferedReader:
        return BufferedReader(self._incoming, self._size)


def _outcome(hostile: Hostile, connection: socket.socket, ends: float) -> Outcome:
    """Read an answer until it is whole, or broken off, or the time is over."""
    response = HTTPResponse(cast("socket.socket", _Wire(hostile, connection, ends)), method=hostile.method)
    kept, said, whole, late = bytearray(), "", False, False
    try:
        response.begin()
        said = "".join(f"{name}: {value}\n" for name, value in response.getheaders())
        while part := response.read(_READ):
            kept += part[: _KEEP - len(kept)]
        whole = response.length in (None, 0)
    except TimeoutError:
        late = hostile.leaves is None
    except (OSError, HTTPException, ValueError):
        whole = False
    finally:
        response.close()
    return Outcome(
        status=None if late or not said else response.status,
        problem=_problem(response, kept) if said else None,
        dropped=not (whole or late),
        seconds=0,
        said=said + kept.decode("utf-8", "replace"),
    )


def _problem(response: HTTPResponse, body: bytes | bytearray) -> str | None:
    """Give the end of a problem's type, if that is what a body is, and it tells the status that the answer has."""
    if response.getheader("Content-Type") != "application/problem+json":
        return None
    try:
        document = json.loads(body)
    except ValueError:
        return None
    kind = str(document.get("type", ""))
    if document.get("status") != response.status or not kind.startswith(PROBLEMS):
        return None
    return kind.removeprefix(PROBLEMS)
