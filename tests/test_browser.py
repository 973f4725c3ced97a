"""Tests of the pages in a real browser: Debian's Chromium, driven by Playwright, against the server that users run."""

import asyncio
import csv
import json
import re
import threading
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import uvicorn
from browsing import PHONE, WIDE, Theme, Visitor, chromium, serving, visitor
from conftest import REPOSITORY
from playwright.sync_api import Browser, expect
from pyoxigraph import NamedNode, RdfFormat, parse
from serving import Desk
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from stores import free_port

from exo_onto.diagnose import Diagnostic
from exo_onto.pages.routes import Pages
from exo_onto.places import Place
from exo_onto.settings import Settings
from exo_onto.validate import Severity
from exo_onto.vocabulary import BASE
from exo_onto.watch import News, State

STUDY = "/study/cheng-xf-2018"
PAGES = (
    "/",
    "/matrix",
    STUDY,
    "/compare",
    "/query",
    "/download",
    "/search?q=miR-21",
    "/mechanism/apoptosis-inhibition",
)
LANGUAGES = {"en": "en", "zh": "zh-Hans"}
ROWS = ".tabPanel.active .yasr table.dataTable tbody tr"
EDITOR = ".tabPanel.active .CodeMirror"
REACHABLE = """() => {
    const all = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")];
    const seen = all.filter(each => !each.disabled && each.checkVisibility({ visibilityProperty: true }));
    return seen.map((each, number) => each.dataset.reached = String(number));
}"""
FOCUSED = """() => {
    const focused = document.activeElement;
    if (!focused || focused === document.body) return null;
    const { outlineStyle, outlineWidth } = getComputedStyle(focused);
    return { id: focused.dataset.reached ?? "", html: focused.outerHTML.slice(0, 200),
             outlined: outlineStyle !== "none" && parseFloat(outlineWidth) >= 2 };
}"""


