"""Tests of vocabulary."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import NamedNode

from exo_onto import vocabulary
from exo_onto.vocabulary import PREFIXES, UnknownNameError, compact, expand, slug

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
