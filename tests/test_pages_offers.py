"""What is offered for download: the sizes and digests that are told are those of what arrives."""

import asyncio
import hashlib

from reading import Browser, desk_over, hostile

from exo_onto.pages.offers import FORMATS, Measure, Measuring, measured, offers
from exo_onto.snapshot import Snapshot
from exo_onto.vocabulary import DEFAULT_GRAPHS, GRAPH_EVIDENCE, GRAPH_JUSTIFICATIONS


def test_everything_the_union_and_each_graph_are_offered(corpus: Snapshot) -> None:
    found = offers(desk_over(corpus.store).standing.dataset)
    graphs = {graph.value for graph in (*DEFAULT_GRAPHS, GRAPH_JUSTIFICATIONS)}
    graphs.remove(GRAPH_EVIDENCE.value)  # to the corpus itself no table has been added
    assert {offer.what for offer in found} == {"all", "default"} | graphs
    assert {offer.suffix for offer in found} == set(FORMATS)
    by_name = {offer.what: offer.triples for offer in found}
    assert by_name["all"] == sum(by_name[graph] for graph in graphs)
    assert by_name["default"] == by_name["all"] - by_name[GRAPH_JUSTIFICATIONS.value]


def test_a_file_arrives_as_it_is_told(corpus_pages: Browser) -> None:
    dataset = corpus_pages.desk.standing.dataset
    for offer in offers(dataset):
        if offer.triples > 20_000 and offer.suffix != "nq":
            continue  # large, and written in the same way
        reply = corpus_pages.get(offer.path, accept="*/*")
        told = Measure(len(reply.content), hashlib.sha256(reply.content).hexdigest())
        assert measured(offer, dataset) == told, offer.path
        assert reply.headers["Content-Type"].startswith(offer.media_type)


def test_files_are_measured_once_and_anew_for_another_snapshot() -> None:
    first, second = (desk_over(hostile()).standing.dataset for _ in range(2))

    async def both() -> None:
        measuring = Measuring()
        measuring.begin(first)
        done = measuring.done
        measuring.begin(first)
        assert measuring.done is done
        await measuring.finished()
        assert len(done) == len(offers(first))
        measuring.begin(second)
        assert measuring.done == {}
        await measuring.finished()
        assert measuring.done == done

    asyncio.run(both())
