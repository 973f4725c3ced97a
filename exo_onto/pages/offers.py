"""offers: what is served in, what can be downloaded of it out, each file with its address, size and digest.

Files are measured once for a snapshot and only when somebody looks, beside all else; a page that comes before that is
done says so.
"""

import asyncio
import hashlib
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import Final
from urllib.parse import quote

from pyoxigraph import NamedNode, Store

from exo_onto.dataset import Dataset, Description, StoreError
from exo_onto.described import DATA_PATH
from exo_onto.negotiation import SUFFIXES
from exo_onto.pages import measuring
from exo_onto.pages.measuring import File, Measure
from exo_onto.service import Standing

_WHOLE: Final = ("application/n-quads", "application/trig")
_UNITED: Final = ("text/turtle", "application/n-triples", "application/rdf+xml")
_PART: Final = ("text/turtle", "application/n-triples")
FORMATS: Final = {
    "ttl": "Turtle",
    "nt": "N-Triples",
    "rdf": "RDF/XML",
    "nq": "N-Quads",
    "trig": "TriG",
    "json": "JSON",
}
_NAMES: Final = {"ttl": "turtle", "nt": "ntriples", "rdf": "rdfxml", "nq": "nquads", "trig": "trig"}


@dataclass(frozen=True)
class Offer:
    """A file: what it is of (`all`, `default`, a graph), how many triples, its format, where it is, what it holds."""

    what: str
    triples: int
    suffix: str
    path: str
    held: File


@dataclass(frozen=True)
class Document:
    """A file that describes what is served: its name (`void`, `service`, `openapi`), format, place and writer."""

    what: str
    suffix: str
    path: str
    write: Callable[[Standing], bytes]


Measures = dict[str, Measure | None]
"""What has been measured, by address; None: a store elsewhere did not answer."""


def offers(dataset: Dataset) -> tuple[Offer, ...]:
    """List the files of a dataset: all of it, the union that queries ask, and each graph."""
    if not isinstance(dataset.store, Store):
        return ()
    total = sum(graph.triples for graph in dataset.named_graphs)
    found = [_offer("all", total, media_type, "", None) for media_type in _WHOLE]
    found += [_offer("default", dataset.triples, name, "default&", dataset.default_graphs) for name in _UNITED]
    for graph in dataset.named_graphs:
        asked = f"graph={quote(graph.name.value, safe='')}&"
        found += [_offer(graph.name.value, graph.triples, name, asked, (graph.name,)) for name in _PART]
    return tuple(found)


def _offer(what: str, triples: int, media_type: str, asked: str, graphs: tuple[NamedNode, ...] | None) -> Offer:
    suffix = SUFFIXES[media_type]
    return Offer(what, triples, suffix, f"{DATA_PATH}?{asked}format={_NAMES[suffix]}", (graphs, media_type))


def measured(file: Document, standing: Standing) -> Measure | None:
    """Write a document, and say how long it is. None where a store elsewhere does not answer."""
    try:
        written = file.write(standing)
    except StoreError:
        return None
    return Measure(len(written), hashlib.sha256(written).hexdigest())


class Measuring:
    """Measures the files of one snapshot, one after the other, and knows those that are done."""

    def __init__(self) -> None:
        """Have measured nothing."""
        self._said: Description | None = None
        self._task: asyncio.Task[None] | None = None
        self.done: Measures = {}

    def begin(self, standing: Standing, files: Iterable[Offer | Document]) -> None:
        """Measure a snapshot's files in the background, unless that is under way or done."""
        if standing.description == self._said:
            return
        if self._task is not None:
            self._task.cancel()
        self._said, self.done = standing.description, {}
        self._task = asyncio.get_running_loop().create_task(self._measure(standing, tuple(files), self.done))

    async def finished(self) -> None:
        """Wait until all that was begun is measured."""
        if self._task is not None:
            await self._task

    async def _measure(self, standing: Standing, files: Iterable[Offer | Document], done: Measures) -> None:
        offered = [file for file in files if isinstance(file, Offer)]
        loop, thread = asyncio.get_running_loop(), ThreadPoolExecutor(1)
        try:
            for file in files:
                if isinstance(file, Document):
                    done[file.path] = await loop.run_in_executor(thread, measured, file, standing)
            if standing.stored is None:
                for file in offered:
                    work = partial(measuring.measured, file.held, standing.dataset)
                    done[file.path] = await loop.run_in_executor(thread, work)
                return
        finally:
            thread.shutdown(wait=False)  # a file that nobody asks for any more is not to hold up everybody
        stored, paths = standing.stored, iter([file.path for file in offered])
        del standing  # which may not be served any more before all is measured
        async with aclosing(measuring.measured_apart(stored, [file.held for file in offered])) as told:
            async for measure in told:
                done[next(paths)] = measure
