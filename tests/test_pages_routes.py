"""The addresses of the pages: languages, formats, what is kept, what is refused, and that no name breaks a page."""

import json
import re

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse
from reading import SCRIPT, SETTINGS, Browser, Parsed
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from exo_onto.pages.replies import HTML, POLICY
from exo_onto.pages.routes import PLAIN, Pages, preferred
from exo_onto.settings import Settings
from exo_onto.snapshot import Snapshot
from exo_onto.vocabulary import BASE, GRAPH_CLAIMS, GRAPH_INSTANCES, GRAPH_METADATA, GRAPH_ONTOLOGY

PAGES = [
    "/",
    "/search?q=miR-21",
    "/search?q=%E5%87%8B%E4%BA%A1",
    "/search",
    "/matrix",
    "/matrix?recipient=http://purl.obolibrary.org/obo/CL_0002564&setting=none&columns=all",
    "/matrix/evidence?source=CL:0002540&mechanism=mechanism:apoptosis-inhibition",
    "/matrix/evidence?source=CL:0002570&mechanism=mechanism:apoptosis-inhibition",
    "/study/zhu-lf-2020",
    "/activity/zhu-lf-2020-apoptosis-npc",
    "/preparation/zhu-lf-2020",
    "/entity/mir-21",
    "/mechanism/apoptosis-inhibition",
    "/reference/hou-ph-2025",
    "/claim/hou-ph-2025-table-1-apoptosis-inhibition-23",
    "/hallmark/cell-apoptosis",
    "/stressor/tnf-a",
    "/IncreasedActivity",
    "/increases",
    "/reviewCategories",
    "/2026-11-23/",
    "/graph/inferred",
    "/graph/justifications",
    "/imports/go",
    "/term/GO:0006915",
    "/term/CL:0002540",
    "/term/mirbase.mature:MIMAT0000076",
    "/term/skos:broader",
    "/term?iri=https%3A%2F%2Fcreativecommons.org%2Flicenses%2Fby%2F4.0%2F",
    "/compare",
    "/download",
    "/why?s=study:zhu-lf-2020&p=exonto:demonstrates&o=mechanism:apoptosis-inhibition",
]
MOST_BYTES = 300_000


# --- Every page


def test_it_is_told_once_when_what_all_pages_of_a_snapshot_need_has_been_made(corpus_pages: Browser) -> None:
    async def hint(_: Request) -> Response:
        raise AssertionError

    async def started(pages: Pages) -> list[str]:
        async with pages.lifespan(None):
            return list(told)

    told: list[str] = []
    pages = Pages(corpus_pages.desk, SETTINGS, hint, settle=lambda: told.append("settled"))
    assert corpus_pages.run(started(pages)) == ["settled"]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_whole_and_keeps_to_the_policy(path: str, language: str, corpus_pages: Browser) -> None:
    reply = corpus_pages.get(path, accept_language=language)
    assert reply.status_code == 200
    assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
    assert reply.headers["Content-Security-Policy"] == POLICY
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert {"Accept-Language", "Cookie", "Accept"} <= set(re.split(r", ", reply.headers["Vary"]))
    assert len(reply.content) < MOST_BYTES
    page = Parsed(reply.text)
    [html] = page.all("html")
    assert html["lang"] == reply.headers["Content-Language"] == {"en": "en", "zh": "zh-Hans"}[language]
    assert len(page.all("h1")) == len(page.all("main")) == len(page.all("title")) == 1
    assert all("src" in script and script["src"].startswith("/") for script in page.all("script"))
    assert not page.all("style")
    assert not any(name == "style" or name.startswith("on") for _, each in page.elements for name in each)
    assert not any(each.get("href", "").startswith(("javascript:", "data:")) for _, each in page.elements)
    ids = [each["id"] for _, each in page.elements if "id" in each]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("path", ["/", "/matrix", "/study/cheng-xf-2018", "/compare", "/download", "/entity/il1b"])
def test_every_link_on_a_page_leads_somewhere(path: str, corpus_pages: Browser) -> None:
    links = {each["href"] for each in Parsed(corpus_pages.get(path).text).all("a") if each["href"].startswith("/")}
    assert len(links) > 5
    for link in sorted(links):
        if not link.startswith(("/data", "/sparql", "/.well-known")):
            assert corpus_pages.get(link, method="HEAD").status_code == 200, link


