"""Tests of links.obo."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ontologies import SMALL_OBO, iri

from exo_onto.links import obo
from exo_onto.links.terms import DamagedError

BAD_XREF = "xref: :bony projection"
BAD_VALUE = 'property_value: note "without an end'


def test_a_line_that_says_nothing_we_take_is_dropped_and_told() -> None:
    text = SMALL_OBO.replace("name: cell death\n", f"name: cell death\n{BAD_XREF}\n")
    text = text.replace("ontology: go\n", f"ontology: go\n{BAD_VALUE}\n")
    text = text.replace("name: programmed cell death\n", f"name: programmed cell death\n{BAD_VALUE}\n")
    parsed = obo.parse(text, "go.obo")
    assert [each.partition(" dropped")[0] for each in parsed.warnings] == ["go.obo:4:", "go.obo:14:", "go.obo:20:"]
    assert parsed.terms == obo.parse(SMALL_OBO, "go.obo").terms


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("is_a: GO:0008219 ! cell death", "is_a GO:0008219", "go.obo:18:"),
        ("ontology: go", "ontology go", "go.obo:3:"),
        ("xref: RO:0002211\n", f"{BAD_XREF}\n", "go.obo:40:"),
    ],
    ids=["a line that is needed", "the ontology's name", "in the last stanza"],
)
def test_a_line_that_may_matter_is_not_dropped(old: str, new: str, place: str) -> None:
    assert old in SMALL_OBO
    with pytest.raises(DamagedError, match="broken or cut short") as caught:
        obo.parse(SMALL_OBO.replace(old, new), "go.obo")
    assert str(caught.value).startswith(place)


def test_a_file_cut_between_two_lines_lacks_what_others_are_below() -> None:
    cut = (
        SMALL_OBO[: SMALL_OBO.index("[Term]\nid: GO:0008150")] + SMALL_OBO[SMALL_OBO.index("[Term]\nid: GO:0008219") :]
    )
    with pytest.raises(DamagedError, match=r"^go\.obo:\d+: .* has no stanza for GO:0008150, which GO:\d+ is below"):
        obo.parse(cut, "go.obo")


def test_lines_may_end_as_windows_ends_them() -> None:
    parsed = obo.parse(SMALL_OBO.replace("\n", "\r\n"), "go.obo")
    assert parsed.terms == obo.parse(SMALL_OBO, "go.obo").terms
    assert obo.header(SMALL_OBO.replace("\n", "\r\n")) == obo.header(SMALL_OBO)


@given(st.integers(min_value=0, max_value=len(SMALL_OBO) - 3))
@settings(max_examples=60, deadline=None)
def test_a_file_cut_anywhere_is_refused_or_read_without_wrong_terms(cut: int) -> None:
    whole = obo.parse(SMALL_OBO, "go.obo").terms
    try:
        terms = obo.parse(SMALL_OBO[:cut], "go.obo").terms
    except DamagedError as error:
        assert str(error).startswith("go.obo:")  # noqa: PT017
        return
    assert SMALL_OBO[cut - 1] == "\n"
    assert {each: terms[each].label for each in terms} == {each: whole[each].label for each in terms}


def test_the_header_tells_version_date_and_licence() -> None:
    header = obo.header(SMALL_OBO)
    assert (header.version, header.date) == ("2026-01-31", "2026-01-31")
    assert header.iri == iri("x").replace("x", "go.owl")
    assert header.licence == "https://creativecommons.org/licenses/by/4.0/"
    assert obo.header("date: 01:09:2017 02:42\ndata-version: 155\n\n[Term]\n").date == "2017-09-01"
    assert obo.header("import: http://example.org/a.owl\n[Term]\n").imports
