"""views: a visit in, what each page shows out: our queries are put through the desk, and their rows to what is pure.

What takes a whole snapshot (the matrix, the search, the colours of mechanisms, the rules) is made once for each.
"""

import asyncio
from collections import ChainMap, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from importlib.resources import files as package
from typing import Final

from pyoxigraph import NamedNode, Store

from exo_onto import archive
from exo_onto.archive import Archive
from exo_onto.axioms import Rule
from exo_onto.expressions import Pattern
from exo_onto.pages import comparing, finding, home, matrix, offers, proofs, resources, stories
from exo_onto.pages.asking import Row, iris, text
from exo_onto.pages.comparing import Comparison
from exo_onto.pages.finding import Finder, Found
from exo_onto.pages.matrix import Matrix
from exo_onto.pages.names import Names, named
from exo_onto.pages.offers import Document
from exo_onto.pages.visits import MissingError, Once, View, Visit
from exo_onto.vocabulary import PREFIXES, UnknownNameError, expand

SUGGESTED: Final = 10
FOUND: Final = 60
MOST_IN_CELL: Final = 40
"""Studies of which the evidence is shown at once."""
MOST_COMPARED: Final = 60
MOST_OBSERVED: Final = 12
"""Things that are compared on the page, and studies that are shown of each in one direction."""
MOST_READ: Final = 5000
"""Rows about a thing that are read of one query, as the queries say: what is shown are the first of these."""
MOST_USES: Final = 200
"""Subjects of one property that point to a thing, and parts of studies in which it plays a part, that are shown."""
_LOOKED_AT: Final = 4
"""Studies that are looked at beforehand: each worker has then read what is asked most."""
SNIPPETS: Final = {"curl": "curl", "SPARQLWrapper": "sparqlwrapper", "pandas": "pandas", "R": "r", "Protégé": "protege"}


@dataclass(frozen=True)
class Fact:
    """What is asked to be proved: three IRIs."""

    subject: NamedNode
    property: NamedNode
    value: NamedNode


