"""blocks: the text of a Turtle file and blocks of things in, the text with these blocks changed out. Pure.

All else stays as it was written: comments, order, blank lines. Whoever calls sees that the text reads as was meant.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pyoxigraph import NamedNode

from exo_onto.tables.story import UntellableError
from exo_onto.vocabulary import PREFIXES, compact

_PREFIX = re.compile(r"^@prefix (\S*): <\S*> \.\n", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """The text of one thing, the prefixes that it uses, and whether the file has a block of it."""

    thing: NamedNode
    text: str
    prefixes: frozenset[str]
    replaces: bool


def edited(text: str, blocks: Iterable[Block]) -> str:
    """Put blocks in the place of those of the same things, and new ones at the end.

    Raises UntellableError where a thing's block is not to be found as one that begins a line and ends one.
    """
    for block in blocks:
        text = _declared(text, sorted(block.prefixes, key=str.lower))
        text = _replaced(text, block) if block.replaces else f"{text.rstrip()}\n\n{block.text}"
    return text


def _declared(text: str, prefixes: Sequence[str]) -> str:
    """Declare the prefixes that a file lacks, after those that it has."""
    declared = list(_PREFIX.finditer(text))
    missing = set(prefixes) - {found[1] for found in declared}
    lines = "".join(f"@prefix {each}: <{PREFIXES[each]}> .\n" for each in prefixes if each in missing)
    at = declared[-1].end() if declared else 0
    return text[:at] + lines + text[at:]


def _replaced(text: str, block: Block) -> str:
    names = "|".join(map(re.escape, (compact(block.thing.value), f"<{block.thing.value}>")))
    found = list(re.finditer(rf"^(?:{names})\s.*?\s?\.\n(?=\n|\Z)", text, re.MULTILINE | re.DOTALL))
    if len(found) != 1:
        raise UntellableError(f"{compact(block.thing.value)} does not stand in one block of its own.")
    return text[: found[0].start()] + block.text + text[found[0].end() :]
