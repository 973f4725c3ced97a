"""terms: the triples that a root shares in, `Names` out: which term a name in a cell means. Pure."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple
from rapidfuzz import fuzz, process

from exo_onto.tables.grid import BETWEEN, odd, seen
from exo_onto.tables.layout import Layout, Range
from exo_onto.vocabulary import PREFIXES, RDF_TYPE, RDFS_LABEL, RDFS_SUBCLASSOF, UnknownNameError, compact, expand

MOST_CANDIDATES: Final = 3
"""How many terms are named that an unknown name may have meant."""

LEAST_LIKENESS: Final = 55
"""How alike, of 100, a name must be to be named (rapidfuzz, WRatio)."""

_DASHES = dict.fromkeys(map(ord, "‐‑‒–—−﹣"), "-")  # noqa: RUF001  these are what is meant
_IN_SCHEME: Final = NamedNode(f"{PREFIXES['skos']}inScheme")


class UnresolvedError(Exception):
    """A name that means no term, or several, of those that may stand there; the message says which are near."""


@dataclass(frozen=True)
class Names:
    """What terms are called, and what they are: labels, synonyms, symbols, types, hierarchy, schemes.

    `called` has for each name, folded, the terms that bear it, and for each of these the ways of writing it.
    """

    labels: dict[tuple[NamedNode, str], str] = field(default_factory=dict)
    called: dict[str, dict[NamedNode, set[str]]] = field(default_factory=lambda: defaultdict(dict))
    stands_for: dict[NamedNode, set[NamedNode]] = field(default_factory=lambda: defaultdict(set))
    types: dict[NamedNode, set[NamedNode]] = field(default_factory=lambda: defaultdict(set))
    above: dict[NamedNode, set[NamedNode]] = field(default_factory=lambda: defaultdict(set))
    schemes: dict[NamedNode, set[NamedNode]] = field(default_factory=lambda: defaultdict(set))

    def ancestors(self, term: NamedNode) -> frozenset[NamedNode]:
        """Give a class and all that is asserted to be above it."""
        found, open_ = {term}, [term]
        while open_:
            new = self.above.get(open_.pop(), set()) - found
            found |= new
            open_.extend(new)
        return frozenset(found)

    def holds(self, wanted: Range, term: NamedNode) -> bool:
        """Say whether a term is one of those that a column may hold."""
        if wanted.anything or not wanted.said or term in wanted.choices:
            return True
        if wanted.kinds and compact(term.value).partition(":")[0] in wanted.kinds:
            return True
        if self.schemes.get(term, set()).intersection(wanted.schemes):
            return True
        if wanted.below and term in self.above and self.ancestors(term).intersection(wanted.below):
            return True
        kinds = self.types.get(term, set()) if wanted.classes else set()
        return any(self.ancestors(kind).intersection(wanted.classes) for kind in kinds)

    def members(self, wanted: Range) -> list[NamedNode]:
        """List the terms with a label that a column may hold, those given outright first."""
        labelled = sorted({term for term, _ in self.labels} - set(wanted.choices), key=lambda term: term.value)
        found = () if wanted.anything or not wanted.said else (t for t in labelled if self.holds(wanted, t))
        return [*wanted.choices, *found]

    def label(self, term: NamedNode, language: str) -> str:
        """Give a term's label in a language, or else in English, or else its CURIE."""
        return self.labels.get((term, language)) or self.labels.get((term, "en")) or compact(term.value)

    def resolve(self, cell: str, wanted: Range) -> NamedNode:
        """Find the term that a name means, of those that a column may hold.

        By IRI or CURIE; else by label, synonym, symbol or slug as it is written; else the same with case, width, dashes
        and blanks set aside. Raises UnresolvedError where it means none, or several.
        """
        name = seen(cell)
        given = _given(name)
        if given is not None:
            return self._by_identifier(name, given, wanted)
        found = self._bearers(name, wanted)
        if len(found) == 1:
            return found[0]
        if found:
            several = " or ".join(self._told(term) for term in sorted(found, key=lambda term: term.value))
            raise UnresolvedError(f"{name!r} is ambiguous: it may mean {several}.")
        raise UnresolvedError(f"{name!r} is unknown here.{self._nearest(name, wanted)}")

    def written(self, term: NamedNode, wanted: Range, language: str, *, own: bool) -> str:
        """Give the name that shows a term in a column: its label, or slug where it is `own`, else its CURIE."""
        slug = term.value.rpartition("/")[2]
        for name in (slug,) if own else (self.labels.get((term, language)), self.labels.get((term, "en"))):
            usable = name and BETWEEN not in name and not odd(name) and _given(name) is None
            if name and usable and self._bearers(seen(name), wanted) == [term]:
                return name
        return identifier(term)

    def _bearers(self, name: str, wanted: Range) -> list[NamedNode]:
        """List the terms of a name that a column may hold: as written, or else with case and such set aside."""
        bearers = {t: ways for t, ways in self.called.get(folded(name), {}).items() if self.holds(wanted, t)}
        return [term for term, ways in bearers.items() if name in ways] or list(bearers)

    def _by_identifier(self, name: str, given: NamedNode, wanted: Range) -> NamedNode:
        if self.holds(wanted, given) and (wanted.anything or self._known(given)):
            return given
        bearers = [term for term in self.stands_for.get(given, ()) if self.holds(wanted, term)]
        if len(bearers) == 1:
            return bearers[0]
        if bearers:
            raise UnresolvedError(f"{name} is ambiguous: it stands for {' and '.join(map(self._told, bearers))}.")
        if self._known(given):
            raise UnresolvedError(f"{self._told(given)} is not of the kind that stands here.{self._examples(wanted)}")
        near = self._nearest(name.partition(":")[2].replace("-", " "), wanted)
        raise UnresolvedError(f"{name} is unknown: nothing here has that identifier.{near}")

    def _known(self, term: NamedNode) -> bool:
        return term in self.types or (term, "en") in self.labels or (term, "zh") in self.labels

    def _told(self, term: NamedNode) -> str:
        label = self.labels.get((term, "en"))
        return f"{label} ({compact(term.value)})" if label else compact(term.value)

    def _nearest(self, name: str, wanted: Range) -> str:
        """Say which names are most like one, of the terms that may stand there."""
        ways = {way: term for terms in self.called.values() for term in terms for way in terms[term]}
        fitting = [way for way, term in ways.items() if self.holds(wanted, term)]
        like = process.extract(
            name, fitting, scorer=fuzz.WRatio, processor=folded, limit=12, score_cutoff=LEAST_LIKENESS
        )
        near = list(dict.fromkeys(ways[way] for way, _, _ in like))[:MOST_CANDIDATES]
        return f" Nearest: {'; '.join(map(self._told, near))}." if near else self._examples(wanted)

    def _examples(self, wanted: Range) -> str:
        some = self.members(wanted)[:MOST_CANDIDATES]
        return f" One may write, for instance: {'; '.join(map(self._told, some))}." if some else ""


