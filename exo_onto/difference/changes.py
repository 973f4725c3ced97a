"""changes: the pieces of two graphs in, what each thing lost and gained out, told by its properties. Pure.

An annotated axiom is no thing of its own: what changed in it is told of the subject of the statement that it annotates.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from exo_onto.difference.canonical import Piece
from exo_onto.difference.expression import Expressions, Node
from exo_onto.vocabulary import (
    OWL_ANNOTATEDPROPERTY,
    OWL_ANNOTATEDSOURCE,
    OWL_ANNOTATEDTARGET,
    OWL_AXIOM,
    RDF_TYPE,
    compact,
)

_PARTS = (OWL_ANNOTATEDSOURCE, OWL_ANNOTATEDPROPERTY, OWL_ANNOTATEDTARGET)


class How(StrEnum):
    """What became of a thing."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True)
class Value:
    """A value of a property: its term (None: a nameless thing), and what it is in words."""

    term: str | None
    words: str


@dataclass(frozen=True)
class Edit:
    """What a thing lost and gained of one property; or what a statement about it did, of a property of provenance.

    `about` is the statement's property and target, None where the thing itself is meant.
    """

    property: NamedNode
    words: str
    lost: tuple[Value, ...]
    gained: tuple[Value, ...]
    about: tuple[NamedNode, Value] | None = None


@dataclass(frozen=True)
class Changed:
    """A thing, and what changed of it. Axioms about nameless classes are told of the thing without a name."""

    name: str
    label: str
    how: How
    edits: tuple[Edit, ...]


Key = tuple[NamedNode, tuple[NamedNode, str, str] | None]
"""A property, and if it is one of provenance, the statement: its property, its target as a term and in words."""


@dataclass(frozen=True)
class Naming:
    """What things are called: a function that names a term."""

    name: Callable[[Node], str]

    def of(self, name: str) -> str:
        """Give the label of an IRI."""
        return self.name(NamedNode(name)) if name else "axioms about classes that have no name"


def changes(before: Mapping[str, Piece], after: Mapping[str, Piece], naming: Naming) -> tuple[Changed, ...]:
    """Give what changed from one graph to another, thing by thing, by their names."""
    lost = [piece for text, piece in before.items() if text not in after]
    gained = [piece for text, piece in after.items() if text not in before]
    was, is_now = ({about(piece) for piece in side.values()} for side in (before, after))
    things: dict[str, tuple[list[Piece], list[Piece]]] = defaultdict(lambda: ([], []))
    for number, side in enumerate((lost, gained)):
        for piece in side:
            things[about(piece)][number].append(piece)
    return tuple(
        Changed(name, naming.of(name), _how(name, was, is_now), tuple(_edits(*things[name], naming)))
        for name in sorted(things)
    )


def about(piece: Piece) -> str:
    """Give the name of the thing that a piece is about: of an annotated axiom, its source; "" where there is none."""
    source = _source(piece)
    if source is not None:
        return source.value
    named = [t.subject.value for t in piece.triples if isinstance(t.subject, NamedNode)]
    return min(named, default="")


def _source(piece: Piece) -> NamedNode | None:
    """Give the source of a piece that is one annotated axiom."""
    subjects = {triple.subject for triple in piece.triples}
    sources = [t.object for t in piece.triples if t.predicate == OWL_ANNOTATEDSOURCE]
    if len(subjects) == 1 and len(sources) == 1 and isinstance(sources[0], NamedNode):
        return sources[0]
    return None


def _how(name: str, was: set[str], is_now: set[str]) -> How:
    if name and name not in was:
        return How.ADDED
    return How.REMOVED if name and name not in is_now else How.CHANGED


