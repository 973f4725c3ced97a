"""lines: the text of an ontology in any format in, the line of each term out. Pure.

A parser of OWL or OBO keeps no lines. Every format names a term where it speaks of it first of all, by its IRI, by a
CURIE or by an OBO identifier; so the text is read once, and each name is noted with its lines.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from exo_onto.vocabulary import OBO, PREFIXES

_DECLARED_PREFIX = re.compile(
    r"""(?im)^\s*@?prefix(?:\(|\s+)\s*([\w.-]*):\s*=?\s*<([^>\s]+)>"""  # Turtle, SPARQL, OWL functional
    r"""|xmlns:([\w.-]+)\s*=\s*["']([^"']+)["']"""  # RDF/XML
    r"""|<Prefix\s+name="([\w.-]*)"\s+IRI="([^"]+)"\s*/>"""  # OWL/XML
    r"""|<!ENTITY\s+([\w.-]+)\s+"([^"]+)"\s*>"""
)
_DEFINING = re.compile(
    r"""^\#\s[A-Z][\w ]*:\s(?P<heading>\S+)\s\(.*\)$"""  # OWL functional, as the OWL API writes it
    r"""|^id:\s*(?P<obo>\S+)"""
    r"""|rdf:(?:about|ID)\s*=\s*["'](?P<about>[^"']+)["']"""
    r"""|\bDeclaration\(\s*\w+\(\s*(?P<declared>[^\s)]+)\s*\)"""
    r"""|"(?:@id|id)"\s*:\s*"(?P<json>[^"]+)\""""
    r"""|^(?P<subject><[^>\s]+>|[\w.-]*:[\w.%-]+)(?=\s|$)"""
)
_NAME = re.compile(r"""<([^<>\s"]+)>|["']([^"'\s]+)["']|((?:&[\w.-]+;|[\w.-]*:)[\w.%-]+)""")
_ENTITY = re.compile(r"^&([\w.-]+);(.*)$")
_FURTHEST = 400
"""How many lines below the name of a term a value of it is looked for."""
_LONGEST = 60
"""How much of a value is looked for: formats break and escape what is longer."""


@dataclass(frozen=True)
class Lines:
    """The text of a file, and on which line each IRI is defined or first mentioned; lines count from 1."""

    text: str

    @cached_property
    def _rows(self) -> tuple[str, ...]:
        return tuple(self.text.split("\n"))

    @cached_property
    def _prefixes(self) -> Mapping[str, str]:
        found = {}
        for match in _DECLARED_PREFIX.finditer(self.text):
            prefix, namespace = (part for part in match.groups() if part is not None)
            found[prefix] = namespace
        return MappingProxyType({**PREFIXES, **found})

    @cached_property
    def _defined(self) -> Mapping[str, int]:
        found: dict[str, int] = {}
        for number, row in enumerate(self._rows, 1):
            for match in _DEFINING.finditer(row):
                name = next(part for part in match.groups() if part is not None)
                for iri in self._expanded(name):
                    if match["heading"] is not None:
                        found[iri] = number
                    found.setdefault(iri, number)
        return found

    @cached_property
    def _mentioned(self) -> Mapping[str, int]:
        found: dict[str, int] = {}
        for number, row in enumerate(self._rows, 1):
            for match in _NAME.finditer(row):
                name = next(part for part in match.groups() if part is not None)
                for iri in self._expanded(name):
                    found.setdefault(iri, number)
        return found

    def definition(self, iri: str) -> int | None:
        """Give the line on which a term is introduced; OBO names some by what follows the # of their IRI alone."""
        return self._defined.get(iri) or self._defined.get(f"#{iri.rpartition('#')[2]}")

    def mention(self, iri: str) -> int | None:
        """Give the line on which a term is first spoken of."""
        return self._mentioned.get(iri)

    def value(self, iri: str, value: str) -> int | None:
        """Give the line below the introduction of a term, and before the next, on which a value of it stands."""
        start = self.definition(iri)
        wanted = [form for form in _forms(value) if form]
        if start is None or not wanted:
            return None
        for number in range(start, min(start + _FURTHEST, len(self._rows)) + 1):
            row = self._rows[number - 1]
            if number > start and number in self._starts:
                return None
            if any(form in row for form in wanted) and not row.startswith("# "):
                return number
        return None

    @cached_property
    def _starts(self) -> frozenset[int]:
        return frozenset(self._defined.values())

    def _expanded(self, name: str) -> Iterator[str]:
        """Give the IRIs that a name may stand for."""
        name = name.removeprefix("<").removesuffix(">")
        entity = _ENTITY.match(name)
        if entity:
            yield f"{self._prefixes.get(entity[1], '')}{entity[2]}"
            return
        prefix, colon, local = name.partition(":")
        if not colon:
            yield f"#{name.removeprefix('#')}"
            return
        if local.startswith("//"):
            yield name
        elif prefix in self._prefixes:
            yield self._prefixes[prefix] + local
        else:
            yield f"{OBO}{prefix}_{local}"
            yield name


def _forms(value: str) -> Iterator[str]:
    """Give how a value may be written: as it is, or an IRI by its last part, which a CURIE ends in."""
    first = value.partition("\n")[0][:_LONGEST]
    yield first
    if re.match(r"https?://\S+$", value):
        tail = re.split(r"[#/]", value)[-1]
        yield tail
        yield tail.replace("_", ":", 1)
