"""Tests of links.names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exo_onto.links.names import canonical, curie, module_of, prefix_of, registered


@pytest.mark.parametrize(
    ("spelt", "ours"),
    [
        ("http://purl.obolibrary.org/obo/hgnc_6850", "https://identifiers.org/hgnc:6850"),
        ("http://identifiers.org/hgnc/6850", "https://identifiers.org/hgnc:6850"),
        ("https://identifiers.org/hgnc/HGNC:6850", "https://identifiers.org/hgnc:6850"),
        (
            "http://purl.obolibrary.org/obo/mirbase.mature_MIMAT0000076",
            "https://identifiers.org/mirbase.mature:MIMAT0000076",
        ),
        ("http://purl.obolibrary.org/obo/GO_0006915", "http://purl.obolibrary.org/obo/GO_0006915"),
        ("https://example.org/a", "https://example.org/a"),
    ],
)
def test_an_identifier_has_one_spelling(spelt: str, ours: str) -> None:
    assert canonical(spelt) == ours
    assert canonical(ours) == ours


@given(st.text(max_size=60))
def test_what_is_no_identifier_is_left_as_it_is(text: str) -> None:
    assert canonical(canonical(text)) == canonical(text)


@pytest.mark.parametrize(
    ("iri", "short", "module"),
    [
        ("http://purl.obolibrary.org/obo/GO_0006915", "GO:0006915", "go"),
        ("http://purl.obolibrary.org/obo/PATO_0000001", "PATO:0000001", "pato"),
        ("http://www.ebi.ac.uk/efo/EFO_0004905", "EFO:0004905", "efo"),
        ("https://identifiers.org/hgnc:6850", "HGNC:6850", "hgnc"),
    ],
)
def test_a_term_elsewhere_has_a_curie_and_a_module(iri: str, short: str, module: str) -> None:
    assert curie(iri) == short
    assert module_of(prefix_of(iri) or "") == module


@pytest.mark.parametrize("iri", ["https://w3id.org/exo-onto/Study", "http://purl.obolibrary.org/obo/go.owl", "x"])
def test_what_is_ours_or_no_term_has_no_prefix(iri: str) -> None:
    assert prefix_of(iri) is None


def test_a_registry_that_is_not_known_has_no_iri() -> None:
    assert registered("nowhere", "1") is None
