"""addresses: an IRI in, the address of its page out, and back: which resource and which format a path asks for. Pure.

What has an IRI under the base of the root lies at the same path below the served base: `BASE + study/x` at `/study/x`;
so do graphs, shapes and snapshots, whose names are exo-onto's in every root. Anything else that is spoken of, a class
of GO or, in a root with a base of its own, a class of exo-onto, lies at `/term/` and its CURIE, or at `/term?iri=`.
"""

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from pyoxigraph import NamedNode

from exo_onto.negotiation import GRAPHS, SUFFIXES
from exo_onto.vocabulary import BASE, PREFIXES, STEADY, UnknownNameError, base_of, compact, expand, own

TERM: Final = "/term"
FORMATS: Final = {SUFFIXES[name]: name for name in reversed([*GRAPHS]) if SUFFIXES[name] not in ("json", "xml", "nq")}
"""What an address may end with, and the media type that it then answers in."""
_SAFE: Final = "/:@!$&'()*+,;=-._~"


@dataclass(frozen=True)
class Asked:
    """What a path asks for: a resource, and a media type where the path ends with one."""

    resource: NamedNode
    media_type: str | None = None


def path_of(iri: str, suffix: str = "") -> str:
    """Give the path of a resource's page, below the served base; with a suffix such as `ttl`, of its RDF."""
    end = f".{suffix}" if suffix else ""
    base = base_of(iri)
    if base is not None and base == _home(local := iri.removeprefix(base)) and _is_a_path(local):
        return "/" + quote(local, safe=_SAFE) + end
    short = compact(iri)
    if short != iri and "/" not in short and _has_no_suffix(short):
        return f"{TERM}/{quote(short, safe=_SAFE)}{end}"
    return f"{TERM}{end}?iri={quote(iri, safe='')}"


def asked(path: str, *, iri: str | None = None) -> Asked | None:
    """Read a decoded path, and for `/term` the IRI in its query; None where it names nothing that could be."""
    try:
        name, media_type = _without_suffix(path)
        if name == TERM:
            return Asked(NamedNode(iri), media_type) if iri else None
        if name.startswith(f"{TERM}/"):
            short = name.removeprefix(f"{TERM}/")
            known = short.partition(":")[0] in PREFIXES
            return Asked(expand(short), media_type) if known else None
        local = name.removeprefix("/")
        return Asked(NamedNode(_home(local) + local), media_type)
    except (UnknownNameError, ValueError):
        return None


def _home(local: str) -> str:
    """Give the base of what lies at a path."""
    return BASE if local.partition("/")[0] in STEADY else own().base


def _is_a_path(local: str) -> bool:
    """Tell whether a local name comes back as it went: `//` leads to another host, and browsers resolve dots."""
    parts = local.split("/")
    plain = parts[0] not in ("", TERM.removeprefix("/")) and not {".", ".."}.intersection(parts)
    return not local or (plain and _has_no_suffix(local))


def _has_no_suffix(name: str) -> bool:
    return _without_suffix(name) == (name, None)


def _without_suffix(path: str) -> tuple[str, str | None]:
    name, point, suffix = path.rpartition(".")
    return (name, FORMATS[suffix]) if point and suffix in FORMATS else (path, None)
