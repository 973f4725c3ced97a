"""Tests of values: cells to terms and back, and what cannot stand in a cell is told."""

from pathlib import Path

import pytest
from conftest import REPOSITORY
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode
from spreadsheets import known, term

from exo_onto.tables.grid import guarded, odd, unguarded
from exo_onto.tables.layout import Column, Range
from exo_onto.tables.values import Valuer, ValueRefusedError, escaped, slug_of, unescaped

LAYOUT, NAMES = known(Path(REPOSITORY))
VALUER = Valuer(NAMES)
ANY = Column(None, {"en": "any"}, range=Range(anything=True))
TEXT = Column(None, {"en": "text"}, form="text", language="en", many=True)


@settings(max_examples=300)
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_comes_back_from_a_cell(text: str) -> None:
    cell = escaped(text)
    assert odd(cell) is None
    assert unescaped(unguarded(guarded(cell)).strip()) == text


@settings(max_examples=200)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1, max_size=3))
def test_several_texts_come_back_from_one_cell(texts: list[str]) -> None:
    values = [Literal(text, language="en") for text in texts]
    assert list(VALUER.read(VALUER.written(list(values), TEXT), TEXT)) == values


@settings(max_examples=100)
@given(st.text(st.characters(exclude_categories=["Cs"])), st.sampled_from(["", "en", "zh"]))
def test_a_literal_comes_back_from_a_cell_for_anything(text: str, language: str) -> None:
    value = Literal(text, language=language) if language else Literal(text)
    cell = VALUER.written([value], ANY)
    assert odd(cell) is None
    assert VALUER.read(cell, ANY) == (value,)


def test_a_typed_literal_and_an_unknown_term_come_back() -> None:
    for value in (Literal("5", datatype=term("xsd:integer")), term("GO:0000001"), NamedNode("http://example.org/x")):
        assert VALUER.read(VALUER.written([value], ANY), ANY) == (value,)


@pytest.mark.parametrize(
    ("form", "cell", "lexical"),
    [("integer", "2020", "2020"), ("boolean", "Yes", "true"), ("boolean", "否", "false"), ("boolean", "1", "true")],
)
def test_numbers_and_truths_are_read(form: str, cell: str, lexical: str) -> None:
    (value,) = VALUER.read(cell, Column(None, {}, form=form))
    assert value.value == lexical
    assert VALUER.fits(value, Column(None, {}, form=form))


@pytest.mark.parametrize(
    ("column", "cell", "said"),
    [
        (Column(None, {}, form="integer"), "20.5", "no whole number"),
        (Column(None, {}, form="integer"), "二〇", "no whole number"),
        (Column(None, {}, form="boolean"), "maybe", "neither true nor false"),
        (TEXT, "miR\u200b-21", r"U\+200B \(ZERO WIDTH SPACE\), character 4"),
        (TEXT, "\u202eabc", "RIGHT-TO-LEFT OVERRIDE"),
        (TEXT, "\\\\q", "escapes"),
        (ANY, '"open', "no text in quotation marks"),
        (ANY, '"x" . <urn:a> <urn:b> "y"', "no text in quotation marks"),
        (Column(None, {}, range=Range(choices=(term("GO:0006915"),))), "a | b", "Only one value"),
    ],
)
def test_what_cannot_stand_there_is_told(column: Column, cell: str, said: str) -> None:
    with pytest.raises(ValueRefusedError, match=said):
        VALUER.read(cell, column)


def test_a_line_break_in_a_text_is_kept() -> None:
    assert unescaped("one\r\ntwo") == "one\ntwo"
    assert unescaped(escaped("one\ntwo")) == "one\ntwo"


@pytest.mark.parametrize("cell", ["zhu-lf-2020-npc", "cells:zhu-lf-2020-npc", " zhu-lf-2020-npc\u200b"])
def test_a_thing_is_named_by_slug_or_curie(cell: str) -> None:
    assert slug_of(cell, "cells") == term("cells:zhu-lf-2020-npc")


@pytest.mark.parametrize("cell", ["", "a b", "activity:x", "../x", "名", "x.", "-x", "a/b"])
def test_what_is_no_name_is_told(cell: str) -> None:
    with pytest.raises(ValueRefusedError, match="is no name"):
        slug_of(cell, "cells")
