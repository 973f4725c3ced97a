"""identifiers: an IRI in, the registry whose identifier it is and whether it is well-formed out. Pure.

The Bioregistry (Hoyt et al. 2022, doi 10.1038/s41597-022-01807-3) says which registries there are and how their
identifiers look. Its package carries it, so nothing is asked of the network.
"""

import importlib
import re
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

_FORMS: Final = (
    re.compile(r"https?://purl\.obolibrary\.org/obo/(?P<prefix>[A-Za-z]+(?:\.[A-Za-z]+)*)_(?P<local>[^/#?]*)"),
    re.compile(r"https?://identifiers\.org/(?P<prefix>[A-Za-z0-9_.-]+)[:/](?P<local>[^/#?]*)"),
    re.compile(r"https?://bioregistry\.io/(?P<prefix>[A-Za-z0-9_.-]+):(?P<local>[^/#?]*)"),
    re.compile(r"https?://www\.ebi\.ac\.uk/efo/(?P<prefix>EFO)_(?P<local>[^/#?]*)"),
)
"""How IRIs are made of prefix and local identifier: OBO Foundry ID policy, identifiers.org, Bioregistry, and EFO."""


@dataclass(frozen=True)
class Identifier:
    """An identifier of a registry: its prefix and local part as written, and what is wrong with it, or nothing."""

    prefix: str
    local: str
    registry: str
    fault: str = ""
    remedy: str = ""

    @property
    def key(self) -> str:
        """What is the same however the IRI is made: the registry and the local identifier."""
        return f"{self.registry}:{self.local}"


@cache
def identify(iri: str) -> Identifier | None:
    """Tell what identifier an IRI is; None where it has the form of none."""
    for form in _FORMS:
        found = form.fullmatch(iri)
        if found:
            return _judged(found["prefix"], found["local"])
    return None


def identify_anyhow(iri: str) -> Identifier | None:
    """Do as `identify` does, and know the addresses of the registries' own pages too. Takes two seconds, once."""
    found = identify(iri)
    if found is not None:
        return found
    prefix, local = _bioregistry().parse_iri(iri) or (None, None)
    return _judged(prefix, local) if prefix and local else None


@cache
def pattern_of(registry: str) -> str | None:
    """Give the pattern that local identifiers of a registry have, by the Bioregistry; None where it knows none."""
    found: str | None = _bioregistry().get_pattern(registry)
    return found


def _judged(prefix: str, local: str) -> Identifier:
    registry = _bioregistry().normalize_prefix(prefix)
    if registry is None:
        fault = f"the Bioregistry knows no registry {prefix}"
        return Identifier(prefix, local, prefix.lower(), fault, "Correct the prefix.")
    pattern = pattern_of(registry)
    if pattern is None or re.fullmatch(pattern, local):
        return Identifier(prefix, local, registry)
    example = _bioregistry().get_example(registry)
    remedy = f"Correct it; such an identifier looks like {prefix}:{example}." if example else "Correct it."
    return Identifier(prefix, local, registry, f"identifiers of {prefix} have the form {pattern}", remedy)


@cache
def _bioregistry() -> Any:  # noqa: ANN401  a module
    """Load the Bioregistry when it is first asked: it takes a second that most commands need not spend."""
    return importlib.import_module("bioregistry")
