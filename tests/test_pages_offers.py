"""What is offered for download: the sizes and digests that are told are those of what arrives."""

import asyncio
import hashlib
import re
from dataclasses import replace
from threading import Event, Timer

from reading import BROWSER, Browser, desk_over, hostile

from exo_onto.dataset import StoreError
from exo_onto.pages import measuring
from exo_onto.pages.measuring import Measure
from exo_onto.pages.offers import FORMATS, Document, Measuring, measured, offers
from exo_onto.service import Standing
from exo_onto.snapshot import Snapshot
from exo_onto.vocabulary import DEFAULT_GRAPHS, GRAPH_EVIDENCE, GRAPH_JUSTIFICATIONS


def named(digest: str) -> Standing:
    """Have something stand under a digest."""
    dataset = desk_over(hostile()).standing.dataset
    return Standing(replace(dataset, description=replace(dataset.description, digest=digest)))


def test_everything_the_union_and_each_graph_are_offered(corpus: Snapshot) -> None:
    found = offers(desk_over(corpus.store).standing.dataset)
    graphs = {graph.value for graph in (*DEFAULT_GRAPHS, GRAPH_JUSTIFICATIONS)}
    graphs.remove(GRAPH_EVIDENCE.value)  # to the corpus itself no table has been added
    assert {offer.what for offer in found} == {"all", "default"} | graphs
    assert {offer.suffix for offer in found} == set(FORMATS) - {"json"}
    by_name = {offer.what: offer.triples for offer in found}
    assert by_name["all"] == sum(by_name[graph] for graph in graphs)
    assert by_name["default"] == by_name["all"] - by_name[GRAPH_JUSTIFICATIONS.value]


def test_a_file_arrives_as_it_is_told(corpus_pages: Browser) -> None:
    standing = corpus_pages.desk.standing
    for offer in offers(standing.dataset):
        if offer.triples > 20_000 and offer.suffix != "nq":
            continue  # large, and written in the same way
        reply = corpus_pages.get(offer.path, accept="*/*")
        told = Measure(len(reply.content), hashlib.sha256(reply.content).hexdigest())
        assert measuring.measured(offer.held, standing.dataset) == told, offer.path
        assert reply.headers["Content-Type"].startswith(offer.held[1])


def test_a_document_that_describes_it_arrives_as_it_is_told_whatever_a_client_accepts(corpus_pages: Browser) -> None:
    page = _once_measured(corpus_pages)
    for path in ("/.well-known/void?format=turtle", "/sparql?format=turtle", "/openapi.json"):
        for accept in ("*/*", BROWSER):
            reply = corpus_pages.get(path, accept=accept)
            assert f'href="{path}"' in page
            assert hashlib.sha256(reply.content).hexdigest() in page, path


def _once_measured(browser: Browser) -> str:
    for _ in range(100):
        page = browser.get("/download", accept_language="en").text
        if "being measured" not in page:
            return page
        browser.run(asyncio.sleep(0.1))
    raise AssertionError(page)


def test_every_file_on_the_page_has_a_size_and_a_digest(corpus_pages: Browser) -> None:
    rows = [row for row in _once_measured(corpus_pages).split("<tr>") if "<td>" in row]
    assert len(rows) == len(offers(corpus_pages.desk.standing.dataset)) + 3
    assert all(
        re.search(r"[0-9.]+ (B|kB|MB)</td>\s*<td class=\"digest\"><code>[0-9a-f]{64}</code>", row) for row in rows
    )


def test_a_store_that_does_not_answer_leaves_a_document_unmeasured() -> None:
    def unanswered(_: Standing) -> bytes:
        raise StoreError

    assert measured(Document("void", "ttl", "/.well-known/void", unanswered), desk_over(hostile()).standing) is None


def test_files_are_measured_once_and_anew_for_another_snapshot() -> None:
    first, second = (named(digest) for digest in ("3f2a", "77aa"))
    files = offers(first.dataset)

    async def both() -> None:
        ours = Measuring()
        ours.begin(first, files)
        done = ours.done
        ours.begin(first, files)
        assert ours.done is done
        await ours.finished()
        assert len(done) == len(files)
        ours.begin(second, files)
        assert ours.done == {}
        await ours.finished()
        assert ours.done == done

    asyncio.run(both())


def test_a_file_that_nobody_waits_for_any_more_holds_up_nobody() -> None:
    begun, may_end = Event(), Event()

    def slow(_: Standing) -> bytes:
        begun.set()
        return b"late" if may_end.wait(20) else b"never"

    async def swap() -> bool:
        ours = Measuring()
        ours.begin(named("3f2a"), [Document("slow", "ttl", "/slow", slow)])
        assert await asyncio.to_thread(begun.wait, 20)
        ours.begin(named("77aa"), [Document("void", "ttl", "/void", lambda _: b"x")])
        await asyncio.wait_for(ours.finished(), 20)
        held_up = may_end.is_set()
        may_end.set()
        return held_up or "/void" not in ours.done

    at_last = Timer(10, may_end.set)
    at_last.start()
    assert asyncio.run(swap()) is False
    at_last.cancel()
