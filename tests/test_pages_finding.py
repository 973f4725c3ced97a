"""The search: against one that looks at every text, and over the names of the corpus."""

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode
from reading import Browser

from exo_onto.pages.finding import Finder, finder, folded, kind_of
from exo_onto.pages.languages import Words
from exo_onto.vocabulary import BASE, KINDS, compact

if TYPE_CHECKING:
    from exo_onto.pages.asking import Row

WORDS = st.text("abAB Ωé细胞-1", max_size=8)


@pytest.fixture(scope="module")
def corpus_finder(corpus_pages: Browser) -> Finder:
    return finder(corpus_pages.rows("findables"))


@given(st.lists(st.tuples(st.integers(0, 5), WORDS), max_size=12), WORDS)
def test_it_finds_what_looking_at_every_text_finds(texts: list[tuple[int, str]], typed: str) -> None:
    rows: list[Row] = [
        {"thing": NamedNode(f"http://ex/{number}"), "how": Literal("synonym"), "text": Literal(said)}
        for number, said in texts
    ]
    words = folded(typed).split()
    expected = {
        f"http://ex/{number}"
        for number, said in texts
        if words and any(all(word in folded(each) for word in words) for each in (said, f"http://ex/{number}"))
    }
    assert {each.iri for each in finder(rows).find(typed, most=100)} == expected


@pytest.mark.parametrize(
    ("typed", "iri"),
    [
        ("miR-21", "entity/mir-21"),
        ("MIR-21", "entity/mir-21"),
        ("细胞凋亡", "http://purl.obolibrary.org/obo/GO_0006915"),
        ("GO:0006915", "http://purl.obolibrary.org/obo/GO_0006915"),
        ("抑制细胞凋亡", "mechanism/apoptosis-inhibition"),
        ("zhu lf 2020", "study/zhu-lf-2020"),
        ("MIMAT0000076", "entity/mir-21"),
        ("HGNC:5992", "entity/il1b"),
        ("白细胞介素-1β", "entity/il1b"),
        ("10.12435/j.issn.2095-5227.25083001", "reference/hou-ph-2025"),
        ("\uff2e\uff2c\uff32\uff30\uff13", "entity/nlrp3"),
    ],
)
def test_a_name_in_either_language_and_an_identifier_find_their_thing(
    typed: str, iri: str, corpus_finder: Finder
) -> None:
    found = [each.iri for each in corpus_finder.find(typed, most=5)]
    assert (iri if iri.startswith("http") else BASE + iri) in found


def test_every_label_finds_its_thing(corpus_finder: Finder) -> None:
    for iri, name in list(corpus_finder.known.items())[::7]:
        for label in name.labels.values():
            assert iri in {each.iri for each in corpus_finder.find(label, most=60)}, (label, iri)


def test_what_is_called_so_comes_before_what_contains_it(corpus_finder: Finder) -> None:
    first = corpus_finder.find("NLRP3", most=3)[0]
    assert compact(first.iri) == "entity:nlrp3"
    assert first.kind == "entity"


def test_nothing_typed_finds_nothing(corpus_finder: Finder) -> None:
    assert corpus_finder.find("  ", most=5) == ()
    assert corpus_finder.find("no such thing at all", most=5) == ()
    assert finder([]).find("a", most=5) == ()


def test_kinds() -> None:
    assert [kind_of(BASE + each) for each in ("study/x", "uses", "2026-11-23/")] == ["study", "term", "term"]
    assert kind_of("http://purl.obolibrary.org/obo/GO_0006915") == "term"


def test_every_kind_of_individual_has_a_word_and_one_that_nobody_knows_is_another() -> None:
    assert [kind_of(f"{BASE}{kind}/x") for kind in KINDS] == [*KINDS]
    assert kind_of(f"{BASE}nobody-knows/x") == "other"
    assert Words("zh")("kind.other")
