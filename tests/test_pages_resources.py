"""What a resource's page says: against what the store says, and against rdflib's closure of the hierarchy."""

from typing import TYPE_CHECKING

import pytest
from conftest import text
from pyoxigraph import BlankNode, Literal, NamedNode
from rdflib import Graph, URIRef
from reading import Browser

from exo_onto.pages.resources import Value, doi, elsewhere, hierarchy, resource, uses
from exo_onto.snapshot import Snapshot
from exo_onto.vocabulary import GRAPH_IMPORTS, GRAPH_INFERRED, GRAPH_INSTANCES, GRAPH_ONTOLOGY, RDFS_SUBCLASSOF, expand

if TYPE_CHECKING:
    from exo_onto.pages.asking import Row

APOPTOSIS = expand("GO:0006915")


def test_what_is_said_is_what_the_store_says(corpus: Snapshot, corpus_pages: Browser) -> None:
    node = expand("entity:mir-21")
    found = resource(node.value, corpus_pages.rows("resource-out", this=[node]))
    quads = [
        quad for quad in corpus.store.quads_for_pattern(node, None, None) if not isinstance(quad.object, BlankNode)
    ]
    values = [
        *found.labels,
        *found.definitions,
        *found.types,
        *(each for said in found.values.values() for each in said),
    ]
    assert {value.said for value in values} == {str(getattr(quad.object, "value", "")) for quad in quads}
    follows = {str(getattr(quad.object, "value", "")) for quad in quads if quad.graph_name == GRAPH_INFERRED}
    assert {value.said for value in values if value.inferred} == follows
    assert "https://identifiers.org/mirbase.mature:MIMAT0000076" in found.links()


def test_what_is_above_is_the_closure_that_rdflib_makes(corpus: Snapshot, corpus_pages: Browser) -> None:
    graph = Graph()
    for name in (GRAPH_ONTOLOGY, GRAPH_IMPORTS):
        for quad in corpus.store.quads_for_pattern(None, RDFS_SUBCLASSOF, None, name):
            if isinstance(quad.object, NamedNode):
                graph.add((URIRef(text(quad.subject)), URIRef(quad.predicate.value), URIRef(quad.object.value)))
    for node in (APOPTOSIS, expand("CL:0002540"), expand("exonto:ReportedDecrease")):
        found = hierarchy(
            node.value, corpus_pages.rows("resource-hierarchy", this=[node]), most=1_000, most_below=1_000
        )
        above = {str(each) for each in graph.transitive_objects(URIRef(node.value), URIRef(RDFS_SUBCLASSOF.value))}
        assert {each for way in found.ways for each in way} == above - {node.value}
        assert set(found.below) == {str(each) for each in graph.subjects(None, URIRef(node.value))}
        for way in found.ways:
            assert all(
                (URIRef(low), None, URIRef(high)) in graph
                for high, low in zip(way, (*way[1:], node.value), strict=True)
            )


def test_a_circle_above_a_thing_ends() -> None:
    rows: list[Row] = [
        {"where": Literal("parent"), "thing": NamedNode("http://ex/b")},
        {"where": Literal("above"), "thing": NamedNode("http://ex/b"), "above": NamedNode("http://ex/c")},
        {"where": Literal("above"), "thing": NamedNode("http://ex/c"), "above": NamedNode("http://ex/b")},
    ]
    assert hierarchy("http://ex/a", rows).ways == (("http://ex/c", "http://ex/b"),)


def test_uses_are_told_by_property_what_is_written_first(corpus_pages: Browser) -> None:
    found = uses(corpus_pages.rows("resource-in", this=[expand("entity:mir-21")]), most=100)
    assert found[0].property == expand("exonto:of").value
    assert not found[0].inferred
    assert found[-1].inferred
    assert [use.inferred for use in found] == sorted(use.inferred for use in found)


@pytest.mark.parametrize(
    ("iri", "address"),
    [
        (APOPTOSIS.value, "http://purl.obolibrary.org/obo/GO_0006915"),
        ("https://identifiers.org/hgnc:5992", "https://www.genenames.org/data/gene-symbol-report/#!/hgnc_id/HGNC:5992"),
        ("https://identifiers.org/ncbigene:3553", "https://www.ncbi.nlm.nih.gov/gene/3553"),
        ("https://identifiers.org/mirbase.mature:MIMAT0000076", "https://www.mirbase.org/mature/MIMAT0000076"),
        ("https://identifiers.org/reactome:R-HSA-109581", "https://reactome.org/content/detail/R-HSA-109581"),
        ("https://creativecommons.org/licenses/by/4.0/", "https://creativecommons.org/licenses/by/4.0/"),
        ("https://w3id.org/exo-onto/uses", ""),
        ("javascript:alert(1)", ""),
        ("urn:x:y", ""),
    ],
)
def test_a_link_leads_to_the_authority_and_never_to_a_script(iri: str, address: str) -> None:
    assert elsewhere(iri) == address


def test_every_match_of_the_corpus_leads_somewhere(corpus: Snapshot) -> None:
    for kind in ("exact", "close", "narrow", "related", "broad"):
        for quad in corpus.store.quads_for_pattern(None, expand(f"skos:{kind}Match"), None):
            target = str(getattr(quad.object, "value", ""))
            assert elsewhere(target) or target.startswith("https://w3id.org/exo-onto/"), target


def test_a_definition_is_in_the_language_or_in_another() -> None:
    name, node = NamedNode("http://purl.obolibrary.org/obo/IAO_0000115"), NamedNode("http://ex/a")
    rows: list[Row] = [
        {"graph": GRAPH_INSTANCES, "property": name, "value": Literal(said, language=tag)}
        for said, tag in (("cell", "en"), ("细胞", "zh"))
    ]
    found = resource(node.value, rows)
    assert found.definition("zh") == Value("细胞", iri=False, language="zh")
    assert resource(node.value, rows[:1]).definition("zh") == Value("cell", iri=False, language="en")
    assert resource(node.value, []).definition("en") is None
    assert doi("10.1/x") == "https://doi.org/10.1/x"
