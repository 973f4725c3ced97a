"""merge: what several sources say of terms in; for each term one account, and who gives which part of it, out. Pure.

Sources of one ontology differ in age and in how much they hold: a full release of 2024, a slice of 2026 that leaves the
steps between out, a record that was kept. These rules make one account of them:

1. An ontology's own files speak of its terms; what others import of it is heard where these are silent. A newer version
   of a file takes the older one's place.
2. The newest that has a term decides what it is called, and whether it is withdrawn. Where that is a record that was
   kept, and not a file, the term stays as it was, with what the record has of the files that are given again.
3. What an older one adds (a parent, a relation) holds, unless a newer one of the ontology's own has both ends and does
   not say it, or calls the term by another name: then its meaning may have changed.
4. A file that leaves out what it imports, as those of editors do, denies nothing by its silence and takes nobody's
   place; nor does one record against another.
5. A parent that is withdrawn is replaced by its one replacement, or dropped.
6. Parents that are above another parent are not written.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Final

from exo_onto.links.names import prefix_of
from exo_onto.links.terms import Header, Relation, Term

_MOST_REPLACED: Final = 20
"""How often in a row a term may have been replaced."""


@dataclass(frozen=True, order=True)
class Origin:
    """Where statements come from: an ontology in one version, and the file that held it."""

    name: str
    header: Header = field(compare=False)
    sha256: str | None = field(default=None, compare=False)
    file: str | None = field(default=None, compare=False)

    @property
    def age(self) -> tuple[str, str]:
        """The later, the newer; of the same day, by name."""
        return (self.header.date or "", self.name)


@dataclass(frozen=True, eq=False)
class Voice:
    """What one source says of terms."""

    origin: Origin
    terms: Mapping[str, Term]
    given: bool = True

    @property
    def whole(self) -> bool:
        """Say whether the file holds all that the ontology says: not where it leaves out what it imports."""
        return not self.origin.header.imports

    def outdates(self, older: "Voice") -> bool:
        """Say whether its silence counts against an older source: what was kept of both stays side by side."""
        return self.whole and (self.given or older.given)

    def speaks_for(self, prefix: str) -> bool:
        """Say whether the source is of the ontology itself that owns the prefix."""
        return prefix.lower() in homes(self.origin.header.iri)


@dataclass(frozen=True)
class Account:
    """What is written of a term, and which origin each part of it has."""

    term: Term
    origin: Origin
    parents: Mapping[str, Origin]
    relations: Mapping[Relation, Origin]


def homes(iri: str | None) -> frozenset[str]:
    """Give the prefixes, in small letters, that an ontology owns, by its IRI.

    `obo/uberon/musculoskeletal.owl` is of UBERON, and an import is of what it imports: `efo/imports/go_import.owl`
    of GO.
    """
    path = (iri or "").partition("://")[2] or (iri or "")
    steps = [step.removesuffix(".owl").removesuffix(".json").removesuffix(".obo") for step in path.split("/")]
    if "imports" in steps:
        steps = steps[-1:]
    return frozenset(step.removesuffix("_import").lower() for step in steps)


class Merger:
    """Makes one account of each term from what the sources say."""

    def __init__(self, voices: Iterable[Voice], relations: Iterable[str]) -> None:
        """Hear the newest first; of relations, only those chosen."""
        self._voices = tuple(sorted(voices, key=lambda voice: voice.origin.age, reverse=True))
        self._given = frozenset(voice.origin.sha256 for voice in self._voices if voice.given) - {None}
        self._chosen = frozenset(relations)
        self._used = {voice: _relations_of(voice) for voice in self._voices}
        self._above = cache(self._ancestors)

    def account(self, iri: str) -> Account | None:
        """Give the account of a term; None where no source has it."""
        voices = self.voices(iri)
        if not voices:
            return None
        term, origin = voices[0].terms[iri], voices[0].origin
        if term.obsolete:
            return Account(replace(term, parents=(), relations=()), origin, {}, {})
        inverses = {each for voice in voices for each in voice.terms[iri].inverses}
        term = replace(term, inverses=tuple(sorted(inverses)))
        return Account(term, origin, self._parents(iri, voices), self._relations(iri, voices))

    def voices(self, iri: str) -> tuple[Voice, ...]:
        """Give the sources that are heard of a term, the newest first."""
        prefix = prefix_of(iri) or ""
        having = [voice for voice in self._voices if iri in voice.terms]
        own = [voice for voice in having if voice.speaks_for(prefix)]
        heard: list[Voice] = []
        for voice in self._as_of_now(own or having):
            older = voice.origin.header.iri
            if older is None or not any(each.origin.header.iri == older and each.outdates(voice) for each in heard):
                heard.append(voice)
        return tuple(heard)

    def _as_of_now(self, voices: list[Voice]) -> list[Voice]:
        """Leave out the files where what was kept is newer; else, what was kept of the files that are given again."""
        newest = next((voice for voice in voices if not self._is_repeated(voice)), None)
        stays = newest is not None and not newest.given
        return [voice for voice in voices if not (voice.given if stays else self._is_repeated(voice))]

    def _is_repeated(self, voice: Voice) -> bool:
        return not voice.given and voice.origin.sha256 in self._given

    def current(self, iri: str) -> str | None:
        """Give a term, or what it was replaced by where it is withdrawn; None where nothing is known of that."""
        for _ in range(_MOST_REPLACED):
            voices = self.voices(iri)
            if not voices:
                return None
            term = voices[0].terms[iri]
            if not term.obsolete:
                return iri
            if len(term.replacements) != 1:
                return None
            (iri,) = term.replacements
        return None

    def _parents(self, iri: str, voices: tuple[Voice, ...]) -> dict[str, Origin]:
        found: dict[str, Origin] = {}
        for voice, newer in _trusted(iri, voices):
            for stated in voice.terms[iri].parents:
                above = self.current(stated)
                if above is None or above in found or above == iri:
                    continue
                denied = any(above in each.terms and above not in self._above(each, iri) for each in newer)
                circular = any(above in each.terms and iri in self._above(each, above) for each in self._voices)
                if not denied and not circular:
                    found[above] = voice.origin
        return found

    def _relations(self, iri: str, voices: tuple[Voice, ...]) -> dict[Relation, Origin]:
        found: dict[Relation, Origin] = {}
        for voice, newer in _trusted(iri, voices):
            for stated in voice.terms[iri].relations:
                target = self.current(stated.target) if stated.relation in self._chosen else None
                if target is None or target == iri:
                    continue
                relation = Relation(stated.relation, target)
                denied = any(target in each.terms and relation.relation in self._used[each] for each in newer)
                if not denied:
                    found.setdefault(relation, voice.origin)
        return found

    def _ancestors(self, voice: Voice, iri: str) -> frozenset[str]:
        """Give all that is above a term by one source."""
        return reach(iri, lambda each: voice.terms[each].parents if each in voice.terms else ())


def reach(start: str, above: Callable[[str], Iterable[str]]) -> frozenset[str]:
    """Give all that is reached from a term, itself only where a circle leads back to it."""
    seen: set[str] = set()
    todo = list(above(start))
    while todo:
        each = todo.pop()
        if each not in seen:
            seen.add(each)
            todo.extend(above(each))
    return frozenset(seen)


def _trusted(iri: str, voices: tuple[Voice, ...]) -> Iterator[tuple[Voice, list[Voice]]]:
    """Yield the sources that call a term as all newer ones do, each with the newer ones of the ontology's own."""
    prefix = prefix_of(iri) or ""
    newer: list[Voice] = []
    for voice in voices:
        if all(each.terms[iri].label == voice.terms[iri].label for each in newer):
            yield voice, [each for each in newer if each.speaks_for(prefix) and each.outdates(voice)]
        newer.append(voice)


def _relations_of(voice: Voice) -> frozenset[str]:
    return frozenset(each.relation for term in voice.terms.values() for each in term.relations)


def gathered(start: Iterable[str], merger: Merger) -> dict[str, Account]:
    """Give the accounts of terms and of all that they lead to: ancestors, ends of relations, replacements."""
    found: dict[str, Account] = {}
    todo = sorted(start)
    while todo:
        iri = todo.pop()
        account = None if iri in found else merger.account(iri)
        if account is not None:
            found[iri] = account
            todo += [*account.parents, *(each.target for each in account.relations), *account.term.replacements]
    return _reduced(found)


def _reduced(accounts: Mapping[str, Account]) -> dict[str, Account]:
    """Leave out parents that are above another parent."""

    def above(iri: str) -> Iterable[str]:
        return accounts[iri].parents if iri in accounts else ()

    reached = {iri: reach(iri, above) for iri in accounts}
    reduced: dict[str, Account] = {}
    for iri, account in accounts.items():
        parents = {
            one: origin
            for one, origin in account.parents.items()
            if not any(one in reached[other] and other not in reached[one] for other in account.parents if other != one)
        }
        reduced[iri] = replace(account, parents=parents)
    return reduced
