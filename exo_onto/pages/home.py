"""home: what is said of the snapshot in, the view of the first page out."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pyoxigraph import Literal

from exo_onto.pages.asking import number, text

if TYPE_CHECKING:
    from exo_onto.pages.routes import Visit

KINDS = ("studies", "preparations", "activities", "molecules", "mechanisms", "references", "claims")


async def load(visit: "Visit") -> Mapping[str, object]:
    """Ask for the figures and what is said of the snapshot."""
    figures, said = await asyncio.gather(visit.asker.rows("figures"), visit.asker.rows("snapshot"))
    counted = {text(row["kind"]): number(row["number"]) for row in figures}
    told: dict[str, str] = {}
    for row in said:
        value = row["value"]
        if not isinstance(value, Literal) or value.language in (None, visit.reader.language):
            told[text(row["about"])] = text(value)
    return {"figures": [(kind, counted.get(kind, 0)) for kind in KINDS], "said": told}