class Views:
    """Looks up what pages show."""

    def __init__(self, documents: Iterable[Document] = ()) -> None:
        """Know nothing yet. `documents` describe what is served, for whoever takes it away."""
        self._documents = tuple(documents)
        self._finder: Once[Finder] = Once(_finder)
        self._matrix: Once[Matrix] = Once(_matrix)
        self._compared: Once[Comparison] = Once(_compared)
        self._rules: Once[tuple[Rule, ...]] = Once(_rules)
        self._archive: Once[Archive] = Once(_archive)
        self._proving = asyncio.Semaphore(1)
        self._measuring = offers.Measuring()

    async def warm(self, visit: Visit) -> None:
        """Make beforehand what is made once for a snapshot, and ask what the first pages will ask."""
        once = (self._finder, self._matrix, self._compared, self._rules, self._archive)
        await asyncio.gather(*(each.get(visit) for each in once))
        await self.first(visit)
        for study in sorted((await self._matrix.get(visit)).studies)[:_LOOKED_AT]:
            await self.resource(visit, NamedNode(study))
            await self.study(replace(visit, path={"slug": study.removeprefix(PREFIXES["study"])}))

    async def download(self, visit: Visit) -> View:
        """Show what can be taken away, and how to ask from elsewhere."""
        files = offers.offers(visit.standing.dataset)
        self._measuring.begin(visit.standing, (*self._documents, *files))
        said = home.view((), await visit.asker.rows("snapshot"), visit.reader.language)["said"]
        done = dict(self._measuring.done)
        return {
            "files": files,
            "documents": self._documents,
            "done": done,
            "soon": len(done) < len(files) + len(self._documents),
            "said": said,
            "formats": offers.FORMATS,
            "snippets": _snippets(visit),
            "doi": resources.doi,
        }

    async def first(self, visit: Visit) -> View:
        """Show how much there is."""
        figures, said = await asyncio.gather(visit.asker.rows("figures"), visit.asker.rows("snapshot"))
        return home.view(figures, said, visit.reader.language)

    async def found(self, visit: Visit) -> View:
        """Show what a search finds."""
        typed = visit.parameters.get("q", "").strip()[: finding.MOST_TYPED]
        finder = await self._finder.get(visit)
        return {
            "typed": typed,
            "found": await self._find(finder, typed, FOUND),
            "most": FOUND,
            "names": finder.names(visit.reader.language),
        }

    async def suggested(self, visit: Visit) -> list[dict[str, str]]:
        """Complete what is being typed: names with the addresses of their pages."""
        finder = await self._finder.get(visit)
        names = finder.names(visit.reader.language)
        return [
            {
                "label": names(each.iri),
                "matched": "" if each.text == names(each.iri) else each.text,
                "kind": visit.words(f"kind.{each.kind}"),
                "href": visit.reader.page(each.iri),
            }
            for each in await self._find(finder, visit.parameters.get("q", ""), SUGGESTED)
        ]

    async def _find(self, finder: Finder, typed: str, most: int) -> tuple[Found, ...]:
        if len(finder.haystack) < finding.MUCH:
            return finder.find(typed, most=most)
        return await asyncio.to_thread(finder.find, typed, most=most)

    async def matrix(self, visit: Visit) -> View:
        """Show source cells against mechanisms."""
        whole = await self._matrix.get(visit)
        wishes = matrix.wishes(visit.parameters, whole)
        fine = visit.parameters.get("columns") == "all"
        names = await self._named(visit, whole.things())
        return {
            "matrix": whole.chosen(wishes, fine=fine),
            "whole": whole,
            "wishes": wishes,
            "fine": fine,
            "names": names,
            "facets": matrix.FACETS,
            "standings": matrix.STANDINGS,
            "not_stated": matrix.NOT_STATED,
        }

    async def evidence(self, visit: Visit) -> View:
        """Show what stands behind a cell of the matrix."""
        source, mechanism = (_iri(visit.parameters.get(name, "")) for name in ("source", "mechanism"))
        whole = await self._matrix.get(visit)
        if source.value not in whole.sources or not whole.colour(mechanism.value):
            raise MissingError(f"{source} {mechanism}")
        marks = whole.marks(source.value, mechanism.value)
        shown = [NamedNode(mark.study) for mark in marks[:MOST_IN_CELL]]
        rows = await visit.asker.rows("evidence", study=shown, mechanism=[mechanism]) if shown else []
        activities = [row["what"] for row in rows if text(row["how"]) == "activity"]
        grounds = stories.grounds_of(await visit.asker.rows("resource-grounds", subject=activities))
        things = {source.value, mechanism.value, *iris(rows), *stories.things_of(grounds)}
        return {
            "source": source.value,
            "mechanism": mechanism.value,
            "marks": marks,
            "most": MOST_IN_CELL,
            "studies": _by_study(rows),
            "grounds": stories.of_directions(grounds),
            "names": await self._named(visit, things),
        }

    async def study(self, visit: Visit) -> View:
        """Show a study: its record, its exosomes, its story."""
        subject = [_node(PREFIXES["study"] + visit.path["slug"])]
        parts, nodes, edges, grounded = await asyncio.gather(
            *(visit.asker.rows(name, this=subject) for name in ("study", "story-nodes", "story-edges", "story-grounds"))
        )
        if not parts:
            raise MissingError(subject[0].value)
        grounds = stories.grounds_of(grounded)
        told = stories.story(nodes, edges, grounds)
        names = await self._named(visit, iris(parts) | stories.things(told))
        return {
            "iri": subject[0].value,
            "parts": stories.parts(parts, visit.reader.language),
            "story": told,
            "label": stories.label,
            "names": names,
            "colour": (await self._matrix.get(visit)).colour,
            "doi": resources.doi,
        }

    async def graph(self, visit: Visit) -> dict[str, list[dict[str, object]]]:
        """Give a study's story as graph.json has it."""
        subject = [_node(PREFIXES["study"] + visit.path["slug"])]
        nodes, edges, grounded = await asyncio.gather(
            *(visit.asker.rows(name, this=subject) for name in ("story-nodes", "story-edges", "story-grounds"))
        )
        told = stories.story(nodes, edges, stories.grounds_of(grounded))
        if not told.nodes:
            raise MissingError(subject[0].value)
        names = await self._named(visit, stories.things(told))
        return stories.drawn(told, names, root=visit.reader.root)

    async def why(self, visit: Visit) -> View:
        """Show the proofs of a fact."""
        fact = Fact(*(_iri(visit.parameters.get(name, "")) for name in ("s", "p", "o")))
        store = visit.standing.dataset.store
        if not isinstance(store, Store):
            return {"fact": fact, "proofs": None, "names": Names({}, visit.reader.language)}
        known, sources = await self._rules.get(visit), await self._archive.get(visit)
        pattern = Pattern(fact.subject, fact.property, fact.value)
        async with self._proving:
            found = await asyncio.to_thread(proofs.proved, store, known, pattern)
            if found is None:
                raise MissingError(str(pattern))
            places = await asyncio.to_thread(proofs.places, found, sources)
        grounds = stories.grounds_of(await visit.asker.rows("resource-grounds", subject=proofs.leaves(found)))
        things = {*proofs.things(found), *stories.things_of(grounds)}
        names = await self._named(visit, things)
        return {"fact": fact, "proofs": proofs.told(found, names, grounds, places), "names": names}

    async def resource(self, visit: Visit, node: NamedNode) -> View:
        """Show what a thing is, what is above it, and where it is used."""
        out, into, used, ranks = await asyncio.gather(
            *(
                visit.asker.rows(name, this=[node])
                for name in ("resource-out", "resource-in", "resource-uses", "resource-hierarchy")
            )
        )
        graph = next((each for each in visit.standing.dataset.named_graphs if each.name == node), None)
        if not out and not into and graph is None:
            raise MissingError(node.value)
        grounds = stories.grounds_of(await visit.asker.rows("resource-grounds", subject=[node]))
        told, ranked = resources.resource(node.value, out), resources.hierarchy(node.value, ranks)
        uses, shown = resources.uses(into, most=MOST_USES), used[:MOST_USES]
        users = {iri for use in uses for iri in (use.property, *use.subjects)}
        things = {node.value, *iris(out), *iris(shown), *users, *ranked.things(), *stories.things_of(grounds)}
        names = await self._named(visit, things)
        return {
            "it": told,
            "kind": finding.kind_of(node.value),
            "uses": uses,
            "studies": _by_study(shown),
            "left": len(used) - len(shown),
            "hierarchy": ranked,
            "most": MOST_READ,
            "cut": {part for part, rows in (("into", into), ("used", used)) if len(rows) >= MOST_READ},
            "grounds": grounds,
            "graph": graph,
            "names": names,
            "elsewhere": resources.elsewhere,
            "doi": resources.doi,
            "colour": (await self._matrix.get(visit)).colour,
            "definition": told.definition(visit.reader.language),
        }

    async def data(self, visit: Visit, node: NamedNode, media_type: str) -> bytes:
        """Give a thing in RDF."""
        if not await visit.asker.rows("exists", this=[node]):
            raise MissingError(node.value)
        return await visit.asker.graph("resource", media_type, this=[node])

    async def _named(self, visit: Visit, things: Iterable[str]) -> Names:
        """Say what things are called: the search knows all names once it is made; until then they are looked up."""
        language, finder = visit.reader.language, self._finder.made(visit)
        if finder is None:
            return await named(visit.asker, things, language)
        rest = await named(visit.asker, (each for each in things if not finding.covered(each)), language)
        return Names(ChainMap(finder.known, {**rest.known}), language)

    async def compare(self, visit: Visit) -> View:
        """Show what studies dispute and share, and how outcomes stand."""
        found = (await self._compared.get(visit)).first(MOST_COMPARED, MOST_OBSERVED)
        names = await self._named(visit, found.things())
        return {"compared": found, "names": names}


