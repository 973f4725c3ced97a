"""Tests of links.identifiers: what an IRI identifies, and whether it is well-formed."""

import csv
import re
from pathlib import Path

import bioregistry
import pytest
from conftest import REPOSITORY
from hypothesis import given
from hypothesis import strategies as st

from exo_onto.links.identifiers import identify, identify_anyhow, pattern_of
from exo_onto.vocabulary import PREFIXES

ENTITIES = REPOSITORY.parent / "shared" / "reference" / "entities.tsv"
REGISTRIES = [
    "GO",
    "CHEBI",
    "CL",
    "UBERON",
    "MONDO",
    "HGNC",
    "NCBIGene",
    "mirbase.mature",
    "mirbase",
    "uniprot",
    "reactome",
    "wikipathways",
]


@pytest.mark.parametrize(
    ("iri", "key"),
    [
        ("http://purl.obolibrary.org/obo/GO_0006915", "go:0006915"),
        ("http://purl.obolibrary.org/obo/hgnc_100", "hgnc:100"),
        ("https://identifiers.org/hgnc:100", "hgnc:100"),
        ("https://identifiers.org/hgnc/100", "hgnc:100"),
        ("https://bioregistry.io/ncbigene:1", "ncbigene:1"),
        ("http://www.ebi.ac.uk/efo/EFO_0004905", "efo:0004905"),
    ],
)
def test_one_identifier_has_one_key_however_its_iri_is_made(iri: str, key: str) -> None:
    found = identify(iri)
    assert found is not None
    assert (found.key, found.fault) == (key, "")


@pytest.mark.parametrize(
    "iri",
    [
        "https://w3id.org/exo-onto/entity/tnf",
        "http://www.w3.org/2002/07/owl#Class",
        "http://purl.obolibrary.org/obo/go#part_of",
        "http://purl.obolibrary.org/obo/go.owl",
        "https://example.org/GO_0006915",
    ],
)
def test_what_has_the_form_of_none_is_none(iri: str) -> None:
    assert identify(iri) is None


def test_the_address_of_a_page_is_known_where_it_is_asked_for() -> None:
    page = "http://mirbase.org/cgi-bin/mature.pl?mature_acc=MIMAT0000001"
    assert identify(page) is None
    found = identify_anyhow(page)
    assert found is not None
    assert found.key == "mirbase.mature:MIMAT0000001"
    assert identify_anyhow("https://example.org/nothing") is None


@given(st.sampled_from(REGISTRIES), st.from_regex(r"[A-Z0-9]{1,12}", fullmatch=True))
def test_an_identifier_is_well_formed_where_the_bioregistry_says_so(prefix: str, local: str) -> None:
    """The oracle is the judgement of the package, which ours does not use."""
    found = identify(f"{PREFIXES[prefix]}{local}")
    assert found is not None
    assert (not found.fault) == bool(bioregistry.get_resource(prefix).is_valid_identifier(local))


def test_a_registry_that_there_is_not_is_told() -> None:
    found = identify("http://purl.obolibrary.org/obo/GOO_0000001")
    assert found is not None
    assert found.fault == "the Bioregistry knows no registry GOO"


@pytest.mark.skipif(not ENTITIES.exists(), reason="the reference files are not beside the checkout")
def test_every_identifier_that_was_verified_is_well_formed() -> None:
    with Path(ENTITIES).open(encoding="utf-8") as file:
        names = [
            row["external_curie"]
            for row in csv.DictReader(file, delimiter="\t")
            if row["status"].startswith("verified")
        ]
    assert len(names) > 800
    for name in names:
        prefix, _, local = name.partition(":")
        registry = bioregistry.normalize_prefix(prefix)
        assert registry is not None, name
        pattern = pattern_of(registry)
        assert pattern is None or re.fullmatch(pattern, local), name
