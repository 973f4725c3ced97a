"""Tests of links.obograph."""

import json

from ontologies import OBO, as_json, iri
from pyoxigraph import RdfFormat, parse, serialize

from exo_onto.links import obograph, triples
from exo_onto.links.terms import Relation

GRAPH = json.loads(as_json())["graphs"][0]


def test_nodes_and_edges_make_terms() -> None:
    terms = obograph.gathered(GRAPH["nodes"], GRAPH["edges"], ()).terms()
    assert terms[iri("GO:0006915")].parents == (iri("GO:0012501"),)
    assert terms[iri("GO:0042981")].relations == (Relation(iri("RO:0002211"), iri("GO:0006915")),)
    assert terms[iri("GO:0006917")].replacements == (iri("GO:0006915"),)


def test_a_logical_definition_is_heard() -> None:
    axiom = {
        "definedClassId": iri("GO:0042981"),
        "genusIds": [iri("GO:0065007")],
        "restrictions": [{"propertyId": iri("RO:0002211"), "fillerId": iri("GO:0006915")}],
    }
    found = obograph.gathered(GRAPH["nodes"], (), (axiom,)).terms()[iri("GO:0042981")]
    assert found.parents == (iri("GO:0065007"),)
    assert found.relations == (Relation(iri("RO:0002211"), iri("GO:0006915")),)


def test_the_graph_as_rdf_says_the_same() -> None:
    told = obograph.triples(GRAPH["nodes"], GRAPH["edges"], ())
    again, _ = triples.gather(parse(serialize(told, format=RdfFormat.N_TRIPLES) or b"", format=RdfFormat.N_TRIPLES))
    assert again == obograph.gathered(GRAPH["nodes"], GRAPH["edges"], ()).terms()


def test_the_header_is_that_of_the_graph() -> None:
    header = obograph.header(f"{OBO}go.owl", GRAPH["meta"])
    assert header.version == f"{OBO}go/releases/2026-01-31/go.json"