def _edits(lost: Iterable[Piece], gained: Iterable[Piece], naming: Naming) -> Iterator[Edit]:
    """Tell pieces of one thing property by property; of annotations that became others, only what differs."""
    sides = [_values(pieces, naming) for pieces in _without_what_both_say(list(lost), list(gained))]
    keys = {*sides[0], *sides[1]}
    for key in sorted(keys, key=lambda key: (key[1] is not None, compact(key[0].value), str(key[1]))):
        predicate, statement = key
        target = None if statement is None else (statement[0], Value(statement[1] or None, statement[2]))
        lost_values, gained_values = (tuple(sorted(side.get(key, ()), key=_words)) for side in sides)
        yield Edit(predicate, naming.name(predicate), lost_values, gained_values, target)


def _words(value: Value) -> str:
    return value.words


def _without_what_both_say(lost: list[Piece], gained: list[Piece]) -> tuple[list[Piece], list[Piece]]:
    """Pair the annotations of one statement by what they share, and take that out of both."""
    rest = list(gained)
    before: list[Piece] = []
    after: list[Piece] = []
    for piece in lost:
        twin = max((each for each in rest if _alike(piece, each)), key=lambda each: _shared(piece, each), default=None)
        if twin is None:
            before.append(piece)
            continue
        rest.remove(twin)
        same = _told(piece) & _told(twin)
        before.append(_less(piece, same))
        after.append(_less(twin, same))
    return before, after + rest


def _alike(one: Piece, other: Piece) -> bool:
    """Say whether both annotate the same statement."""
    return _source(one) is not None and _statement(one) == _statement(other)


def _statement(piece: Piece) -> tuple[Node, ...]:
    found = {t.predicate: t.object for t in piece.triples if t.predicate in _PARTS}
    return tuple(found[part] for part in _PARTS if part in found)


def _told(piece: Piece) -> set[tuple[NamedNode, Node]]:
    return {(t.predicate, t.object) for t in piece.triples if t.predicate not in _PARTS}


def _shared(one: Piece, other: Piece) -> int:
    return len(_told(one) & _told(other))


def _less(piece: Piece, same: set[tuple[NamedNode, Node]]) -> Piece:
    return Piece(piece.text, tuple(t for t in piece.triples if (t.predicate, t.object) not in same))


def _values(pieces: Iterable[Piece], naming: Naming) -> dict[Key, list[Value]]:
    found: dict[Key, list[Value]] = defaultdict(list)
    for piece in pieces:
        telling = Expressions(piece.triples, naming.name)
        statement = _statement(piece) if _source(piece) is not None else ()
        for triple in _heads(piece):
            if (triple.predicate in _PARTS and statement) or (triple.predicate, triple.object) == (RDF_TYPE, OWL_AXIOM):
                continue
            key: Key = (triple.predicate, _key(statement, telling))
            value = Value(_term(triple.object), telling.words(triple.object))
            if isinstance(triple.subject, BlankNode) and not statement:
                value = Value(None, f"{telling.words(triple.subject)}: {value.words}")
            found[key].append(value)
    return found


def _key(statement: tuple[Node, ...], telling: Expressions) -> tuple[NamedNode, str, str] | None:
    if len(statement) != len(_PARTS) or not isinstance(statement[1], NamedNode):
        return None
    return statement[1], _term(statement[2]) or "", telling.words(statement[2])


def _heads(piece: Piece) -> Iterator[Triple]:
    """Yield the triples that the piece comes to: those of the named subject, or of what nothing points to."""
    named = [triple for triple in piece.triples if isinstance(triple.subject, NamedNode)]
    if named:
        yield from named
        return
    inner = {triple.object for triple in piece.triples}
    tops = [triple for triple in piece.triples if triple.subject not in inner]
    linking = [t for t in tops if isinstance(t.object, NamedNode) and t.predicate.value.endswith(_LINKING)]
    yield from linking or tops or piece.triples


_LINKING = ("#subClassOf", "#equivalentClass", "#disjointWith", "#members")


def _term(term: Node) -> str | None:
    return str(term) if isinstance(term, NamedNode | Literal) else None
