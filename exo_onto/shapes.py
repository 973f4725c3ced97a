"""shapes: a shapes graph in, a program of violation queries out, one for each constraint of each shape. Pure.

A query selects, set at a time, all focus nodes of a shape that violate one constraint, with their values. What it asks
of the hierarchy of classes stands in it as `@is(?x <C>)` or `@members(?x <C>)`: the store is asked for the subclasses
first (`validate`).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import count

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from exo_onto.constraints import CONSTRAINTS, ONLY_FOR_PATHS
from exo_onto.paths import DEEPEST, Node, ShapesError, ShapesGraph, Term, named
from exo_onto.sparql_constraints import Question, components, of_component, of_sparql
from exo_onto.validate import Severity
from exo_onto.violations import Screen, Site, Violation, number, several, sh, text
from exo_onto.vocabulary import OWL, PREFIXES, RDF_TYPE, RDFS_CLASS

_SEVERITIES: Mapping[Term, Severity] = {
    sh("Info"): Severity.INFO,
    sh("Warning"): Severity.WARNING,
    sh("Violation"): Severity.VIOLATION,
}
_LISTS = ("and", "or", "xone")
_SINGLE = ("node", "not", "property", "qualifiedValueShape")


@dataclass(frozen=True)
class Each:
    """What to ask of each focus node: `targets` selects them, as ?this."""

    targets: str
    question: Question

    def of(self, focus: Term) -> str:
        """Write the query of one focus node."""
        return self.question.of(focus)


@dataclass(frozen=True)
class Check:
    """One violation query, with what its results have in common.

    The query selects `?focus`, or `?this`, and where there are such `?value`, `?path` and others that fill places of
    the message. Where it must be asked for every focus node, `each` says how. Where a result has no value and
    `own_value` is true, its value is the focus node. `in_sets` is a query that gives the same, and takes away as a set
    what meets the constraint instead of looking it up for one focus node after the other; empty: there is none. Where
    there is a `screen`, nothing violates the constraint unless that gives something. `targets` is a pattern of the
    nodes that the shape looks at.
    """

    shape: str
    component: str
    severity: Severity
    messages: tuple[Literal, ...]
    path: str | None
    query: str
    each: Each | None = None
    own_value: bool = False
    in_sets: str = ""
    screen: Screen | None = None
    targets: str = ""


@dataclass(frozen=True)
class ShapesProgram:
    """All the checks of a shapes graph."""

    checks: tuple[Check, ...]


@dataclass(frozen=True)
class _Place:
    """How a shape is reached: the pattern before it, the variable of its focus nodes, and those on the way.

    `targets` is the pattern of the nodes where the way begins; `single` is true where the focus is one, and known.
    """

    before: str
    focus: str
    targets: str
    single: bool = False
    way: tuple[str, ...] = ()


def compile_shapes(triples: Iterable[Triple]) -> ShapesProgram:
    """Compile SHACL Core and SHACL-SPARQL (SHACL, sections 2 to 6).

    Raises ShapesError for shapes that are ill-formed, recursive or nested too deep.
    """
    return ShapesProgram(tuple(_Compiler(ShapesGraph(triples)).checks()))


class _Compiler:
    """Walks the shapes of one graph."""

    def __init__(self, graph: ShapesGraph) -> None:
        self._graph = graph
        self._components = components(graph)
        self._numbers = count()

    def checks(self) -> Iterator[Check]:
        """Compile every shape that has a target."""
        for shape in self._shapes():
            self._refuse_recursion(shape, ())
            targets = list(self._targets(shape))
            if targets:
                told = " UNION ".join(f"{{ {target} }}" for target in targets)
                before = f"{{ SELECT DISTINCT ?root WHERE {{ {told} }} }}"
                single = len(targets) == len(self._graph.objects(shape, sh("targetNode"))) == 1
                yield from self._of_shape(shape, _Place(before, "?root", told, single=single))

    def _shapes(self) -> tuple[Node, ...]:
        """Find the shapes: what is typed as one, has a target, or is referred to as one (SHACL, section 2.1)."""
        found: dict[Node, None] = {}
        for kind in ("NodeShape", "PropertyShape"):
            found |= dict.fromkeys(s for s in self._graph.subjects(RDF_TYPE) if self._graph.is_a(s, sh(kind)))
        for predicate in ("targetNode", "targetClass", "targetSubjectsOf", "targetObjectsOf", *CONSTRAINTS, "property"):
            found |= dict.fromkeys(self._graph.subjects(sh(predicate)))
        return tuple(sorted(found, key=str))

    def _targets(self, shape: Node) -> Iterator[str]:
        """Give the patterns that bind ?root to the focus nodes of a shape (SHACL, section 2.1.3)."""
        graph = self._graph
        nodes = graph.objects(shape, sh("targetNode"))
        if nodes:
            yield f"VALUES ?root {{ {' '.join(text(node) for node in nodes)} }}"
        implicit = [shape] if graph.is_a(shape, RDFS_CLASS) or graph.is_a(shape, OWL("Class")) else []
        for kind in (*graph.objects(shape, sh("targetClass")), *implicit):
            yield f"@members(?root {text(kind)})"
        for prop in graph.objects(shape, sh("targetSubjectsOf")):
            yield f"?root {text(prop)} ?end"
        for prop in graph.objects(shape, sh("targetObjectsOf")):
            yield f"?end {text(prop)} ?root"

    def _of_shape(self, shape: Node, place: _Place) -> Iterator[Check]:
        if self._graph.flag(shape, sh("deactivated")):
            return
        site = self._site(shape, place.focus)
        for violation in self._violations(site):
            yield self._check(site, place, violation)
        for constraint in self._graph.objects(shape, sh("sparql")):
            question = of_sparql(self._graph, shape, constraint, site.path)
            if question is not None:
                yield self._asked(site, place, question)
        for question in self._custom(site):
            yield self._asked(site, place, question)
        for nested in self._graph.objects(shape, sh("property")):
            if not self._graph.objects(nested, sh("path")):
                raise ShapesError(f"{named(nested)} is used as a property shape and has no sh:path.")
            value = site.value()
            before = _reached(site, place, value)
            way = place.way if value == place.focus else (*place.way, place.focus)
            yield from self._of_shape(_node(nested), _Place(before, value, place.targets, way=way))

    def _site(self, shape: Node, focus: str) -> Site:
        path = self._graph.at_most_one(shape, sh("path"))
        if path is None and self._graph.is_a(shape, sh("PropertyShape")):
            raise ShapesError(f"{named(shape)} is a property shape and has no sh:path.")
        compiled = self._graph.path(path, shape) if path is not None else None
        return Site(self._graph, shape, focus, compiled, self._fresh, self._conforms)

    def _fresh(self) -> str:
        return f"?v{next(self._numbers)}"

    def _violations(self, site: Site) -> Iterator[Violation]:
        """Give the violations of the constraints of SHACL Core that a shape has, but for those of nested properties."""
        for name, constraint in CONSTRAINTS.items():
            for parameter in self._graph.objects(site.shape, sh(name)):
                if site.path is None and name in ONLY_FOR_PATHS:
                    raise ShapesError(f"{named(site.shape)} is a node shape and has sh:{name}.")
                yield from constraint(site, parameter)
        yield from self._qualified(site)

    def _qualified(self, site: Site) -> Iterator[Violation]:
        """Give the violations of counts of values that conform to a shape (SHACL, section 4.7.3)."""
        graph = self._graph
        for shape in graph.objects(site.shape, sh("qualifiedValueShape")):
            rivals = (
                self._rivals(site.shape, shape) if graph.flag(site.shape, sh("qualifiedValueShapesDisjoint")) else ()
            )

            def counted(value: str, shape: Term = shape, rivals: tuple[Term, ...] = rivals) -> str:
                tests = [self._conforms(shape, value), *(f"!({self._conforms(each, value)})" for each in rivals)]
                return " && ".join(tests)

            for least in graph.objects(site.shape, sh("qualifiedMinCount")):
                if number(site, least):
                    enough = several(site, number(site, least), counted)
                    yield Violation("QualifiedMinCountConstraintComponent", condition=f"!{enough}")
            for most in graph.objects(site.shape, sh("qualifiedMaxCount")):
                too_many = several(site, number(site, most) + 1, counted)
                yield Violation("QualifiedMaxCountConstraintComponent", condition=too_many)

    def _rivals(self, shape: Node, qualified: Term) -> tuple[Term, ...]:
        """Give the sibling shapes, of which a counted value must conform to none."""
        graph = self._graph
        of = sh("property")
        parents = [parent for parent in graph.subjects(of) if shape in graph.objects(parent, of)]
        siblings = (each for parent in parents for each in graph.objects(parent, of))
        found = (rival for each in siblings for rival in graph.objects(each, sh("qualifiedValueShape")))
        return tuple(dict.fromkeys(rival for rival in found if rival != qualified))

    def _conforms(self, shape: Term, value: str) -> str:
        """Give an expression that is true where a value conforms to a shape (SHACL, section 3.4.2)."""
        node = _node(shape)
        if self._graph.flag(node, sh("deactivated")):
            return "true"
        site = self._site(node, value)
        tests = [violation.absent for violation in self._violations(site)]
        for constraint in self._graph.objects(node, sh("sparql")):
            question = of_sparql(self._graph, node, constraint, site.path)
            tests += [question.absent(value)] if question else []
        tests += [question.absent(value) for question in self._custom(site)]
        for nested in self._graph.objects(node, sh("property")):
            tests.append(self._met_by_values(site, nested))
        return f"({' && '.join(tests)})" if tests else "true"

    def _met_by_values(self, site: Site, shape: Term) -> str:
        """Give an expression that is true where every value node conforms to a shape."""
        if site.path is None:
            return self._conforms(shape, site.focus)
        return f"!{site.some(lambda value: f'!({self._conforms(shape, value)})')}"

    def _custom(self, site: Site) -> Iterator[Question]:
        for component in self._components:
            yield from of_component(self._graph, component, site)

    def _check(self, site: Site, place: _Place, violation: Violation) -> Check:
        """Make the query that selects what violates a constraint."""
        bound = ((place.focus, "?focus"), (violation.value, "?value"), (violation.path, "?path"))
        names = [f"({variable} AS {name})" for variable, name in bound if variable]
        names += [*place.way, *violation.keys]
        before, values = place.before, site.values(violation.value) if violation.value else ""
        if values and violation.pattern.startswith(values):
            before = _reached(site, place, violation.value or "")
            violation = replace(violation, pattern=violation.pattern.removeprefix(values))
        select = f"SELECT DISTINCT {' '.join(names)} WHERE"
        check = self._labelled(site, f"{select} {{ {before} {violation.group} }}", PREFIXES["sh"] + violation.component)
        difference = violation.difference
        in_sets = f"{select} {{ {before} {difference} }}" if difference else ""
        return replace(check, in_sets=in_sets, screen=violation.screen, targets=place.targets)

    def _labelled(self, site: Site, query: str, component: str) -> Check:
        severity = self._graph.at_most_one(site.shape, sh("severity"))
        return Check(
            shape=_plain(self._graph.named_owner(site.shape)),
            component=component,
            severity=_SEVERITIES.get(severity, Severity.VIOLATION) if severity is not None else Severity.VIOLATION,
            messages=_messages(self._graph, site.shape),
            path=site.path.written if site.path else None,
            query=query,
        )

    def _asked(self, site: Site, place: _Place, question: Question) -> Check:
        targets = f"SELECT DISTINCT ({place.focus} AS ?this) WHERE {{ {place.before} }}"
        each = question.each or place.single
        check = self._labelled(site, "" if each else question.over(targets), question.component)
        return replace(
            check,
            messages=question.messages or check.messages,
            each=Each(targets, question) if each else None,
            own_value=site.path is None,
        )

    def _refuse_recursion(self, shape: Node, way: tuple[Node, ...]) -> None:
        """Refuse a shape that refers to itself, by any way (SHACL, section 3.4.3), and shapes nested too deep."""
        if shape in way:
            raise ShapesError(f"{named(shape)} is recursive: it refers to itself, which SHACL leaves undefined.")
        if len(way) > DEEPEST:
            raise ShapesError(f"{named(way[0])} nests shapes deeper than {DEEPEST}.")
        for predicate in _SINGLE:
            for each in self._graph.objects(shape, sh(predicate)):
                self._refuse_recursion(_node(each), (*way, shape))
        for predicate in _LISTS:
            for head in self._graph.objects(shape, sh(predicate)):
                for each in self._graph.items(head, shape):
                    self._refuse_recursion(_node(each), (*way, shape))


def _reached(site: Site, place: _Place, value: str) -> str:
    """Give the pattern that binds focus nodes and their values.

    A node that is nowhere in the data has itself as a value of a path of length zero (SPARQL, section 9.3), which a
    store does not see where it looks for the path by itself.
    """
    before = f"{place.before} {site.values(value)}"
    if site.path is None or not site.path.nullable:
        return before
    return f"{{ {{ {before} }} UNION {{ {place.before} BIND ({place.focus} AS {value}) }} }}"


def _messages(graph: ShapesGraph, shape: Node) -> tuple[Literal, ...]:
    return tuple(each for each in graph.objects(shape, sh("message")) if isinstance(each, Literal))


def _node(term: Term) -> Node:
    if isinstance(term, Literal):
        raise ShapesError(f"A literal stands where a shape is meant: {term}.")
    return term


def _plain(term: Term) -> str:
    return term.value if isinstance(term, NamedNode | Literal | BlankNode) else str(term)
