"""Proofs on a page: those of `explain`, in the words of either language."""

import re
from collections.abc import Iterator

import pytest
from conftest import REPOSITORY
from pyoxigraph import NamedNode
from reading import Browser

from exo_onto import archive, explain, judge, reason, rules, sources
from exo_onto.expressions import Pattern
from exo_onto.pages import proofs, stories
from exo_onto.pages.names import named
from exo_onto.pages.proofs import Told
from exo_onto.snapshot import Snapshot
from exo_onto.vocabulary import GRAPH_INFERRED, RDF_TYPE, expand
from exo_onto.words import ordered

FACTS = [
    Pattern(expand("study:zhu-lf-2020"), expand("exonto:demonstrates"), expand("mechanism:apoptosis-inhibition")),
    Pattern(expand("activity:cheng-xf-2018-apoptosis-npc"), RDF_TYPE, expand("exonto:ExplainedDecrease")),
    Pattern(expand("preparation:cheng-xf-2018"), expand("exonto:hasCargo"), expand("entity:mir-21")),
]


def nodes(told: Told) -> Iterator[Told]:
    yield told
    for premise in told.premises:
        yield from nodes(premise)


def told(fact: Pattern, language: str, corpus: Snapshot, pages: Browser) -> tuple[Told, ...]:
    found = proofs.proved(corpus.store, proofs.compiled(corpus.store), fact)
    assert found is not None
    grounds = stories.grounds_of(pages.rows("resource-grounds", subject=proofs.leaves(found)))
    names = pages.run(named(pages.visit().asker, proofs.things(found), language))
    return proofs.told(found, names, grounds, proofs.places(found, archive.opened(corpus.path)))


@pytest.mark.parametrize("fact", FACTS, ids=str)
def test_a_proof_is_that_of_explain(fact: Pattern, corpus: Snapshot, corpus_pages: Browser) -> None:
    select, _ = reason.engine(corpus.store)
    expected = explain.explain(select, rules.compile_rules(judge.axioms(corpus.store)), fact)
    assert expected is not None
    shown = told(fact, "en", corpus, corpus_pages)
    assert [sum(1 for _ in nodes(each)) for each in shown] == [proof.size for proof in ordered(expected)]
    assert [each.rules for each in shown] == [proof.rule.names for proof in ordered(expected) if proof.rule]


@pytest.mark.parametrize("fact", FACTS, ids=str)
def test_each_leaf_is_written_and_the_annotated_ones_have_their_source(
    fact: Pattern, corpus: Snapshot, corpus_pages: Browser
) -> None:
    leaves = [node for each in told(fact, "en", corpus, corpus_pages) for node in nodes(each) if node.asserted]
    assert leaves
    assert all(not leaf.premises and not leaf.why for leaf in leaves)
    assert any(ground.reference for leaf in leaves for ground in leaf.grounds)


@pytest.mark.parametrize("fact", FACTS, ids=str)
def test_each_leaf_has_the_file_and_line_that_explain_tells(
    fact: Pattern, corpus: Snapshot, corpus_pages: Browser
) -> None:
    read = sources.read_sources(REPOSITORY)
    found = proofs.proved(corpus.store, proofs.compiled(corpus.store), fact)
    assert found is not None
    places = proofs.places(found, archive.opened(corpus.path))
    assert places
    for leaf, place in places.items():
        assert place == read.place_of(
            *(str(getattr(term, "value", term)) for term in (leaf.subject, leaf.predicate, leaf.object))
        )
    leaves = [node for each in told(fact, "zh", corpus, corpus_pages) for node in nodes(each) if node.asserted]
    assert all(re.fullmatch(r"(ontology|instances)/[\w/.-]+\.ttl:[0-9]+", leaf.place) for leaf in leaves)


@pytest.mark.parametrize("fact", FACTS, ids=str)
def test_in_chinese_no_english_word_joins_the_names(fact: Pattern, corpus: Snapshot, corpus_pages: Browser) -> None:
    for each in told(fact, "zh", corpus, corpus_pages):
        for node in nodes(each):
            assert not re.search(r"\b(is|a|an|and|every|what|that)\b", f"{node.fact} {node.why}"), node
            assert node.asserted or node.why.startswith(("若", "本体规定"))


def test_what_does_not_hold_has_no_proof(corpus: Snapshot) -> None:
    known = proofs.compiled(corpus.store)
    assert (
        proofs.proved(corpus.store, known, Pattern(expand("study:zhu-lf-2020"), RDF_TYPE, NamedNode("http://ex/x")))
        is None
    )


def test_every_inferred_type_of_a_study_can_be_told(corpus: Snapshot, corpus_pages: Browser) -> None:
    known = proofs.compiled(corpus.store)
    subject = expand("activity:zhu-lf-2020-apoptosis-npc")
    quads = list(corpus.store.quads_for_pattern(subject, None, None, GRAPH_INFERRED))
    assert len(quads) > 20
    for quad in quads:
        found = proofs.proved(corpus.store, known, Pattern(subject, quad.predicate, quad.object))  # type: ignore[arg-type]
        assert found is not None
        names = corpus_pages.run(named(corpus_pages.visit().asker, proofs.things(found), "en"))
        assert proofs.told(found, names, {}, {})[-1].fact