def gather(triples: Iterable[Triple], layout: Layout) -> Names:
    """Collect what triples say of the names, types and hierarchy of terms."""
    names = Names()
    add(names, triples, layout)
    return names


def add(names: Names, triples: Iterable[Triple], layout: Layout) -> None:
    """Put what some triples say into names."""
    for subject, predicate, value in _named(triples):
        if isinstance(value, Literal):
            if predicate == RDFS_LABEL:
                names.labels.setdefault((subject, value.language or "en"), value.value)
            if predicate in layout.names:
                _call(names, subject, value.value)
        elif predicate == RDF_TYPE:
            names.types[subject].add(value)
            names.above[subject] |= set()
            _call(names, subject, subject.value.rpartition("/")[2])
        elif predicate == RDFS_SUBCLASSOF:
            names.above[subject].add(value)
        elif predicate == _IN_SCHEME:
            names.schemes[subject].add(value)
        elif predicate in layout.matches:
            names.stands_for[value].add(subject)


def _named(triples: Iterable[Triple]) -> Iterator[tuple[NamedNode, NamedNode, NamedNode | Literal]]:
    for triple in triples:
        subject, value = triple.subject, triple.object
        if isinstance(subject, NamedNode) and isinstance(value, NamedNode | Literal):
            yield subject, triple.predicate, value


def _call(names: Names, term: NamedNode, name: str) -> None:
    names.called[folded(name)].setdefault(term, set()).add(name)


@lru_cache(maxsize=100_000)
def folded(name: str) -> str:
    """Set aside case, width, kinds of dashes and of blanks, and what nobody sees."""
    return " ".join(unicodedata.normalize("NFKC", seen(name)).translate(_DASHES).casefold().split())


def _given(name: str) -> NamedNode | None:
    """Read an IRI or a CURIE with a known prefix; None for any other name."""
    try:
        return expand(name)
    except UnknownNameError:
        return None


def identifier(term: NamedNode) -> str:
    """Give the CURIE of a term where it reads back as the term, or else its IRI."""
    short = compact(term.value)
    return short if _given(short) == term else term.value
