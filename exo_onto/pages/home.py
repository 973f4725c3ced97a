"""home: what is said of the snapshot and how much it holds in, the view of the first page out. Pure."""

from collections.abc import Iterable

from pyoxigraph import Literal

from exo_onto.pages.asking import Row, number, text
from exo_onto.pages.visits import View

KINDS = ("studies", "preparations", "activities", "molecules", "mechanisms", "references", "claims")
_REVIEW = ("title", "authors", "journal", "year", "volume", "number", "pages", "doi")
SAID = ("issued", "title", "description", "creator", "license", "version", *(f"review {each}" for each in _REVIEW))
"""What a page may say of the snapshot, where the store does."""


def view(figures: Iterable[Row], said: Iterable[Row], language: str) -> View:
    """Put figures in order, and choose what is said in a language."""
    counted = {text(row["kind"]): number(row["number"]) for row in figures}
    told = dict.fromkeys(SAID, "")
    for row in said:
        value = row["value"]
        if not isinstance(value, Literal) or value.language in (None, language):
            told[text(row["about"])] = text(value)
    return {"figures": [(kind, counted.get(kind, 0)) for kind in KINDS], "said": told}
