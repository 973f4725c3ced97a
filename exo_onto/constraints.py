"""constraints: one constraint of SHACL Core in, what violates it as a graph pattern of SPARQL out. Pure.

Each constraint component (SHACL, section 4) becomes a `Violation`: a pattern and a condition that are met by just those
focus nodes, and values, that violate the constraint. No aggregate and no BIND is needed, so that a violation can stand
within another one, inside `NOT EXISTS`: that is how `sh:not`, `sh:or` and their kin are built, at any depth.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

from pyoxigraph import BlankNode, Literal, NamedNode

from exo_onto.paths import Node, Path, ShapesError, ShapesGraph, Term, named
from exo_onto.vocabulary import PREFIXES

MOST_COUNTED = 50
"""How many values a count may ask for: each is a variable of a query."""


def sh(local: str) -> NamedNode:
    """Give a name of SHACL."""
    return NamedNode(PREFIXES["sh"] + local)


@dataclass(frozen=True)
class Violation:
    """What violates a constraint: every solution of the pattern that meets the condition, either of which may be empty.

    `value` is the variable of the value node, `path` that of the path, where the results have them; `keys` are further
    variables that tell results apart. `met` is an expression that is true where nothing violates the constraint, where
    there is a better one than that no solution exists. `unless` is a query for all nodes that do not meet the
    condition, each once; empty, where there is none, or it would have to begin anywhere.
    """

    component: str
    pattern: str = ""
    condition: str = ""
    value: str | None = None
    path: str | None = None
    keys: tuple[str, ...] = ()
    met: str = ""
    unless: str = ""

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
        return Violation(component, self.values(value), condition(value), value, met=met, unless=unless(value))

    @property
    def having_a_value(self) -> str:
        """A query for the focus nodes that have a value, each once; empty where the path may begin anywhere."""
        steps = self.path.steps if self.path else ()
        if any(step.repeats or step.nullable for step in steps):
            return ""
        ends = [self.focus, *(self.fresh() for _ in steps)]
        told = (f"{ends[number]} {step.sparql} {ends[number + 1]} ." for number, step in enumerate(steps))
        return f"SELECT DISTINCT {self.focus} WHERE {{ {' '.join(told)} }}"

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


Constraint = Callable[[Site, Term], Iterable[Violation]]


def text(term: Term) -> str:
    """Write a term as SPARQL does; a blank node cannot stand for itself in a query."""
    if isinstance(term, BlankNode):
        raise ShapesError("A blank node stands where a constraint compares with a value: it can never be met.")
    return str(term)


def _kind(site: Site, kind: Term) -> Iterator[Violation]:
    def member(value: str) -> str:
        return f"@is({value} {text(kind)})"

    yield site.on_values(
        "ClassConstraintComponent",
        lambda v: f"NOT EXISTS {{ {member(v)} }}",
        lambda v: f"SELECT DISTINCT {v} WHERE {{ {member(v)} }}",
    )


def _datatype(site: Site, datatype: Term) -> Iterator[Violation]:
    def wrong(value: str) -> str:
        well_formed = _LEXICAL.get(text(datatype), "true").format(value=f"STR({value})")
        return f"!COALESCE(DATATYPE({value}) = {datatype} && {well_formed}, false)"

    yield site.on_values("DatatypeConstraintComponent", wrong)


_XSD = PREFIXES["xsd"]
_CAST = ("boolean", "date", "dateTime", "decimal", "double", "float", "integer", "time", "duration")
_RANGES = {
    "byte": (-128, 127),
    "short": (-32768, 32767),
    "int": (-(2**31), 2**31 - 1),
    "long": (-(2**63), 2**63 - 1),
    "unsignedByte": (0, 255),
    "unsignedShort": (0, 65535),
    "unsignedInt": (0, 2**32 - 1),
    "nonNegativeInteger": (0, None),
    "positiveInteger": (1, None),
    "nonPositiveInteger": (None, 0),
    "negativeInteger": (None, -1),
}


_NUMERIC = frozenset(NamedNode(_XSD + name) for name in ("decimal", "double", "float", "integer"))


def _in_range(least: int | None, most: int | None) -> str:
    tests = ['REGEX({value}, "^[+-]?[0-9]+$")']
    tests += [f"<{_XSD}integer>({{value}}) >= {least}"] if least is not None else []
    tests += [f"<{_XSD}integer>({{value}}) <= {most}"] if most is not None else []
    return f"({' && '.join(tests)})"


_LEXICAL: Mapping[str, str] = {
    **{f"<{_XSD}{name}>": f"isLiteral(<{_XSD}{name}>({{value}}))" for name in _CAST},
    **{f"<{_XSD}{name}>": _in_range(*limits) for name, limits in _RANGES.items()},
    f"<{_XSD}gYear>": 'REGEX({value}, "^-?([1-9][0-9]{{3,}}|0[0-9]{{3}})(Z|[+-][0-9]{{2}}:[0-9]{{2}})?$")',
}
"""For a datatype, the expression that is true where a lexical form is one of its own."""


def _node_kind(site: Site, kind: Term) -> Iterator[Violation]:
    tests = {"IRI": "isIRI", "BlankNode": "isBlank", "Literal": "isLiteral"}
    local = kind.value.removeprefix(PREFIXES["sh"])
    allowed = [name for name in ("BlankNode", "IRI", "Literal") if name in local.split("Or")]
    if not allowed or "Or".join(sorted(allowed)) not in {local, "Or".join(sorted(local.split("Or")))}:
        raise ShapesError(f"{named(site.shape)} has an sh:nodeKind that SHACL does not know: {named(kind)}.")
    yield site.on_values(
        "NodeKindConstraintComponent", lambda v: f"!({' || '.join(f'{tests[name]}({v})' for name in allowed)})"
    )


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
    if how_many == 1:
        return site.some(condition)
    variables = [site.fresh() for _ in range(how_many)]
    tests = [f"!sameTerm({one}, {other})" for one, other in combinations(variables, 2)]
    tests += [condition(each) for each in variables] if condition else []
    return f"EXISTS {{ {' '.join(map(site.values, variables))} FILTER ({' && '.join(tests)}) }}"


def _min_count(site: Site, count: Term) -> Iterator[Violation]:
    least = number(site, count)
    if least:
        none = f"!{several(site, least)}"
        yield Violation("MinCountConstraintComponent", condition=none, unless=site.having_a_value if least == 1 else "")


def _max_count(site: Site, count: Term) -> Iterator[Violation]:
    most = number(site, count)
    yield Violation("MaxCountConstraintComponent", condition=several(site, most + 1))


def _compared(component: str, sign: str) -> Constraint:
    def constraint(site: Site, limit: Term) -> Iterator[Violation]:
        # Some stores compare a text with a number as numbers.
        alike = "isNumeric({0}) && " if isinstance(limit, Literal) and limit.datatype in _NUMERIC else ""
        yield site.on_values(component, lambda v: f"!COALESCE({alike.format(v)}{v} {sign} {text(limit)}, false)")

    return constraint


def _length(component: str, sign: str) -> Constraint:
    def constraint(site: Site, limit: Term) -> Iterator[Violation]:
        yield site.on_values(component, lambda v: f"isBlank({v}) || !(STRLEN(STR({v})) {sign} {int(limit.value)})")

    return constraint


def _pattern(site: Site, regex: Term) -> Iterator[Violation]:
    flags = site.graph.at_most_one(site.shape, sh("flags"))
    options = f", {Literal(flags.value)}" if flags is not None else ""
    yield site.on_values(
        "PatternConstraintComponent",
        lambda v: f"isBlank({v}) || !REGEX(STR({v}), {Literal(regex.value)}{options})",
    )


def _language_in(site: Site, languages: Term) -> Iterator[Violation]:
    tags = [str(Literal(item.value)) for item in site.graph.items(languages, site.shape)]

    def wrong(value: str) -> str:
        matches = " || ".join(f"langMatches(LANG({value}), {tag})" for tag in tags) or "false"
        return f"!COALESCE({matches}, false)"

    yield site.on_values("LanguageInConstraintComponent", wrong)


def _unique_lang(site: Site, wanted: Term) -> Iterator[Violation]:
    if wanted != Literal(True):  # noqa: FBT003  the term `true`, and no other
        return
    one, other, tag = site.fresh(), site.fresh(), site.fresh()
    both = f"{site.values(one)} {site.values(other)}"
    same = f'LANG({one}) != "" && LCASE(LANG({one})) = LCASE(LANG({other})) && !sameTerm({one}, {other})'
    pattern = f"{{ {both} FILTER ({same}) BIND (LCASE(LANG({one})) AS {tag}) }}"
    yield Violation("UniqueLangConstraintComponent", pattern, keys=(tag,))


def _equals(site: Site, prop: Term) -> Iterator[Violation]:
    value = site.fresh()
    other = f"{site.focus} {text(prop)} {value} ."
    if site.path is None:
        alike = f"{site.focus} {text(prop)} {site.focus}"
        yield Violation("EqualsConstraintComponent", "", f"NOT EXISTS {{ {alike} }}", site.focus)
        yield Violation("EqualsConstraintComponent", other, f"!sameTerm({value}, {site.focus})", value)
        return
    yield Violation("EqualsConstraintComponent", site.values(value), f"NOT EXISTS {{ {other} }}", value)
    yield Violation("EqualsConstraintComponent", other, f"NOT EXISTS {{ {site.values(value)} }}", value)


def _disjoint(site: Site, prop: Term) -> Iterator[Violation]:
    value = site.value()
    yield Violation(
        "DisjointConstraintComponent", f"{site.values(value)} {site.focus} {text(prop)} {value} .", "", value
    )


def _less(component: str, sign: str) -> Constraint:
    def constraint(site: Site, prop: Term) -> Iterator[Violation]:
        value, other = site.value(), site.fresh()
        pattern = f"{site.values(value)} {site.focus} {text(prop)} {other} ."
        yield Violation(component, pattern, f"!COALESCE({value} {sign} {other}, false)", value, keys=(other,))

    return constraint


def _not(site: Site, shape: Term) -> Iterator[Violation]:
    yield site.on_values("NotConstraintComponent", lambda v: site.conforms(shape, v))


def _all(component: str, combine: Callable[[list[str]], str]) -> Constraint:
    def constraint(site: Site, shapes: Term) -> Iterator[Violation]:
        members = site.graph.items(shapes, site.shape)
        yield site.on_values(component, lambda v: combine([site.conforms(each, v) for each in members]))

    return constraint


def _conjunction(tests: list[str]) -> str:
    return f"!({' && '.join(tests) or 'true'})"


def _disjunction(tests: list[str]) -> str:
    return f"!({' || '.join(tests) or 'false'})"


def _exactly_one(tests: list[str]) -> str:
    return f"({' + '.join(f'IF({test}, 1, 0)' for test in tests) or '0'}) != 1"


def _node(site: Site, shape: Term) -> Iterator[Violation]:
    yield site.on_values("NodeConstraintComponent", lambda v: f"!({site.conforms(shape, v)})")


def _has_value(site: Site, wanted: Term) -> Iterator[Violation]:
    if site.path is None:
        yield Violation("HasValueConstraintComponent", condition=f"!sameTerm({site.focus}, {text(wanted)})")
        return
    if isinstance(wanted, Literal):
        present = site.some(lambda value: f"sameTerm({value}, {wanted})")
    else:
        present = site.some(value=text(wanted))
    yield Violation("HasValueConstraintComponent", condition=f"!{present}")


def _in(site: Site, allowed: Term) -> Iterator[Violation]:
    items = site.graph.items(allowed, site.shape)
    names = ", ".join(text(item) for item in items if isinstance(item, NamedNode))
    literals = [item for item in items if isinstance(item, Literal)]

    def wrong(value: str) -> str:
        tests = [f"(isIRI({value}) && {value} IN ({names}))"] if names else []
        tests += [f"sameTerm({value}, {literal})" for literal in literals]
        return f"!({' || '.join(tests) or 'false'})"

    yield site.on_values("InConstraintComponent", wrong)


def _closed(site: Site, closed: Term) -> Iterator[Violation]:
    if closed.value not in {"true", "1"}:
        return
    ignored = site.graph.at_most_one(site.shape, sh("ignoredProperties"))
    allowed = [*(site.graph.items(ignored, site.shape) if ignored is not None else ())]
    for prop in site.graph.objects(site.shape, sh("property")):
        allowed += [path for path in site.graph.objects(prop, sh("path")) if isinstance(path, NamedNode)]
    subject, predicate, value = site.value(), site.fresh(), site.fresh()
    listed = ", ".join(dict.fromkeys(map(text, allowed)))
    yield Violation(
        "ClosedConstraintComponent",
        f"{site.values(subject)} {subject} {predicate} {value} .",
        f"{predicate} NOT IN ({listed})" if listed else "",
        value,
        predicate,
        keys=() if subject == site.focus else (subject,),
    )


CONSTRAINTS: Mapping[str, Constraint] = {
    "class": _kind,
    "datatype": _datatype,
    "nodeKind": _node_kind,
    "minCount": _min_count,
    "maxCount": _max_count,
    "minExclusive": _compared("MinExclusiveConstraintComponent", ">"),
    "minInclusive": _compared("MinInclusiveConstraintComponent", ">="),
    "maxExclusive": _compared("MaxExclusiveConstraintComponent", "<"),
    "maxInclusive": _compared("MaxInclusiveConstraintComponent", "<="),
    "minLength": _length("MinLengthConstraintComponent", ">="),
    "maxLength": _length("MaxLengthConstraintComponent", "<="),
    "pattern": _pattern,
    "languageIn": _language_in,
    "uniqueLang": _unique_lang,
    "equals": _equals,
    "disjoint": _disjoint,
    "lessThan": _less("LessThanConstraintComponent", "<"),
    "lessThanOrEquals": _less("LessThanOrEqualsConstraintComponent", "<="),
    "not": _not,
    "and": _all("AndConstraintComponent", _conjunction),
    "or": _all("OrConstraintComponent", _disjunction),
    "xone": _all("XoneConstraintComponent", _exactly_one),
    "node": _node,
    "hasValue": _has_value,
    "in": _in,
    "closed": _closed,
}
"""The parameters of the components of SHACL Core, but for sh:property and the qualified shapes."""

ONLY_FOR_PATHS = frozenset({"minCount", "maxCount", "uniqueLang", "lessThan", "lessThanOrEquals"})
"""What only a property shape may have."""
