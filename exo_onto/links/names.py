"""names: the IRI of a term as a file writes it in, the one that we write, its CURIE and its module out. Pure.

Files spell the identifiers of one registry in several ways: `obo/hgnc_6850`, `identifiers.org/hgnc/6850`. Here each has
the one spelling of `vocabulary.PREFIXES`.
"""

import re
from functools import lru_cache
from typing import Final

from exo_onto.vocabulary import OBO, PREFIXES

_REGISTRY: Final = "https://identifiers.org/"
_REGISTERED: Final = {
    name.lower(): namespace
    for prefix, namespace in PREFIXES.items()
    if namespace.startswith(_REGISTRY)
    for name in (prefix, namespace.removeprefix(_REGISTRY).removesuffix(":"))
}
"""The namespaces of identifiers.org, by prefix and by path."""
_FOREIGN: Final = {prefix: namespace for prefix, namespace in PREFIXES.items() if "ebi.ac.uk" in namespace}
_OBO_TERM: Final = re.compile(rf"{re.escape(OBO)}(?P<prefix>[A-Za-z][A-Za-z.]*)_(?P<local>\w+)")
_REGISTERED_TERM: Final = re.compile(
    r"https?://identifiers\.org/(?P<prefix>[a-z.]+)[/:](?:[A-Za-z.]+:)?(?P<local>[\w.-]+)"
)


@lru_cache(maxsize=1 << 16)
def canonical(iri: str) -> str:
    """Give an IRI in the spelling that we write."""
    match = _OBO_TERM.fullmatch(iri) or _REGISTERED_TERM.fullmatch(iri)
    return (registered(match["prefix"], match["local"]) if match else None) or iri


def registered(prefix: str, local: str) -> str | None:
    """Give the IRI of an identifier in one of the registries that we know; None where the registry is not known."""
    namespace = _REGISTERED.get(prefix.lower())
    return f"{namespace}{local}" if namespace else None


def prefix_of(iri: str) -> str | None:
    """Give the prefix of an external term in our spelling; None for what is no term of an ontology elsewhere."""
    match = _OBO_TERM.fullmatch(iri)
    if match:
        return match["prefix"]
    for prefix, namespace in _FOREIGN.items():
        if iri.startswith(namespace):
            return prefix
    registered = _REGISTERED_TERM.fullmatch(iri)
    if registered:
        return next((p for p, namespace in PREFIXES.items() if iri.startswith(namespace)), None)
    return None


def namespace_of(prefix: str) -> str:
    """Give the namespace that a prefix stands for."""
    return PREFIXES.get(prefix, f"{OBO}{prefix}_")


def module_of(prefix: str) -> str:
    """Give the name of the module that holds the terms of a prefix."""
    return prefix.lower()


def curie(iri: str) -> str:
    """Give an external term's CURIE; the IRI itself where it has none."""
    prefix = prefix_of(iri)
    return f"{prefix}:{iri.removeprefix(namespace_of(prefix))}" if prefix else iri
