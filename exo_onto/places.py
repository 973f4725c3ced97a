"""places: a file of Turtle in, every triple of it out with the line that it stands on. Pure.

Slow, as rdflib's parser is: only for telling people where. A store reads the data itself.
"""

from collections.abc import Iterable, MutableSequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from rdflib import Graph as RdflibGraph
from rdflib.plugins.parsers.notation3 import RDFSink, SinkParser


@dataclass(frozen=True)
class Place:
    """Where something is written: a path relative to the root, a line and perhaps a column, both from 1."""

    file: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        """Give `file:line:column`, the form that editors and terminals make clickable."""
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)


@dataclass(frozen=True)
class Statement:
    """One triple as it stands in a file. Terms are plain strings: IRIs, lexical forms, or labels of blank nodes."""

    subject: str
    predicate: str
    object: str
    place: Place


@dataclass(frozen=True)
class Sighting:
    """A place, and how closely it is what was looked for: 4 the very triple, 3 its property, 2 its subject, 1 less."""

    closeness: int
    place: Place


@dataclass(frozen=True)
class Written:
    """What one file says, to be looked up."""

    statements: tuple[Statement, ...]

    def find(self, subject: str, predicate: str | None, value: str | None) -> Sighting | None:
        """Find where a triple is written, or failing that where its subject is first spoken of."""
        best: Sighting | None = None
        for said in self._of_subject.get(subject, ()):
            score = _closeness(said, predicate, value)
            if best is None or score > best.closeness:
                best = Sighting(score, said.place)
        mentioned = self._mentions.get(subject)
        return best or (Sighting(1, mentioned) if mentioned else None)

    @cached_property
    def _of_subject(self) -> dict[str, list[Statement]]:
        found: dict[str, list[Statement]] = {}
        for said in self.statements:
            found.setdefault(said.subject, []).append(said)
        return found

    @cached_property
    def _mentions(self) -> dict[str, Place]:
        found: dict[str, Place] = {}
        for said in self.statements:
            found.setdefault(said.predicate, said.place)
            found.setdefault(said.object, said.place)
        return found


def closest(sightings: Iterable[Sighting | None]) -> Place | None:
    """Give the place of the closest sighting; of several, that of the first."""
    seen = [each for each in sightings if each is not None]
    return max(seen, key=lambda each: each.closeness).place if seen else None


def _closeness(said: Statement, predicate: str | None, value: str | None) -> int:
    """Grade how well a statement about the same subject answers where something is: see `Sighting`."""
    if predicate is None or said.predicate != predicate:
        return 2
    return 4 if value is None or said.object == value else 3


def statements(content: bytes, file: str) -> tuple[Statement, ...]:
    """Give every triple of some Turtle that has been parsed before, with its place in the file of that name."""
    parser = _PlacingParser(file)
    parser.loadBuf(content)
    return tuple(parser.recorder.statements)


class _PlacingParser(SinkParser):
    """rdflib's Turtle parser, which also keeps the line that each object begins on."""

    def __init__(self, file: str) -> None:
        self.recorder = _Recorder(file)
        super().__init__(self.recorder, baseURI="urn:exo-onto:source", turtle=True)

    def object(self, argstr: str, i: int, res: MutableSequence[Any]) -> int:
        """Parse one object; a blank node with properties inside is one too, so its own objects come before it."""
        start = self.skipSpace(argstr, i)
        line = self.lines + 1
        end = int(super().object(argstr, i if start < 0 else start, res))
        if end >= 0:
            self.recorder.lines[id(res[-1])] = (line, res[-1])
        return end


class _Recorder(RDFSink):
    """Collects what the parser makes, each with the line of its object."""

    def __init__(self, file: str) -> None:
        super().__init__(RdflibGraph())
        self.file = file
        self.lines: dict[int, tuple[int, object]] = {}
        self.statements: list[Statement] = []

    def makeStatement(self, quadruple: tuple[Any, ...], why: object = None) -> None:  # noqa: ARG002, N802  rdflib's name
        """Take one triple from the parser."""
        place = Place(self.file, self.lines.get(id(quadruple[3]), (None, None))[0])
        _, predicate, subject, value = (term[1] if isinstance(term, tuple) else term for term in quadruple)
        self.statements.append(Statement(str(subject), str(predicate), str(value), place))
