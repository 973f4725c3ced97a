"""Tests of stories: what a file says, compared as graphs are."""

import pytest
from conftest import REPOSITORY
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Dataset, Literal, NamedNode, Quad, RdfFormat, Triple, parse
from pyoxigraph import CanonicalizationAlgorithm as Canonical

from exo_onto.sources import read_sources
from exo_onto.tables.story import Story, UntellableError, read_story
from exo_onto.vocabulary import PREFIXES

HEAD = "".join(f"@prefix {each}: <{PREFIXES[each]}> .\n" for each in ("owl", "study", "exonto", "rdfs", "reference"))
SAID = "study:a exonto:publishedAs reference:a .\n"
AXIOM = """[] a owl:Axiom ; owl:annotatedSource study:a ; owl:annotatedProperty exonto:publishedAs ;
    owl:annotatedTarget reference:a ; exonto:place "1" .\n"""


def story(text: str) -> Story:
    return read_story(quad.triple for quad in parse((HEAD + text).encode(), format=RdfFormat.TURTLE))


def test_a_story_has_facts_and_their_provenance() -> None:
    told = story(SAID + AXIOM)
    assert len(told.facts) == 1
    assert told.sources[0].fact == told.facts[0]
    assert [value.value for _, value in told.sources[0].notes] == ["1"]
    assert told.facts[0].words == "study:a exonto:publishedAs reference:a"


def test_provenance_twice_is_not_provenance_once() -> None:
    assert not story(SAID + AXIOM).same(story(SAID + AXIOM + AXIOM))
    assert story(AXIOM + SAID).same(story(SAID + AXIOM))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("study:a exonto:publishedAs [ a owl:Thing ] .", "blank node stands in it as an object"),
        ("[] a owl:Thing .", "not the provenance of one statement"),
        (AXIOM, "which it does not say"),
        (SAID + AXIOM.replace('; exonto:place "1"', ""), "says nothing"),
        (SAID + AXIOM + "[] a owl:Axiom ; owl:annotatedSource study:a .", "not the provenance of one"),
        (SAID + AXIOM.replace("owl:annotatedSource study:a", 'owl:annotatedSource "a"'), "without a name"),
    ],
)
def test_what_no_row_can_hold_is_told(text: str, said: str) -> None:
    with pytest.raises(UntellableError, match=said):
        story(text)


def canonical(triples: list[Triple]) -> Dataset:
    """Give the graph with canonical names of blank nodes (RDFC-1.0): the referee of `same`."""
    dataset = Dataset(Quad(t.subject, t.predicate, t.object) for t in triples)
    dataset.canonicalize(Canonical.RDFC_1_0)
    return dataset


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_two_stories_are_the_same_where_their_graphs_are_isomorphic(data: st.DataObject) -> None:
    terms = [NamedNode(f"urn:{each}") for each in "abc"]
    pick = st.sampled_from(terms)

    def graph() -> list[Triple]:
        facts = data.draw(st.lists(st.tuples(pick, pick, pick), min_size=1, max_size=3, unique=True))
        triples = [Triple(*fact) for fact in facts]
        for fact in data.draw(st.lists(st.sampled_from(facts), max_size=3)):
            node, owl = BlankNode(), PREFIXES["owl"]
            triples.append(Triple(node, NamedNode(PREFIXES["rdf"] + "type"), NamedNode(owl + "Axiom")))
            for part, value in zip(("Source", "Property", "Target"), fact, strict=True):
                triples.append(Triple(node, NamedNode(f"{owl}annotated{part}"), value))
            triples.append(Triple(node, NamedNode("urn:place"), Literal(data.draw(st.sampled_from("12")))))
        return triples

    one, other = graph(), graph()
    assert read_story(one).same(read_story(other)) is (canonical(one) == canonical(other))
    assert canonical(one) == canonical(list(read_story(one).triples()))


def test_ordered_like_keeps_what_is_said() -> None:
    for file in read_sources(REPOSITORY).studies[:3]:
        told = read_story(file.triples)
        turned = Story(told.facts[::-1], told.sources[::-1])
        assert turned.ordered_like(told) == told
        assert turned.same(told)
