"""Our own queries: each is one that the service would take from anybody, and is answered or says why not."""

import asyncio
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from conftest import REPOSITORY
from pyoxigraph import Literal, NamedNode
from reading import Browser
from serving import Desk

from exo_onto import guard
from exo_onto.outcome import Answer, BusyError
from exo_onto.pages.asking import Asker, UnansweredError, iris, number, text
from exo_onto.pages.views import MOST_READ
from exo_onto.settings import Settings
from exo_onto.snapshot import Snapshot
from exo_onto.vocabulary import DEFAULT_GRAPHS, PREFIXES, XSD_INTEGER, expand

if TYPE_CHECKING:
    from pyoxigraph import QuerySolutions

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


def test_rows_come_in_the_order_that_the_query_says(corpus_pages: Browser, corpus: Snapshot) -> None:
    """The store sorts as SPARQL has it, and is slow at it; here it is asked to, and we are not."""
    for name, given in (("study", "study:zhu-lf-2020"), ("resource-out", "activity:zhu-lf-2020-apoptosis-npc")):
        source = (REPOSITORY / "exo_onto" / "pages" / "queries" / f"{name}.rq").read_text("utf-8")
        query = source.replace("VALUES ?this {}", f"VALUES ?this {{ {expand(given)} }}")
        sorted_there = cast("QuerySolutions", corpus.store.query(query, default_graph=list(DEFAULT_GRAPHS)))
        names = [variable.value for variable in sorted_there.variables]
        rows = corpus_pages.rows(name, this=[expand(given)])
        assert [[row.get(each) for each in names] for row in rows] == [list(each) for each in sorted_there]


def test_nothing_comes_first_and_numbers_go_by_what_they_are() -> None:
    literals = [
        {"value": "b"},
        {"value": "10", "datatype": XSD_INTEGER.value},
        {"value": "9", "datatype": XSD_INTEGER.value},
        {"value": "no number", "datatype": XSD_INTEGER.value},
    ]
    terms = [{"type": "literal", **each} for each in literals]
    terms += [{"type": "uri", "value": "http://ex/b"}, {"type": "bnode", "value": "x"}]
    bindings: list[dict[str, object]] = [{"thing": each} for each in terms]
    told = json.dumps({"head": {"vars": ["thing"]}, "results": {"bindings": [*bindings, {}]}}).encode()
    desk = Desk(Settings(), Answer(200, "application/sparql-results+json", {}, told, 6, 0))
    rows = asyncio.run(Asker(desk, "test", 1).rows("contested"))
    assert [text(row.get("thing")) for row in rows] == ["", "x", "http://ex/b", "9", "10", "b", "no number"]


def test_the_store_is_asked_for_no_order_and_for_no_more_than_is_read() -> None:
    told = b'{"head": {"vars": []}, "results": {"bindings": []}}'
    desk = Desk(Settings(), Answer(200, "application/sparql-results+json", {}, told, 0, 0))
    asyncio.run(Asker(desk, "test", 1).rows("resource-in", this=[expand("study:zhu-lf-2020")]))
    assert "ORDER BY" not in desk.asked[0].text
    assert desk.asked[0].text.endswith(f"LIMIT {MOST_READ}\n")


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
def test_what_has_an_order_is_read_as_far_as_the_pages_know(path: Path) -> None:
    """Of rows that the store cuts off unordered, those that are left are not the first."""
    content = path.read_text("utf-8")
    if "ORDER BY" in content:
        assert re.findall(r"LIMIT (\d+)", content) in ([], [str(MOST_READ)])
