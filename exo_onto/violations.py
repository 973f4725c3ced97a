"""violations: a site, where a constraint is judged, in; what violates it there, as a pattern of SPARQL, out. Pure.

No aggregate and no BIND is needed, so that a violation can stand within another one, inside `NOT EXISTS`: that is how
`sh:not`, `sh:or` and their kin are built, at any depth.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations

from pyoxigraph import BlankNode, NamedNode

from exo_onto.paths import Node, Path, ShapesError, ShapesGraph, Term, named
from exo_onto.vocabulary import PREFIXES

MOST_COUNTED = 50
"""How many values a count may ask for: each is a variable of a query."""


@cache
def sh(local: str) -> NamedNode:
    """Give a name of SHACL."""
    return NamedNode(PREFIXES["sh"] + local)


@dataclass(frozen=True)
class Screen:
    """A query that gives something wherever anything, focus node or not, violates a constraint; what it is worth.

    It looks through what matches the pattern `along`, and takes each value once, however many nodes have it.
    """

    query: str
    along: str


@dataclass(frozen=True)
class Violation:
    """What violates a constraint: every solution of the pattern that meets the condition, either of which may be empty.

    `value` is the variable of the value node, `path` that of the path, where the results have them; `keys` are further
    variables that tell results apart. `met` is an expression that is true where nothing violates the constraint, where
    there is a better one than that no solution exists. `unless` is a query for all nodes that do not meet the
    condition, each once; empty, where there is none, or it would have to begin anywhere. `screen` tells beforehand that
    nothing violates the constraint; None, for the same reasons.
    """

    component: str
    pattern: str = ""
    condition: str = ""
    value: str | None = None
    path: str | None = None
    keys: tuple[str, ...] = ()
    met: str = ""
    unless: str = ""
    screen: Screen | None = None

    @property
    def group(self) -> str:
        """The content of a group graph pattern."""
        return f"{self.pattern} FILTER ({self.condition})" if self.condition else self.pattern

    @property
    def difference(self) -> str:
        """The same, with what violates nothing taken away as a set; empty where that cannot be."""
        return f"{self.pattern} MINUS {{ {self.unless} }}" if self.unless else ""

    @property
    def absent(self) -> str:
        """An expression that is true where nothing violates the constraint."""
        if self.met:
            return self.met
        if not self.pattern:
            return f"!({self.condition})"
        return f"NOT EXISTS {{ {self.group} }}"


@dataclass(frozen=True)
class Site:
    """Where a constraint is judged: the variable of the focus node, the path of a property shape, and fresh names."""

    graph: ShapesGraph
    shape: Node
    focus: str
    path: Path | None
    fresh: Callable[[], str]
    conforms: Callable[[Term, str], str]

    def values(self, variable: str) -> str:
        """Give the pattern that binds a variable to the value nodes."""
        return f"{self.focus} {self.path.sparql} {variable} ." if self.path else ""

    def value(self) -> str:
        """Give a variable for the value nodes: of a node shape, the focus node is its own."""
        return self.fresh() if self.path else self.focus

    def on_values(
        self, component: str, condition: Callable[[str], str], unless: Callable[[str], str] = lambda _: ""
    ) -> Violation:
        """Give the violation of a condition on each value node."""
        value = self.value()
        met = f"!{self.some(condition)}" if self.path else ""
        return Violation(
            component,
            self.values(value),
            condition(value),
            value,
            met=met,
            unless=unless(value),
            screen=self.screen(condition),
        )

    def screen(self, condition: Callable[[str], str]) -> Screen | None:
        """Look for values of the path that meet a condition, whoever has them; None where it may begin anywhere.

        They are grouped: into a SELECT DISTINCT a store may move the condition, and ask it for each triple.
        """
        first, *others = self.path.steps if self.path else (None,)
        if first is None or first.repeats or first.nullable:
            return None
        near, far = self.fresh(), self.fresh()
        along = f"{self.fresh()} {first.sparql} {near} ."
        value = far if others else near
        reached = f"{near} {'/'.join(step.step for step in others)} {far} ." if others else ""
        each = f"{{ SELECT {near} WHERE {{ {along} }} GROUP BY {near} }}"
        return Screen(f"SELECT {value} WHERE {{ {each} {reached} FILTER ({condition(value)}) }} LIMIT 1", along)

    def screen_of_several(self, how_many: int) -> Screen | None:
        """Look for a node that has so many values by the path; None where it may begin anywhere."""
        steps = self.path.steps if self.path else ()
        if not steps or any(step.repeats or step.nullable for step in steps):
            return None
        anyone = replace(self, focus=self.fresh())
        along = f"{self.fresh()} {steps[0].sparql} {self.fresh()} ."
        return Screen(f"SELECT {anyone.focus} WHERE {{ {different(anyone, how_many)} }} LIMIT 1", along)

    def having_a_value(self) -> str:
        """Write a query for the focus nodes that have a value, each once; empty where their path may begin anywhere.

        The steps of a path are sets, which a store joins as such: it may look up one triple after the other for others.
        """
        steps = self.path.steps if self.path else ()
        if not steps or any(step.repeats or step.nullable for step in steps):
            return ""
        ends = [self.focus, *(self.fresh() for _ in steps)]
        query = ""
        for start, step, end in reversed([*zip(ends, steps, ends[1:], strict=False)]):
            told = f"{start} {step.sparql} {end} ."
            both = f"{{ SELECT {start} {end} WHERE {{ {told} }} GROUP BY {start} {end} }} {{ {query} }}"
            query = f"SELECT {start} WHERE {{ {both if query else told} }} GROUP BY {start}"
        return query

    def some(self, condition: Callable[[str], str] | None = None, *, value: str | None = None) -> str:
        """Give an expression that is true where there is a value node that meets a condition, or that is a given one.

        The steps of a path are nested, as a store takes what is within EXISTS as it stands for one solution: of two
        patterns side by side it may look through all of the data for the second.
        """
        steps = list(self.path.steps) if self.path else []
        ends = [self.fresh() for _ in steps[:-1]] + [value or self.fresh()]
        inner = condition(ends[-1]) if condition else ""
        if value and steps and steps[-1].repeats:  # who reaches a known node is asked beforehand: see `validate`
            *steps, last = steps
            inner = f"@reaches{{{ends[-2] if steps else self.focus} {value} {last.sparql}}}"
        for number in reversed(range(len(steps))):
            start = ends[number - 1] if number else self.focus
            told = f"{start} {steps[number].sparql} {ends[number]} ."
            inner = f"EXISTS {{ {told} FILTER ({inner}) }}" if inner else f"EXISTS {{ {told} }}"
        return inner


def text(term: Term) -> str:
    """Write a term as SPARQL does; a blank node cannot stand for itself in a query."""
    if isinstance(term, BlankNode):
        raise ShapesError("A blank node stands where a constraint compares with a value: it can never be met.")
    return str(term)


def number(site: Site, term: Term) -> int:
    """Read a count.

    Raises ShapesError where it is none, or more than MOST_COUNTED.
    """
    try:
        found = int(term.value)
    except ValueError as error:
        raise ShapesError(f"{named(site.shape)} has a count that is no whole number: {term}.") from error
    if not 0 <= found <= MOST_COUNTED:
        raise ShapesError(f"{named(site.shape)} has a count beyond 0 to {MOST_COUNTED}: {found}.")
    return found


def several(site: Site, how_many: int, condition: Callable[[str], str] | None = None) -> str:
    """Give an expression that is true where so many different value nodes each meet a condition."""
    return site.some(condition) if how_many == 1 else f"EXISTS {{ {different(site, how_many, condition)} }}"


def different(site: Site, how_many: int, condition: Callable[[str], str] | None = None) -> str:
    """Give the content of a group that is met where so many different value nodes each meet a condition."""
    variables = [site.fresh() for _ in range(how_many)]
    tests = [f"!sameTerm({one}, {other})" for one, other in combinations(variables, 2)]
    tests += [condition(each) for each in variables] if condition else []
    told = f" FILTER ({' && '.join(tests)})" if tests else ""
    return f"{' '.join(map(site.values, variables))}{told}"
