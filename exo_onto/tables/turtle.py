"""turtle: a study's story in, its file out, in the style of those written by hand; and where each thing stands. Pure.

The same story gives the same bytes: prefixes by the alphabet, things by the sections of the layout and by their rows,
predicates in the order of their sheet, provenance last.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from exo_onto.tables.layout import Layout, Section, Sheet
from exo_onto.tables.story import Fact, Source, Story, Value
from exo_onto.vocabulary import (
    OWL_ANNOTATEDPROPERTY,
    OWL_ANNOTATEDSOURCE,
    OWL_ANNOTATEDTARGET,
    OWL_AXIOM,
    PREFIXES,
    RDF_TYPE,
    RDFS_LABEL,
    XSD_BOOLEAN,
    XSD_INTEGER,
    compact,
)

_LOCAL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_STRING = NamedNode(PREFIXES["xsd"] + "string")
_ON_ONE_LINE = (RDF_TYPE, RDFS_LABEL)


@dataclass(frozen=True)
class Written:
    """A file's text, and on which line, from 1, each thing and each provenance begins."""

    text: str
    things: tuple[tuple[int, NamedNode], ...]
    sources: tuple[tuple[int, Source], ...]


def write_study(story: Story, layout: Layout, heading: Sequence[str]) -> Written:
    """Write a study's file. `heading` is what stands on top of it: lines of comment."""
    writer = _Writer(_on_lines_of_their_own(layout))
    for section, things in _sections(story, layout):
        if things:
            writer.blocks.append((f"### {section}\n", None))
            writer.blocks.extend((writer.thing(thing, facts, order), thing) for thing, facts, order in things)
    last = layout.sections[-1].heading
    if story.sources:
        writer.blocks.append((f"### {last}\n", None))
        writer.blocks.extend((writer.source(each), each) for each in story.sources)
    return writer.written(heading)


def write_thing(
    thing: NamedNode, facts: Iterable[Fact], order: Sequence[NamedNode], layout: Layout
) -> tuple[str, frozenset[str]]:
    """Write the block of one thing. Gives also the prefixes that it uses."""
    writer = _Writer(_on_lines_of_their_own(layout))
    text = writer.thing(thing, list(facts), order)
    return text, frozenset(writer.prefixes)


def prefix_lines(prefixes: Iterable[str]) -> list[str]:
    """Declare prefixes, by the alphabet."""
    return [f"@prefix {each}: <{PREFIXES[each]}> .\n" for each in sorted(prefixes, key=str.lower)]


def _on_lines_of_their_own(layout: Layout) -> frozenset[NamedNode]:
    """Give the properties by which statements are made: each of their values has a line, for a change to show."""
    return frozenset(
        each for sheet in layout.sheets if sheet.statements for each in sheet.statements.relation.range.choices
    )


def _sections(
    story: Story, layout: Layout
) -> list[tuple[str, list[tuple[NamedNode, list[Fact], tuple[NamedNode, ...]]]]]:
    """Give each section its things with their facts, and the order of their predicates."""
    facts: dict[NamedNode, list[Fact]] = {}
    for fact in story.facts:
        facts.setdefault(fact.subject, []).append(fact)
    found = []
    for section in layout.sections:
        things: list[tuple[NamedNode, list[Fact], tuple[NamedNode, ...]]] = []
        for sheet in filter(None, (next((s for s in layout.sheets if s.key == key), None) for key in section.sheets)):
            mine = [each for each in facts if _belongs(each, sheet, section, story)]
            things.extend((thing, facts.pop(thing), sheet.order) for thing in mine)
        found.append((section.heading, things))
    found[0][1].extend((thing, rest, ()) for thing, rest in facts.items())
    return found


def _belongs(thing: NamedNode, sheet: Sheet, section: Section, story: Story) -> bool:
    if compact(thing.value).partition(":")[0] != sheet.kind:
        return False
    parting = section.only.get(sheet.key)
    return parting is None or any(fact.predicate == parting and fact.object == thing for fact in story.facts)


