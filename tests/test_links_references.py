"""Tests of links.references: a library completes what it certainly knows, and nothing else."""

import csv
import io
from pathlib import Path

import pytest
import rispy
from conftest import REPOSITORY
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import RdfFormat, parse
from typer.testing import CliRunner

from exo_onto import sources
from exo_onto.cli import app
from exo_onto.links.references import (
    Outcome,
    Record,
    RecordsError,
    Reference,
    match,
    read_records,
    references_of,
    surname,
    title_key,
)

ALPHA = "\N{GREEK SMALL LETTER ALPHA}"
OURS = Reference(
    "https://w3id.org/exo-onto/reference/a", f"The role of TNF-{ALPHA} in discs", "Cheng XF, Zhang GY, et al.", 2018
)
RIS = """TY  - JOUR
TI  - The role of TNF-<i>alpha</i> in discs.
AU  - Cheng, Xiao-Fei
AU  - Zhang, Guang-Yu
PY  - 2018/01/05
DO  - https://doi.org/10.1111/JCMM.13316
N1  - PMID: 29063732
ER  -
"""
ZOTERO = """"Key","Item Type","Publication Year","Author","Title","DOI","Extra"
"X","journalArticle","2018","Cheng, Xiaofei; Zhang, G.","The Role of TNF-\u03b1 in Discs","10.1111/jcmm.13316","PMID: 29063732
PMCID: PMC5742691"
"""
PUBMED = """PMID,Title,Authors,Citation,First Author,Journal/Book,Publication Year,DOI
29063732,The role of TNF-alpha in discs.,"Cheng X, Zhang G",J. 2018,Cheng X,J,2018,10.1111/jcmm.13316
"""


@pytest.mark.parametrize(
    "text", [RIS, "\ufeff" + RIS.replace("\n", "\r\n"), ZOTERO, PUBMED], ids=["ris", "bom", "zotero", "pubmed"]
)
def test_a_record_of_each_form_completes_its_reference(text: str) -> None:
    (found,) = match([OURS], read_records(text))
    assert (found.outcome, found.doi, found.pmid) == (Outcome.COMPLETED, "10.1111/jcmm.13316", "29063732")


def record(**said: object) -> Record:
    told = {
        "line": 1,
        "title": OURS.title,
        "first_author": "Cheng X",
        "year": 2018,
        "doi": "10.1/a",
        "pmid": "1",
        **said,
    }
    return Record(**told)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("records", "outcome", "why"),
    [
        ([], Outcome.ABSENT, ""),
        ([record(title="Another")], Outcome.ABSENT, ""),
        ([record(year=2019)], Outcome.UNCERTAIN, "the year is 2019 there, 2018 here"),
        ([record(year=None)], Outcome.UNCERTAIN, "the year is not given there"),
        ([record(first_author="Chen X")], Outcome.UNCERTAIN, "the first author is Chen X there, Cheng XF here"),
        ([record(first_author="")], Outcome.UNCERTAIN, "the first author is not given there"),
        ([record(), record(line=9, doi="10.1/b")], Outcome.AMBIGUOUS, "lines 1, 9 differ: 10.1/a, 10.1/b"),
        ([record(), record(line=9)], Outcome.COMPLETED, ""),
        ([record(doi="", pmid="")], Outcome.NO_IDENTIFIER, ""),
    ],
)
def test_what_is_not_certain_is_told_and_not_taken(records: list[Record], outcome: Outcome, why: str) -> None:
    (found,) = match([OURS], records)
    assert found.outcome is outcome
    assert why in found.why
    assert outcome is Outcome.COMPLETED or not (found.doi or found.pmid)


def test_another_identifier_than_ours_is_a_conflict_and_the_same_is_known() -> None:
    ours = Reference(OURS.iri, OURS.title, OURS.author_line, OURS.year, doi="10.1/B")
    (found,) = match([ours], [record(doi="10.1/a", pmid="")])
    assert (found.outcome, found.why) == (Outcome.CONFLICT, "10.1/a there, 10.1/b here")
    (found,) = match([ours], [record(doi="10.1/b", pmid="")])
    assert found.outcome is Outcome.KNOWN
    (found,) = match([ours], [record(doi="10.1/b", pmid="7")])
    assert (found.outcome, found.doi, found.pmid) == (Outcome.COMPLETED, "", "7")


def test_two_references_of_one_title_are_not_told_apart_by_guessing() -> None:
    found = match([OURS, Reference(f"{OURS.iri}b", *(OURS.title, OURS.author_line, OURS.year))], [record()])
    assert {each.outcome for each in found} == {Outcome.AMBIGUOUS}


