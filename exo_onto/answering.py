"""answering: calls in frames on standard input, answers in frames on standard output; what runs in a worker process.

The process opens the store for reading, gives up what it does not need (address space, priority, core dumps), says that
it is ready, and then answers one call after the other until its input ends. A frame is one byte of `Kind`, four bytes
of length, and so much content. Whatever a query does to this process, it does to no other.

    -> call                                     one query, as JSON; until when it is to be begun, and its length, first
    <- READY                                    once, when the store is open
    <- WHOLE (head and body)                    an answer that fits into one frame
    <- HEAD, BODY ..., END                      one that does not; BROKEN in place of END: it is not whole
    <- LATE                                     it was come to too late, and is left to another process
"""

import io
import json
import os
import resource
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import IntEnum
from functools import lru_cache
from struct import Struct
from threading import Thread
from typing import BinaryIO, Final

from pyoxigraph import NamedNode, Store

from exo_onto import evaluation, problems, protocol
from exo_onto.dataset import Dataset, Description
from exo_onto.problems import Problem, Reply
from exo_onto.protocol import Call

FLUSH: Final = 65_536
"""How many bytes of an answer are held before its status is sent: what fails before, fails with a problem document."""
CALL: Final = Struct("!dI")
"""What stands before a call: the time of the monotonic clock until which it is to be begun, and its length."""
WHOLE: Final = Struct("!fI")
"""What stands before a whole answer: the seconds of work that it took, and the length of its head."""
_FRAME: Final = Struct("!BI")
NICENESS: Final = 10
"""How far a worker steps behind the process that started it."""
_JSON: Final = {b'"bindings":[{': 1, b'},{"': 1, b'},{",': -1, b'},{"}': -1}
"""Rows begin so; a string may end so, but then a comma or a brace follows its quote."""
_ROWS: Final[Mapping[str, Mapping[bytes, int]]] = {
    "application/sparql-results+json": _JSON,
    "application/json": _JSON,
    "application/sparql-results+xml": {b"<result>": 1},
    "application/xml": {b"<result>": 1},
    "text/csv": {b"\n": 1},
    "text/tab-separated-values": {b"\n": 1},
}
"""What stands in a table once for each row, and nowhere else outside of the quotes of CSV."""
_TABLES: Final = (b'{"head"', b"<?xml")
"""How a table begins, where a graph may have its media type."""
_LONGEST: Final = max(len(mark) for marks in _ROWS.values() for mark in marks)


class Kind(IntEnum):
    """What a frame from a worker holds."""

    READY = 1
    WHOLE = 2
    HEAD = 3
    BODY = 4
    END = 5
    BROKEN = 6
    LATE = 7


@dataclass(frozen=True)
class Job:
    """What a worker is started with: the folder of its store, what to say of it, and what it may take.

    `united` is the folder of a store with the default graphs alone; None: it is asked graph by graph.
    """

    store: str
    united: str | None
    description: Description
    default_graphs: tuple[str, ...]
    memory: int
    max_rows: int
    max_bytes: int

    def encoded(self) -> str:
        """Write it as one line of JSON."""
        return json.dumps(asdict(self))


class TooMuchError(Exception):
    """The answer holds more rows or bytes than is granted."""


def main(encoded: str = "") -> None:
    """Answer calls until there are no more. The job, if it is not given, is the first thing that comes."""
    Thread(target=_leave_with, args=(os.getppid(),), daemon=True).start()
    calls, out = sys.stdin.buffer, sys.stdout.buffer
    if not encoded:
        header = calls.read(CALL.size)
        if not header:  # it was not needed
            return
        encoded = calls.read(CALL.unpack(header)[1]).decode()
    told = json.loads(encoded)
    job = Job(**{**told, "description": Description(**told["description"])})
    _give_up(job.memory)
    dataset = _opened(job)
    _send(out, Kind.READY)
    while header := calls.read(CALL.size):
        best_before, size = CALL.unpack(header)
        content = calls.read(size)
        if time.monotonic() > best_before:
            _send(out, Kind.LATE)
        else:
            _answer(Call.decoded(content), dataset, job, out)


