"""Tests of pages: Markdown read, and the page that a shape makes of its own words."""

import pytest
from conftest import REPOSITORY
from pyoxigraph import RdfFormat, parse

from exo_onto.quality import shipped
from exo_onto.quality.pages import PageError, file_name, page_of, parse_page, shape_codes
from exo_onto.sources import read_sources

PAGE = "# a:b: Something is wrong\n\n## Problem\n\nIt is.\n\n## Why\n\nSo.\n\n## Fix\n\nDo.\n\n## Example\n\n"
BLOCKS = "```turtle a.ttl\n<a> <b> <c> .\n```\n\n```csv q/b.csv\nx\n```\n"
SHAPES = """
@prefix ex: <http://example.org/> . @prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
ex:S a sh:NodeShape ; rdfs:label "A study has a year"@en ; rdfs:comment "Years are asked for."@en ;
    sh:targetClass ex:Study ; sh:property [ sh:path ex:year ; sh:message "Add the year."@en ] .
"""


def test_a_page_is_read_with_the_files_of_its_example() -> None:
    page = parse_page(PAGE + BLOCKS)
    assert (page.code, page.title, page.problem) == ("a:b", "Something is wrong", "It is.")
    assert page.files == {"a.ttl": "<a> <b> <c> .\n", "q/b.csv": "x\n"}
    assert file_name("a:b") == "a-b.md"


def test_a_page_without_a_section_is_refused() -> None:
    with pytest.raises(PageError, match="Example"):
        parse_page(PAGE)
    with pytest.raises(PageError, match="begins with"):
        parse_page("## Problem\n")


def test_the_page_of_a_shape_is_made_of_its_words() -> None:
    shapes = [quad.triple for quad in parse(SHAPES, format=RdfFormat.TURTLE)]
    page = page_of("http://example.org/S", {}, shapes)
    assert page
    for words in ("A study has a year", "Years are asked for.", "- Add the year.", "`sh:targetClass"):
        assert words in page.text
    assert page == parse_page(page.text) or page.problem == page.title


def test_every_shape_of_this_repository_has_a_page() -> None:
    shapes = tuple(triple for file in read_sources(REPOSITORY).shapes for triple in file.triples)
    found = dict(shape_codes(shapes))
    named = {path.name for path in (REPOSITORY / "tests/specimens/shapes").iterdir()}
    assert named <= {code.removeprefix("shape:") for code in found}
    for code, title in found.items():
        page = page_of(code, shipped.pages(), shapes)
        assert page
        assert page.title == title
        assert all(f"## {section}\n" in page.text for section in ("Problem", "Why", "Fix", "Example"))


def test_a_component_of_somebody_else_has_the_page_of_shapes() -> None:
    page = page_of("http://example.org/OwnComponent", shipped.pages(), ())
    assert page
    assert page.code == "shape"
    assert page_of("no-such-code", shipped.pages(), ()) is None
