"""baseline: diagnostics in, fingerprints that outlast a change of lines out; what is known told from what is new. Pure.

An old repository has a thousand findings on the first day. A baseline notes them, and from then on only new ones
count. A fingerprint is made of the code and of what the diagnostic is about (a term, its property, its value), never of
a line, a file or a wording; the second finding with the same makings has the fingerprint of the first with `-2` after.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from exo_onto.diagnose import Diagnostic

VERSION = 1
_LENGTH = 20
"""Hexadecimal digits: 80 bits, so that among a million findings no two are likely to meet."""


class BaselineError(ValueError):
    """The text is no baseline."""


@dataclass(frozen=True)
class Known:
    """The diagnostics that a baseline does not have, how many it has, and how many of its own are gone."""

    fresh: tuple[Diagnostic, ...]
    known: int
    gone: int


def fingerprints(found: Iterable[Diagnostic]) -> Iterator[str]:
    """Give the fingerprint of each diagnostic, in their order."""
    seen: Counter[str] = Counter()
    for each in found:
        makings = "\0".join((each.code, *(each.about or (each.what,))))
        base = hashlib.sha256(makings.encode("utf-8", "surrogatepass")).hexdigest()[:_LENGTH]
        seen[base] += 1
        yield base if seen[base] == 1 else f"{base}-{seen[base]}"


def write(found: Iterable[Diagnostic]) -> str:
    """Write a baseline: JSON, sorted, one finding a line, so that a merge of two is readable."""
    told = tuple(found)
    lines = sorted(
        (each.code, mark, each.place.file if each.place else "")
        for each, mark in zip(told, fingerprints(told), strict=True)
    )
    rows = ",\n".join(
        "  " + json.dumps({"code": code, "fingerprint": mark, "file": file}, ensure_ascii=False)
        for code, mark, file in lines
    )
    return f'{{"version": {VERSION}, "known": [\n{rows}\n]}}\n' if rows else f'{{"version": {VERSION}, "known": []}}\n'


def read(text: str) -> frozenset[str]:
    """Read the fingerprints of a baseline.

    Raises BaselineError where the text is none.
    """
    try:
        told = json.loads(text)
        if told["version"] != VERSION:
            raise BaselineError(f"it is of version {told['version']}, and this exo-onto knows version {VERSION}")
        return frozenset(str(each["fingerprint"]) for each in told["known"])
    except (ValueError, KeyError, TypeError) as error:
        if isinstance(error, BaselineError):
            raise
        raise BaselineError("it is no baseline: it was not written by --write-baseline, or not whole") from error


def compare(found: Iterable[Diagnostic], known: frozenset[str]) -> Known:
    """Part what is new from what a baseline knows."""
    told = tuple(found)
    marks = tuple(fingerprints(told))
    fresh = tuple(each for each, mark in zip(told, marks, strict=True) if mark not in known)
    return Known(fresh, len(told) - len(fresh), len(known - set(marks)))
