"""What the tests of validation share: data and shapes in Turtle, judged by compiled shapes and by pySHACL."""

from collections.abc import Iterable

from pyoxigraph import DefaultGraph, Quad, RdfFormat, Store, Triple, parse

from exo_onto import referees
from exo_onto.check import disagreement
from exo_onto.judge import asking
from exo_onto.shapes import compile_shapes
from exo_onto.validate import ONE_BY_ONE, Manner, Report, Result, validate
from exo_onto.vocabulary import GRAPH_INSTANCES

EX = "http://example.org/"
HEAD = (
    f"@prefix : <{EX}> . @prefix sh: <http://www.w3.org/ns/shacl#> . @prefix owl: <http://www.w3.org/2002/07/owl#> . "
    "@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . "
    "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> . "
)


def turtle(content: str) -> list[Triple]:
    return [quad.triple for quad in parse(HEAD + content, format=RdfFormat.TURTLE)]


def validated(data: Iterable[Triple], shapes: Iterable[Triple], manner: Manner = ONE_BY_ONE) -> Report:
    """Validate by compiled shapes."""
    store = Store()
    store.extend(Quad(t.subject, t.predicate, t.object, GRAPH_INSTANCES) for t in data)
    return validate(asking(store, [GRAPH_INSTANCES]), compile_shapes(shapes).checks, manner=manner)


def results(data: str, shapes: str) -> tuple[Result, ...]:
    return validated(turtle(data), turtle(shapes)).results


def differences(data: Iterable[Triple], shapes: Iterable[Triple]) -> list[str]:
    """Give what only one of the two validators says, as lines; ours, asked in any way, must say the same."""
    stored = Store()
    stored.extend(Quad(t.subject, t.predicate, t.object, DefaultGraph()) for t in data)
    told, asked = [quad.triple for quad in stored], list(shapes)  # literals as the store keeps them
    found = validated(told, asked).results
    ours, theirs = disagreement(found, referees.pyshacl(told, asked).results)
    lines = [*(f"ours: {each}" for each in ours), *(f"pySHACL's: {each}" for each in theirs)]
    for manner in (Manner(in_sets=True), Manner(screened=True)):
        one_by_one, otherwise = disagreement(found, validated(told, asked, manner).results)
        lines += [f"ours, one focus node after the other: {each}" for each in one_by_one]
        lines += [f"ours, as {manner}: {each}" for each in otherwise]
    return lines
