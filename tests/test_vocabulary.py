"""Tests of vocabulary."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import NamedNode

from exo_onto import vocabulary
from exo_onto.vocabulary import (
    BASE,
    KINDS,
    PREFIXES,
    Names,
    UnknownNameError,
    adopt,
    compact,
    expand,
    is_ours,
    own,
    slug,
)

LOCAL = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9.-]{0,12}", fullmatch=True)


@given(prefix=st.sampled_from(sorted(PREFIXES)), local=LOCAL)
def test_a_compacted_iri_expands_to_itself(prefix: str, local: str) -> None:
    iri = PREFIXES[prefix] + local
    assert expand(compact(iri)) == NamedNode(iri)


@pytest.mark.parametrize(
    ("iri", "curie"),
    [
        ("http://purl.obolibrary.org/obo/GO_0006915", "GO:0006915"),
        ("https://identifiers.org/hgnc:6850", "HGNC:6850"),
        ("https://identifiers.org/mirbase.mature:MIMAT0000434", "mirbase.mature:MIMAT0000434"),
        ("https://w3id.org/exo-onto/study/zhu-lf-2020", "study:zhu-lf-2020"),
        ("https://w3id.org/exo-onto/IncreasedActivity", "exonto:IncreasedActivity"),
        ("https://example.org/elsewhere", "https://example.org/elsewhere"),
    ],
)
def test_iris_are_shown_as_people_know_them(iri: str, curie: str) -> None:
    assert compact(iri) == curie


def test_an_iri_is_taken_with_or_without_angle_brackets() -> None:
    assert expand("<http://example.org/a>") == expand("http://example.org/a") == NamedNode("http://example.org/a")


@pytest.mark.parametrize("name", ["nonsense", "exo:Study", ":Study", ""])
def test_a_name_without_a_known_prefix_is_refused_with_those_that_are_known(name: str) -> None:
    with pytest.raises(UnknownNameError, match=r"Known prefixes: .*exonto"):
        expand(name)


def test_only_individuals_of_ours_have_slugs() -> None:
    assert slug("https://w3id.org/exo-onto/study/zhu-lf-2020") == "zhu-lf-2020"
    assert slug("https://w3id.org/exo-onto/Study") is None
    assert slug("http://purl.obolibrary.org/obo/GO_0006915") is None


def test_a_misspelt_constant_raises() -> None:
    with pytest.raises(AttributeError):
        vocabulary.RDFS_LABLE  # type: ignore[attr-defined]  # noqa: B018


def test_the_individuals_of_a_root_are_under_its_own_base_and_all_else_stays() -> None:
    before = dict(PREFIXES)
    adopt(Names("cartilage", "https://example.org/c/"))
    assert compact("https://example.org/c/study/a") == "study:a"
    assert compact("https://example.org/c/Repair") == "cartilage:Repair"
    assert expand("activity:x") == NamedNode("https://example.org/c/activity/x")
    assert expand("exonto:Study") == NamedNode(f"{BASE}Study")
    assert expand("graph:inferred") == vocabulary.GRAPH_INFERRED
    assert compact(f"{BASE}shape/Study") == "shape:Study"
    assert slug("https://example.org/c/study/a") == "a"
    assert is_ours("https://example.org/c/Repair")
    assert is_ours(f"{BASE}Study")
    assert own().prefix == "cartilage"
    assert {prefix for prefix in before if PREFIXES[prefix] != before[prefix]} == set(KINDS)
    adopt()
    assert dict(PREFIXES) == before


def test_a_prefix_that_is_known_keeps_its_meaning() -> None:
    adopt(Names("GO", "https://example.org/g/"))
    assert expand("GO:0006915").value == "http://purl.obolibrary.org/obo/GO_0006915"
    assert compact("https://example.org/g/study/a") == "study:a"


def test_another_root_takes_the_place_of_the_last() -> None:
    adopt(Names("one", "https://example.org/1/"))
    adopt(Names("two", "https://example.org/2/"))
    assert "one" not in PREFIXES
    assert compact("https://example.org/2/x") == "two:x"
