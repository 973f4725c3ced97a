"""paths: a shapes graph in; its terms, lists and property paths out, the paths written as SPARQL. Pure.

Property paths are those of SHACL, section 2.3.1. A path that is ill-formed raises ShapesError.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, TypeAlias

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from exo_onto.vocabulary import PREFIXES, RDF_FIRST, RDF_NIL, RDF_REST, RDF_TYPE, XSD_BOOLEAN, compact

Node: TypeAlias = NamedNode | BlankNode
"""What may be a shape: an IRI or a blank node."""

Term: TypeAlias = NamedNode | BlankNode | Literal
"""Any term of RDF 1.1."""

DEEPEST: Final = 48
"""How deep shapes, and paths, may nest: a parser of SPARQL has a stack, and some overflow it."""

_SH = PREFIXES["sh"]
_INVERSE: Final = NamedNode(f"{_SH}inversePath")
_ALTERNATIVE: Final = NamedNode(f"{_SH}alternativePath")
_REPEATED: Final[Mapping[NamedNode, str]] = {
    NamedNode(f"{_SH}zeroOrMorePath"): "*",
    NamedNode(f"{_SH}oneOrMorePath"): "+",
    NamedNode(f"{_SH}zeroOrOnePath"): "?",
}


class ShapesError(ValueError):
    """A shapes graph that is ill-formed, recursive, nested too deep, or beyond what is compiled."""


@dataclass(frozen=True)
class Path:
    """A well-formed property path (SHACL, section 2.3.1).

    `sparql` is the path as SPARQL 1.1 reads it; `written` as people and reports do, without brackets and parentheses;
    `parts` are the steps of a sequence; `nullable` is true where the path may have length zero, so that a node is a
    value of itself.
    """

    sparql: str
    written: str
    nullable: bool = False
    predicate: NamedNode | None = None
    parts: tuple["Path", ...] = ()

    @property
    def steps(self) -> tuple["Path", ...]:
        """The steps that it takes one after the other."""
        return tuple(step for part in self.parts for step in part.steps) or (self,)

    @property
    def repeats(self) -> bool:
        """Whether something in it is repeated any number of times."""
        return bool({"*", "+"} & set(re.sub("<[^>]*>", "", self.sparql)))

    @property
    def primary(self) -> str:
        """The path as SPARQL reads it within another: in parentheses, unless it is one predicate."""
        return self.sparql if self.predicate else f"({self.sparql})"

    @property
    def step(self) -> str:
        """The path as SPARQL reads it within a sequence: in parentheses where it is a sequence or a choice."""
        return f"({self.sparql})" if {"/", "|"} & set(_outside_iris(self.sparql)) else self.sparql


class ShapesGraph:
    """The triples of a shapes graph, by subject and predicate. Reads what the sections of SHACL call for."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        """Index the triples."""
        self._objects: dict[tuple[Term, NamedNode], list[Term]] = defaultdict(list)
        self._subjects: dict[NamedNode, list[Node]] = defaultdict(list)
        self._predicates: dict[Node, list[NamedNode]] = defaultdict(list)
        for triple in sorted(set(triples), key=str):
            if isinstance(triple.object, Triple) or isinstance(triple.subject, Triple):
                continue  # of RDF 1.2, of which SHACL 1.0 knows nothing
            self._objects[triple.subject, triple.predicate].append(triple.object)
            self._subjects[triple.predicate].append(triple.subject)
            self._predicates[triple.subject].append(triple.predicate)

    def objects(self, subject: Term, predicate: NamedNode) -> tuple[Term, ...]:
        """Give the objects of a subject and a predicate, in a fixed order."""
        return tuple(self._objects.get((subject, predicate), ()))

    def subjects(self, predicate: NamedNode) -> tuple[Node, ...]:
        """Give the subjects that have a predicate."""
        return tuple(dict.fromkeys(self._subjects.get(predicate, ())))

    def predicates(self, subject: Node) -> tuple[NamedNode, ...]:
        """Give the predicates of a subject."""
        return tuple(dict.fromkeys(self._predicates.get(subject, ())))

    def is_a(self, subject: Term, kind: NamedNode) -> bool:
        """Say whether a subject is typed so."""
        return kind in self.objects(subject, RDF_TYPE)

    def named_owner(self, node: Node) -> Node:
        """Climb from a shape without a name to the named one that it is part of."""
        seen: set[Term] = set()
        while isinstance(node, BlankNode) and node in self._above and node not in seen:
            seen.add(node)
            parent = self._above[node]
            if isinstance(parent, Literal):
                break
            node = parent
        return node

    @cached_property
    def _above(self) -> dict[Term, Term]:
        return {term: subject for (subject, _), terms in self._objects.items() for term in terms}

    def at_most_one(self, subject: Term, predicate: NamedNode) -> Term | None:
        """Give the only object, or None where there is none. Raises ShapesError where there are several."""
        found = self.objects(subject, predicate)
        if len(found) > 1:
            raise ShapesError(f"{named(subject)} has {len(found)} values of {named(predicate)}, where one is allowed.")
        return found[0] if found else None

    def flag(self, subject: Term, predicate: NamedNode) -> bool:
        """Give a boolean that is false where it is not stated."""
        value = self.at_most_one(subject, predicate)
        if value is None:
            return False
        if not isinstance(value, Literal) or value.datatype != XSD_BOOLEAN:
            raise ShapesError(f"{named(subject)} has a value of {named(predicate)} that is no boolean.")
        return value.value in {"true", "1"}

    def items(self, head: Term, owner: Term) -> tuple[Term, ...]:
        """Give the members of an RDF list (SHACL, section 1.4). Raises ShapesError where it is none; `owner` has it."""
        members: list[Term] = []
        seen: set[Term] = set()
        while head != RDF_NIL:
            first, rest = self.objects(head, RDF_FIRST), self.objects(head, RDF_REST)
            if head in seen or len(first) != 1 or len(rest) != 1:
                raise ShapesError(f"{named(owner)} has a list that is ill-formed.")
            seen.add(head)
            members.append(first[0])
            head = rest[0]
        return tuple(members)

    def path(self, node: Term, owner: Term, depth: int = 0) -> Path:
        """Read the property path that a node stands for (SHACL, section 2.3.1). `owner` is the shape that has it."""
        if isinstance(node, NamedNode):
            return Path(f"<{node.value}>", node.value, predicate=node)
        if isinstance(node, Literal) or depth > DEEPEST:
            raise ShapesError(f"{named(owner)} has a path that is ill-formed, or nested deeper than {DEEPEST}.")
        if self.objects(node, RDF_FIRST):
            return _sequence(self._steps(node, owner, depth))
        choice = self.at_most_one(node, _ALTERNATIVE)
        if choice is not None:
            return _alternative(self._steps(choice, owner, depth))
        inverted = self.at_most_one(node, _INVERSE)
        if inverted is not None:
            inner = self.path(inverted, owner, depth + 1)
            return Path(f"^{inner.primary}", f"^{inner.written}", inner.nullable)
        for predicate, sign in _REPEATED.items():
            repeated = self.at_most_one(node, predicate)
            if repeated is not None:
                inner = self.path(repeated, owner, depth + 1)
                return Path(f"{inner.primary}{sign}", f"{inner.written}{sign}", sign != "+" or inner.nullable)
        raise ShapesError(f"{named(owner)} has a path that is ill-formed.")

    def _steps(self, head: Term, owner: Term, depth: int) -> tuple[Path, ...]:
        steps = tuple(self.path(item, owner, depth + 1) for item in self.items(head, owner))
        if len(steps) < 2:  # noqa: PLR2004  a sequence and a choice are of two members at least
            raise ShapesError(f"{named(owner)} has a path whose list has fewer than two members.")
        return steps


def named(term: Term) -> str:
    """Write a term for people: an IRI short, a blank node as such."""
    if isinstance(term, NamedNode):
        return compact(term.value)
    return f"the blank node _:{term.value}" if isinstance(term, BlankNode) else str(term)


def _sequence(steps: tuple[Path, ...]) -> Path:
    return Path(
        "/".join(step.step for step in steps),
        "/".join(step.written for step in steps),
        all(step.nullable for step in steps),
        parts=steps,
    )


def _alternative(steps: tuple[Path, ...]) -> Path:
    return Path(
        "|".join(step.step for step in steps),
        "|".join(step.written for step in steps),
        any(step.nullable for step in steps),
    )


def _outside_iris(sparql: str) -> str:
    """Give the signs of a path that stand at its top: neither in an IRI nor in parentheses."""
    depth, inside, signs = 0, False, ""
    for sign in sparql:
        inside = sign == "<" or (inside and sign != ">")
        depth += (sign == "(" and not inside) - (sign == ")" and not inside)
        signs += "" if inside or depth else sign
    return signs
