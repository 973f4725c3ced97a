"""validate: violation queries run on a store; a `Report` in the terms of SHACL, section 3.6, out. Pure."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Protocol

from pyoxigraph import BlankNode, Literal, NamedNode

from exo_onto.vocabulary import OWL, RDF_TYPE, RDFS_SUBCLASSOF

SILENT = "The constraint"
"""How the message of a result begins whose shape has none."""

BLANK = "[]"
"""How a blank node is written: its label means nothing to anybody."""

Term = NamedNode | BlankNode | Literal


class Severity(IntEnum):
    """How bad a result is, in the order of SHACL, section 2.1.4."""

    INFO = 1
    WARNING = 2
    VIOLATION = 3


@dataclass(frozen=True, order=True)
class Result:
    """One validation result. Terms are plain strings: IRIs, lexical forms, and `[]` for any blank node.

    `shape` is the named shape that the failing one is, or is part of. Where the focus is an annotated axiom,
    `annotated` is the subject, property and object that it is about.
    """

    focus: str
    path: str | None
    value: str | None
    component: str
    shape: str
    message: str
    severity: Severity
    annotated: tuple[str, str, str] | None = None


@dataclass(frozen=True)
class Report:
    """All results of one validation, sorted by focus node."""

    results: tuple[Result, ...]

    def of(self, severity: Severity) -> tuple[Result, ...]:
        """Give the results of one severity."""
        return tuple(result for result in self.results if result.severity is severity)

    def joined(self, other: "Report") -> "Report":
        """Give the results of both."""
        return Report(tuple(sorted((*self.results, *other.results), key=_key)))


class Each(Protocol):
    """How to ask of each focus node: see `shapes.Each`."""

    @property
    def targets(self) -> str: ...  # noqa: D102
    def of(self, focus: Term) -> str: ...  # noqa: D102


class Screen(Protocol):
    """How to tell beforehand that nothing violates a constraint: see `violations.Screen`."""

    @property
    def query(self) -> str: ...  # noqa: D102
    @property
    def along(self) -> str: ...  # noqa: D102


class Checked(Protocol):
    """What a check must tell of itself: see `shapes.Check`."""

    @property
    def shape(self) -> str: ...  # noqa: D102
    @property
    def component(self) -> str: ...  # noqa: D102
    @property
    def severity(self) -> Severity: ...  # noqa: D102
    @property
    def messages(self) -> tuple[Literal, ...]: ...  # noqa: D102
    @property
    def path(self) -> str | None: ...  # noqa: D102
    @property
    def query(self) -> str: ...  # noqa: D102
    @property
    def each(self) -> Each | None: ...  # noqa: D102
    @property
    def own_value(self) -> bool: ...  # noqa: D102
    @property
    def in_sets(self) -> str: ...  # noqa: D102
    @property
    def screen(self) -> Screen | None: ...  # noqa: D102
    @property
    def targets(self) -> str: ...  # noqa: D102


Solution = Mapping[str, Term]
"""One row: the variables that are bound, by name."""
Ask = Callable[[str], Iterable[Solution]]
"""Puts a SELECT to a store and gives its solutions."""

_ASKED = re.compile(r"@(is|members)\(\?(\w+) (<[^>]*>)\)")
"""What a query asks of the hierarchy: whether something known is of a class, or all that are."""
_REACHES = re.compile(r"@reaches\{\?(\w+) (<[^>]*>) ([^{}]*)\}")
"""What a query asks of a path that repeats itself: whether something known reaches a node by it."""
_MOST_ALONG = 10
"""How many times as much a screen may look through as there are focus nodes: these take so much longer each."""
_MOST_LISTED = 1000
"""Up to how many nodes that reach one are written out; beyond, the path is asked for where it stands."""


@dataclass(frozen=True)
class Manner:
    """How to ask, which changes nothing of what is found.

    On several `threads`, as many checks are run at once; each is asked, and its rows are read, on one of them. With
    `in_sets` whole sets are compared where that can be: for much on a disk, where each look-up takes its time. With
    `screened`, which is for much data too, a constraint that no value at all violates is not asked of focus nodes.
    """

    threads: int = 1
    in_sets: bool = False
    screened: bool = False


ONE_BY_ONE: Final = Manner()
"""One check after the other, of one focus node after the other."""


def validate(
    ask: Ask,
    checks: Sequence[Checked],
    *,
    manner: Manner = ONE_BY_ONE,
    progress: Callable[[str], None] = lambda _: None,
) -> Report:
    """Run every check and gather the results. `progress` is called with the shape of each as it begins."""
    hierarchy, sizes = _Hierarchy(ask), _Sizes(ask)

    def run(check: Checked) -> list[tuple[Checked, Solution, Term]]:
        progress(check.shape)
        if manner.screened and _needless(ask, check, hierarchy, sizes):
            return []
        query = (manner.in_sets and check.in_sets) or check.query
        return [(check, solution, focus) for solution, focus in _solutions(ask, check, query, hierarchy)]

    with ThreadPoolExecutor(manner.threads) as several:
        runs = several.map(run, checks) if manner.threads > 1 else map(run, checks)
        found = [each for of_check in runs for each in of_check]
    annotated = _annotated(ask) if any(isinstance(focus, BlankNode) for _, _, focus in found) else {}
    results = (_result(check, solution, focus, annotated.get(focus)) for check, solution, focus in found)
    return Report(tuple(sorted(results, key=_key)))


def _solutions(ask: Ask, check: Checked, query: str, hierarchy: "_Hierarchy") -> Iterator[tuple[Solution, Term]]:
    """Ask once, or once for each focus node."""
    if check.each is None:
        for solution in ask(hierarchy.resolved(query)):
            yield solution, solution["focus" if "focus" in solution else "this"]
        return
    for target in ask(hierarchy.resolved(check.each.targets)):
        for solution in ask(hierarchy.resolved(check.each.of(target["this"]))):
            yield solution, target["this"]


def _needless(ask: Ask, check: Checked, hierarchy: "_Hierarchy", sizes: "_Sizes") -> bool:
    """Say whether it is known, and was quick to learn, that nothing violates a constraint."""
    screen = check.screen
    if screen is None or sizes.of(screen.along) > _MOST_ALONG * sizes.of(hierarchy.resolved(check.targets)):
        return False
    return not any(True for _ in ask(hierarchy.resolved(screen.query)))


class _Sizes:
    """Counts what matches a pattern, each only once."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._known: dict[str, int] = {}

    def of(self, pattern: str) -> int:
        key = re.sub(r"\?v\d+", "?v", pattern)
        if key not in self._known:
            (row,) = self._ask(f"SELECT (COUNT(*) AS ?number) WHERE {{ {pattern} }}")
            self._known[key] = int(row["number"].value)
        return self._known[key]


