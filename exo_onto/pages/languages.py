"""languages: what a browser accepts and has been told in, a language and its sentences out. Pure, but for its file.

Every sentence of the pages is in words.toml, in each language; what stands above our terms elsewhere, in borrowed.toml.
The language is the one chosen by the switch, else the first of ours that the browser accepts (RFC 9110, section
12.5.4), else English.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

LANGUAGES: Final = {"en": "English", "zh": "中文"}
TAGS: Final = {"en": "en", "zh": "zh-Hans"}
"""How a page names its language (BCP 47)."""
COOKIE: Final = "exo-onto-language"
_FIRST: Final = "en"
_MOST: Final = 1_000
"""Characters of a header that are read."""


class MissingWordsError(KeyError):
    """A page asks for a sentence that words.toml does not have."""


@dataclass(frozen=True)
class Words:
    """The sentences of one language."""

    language: str

    def __call__(self, key: str, **values: object) -> str:
        """Give a sentence, with values in its gaps. Raises MissingWordsError."""
        try:
            said = _sentences()[key][self.language]
        except KeyError as error:
            raise MissingWordsError(key) from error
        return said.format(**values) if values else said

    def place(self, said: str) -> str:
        """Say where in the review something stands: the number of a section, or one of the places that have a name."""
        return _sentences().get(f"place.{said}", {}).get(self.language, said)


def chosen(told: str | None, kept: str | None, accepted: str | None) -> str:
    """Choose a language by the address, the cookie and the header, in this order."""
    for wish in (told, kept):
        if wish in LANGUAGES:
            return str(wish)
    ranked = sorted(_accepted((accepted or "")[:_MOST]), key=lambda pair: -pair[1])
    return next((language for language, weight in ranked if weight > 0), _FIRST)


def standard(curie: str, language: str) -> str:
    """Name a term of RDF, OWL, SKOS or a borrowed hierarchy, which come without labels in Chinese; or give nothing."""
    said = _sentences().get(f"standard.{curie}", {}).get(language, "")
    return said or (_borrowed().get(curie, "") if language == "zh" else "")


@cache
def kinds() -> frozenset[str]:
    """Give the kinds of things that have a word."""
    return frozenset(key.removeprefix("kind.") for key in _sentences() if key.startswith("kind."))


def _accepted(header: str) -> list[tuple[str, float]]:
    found: list[tuple[str, float]] = []
    for part in header.split(","):
        tag, _, weight = part.partition(";")
        language = tag.strip().lower().partition("-")[0]
        if language in LANGUAGES or language == "*":
            found.append((_FIRST if language == "*" else language, _quality(weight)))
    return found


def _quality(weight: str) -> float:
    name, _, value = weight.strip().partition("=")
    try:
        return float(value) if name.strip().lower() == "q" else 1.0
    except ValueError:
        return 0.0


@cache
def _sentences() -> Mapping[str, Mapping[str, str]]:
    return {f"{page}.{name}": said for page, told in _read("words").items() for name, said in told.items()}


@cache
def _borrowed() -> Mapping[str, str]:
    return {f"{prefix}:{local}": name for prefix, told in _read("borrowed").items() for local, name in told.items()}


def _read(name: str) -> dict[str, dict[str, Any]]:
    return tomllib.loads(resources.files("exo_onto.pages").joinpath(f"{name}.toml").read_text("utf-8"))
