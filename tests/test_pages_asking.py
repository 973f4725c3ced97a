"""Our own queries: each is one that the service would take from anybody, and is answered or says why not."""

import asyncio
import re

import pytest
from conftest import REPOSITORY
from pyoxigraph import Literal, NamedNode
from reading import Browser
from serving import Desk

from exo_onto import guard
from exo_onto.pages.asking import Asker, UnansweredError, iris, number, text
from exo_onto.settings import Settings
from exo_onto.vocabulary import PREFIXES, expand
from exo_onto.workers import Answer, BusyError

QUERIES = sorted((REPOSITORY / "exo_onto" / "pages" / "queries").glob("*.rq"))
NAMES = [path.stem for path in QUERIES]
ABOUT = {
    "this": expand("study:zhu-lf-2020"),
    "study": expand("study:zhu-lf-2020"),
    "thing": expand("study:zhu-lf-2020"),
    "mechanism": expand("mechanism:apoptosis-inhibition"),
    "subject": expand("activity:zhu-lf-2020-apoptosis-npc"),
}


def given(name: str) -> dict[str, list[NamedNode]]:
    gaps = re.findall(r"VALUES \?(\w+) \{\}", (REPOSITORY / f"exo_onto/pages/queries/{name}.rq").read_text("utf-8"))
    about = {**ABOUT, "this": expand("GO:0006915")} if name.startswith("resource") else ABOUT
    return {gap: [about[gap]] for gap in gaps}


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
def test_a_query_says_on_top_what_it_is_for_and_is_safe(path: object) -> None:
    content = getattr(path, "read_text")("utf-8")  # noqa: B009  parametrized as an object
    assert content.startswith("# ")
    assert guard.inspect(content).safe


@pytest.mark.parametrize("name", [name for name in NAMES if name != "resource"])
def test_a_query_is_answered_over_the_corpus(name: str, corpus_pages: Browser) -> None:
    assert corpus_pages.rows(name, **given(name)) or name == "questions"


@pytest.mark.parametrize("name", [name for name in NAMES if given(name) and name not in ("resource", "exists")])
def test_a_query_about_one_thing_says_nothing_of_another(name: str, corpus_pages: Browser) -> None:
    """A gap in a nested group that the outer one does not reach would ask about everything."""
    nothing = {gap: [NamedNode(PREFIXES["study"] + "nobody-x-1999")] for gap in given(name)}
    assert corpus_pages.rows(name, **nothing) == []


def test_a_graph_comes_in_the_format_that_is_asked_for(corpus_pages: Browser) -> None:
    asker = Asker(corpus_pages.desk, "test", 30)
    content = corpus_pages.run(asker.graph("resource", "application/n-triples", this=[ABOUT["this"]]))
    assert content.startswith((b"<", b"_:"))
    assert b"publishedAs" in content


def test_a_desk_that_is_busy_and_one_that_refuses_are_told_apart() -> None:
    settings = Settings()
    refusing = Answer(503, "application/problem+json", {}, b"{}", 0, 0)
    for outcome, error in ((BusyError("full"), BusyError), (refusing, UnansweredError)):
        asker = Asker(Desk(settings, outcome), "test", 1)
        with pytest.raises(error):
            asyncio.run(asker.rows("figures"))


def test_terms_are_read() -> None:
    assert text(NamedNode("http://ex/a")) == "http://ex/a"
    assert (text(None), text(Literal("x", language="en"))) == ("", "x")
    assert (number(Literal(3)), number(None)) == (3, 0)
    assert iris([{"a": NamedNode("http://ex/a"), "b": Literal("x")}]) == {"http://ex/a"}
