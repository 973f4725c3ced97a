"""What the tests of the pages share: the whole corpus, or a small hostile one, read as a browser does, without a socket."""

import asyncio
from collections.abc import Iterable
from html.parser import HTMLParser
from typing import Any

import httpx
from pyoxigraph import Literal, NamedNode, Quad, Store

from exo_onto.dataset import Description, prepare
from exo_onto.pages.asking import Asker
from exo_onto.pages.languages import Words
from exo_onto.pages.visits import Visit
from exo_onto.pages.writing import Reader
from exo_onto.serve import application
from exo_onto.service import Elsewhere
from exo_onto.settings import Settings
from exo_onto.vocabulary import DEFAULT_GRAPHS, GRAPH_INSTANCES, PREFIXES, RDF_TYPE, RDFS_LABEL

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
SCRIPT = "<script>alert('1')</script>\"'&amp;{{ 7 * 7 }}"
SETTINGS = Settings(timeout=30)


def desk_over(store: Store, *, base: str = "http://test") -> Elsewhere:
    """Make a desk over a store whose graphs share no triple."""
    said = Description(f"{base}/sparql", "Test data", "2026-01-01", "3f2a")
    return Elsewhere(prepare(store, said, default_graphs=DEFAULT_GRAPHS, disjoint=True), SETTINGS)


class Browser:
    """Reads pages over one store, in one loop, as long as it is."""

    def __init__(self, store: Store, *, base: str = "http://test") -> None:
        """Serve a store."""
        self.desk = desk_over(store, base=base)
        self._app = application(self.desk, SETTINGS)
        self._runner = asyncio.Runner()

    def run(self, work: Any) -> Any:  # noqa: ANN401  what the work gives
        """Wait for some work in the loop of this browser."""
        return self._runner.run(work)

    def get(self, path: str, *, accept: str = BROWSER, method: str = "GET", **headers: str) -> httpx.Response:
        """Send one request."""
        told = {"Accept": accept, **{name.replace("_", "-"): value for name, value in headers.items()}}

        async def sent() -> httpx.Response:
            transport = httpx.ASGITransport(self._app)
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as session:
                return await session.request(method, path, headers=told)

        return self._runner.run(sent())

    def visit(self, *, language: str = "en", path: dict[str, str] | None = None, **parameters: str) -> Visit:
        """Make a visit, for what is below the routes."""
        reader = Reader(Words(language), "auto", "", "/", "", "http://test")
        return Visit(parameters, path or {}, Asker(self.desk, "test", 30), reader, self.desk.standing)

    def rows(self, query: str, **given: Iterable[Any]) -> list[Any]:
        """Ask one of our queries."""
        return self._runner.run(Asker(self.desk, "test", 30).rows(query, **given))

    def close(self) -> None:
        """Read no more."""
        self._runner.run(self.desk.close())
        self._runner.close()


def hostile() -> Store:
    """Make a store of one study whose names are written to break a page."""
    study, reference = NamedNode(f"{PREFIXES['study']}a%22%3E%3Cscript%3E"), NamedNode(f"{PREFIXES['reference']}r")
    own = PREFIXES["exonto"]
    facts: list[tuple[NamedNode, NamedNode, NamedNode | Literal]] = [
        (study, RDF_TYPE, NamedNode(own + "Study")),
        (study, RDFS_LABEL, Literal(SCRIPT, language="en")),
        (study, NamedNode(own + "publishedAs"), reference),
        (study, NamedNode(own + "curationNote"), Literal(SCRIPT, language="en")),
        (reference, RDFS_LABEL, Literal(SCRIPT, language="en")),
        (reference, NamedNode(PREFIXES["dcterms"] + "title"), Literal(SCRIPT, language="en")),
        (reference, NamedNode(PREFIXES["prism"] + "doi"), Literal('10.1/"><script>alert(1)</script>')),
        (reference, NamedNode(PREFIXES["skos"] + "closeMatch"), NamedNode("javascript:alert(1)")),
    ]
    made = Store()
    made.extend(Quad(subject, name, value, GRAPH_INSTANCES) for subject, name, value in facts)
    return made


class Parsed(HTMLParser):
    """The elements of a page: by name, each with its attributes; and its text."""

    def __init__(self, content: str) -> None:
        """Read a page."""
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(content)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        """Note a text."""
        self.text += data

    def all(self, tag: str) -> list[dict[str, str]]:
        """Give the attributes of all elements of a name."""
        return [attributes for name, attributes in self.elements if name == tag]
