"""Templates: everything is escaped, nothing is undefined, and each extends the base."""

from dataclasses import replace

import pytest
from conftest import REPOSITORY
from jinja2 import UndefinedError
from reading import SCRIPT, Parsed

from exo_onto.dataset import Description
from exo_onto.pages.languages import Words
from exo_onto.pages.writing import Reader, written

TEMPLATES = REPOSITORY / "exo_onto" / "pages" / "templates"
READER = Reader(Words("en"), "auto", "/below", "/matrix", "a=1&b=2", "http://test/below")
SAID = Description("http://test/sparql", "Test", "1", "3f2a")


def test_everything_is_escaped() -> None:
    page = Parsed(written("error.html", READER, SAID, {"title": SCRIPT, "detail": SCRIPT}).decode())
    assert page.text.count(SCRIPT) == 3
    assert [script.get("src") for script in page.all("script")] == [script["src"] for script in page.all("script")]


def test_what_a_view_does_not_give_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        written("error.html", READER, SAID, {"title": "x"})


@pytest.mark.parametrize("path", sorted(TEMPLATES.glob("*.html")), ids=lambda path: path.name)
def test_a_template_has_no_script_or_style_of_its_own(path: object) -> None:
    content = getattr(path, "read_text")("utf-8")  # noqa: B009  parametrized as an object
    for word in (" style=", "<style", " onclick", " onload", "javascript:", "| safe", "|safe"):
        assert word not in content
    assert "<script>" not in content


def test_addresses_are_below_the_root() -> None:
    assert READER.href("/matrix") == "/below/matrix"
    assert READER.page("http://purl.obolibrary.org/obo/GO_0006915", "ttl") == "/below/term/GO:0006915.ttl"
    assert READER.static("site.css") == "/below/static/site.css"
    assert READER.switched(lang="zh") == "/below/matrix?a=1&b=2&lang=zh"
    assert replace(READER, query="").switched(theme="dark") == "/below/matrix?theme=dark"
    assert READER.built("no-such-file.js") == ""
    assert READER.language == "en"
