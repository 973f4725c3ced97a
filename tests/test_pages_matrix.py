"""The matrix, against the answers to the shipped questions, which come to it in other ways."""

import csv
import io
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from pathlib import Path

import pytest
from conftest import REPOSITORY, quiet
from pyoxigraph import Store
from reading import Browser

from exo_onto import pipeline, snapshot, sources
from exo_onto.beginning import begin, topic
from exo_onto.pages.matrix import FACETS, NOT_STATED, Mark, Matrix, Mechanism, colours, matrix, table, wishes
from exo_onto.pages.names import Names, named
from exo_onto.vocabulary import PREFIXES, adopt, expand, slug

REVIEW = {"apoptosis-inhibition", "inflammation-suppression", "matrix-homeostasis"}


@pytest.fixture(scope="module")
def whole(corpus_pages: Browser) -> Matrix:
    return matrix(*(corpus_pages.rows(f"matrix-{name}") for name in ("axes", "marks", "facets")))


@pytest.fixture(scope="module")
def names(corpus_pages: Browser, whole: Matrix) -> Names:
    found: Names = corpus_pages.run(named(corpus_pages.visit().asker, whole.things(), "en"))
    return found


def answer(question: str) -> list[Mapping[str, str]]:
    with (REPOSITORY / "tests" / "expected" / f"{question}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def marked(shown: Matrix, names: Names) -> dict[tuple[str, str, int], str]:
    return {
        (names.short(source), str(slug(mechanism)), mark.number): mark.standing
        for (source, mechanism), marks in shown.cells.items()
        for mark in marks
        if slug(mechanism) in REVIEW
    }


def test_what_is_inferred_is_what_the_shipped_question_says(whole: Matrix, names: Names) -> None:
    found = {place for place, standing in marked(whole, names).items() if standing in ("agreed", "inferred")}
    expected = {(row["source"], row["mechanism"], int(row["reference"])) for row in answer("mechanism-matrix")}
    assert found == expected


def test_a_standing_is_that_of_the_concordance(whole: Matrix, names: Names) -> None:
    words = {"agreed": "agreed", "claimed-not-inferred": "claimed", "inferred-not-claimed": "inferred"}
    expected = {(int(row["reference"]), row["mechanism"]): words[row["status"]] for row in answer("concordance")}
    found = {(number, mechanism): standing for (_, mechanism, number), standing in marked(whole, names).items()}
    assert found == expected


def test_an_empty_cell_is_a_research_gap(whole: Matrix, names: Names) -> None:
    shown = whole.chosen({}, fine=False)
    gaps = {
        (names.short(source), str(slug(column.iri)))
        for source in shown.sources
        for column in shown.mechanisms
        if not any(mark.standing != "claimed" for mark in shown.marks(source, column.iri))
    }
    assert gaps == {(row["source"], row["mechanism"]) for row in answer("research-gaps")}


def test_columns_are_those_of_the_review_or_all_with_the_colour_of_their_top(whole: Matrix) -> None:
    assert [slug(each.iri) for each in whole.chosen({}, fine=False).mechanisms] == [
        "apoptosis-inhibition",
        "inflammation-suppression",
        "matrix-homeostasis",
    ]
    fine = whole.chosen({}, fine=True).mechanisms
    assert len(fine) == 18
    assert all(whole.colour(each.iri) == whole.colour(each.top) for each in fine)
    assert {whole.colour(each.top) for each in fine} == {1, 2, 3, 4}
    assert whole.colour("http://ex/other") == 0


def test_in_vivo_is_what_the_shipped_question_says(whole: Matrix) -> None:
    kept = whole.chosen({"setting": f"{PREFIXES['exonto']}InVivo"}, fine=False).studies
    expected = {row["study"] for row in answer("in-vivo")}
    assert {slug(study) for study in kept} == expected & {slug(study) for study in whole.studies}
    without = whole.chosen({"setting": NOT_STATED}, fine=False).studies
    assert kept | without == whole.studies
    assert not kept & without


def test_species_of_the_source_are_those_of_the_shipped_question(whole: Matrix, names: Names) -> None:
    for row in answer("study-summary"):
        has = whole.facets.get(PREFIXES["study"] + row["study"], {}).get("species", frozenset())
        if row["taxon"] != "not stated":
            assert row["taxon"] in {names(each) for each in has}


def test_recipient_cells_are_those_of_the_shipped_question(whole: Matrix, names: Names) -> None:
    for row in answer("study-summary"):
        has = whole.facets.get(PREFIXES["study"] + row["study"], {}).get("recipient", frozenset())
        expected = set() if row["recipientCell"] == "not stated" else set(row["recipientCell"].split(", "))
        assert {names.short(each) for each in has} == expected


def test_cargo_is_what_the_shipped_question_says(whole: Matrix, names: Names) -> None:
    studies: dict[str, set[str]] = {}
    for row in answer("cargo"):
        number = row["reference"]
        studies.setdefault(number, set()).add(row["kind"])
    numbers = {mark.study: str(mark.number) for marks in whole.cells.values() for mark in marks}
    for study, number in numbers.items():
        has = {names.short(each) for each in whole.facets.get(study, {}).get("cargo", ())}
        assert has == studies.get(number, set())


def test_wishes_that_no_study_meets_are_none(whole: Matrix) -> None:
    assert wishes({"recipient": "<script>", "cargo": NOT_STATED, "columns": "all"}, whole) == {"cargo": NOT_STATED}
    for facet in FACETS:
        for value in whole.options(facet):
            assert wishes({facet: value}, whole) == {facet: value}


def test_the_table_has_a_line_for_each_mark_and_each_gap(whole: Matrix, names: Names) -> None:
    shown = whole.chosen({}, fine=False)
    rows = list(csv.DictReader(io.StringIO(table(shown, names))))
    marks = [row for row in rows if row["standing"] != "gap"]
    assert len(marks) == sum(
        len(shown.marks(source, each.iri)) for source in shown.sources for each in shown.mechanisms
    )
    assert len(rows) - len(marks) == sum(
        not shown.marks(source, each.iri) for source in shown.sources for each in shown.mechanisms
    )
    assert {"source": "BMSC", "standing": "claimed", "reference": "31", "study": "Shi M et al. 2021"}.items() <= next(
        row for row in rows if row["reference"] == "31"
    ).items()


@pytest.mark.parametrize("path", ["/matrix.svg", "/matrix.svg?columns=all&lang=zh"])
def test_the_picture_shows_each_mark(path: str, whole: Matrix, corpus_pages: Browser) -> None:
    reply = corpus_pages.get(path)
    picture = ET.fromstring(reply.content)  # noqa: S314  our own
    name = "{http://www.w3.org/2000/svg}"
    shown = whole.chosen({}, fine="all" in path)
    claimed = sum(
        mark.standing == "claimed"
        for source in shown.sources
        for each in shown.mechanisms
        for mark in shown.marks(source, each.iri)
    )
    hollow = [each for each in picture.iter(f"{name}circle") if each.get("fill") == "none"]
    assert len(hollow) == claimed + 1  # and one in the legend
    assert reply.headers["Content-Type"] == "image/svg+xml"


def test_an_empty_matrix() -> None:
    shown = matrix([], [], [])
    assert (shown.sources, shown.mechanisms, shown.studies, colours([])) == ((), (), frozenset(), {})
    assert Mark("s", 1, "agreed") == Mark("s", 1, "agreed")


# --- A root with a topic of its own


def begun(folder: Path, *changes: tuple[str, str]) -> Store:
    """Build a new repository, in whose mechanisms and study some words are changed."""
    begin(folder, topic("cartilage"))
    home = folder / "cartilage"
    for path in (home / "ontology" / "mechanism.ttl", home / "instances" / "studies" / "example-a-2000.ttl"):
        content = path.read_text("utf-8")
        for old, new in changes:
            content = content.replace(old, new)
        path.write_text(content, "utf-8")
    adopt(sources.names_of(home))
    assert pipeline.build(home, progress=quiet).name
    return snapshot.open_snapshot(home / "build").store


def test_a_root_with_a_topic_of_its_own_has_its_own_mechanisms(tmp_path: Path) -> None:
    browser = Browser(begun(tmp_path))
    shown = matrix(*(browser.rows(f"matrix-{name}") for name in ("axes", "marks", "facets")))
    survival, source = "https://w3id.org/cartilage/mechanism/cell-survival", expand("CL:0002570").value
    assert shown.chosen({}, fine=False).mechanisms == (Mechanism(survival, survival, main=True, colour=1),)
    assert shown.marks(source, survival) == (Mark("https://w3id.org/cartilage/study/example-a-2000", 0, "inferred"),)
    for language, claim in (("en", "Table 1"), ("zh", "表 1")):
        page = browser.get("/matrix", accept_language=language).text
        assert page.count('class="study inferred"') == 1
        assert claim not in page
        assert claim not in browser.get("/matrix.svg", accept_language=language).text
    assert "<b>1</b> mechanisms" in browser.get("/").text
    browser.close()


@pytest.mark.parametrize("empty", [False, True], ids=["no mechanism at the top", "nothing"])
def test_where_there_is_nothing_to_make_a_matrix_of_it_is_told(empty: bool, tmp_path: Path) -> None:  # noqa: FBT001
    without = ("skos:topConceptOf cartilage:mechanisms ;", "")
    browser = Browser(Store() if empty else begun(tmp_path, without))
    for language, said in (("en", "There is no matrix"), ("zh", "不足以构成矩阵")):
        page = browser.get("/matrix", accept_language=language)
        assert page.status_code == 200
        assert said in page.text
        assert "<table" not in page.text
        assert "matrix.js" not in page.text
    assert browser.get("/matrix.csv").text.count("\n") == 1
    assert browser.get("/matrix.svg").status_code == 200
    browser.close()