def test_the_first_page_and_others_are_small_with_all_they_load(corpus_pages: Browser) -> None:
    for path in ("/", "/matrix", "/compare"):
        page = Parsed(corpus_pages.get(path).text)
        loaded = [each["src"] for each in page.all("script")]
        loaded += [each["href"] for each in page.all("link") if each["rel"] in ("stylesheet", "icon")]
        loaded += ["/static/marks.svg"]
        sizes = [len(corpus_pages.get(each, accept="*/*").content) for each in (path, *loaded)]
        assert sum(sizes) < MOST_BYTES, path


# --- Every IRI resolves


def test_every_resource_has_its_rdf_at_its_address(corpus: Snapshot, corpus_pages: Browser) -> None:
    graphs = (GRAPH_ONTOLOGY, GRAPH_INSTANCES, GRAPH_CLAIMS, GRAPH_METADATA)
    quads = [quad for graph in graphs for quad in corpus.store.quads_for_pattern(None, None, None, graph)]
    ours = sorted({each.subject.value for each in quads if isinstance(each.subject, NamedNode)})
    ours = [iri for iri in ours if iri.startswith(BASE) and iri != BASE and not iri.startswith(f"{BASE}graph/")]
    assert len(ours) > 600
    for iri in ours[::6]:
        reply = corpus_pages.get("/" + iri.removeprefix(BASE), accept="application/n-triples")
        assert reply.status_code == 200, iri
        subjects = {triple.subject for triple in parse(reply.content, RdfFormat.N_TRIPLES)}
        assert NamedNode(iri) in subjects
    for iri in ours[::60]:
        assert corpus_pages.get("/" + iri.removeprefix(BASE)).status_code == 200, iri


@pytest.mark.parametrize(
    ("suffix", "media_type", "format"),
    [
        ("ttl", "text/turtle; charset=utf-8", RdfFormat.TURTLE),
        ("nt", "application/n-triples", RdfFormat.N_TRIPLES),
        ("rdf", "application/rdf+xml", RdfFormat.RDF_XML),
        ("jsonld", "application/ld+json", RdfFormat.JSON_LD),
    ],
)
def test_a_suffix_and_the_header_give_the_same_rdf(
    suffix: str, media_type: str, format: RdfFormat, corpus_pages: Browser
) -> None:
    by_suffix = corpus_pages.get(f"/study/zhu-lf-2020.{suffix}")
    by_header = corpus_pages.get("/study/zhu-lf-2020", accept=media_type.partition(";")[0])
    for reply in (by_suffix, by_header):
        assert (reply.status_code, reply.headers["Content-Type"]) == (200, media_type)
        triples = [quad.triple for quad in parse(reply.content, format)]
        assert any(triple.predicate.value == f"{BASE}publishedAs" for triple in triples)
        assert any(triple.predicate.value == f"{BASE}demonstrates" for triple in triples)
    again = corpus_pages.get(f"/study/zhu-lf-2020.{suffix}", if_none_match=by_suffix.headers["ETag"])
    assert (again.status_code, again.content) == (304, b"")


def test_the_annotations_of_a_thing_come_with_it(corpus_pages: Browser) -> None:
    reply = corpus_pages.get("/activity/cheng-xf-2018-apoptosis-npc.nt")
    assert b"annotatedSource" in reply.content
    assert b"reportedIn" in reply.content


def test_a_named_graph_leads_to_what_is_in_it(corpus_pages: Browser) -> None:
    reply = corpus_pages.get("/graph/claims", accept="text/turtle")
    assert reply.status_code == 303
    content = corpus_pages.get(reply.headers["Location"], accept="*/*").content
    assert len(list(parse(content, RdfFormat.TURTLE))) == 256


def test_the_ontology_has_its_rdf_at_its_own_address(corpus_pages: Browser) -> None:
    for path, accept in (("/", "application/rdf+xml"), ("/", "text/turtle")):
        reply = corpus_pages.get(path, accept=accept)
        assert reply.status_code == 303
        there = corpus_pages.get(reply.headers["Location"], accept="*/*")
        assert there.headers["Content-Type"].startswith(accept)
        assert BASE.encode() in there.content
    assert corpus_pages.get("/.ttl").status_code == 200


