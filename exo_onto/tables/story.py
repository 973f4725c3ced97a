"""story: the triples of one file in, its facts and their provenance out, to be compared and told row by row. Pure.

Provenance is an annotated axiom: a blank node with a source, a property, a target and what is noted of them (OWL 2
Mapping to RDF, section 2.2). Tables know no other blank node.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from exo_onto.vocabulary import (
    OWL_ANNOTATEDPROPERTY,
    OWL_ANNOTATEDSOURCE,
    OWL_ANNOTATEDTARGET,
    OWL_AXIOM,
    RDF_TYPE,
    compact,
)

Value: TypeAlias = NamedNode | Literal
"""What a fact may have for its object, and a note for its value."""

_PARTS = (OWL_ANNOTATEDSOURCE, OWL_ANNOTATEDPROPERTY, OWL_ANNOTATEDTARGET)


class UntellableError(Exception):
    """A file says what no table can say; the message says what."""


@dataclass(frozen=True)
class Fact:
    """One statement about a named thing."""

    subject: NamedNode
    predicate: NamedNode
    object: Value

    @property
    def words(self) -> str:
        """The statement in CURIEs."""
        value = compact(self.object.value) if isinstance(self.object, NamedNode) else repr(self.object.value)
        return f"{compact(self.subject.value)} {compact(self.predicate.value)} {value}"


@dataclass(frozen=True)
class Source:
    """What is noted of one statement, once: its provenance."""

    fact: Fact
    notes: tuple[tuple[NamedNode, Value], ...]


@dataclass(frozen=True)
class Story:
    """What one file says: its facts and its provenance, each in the order in which they stand."""

    facts: tuple[Fact, ...]
    sources: tuple[Source, ...]

    @cached_property
    def meaning(self) -> tuple[frozenset[Fact], Counter[tuple[Fact, frozenset[tuple[NamedNode, Value]]]]]:
        """Its facts, and how often each provenance is given: what does not depend on order or names of blank nodes."""
        return frozenset(self.facts), Counter((each.fact, frozenset(each.notes)) for each in self.sources)

    def same(self, other: "Story") -> bool:
        """Say whether two stories are the same graph up to blank nodes (RDF 1.1 Concepts, section 3.6)."""
        return self.meaning == other.meaning

    def ordered_like(self, other: "Story") -> "Story":
        """Give the same story in the order of another, what is new to that one last."""
        facts = {fact: at for at, fact in enumerate(other.facts)}
        sources = {source: at for at, source in enumerate(other.sources)}
        return Story(
            tuple(sorted(self.facts, key=lambda each: facts.get(each, len(facts)))),
            tuple(sorted(self.sources, key=lambda each: sources.get(each, len(sources)))),
        )

    def triples(self) -> Iterator[Triple]:
        """Give the graph of it, with new blank nodes."""
        for fact in self.facts:
            yield Triple(fact.subject, fact.predicate, fact.object)
        for source in self.sources:
            node = BlankNode()
            yield Triple(node, RDF_TYPE, OWL_AXIOM)
            said = (source.fact.subject, source.fact.predicate, source.fact.object)
            for part, value in zip(_PARTS, said, strict=True):
                yield Triple(node, part, value)
            for predicate, note in source.notes:
                yield Triple(node, predicate, note)


def read_story(triples: Iterable[Triple]) -> Story:
    """Part the triples of a file into facts and provenance.

    Raises UntellableError where it has another blank node than provenance, or provenance of what it does not say.
    """
    facts: dict[Fact, None] = {}
    axioms: dict[BlankNode, list[tuple[NamedNode, Value]]] = {}
    for triple in triples:
        subject, value = triple.subject, triple.object
        if isinstance(value, BlankNode | Triple) or isinstance(subject, Triple):
            raise UntellableError("A blank node stands in it as an object, which no row can hold.")
        if isinstance(subject, BlankNode):
            axioms.setdefault(subject, []).append((triple.predicate, value))
        else:
            facts[Fact(subject, triple.predicate, value)] = None
    sources = tuple(map(_source, axioms.values()))
    for source in sources:
        if source.fact not in facts:
            raise UntellableError(f"It has provenance of {source.fact.words}, which it does not say.")
    return Story(tuple(facts), sources)


def _source(told: list[tuple[NamedNode, Value]]) -> Source:
    parts = {part: [value for predicate, value in told if predicate == part] for part in _PARTS}
    subject, predicate, target = (values[0] if len(values) == 1 else None for values in parts.values())
    if (RDF_TYPE, OWL_AXIOM) not in told or target is None:
        raise UntellableError("It has a blank node that is not the provenance of one statement.")
    if not isinstance(subject, NamedNode) or not isinstance(predicate, NamedNode):
        raise UntellableError("It has provenance of something without a name.")
    notes = [each for each in told if each[0] not in _PARTS and each != (RDF_TYPE, OWL_AXIOM)]
    if not notes:
        raise UntellableError("It has provenance that says nothing.")
    return Source(Fact(subject, predicate, target), tuple(notes))
