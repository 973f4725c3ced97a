"""Tests of the layout: what is written is what sheets and columns are, and what is wrong in it is told."""

from pathlib import Path

import pytest
from spreadsheets import layout_of

from exo_onto.tables.layout import LANGUAGES, LayoutError, parse_layout


def test_every_sheet_and_heading_has_both_languages(root: Path) -> None:
    layout = layout_of(root)
    for sheet in layout.sheets:
        assert set(sheet.titles) == set(sheet.help) == set(LANGUAGES), sheet.key
    assert set(layout.help) == set(LANGUAGES)
    assert [len(layout.help[language].headings) for language in LANGUAGES] == [5, 5]


def test_the_sheets_that_curators_were_promised_are_there(root: Path) -> None:
    keys = {sheet.key for sheet in layout_of(root).sheets}
    assert {"studies", "preparations", "cargo", "activities", "edges", "references"} <= keys


def test_a_statement_with_one_property_needs_no_column_for_it(root: Path) -> None:
    layout = layout_of(root)
    cargo, edges = (next(s for s in layout.sheets if s.key == key) for key in ("cargo", "edges"))
    assert len(layout.columns_of(edges)) == len(layout.columns_of(cargo)) + 1


def test_every_thing_of_a_sheet_has_a_section_of_the_file(root: Path) -> None:
    layout = layout_of(root)
    placed = {key for section in layout.sections for key in section.sheets}
    assert placed == {sheet.key for sheet in layout.sheets if sheet.kind and not sheet.file}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[headings]", "[headings", "cannot be read"),
        ('note = "exonto:curationNote"', 'note = "nowhere:note"', "prefix is not known"),
        ('note = "exonto:curationNote"', "", "lacks an entry"),
        ('is = "integer"', 'is = "colour"', "'colour'"),
    ],
)
def test_a_layout_that_cannot_be_understood_is_told(root: Path, old: str, new: str, said: str) -> None:
    text = (root / "exo_onto" / "tables" / "columns.toml").read_text("utf-8")
    with pytest.raises(LayoutError, match=said):
        parse_layout(text.replace(old, new))
