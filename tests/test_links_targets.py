"""Tests of targets: each form of table is known by its header, and a row that cannot be understood says where."""

from pathlib import Path

import pytest
from conftest import REPOSITORY
from hypothesis import given
from hypothesis import strategies as st

from exo_onto.links.rows import Row, opened
from exo_onto.links.targets import BadRowError, Layout, Sighting, UnknownTableError, read, recognise

SPECIMENS = REPOSITORY / "tests" / "specimens" / "evidence"
OLD = (
    "miRTarBase ID",
    "miRNA",
    "Species (miRNA)",
    "Target Gene",
    "Target Gene (Entrez Gene ID)",
    "Species (Target Gene)",
    "Experiments",
    "Support Type",
    "References (PMID)",
)
"""The header of miRTarBase until release 7; later ones say `Entrez ID`."""
PLAIN = recognise(Row(1, ("miRNA", "gene", "species", "support", "PMID")))


def first(path: Path) -> tuple[Layout, Sighting]:
    with opened(path) as table:
        layout = recognise(table.header)
        return layout, read(layout, next(table.rows))


@pytest.mark.parametrize(
    ("name", "form", "said"),
    [
        (
            "made-up-mirtarbase.csv",
            "miRTarBase",
            ("hsa-miR-142-3p", "MAP3K11", "4296", "", "Functional MTI", ("99999901",)),
        ),
        (
            "made-up-tarbase-9.tsv",
            "TarBase 9",
            ("hsa-miR-142-3p", "MAP3K11", "", "ENSG00000173327", "Luciferase Reporter Assay", ("99999901",)),
        ),
        (
            "made-up-tarbase-8.tsv",
            "TarBase 8",
            ("hsa-miR-142-3p", "MAP3K11", "", "ENSG00000173327", "Luciferase Reporter Assay", ()),
        ),
        ("made-up-plain.tsv", "plain", ("miR-142-3p", "MAP3K11", "", "", "yes", ("99999901", "99999902"))),
    ],
)
def test_a_table_is_known_by_its_columns(name: str, form: str, said: tuple[object, ...]) -> None:
    layout, row = first(SPECIMENS / name)
    assert layout.form.name == form
    assert (row.mirna, row.gene, row.ncbi, row.ensembl, row.kind, row.pmids) == said
    assert row.supports
    assert row.mirna_species == row.gene_species == "Homo sapiens"


def test_an_older_mirtarbase_is_known_too_and_its_numbers_with_fractions() -> None:
    layout = recognise(Row(1, OLD))
    assert layout.form.name == "miRTarBase"
    cells = (
        "MIRT1",
        "hsa-miR-1",
        "Homo sapiens",
        "IL6",
        "3569.0",
        "Homo sapiens",
        "",
        "Non-Functional MTI (Weak)",
        "18632605.0",
    )
    found = read(layout, Row(2, cells))
    assert (found.ncbi, found.pmids, found.supports) == ("3569", ("18632605",), False)


def test_columns_may_stand_in_any_order_and_case_and_others_beside_them() -> None:
    layout = recognise(Row(1, ("comment", "PMID", "GENE", "MIRNA")))
    assert read(layout, Row(2, ("x", "1", "IL6", "miR-1"))).gene == "IL6"


def test_a_gene_may_be_given_by_its_identifier_alone() -> None:
    layout = recognise(Row(1, ("miRNA", "Entrez ID")))
    assert read(layout, Row(2, ("miR-1", "3569"))).ncbi == "3569"


@pytest.mark.parametrize(
    ("header", "says"),
    [
        (("gene", "species"), r"The table:1: has no column for the miRNA \(one of: mirna, microrna"),
        (("miRNA", "species"), r"has no column for the gene \(one of: gene, gene symbol, target"),
        (("a",), "Its header says: a"),
    ],
)
def test_a_header_of_no_table_of_targets_is_refused(header: tuple[str, ...], says: str) -> None:
    with pytest.raises(UnknownTableError, match=says):
        recognise(Row(1, header))


@pytest.mark.parametrize(
    ("cells", "column", "says"),
    [
        (("", "IL6", "", "yes", ""), 0, "It names no miRNA"),
        (("miR-1", "NA", "", "yes", ""), 1, "It names no gene"),
        (("miR-1", "7-Sep", "", "yes", ""), 1, "taken the gene for a date: 7-Sep"),
        (("miR-1", "Mar-01", "", "yes", ""), 1, "taken the gene for a date"),
        (("miR-1", "IL6", "", "perhaps", ""), 3, "no kind of support: perhaps"),
        (("miR-1", "IL6", "", "functionl", ""), 3, "Is functional meant"),
        (("miR-1", "IL6", "", "", ""), 3, "no kind of support: nothing"),
        (("miR-1", "IL6", "", "yes", "1, two"), 4, "no PubMed identifier: 1, two"),
        (("miR-1", "IL6", "", "yes", "0"), 4, "no PubMed identifier"),
        (("miR-1", "IL6", "", "yes", "1", "more"), 5, "more columns than the header, 5"),
        (("miR-1", "IL6"), None, "It has 2 columns, and the header 5"),
    ],
)
def test_a_row_that_cannot_be_understood_says_in_which_column(
    cells: tuple[str, ...], column: int | None, says: str
) -> None:
    with pytest.raises(BadRowError, match=says) as caught:
        read(PLAIN, Row(2, cells))
    assert caught.value.column == column


def test_empty_cells_that_are_left_off_at_the_end_are_no_mistake() -> None:
    layout = recognise(Row(1, ("miRNA", "gene", "comment", "more")))
    assert read(layout, Row(2, ("miR-1", "IL6"))).gene == "IL6"
    assert read(layout, Row(2, ("miR-1", "IL6", "", "", "", ""))).gene == "IL6"


@pytest.mark.parametrize(
    ("text", "pmids"),
    [
        ("", ()),
        ("NA", ()),
        ("12345678", ("12345678",)),
        ("1;2|3,4 5", ("1", "2", "3", "4", "5")),
        ("PMID: 12 PMID:13", ("12", "13")),
        ("https://pubmed.ncbi.nlm.nih.gov/12345678/", ("12345678",)),
        ("http://www.ncbi.nlm.nih.gov/pubmed/12345678", ("12345678",)),
    ],
)
def test_articles_are_read_however_they_are_written(text: str, pmids: tuple[str, ...]) -> None:
    assert read(PLAIN, Row(2, ("miR-1", "IL6", "", "yes", text))).pmids == pmids


@given(st.lists(st.text(max_size=12), min_size=0, max_size=7))
def test_a_row_is_understood_or_refused_in_words_whatever_it_holds(cells: list[str]) -> None:
    try:
        found = read(PLAIN, Row(2, tuple(cells)))
    except BadRowError:
        return
    assert found.mirna
    assert all(each.isascii() and each.isdigit() for each in found.pmids)
