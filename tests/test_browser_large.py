"""Tests of the pages over 3,000 made-up studies: none grows with the data beyond what a browser moves with ease."""

import shutil
from collections.abc import Iterator

import pytest
from browsing import Visitor, chromium, serving, visitor
from conftest import REPOSITORY, quiet
from playwright.sync_api import expect

from benchmarks.generate import Plan, generate
from exo_onto import pipeline
from exo_onto.vocabulary import BASE

STUDIES = 3000
MOST_ELEMENTS = 15_000
MOST_SENT = 300_000


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a snapshot of made-up studies; proofs are made when one is asked for."""
    root = tmp_path_factory.mktemp("large")
    generate(root, Plan(STUDIES))
    shutil.copytree(REPOSITORY / "queries", root / "queries")
    built = pipeline.build(root, justified=False, progress=quiet)
    assert built.name is not None, built.judgement.diagnostics
    with serving(root) as address:
        yield address


@pytest.fixture(scope="module")
def somebody(home: str) -> Iterator[Visitor]:
    with chromium() as browser, visitor(browser, home) as found:
        found.page.set_default_timeout(120_000)  # what is made once for a snapshot is made now
        yield found


@pytest.mark.parametrize(
    "path",
    ["/", "/matrix", "/matrix?columns=all", "/compare", "/query", "/search?q=miR", "/mechanism/apoptosis-inhibition"],
)
def test_a_page_stays_as_light_as_on_the_real_corpus(somebody: Visitor, path: str) -> None:
    session = somebody.context.new_cdp_session(somebody.page)
    session.send("Network.enable")
    taken: list[float] = []
    session.on("Network.loadingFinished", lambda event: taken.append(event["encodedDataLength"]))
    page = somebody.go(path)
    assert page.evaluate("document.querySelectorAll('*').length") < MOST_ELEMENTS
    assert path == "/query" or sum(taken) < MOST_SENT
    session.detach()


def test_what_one_does_is_answered(somebody: Visitor) -> None:
    """A search is completed, a cell of the matrix opened, a study's story drawn, and why something follows is told."""
    page = somebody.go("/")
    page.locator("#q").press_sequentially("miR-1")
    page.locator("[role=option]").first.wait_for()
    somebody.go("/matrix")
    page.locator("table.matrix a.cell").first.click()
    page.locator("main a[href*='/study/']").first.click()
    page.locator("[data-graph][data-ready]").wait_for()
    page.locator("a.why").first.click()
    expect(page.locator(".unfolded").first).to_be_visible(timeout=120_000)


def test_a_query_shows_the_first_of_many_rows(somebody: Visitor) -> None:
    page = somebody.go("/query")
    page.locator(".tabPanel.active .CodeMirror").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(f"SELECT ?activity WHERE {{ ?activity a <{BASE}Activity> }} LIMIT 2000")
    page.keyboard.press("Control+Enter")
    rows = page.locator(".tabPanel.active .yasr table.dataTable tbody tr")
    expect(rows).to_have_count(50, timeout=120_000)
    expect(page.locator(".tabPanel.active .yasr_response_chip")).to_contain_text("2000")
