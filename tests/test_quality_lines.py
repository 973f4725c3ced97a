"""Tests of lines: a term is found where its format introduces it, and a value where it stands below."""

import pytest

from exo_onto.quality.lines import Lines

CL = "http://purl.obolibrary.org/obo/CL_0000057"
OBO = """format-version: 1.2
ontology: cl

[Term]
id: CL:0000001
name: cell
is_a: CL:0000057

[Term]
id: CL:0000057
name: fibroblast
def: "A cell of connective tissue." []

[Typedef]
id: part_of
name: part of
"""
XML = """<?xml version="1.0"?>
<!DOCTYPE rdf:RDF [ <!ENTITY obo "http://purl.obolibrary.org/obo/" > ]>
<rdf:RDF xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#">
  <owl:Class rdf:about="&obo;CL_0000001">
    <rdfs:subClassOf rdf:resource="&obo;CL_0000057"/>
  </owl:Class>
  <owl:Class rdf:about="http://purl.obolibrary.org/obo/CL_0000057">
    <rdfs:label xml:lang="en">fibroblast</rdfs:label>
  </owl:Class>
</rdf:RDF>
"""
FUNCTIONAL = """Prefix(obo:=<http://purl.obolibrary.org/obo/>)
Ontology(<http://purl.obolibrary.org/obo/cl.owl>
Declaration(Class(obo:CL_0000057))

# Class: obo:CL_0000057 (fibroblast)

AnnotationAssertion(rdfs:label obo:CL_0000057 "fibroblast"@en)
)
"""
TURTLE = """@prefix c: <http://purl.obolibrary.org/obo/CL_> .
c:0000001 a <http://www.w3.org/2002/07/owl#Class> ;
    <http://www.w3.org/2000/01/rdf-schema#subClassOf> c:0000057 .
c:0000057 <http://www.w3.org/2000/01/rdf-schema#label>
    "fibroblast"@en .
"""
JSON = """{
  "@id": "http://purl.obolibrary.org/obo/CL_0000057",
  "label": "fibroblast"
}"""


@pytest.mark.parametrize(
    ("text", "line", "of_label"),
    [(OBO, 10, 11), (XML, 7, 8), (FUNCTIONAL, 5, 7), (TURTLE, 4, 5), (JSON, 2, 3)],
    ids=["obo", "rdf-xml", "functional", "turtle", "json-ld"],
)
def test_a_term_and_its_value_are_found(text: str, line: int, of_label: int) -> None:
    lines = Lines(text)
    assert lines.definition(CL) == line
    assert lines.value(CL, "fibroblast") == of_label
    assert lines.value(CL, "no such thing") is None


def test_a_term_without_a_prefix_is_found_by_what_follows_the_hash() -> None:
    assert Lines(OBO).definition("http://purl.obolibrary.org/obo/cl#part_of") == 15


def test_a_value_of_the_next_term_is_not_taken_for_one_of_this() -> None:
    assert Lines(OBO).value("http://purl.obolibrary.org/obo/CL_0000001", "fibroblast") is None
    assert Lines(OBO).value("http://purl.obolibrary.org/obo/CL_0000001", CL) == 7


def test_what_is_only_mentioned_is_found_too() -> None:
    assert Lines("\n<http://example.org/a> <http://example.org/p> <http://example.org/b> .").mention(
        "http://example.org/b"
    ) == (2)
    assert Lines(OBO).definition("http://example.org/none") is None
    assert Lines(OBO).mention("http://example.org/none") is None
