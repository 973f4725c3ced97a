"""faults: what cannot be read of a file in, what is wrong there, where, and what to do out. Pure."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pyoxigraph import RdfFormat, Triple, parse

from exo_onto.places import Place
from exo_onto.vocabulary import PREFIXES

_WHERE = re.compile(r"^Parser error at line .*?: ")
_UNDECLARED = re.compile(r"The prefix (\S+):? has not been declared")


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong in a file: where, what, and what to do."""

    place: Place
    what: str
    remedy: str


class SourcesError(Exception):
    """The folders cannot be read as sources."""


class FaultySourcesError(SourcesError):
    """Some files are wrong; `faults` says which, where and why."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        """Keep the faults and make the first one the message."""
        super().__init__(f"{faults[0].place}: {faults[0].what}")
        self.faults = faults


def not_utf8(name: str) -> Fault:
    """Tell that a file is in another encoding."""
    return Fault(Place(name), "The file is not UTF-8.", "Save it as UTF-8.")


def unreadable(name: str, error: OSError) -> Fault:
    """Tell why a file cannot be read."""
    return Fault(Place(name), f"The file cannot be read: {error.strerror or error}.", "Mend or remove it.")


@contextmanager
def telling(content: bytes, path: str) -> Iterator[None]:
    """Tell what a parser cannot read of a file in terms of the file: of its content, by its path."""
    try:
        if b"<<" in content:
            _refuse_terms_of_triples(content, path)
        yield
    except SyntaxError as error:
        if "UTF-8" in str(error.msg):
            raise FaultySourcesError((not_utf8(path),)) from error
        place = Place(path, error.lineno, error.offset)
        words = _explain_syntax(str(error.msg), content, error.lineno)
        raise FaultySourcesError((Fault(place, *words),)) from error


def _refuse_terms_of_triples(content: bytes, path: str) -> None:
    if any(isinstance(quad.object, Triple) for quad in parse(content, format=RdfFormat.TURTLE)):
        what = "A triple stands in the place of an object, as in RDF 1.2; OWL 2 has no such terms."
        raise FaultySourcesError((Fault(Place(path), what, "Say it of an owl:Axiom."),))


def _explain_syntax(message: str, content: bytes, line: int | None) -> tuple[str, str]:
    """Turn a parser's message into what is wrong and what to do."""
    undeclared = _UNDECLARED.search(message)
    if undeclared:
        prefix = undeclared.group(1).rstrip(":")
        known = PREFIXES.get(prefix)
        remedy = (
            f"Add `@prefix {prefix}: <{known}> .` to the top of the file."
            if known
            else "Declare it on top of the file, or correct its spelling."
        )
        return f"The prefix {prefix}: is not declared.", remedy
    lines = content.decode(errors="replace").splitlines()
    quoted = f" The line reads: {lines[line - 1].strip()[:120]}" if line and line <= len(lines) else ""
    remedy = "Mend the Turtle there; often the `;` or `.` before it is missing or one too many."
    return f"Turtle syntax: {_WHERE.sub('', message)}.{quoted}", remedy