CORNER = """image => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
    const paper = canvas.getContext("2d");
    paper.drawImage(image, 0, 0);
    return [...paper.getImageData(0, 0, 1, 1).data];
}"""
"""Gives the colour of the first point of a picture."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def home(published: Path) -> Iterator[str]:
    with serving(published) as address:
        yield address


@pytest.fixture
def live() -> Iterator[tuple[str, list[str]]]:
    """Serve pages over a small dataset that somebody edits; what is put into the list is told, once."""
    told: list[str] = []

    async def events(_: Request) -> Response:
        async def said() -> AsyncIterator[str]:
            yield ": here\n\n"
            while True:
                yield told.pop(0) if told else ""
                await asyncio.sleep(0.02)

        return StreamingResponse(said(), media_type="text/event-stream")

    async def hint(_: Request) -> Response:
        return Response()

    settings = Settings()
    pages = Pages(Desk(settings), settings, hint, live="/events")
    app = Starlette(routes=[Route("/events", events), *pages.routes])
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{port}", told
    server.should_exit = True
    thread.join()


@pytest.fixture
def somebody(browser: Browser, home: str) -> Iterator[Visitor]:
    with visitor(browser, home) as found:
        yield found


def expected(question: str) -> list[list[str]]:
    """Give the rows that a shipped question has, without the names of its columns."""
    with (REPOSITORY / "tests" / "expected" / f"{question}.csv").open(encoding="utf-8") as file:
        return list(csv.reader(file))[1:]


def write(somebody: Visitor, query: str) -> None:
    """Type a query into the editor, which closes brackets and indents by itself."""
    somebody.page.locator(EDITOR).click()
    somebody.page.keyboard.press("Control+A")
    somebody.page.keyboard.insert_text(query)


# --- Every page


@pytest.mark.parametrize(
    ("language", "theme", "width"),
    [("en", "light", WIDE), ("zh", "light", PHONE), ("en", "dark", PHONE), ("zh", "dark", WIDE)],
)
def test_every_page_is_read_by_everybody(browser: Browser, home: str, language: str, theme: Theme, width: int) -> None:
    """axe-core finds nothing against WCAG 2.2 AA, and no page is wider than its screen."""
    with visitor(browser, home, language=language, theme=theme, width=width) as somebody:
        found = {}
        for path in PAGES:
            page = somebody.go(path)
            found[path] = somebody.offences()
            assert page.locator("html").get_attribute("lang") == LANGUAGES[language], path
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{path} is {wide} pixels wide on a screen of {width}"
        assert {path: each for path, each in found.items() if each} == {}


def test_the_menu_leads_to_every_page(somebody: Visitor) -> None:
    page = somebody.go("/")
    for path in page.locator("header nav a").evaluate_all("links => links.map(link => link.getAttribute('href'))"):
        page.locator(f'header nav a[href="{path}"]').click()
        page.wait_for_url(f"**{path}")
        expect(page.locator("main h1")).to_have_count(1)
        expect(page.locator("header nav a[aria-current=page]")).to_have_attribute("href", path)


def test_the_language_is_switched_and_stays(somebody: Visitor) -> None:
    page = somebody.go("/matrix")
    page.get_by_role("link", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(page.locator("main h1")).to_have_text(re.compile("[\u4e00-\u9fff]"))
    for path in PAGES:
        somebody.go(path)
        expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    page.get_by_role("link", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_the_theme_is_switched_and_stays(somebody: Visitor) -> None:
    def ground() -> str:
        return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))

    page = somebody.go("/")
    light = ground()
    page.get_by_role("link", name="dark").click()
    page.wait_for_load_state()
    assert ground() != light
    somebody.go("/compare")
    assert ground() != light
    page.get_by_role("link", name="light").click()
    page.wait_for_load_state()
    assert ground() == light


@pytest.mark.parametrize("path", [path for path in PAGES if path != "/query"])
def test_the_first_view_is_light(browser: Browser, home: str, path: str) -> None:
    """What a first visit takes from the server, as it is sent, is less than 300 kB; the SPARQL page may take more."""
    with visitor(browser, home) as somebody:
        session = somebody.context.new_cdp_session(somebody.page)
        session.send("Network.enable")
        taken: list[float] = []
        session.on("Network.loadingFinished", lambda event: taken.append(event["encodedDataLength"]))
        somebody.go(path)
        assert 0 < sum(taken) < 300_000, taken


@pytest.mark.parametrize("path", PAGES)
def test_no_policy_allows_script_in_the_page(browser: Browser, home: str, path: str) -> None:
    with visitor(browser, home) as somebody:
        reply = somebody.page.goto(home + path)
        assert reply is not None
        policy = dict(part.strip().split(" ", 1) for part in reply.headers["content-security-policy"].split(";"))
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == policy["connect-src"] == "'self'"
        assert policy["style-src"] == ("'self' 'unsafe-inline'" if path == "/query" else "'self'")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_read_without_script(browser: Browser, home: str, path: str) -> None:
    with visitor(browser, home, scripts=False) as somebody:
        page = somebody.go(path)
        expect(page.locator("main h1")).to_be_visible()
        expect(page.locator("main")).not_to_be_empty()


# --- What one does on a page


def test_a_search_is_completed_in_both_languages_by_keyboard(somebody: Visitor) -> None:
    for word, name in (("apopto", "apoptotic process"), ("凋亡", "细胞凋亡")):
        page = somebody.go("/?lang=" + ("en" if word.isascii() else "zh"))
        page.locator("#q").press_sequentially(word)
        page.locator("[role=option]", has_text=name).first.wait_for()
        page.keyboard.press("ArrowDown")
        expect(page.locator("#q")).to_have_attribute("aria-activedescendant", re.compile("."))
        page.keyboard.press("Enter")
        page.wait_for_function("location.pathname !== '/'")
        expect(page.locator("main h1")).to_be_visible()


def test_a_cell_of_the_matrix_opens_its_evidence(somebody: Visitor) -> None:
    page = somebody.go("/matrix")
    page.locator("table.matrix a.cell").first.click()
    page.wait_for_url("**/matrix/evidence?*")
    expect(page.locator("main a[href*='/study/']").first).to_be_visible()


def test_the_matrix_is_filtered_and_taken_away(somebody: Visitor) -> None:
    page = somebody.go("/matrix")
    whole = page.locator("table.matrix .study").count()
    page.locator("form.filters select").nth(1).select_option(index=1)
    page.locator("form.filters button").click()
    page.wait_for_url("**/matrix?*")
    assert 0 < page.locator("table.matrix .study").count() < whole
    for name, begins in (("CSV", b"source,"), ("SVG", b"<svg"), ("PNG", b"\x89PNG")):
        with page.expect_download() as download:
            page.locator(".actions").get_by_text(name, exact=True).click()
        assert download.value.path().read_bytes().lstrip(b"\xef\xbb\xbf").startswith(begins), name


def test_a_story_is_drawn_as_its_table_tells_it(somebody: Visitor, home: str) -> None:
    page = somebody.go(STUDY)
    told = httpx.get(f"{home}{STUDY}/graph.json", trust_env=False).json()
    expect(page.locator("#study-graph canvas")).not_to_have_count(0)
    drawn = page.evaluate("document.querySelector('#study-graph')._cyreg.cy.elements().map(each => each.data())")
    assert {each["id"] for each in told["nodes"]} <= {each["id"] for each in drawn}
    shapes = page.evaluate(
        "document.querySelector('#study-graph')._cyreg.cy.edges().map(each =>"
        " [each.data('sign'), each.style('target-arrow-shape'), each.style('line-style')])"
    )
    looks = {"up": ["triangle", "solid"], "down": ["tee", "solid"], "unsigned": ["none", "dashed"]}
    assert len(shapes) == len(told["edges"])
    assert all(look == looks[sign] for sign, *look in shapes)
    signed = [edge for edge in told["edges"] if edge["asserted"]]
    expect(page.locator("table.edges tbody tr")).to_have_count(len(signed))
    with page.expect_download() as download:
        page.locator("[data-graph-png]").click()
    assert download.value.path().read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_study_is_printed_with_its_drawing_on_white_paper(browser: Browser, home: str, theme: Theme) -> None:
    with visitor(browser, home, theme=theme) as somebody:
        page = somebody.go(STUDY)
        drawing = page.locator("#study-paper")
        expect(drawing).to_be_hidden()
        page.emulate_media(media="print")
        expect(drawing).to_be_visible()
        assert drawing.evaluate("image => [image.complete, image.naturalWidth > 300]") == [True, True]
        expect(page.get_by_text(f"<{BASE}{STUDY.removeprefix('/')}>")).to_be_visible()
        for screen in ("#study-graph", ".top nav", ".switches", ".themes", "a.why", ".actions"):
            expect(page.locator(screen).first).to_be_hidden()
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        paper = drawing.evaluate(CORNER)
        assert paper == [255, 255, 255, 255]
        assert somebody.wrong == []


def test_why_unfolds_the_proof(somebody: Visitor) -> None:
    page = somebody.go(STUDY)
    why = page.locator("a.why").first
    why.click()
    expect(why).to_have_attribute("aria-expanded", "true")
    proof = page.locator(".unfolded").first
    expect(proof).to_be_visible()
    expect(proof).to_contain_text("prp-spo2")
    expect(proof).to_contain_text(re.compile(r"instances/studies/[a-z0-9-]+\.ttl:[0-9]+"))
    assert somebody.offences() == []
    why.click()
    expect(proof).to_be_hidden()


def test_a_resource_leads_to_its_turtle(somebody: Visitor, home: str) -> None:
    page = somebody.go("/mechanism/apoptosis-inhibition")
    link = page.get_by_role("link", name="Turtle")
    address = str(link.get_attribute("href"))
    assert address == "/mechanism/apoptosis-inhibition.ttl"
    turtle = httpx.get(home + address, trust_env=False)
    assert turtle.headers["Content-Type"].startswith("text/turtle")
    said = {triple.subject for triple in parse(turtle.content, format=RdfFormat.TURTLE)}
    assert NamedNode(f"{BASE}mechanism/apoptosis-inhibition") in said


@pytest.mark.parametrize(
    ("language", "width", "words"),
    [
        (
            "en",
            WIDE,
            (
                "Something has changed: the graph is being built.",
                "The last change is not served.",
                "What to do: Save it as UTF-8.",
                "and 2 more",
            ),
        ),
        (
            "zh",
            PHONE,
            ("文件已更改：正在重新构建图谱。", "最近的更改未能发布。", "处理方法：请存为 UTF-8 编码。", "另有 2 项"),
        ),
    ],
)
def test_a_page_follows_what_is_edited(
    browser: Browser, live: tuple[str, list[str]], language: str, width: int, words: tuple[str, str, str, str]
) -> None:
    """What `serve --watch` tells is shown as it comes, and a page over another snapshot than this is loaded anew."""
    address, told = live
    built, heading, remedy, rest = words
    found = Diagnostic("syntax", Severity.VIOLATION, "No <b>label</b>.", Place("a.ttl", 3), "Save it as UTF-8.")
    state = State(News.BUILDING, serving="3f2a")

    def tell(state: State) -> None:
        told.append(f"event: {state.news}\ndata: {json.dumps(state.record(language))}\n\n")

    with visitor(browser, address, language=language, width=width) as somebody:
        page = somebody.go("/")
        note = page.locator("#live")
        assert f"/events?lang={language}" in page.content()
        tell(state)
        expect(note).to_have_text(built)
        tell(replace(state, news=News.WRONG, diagnostics=(found,) * 5))
        for said in (heading, "a.ttl:3", "No <b>label</b>.", remedy, rest):
            expect(note).to_contain_text(said)
        assert note.locator("li").count() == 4
        assert note.locator("[lang=en]").first.inner_text() == "No <b>label</b>."
        assert somebody.offences() == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        tell(replace(state, news=News.FAILED, failure="It broke."))
        expect(note).to_have_text(f"{heading}It broke.")
        with page.expect_navigation():
            tell(replace(state, news=News.SERVED, serving="b0a1"))


@pytest.mark.parametrize("path", ["/", "/matrix", STUDY, "/compare", "/download"])
def test_the_keyboard_alone_reaches_everything_and_shows_where_it_is(somebody: Visitor, path: str) -> None:
    page = somebody.go(path)
    wanted = page.evaluate(REACHABLE)
    reached: set[str] = set()
    for _ in range(len(wanted) + 5):
        page.keyboard.press("Tab")
        mark = page.evaluate(FOCUSED)
        if mark is None or mark["id"] in reached:
            break
        assert mark["outlined"], mark
        reached.add(mark["id"])
    assert set(wanted) - reached == set()
    page.keyboard.press("Home")
    somebody.go(path)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


# --- The SPARQL page


def test_a_ready_question_is_run_and_its_rows_are_seen(somebody: Visitor) -> None:
    page = somebody.go("/query")
    questions = page.locator("[data-question]")
    assert questions.count() == len(list((REPOSITORY / "queries").glob("*.rq")))
    page.locator("[data-question=concordance]").click()
    expect(page.locator(ROWS)).to_have_count(min(50, len(expected("concordance"))))
    expect(page.locator(".yasr_response_chip").last).to_contain_text(str(len(expected("concordance"))))


def test_the_questions_speak_the_readers_language(browser: Browser, home: str) -> None:
    sentence = {
        language: re.findall(
            rf"^# question@{language}: (.*)$", (REPOSITORY / "queries" / "cargo.rq").read_text("utf-8"), re.MULTILINE
        )[0]
        for language in LANGUAGES
    }
    for language, other in (("en", "zh"), ("zh", "en")):
        with visitor(browser, home, language=language) as somebody:
            page = somebody.go("/query")
            expect(page.locator(".ready")).to_contain_text(sentence[language])
            expect(page.locator(".ready")).not_to_contain_text(sentence[other])
            page.locator("[data-question=contested]").click()
            expect(page.locator(ROWS)).not_to_have_count(0)
            said = page.locator(".tabPanel.active .yasr_header").inner_text()
            assert ("表格" in said) == (language == "zh"), said


def test_a_link_to_a_question_runs_it(somebody: Visitor) -> None:
    page = somebody.go("/query?question=contested")
    expect(page.locator(ROWS)).to_have_count(len(expected("contested")))


def test_a_link_to_a_query_of_ones_own_runs_it_here_whatever_else_it_says(browser: Browser, somebody: Visitor) -> None:
    page = somebody.go("/query")
    write(somebody, "SELECT ?x WHERE { VALUES ?x { 11 22 33 } }")
    page.locator(".tabPanel.active .yasqe_share").click()
    link = page.locator(".yasqe_sharePopup input").input_value()
    assert "#query=" in link
    with visitor(browser, somebody.home) as another:
        another.page.goto(link.replace("&endpoint=", "&endpoint=http%3A%2F%2F203.0.113.7%2F&was="))
        expect(another.page.locator(ROWS)).to_have_count(3)


def test_names_are_completed_from_the_store(somebody: Visitor) -> None:
    page = somebody.go("/query")
    write(somebody, "SELECT * WHERE { ?study exonto:demonstr")
    page.keyboard.press("Control+Space")
    page.locator(".CodeMirror-hint", has_text="exonto:demonstrates").first.wait_for()
    page.keyboard.press("Enter")
    value = str(page.locator(EDITOR).evaluate("element => element.CodeMirror.getValue()"))
    assert value.endswith("?study exonto:demonstrates")


def test_classes_are_found_by_their_labels_in_both_languages(somebody: Visitor) -> None:
    page = somebody.go("/query")
    for word in ("apopt", "凋亡"):
        write(somebody, f"PREFIX GO: <http://purl.obolibrary.org/obo/GO_>\nSELECT * WHERE {{ ?activity a {word}")
        page.keyboard.press("Control+Space")
        page.locator(".CodeMirror-hint", has_text="GO:0006915").first.wait_for()
        page.keyboard.press("Escape")


def test_a_prefix_of_ours_is_added_where_it_is_used(somebody: Visitor) -> None:
    page = somebody.go("/query")
    write(somebody, "SELECT * WHERE { ?s ")
    page.keyboard.type("skos:")
    page.wait_for_function(
        "document.querySelector('.tabPanel.active .CodeMirror').CodeMirror.getValue().includes('PREFIX skos: <http://www.w3.org/2004/02/skos/core#>')"
    )


def test_an_error_shows_line_and_caret_and_leads_to_its_place(somebody: Visitor) -> None:
    page = somebody.go("/query")
    write(somebody, "SELECT * WHERE {\n  ?s a foo:bar .\n}")
    page.keyboard.press("Control+Enter")
    shown = page.locator(".complaint pre").inner_text().splitlines()
    assert shown[0].startswith("Line 2, column 8: The prefix `foo:` is not declared")
    assert shown[1].index("foo:bar") == shown[2].index("^")
    page.get_by_role("button", name="Go to line 2, column 8").click()
    cursor = page.locator(EDITOR).evaluate("element => element.CodeMirror.getCursor()")
    assert (cursor["line"], cursor["ch"]) == (1, 7)
    assert page.locator(".CodeMirror-code .complained-of").count() > 0
    assert [each for each in somebody.wrong if "400" not in each] == []  # the browser itself notes the refusal
    somebody.wrong.clear()


def test_results_are_drawn_as_bars(somebody: Visitor) -> None:
    page = somebody.go("/query?question=mechanism-matrix")
    expect(page.locator(ROWS)).not_to_have_count(0)
    page.locator(".tabPanel.active .select_chart").click()
    mechanisms = {row[-1] for row in expected("mechanism-matrix")}
    page.locator(".chart-controls select").nth(2).select_option("")
    expect(page.locator(".yasr_results svg g[aria-label=bar] rect")).to_have_count(len(mechanisms))
    with page.expect_download() as download:
        page.locator(".tabPanel.active .yasr_downloadIcon").click()
    assert download.value.suggested_filename.endswith(".svg")


def test_an_iri_of_ours_in_the_results_leads_to_its_page_here(somebody: Visitor) -> None:
    page = somebody.go("/query?question=mechanism-matrix")
    expect(page.locator(ROWS)).not_to_have_count(0)
    page.locator(ROWS).first.locator("a.iri", has_text="study:").click()
    page.wait_for_url("**/study/*")
    expect(page.locator("main h1")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_whatever_the_editor_shows_is_read_by_everybody(browser: Browser, home: str, theme: Theme) -> None:
    with visitor(browser, home, language="zh", theme=theme) as somebody:
        page = somebody.go("/query?question=mechanism-matrix")
        expect(page.locator(ROWS)).not_to_have_count(0)
        assert somebody.offences() == []
        page.locator(".tabPanel.active .select_chart").click()
        page.locator(".chart-controls").wait_for()
        assert somebody.offences() == []
        write(somebody, "SELECT * WHERE { ?s a foo:bar }")
        page.keyboard.press("Control+Enter")
        page.locator(".complaint").wait_for()
        assert somebody.offences() == []
        write(somebody, "SELECT * WHERE { ?s a exonto:Dec")
        page.keyboard.press("Control+Space")
        page.locator(".CodeMirror-hint").first.wait_for()
        assert somebody.offences() == []
        somebody.wrong.clear()  # the browser itself notes the refusal


def test_the_limits_are_told(somebody: Visitor) -> None:
    page = somebody.go("/query")
    for said in ("30 seconds", "1,000,000 rows", "100 MB", "600 requests"):
        expect(page.locator(".limits")).to_contain_text(said)


def test_a_query_is_asked_without_script(browser: Browser, home: str) -> None:
    with visitor(browser, home, scripts=False) as somebody:
        page = somebody.go("/query?question=contested")
        expect(page.locator("#sparql-text")).to_have_value(re.compile("SELECT"))
        with page.expect_download() as download:
            page.locator("#sparql-form button").click()
        assert download.value.path().read_text("utf-8").startswith("process,")


def test_the_keyboard_goes_through_the_editor_and_out(somebody: Visitor) -> None:
    page = somebody.go("/query")
    write(somebody, "SELECT (1 AS ?one) {}")
    page.keyboard.press("Control+Enter")
    expect(page.locator(ROWS)).to_have_count(1)
    page.keyboard.press("Tab")
    inside = page.evaluate("document.activeElement.closest('.CodeMirror-code, .CodeMirror textarea') !== null")
    assert not inside
    assert page.locator(EDITOR).evaluate("element => element.CodeMirror.getValue()") == "SELECT (1 AS ?one) {}"