@pytest.mark.parametrize(
    ("accept", "first", "expected"),
    [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", HTML, HTML),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", PLAIN, HTML),
        ("*/*", HTML, HTML),
        ("*/*", PLAIN, PLAIN),
        ("", HTML, HTML),
        ("text/turtle", HTML, "text/turtle"),
        ("text/turtle, text/html;q=0.5", HTML, "text/turtle"),
        ("text/turtle;q=0.5, text/html", HTML, HTML),
        ("application/ld+json", PLAIN, "application/ld+json"),
        ("image/png", HTML, None),
        ("nonsense", HTML, HTML),
        ("application/rdf+xml, */*;q=0.1", HTML, "application/rdf+xml"),
    ],
)
def test_the_format_is_what_the_client_likes_best(accept: str, first: str, expected: str | None) -> None:
    assert preferred(accept, first=first) == expected


def test_no_page_stands_where_a_term_of_ours_is(corpus: Snapshot, corpus_pages: Browser) -> None:
    subjects = {quad.subject for quad in corpus.store.quads_for_pattern(None, None, None, None)}
    names = {each.value.removeprefix(BASE) for each in subjects if isinstance(each, NamedNode) and BASE in each.value}

    async def hint(_: object) -> None:
        """Answer nobody."""

    routes = Pages(corpus_pages.desk, Settings(), hint).routes  # type: ignore[arg-type]
    taken = {route.path.removeprefix("/") for route in routes if isinstance(route, Route) and "{" not in route.path}
    taken |= {"sparql", "data", "healthz", "readyz", "metrics", "openapi.json", "static"}
    assert len(names) > 1_000
    assert not (taken - {""}) & names


# --- Languages and looks


def test_the_language_is_negotiated_switched_and_stays(corpus_pages: Browser) -> None:
    negotiated = corpus_pages.get("/matrix", accept_language="zh-CN")
    assert "来源细胞与机制矩阵" in negotiated.text
    switched = corpus_pages.get("/matrix?lang=zh", accept_language="en")
    assert "来源细胞与机制矩阵" in switched.text
    cookie = switched.headers["Set-Cookie"]
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    stays = corpus_pages.get("/matrix", accept_language="en", cookie=cookie.partition(";")[0])
    assert "来源细胞与机制矩阵" in stays.text
    assert "Set-Cookie" not in stays.headers
    links = {each.get("hreflang"): each["href"] for each in Parsed(switched.text).all("a") if "hreflang" in each}
    assert links == {"en": "/matrix?lang=en", "zh-Hans": "/matrix?lang=zh"}


def test_a_switch_keeps_the_rest_of_the_address(corpus_pages: Browser) -> None:
    page = Parsed(corpus_pages.get("/matrix?columns=all&lang=zh&theme=dark").text)
    assert page.all("html")[0]["data-theme"] == "dark"
    links = [each["href"] for each in page.all("a") if "hreflang" in each]
    assert links == ["/matrix?columns=all&lang=en", "/matrix?columns=all&lang=zh"]
    plain = corpus_pages.get("/matrix?lang=xx&theme=%3Cscript%3E")
    assert "Set-Cookie" not in plain.headers
    assert Parsed(plain.text).all("html")[0] == {"lang": "en", "data-theme": "auto"}


def test_pages_lie_below_the_path_of_the_base(corpus: Snapshot) -> None:
    browser = Browser(corpus.store, base="http://test/below")
    page = Parsed(browser.get("/").text)
    browser.close()
    addresses = [each[name] for _, each in page.elements for name in ("href", "src", "action") if name in each]
    assert all(each.startswith(("/below/", "#")) for each in addresses)


# --- What is kept


def test_a_page_is_asked_for_once_and_told_from_others(corpus_pages: Browser) -> None:
    first = corpus_pages.get("/compare")
    same = corpus_pages.get("/compare", if_none_match=first.headers["ETag"])
    assert (same.status_code, same.content) == (304, b"")
    other = corpus_pages.get("/compare", accept_language="zh", if_none_match=first.headers["ETag"])
    assert other.status_code == 200
    assert first.headers["Cache-Control"] == "public, no-cache"


def test_head_tells_the_headers_alone(corpus_pages: Browser) -> None:
    for path in ("/", "/matrix", "/entity/mir-21", "/entity/mir-21.ttl"):
        reply = corpus_pages.get(path, method="HEAD")
        assert reply.status_code == 200, path


