"""constraints: one constraint of SHACL Core in, what violates it as a graph pattern of SPARQL out. Pure.

Each constraint component (SHACL, section 4) becomes a `Violation`: a pattern and a condition that are met by just those
focus nodes, and values, that violate the constraint.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from pyoxigraph import Literal, NamedNode

from exo_onto.paths import ShapesError, Term, named
from exo_onto.violations import Site, Violation, number, several, sh, text
from exo_onto.vocabulary import PREFIXES

Constraint = Callable[[Site, Term], Iterable[Violation]]


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


def _min_count(site: Site, count: Term) -> Iterator[Violation]:
    least = number(site, count)
    if least:
        too_few = f"!{several(site, least)}"
        unless = site.having_a_value() if least == 1 else ""
        yield Violation("MinCountConstraintComponent", condition=too_few, unless=unless)


def _max_count(site: Site, count: Term) -> Iterator[Violation]:
    most = number(site, count)
    too_many = several(site, most + 1)
    yield Violation("MaxCountConstraintComponent", condition=too_many, screen=site.screen_of_several(most + 1))


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
