"""The causal story of a study: against the store, and against the signs multiplied along its edges."""

import json

import pytest
from conftest import text
from pyoxigraph import Literal, NamedNode
from reading import Browser

from exo_onto.pages.stories import DOWN, UP, Story, grounds_of, parts, story
from exo_onto.snapshot import Snapshot
from exo_onto.vocabulary import GRAPH_INSTANCES, PREFIXES, RDF_TYPE, expand


def told(pages: Browser, study: NamedNode) -> Story:
    nodes, edges, grounds = (pages.rows(f"story-{part}", this=[study]) for part in ("nodes", "edges", "grounds"))
    return story(nodes, edges, grounds_of(grounds))


def studies(corpus: Snapshot) -> list[NamedNode]:
    quads = corpus.store.quads_for_pattern(None, RDF_TYPE, expand("exonto:Study"), GRAPH_INSTANCES)
    return sorted((quad.subject for quad in quads if isinstance(quad.subject, NamedNode)), key=str)


def test_every_causal_edge_of_the_corpus_is_in_one_story(corpus: Snapshot, corpus_pages: Browser) -> None:
    names = {expand(f"exonto:{name}") for name in ("delivers", "increases", "decreases", "affects")}
    names |= {expand("RO:0002304"), expand("RO:0002305")}
    written = {
        (text(quad.subject), text(quad.predicate), text(quad.object))
        for name in names
        for quad in corpus.store.quads_for_pattern(None, name, None, GRAPH_INSTANCES)
    }
    found = [
        (edge.source, edge.relation, edge.target)
        for study in studies(corpus)
        for edge in told(corpus_pages, study).edges
    ]
    assert set(found) == written
    assert len(found) == len(set(found))


def test_a_traced_sign_is_the_product_of_the_signs_on_a_way_from_the_treatment(
    corpus: Snapshot, corpus_pages: Browser
) -> None:
    signs = {UP: 1, DOWN: -1}
    for study in studies(corpus):
        found = told(corpus_pages, study)
        reached = {node.iri: {1} for node in found.treatments}
        strong = [edge for edge in found.edges if edge.relation.startswith(PREFIXES["exonto"]) and edge.sign in signs]
        for _ in found.nodes:
            for edge in strong:
                for sign in set(reached.get(edge.source, ())):
                    reached.setdefault(edge.target, set()).add(sign * signs[edge.sign])
        for node in found.activities:
            assert bool(node.traced) == (node.iri in reached), node
            if node.traced:
                assert reached[node.iri] == {signs[node.sign]}


def test_every_reported_direction_and_edge_has_its_ground(corpus: Snapshot, corpus_pages: Browser) -> None:
    for study in studies(corpus):
        found = told(corpus_pages, study)
        assert found.activities
        reported = [node.grounds for node in found.activities if node.reported]
        for grounds in (*reported, *(edge.grounds for edge in found.edges)):
            assert grounds
            assert all(ground.reference and ground.certainty and ground.basis for ground in grounds)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_graph_json_has_the_shape_that_is_told(language: str, corpus: Snapshot, corpus_pages: Browser) -> None:
    for study in studies(corpus):
        path = f"/study/{study.value.rpartition('/')[2]}/graph.json"
        graph = json.loads(corpus_pages.get(path, accept_language=language).content)
        assert set(graph) == {"nodes", "edges"}
        ids = {node["id"] for node in graph["nodes"]}
        assert len(ids) == len(graph["nodes"])
        for node in graph["nodes"]:
            assert set(node) == {"id", "label", "href", "kind", "sign", "asserted"}
            assert node["kind"] in {"treatment", "activity", "mechanism"}
            assert node["sign"] in {"up", "down", "unsigned"}
            assert node["label"]
        for edge in graph["edges"]:
            assert set(edge) == {"source", "target", "sign", "asserted", "basis"}
            assert {edge["source"], edge["target"]} <= ids
        assert any(not edge["asserted"] for edge in graph["edges"]) == any(
            node["kind"] == "mechanism" for node in graph["nodes"]
        )


def test_the_strongest_basis_is_that_of_an_edge(corpus_pages: Browser) -> None:
    found = told(corpus_pages, expand("study:cheng-xf-2018"))
    [delivers] = [edge for edge in found.edges if edge.relation == expand("exonto:delivers").value]
    assert [ground.basis.rpartition("/")[2] for ground in delivers.grounds] == ["Stated", "Composed"]
    assert delivers.basis == expand("exonto:Stated").value


def test_parts_are_told_in_one_language(corpus_pages: Browser) -> None:
    study = expand("study:cheng-xf-2018")
    rows = corpus_pages.rows("study", this=[study])
    for language, other in (("en", "zh"), ("zh", "en")):
        found = parts(rows, language)
        assert set(found) >= {"study", "reference", "preparation", "source", "treatment", "model", "outcome"}
        [note] = found["study"][study.value][expand("exonto:curationNote").value]
        assert note.language == language != other
    cargo = found["preparation"][expand("preparation:cheng-xf-2018").value][expand("exonto:hasCargo").value]
    assert [(value.said, value.inferred) for value in cargo] == [(expand("entity:mir-21").value, True)]


def test_a_note_is_told_in_the_readers_language_or_else_as_it_is() -> None:
    names = ("axiom", "subject", "property", "value", "note")
    axiom = [NamedNode(f"http://x/{name[0]}") for name in names[:-1]]
    notes = (Literal("Read so.", language="en"), Literal("如此理解。", language="zh"))
    rows: list[dict[str, NamedNode | Literal]] = [dict(zip(names, (*axiom, note), strict=True)) for note in notes]
    [ground] = grounds_of(rows)["http://x/s", "http://x/p", "http://x/v"]
    assert [[note.said for note in ground.said(language)] for language in ("en", "zh")] == [
        ["Read so."],
        ["如此理解。"],
    ]
    [ground] = grounds_of(rows[:1])["http://x/s", "http://x/p", "http://x/v"]
    assert [(note.said, note.language) for note in ground.said("zh")] == [("Read so.", "en")]
