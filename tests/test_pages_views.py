"""What pages show, over the whole corpus; and the snippets that they offer, run as they are pasted."""

import html
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pyhornedowl
import pytest
import uvicorn
from pyoxigraph import NamedNode, Quad, Store
from reading import SETTINGS, Browser, desk_over

from exo_onto.pages.views import MOST_READ, MOST_USES, SNIPPETS, Views
from exo_onto.pages.visits import MissingError
from exo_onto.serve import address_of, application, listen
from exo_onto.snapshot import Snapshot
from exo_onto.vocabulary import GRAPH_INSTANCES, GRAPH_ONTOLOGY, PREFIXES, RDF_TYPE, RDFS_SUBCLASSOF, expand

FIRST = f"{PREFIXES['study']}chen-d-2022"


@pytest.fixture(scope="module")
def views() -> Views:
    return Views()


def test_every_marked_cell_has_its_evidence(views: Views, corpus_pages: Browser) -> None:
    shown = corpus_pages.run(views.matrix(corpus_pages.visit(columns="all")))["matrix"]
    cells = [place for place, marks in shown.cells.items() if marks]
    assert len(cells) > 30
    for source, mechanism in cells[::3]:
        view = corpus_pages.run(views.evidence(corpus_pages.visit(source=source, mechanism=mechanism)))
        for mark in view["marks"]:
            how = {row["how"].value for row in view["studies"][mark.study]}
            assert ("claim" in how) == (mark.standing != "inferred") or not shown.marks(source, mechanism)
            assert ({"demonstrates", "activity"} <= how) == (mark.standing != "claimed")


def test_every_study_can_be_shown_in_both_languages(views: Views, corpus_pages: Browser) -> None:
    whole = corpus_pages.run(views.matrix(corpus_pages.visit()))["whole"]
    assert len(whole.facets) >= 29
    for study in whole.facets:
        for language in ("en", "zh"):
            path = {"slug": study.rpartition("/")[2]}
            view = corpus_pages.run(views.study(corpus_pages.visit(language=language, path=path)))
            assert view["iri"] == study
            assert view["story"].activities
            assert view["parts"]["reference"]


def many(number: int) -> Store:
    """Make a store in which many studies speak of one thing, and much lies below it."""
    own, thing = PREFIXES["exonto"], expand("GO:0006915")
    made = Store()
    for each in range(number):
        study, treatment, activity = (
            NamedNode(f"{PREFIXES[kind]}a-{each:05}") for kind in ("study", "treatment", "activity")
        )
        told = [
            (study, RDF_TYPE, NamedNode(f"{own}Study")),
            (study, NamedNode(f"{own}conducts"), treatment),
            (treatment, NamedNode(f"{own}observes"), activity),
            (activity, NamedNode(f"{own}of"), thing),
        ]
        made.extend(Quad(*each, GRAPH_INSTANCES) for each in told)
        made.add(Quad(NamedNode(f"http://ex/{each:05}"), RDFS_SUBCLASSOF, thing, GRAPH_ONTOLOGY))
    return made


def test_of_a_long_list_the_first_are_shown_and_how_many_more_there_are(views: Views) -> None:
    browser = Browser(many(700))
    view = browser.run(views.resource(browser.visit(), expand("GO:0006915")))
    shown = [f"{PREFIXES['activity']}a-{each:05}" for each in range(MOST_USES)]
    uses = {use.property: use for use in view["uses"]}
    of = uses[f"{PREFIXES['exonto']}of"]
    assert (list(of.subjects), of.number) == (shown, 700)
    assert list(view["studies"]) == [each.replace("/activity/", "/study/") for each in shown]
    assert (view["left"], view["cut"]) == (700 - MOST_USES, set())
    assert list(view["hierarchy"].below) == [f"http://ex/{each:05}" for each in range(60)]
    page = browser.get("/term/GO:0006915").text
    assert page.count("and 500 more") == 3  # studies, activities, and classes below
    assert "and 640 more" in page
    browser.close()


