"""Tests of links.usage."""

from pathlib import Path

from ontologies import iri

from exo_onto.links.usage import chosen_relations, in_use
from exo_onto.sources import read_sources


def test_terms_of_sources_and_of_questions_are_in_use_and_those_of_imports_are_not(root: Path) -> None:
    query = "PREFIX obo: <http://purl.obolibrary.org/obo/>\nSELECT * { ?a obo:GO_0099999 <http://purl.obolibrary.org/obo/RO_0099999> }"
    used = in_use(read_sources(root), [query])
    assert {iri("GO:0006915"), iri("GO:0099999"), iri("RO:0099999"), "https://identifiers.org/hgnc:6850"} <= used
    assert iri("GO:0110165") not in used
    assert not any("w3id.org" in each or "w3.org" in each for each in used)


def test_the_relations_that_are_followed_stand_in_the_ontology(root: Path) -> None:
    relations = chosen_relations(read_sources(root))
    assert relations[iri("BFO:0000050")] == "https://w3id.org/exo-onto/partOfSome"
    assert len(relations) == 4
