"""resources: rows about one thing in, what its page says out: what it is, where it stands, what it is tied to. Pure."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode

from exo_onto.dataset import Term
from exo_onto.pages.asking import Row, text
from exo_onto.vocabulary import (
    GRAPH_INFERRED,
    OBO,
    PREFIXES,
    RDF_TYPE,
    RDFS_LABEL,
    RDFS_SUBCLASSOF,
    RDFS_SUBPROPERTYOF,
    is_ours,
)

_DEFINITION: Final = f"{OBO}IAO_0000115"
_APART: Final = {
    RDFS_LABEL.value,
    _DEFINITION,
    RDF_TYPE.value,
    RDFS_SUBCLASSOF.value,
    RDFS_SUBPROPERTYOF.value,
    PREFIXES["skos"] + "broader",
}
"""What a page shows in a place of its own."""
_ELSEWHERE: Final = (
    (re.compile(r"^http://purl\.obolibrary\.org/obo/([A-Za-z]+)_(\w+)$"), "http://purl.obolibrary.org/obo/{0}_{1}"),
    (re.compile(r"^http://www\.ebi\.ac\.uk/efo/EFO_(\d+)$"), "http://www.ebi.ac.uk/efo/EFO_{0}"),
    (
        re.compile(r"^https://identifiers\.org/hgnc:(\d+)$"),
        "https://www.genenames.org/data/gene-symbol-report/#!/hgnc_id/HGNC:{0}",
    ),
    (re.compile(r"^https://identifiers\.org/ncbigene:(\d+)$"), "https://www.ncbi.nlm.nih.gov/gene/{0}"),
    (re.compile(r"^https://identifiers\.org/uniprot:(\w+)$"), "https://www.uniprot.org/uniprotkb/{0}"),
    (re.compile(r"^https://identifiers\.org/ensembl:(\w+)$"), "https://www.ensembl.org/id/{0}"),
    (re.compile(r"^https://identifiers\.org/mirbase\.mature:(\w+)$"), "https://www.mirbase.org/mature/{0}"),
    (re.compile(r"^https://identifiers\.org/reactome:(.+)$"), "https://reactome.org/content/detail/{0}"),
)
"""Where an IRI leads that is not ours: the page of its authority, by the URL pattern that Bioregistry lists for it."""


@dataclass(frozen=True)
class Value:
    """A value of a property: an IRI or a text with its language, and whether it follows or is written."""

    said: str
    iri: bool
    language: str = ""
    inferred: bool = False


@dataclass(frozen=True)
class Resource:
    """What is said of one thing; `values` are by property, without what has a place of its own."""

    iri: str
    labels: tuple[Value, ...]
    definitions: tuple[Value, ...]
    types: tuple[Value, ...]
    values: Mapping[str, tuple[Value, ...]]
    graphs: tuple[str, ...]

    def definition(self, language: str) -> Value | None:
        """Give the definition in a language, or in another where there is none."""
        said = {value.language: value for value in self.definitions}
        return said.get(language) or said.get("en") or next(iter(said.values()), None)

    def links(self) -> tuple[str, ...]:
        """Give the things elsewhere that it is, or is matched with."""
        matches = (value.said for name, each in self.values.items() if name.endswith("Match") for value in each)
        return tuple(dict.fromkeys(each for each in (self.iri, *matches) if elsewhere(each)))

    def written(self) -> dict[str, tuple[Value, ...]]:
        """Give the properties that have a value which is written."""
        told = {name: tuple(value for value in each if not value.inferred) for name, each in self.values.items()}
        return {name: each for name, each in told.items() if each}

    def inferred(self) -> dict[str, tuple[Value, ...]]:
        """Give the properties that have a value which follows."""
        told = {name: tuple(value for value in each if value.inferred) for name, each in self.values.items()}
        return {name: each for name, each in told.items() if each}


@dataclass(frozen=True)
class Use:
    """What points to a thing: the property, the first subjects, of how many, and whether that follows."""

    property: str
    subjects: tuple[str, ...]
    number: int
    inferred: bool


@dataclass(frozen=True)
class Hierarchy:
    """What is above a thing, one line for each way up from the top; and the first of what is directly below it.

    `left` is how much more is below it.
    """

    ways: tuple[tuple[str, ...], ...]
    below: tuple[str, ...]
    left: int = 0

    def things(self) -> set[str]:
        """Give every IRI that has to be named to show it."""
        return {*self.below, *(each for way in self.ways for each in way)}


def resource(iri: str, rows: Iterable[Row]) -> Resource:
    """Gather what is said of a thing."""
    found: dict[str, dict[Value, None]] = defaultdict(dict)
    graphs: dict[str, None] = {}
    for row in rows:
        graphs[text(row["graph"])] = None
        value = _value(row["value"], inferred=text(row["graph"]) == GRAPH_INFERRED.value)
        if value is not None:
            found[text(row["property"])][value] = None
    values = {name: tuple(each) for name, each in found.items() if name not in _APART}
    labels, definitions = (tuple(found.get(name, ())) for name in (RDFS_LABEL.value, _DEFINITION))
    return Resource(iri, labels, definitions, tuple(found.get(RDF_TYPE.value, ())), values, tuple(graphs))


def _value(term: Term, *, inferred: bool) -> Value | None:
    match term:
        case NamedNode():
            return Value(term.value, iri=True, inferred=inferred)
        case Literal():
            return Value(term.value, iri=False, language=term.language or "", inferred=inferred)
        case BlankNode():
            return None  # an expression of OWL, or an axiom: the RDF has it
        case _:
            return Value(str(term), iri=False, inferred=inferred)


def uses(rows: Iterable[Row], *, most: int) -> tuple[Use, ...]:
    """Gather what points to a thing, what is written first; of each property the first subjects, at `most` so many."""
    found: dict[tuple[bool, str], dict[str, None]] = defaultdict(dict)
    for row in rows:
        follows = text(row["graph"]) == GRAPH_INFERRED.value
        found[follows, text(row["property"])][text(row["subject"])] = None
    return tuple(Use(name, tuple(each)[:most], len(each), follows) for (follows, name), each in sorted(found.items()))


def hierarchy(iri: str, rows: Iterable[Row], *, most: int = 12, most_below: int = 60) -> Hierarchy:
    """Put what is above a thing into ways from the top down to it, as many as `most`; and what is below it."""
    above: dict[str, set[str]] = defaultdict(set)
    below: dict[str, None] = {}
    for row in rows:
        where, thing = text(row["where"]), text(row["thing"])
        if where == "parent" and thing != iri:
            above[iri].add(thing)
        elif where == "above" and "above" in row and thing != iri:
            above[thing].add(text(row["above"]))
        elif where == "below" and thing != iri:
            below[thing] = None
    ways = list[tuple[str, ...]]()
    todo: list[tuple[str, ...]] = [(iri,)]
    while todo and len(ways) < most:
        way = todo.pop()
        parents = sorted(above[way[0]] - set(way), reverse=True)
        todo += [(parent, *way) for parent in parents]
        if not parents and len(way) > 1:
            ways.append(way[:-1])
    shown = tuple(below)[:most_below]
    return Hierarchy(tuple(ways), shown, len(below) - len(shown))


def elsewhere(iri: str) -> str:
    """Give the address at which others say what an IRI is; nothing for an IRI of ours, or one that leads nowhere."""
    for pattern, address in _ELSEWHERE:
        match = pattern.match(iri)
        if match:
            return address.format(*match.groups())
    return "" if is_ours(iri) or not iri.startswith(("http://", "https://")) else iri


def doi(said: str) -> str:
    """Give the address of a DOI."""
    return f"https://doi.org/{said}"