def test_static_files_are_typed_tagged_and_nothing_else_is_given(corpus_pages: Browser) -> None:
    for name, media_type in (("site.css", "text/css"), ("icon.svg", "image/svg+xml"), ("marks.svg", "image/svg+xml")):
        reply = corpus_pages.get(f"/static/{name}", accept="*/*")
        assert (reply.status_code, reply.headers["Content-Type"].partition(";")[0]) == (200, media_type)
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert corpus_pages.get(f"/static/{name}", if_none_match=reply.headers["ETag"]).status_code == 304
    for path in ("/static/../routes.py", "/static/%2e%2e/routes.py", "/static/..%2froutes.py", "/static/nothing.js"):
        assert corpus_pages.get(path, accept="*/*").status_code == 404


# --- For programs


def test_completion_gives_names_and_addresses(corpus_pages: Browser) -> None:
    reply = corpus_pages.get("/search.json?q=mir-21", accept="application/json")
    first = json.loads(reply.content)[0]
    assert first == {"label": "miR-21", "matched": "", "kind": "molecule", "href": "/entity/mir-21"}
    chinese = json.loads(corpus_pages.get("/search.json?q=inhibition+of+apoptosis", accept_language="zh").content)
    assert {"label": "抑制细胞凋亡", "kind": "机制"}.items() <= next(
        each for each in chinese if each["href"] == "/mechanism/apoptosis-inhibition"
    ).items()
    assert json.loads(corpus_pages.get("/search.json").content) == []


def test_the_matrix_comes_as_files(corpus_pages: Browser) -> None:
    for name, media_type in (("csv", "text/csv; charset=utf-8"), ("svg", "image/svg+xml")):
        reply = corpus_pages.get(f"/matrix.{name}")
        assert reply.headers["Content-Type"] == media_type
        assert reply.headers["Content-Disposition"] == f'attachment; filename="exo-onto-3f2a-matrix.{name}"'


# --- What is not there, and what is hostile


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere",
        "/study/nobody-x-1999",
        "/study/nobody-x-1999.ttl",
        "/study/nobody-x-1999/graph.json",
        "/term/nowhere:1",
        "/term",
        "/term?iri=nonsense",
        "/why?s=study:zhu-lf-2020&p=rdf:type&o=GO:0006915",
        "/why",
        "/matrix/evidence",
        "/matrix/evidence?source=x:y&mechanism=%3Cscript%3E",
        "/study/zhu-lf-2020/other",
        "/%00",
        "/" + "a" * 5_000,
    ],
)
def test_what_is_not_there_is_told_in_the_form_that_is_read(path: str, corpus_pages: Browser) -> None:
    data = path.endswith((".ttl", ".json"))
    page = corpus_pages.get(path)
    assert page.status_code == 404
    assert page.headers["Content-Type"] == ("application/problem+json" if data else "text/html; charset=utf-8")
    problem = corpus_pages.get(path, accept="*/*")
    assert (problem.status_code, problem.headers["Content-Type"]) == (404, "application/problem+json")
    assert problem.headers["Cache-Control"] == "no-store"


def test_what_cannot_be_had_in_a_format_is_not_acceptable(corpus_pages: Browser) -> None:
    reply = corpus_pages.get("/entity/mir-21", accept="image/png")
    assert (reply.status_code, reply.headers["Content-Type"]) == (406, "application/problem+json")


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/study/a%2522%253E%253Cscript%253E",
        "/reference/r",
        "/search?q=%3Cscript%3Ealert(1)%3C/script%3E",
        "/matrix?recipient=%22%3E%3Cscript%3E&lang=en&%22%3E%3Cscript%3E=1",
        "/nothing%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
        "/compare",
        "/download",
    ],
)
def test_no_name_slug_or_query_breaks_a_page(path: str, hostile_pages: Browser) -> None:
    reply = hostile_pages.get(path)
    page = Parsed(reply.text)
    assert all(set(script) == {"type", "src"} for script in page.all("script"))
    assert not any(name.startswith("on") for _, each in page.elements for name in each)
    assert not any(each.get("href", "").lower().startswith("javascript:") for _, each in page.elements)
    assert "<script>alert" not in reply.text
    said = re.sub(r"\b[0-9a-f]{64}\b", "", page.text)  # a digest has whatever digits it has
    assert "49" not in said.replace(SCRIPT, "").replace("20260101", "")


def test_a_hostile_name_is_shown_as_it_is(hostile_pages: Browser) -> None:
    page = Parsed(hostile_pages.get("/study/a%2522%253E%253Cscript%253E").text)
    assert page.text.count(SCRIPT) >= 3
    links = [each["href"] for each in page.all("a") if each.get("rel") == "external"]
    assert links == ['https://doi.org/10.1/"><script>alert(1)</script>']
