"""names: labels in both languages in, what a page calls a thing out. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from pyoxigraph import Literal, NamedNode

from exo_onto.pages import languages
from exo_onto.pages.asking import Asker, Row, text
from exo_onto.vocabulary import compact

_WORD: Final = re.compile(r"[a-z]{4}")


@dataclass(frozen=True)
class Name:
    """What one thing is called: by language (none: a label without one), and by its notation."""

    labels: Mapping[str, str] = field(default_factory=dict)
    notation: str = ""


@dataclass(frozen=True)
class Names:
    """What things are called in one language; where it has no word, in another, or else by their CURIE."""

    known: Mapping[str, Name]
    language: str

    def __call__(self, iri: str) -> str:
        """Name a thing whole."""
        labels = self.known.get(iri, Name()).labels
        if self.language in labels:
            return labels[self.language]
        standard = languages.standard(compact(iri), self.language)
        if standard:
            return standard
        return next((labels[language] for language in ("", "en", "zh") if language in labels), compact(iri))

    def short(self, iri: str) -> str:
        """Name a thing by its notation, where it has one; in Chinese, where that is a symbol and no English word."""
        notation = self.known.get(iri, Name()).notation
        symbol = notation if self.language == "en" or not _WORD.search(notation) else ""
        return symbol or self(iri)

    def language_of(self, iri: str) -> str:
        """Say which language the name is in, where it is not the page's: what reads it aloud must know."""
        labels = self.known.get(iri, Name()).labels
        if self.language in labels or "" in labels or languages.standard(compact(iri), self.language):
            return ""
        return next((language for language in ("en", "zh") if language in labels), "")


async def named(asker: Asker, things: Iterable[str], language: str) -> Names:
    """Look up what some things are called."""
    wanted = [NamedNode(iri) for iri in sorted(set(things))]
    return Names(gathered(await asker.rows("names", thing=wanted)) if wanted else {}, language)


def gathered(rows: Iterable[Row]) -> dict[str, Name]:
    """Gather names from rows of a thing and its label or notation."""
    labels: dict[str, dict[str, str]] = {}
    notations: dict[str, str] = {}
    for row in rows:
        thing, label = text(row.get("thing")), row.get("label")
        if isinstance(label, Literal):
            labels.setdefault(thing, {}).setdefault(label.language or "", label.value)
        if "notation" in row:
            notations.setdefault(thing, text(row["notation"]))
    return {thing: Name(labels.get(thing, {}), notations.get(thing, "")) for thing in labels.keys() | notations.keys()}
