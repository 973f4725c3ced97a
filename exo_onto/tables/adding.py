"""adding: a table and the sources of a root in, the plan of what its files are to be out; and the plan carried out.

A study is told by a table as a whole: its file becomes what the rows say, and is not touched
where it says so already. Shared things are blocks of a file by hand; the rest of it stays as it was written.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from exo_onto.diagnose import Diagnostic
from exo_onto.places import Place
from exo_onto.sources import SourceFile, Sources
from exo_onto.tables import files, rows, terms
from exo_onto.tables.blocks import Block, edited
from exo_onto.tables.grid import Spot, Table, TableError, Wrong
from exo_onto.tables.layout import Layout
from exo_onto.tables.ranges import fitted
from exo_onto.tables.rows import Shared, Told
from exo_onto.tables.story import Fact, Source, Story, UntellableError, read_story
from exo_onto.tables.turtle import Written, write_study, write_thing
from exo_onto.vocabulary import GRAPH_IMPORTS, GRAPH_INSTANCES, GRAPH_ONTOLOGY, RDF_TYPE, RDFS_LABEL, compact

_DATE = r"\d{4}-\d\d-\d\d"
_SIGNED: Final = {
    "en": re.compile(rf"(?:Added|Changed) from the table .+ by .+ on {_DATE}\."),
    "zh": re.compile(rf"由 .+ 于 {_DATE} 据表格 .+ (?:添加|修改)。"),
}


@dataclass(frozen=True)
class Signature:
    """Who adds a table, and on which day (ISO 8601): what the curation note says."""

    by: str
    on: str

    def notes(self, table: str, *, new: bool) -> tuple[Literal, Literal]:
        """Write the note, in both languages."""
        english = f"{'Added' if new else 'Changed'} from the table {table} by {self.by} on {self.on}."
        chinese = f"由 {self.by} 于 {self.on} 据表格 {table} {'添加' if new else '修改'}。"
        return Literal(english, language="en"), Literal(chinese, language="zh")


@dataclass(frozen=True)
class Change:
    """What one file is to be: its path below the root, its content before and after, and which rows it came of."""

    path: str
    before: bytes | None
    after: bytes
    gained: int = 0
    lost: int = 0
    comments_lost: int = 0
    spots: tuple[tuple[int, Spot], ...] = ()

    @property
    def state(self) -> str:
        """Whether the file is new, changed, or as it was."""
        return "new" if self.before is None else "unchanged" if self.before == self.after else "changed"


@dataclass(frozen=True)
class Plan:
    """What adding a table comes to."""

    root: Path
    table: str
    changes: tuple[Change, ...]
    studies: tuple[NamedNode, ...] = field(default=())

    @property
    def open(self) -> tuple[Change, ...]:
        """The files that are to be written: those that others speak of first."""
        return tuple(change for change in self.changes if change.state != "unchanged")


def known(read: Sources, layout: Layout, *, studies: bool = False) -> tuple[Layout, terms.Names]:
    """Fit a layout to a root, and gather what its terms are called: those that all share, or those of studies too."""
    shared = (triple for file in read.shared for triple in file.triples)
    names = terms.gather(shared, layout)
    if studies:
        terms.add(names, (triple for file in read.studies for triple in file.triples), layout)
    theory = read.triples(GRAPH_ONTOLOGY, GRAPH_IMPORTS)
    return fitted(layout, names, theory, (triple for file in read.shapes for triple in file.triples)), names


def plan(read: Sources, table: Table, layout: Layout, signature: Signature | None) -> Plan:
    """Say what the files of a root are to be when a table has been added. Without a signature, no note is made.

    Raises TableError with all that is wrong in the table.
    """
    layout, names = known(read, layout)
    things = dict(_things(read))
    reading = rows.read_table(table, layout, names, {thing: file.path for thing, file in things.items()})
    planner = _Planner(read, layout, table.name, signature)
    shared = planner.shared_files(reading.shared)
    studies = [planner.study(told, things.get(told.study)) for told in reading.studies]
    return Plan(read.root, table.name, (*shared, *studies), tuple(told.study for told in reading.studies))


def carry_out(plan: Plan) -> None:
    """Write the files of a plan, each by one rename; shared ones first, so that no study speaks of what is not there.

    Raises TableError where a file is not as it was when the plan was made, or cannot be written.
    """
    with files.writing(plan.root), files.locked(plan.root):
        for change in plan.open:
            if files.content(plan.root / change.path) != change.before:
                what = f"{change.path} was changed by somebody else while the table was read."
                raise TableError(Wrong(None, what, "Nothing of it was overwritten; add the table again."))
        for change in plan.open:
            files.write_bytes(plan.root / change.path, change.after)


def overlaid(read: Sources, plan: Plan, folder: Path) -> Sources:
    """Give the sources as they would be with the plan carried out; the files that differ are written below a folder."""
    there: dict[str, SourceFile] = {}
    for change in plan.open:
        files.write_bytes(folder / change.path, change.after)
        digest = hashlib.sha256(change.after).hexdigest()
        there[change.path] = SourceFile(folder, change.path, len(change.after), digest)
    graphs = []
    for graph, old in read.graphs:
        kept = [there.pop(file.path, file) for file in old]
        graphs.append((graph, kept))
    for graph, kept in graphs:
        if graph == GRAPH_INSTANCES:
            kept.extend(there.values())
    return replace(read, graphs=tuple((graph, tuple(kept)) for graph, kept in graphs))


def spotted(diagnostics: Iterable[Diagnostic], plan: Plan) -> tuple[Diagnostic, ...]:
    """Tell diagnostics about files that are to be written in terms of the rows that they would come of."""
    spots = {change.path: change.spots for change in plan.changes}
    return tuple(_spotted(each, spots, plan.table) for each in diagnostics)


def _spotted(diagnostic: Diagnostic, spots: Mapping[str, tuple[tuple[int, Spot], ...]], table: str) -> Diagnostic:
    place = diagnostic.place
    if place is None or place.line is None:
        return diagnostic
    before = [spot for line, spot in spots.get(place.file, ()) if line <= place.line]
    return replace(diagnostic, place=Place(f"{table}, {before[-1]}")) if before else diagnostic


def _things(read: Sources) -> Iterator[tuple[NamedNode, SourceFile]]:
    """Say in which file each thing is told of: the first that gives it a type."""
    seen: set[NamedNode] = set()
    for graph, files_ in read.graphs:
        for file in files_ if graph == GRAPH_INSTANCES else ():
            for triple in file.triples:
                thing = triple.subject
                if triple.predicate == RDF_TYPE and isinstance(thing, NamedNode) and thing not in seen:
                    seen.add(thing)
                    yield thing, file


class _Planner:
    """Makes the contents of files."""

    def __init__(self, read: Sources, layout: Layout, table: str, signature: Signature | None) -> None:
        self._read = read
        self._layout = layout
        self._table = table
        self._signature = signature

    def study(self, told: Told, file: SourceFile | None) -> Change:
        """Make the file of a study."""
        path = file.path if file else f"{self._layout.studies}{told.study.value.rpartition('/')[2]}.ttl"
        before = file.content() if file else files.content(self._read.root / path)
        if file is None and before is not None:
            raise TableError(
                Wrong(told.spots.get(told.study), f"{path} is there already, and tells of something else.")
            )
        old = self._old_story(file) if file else Story((), ())
        kept = [each for each in old.facts if self._signed(each, told.study)]
        story = replace(told.story, facts=tuple(dict.fromkeys((*told.story.facts, *kept))))
        if file is not None and before is not None and story.same(old):
            return Change(path, before, before)
        if self._signature is not None:
            notes = self._signature.notes(self._table, new=file is None)
            story = replace(story, facts=(*story.facts, *(Fact(told.study, self._layout.note, note) for note in notes)))
        text = before.decode() if before else ""
        written = write_study(story.ordered_like(old), self._layout, _heading(text, told))
        _assure(written.text, story, path)
        gained, lost = _difference(old, story)
        gone = len(_comments(text) - _comments(written.text))
        return Change(path, before, written.text.encode(), gained, lost, gone, tuple(_lines(written, told)))

    def shared_files(self, shared: tuple[Shared, ...]) -> list[Change]:
        """Make the files of shared things."""
        by_file: dict[str, list[Shared]] = {}
        for each in shared:
            by_file.setdefault(each.sheet.file or "", []).append(each)
        return [self._shared_file(path, things) for path, things in by_file.items()]

    def _shared_file(self, path: str, things: list[Shared]) -> Change:
        before = files.content(self._read.root / path)
        text = before.decode() if before is not None else f"# {things[0].sheet.title('en').capitalize()}.\n"
        old: dict[NamedNode, dict[Fact, None]] = {}
        for fact in _facts(text):
            old.setdefault(fact.subject, {})[fact] = None
        blocks = []
        for each in things:
            if set(each.facts) != set(old.get(each.thing, ())):
                told, prefixes = write_thing(each.thing, each.facts, each.sheet.order, self._layout)
                blocks.append(Block(each.thing, told, prefixes, each.thing in old))
        if not blocks:
            return Change(path, before, before or b"")
        try:
            after = edited(text, blocks)
        except UntellableError as error:
            raise TableError(Wrong(things[0].spot, f"{path} cannot be changed by a table: {error}")) from error
        wanted = old | {each.thing: dict.fromkeys(each.facts) for each in things}
        facts = {fact for each in wanted.values() for fact in each}
        _assure(after, Story(tuple(facts), ()), path)
        was = {fact for each in old.values() for fact in each}
        spots = ((after[: after.index(block.text)].count("\n") + 1, block.thing) for block in blocks)
        rows_ = {each.thing: each.spot for each in things}
        lines = tuple(sorted(((line, rows_[thing]) for line, thing in spots), key=lambda each: each[0]))
        return Change(path, before, after.encode(), len(facts - was), len(was - facts), 0, lines)

    def _old_story(self, file: SourceFile) -> Story:
        try:
            return read_story(file.triples)
        except UntellableError as error:
            remedy = "Change that file by hand."
            raise TableError(Wrong(None, f"{file.path} says what no table can say: {error}", remedy)) from error

    def _signed(self, fact: Fact, study: NamedNode) -> bool:
        """Say whether a fact is the note of an earlier table."""
        note = fact.object
        if fact.subject != study or fact.predicate != self._layout.note or not isinstance(note, Literal):
            return False
        pattern = _SIGNED.get(note.language or "")
        return pattern is not None and pattern.fullmatch(note.value) is not None


def _heading(text: str, told: Told) -> list[str]:
    """Give what stands on top of a study's file: what stood there, or else the study's label."""
    top = text.splitlines()
    kept = top[: next((at for at, line in enumerate(top) if not line.startswith("#")), 0)]
    label = next(
        (f.object.value for f in told.story.facts if f.subject == told.study and f.predicate == RDFS_LABEL), None
    )
    return kept or [f"# {' '.join((label or compact(told.study.value)).split())}."]


def _lines(written: Written, told: Told) -> Iterator[tuple[int, Spot]]:
    """Say from which line on a file came of which row."""
    starts: list[tuple[int, NamedNode | Source]] = [*written.things, *written.sources]
    for line, origin in starts:
        if origin in told.spots:
            yield line, told.spots[origin]


def _difference(old: Story, new: Story) -> tuple[int, int]:
    """Count what a file gains and loses, in statements and provenance."""
    was = {*old.facts, *((s.fact, frozenset(s.notes)) for s in old.sources)}
    is_ = {*new.facts, *((s.fact, frozenset(s.notes)) for s in new.sources)}
    return len(is_ - was), len(was - is_)


def _comments(text: str) -> set[str]:
    return {line.strip() for line in text.splitlines() if line.lstrip().startswith("#")}


def _facts(text: str) -> list[Fact]:
    return list(read_story(_parsed(text)).facts)


def _parsed(text: str) -> Iterator[Triple]:
    return (quad.triple for quad in parse(text.encode(), format=RdfFormat.TURTLE))


def _assure(text: str, story: Story, path: str) -> None:
    """See that what is to be written reads as what is meant."""
    if not read_story(_parsed(text)).same(story):
        raise TableError(
            Wrong(None, f"{path} would not read as the rows say it.", "Please report this, with the table.")
        )
