"""workloads: a snapshot in, the queries of each workload out: look-ups, the shipped questions, analytic ones."""

from random import Random
from typing import cast

from pyoxigraph import NamedNode, QuerySolutions

from benchmarks.load import Query
from benchmarks.servers import REPOSITORY, Prepared
from benchmarks.serving_report import (
    ANALYTIC,
    LOOKUPS,
    QUESTIONS,
)
from exo_onto.questions import parse_question
from exo_onto.snapshot import Snapshot, open_snapshot
from exo_onto.vocabulary import BASE, DEFAULT_GRAPHS, PREFIXES

LOOKUPS_ASKED = 200
_LOOKED_UP = (
    "SELECT ?p ?o WHERE {{ {iri} ?p ?o }}",
    "SELECT ?label WHERE {{ {iri} <http://www.w3.org/2000/01/rdf-schema#label> ?label }}",
    "SELECT ?type WHERE {{ {iri} a ?type }}",
    "SELECT ?s ?p WHERE {{ ?s ?p {iri} }} LIMIT 100",
)
_PREFIXED = "\n".join(f"PREFIX {prefix}: <{PREFIXES[prefix]}>" for prefix in ("exonto", "rdfs", "skos"))
_HEAVY = {
    "count-all": "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }",
    "by-predicate": "SELECT ?p (COUNT(*) AS ?n) WHERE { ?s ?p ?o } GROUP BY ?p ORDER BY DESC(?n)",
    "by-class": "SELECT ?class (COUNT(DISTINCT ?s) AS ?n) WHERE { ?s a ?class } GROUP BY ?class ORDER BY DESC(?n)",
    "most-linked": "SELECT ?o (COUNT(*) AS ?n) WHERE { ?s ?p ?o FILTER (isIRI(?o)) } GROUP BY ?o ORDER BY DESC(?n) "
    "LIMIT 20",
    "same-treatment": "SELECT ?treatment (COUNT(*) AS ?n) WHERE { ?one exonto:observedUnder ?treatment . "
    "?other exonto:observedUnder ?treatment . ?one exonto:affects ?other } GROUP BY ?treatment",
    "reached": "SELECT ?treatment (COUNT(DISTINCT ?end) AS ?n) WHERE { "
    "?treatment exonto:delivers/(exonto:increases|exonto:decreases)* ?end } GROUP BY ?treatment",
    "by-superclass": "SELECT ?above (COUNT(DISTINCT ?activity) AS ?n) WHERE { "
    "?activity exonto:observedUnder ?treatment ; a/rdfs:subClassOf* ?above } GROUP BY ?above ORDER BY DESC(?n)",
    "labels-by-language": "SELECT ?language (COUNT(*) AS ?n) WHERE { ?s rdfs:label ?label "
    "BIND (LANG(?label) AS ?language) } GROUP BY ?language ORDER BY ?language",
}


def lookups(snapshot: Snapshot, *, count: int = LOOKUPS_ASKED, seed: int = 1) -> tuple[Query, ...]:
    """Draw different look-ups from a store: of all about a thing, of its labels, of its types, of what names it."""
    chance = Random(seed)  # noqa: S311  nothing secret
    text = f"SELECT DISTINCT ?s WHERE {{ ?s ?p ?o FILTER (STRSTARTS(STR(?s), '{BASE}')) }}"
    found = cast("QuerySolutions", snapshot.store.query(text, default_graph=list(DEFAULT_GRAPHS)))
    known = sorted(str(row[0]) for row in found if isinstance(row[0], NamedNode))
    drawn = chance.sample(known, min(count, len(known)))
    return tuple(
        Query(f"look-up {number}", _LOOKED_UP[number % len(_LOOKED_UP)].format(iri=iri))
        for number, iri in enumerate(drawn)
    )


def questions() -> tuple[Query, ...]:
    """Give the shipped questions."""
    paths = sorted((REPOSITORY / "queries").glob("*.rq"))
    asked = (parse_question(path.stem, path.read_text("utf-8")) for path in paths)
    return tuple(Query(question.name, question.text) for question in asked)


def analytic() -> tuple[Query, ...]:
    """Give queries that look at much of the data: counts over all of it, joins and paths."""
    return tuple(Query(name, f"{_PREFIXED}\n{text}") for name, text in _HEAVY.items())


def asked_of(data: Prepared) -> dict[str, tuple[Query, ...]]:
    """Give the queries of each workload."""
    snapshot = open_snapshot(data.root / "build")
    return {LOOKUPS: lookups(snapshot), QUESTIONS: questions(), ANALYTIC: analytic()}