def _give_up(mebibytes: int) -> None:
    """Limit the address space, step behind others, leave no core behind, and be out of reach of Ctrl-C.

    The session stays that of the server: Linux may weigh niceness within a session only (`sched(7)`, autogroup).
    """
    resource.setrlimit(resource.RLIMIT_AS, (mebibytes * 2**20,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.setpgid(0, 0)
    step_behind(0, os.getppid())


def step_behind(process: int, other: int) -> None:
    """Let a process go behind another one on the cores, and never before where it is. 0 is the one that calls."""
    wanted = os.getpriority(os.PRIO_PROCESS, other) + NICENESS
    if os.getpriority(os.PRIO_PROCESS, process) < wanted:
        os.setpriority(os.PRIO_PROCESS, process, wanted)


def _leave_with(parent: int) -> None:
    """End with the process that started this one, also in the middle of a query."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _opened(job: Job) -> Dataset:
    names = tuple(map(NamedNode, job.default_graphs))
    store = Store.read_only(job.store)
    united = store if job.united == job.store else job.united and Store.read_only(job.united)
    return Dataset(store, names, (), job.description, 0, disjoint=True, united=united or None)


def _answer(call: Call, dataset: Dataset, job: Job, out: BinaryIO) -> None:
    outlet = _Outlet(out, job)
    try:
        reply = evaluation.perform(call, dataset, most=job.max_rows)
        outlet.begin(reply)
        reply.write(outlet)
    except (TooMuchError, evaluation.TooManyError) as error:
        outlet.fail(too_much(error, job.description))
    except (OSError, RuntimeError, ValueError, MemoryError) as error:
        outlet.fail(_failure(problems.FAILED, "The failure has been logged.", job.description))
        print(f"exo-onto worker: {type(error).__name__}: {error}", file=sys.stderr, flush=True)  # noqa: T201
    else:
        outlet.close()


def too_much(error: Exception, said: Description) -> Reply:
    """Tell that an answer is larger than is granted."""
    return _failure(problems.TOO_MUCH, f"{error} Ask for less: LIMIT, or a narrower pattern.", said)


def _failure(kind: Problem, detail: str, said: Description) -> Reply:
    return problems.problem(kind, detail, headers=protocol.of_snapshot(said))


class _Rows:
    """Counts the rows of a table while it is written; in JSON no row but the first, if it binds nothing."""

    def __init__(self, media_type: str) -> None:
        self._marks = _ROWS.get(media_type, {})
        self._ends = media_type.startswith("text/")
        self._csv = media_type == "text/csv"
        self._quoted = 0
        self._tail = b""
        self.number = -1 if self._marks and self._ends else 0  # the header is no row

    def seen(self, chunk: bytes) -> int:
        """Take the next bytes, and say how many rows there are so far."""
        if not self._tail and not self._ends and not chunk.startswith(_TABLES):
            self._marks = {}
        if self._csv and (self._quoted or b'"' in chunk):
            parts = chunk.split(b'"')
            chunk = b"".join(parts[self._quoted :: 2])
            self._quoted = (self._quoted + len(parts) - 1) % 2
        for mark, counts in self._marks.items():
            before = self._tail[1 - len(mark) :] if len(mark) > 1 else b""
            self.number += counts * (before + chunk if before else chunk).count(mark)
        self._tail = (self._tail + chunk[-_LONGEST:])[-_LONGEST:]
        return self.number


class _Outlet:
    """Takes what a reply writes, counts it, and sends it on in frames."""

    def __init__(self, out: BinaryIO, job: Job) -> None:
        self._out = out
        self._job = job
        self._begun = time.thread_time()
        self._held = bytearray()
        self._rows = _Rows("")
        self._bytes = 0
        self._head: bytes | None = None
        self._reply: Reply | None = None

    def begin(self, reply: Reply) -> None:
        self._reply = reply
        self._rows = _Rows(reply.media_type if reply.status == 200 else "")  # noqa: PLR2004  OK

    def write(self, chunk: bytes, /) -> int:
        self._bytes += len(chunk)
        if self._bytes > self._job.max_bytes:
            raise TooMuchError(f"The answer is longer than {self._job.max_bytes:,} bytes.")
        if self._rows.seen(chunk) > self._job.max_rows:
            raise TooMuchError(f"The answer has more than {self._job.max_rows:,} rows.")
        self._held += chunk
        if len(self._held) >= FLUSH:
            self._flush()
        return len(chunk)

    def flush(self) -> None:
        """Hold on to what is there: `close` sends it."""

    def close(self) -> None:
        if self._head is None and self._reply is not None:
            self._send_whole(_head(self._reply, self._rows.number), self._held)
        else:
            _send(self._out, Kind.BODY, self._held)
            _send(self._out, Kind.END, json.dumps({"rows": self._rows.number}).encode())

    def fail(self, reply: Reply) -> None:
        """End with a problem document; where the status is gone already, so that nobody takes the answer as whole."""
        if self._head is None:
            body = io.BytesIO()
            reply.write(body)
            self._send_whole(_head(reply, 0), body.getvalue())
        else:
            _send(self._out, Kind.BROKEN)

    def _send_whole(self, head: bytes, body: bytes | bytearray) -> None:
        _send(self._out, Kind.WHOLE, WHOLE.pack(time.thread_time() - self._begun, len(head)) + head + body)

    def _flush(self) -> None:
        if self._head is None and self._reply is not None:
            self._head = _head(self._reply, self._rows.number)
            _send(self._out, Kind.HEAD, self._head)
        _send(self._out, Kind.BODY, self._held)
        self._held.clear()


def _head(reply: Reply, rows: int) -> bytes:
    return _written(reply.status, reply.media_type, tuple(reply.headers.items()), rows)


@lru_cache(maxsize=1024)
def _written(status: int, media_type: str, headers: tuple[tuple[str, str], ...], rows: int) -> bytes:
    """Write a head; there are few."""
    return json.dumps({"status": status, "media_type": media_type, "headers": dict(headers), "rows": rows}).encode()


def _send(out: BinaryIO, kind: Kind, content: bytes | bytearray = b"") -> None:
    out.write(_FRAME.pack(kind, len(content)) + content)
    out.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