@pytest.mark.parametrize(
    ("line", "pmid"),
    [
        ("AN  - 29063732\nDP  - PubMed", ""),
        ("AN  - 29063732\nDB  - PubMed", "29063732"),
        ("AN  - WOS:000418\nDB  - Web of Science", ""),
        ("UR  - https://pubmed.ncbi.nlm.nih.gov/29063732/", "29063732"),
        ("N2  - PMID: 1 and PMID: 2", ""),
        ("N2  - nothing", ""),
    ],
)
def test_a_number_is_a_pmid_only_where_it_is_called_one(line: str, pmid: str) -> None:
    (found,) = read_records(f"TY  - JOUR\nTI  - T\n{line}\nER  - \n")
    assert found.pmid == pmid


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "neither RIS"),
        ("nonsense", "neither RIS"),
        ("Title,Year\nA,2018\n", "neither RIS"),
        ("Title,Author,Year\n", "no record"),
        ("TY  - JOUR\nTI  - A\nER  - \nTY  - JOUR\nTI  - B\n", "Line 4: this record has no end"),
        ('Title,Author,Year\n"A,B,2018\n', "no CSV"),
    ],
)
def test_what_is_no_library_is_refused_with_the_reason(text: str, says: str) -> None:
    with pytest.raises(RecordsError, match=says):
        read_records(text)


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("Cheng, Xiao-Fei", "cheng"),
        ("Cheng XF", "cheng"),
        ("Cheng X.F.", "cheng"),
        ("Xiaofei Cheng", "cheng"),
        ("van der Berg A", "vanderberg"),
        ("Müller, J", "muller"),
        ("Cheng", "cheng"),
        ("", ""),
    ],
)
def test_the_family_name_of_each_way_to_write_names(name: str, family: str) -> None:
    assert surname(name) == family


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=40).filter(
    lambda text: title_key(text) and text == text.strip()
)


@given(TEXT, st.text("ABCDEFGHIJ", min_size=2, max_size=8), st.integers(1900, 2100))
def test_what_a_writer_of_ris_and_of_csv_writes_is_read_again(title: str, family: str, year: int) -> None:
    """The oracles are rispy's own writer and the csv writer of Python."""
    ours = Reference("r", title, f"{family} X, et al.", year)
    ris = rispy.dumps(
        [{"type_of_reference": "JOUR", "title": title, "authors": [f"{family}, X"], "year": str(year), "doi": "10.1/a"}]
    )
    rows = io.StringIO()
    csv.writer(rows).writerows([["Title", "Authors", "Year", "DOI"], [title, f"{family} X", year, "10.1000/a"]])
    (found,) = match([ours], read_records(rows.getvalue()))
    assert (found.outcome, found.doi) == (Outcome.COMPLETED, "10.1000/a")
    assert [each.year for each in read_records(ris)] == [year]
    assert match([ours], read_records(ris))[0].outcome in {Outcome.NO_IDENTIFIER, Outcome.ABSENT, Outcome.UNCERTAIN}


def test_the_references_of_the_repository_are_completed_in_place(copied: Path, tmp_path: Path) -> None:
    ours = {each.iri.rpartition("/")[2]: each for each in references_of(sources.read_sources(REPOSITORY))}
    assert len(ours) >= 55
    chosen, other, known = ours["cheng-xf-2018"], ours["pan-hy-2023"], ours["xiang-hf-2020"]
    library = rispy.dumps(
        [
            {"type_of_reference": "JOUR", "title": chosen.title.upper(), "authors": ["Cheng, X"], "year": "2018", "doi": "10.9999/made-up.1", "notes": ["PMID: 99999991"]},
            {"type_of_reference": "JOUR", "title": other.title, "authors": ["Pan, H"], "year": "2022", "doi": "10.9999/made-up.2"},
            {"type_of_reference": "JOUR", "title": known.title, "authors": ["Xiang, H"], "year": "2020", "doi": known.doi},
        ]
    )  # fmt: skip
    (tmp_path / "library.ris").write_text(library, "utf-8")
    file = copied / "instances" / "references.ttl"
    before = file.read_text("utf-8")
    arguments = ["links", "references", str(tmp_path / "library.ris"), "--root", str(copied)]
    tried = CliRunner().invoke(app, [*arguments, "--dry-run"])
    assert '+    bibo:pmid "99999991" ;' in tried.output
    assert "would change: 1 file" in tried.output
    assert file.read_text("utf-8") == before
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    assert "1 completed, 1 known already, 1 uncertain" in done.output
    assert "reference:pan-hy-2023: uncertain: the title agrees, but the year is 2022 there, 2023 here" in done.output
    after = file.read_text("utf-8")
    number = "    exonto:referenceNumber 26 ;\n"
    new = '    prism:doi "10.9999/made-up.1" ;\n    bibo:pmid "99999991" ;\n'
    assert after == before.replace(number, number + new)
    assert len(list(parse(after, format=RdfFormat.TURTLE))) == len(list(parse(before, format=RdfFormat.TURTLE))) + 2
    again = CliRunner().invoke(app, arguments)
    assert "0 files" in again.output
    (tmp_path / "library.ris").write_text(library.replace("99999991", "99999992"), "utf-8")
    against = CliRunner().invoke(app, arguments)
    assert against.exit_code == 1
    assert "conflict: 99999992 there, 99999991 here" in against.output


def test_a_library_that_cannot_be_read_is_refused(copied: Path, tmp_path: Path) -> None:
    (tmp_path / "x.ris").write_text("TY  - JOUR\nTI  - A\n", "utf-8")
    done = CliRunner().invoke(app, ["links", "references", str(tmp_path / "x.ris"), "--root", str(copied)])
    assert done.exit_code == 2
    assert "x.ris: Line 1: this record has no end" in done.output
