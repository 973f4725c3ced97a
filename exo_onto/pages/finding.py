"""finding: every name, synonym and identifier in, those that match some words out, the best first. Pure.

All texts stand in one string, a line each, and are looked through at once: a hundred thousand take a few milliseconds.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from pyoxigraph import Literal

from exo_onto.pages import languages
from exo_onto.pages.asking import Row, text
from exo_onto.pages.names import Name, Names
from exo_onto.vocabulary import base_of, compact

MOST_TYPED: Final = 100
"""Characters of a search that are read."""
MUCH: Final = 1_000_000
"""Characters from which on it is not looked through at once."""
_MOST_SEEN: Final = 5_000
_KINDS_FIRST: Final = ("study", "entity", "mechanism", "term", "reference", "preparation", "stressor", "hallmark")


@dataclass(frozen=True)
class Found:
    """A thing that matches, and the text by which it does."""

    iri: str
    text: str
    kind: str


@dataclass(frozen=True)
class Finder:
    """All that can be found, in one string; `starts` are the offsets of its lines."""

    iris: tuple[str, ...]
    texts: tuple[str, ...]
    haystack: str
    starts: tuple[int, ...]
    known: dict[str, Name]

    def find(self, typed: str, *, most: int) -> tuple[Found, ...]:
        """Give the things that have all of some words in one of their texts: whole texts first, then beginnings."""
        words = folded(typed[:MOST_TYPED]).split()
        if not words:
            return ()
        whole = " ".join(words)
        best: dict[str, tuple[tuple[int, int, int, str], int]] = {}
        for line in self._lines(max(words, key=len)):
            said = self._line(line)
            if all(word in said for word in words):
                iri = self.iris[line]
                rank = (_closeness(said, whole, words), _order(kind_of(iri)), len(said), said)
                if iri not in best or rank < best[iri][0]:
                    best[iri] = (rank, line)
        ranked = sorted(best.items(), key=lambda item: (item[1][0], item[0]))[:most]
        return tuple(Found(iri, self.texts[line], kind_of(iri)) for iri, (_, line) in ranked)

    def names(self, language: str) -> Names:
        """Give what things are called."""
        return Names(self.known, language)

    def _line(self, number: int) -> str:
        return self.haystack[self.starts[number] : self.starts[number + 1] - 1]

    def _lines(self, word: str) -> Iterable[int]:
        position = self.haystack.find(word)
        for _ in range(_MOST_SEEN):
            if position < 0:
                return
            line = bisect_right(self.starts, position) - 1
            yield line
            position = self.haystack.find(word, self.starts[line + 1])


def finder(rows: Iterable[Row]) -> Finder:
    """Gather what can be found from rows of a thing, a text, and how the text belongs to it."""
    lines: dict[tuple[str, str], None] = {}
    labels: dict[str, dict[str, str]] = {}
    notations: dict[str, str] = {}
    for row in rows:
        iri, how, term = text(row["thing"]), text(row["how"]), row["text"]
        said = compact(text(term)) if how == "match" else text(term)
        lines[iri, said] = None
        lines[iri, compact(iri)] = None
        if how == "label" and isinstance(term, Literal):
            called, language = labels.setdefault(iri, {}), term.language or ""
            called[language] = min(said, called.get(language, said))
        if how == "notation":
            notations[iri] = min(said, notations.get(iri, said))
    ready = [folded(said) for _, said in lines]
    starts = tuple(accumulate((len(each) + 1 for each in ready), initial=0))
    known = {iri: Name(labels.get(iri, {}), notations.get(iri, "")) for iri in labels.keys() | notations.keys()}
    iris, texts = tuple(iri for iri, _ in lines), tuple(said for _, said in lines)
    return Finder(iris, texts, "".join(f"{each}\n" for each in ready), starts, known)


def covered(iri: str) -> bool:
    """Tell whether a thing is among those that can be found, if it has a name."""
    return iri.startswith("http") and "/.well-known/" not in iri


def folded(said: str) -> str:
    """Write a text as it is compared: compatible characters as one, without case, on one line."""
    return " ".join(unicodedata.normalize("NFKC", said).casefold().split())


def kind_of(iri: str) -> str:
    """Say what kind of thing an IRI names, by its place: `study`, `entity`, ...; `term` for a class or property.

    `other` is what has a place that we have no word for: data may name what it likes.
    """
    base = base_of(iri)
    kind, slash, rest = iri.removeprefix(base or iri).partition("/")
    if not (slash and rest):
        return "term"
    return kind if kind in languages.kinds() else "other"


def _order(kind: str) -> int:
    return _KINDS_FIRST.index(kind) if kind in _KINDS_FIRST else len(_KINDS_FIRST)


def _closeness(said: str, whole: str, words: list[str]) -> int:
    if said == whole:
        return 0
    if said.startswith(whole):
        return 1
    if re.search(rf"\b{re.escape(whole)}", said):
        return 2
    return 3 if all(re.search(rf"\b{re.escape(word)}", said) for word in words) else 4
