"""obo: the text of an OBO file in, an ontology of py-horned-owl and what it says of itself out. Pure.

Files of good standing hold lines that the grammar of OBO 1.4 refuses: an `xref` that is no identifier, an unquoted
`property_value`. They say nothing that we take, so they are dropped, each with a warning, and the file is tried again.
In the last stanza nothing is dropped: there it is more likely that the file is cut short.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pyhornedowl

from exo_onto.links import axioms
from exo_onto.links.names import curie, prefix_of
from exo_onto.links.terms import DamagedError, Header, Term
from exo_onto.vocabulary import OBO

MOST_REPAIRS: Final = 500
"""How many lines of a file may be dropped: what has more is another file than it says."""

_NEEDED: Final = {"format-version", "ontology"}
_DROPPED: Final = ("xref", "property_value")
_STANZA: Final = re.compile(r"^\[\w+\][ \t\r]*$", re.MULTILINE)
_PLACE: Final = re.compile(r"line_col: (?:Pos|Span)\(\(+(\d+), (\d+)\)")
_DATE: Final = re.compile(r"(\d{2}):(\d{2}):(\d{4})")
_ISO_DATE: Final = re.compile(r"\d{4}-\d{2}(?:-\d{2})?")


@dataclass(frozen=True)
class Parsed:
    """An OBO file as py-horned-owl has it, its terms, and which lines were dropped for that."""

    ontology: pyhornedowl.PyIndexedOntology
    terms: Mapping[str, Term]
    warnings: tuple[str, ...]


def parse(text: str, name: str) -> Parsed:
    """Parse OBO text; `name` is what errors call it.

    Raises DamagedError, with line and column, for what is refused and may not be dropped, and for a file with a hole.
    """
    if not text.endswith("\n"):
        line = text.count("\n") + 1
        raise DamagedError(f"{name}:{line}: The file is cut short: its last line has no end. Fetch it again.")
    lines = text.replace("\r\n", "\n").split("\n")
    stanzas = [number for number, line in enumerate(lines) if _STANZA.match(line)]
    if not stanzas:
        raise DamagedError(f"{name}: The OBO file has no stanza, so no term. Fetch it again.")
    parsed = _repaired(lines, stanzas, name)
    cut = missing(parsed.terms)
    if cut:
        raise DamagedError(f"{name}:{len(lines) - 1}: {cut}")
    return parsed


def _repaired(lines: list[str], stanzas: list[int], name: str) -> Parsed:
    """Blank the lines that are refused and may be spared, and tell them.

    The parser tells one fault at a time, so each try begins with the stanza of the last one, and the whole is tried
    again when the rest is read.
    """
    first = begin = stanzas[0]
    warnings: dict[int, str] = {}
    while True:
        text = "\n".join(lines[:first] + lines[begin:])
        try:
            ontology = pyhornedowl.open_ontology_from_string(text, serialization="obo")
        except ValueError as error:
            number, column = _place(str(error), name)
            number += begin - first if number >= first else 0
            warnings[number] = _drop(lines, number, column, name, stanzas, spent=len(warnings))
            begin = max((each for each in stanzas if each <= number), default=first)
        else:
            if begin == first:
                return Parsed(ontology, axioms.terms(ontology), tuple(warnings[each] for each in sorted(warnings)))
            begin = first


def _place(message: str, name: str) -> tuple[int, int]:
    """Find where the parser stopped: the index of the line, and the column."""
    found = _PLACE.search(message)
    if not found:
        raise DamagedError(f"{name}: py-horned-owl cannot read the OBO: {_without_rust(message)}")
    return int(found[1]) - 1, int(found[2])


def _without_rust(message: object) -> str:
    return re.sub(r"\(Error \{.*", "", str(message))[:200]


def _drop(lines: list[str], number: int, column: int, name: str, stanzas: list[int], *, spent: int) -> str:  # noqa: PLR0913
    """Blank the line that was refused where it may be spared, and tell it; refuse the file where not."""
    line = lines[number] if number < len(lines) else ""
    tag = re.split(r"[:\s]", line.strip())[0]
    header = number < stanzas[0] and tag not in _NEEDED
    spared = header or (tag in _DROPPED and number < stanzas[-1])
    if not spared or not tag or spent >= MOST_REPAIRS:
        told = repr(line[:80]) if line else "nothing follows"
        raise DamagedError(
            f"{name}:{number + 1}:{column}: The OBO is broken or cut short there: {told}. Fetch it again."
        )
    lines[number] = "!"  # a comment, so that all others keep their numbers
    return f"{name}:{number + 1}: dropped a line that OBO 1.4 does not allow: {line[:80]}"


def header(text: str) -> Header:
    """Read what the lines above the first stanza say of the ontology: py-horned-owl keeps not all of it."""
    first = _STANZA.search(text)
    tags: dict[str, str] = {}
    for line in text[: first.start() if first else 0].splitlines():
        tag, _, value = line.partition(":")
        if tag == "property_value":
            tag, _, value = value.strip().partition(" ")
            tag = re.split(r"[/:#]", tag)[-1]
            value = re.sub(r'^"(.*)"(?: \S+)?$', r"\1", value)
        tags.setdefault(tag.strip(), value.strip())
    version = tags.get("data-version") or tags.get("versionInfo")
    return Header(
        iri=_purl(tags.get("ontology")),
        version=version and version.removeprefix("releases/"),
        date=_date(version, tags.get("date"), tags.get("source")),
        title=tags.get("title"),
        licence=tags.get("license"),
        imports="import" in tags,
    )


def _purl(name: str | None) -> str | None:
    """Give the IRI of an ontology that OBO names in short (OBO 1.4 syntax, section 5.1: `go` is `obo/go.owl`)."""
    return name if name is None or "://" in name else f"{OBO}{name}.owl"


def _date(*told: str | None) -> str | None:
    """Give the first date that is told, year first."""
    for each in told:
        iso = _ISO_DATE.search(each or "")
        day = _DATE.search(each or "")
        if iso or day:
            return iso[0] if iso else f"{day[3]}-{day[2]}-{day[1]}" if day else None
    return None


def missing(terms: Mapping[str, Term]) -> str | None:
    """Say what an OBO file lacks that is cut short between two lines: terms of its own are below one that is not there.

    None where nothing is missing. No OBO file in use has such a hole, imports and slims of good making included.
    """
    prefixes = Counter(prefix_of(iri) for iri in terms)
    home = prefixes.most_common(1)[0][0] if prefixes else None
    for term in terms.values():
        for above in term.parents:
            if home is not None and prefix_of(above) == home and above not in terms:
                return (
                    f"The file ends there and has no stanza for {curie(above)}, which {curie(term.iri)} is below: "
                    "it is cut short. Fetch it again."
                )
    return None