def test_where_not_all_is_read_nothing_is_said_to_be_all(views: Views) -> None:
    browser = Browser(many(MOST_READ + 1))
    assert browser.run(views.resource(browser.visit(), expand("GO:0006915")))["cut"] == {"into", "used"}
    for language, said in (("en", "There are more than 5,000"), ("zh", "超过 5,000 条")):
        page = browser.get("/term/GO:0006915", accept_language=language).text
        assert page.count(said) == 2
    browser.close()


def test_what_is_not_there_is_missing(views: Views, corpus_pages: Browser) -> None:
    for work in (
        views.study(corpus_pages.visit(path={"slug": "nobody"})),
        views.graph(corpus_pages.visit(path={"slug": "nobody"})),
        views.why(corpus_pages.visit(s="study:x", p="rdf:type", o="GO:0006915")),
        views.evidence(corpus_pages.visit(source="GO:0006915", mechanism="GO:0006915")),
    ):
        with pytest.raises(MissingError):
            corpus_pages.run(work)


def test_all_can_be_made_beforehand(corpus_pages: Browser) -> None:
    fresh = Views()
    corpus_pages.run(fresh.warm(corpus_pages.visit()))
    assert corpus_pages.run(fresh.found(corpus_pages.visit(q="autophagy")))["found"]


def test_a_comparison_says_how_much_it_leaves_out(views: Views, corpus_pages: Browser) -> None:
    compared = corpus_pages.run(views.compare(corpus_pages.visit()))["compared"]
    assert [compared.number(each) for each in compared.outcomes] == [70, 25, 20]
    small = compared.first(3, 1)
    assert [len(each) for each in small.outcomes.values()] == [3, 3, 3]
    assert small.contested[0].left == {"up": 1}
    assert small.left["unexplained"] == 22


# --- Snippets


@pytest.fixture(scope="module")
def snippets(corpus: Snapshot) -> Iterator[dict[str, str]]:
    """Serve the corpus on a port, and give what the download page shows to be pasted."""
    with listen("127.0.0.1", 0) as listening:
        desk = desk_over(corpus.store, base=address_of(listening))
        config = uvicorn.Config(application(desk, SETTINGS), log_level="warning", lifespan="off")
        served = uvicorn.Server(config)
        thread = threading.Thread(target=served.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        reply = httpx.get(f"{address_of(listening)}/download", headers={"Accept": "text/html"}, timeout=60)
        shown = [
            html.unescape(each) for each in re.findall(r"<pre[^>]*><code>(.*?)</code></pre>", reply.text, re.DOTALL)
        ]
        yield dict(zip(SNIPPETS, shown, strict=True))
        served.should_exit = True
        thread.join(20)


def run(*command: str, given: str | None = None) -> str:
    return subprocess.run(command, input=given, capture_output=True, text=True, check=True, timeout=120).stdout


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
def test_the_line_for_curl(snippets: dict[str, str]) -> None:
    lines = run("bash", given=snippets["curl"]).split()
    assert lines[0] == "study,mechanism"
    assert lines[1].startswith(FIRST)
    assert len(lines) == 6


@pytest.mark.parametrize(("name", "package"), [("SPARQLWrapper", "SPARQLWrapper"), ("pandas", "pandas")])
def test_the_lines_for_python(name: str, package: str, snippets: dict[str, str]) -> None:
    pytest.importorskip(package)
    told = run(sys.executable, "-", given=snippets[name])
    assert "chen-d-2022" in told
    assert len(told.strip().splitlines()) >= 5


@pytest.mark.skipif(not shutil.which("Rscript"), reason="needs R")
def test_the_lines_for_r(snippets: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "ask.R").write_text(snippets["R"], "utf-8")
    assert "chen-d-2022" in run("Rscript", str(tmp_path / "ask.R"))


def test_the_address_for_protege_gives_an_ontology(snippets: dict[str, str], tmp_path: Path) -> None:
    """Protégé needs a screen; the same file is read by another implementation of OWL 2."""
    reply = httpx.get(snippets["Protégé"], timeout=60)
    assert reply.headers["Content-Type"] == "application/rdf+xml"
    (tmp_path / "all.owl").write_bytes(reply.content)
    read = pyhornedowl.open_ontology(str(tmp_path / "all.owl"))
    assert f"{PREFIXES['exonto']}ExosomePreparation" in read.get_classes()
