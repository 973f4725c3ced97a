"""Tests of links.owl and of `exo-onto export`: what is written is read back, by py-horned-owl and by rdflib."""

from collections import Counter
from pathlib import Path

import pyhornedowl
import pytest
import rdflib
from pyhornedowl.profile import check_profile
from pyoxigraph import RdfFormat, Triple, parse
from rdflib.compare import isomorphic
from typer.testing import CliRunner

from exo_onto import cli
from exo_onto.links import owl
from exo_onto.links.owl import Syntax
from exo_onto.sources import Sources, read_sources
from exo_onto.vocabulary import BASE

runner = CliRunner()
TEXT = """@prefix : <https://w3id.org/exo-onto/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
: a owl:Ontology ; owl:versionInfo "1" . :imports a owl:Ontology ; owl:versionInfo "2" .
:A a owl:Class ; rdfs:label "甲 & <b>"@zh . :B a owl:Class . :p a owl:ObjectProperty . :n a owl:AnnotationProperty .
:A rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :p ; owl:allValuesFrom :B ] .
:x a :A , owl:NamedIndividual ; :p :y . :y a :B , owl:NamedIndividual .
[] a owl:Axiom ; owl:annotatedSource :x ; owl:annotatedProperty :p ; owl:annotatedTarget :y ; :n "text" .
[] a owl:Axiom ; owl:annotatedSource :x ; owl:annotatedProperty :p ; owl:annotatedTarget :y ; :n "title" .
"""


def triples(text: str = TEXT) -> list[Triple]:
    return [quad.triple for quad in parse(text.encode(), format=RdfFormat.TURTLE)]


def components(text: str, serialization: str) -> Counter[str]:
    ontology = pyhornedowl.open_ontology_from_string(text, serialization=serialization)  # type: ignore[arg-type]
    return Counter(f"{each.component} {sorted(map(str, each.ann))}" for each in ontology.get_components())


def test_rdf_is_read_back_by_rdflib_as_the_same_graph() -> None:
    asked = rdflib.Graph().parse(data=TEXT.replace(":imports a owl:Ontology ;", ":imports"), format="turtle")
    for syntax, form in ((Syntax.RDF_XML, "xml"), (Syntax.TURTLE, "turtle")):
        assert isomorphic(rdflib.Graph().parse(data=owl.write(triples(), syntax), format=form), asked)


def test_functional_syntax_keeps_every_annotation_of_an_axiom() -> None:
    found = components(owl.write(triples(), Syntax.FUNCTIONAL), "ofn")
    axiom = f"ObjectPropertyAssertion(<{BASE}p> <{BASE}x> <{BASE}y>)"
    assert sum(number for each, number in found.items() if each.startswith(axiom)) == 2
    assert any('"text"' in each for each in found)
    assert any('"title"' in each for each in found)
    unannotated = TEXT[: TEXT.index("[] a owl:Axiom")]
    one = components(owl.write(triples(unannotated), Syntax.FUNCTIONAL), "ofn")
    assert one == components(owl.write(triples(unannotated), Syntax.RDF_XML), "rdf")


@pytest.mark.parametrize("syntax", list(Syntax))
def test_the_same_triples_give_the_same_bytes_whatever_their_order(syntax: Syntax) -> None:
    assert owl.write(triples(), syntax) == owl.write(reversed(triples()), syntax)


@pytest.fixture(scope="module")
def read(root: Path) -> Sources:
    """Give the sources."""
    return read_sources(root)


def test_the_published_graph_is_exported_whole(published: Path, read: Sources, tmp_path: Path) -> None:
    asserted = len({(t.subject, t.predicate, t.object) for t in read.triples()})
    for name in ("a.owl", "a.ttl", "b.ttl"):
        more = ["--inferred"] if name == "b.ttl" else []
        done = runner.invoke(cli.app, ["export", str(tmp_path / name), "--root", str(published), *more])
        assert done.exit_code == 0, done.output
    one = {(q.predicate, q.object) for q in parse(path=str(tmp_path / "a.owl"), format=RdfFormat.RDF_XML)}
    other = {(q.predicate, q.object) for q in parse(path=str(tmp_path / "a.ttl"), format=RdfFormat.TURTLE)}
    number = sum(1 for _ in parse(path=str(tmp_path / "a.owl"), format=RdfFormat.RDF_XML))
    assert len(one) == len(other)
    assert asserted - 40 < number <= asserted
    assert sum(1 for _ in parse(path=str(tmp_path / "b.ttl"), format=RdfFormat.TURTLE)) > number + 5_000


def test_what_is_exported_with_inferences_is_within_the_profiles(published: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.ofn"
    done = runner.invoke(cli.app, ["export", str(path), "--root", str(published), "--inferred"])
    assert done.exit_code == 0, done.output
    ontology = pyhornedowl.open_ontology_from_string(path.read_text("utf-8"), serialization="ofn")
    assert str(ontology.get_iri()) == BASE
    assert sum(1 for each in ontology.get_components() if each.ann) == path.read_text("utf-8").count("(Annotation(")
    for profile in ("DL", "RL"):
        assert check_profile(ontology, profile).conformant


@pytest.mark.parametrize(
    ("name", "says"), [("a.docx", "says by no suffix what to write"), ("nowhere/a.owl", "cannot be written")]
)
def test_what_cannot_be_written_is_refused(published: Path, tmp_path: Path, name: str, says: str) -> None:
    done = runner.invoke(cli.app, ["export", str(tmp_path / name), "--root", str(published)])
    assert (done.exit_code, says in " ".join(done.output.split())) == (2, True)
    assert list(tmp_path.iterdir()) == []