async def _finder(visit: Visit) -> Finder:
    return await asyncio.to_thread(finding.finder, await visit.asker.rows("findables"))


async def _matrix(visit: Visit) -> Matrix:
    axes, marks, facets = await asyncio.gather(
        *(visit.asker.rows(name) for name in ("matrix-axes", "matrix-marks", "matrix-facets"))
    )
    return await asyncio.to_thread(matrix.matrix, axes, marks, facets)


async def _compared(visit: Visit) -> Comparison:
    rows = await asyncio.gather(*(visit.asker.rows(name) for name in ("contested", "shared", "outcomes")))
    return await asyncio.to_thread(comparing.comparison, *rows)


async def _rules(visit: Visit) -> tuple[Rule, ...]:
    store = visit.standing.dataset.store
    return await asyncio.to_thread(proofs.compiled, store) if isinstance(store, Store) else ()


async def _archive(visit: Visit) -> Archive:
    return await asyncio.to_thread(archive.opened, visit.standing.folder)


def _snippets(visit: Visit) -> dict[str, str]:
    """Give what can be pasted elsewhere, with the addresses of this server."""
    folder, said = package("exo_onto.pages").joinpath("snippets"), visit.said
    gaps = {"endpoint": said.endpoint, "base": visit.reader.base}
    texts = {name: folder.joinpath(f"{file}.txt").read_text("utf-8") for name, file in SNIPPETS.items()}
    return {name: text.strip().format(**gaps) for name, text in texts.items()}


def _iri(given: str) -> NamedNode:
    """Read an IRI or a CURIE that an address gives. Raises MissingError."""
    try:
        return expand(given)
    except UnknownNameError as error:
        raise MissingError(given) from error


def _node(iri: str) -> NamedNode:
    try:
        return NamedNode(iri)
    except ValueError as error:
        raise MissingError(iri) from error


def _by_study(rows: Iterable[Row]) -> Mapping[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[text(row["study"])].append(row)
    return found