class _Hierarchy:
    """Knows the subclasses that have members of each class that a query asks for, and who reaches a node by a path."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._known: dict[str, tuple[NamedNode, ...]] = {}
        self._reaching: dict[str, tuple[Term, ...]] = {}

    def resolved(self, query: str) -> str:
        """Write out what a query asks of the hierarchy of classes, and of paths that repeat themselves."""
        return _REACHES.sub(self._reached, _ASKED.sub(self._membership, query))

    def _reached(self, found: re.Match[str]) -> str:
        thing, end, path = found.groups()
        key = f"{path} {end}"
        if key not in self._reaching:
            rows = self._ask(f"SELECT DISTINCT ?from WHERE {{ ?from {path} {end} }} LIMIT {_MOST_LISTED + 1}")
            self._reaching[key] = tuple(row["from"] for row in rows)
        known = self._reaching[key]
        if len(known) > _MOST_LISTED or any(isinstance(each, BlankNode) for each in known):
            return f"EXISTS {{ ?{thing} {path} {end} }}"
        return f"(?{thing} IN ({', '.join(sorted(map(str, known)))}))" if known else "false"

    def _membership(self, found: re.Match[str]) -> str:
        kind, thing, name = found.groups()
        classes = self._below(name)
        if len(classes) == 1:
            return f"?{thing} {RDF_TYPE} {classes[0]} ."
        if kind == "is":
            return f"?{thing} {RDF_TYPE} ?{thing}_is . FILTER (?{thing}_is IN ({', '.join(map(str, classes))}))"
        return " UNION ".join(f"{{ ?{thing} {RDF_TYPE} {each} }}" for each in classes)

    def _below(self, name: str) -> tuple[NamedNode, ...]:
        if name not in self._known:
            query = (
                f"SELECT DISTINCT ?class WHERE {{ {{ ?class {RDFS_SUBCLASSOF}* {name} }} UNION "
                f"{{ BIND ({name} AS ?class) }} FILTER (isIRI(?class)) FILTER EXISTS {{ ?one {RDF_TYPE} ?class }} }}"
            )
            below = (row["class"] for row in self._ask(query))
            found = sorted({each for each in below if isinstance(each, NamedNode)}, key=str)
            self._known[name] = tuple(found) or (NamedNode(name.strip("<>")),)
        return self._known[name]


def _result(check: Checked, solution: Solution, focus: Term, annotated: tuple[str, str, str] | None) -> Result:
    value = solution.get("value") or (focus if check.own_value else None)
    path = solution.get("path")
    return Result(
        focus=_plain(focus),
        path=path.value if path is not None else check.path,
        value=_plain(value) if value is not None else None,
        component=check.component,
        shape=check.shape,
        message=_message(check, solution, focus),
        severity=check.severity,
        annotated=annotated,
    )


def _plain(term: Term) -> str:
    return BLANK if isinstance(term, BlankNode) else term.value


_FILLED = re.compile(r"\{[?$](\w+)\}")


def _message(check: Checked, solution: Solution, focus: Term) -> str:
    """Give the messages in all their languages, their places filled; or say which constraint is not met."""
    bound = {**solution, "this": focus}
    if "message" in solution and not check.messages:
        return solution["message"].value

    def fill(place: re.Match[str]) -> str:
        term = bound.get(place[1])
        return place[0] if term is None else _plain(term)

    said = sorted(check.messages, key=lambda message: message.language or "")
    if said:
        return " ".join(_FILLED.sub(fill, message.value) for message in said)
    name = check.component.rpartition("#")[2].removesuffix("ConstraintComponent")
    return f"{SILENT} {name} is not met."


def _annotated(ask: Ask) -> dict[Term, tuple[str, str, str]]:
    """Give the triple that each annotated axiom is about, so that a blank node can be told to people."""
    query = (
        f"SELECT ?axiom ?s ?p ?o WHERE {{ ?axiom {OWL('annotatedSource')} ?s ; "
        f"{OWL('annotatedProperty')} ?p ; {OWL('annotatedTarget')} ?o }}"
    )
    return {row["axiom"]: (row["s"].value, row["p"].value, row["o"].value) for row in ask(query)}


def _key(result: Result) -> tuple[str, ...]:
    return (result.focus, result.path or "", result.value or "", result.component, result.message)
