"""negotiation: what a client accepts in, the formats of its answer out (RFC 9110, section 12.5.1); pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import mimeparse
from pyoxigraph import (
    QueryResultsFormat,
    RdfFormat,
)

from exo_onto.problems import BAD_REQUEST, NOT_ACCEPTABLE, RefusalError, Reply, refusal

MAX_HEADER: Final = 2_000  # parsing a media type takes quadratic time
# The first of each is the default.
SOLUTIONS: Final[Mapping[str, QueryResultsFormat]] = {
    "application/sparql-results+json": QueryResultsFormat.JSON,
    "application/sparql-results+xml": QueryResultsFormat.XML,
    "text/csv": QueryResultsFormat.CSV,
    "text/tab-separated-values": QueryResultsFormat.TSV,
    "application/json": QueryResultsFormat.JSON,
    "application/xml": QueryResultsFormat.XML,
}
BOOLEANS: Final = {name: format for name, format in SOLUTIONS.items() if not name.startswith("text/")}
GRAPHS: Final[Mapping[str, RdfFormat]] = {
    "text/turtle": RdfFormat.TURTLE,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "application/rdf+xml": RdfFormat.RDF_XML,
    "application/ld+json": RdfFormat.JSON_LD,
    "application/n-quads": RdfFormat.N_QUADS,
    "application/trig": RdfFormat.TRIG,
    "application/json": RdfFormat.JSON_LD,
    "application/xml": RdfFormat.RDF_XML,
}
NAMED: Final[Mapping[str, tuple[str, ...]]] = {
    "json": ("application/sparql-results+json", "application/ld+json"),
    "xml": ("application/sparql-results+xml", "application/rdf+xml"),
    "csv": ("text/csv",),
    "tsv": ("text/tab-separated-values",),
    "turtle": ("text/turtle",),
    "ntriples": ("application/n-triples",),
    "nquads": ("application/n-quads",),
    "trig": ("application/trig",),
    "rdfxml": ("application/rdf+xml",),
    "jsonld": ("application/ld+json",),
}
"""What `format=` may say in place of a media type."""
SUFFIXES: Final[Mapping[str, str]] = {
    "application/sparql-results+json": "json",
    "application/sparql-results+xml": "xml",
    "application/json": "json",
    "application/xml": "xml",
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
    "text/turtle": "ttl",
    "application/n-triples": "nt",
    "application/n-quads": "nq",
    "application/trig": "trig",
    "application/rdf+xml": "rdf",
    "application/ld+json": "jsonld",
}
"""How a file of each media type is named at its end."""
RESULT_FORMATS: Final = tuple(format.iri for formats in (SOLUTIONS, GRAPHS) for format in formats.values())


@dataclass(frozen=True, slots=True)
class Choice:
    """The media types that an answer may have, chosen before it is known what the answer is. None: nothing fits."""

    solutions: str | None
    boolean: str | None
    graph: str | None


def file_format(accept: str, format: str | None, *, whole: bool) -> str | Reply:
    """Choose the media type of a download: of a graph, or of a whole dataset, for which few will do."""
    offers = [name for name in GRAPHS if not whole or GRAPHS[name].supports_datasets]
    offers.sort(key=lambda name: name != "application/n-quads" and whole)
    try:
        if format is not None:
            wanted = NAMED.get(format.lower(), (format.lower(),))
            return chosen(next((name for name in wanted if name in offers), None), offers)
        if len(accept) > MAX_HEADER:
            raise refusal(BAD_REQUEST, f"The header accept is longer than {MAX_HEADER:,} characters.")
        return chosen(best(offers, accept.lower()), offers)
    except RefusalError as refused:
        return refused.reply


def tag(digest: str, media_type: str) -> str:
    """Give the entity tag of an answer. Weak, since the order of rows may change; a cache tells formats apart."""
    return f'W/"{digest};{media_type}"'


@lru_cache(maxsize=1024)
def negotiate(accept: str) -> Choice:
    """Choose by the client's quality values, the first where it has no preference (RFC 9110, section 12.5.1)."""
    return Choice(*(best(offers, accept) for offers in (SOLUTIONS, BOOLEANS, GRAPHS)))


def best(offers: Iterable[str], accept: str) -> str | None:
    """Choose what a client likes best of what is offered, the first where it has no preference; None: nothing fits."""
    try:
        # The library wants the best last.
        return str(mimeparse.best_match(list(offers)[::-1], accept)) or None  # type: ignore[no-untyped-call]
    except mimeparse.MimeTypeParseException as error:
        raise refusal(BAD_REQUEST, "The header accept is no list of media ranges.") from error


def chosen(media_type: str | None, offers: Iterable[str]) -> str:
    """Take a choice. Raises RefusalError, with what is offered, where nothing fitted."""
    if media_type is None:
        names = list(offers)
        raise refusal(NOT_ACCEPTABLE, f"Offered are: {', '.join(names)}.", headers={"Vary": "Accept"}, offered=names)
    return media_type
