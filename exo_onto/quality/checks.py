"""checks: queries for what is wrong with an ontology, and a store in; findings, each of a term, out. Pure.

One check is one file of SPARQL, named by its code, with a header of comment lines:

    # title: A term has no label
    # message: {term} has no label.
    # fix: Give it an rdfs:label.

It selects `?term`, and as far as there are such `?property`, `?value` and `?other`. A line `# about: value` says which
of these make it the same finding tomorrow, where not all of the first three do: one of many is no mark of its own.
What is checked stands in the graph `<urn:exo-onto:check#terms>` (see terms.ru), and what the project says of itself in
`<urn:exo-onto:check#settings>`: the namespaces that are its own, the languages that its labels come in.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, QuerySolutions, Store

from exo_onto.vocabulary import ASSERTED_GRAPHS, RDFS_LABEL, compact

_HEADER = re.compile(r"^# (title|message|fix|about): (.*)$", re.MULTILINE)
_FILLED = re.compile(r"\{(\w+)\}")
_LONGEST = 120
"""How much of a value is shown."""


def _check(local: str) -> NamedNode:
    return NamedNode(f"urn:exo-onto:check#{local}")


TERMS = _check("terms")
DECLARED = _check("declared")
SETTINGS = _check("settings")
_COLUMNS = ("term", "property", "value", "other")


class CheckError(ValueError):
    """The file of a check lacks a line of its header, or its SPARQL is wrong."""


@dataclass(frozen=True)
class Check:
    """One check: its code, what it finds in a few words, the sentence for each finding, what to do, and its query.

    `about` are the columns by which a finding is known again.
    """

    code: str
    title: str
    message: str
    fix: str
    query: str
    about: tuple[str, ...]


@dataclass(frozen=True)
class Finding:
    """One term that a check finds fault with, and the property and value that show it, as plain strings."""

    check: Check
    what: str
    term: str
    predicate: str
    value: str

    @property
    def about(self) -> tuple[str, ...]:
        """Give what makes it the same finding tomorrow."""
        told = {"term": self.term, "property": self.predicate, "value": self.value}
        return tuple(told[column] for column in self.check.about)


@dataclass(frozen=True)
class Scope:
    """What is the project's own: the namespaces of its terms (none: all that it declares), and its languages."""

    namespaces: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()


def parse_check(code: str, text: str) -> Check:
    """Read the file of a check.

    Raises CheckError where its header lacks a line.
    """
    header = dict(_HEADER.findall(text))
    missing = {"title", "message", "fix"} - header.keys()
    if missing:
        raise CheckError(f"The check {code} has no `# {min(missing)}:` line in its header.")
    about = tuple(header.get("about", "term property value").split())
    return Check(code, header["title"], header["message"], header["fix"], text, about)


@contextmanager
def scoped(store: Store, terms: str, scope: Scope) -> Iterator[None]:
    """Put beside the graphs of a store what the checks look at, and take it away again.

    `terms` is the update that gathers the terms.
    """
    for name, values in (("namespace", scope.namespaces), ("language", scope.languages)):
        store.extend(Quad(_check("check"), _check(name), Literal(value), SETTINGS) for value in values)
    try:
        store.update(terms)
        yield
    finally:
        for graph in (TERMS, DECLARED, SETTINGS):
            store.remove_graph(graph)


def run(store: Store, checks: Iterable[Check], *, progress: Callable[[str], None]) -> Iterator[Finding]:
    """Put every check to a store that is `scoped`. `progress` is called with the code of each as it begins.

    Raises CheckError where the SPARQL of one is wrong.
    """
    for check in checks:
        progress(check.code)
        try:
            found = store.query(
                check.query, default_graph=list(ASSERTED_GRAPHS), named_graphs=[TERMS, DECLARED, SETTINGS]
            )
        except SyntaxError as error:
            raise CheckError(f"The SPARQL of the check {check.code} is wrong: {error.msg}") from error
        if not isinstance(found, QuerySolutions):
            raise CheckError(f"The check {check.code} is no SELECT.")
        names = {variable.value for variable in found.variables}
        for row in found:
            bound = {name: row[name] for name in _COLUMNS if name in names and row[name] is not None}
            yield _finding(store, check, bound)


def _finding(store: Store, check: Check, bound: Mapping[str, object]) -> Finding:
    def fill(place: re.Match[str]) -> str:
        return _shown(store, bound.get(place[1]))

    term, prop, value = (_plain(bound.get(name)) for name in _COLUMNS[:3])
    return Finding(check, _FILLED.sub(fill, check.message), term, prop, value)


def _plain(term: object) -> str:
    return "" if term is None else "[]" if isinstance(term, BlankNode) else str(getattr(term, "value", term))


def _shown(store: Store, term: object) -> str:
    """Give a thing by its CURIE and its label, and a text as it is, on one line."""
    if not isinstance(term, NamedNode):
        text = _plain(term)
        cut = f"{text[:_LONGEST]}..." if len(text) > _LONGEST else text
        return re.sub(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]", "\N{OPEN BOX}", cut)
    labels = (quad.object for quad in store.quads_for_pattern(term, RDFS_LABEL, None))
    told = sorted((not _is_english(each), _plain(each)) for each in labels)
    name = compact(term.value)
    return f"{name} ({_shown(store, Literal(told[0][1]))})" if told and name != "rdfs:label" else name


def _is_english(term: object) -> bool:
    return isinstance(term, Literal) and (term.language or "en").startswith("en")
