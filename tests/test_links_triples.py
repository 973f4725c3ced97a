"""Tests of links.triples: what is read of RDF is what py-horned-owl reads of it."""

import pyhornedowl
import pytest
from ontologies import in_syntax
from pyoxigraph import RdfFormat, parse
from test_links_axioms import TEXT

from exo_onto.links import axioms, triples


@pytest.mark.parametrize("text", [TEXT % "", TEXT % "Import(<http://purl.obolibrary.org/obo/go.owl>)"])
def test_rdf_says_the_same_as_functional_syntax(text: str) -> None:
    ontology = pyhornedowl.open_ontology_from_string(text, serialization="ofn")
    terms, header = triples.gather(parse(ontology.save_to_string("rdf").encode(), format=RdfFormat.RDF_XML))
    assert terms == axioms.terms(ontology)
    assert header == axioms.header(ontology)


def test_the_order_of_statements_does_not_matter() -> None:
    quads = list(parse(in_syntax("rdf").encode(), format=RdfFormat.RDF_XML))
    assert triples.gather(quads) == triples.gather(reversed(quads))


def test_a_list_that_bites_its_tail_ends() -> None:
    text = """@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
    @prefix : <http://purl.obolibrary.org/obo/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
    :GO_1 a owl:Class ; rdfs:subClassOf [ owl:intersectionOf _:l ] . _:l rdf:first :GO_2 ; rdf:rest _:l ."""
    (found,) = triples.gather(parse(text.encode(), format=RdfFormat.TURTLE))[0].values()
    assert found.parents == ("http://purl.obolibrary.org/obo/GO_2",)
