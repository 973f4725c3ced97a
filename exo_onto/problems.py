"""problems: what went wrong in, a `Reply` in words out: a problem document (RFC 9457) of each kind; pure."""

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from exo_onto import syntax


class Output(Protocol):
    """Where a reply is written to."""

    def write(self, chunk: bytes, /) -> int:
        """Take some bytes, and say how many."""

    def flush(self) -> None:
        """Hear that all has been written."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes over the wire. A body that is no bytes is a function that writes it, once, in the thread that asked."""

    status: int
    media_type: str
    headers: Mapping[str, str]
    body: bytes | Callable[[Output], object]

    def write(self, output: Output) -> None:
        """Write the body. What the store raises meanwhile passes through: the answer is then not whole."""
        if isinstance(self.body, bytes):
            output.write(self.body)
        else:
            self.body(output)

    def read(self) -> bytes:
        """Give the whole body."""
        output = io.BytesIO()
        self.write(output)
        return output.getvalue()


@dataclass(frozen=True, slots=True)
class Problem:
    """A kind of failure that a client can tell apart: the end of its type IRI, its status, and its title."""

    name: str
    status: int
    title: str


PROBLEM: Final = "application/problem+json"
PROBLEMS: Final = "https://w3id.org/exo-onto/problem/"
NOT_KEPT: Final = {"Cache-Control": "no-store"}
BAD_REQUEST: Final = Problem("bad-request", 400, "This is no query of the SPARQL 1.1 Protocol")
SYNTAX: Final = Problem("syntax", 400, "The query is not well-formed SPARQL 1.1")
UNSUPPORTED: Final = Problem("unsupported", 400, "The query asks for what this service has not")
TOO_DEEP: Final = Problem("too-deep", 400, "The query is nested too deeply, or too long a chain")
TOO_COMPLEX: Final = Problem("too-complex", 400, "The query has too many parts to be planned")
SERVICE: Final = Problem("service", 403, "Federated queries are refused")
READ_ONLY: Final = Problem("read-only", 403, "Updates are refused")
NOT_FOUND: Final = Problem("not-found", 404, "There is nothing here")
BAD_METHOD: Final = Problem("method", 405, "The method is not one of this resource's")
SLOW: Final = Problem("slow", 408, "The request took too long to come")
NOT_ACCEPTABLE: Final = Problem("not-acceptable", 406, "The answer comes in no format that the request accepts")
TOO_LARGE: Final = Problem("too-large", 413, "The query is too long")
BAD_MEDIA_TYPE: Final = Problem("media-type", 415, "A query is not posted in this media type")
TOO_MANY: Final = Problem("too-many", 429, "Too many requests came from this address")
BUSY: Final = Problem("busy", 503, "Too many queries are waiting")
WORKER_LOST: Final = Problem("worker-lost", 503, "The query ended the process that answered it")
TOO_MUCH: Final = Problem("too-much", 503, "The answer is larger than this service gives")
DEADLINE: Final = Problem("deadline", 504, "The query took longer than it may")
UNANSWERED: Final = Problem("store", 502, "The store behind this service did not answer")
FAILED: Final = Problem("failed", 500, "The answer could not be given")


class RefusalError(Exception):
    """Carries the reply that ends the handling of a request."""

    def __init__(self, reply: Reply) -> None:
        """Carry a reply."""
        super().__init__(reply.status)
        self.reply = reply


def problem(kind: Problem, detail: str, *, headers: Mapping[str, str] | None = None, **members: object) -> Reply:
    """Put a failure in words: a problem document with the members that RFC 9457 names, and others. Nobody keeps it."""
    document = {"type": PROBLEMS + kind.name, "title": kind.title, "status": kind.status, "detail": detail, **members}
    body = json.dumps(document, ensure_ascii=False).encode() + b"\n"
    return Reply(kind.status, PROBLEM, {**NOT_KEPT, **(headers or {})}, body)


def refusal(kind: Problem, detail: str, *, headers: Mapping[str, str] | None = None, **members: object) -> RefusalError:
    """Make what ends the handling of a request with a problem document."""
    return RefusalError(problem(kind, detail, headers=headers, **members))


def syntax_refusal(text: str, message: str) -> RefusalError:
    """Say where the query is wrong, and what is wrong there where that is known."""
    found = syntax.complaint(text, message)
    return refusal(SYNTAX, str(found), line=found.line, column=found.column)
