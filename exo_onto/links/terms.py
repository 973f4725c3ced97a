"""terms: what a reader of an ontology finds in, terms with what they are below and related to out. Pure.

The family of errors:

    LinksError             a file of an ontology cannot be used
      +- DamagedError      it is broken, cut short or empty; says where
      +- UnknownFormatError  it is none of the formats that are read
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from exo_onto.links.names import canonical, registered
from exo_onto.vocabulary import OBO, PREFIXES


class LinksError(Exception):
    """A file of an ontology cannot be used."""


class DamagedError(LinksError):
    """A file is broken, cut short or empty, and where."""


class UnknownFormatError(LinksError):
    """A file is of none of the formats that are read."""


class Kind(StrEnum):
    """What a term is, as OWL 2 names it."""

    CLASS = "Class"
    OBJECT_PROPERTY = "ObjectProperty"
    DATA_PROPERTY = "DatatypeProperty"
    ANNOTATION_PROPERTY = "AnnotationProperty"
    INDIVIDUAL = "NamedIndividual"


_ORDER: Final = tuple(Kind)


@dataclass(frozen=True, slots=True, order=True)
class Relation:
    """Each member of a term stands in this relation to some member of the target."""

    relation: str
    target: str


@dataclass(frozen=True, slots=True)
class Term:
    """A class or property: its IRI as we write it, its label, and the named ones that it stands below."""

    iri: str
    kind: Kind
    label: str | None = None
    parents: tuple[str, ...] = ()
    relations: tuple[Relation, ...] = ()
    inverses: tuple[str, ...] = ()
    obsolete: bool = False
    replacements: tuple[str, ...] = ()


@dataclass(frozen=True)
class Header:
    """What an ontology says of itself; None where it says nothing. `imports`: it leaves out what it imports."""

    iri: str | None = None
    version: str | None = None
    date: str | None = None
    title: str | None = None
    licence: str | None = None
    imports: bool = False


class Gathering:
    """Collects what a file says of its terms, in whatever order it comes."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._ours: dict[str, str] = {}
        self._kinds: dict[str, Kind] = {}
        self._labels: dict[str, str] = {}
        self._parents: defaultdict[str, set[str]] = defaultdict(set)
        self._relations: defaultdict[str, set[Relation]] = defaultdict(set)
        self._inverses: defaultdict[str, set[str]] = defaultdict(set)
        self._obsolete: set[str] = set()
        self._replacements: defaultdict[str, set[str]] = defaultdict(set)
        self._alternatives: defaultdict[str, set[str]] = defaultdict(set)

    def named(self, iri: str, curie: str) -> None:
        """Note by which CURIE a file calls a term: where the registry is known, that says which IRI we write."""
        prefix, _, local = curie.partition(":")
        known = registered(prefix, local)
        if known is not None:
            self._ours[iri] = known

    def declare(self, iri: str, kind: Kind) -> None:
        """Note what a term is; of several kinds the first in the order of `Kind`, whatever order they come in."""
        self._kinds[iri] = min(kind, self._kinds.get(iri, kind), key=_ORDER.index)

    def label(self, iri: str, text: str, language: str | None = None) -> None:
        """Note a label in English, or without a language; of several the first in order."""
        if language is None or language.lower().startswith("en"):
            known = self._labels.get(iri)
            self._labels[iri] = text if known is None else min(known, text)

    def parent(self, iri: str, above: str) -> None:
        """Note that a term is below another."""
        if iri != above:
            self._parents[iri].add(above)

    def relation(self, iri: str, relation: str, target: str) -> None:
        """Note that each member of a term is related to some member of another."""
        self._relations[iri].add(Relation(relation, target))

    def inverse(self, one: str, other: str) -> None:
        """Note that two properties are the inverse of each other."""
        self._inverses[one].add(other)
        self._inverses[other].add(one)

    def obsolete(self, iri: str) -> None:
        """Note that a term is withdrawn."""
        self._obsolete.add(iri)

    def replacement(self, iri: str, by: str) -> None:
        """Note what a term was replaced by."""
        self._replacements[iri].add(by)

    def alternative(self, iri: str, name: str) -> None:
        """Note another identifier of a term, a CURIE or an IRI: of one that was merged into it (OBO 1.4, `alt_id`)."""
        prefix, colon, local = name.partition(":")
        other = f"{PREFIXES.get(prefix, f'{OBO}{prefix}_')}{local}" if colon and not local.startswith("//") else name
        if other != iri:
            self._alternatives[other].add(iri)

    def terms(self) -> dict[str, Term]:
        """Give the terms that have a name or a place: what is only pointed at has neither."""
        for other, into in self._alternatives.items():
            if other not in self._labels:
                self.declare(other, Kind.CLASS)
                self.obsolete(other)
                self._replacements[other] |= into
        told = self._labels.keys() | self._parents.keys() | self._obsolete
        return {term.iri: term for term in map(self._term, sorted(self._kinds.keys() & told))}

    def _term(self, iri: str) -> Term:
        relations = (
            Relation(canonical(each.relation), self._name(each.target)) for each in self._relations.get(iri, ())
        )
        return Term(
            iri=self._name(iri),
            kind=self._kinds[iri],
            label=self._labels.get(iri),
            parents=self._names(self._parents.get(iri, ())),
            relations=tuple(sorted(relations)),
            inverses=self._names(self._inverses.get(iri, ())),
            obsolete=iri in self._obsolete,
            replacements=self._names(self._replacements.get(iri, ())),
        )

    def _names(self, iris: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted(map(self._name, iris)))

    def _name(self, iri: str) -> str:
        return self._ours.get(iri) or canonical(iri)
