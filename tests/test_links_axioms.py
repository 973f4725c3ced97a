"""Tests of links.axioms."""

import pyhornedowl
from ontologies import iri

from exo_onto.links import axioms
from exo_onto.links.terms import Kind, Relation

TEXT = """Prefix(obo:=<http://purl.obolibrary.org/obo/>)
Prefix(rdfs:=<http://www.w3.org/2000/01/rdf-schema#>)
Prefix(owl:=<http://www.w3.org/2002/07/owl#>)
Prefix(dcterms:=<http://purl.org/dc/terms/>)
Ontology(<http://purl.obolibrary.org/obo/cl.owl> <http://purl.obolibrary.org/obo/cl/releases/2026-03-26/cl.owl>
%s
Annotation(dcterms:license <https://creativecommons.org/licenses/by/4.0/>)
Declaration(Class(obo:CL_1)) Declaration(Class(obo:CL_2)) Declaration(Class(obo:CL_3))
Declaration(ObjectProperty(obo:RO_1)) Declaration(ObjectProperty(obo:RO_2)) Declaration(AnnotationProperty(obo:IAO_1))
AnnotationAssertion(rdfs:label obo:CL_1 "Zelle"@de) AnnotationAssertion(rdfs:label obo:CL_1 "one"@en)
AnnotationAssertion(rdfs:label obo:IAO_1 "note")
EquivalentClasses(obo:CL_1 ObjectIntersectionOf(obo:CL_2 ObjectSomeValuesFrom(obo:BFO_0000050 obo:UBERON_9)))
SubClassOf(obo:CL_1 ObjectAllValuesFrom(obo:BFO_0000050 obo:UBERON_8))
SubClassOf(ObjectIntersectionOf(obo:CL_2 obo:CL_3) obo:CL_1)
SubObjectPropertyOf(obo:RO_1 obo:RO_2) InverseObjectProperties(obo:RO_1 obo:RO_2)
AnnotationAssertion(owl:deprecated obo:CL_3 "true"^^<http://www.w3.org/2001/XMLSchema#boolean>)
AnnotationAssertion(obo:IAO_0100001 obo:CL_3 obo:CL_2)
)"""


def test_a_term_is_below_what_its_definition_implies_and_no_more() -> None:
    terms = axioms.terms(pyhornedowl.open_ontology_from_string(TEXT % "", serialization="ofn"))
    one = terms[iri("CL:1")]
    assert (one.label, one.parents) == ("one", (iri("CL:2"),))
    assert one.relations == (Relation(iri("BFO:0000050"), iri("UBERON:9")),)
    assert terms[iri("CL:3")].obsolete
    assert terms[iri("CL:3")].replacements == (iri("CL:2"),)
    assert terms[iri("RO:1")].parents == terms[iri("RO:1")].inverses == (iri("RO:2"),)
    assert terms[iri("IAO:1")].kind is Kind.ANNOTATION_PROPERTY


def test_the_header_says_version_and_licence_and_whether_something_is_left_out() -> None:
    plain = axioms.header(pyhornedowl.open_ontology_from_string(TEXT % "", serialization="ofn"))
    assert plain.iri == "http://purl.obolibrary.org/obo/cl.owl"
    assert plain.version == "http://purl.obolibrary.org/obo/cl/releases/2026-03-26/cl.owl"
    assert plain.licence == "https://creativecommons.org/licenses/by/4.0/"
    assert not plain.imports
    text = TEXT % "Import(<http://purl.obolibrary.org/obo/go.owl>)"
    assert axioms.header(pyhornedowl.open_ontology_from_string(text, serialization="ofn")).imports
