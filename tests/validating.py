"""What the tests of validation share: data and shapes in Turtle, judged by compiled shapes and by pySHACL."""

from collections.abc import Iterable

from pyoxigraph import DefaultGraph, Quad, RdfFormat, Store, Triple, parse

from exo_onto import referees
from exo_onto.check import disagreement
from exo_onto.judge import asking
from exo_onto.shapes import compile_shapes
from exo_onto.validate import Report, Result, validate
from exo_onto.vocabulary import GRAPH_INSTANCES

EX = "http://example.org/"
HEAD = (
    f"@prefix : <{EX}> . @prefix sh: <http://www.w3.org/ns/shacl#> . @prefix owl: <http://www.w3.org/2002/07/owl#> . "
    "@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . "
    "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> . "
)


def turtle(content: str) -> list[Triple]:
    return [quad.triple for quad in parse(HEAD + content, format=RdfFormat.TURTLE)]


def validated(data: Iterable[Triple], shapes: Iterable[Triple], *, threads: int = 1, in_sets: bool = False) -> Report:
    """Validate by compiled shapes."""
    store = Store()
    store.extend(Quad(t.subject, t.predicate, t.object, GRAPH_INSTANCES) for t in data)
    return validate(asking(store, [GRAPH_INSTANCES]), compile_shapes(shapes).checks, threads=threads, in_sets=in_sets)


def results(data: str, shapes: str) -> tuple[Result, ...]:
    return validated(turtle(data), turtle(shapes)).results


def differences(data: Iterable[Triple], shapes: Iterable[Triple]) -> list[str]:
    """Give what only one of the two validators says, as lines; ours, asked in either way, must say the same."""
    stored = Store()
    stored.extend(Quad(t.subject, t.predicate, t.object, DefaultGraph()) for t in data)
    told, asked = [quad.triple for quad in stored], list(shapes)  # literals as the store keeps them
    found, in_sets = validated(told, asked).results, validated(told, asked, in_sets=True).results
    ours, theirs = disagreement(found, referees.pyshacl(told, asked).results)
    one_by_one, at_once = disagreement(found, in_sets)
    return [
        *(f"ours: {each}" for each in ours),
        *(f"pySHACL's: {each}" for each in theirs),
        *(f"ours, one focus node after the other: {each}" for each in one_by_one),
        *(f"ours, in sets: {each}" for each in at_once),
    ]
