"""Tests of writing Turtle: the style of the files written by hand, byte for byte, and everything reads back."""

from pathlib import Path

import pytest
from conftest import REPOSITORY
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, RdfFormat, parse
from spreadsheets import layout_of, term

from exo_onto.sources import read_sources
from exo_onto.tables.story import Fact, Source, Story, read_story
from exo_onto.tables.turtle import prefix_lines, write_study, write_thing

LAYOUT = layout_of(REPOSITORY)


@pytest.mark.parametrize("file", read_sources(REPOSITORY).studies, ids=lambda file: Path(file.path).stem)
def test_a_study_is_written_as_it_was_by_hand(file: object) -> None:
    content = file.content().decode()  # type: ignore[attr-defined]
    story = read_story(file.triples)  # type: ignore[attr-defined]
    assert write_study(story, LAYOUT, content.splitlines()[:1]).text == content


def test_lines_are_those_of_things_and_provenance() -> None:
    file = read_sources(REPOSITORY).studies[0]
    written = write_study(read_story(file.triples), LAYOUT, ["# A study."])
    lines = written.text.splitlines()
    for line, thing in written.things:
        assert lines[line - 1].endswith(thing.value.rpartition("/")[2])
    assert {lines[line - 1] for line, _ in written.sources} == {"[]"}


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
iris = st.sampled_from(
    [
        *map(term, ("GO:0006915", "study:a", "entity:x.", "entity:-x", "cells:a.b")),
        NamedNode("urn:a"),
        NamedNode("http://e/é#1"),
    ]
)
literals = st.one_of(
    st.builds(Literal, texts),
    st.builds(lambda text, language: Literal(text, language=language), texts, st.sampled_from(["en", "zh"])),
    st.builds(lambda n: Literal(str(n), datatype=term("xsd:integer")), st.integers()),
    st.builds(lambda text: Literal(text, datatype=term("xsd:integer")), st.sampled_from(["007", "+1", "x", ""])),
    st.builds(lambda text: Literal(text, datatype=term("xsd:boolean")), st.sampled_from(["true", "1", "TRUE"])),
)
facts = st.builds(Fact, iris, iris, st.one_of(iris, literals))


@settings(max_examples=200, deadline=None)
@given(st.lists(facts, min_size=1, max_size=6), st.data())
def test_whatever_is_written_reads_back(said: list[Fact], data: st.DataObject) -> None:
    notes = st.lists(st.tuples(iris, st.one_of(iris, literals)), min_size=1, max_size=3, unique=True)
    sources = tuple(Source(each, tuple(data.draw(notes))) for each in said[:2])
    story = Story(tuple(said), sources)
    text = write_study(story, LAYOUT, ["# x"]).text
    assert read_story(q.triple for q in parse(text.encode(), format=RdfFormat.TURTLE)).same(story)
    assert text == write_study(story, LAYOUT, ["# x"]).text


def test_a_thing_says_which_prefixes_it_needs() -> None:
    thing = term("reference:x-2026")
    text, prefixes = write_thing(thing, [Fact(thing, term("exonto:publicationYear"), Literal(2026))], (), LAYOUT)
    assert text == "reference:x-2026\n    exonto:publicationYear 2026 .\n"
    assert prefix_lines(prefixes)[0].startswith("@prefix exonto: ")