class _Writer:
    """Writes terms, things and provenance, and keeps which prefixes they need."""

    def __init__(self, apart: frozenset[NamedNode]) -> None:
        self.prefixes: set[str] = set()
        self._apart = apart - set(_ON_ONE_LINE)
        self.blocks: list[tuple[str, NamedNode | Source | None]] = []

    def written(self, heading: Sequence[str]) -> Written:
        """Put the blocks below the heading and the prefixes."""
        top = "".join(f"{line}\n" for line in heading) + "".join(prefix_lines(self.prefixes))
        line = top.count("\n") + 2
        things: list[tuple[int, NamedNode]] = []
        sources: list[tuple[int, Source]] = []
        for text, origin in self.blocks:
            if isinstance(origin, NamedNode):
                things.append((line, origin))
            elif origin is not None:
                sources.append((line, origin))
            line += text.count("\n") + 1
        return Written("\n".join([top, *(text for text, _ in self.blocks)]), tuple(things), tuple(sources))

    def thing(self, thing: NamedNode, facts: list[Fact], order: Sequence[NamedNode]) -> str:
        """Write what is said of a thing: type and label first, then as ordered, then by the alphabet."""
        values: dict[NamedNode, list[Value]] = {}
        for fact in facts:
            values.setdefault(fact.predicate, []).append(fact.object)
        ranks = {each: rank for rank, each in enumerate((*_ON_ONE_LINE, *order))}
        predicates = sorted(values, key=lambda each: (ranks.get(each, len(ranks)), each.value))
        return self._block(self.term(thing), [(each, values[each]) for each in predicates])

    def source(self, source: Source) -> str:
        """Write provenance."""
        values: dict[NamedNode, list[Value]] = {
            RDF_TYPE: [OWL_AXIOM],
            OWL_ANNOTATEDSOURCE: [source.fact.subject],
            OWL_ANNOTATEDPROPERTY: [source.fact.predicate],
            OWL_ANNOTATEDTARGET: [source.fact.object],
        }
        for predicate, note in source.notes:
            values.setdefault(predicate, []).append(note)
        return self._block("[]", list(values.items()))

    def _block(self, subject: str, said: list[tuple[NamedNode, list[Value]]]) -> str:
        lines = []
        for predicate, values in said:
            texts = predicate not in _ON_ONE_LINE and any(isinstance(value, Literal) for value in values)
            between = " ,\n        " if texts or predicate in self._apart else " , "
            verb = "a" if predicate == RDF_TYPE else self.term(predicate)
            lines.append(f"    {verb} {between.join(map(self.term, values))}")
        return f"{subject}\n" + " ;\n".join(lines) + " .\n"

    def term(self, term: Value) -> str:
        """Write a term."""
        if isinstance(term, NamedNode):
            return self._name(term)
        quoted = f'"{"".join(map(_escaped, term.value))}"'
        if term.language:
            return f"{quoted}@{term.language}"
        if term.datatype == XSD_INTEGER and re.fullmatch(r"[+-]?[0-9]+", term.value):
            return term.value
        if term.datatype == XSD_BOOLEAN and term.value in {"true", "false"}:
            return term.value
        return quoted if term.datatype == _STRING else f"{quoted}^^{self._name(term.datatype)}"

    def _name(self, term: NamedNode) -> str:
        short = compact(term.value)
        prefix, _, local = short.partition(":")
        if short == term.value or not _LOCAL.fullmatch(local):
            return f"<{term.value}>"
        self.prefixes.add(prefix)
        return short


def _escaped(character: str) -> str:
    if unicodedata.category(character) in {"Cc", "Cf", "Zl", "Zp", "Cn", "Co"}:
        return _ESCAPES.get(character, f"\\U{ord(character):08X}")
    return _ESCAPES.get(character, character)
