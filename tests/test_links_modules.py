"""Tests of links.modules: what is written is read again."""

from collections.abc import Iterable
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from ontologies import header, iri, term
from pyoxigraph import RdfFormat, Triple, parse

from exo_onto.links.merge import Account, Origin
from exo_onto.links.modules import Module, parse_module, write_module
from exo_onto.links.terms import Relation, Term

RELATIONS = {iri("BFO:0000050"): "https://w3id.org/exo-onto/partOfSome"}
NEW = Origin("go_import-2026", header("go_import", "2026"), "ab" * 32, "new.owl")
OLD = Origin("go-2024", header("go", "2024"), "cd" * 32, "old.obo")


def triples(text: str) -> list[Triple]:
    return [quad.triple for quad in parse(text.encode(), format=RdfFormat.TURTLE)]


def module(accounts: Iterable[Account], name: str = "go") -> tuple[str, Module]:
    held = list(accounts)
    text = write_module(
        name, "Gene Ontology: the terms used here", held, RELATIONS, known={each.term.iri for each in held}
    )
    return text, parse_module(name, triples(text), RELATIONS)


def test_a_module_says_on_top_what_it_is_of() -> None:
    text, read = module([Account(term("GO:1", "root"), NEW, {}, {})])
    assert text.startswith("# Gene Ontology: the terms used here, with their ancestors.")
    assert (read.title, read.sources) == ("Gene Ontology: the terms used here", (NEW,))
    (voice,) = read.voices
    assert (voice.origin.sha256, voice.origin.file, voice.origin.header) == (NEW.sha256, NEW.file, NEW.header)


def test_a_module_of_several_sources_is_under_the_licence_of_each() -> None:
    other = Origin("b-2020", replace(header("b", "2020"), licence="CC0"))
    text, _ = module([Account(term("GO:1", "root"), NEW, {iri("GO:2"): other}, {})])
    assert 'dcterms:license "CC0", <https://example.org/licence> ;' in text


def test_each_part_of_a_term_keeps_its_source() -> None:
    leaf = term("GO:3", 'a "leaf"\\', ["GO:1", "GO:2"])
    part = Relation(iri("BFO:0000050"), iri("GO:1"))
    held = [
        Account(leaf, NEW, {iri("GO:1"): NEW, iri("GO:2"): OLD}, {part: OLD}),
        Account(term("GO:1", "root"), OLD, {}, {}),
        Account(term("GO:4", "gone", obsolete=True, replacements=(iri("GO:1"),)), NEW, {}, {}),
    ]
    text, read = module(held)
    said = {voice.origin: voice.terms for voice in read.voices}
    assert said[NEW][iri("GO:3")].parents == (iri("GO:1"),)
    assert said[OLD][iri("GO:3")].parents == (iri("GO:2"),)
    assert said[OLD][iri("GO:3")].relations == (part,)
    assert said[NEW][iri("GO:3")].label == 'a "leaf"\\'
    assert said[NEW][iri("GO:4")].replacements == (iri("GO:1"),)
    assert said[NEW][iri("GO:4")].obsolete
    assert text.count("owl:Axiom") == 2


def test_a_module_of_before_has_one_source_of_its_newest_version() -> None:
    text = """@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix GO: <http://purl.obolibrary.org/obo/GO_> .
    @prefix dcterms: <http://purl.org/dc/terms/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
    <https://w3id.org/exo-onto/imports/go> a owl:Ontology ; owl:versionInfo "2024", "2026" ; dcterms:source "by hand" .
    GO:1 a owl:Class ; rdfs:label "one" ."""
    (voice,) = parse_module("go", triples(text), RELATIONS).voices
    assert voice.origin.header.version == "2026"
    assert voice.terms == {iri("GO:1"): term("GO:1", "one")}


LABEL = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=20)


@given(
    st.dictionaries(st.sampled_from([f"GO:{n}" for n in range(9)]), LABEL, min_size=1),
    st.randoms(use_true_random=False),
)
@settings(max_examples=60, deadline=None)
def test_the_same_terms_give_the_same_bytes_and_come_back(labels: dict[str, str], random) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    held = [Account(term(name, label), random.choice([NEW, OLD]), {}, {}) for name, label in labels.items()]
    text, read = module(held)
    random.shuffle(held)
    assert module(held)[0] == text
    back: dict[str, Term] = {each: found for voice in read.voices for each, found in voice.terms.items()}
    assert back == {each.term.iri: each.term for each in held}
