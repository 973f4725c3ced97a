"""pages: the Markdown of a diagnostic's page in, a `Page` out; and for a shape the page that its own words make. Pure.

A page says what the problem is, why it is one, what to do, and shows an example that has it:

    # missing-label: A term has no label
    ## Problem
    ## Why
    ## Fix
    ## Example

The example is real: each of its blocks is a file by name, and a test sees that together they bring the code about.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Triple

from exo_onto.vocabulary import PREFIXES, RDF_TYPE, RDFS_LABEL, compact

SECTIONS = ("Problem", "Why", "Fix", "Example")
ANY_SHAPE = "shape"
"""The code of the page about shapes in general."""

_HEAD = re.compile(r"\A# (\S+): (.+)$", re.MULTILINE)
_BLOCK = re.compile(r"^```\w+ (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class PageError(ValueError):
    """A page lacks its head or one of its sections."""


@dataclass(frozen=True)
class Page:
    """The page of one code."""

    code: str
    title: str
    problem: str
    text: str

    @property
    def files(self) -> Mapping[str, str]:
        """Give the files of the example by name."""
        return dict(_BLOCK.findall(self.text))


def file_name(code: str) -> str:
    """Give the name of the file of a page: a colon is no part of a name everywhere."""
    return f"{code.replace(':', '-')}.md"


def parse_page(text: str) -> Page:
    """Read a page.

    Raises PageError where it lacks its head or a section.
    """
    head = _HEAD.search(text)
    if head is None:
        raise PageError("A page begins with `# code: title`.")
    sections = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL))
    missing = [name for name in SECTIONS if not sections.get(name, "").strip()]
    if missing:
        raise PageError(f"The page of {head[1]} has no section `## {missing[0]}`.")
    return Page(head[1], head[2], sections["Problem"].strip(), text)


def page_of(code: str, pages: Mapping[str, Page], shapes: Iterable[Triple]) -> Page | None:
    """Find the page of a code: its own, or that of the shape of this name, or of any shape for a foreign component."""
    return pages.get(code) or _of_shape(code, shapes) or (pages.get(ANY_SHAPE) if "://" in code else None)


def shape_codes(shapes: Iterable[Triple]) -> Iterator[tuple[str, str]]:
    """Give the code and the label of each shape that has a name and a label."""
    told = tuple(shapes)
    labels = {t.subject: t.object for t in told if t.predicate == RDFS_LABEL and isinstance(t.object, Literal)}
    for triple in told:
        if triple.predicate == RDF_TYPE and triple.object in (_sh("NodeShape"), _sh("PropertyShape")):
            label = labels.get(triple.subject)
            if isinstance(triple.subject, NamedNode) and isinstance(label, Literal):
                yield compact(triple.subject.value), label.value


def _of_shape(code: str, shapes: Iterable[Triple]) -> Page | None:
    """Make the page of a shape of what it says of itself: its label is the rule, its messages say what to do."""
    told = tuple(shapes)
    title = dict(shape_codes(told)).get(code)
    if title is None:
        return None
    name = next(t.subject for t in told if isinstance(t.subject, NamedNode) and compact(t.subject.value) == code)
    within, messages = _within(name, told), _sh("message")
    fixes = "\n".join(
        f"- {t.object.value}" for t in within if t.predicate == messages and isinstance(t.object, Literal)
    )
    reasons = (NamedNode(f"{PREFIXES['rdfs']}comment"), _sh("description"))
    why = [t.object.value for t in within if t.predicate in reasons and isinstance(t.object, Literal)]
    targets = [t for t in within if t.predicate.value.startswith(_sh("target").value)]
    looked = "\n".join(f"- `{compact(t.predicate.value)} {compact(_plain(t.object))}`" for t in targets)
    reason = " ".join(why) or "The shapes of this repository ask for it; where the shape stands is told below."
    text = (
        f"# {code}: {title}\n\n## Problem\n\nSomething does not keep to this rule: {title}.\n\n"
        f"## Why\n\n{reason}\n\n"
        f"## Fix\n\n{fixes or 'Change the data so that the rule is kept, or the shape if the rule is wrong.'}\n\n"
        f"## Example\n\nThe shape looks at\n\n{looked or '- what other shapes hand to it'}\n"
    )
    return Page(code, title, title, text)


def _within(name: NamedNode, shapes: tuple[Triple, ...]) -> list[Triple]:
    """Give the triples of a shape, and of what has no name in it."""
    by_subject: dict[object, list[Triple]] = {}
    for triple in shapes:
        by_subject.setdefault(triple.subject, []).append(triple)
    found: list[Triple] = []
    todo: list[object] = [name]
    seen: set[object] = set()
    while todo:
        node = todo.pop(0)
        if node in seen:
            continue
        seen.add(node)
        for triple in by_subject.get(node, []):
            found.append(triple)
            if not isinstance(triple.object, NamedNode | Literal):
                todo.append(triple.object)
    return found


def _sh(local: str) -> NamedNode:
    return NamedNode(PREFIXES["sh"] + local)


def _plain(term: object) -> str:
    return str(getattr(term, "value", "[]"))
