"""reason: rules run to their fixpoint in a store, by SPARQL 1.1 alone; what follows goes into a graph of its own. Pure.

Three things make it quick. A fact is *saturated* as it is written: all that follows from it alone (its superclasses,
the properties above and their inverses) is inserted by the same query. Rules that join facts are put into *strata*,
each of which needs only those before it, and run once; only a stratum that feeds itself is repeated, and then
*semi-naively*: at least one premise must be new (Abiteboul, Hull, Vianu: Foundations of Databases, section 13.1).
And a rule is not run at all unless each of its premises has, or may come to have, a fact.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from pyoxigraph import BlankNode, Literal, NamedNode, Variable

from exo_onto.axioms import Rule
from exo_onto.dataset import AnyStore
from exo_onto.expressions import Pattern, Term, substitute
from exo_onto.vocabulary import ASSERTED_GRAPHS, GRAPH_INFERRED, RDF_TYPE

Row = Sequence[object]
Select = Callable[[str], Iterable[Row]]
"""Puts a SELECT query to a store and gives its rows."""
Update = Callable[[str], object]
"""Puts an update to a store."""
Progress = Callable[[str], None]
Count = Callable[[Pattern], int]
"""Says how many triples match a pattern."""

MOST_CONTRADICTIONS = 1000
"""How many contradictions of one rule are told."""


@dataclass(frozen=True)
class Dataset:
    """The graphs that are reasoned over, and the one that the consequences go to."""

    asserted: tuple[NamedNode, ...] = ASSERTED_GRAPHS
    inferred: NamedNode = GRAPH_INFERRED

    @property
    def deltas(self) -> tuple[NamedNode, NamedNode]:
        """The graphs that hold, while a stratum is repeated, what came last and what is new."""
        first, second = (NamedNode(f"{self.inferred.value}/delta-{number}") for number in (1, 2))
        return first, second

    @property
    def using(self) -> str:
        """The clauses that make an update look at the asserted and the inferred together."""
        return _using(self.asserted) + f" USING {self.inferred}"


@dataclass(frozen=True)
class Contradiction:
    """Facts that cannot all be so, and the rule that says so; `facts` are its body with the terms filled in."""

    rule: Rule
    facts: tuple[Pattern, ...]

    @property
    def subject(self) -> Term:
        """What the contradiction is about: the subject of its first fact."""
        return self.facts[0].subject if self.facts else Literal("the ontology")


@dataclass(frozen=True)
class Fact:
    """What a pattern asks for: the members of a class, or the pairs of a property."""

    name: NamedNode
    of_class: bool


@dataclass(frozen=True)
class Join:
    """A rule that has more than one premise or names a thing, with all that follows at once from its head alone."""

    rule: Rule
    heads: tuple[Pattern, ...]

    @property
    def needs(self) -> frozenset[Fact]:
        """The facts that it takes."""
        return frozenset(map(asked, self.rule.body))

    @property
    def gives(self) -> frozenset[Fact]:
        """The facts that it gives."""
        return frozenset(map(asked, self.heads))


@dataclass(frozen=True)
class Plan:
    """The rules that can fire on some data, in the order in which they do.

    `saturations` are patterns of asserted facts with all that follows from each alone. A stratum whose joins feed each
    other is recursive.
    """

    saturations: tuple[tuple[Pattern, tuple[Pattern, ...]], ...]
    strata: tuple[tuple[Join, ...], ...]
    contradictions: tuple[Rule, ...]
    asserted: frozenset[Fact]
    derived: frozenset[Fact]


OURS = Dataset()
"""The graphs of a build."""


def engine(store: AnyStore) -> tuple[Select, Update]:
    """Give what puts a SELECT and an update to a store."""

    def select(query: str) -> Iterable[Row]:
        return cast("Iterable[Row]", store.query(query))

    return select, store.update


def asked(pattern: Pattern) -> Fact:
    """Say which facts a pattern asks for."""
    if pattern.predicate == RDF_TYPE and isinstance(pattern.object, NamedNode):
        return Fact(pattern.object, of_class=True)
    return Fact(pattern.predicate, of_class=False)


def reason(
    select: Select, update: Update, rules: Iterable[Rule], *, dataset: Dataset = OURS, progress: Progress
) -> tuple[Contradiction, ...]:
    """Insert all that follows into the dataset's inferred graph; give what contradicts itself, nothing if consistent.

    The inferred graph must be empty or left by an earlier run on the same data: facts are only added. What is asserted
    is not repeated there. `progress` is called with the name of each rule or group of rules as it begins.
    """
    told = tuple(rules)
    plan = make_plan(told, present(select, told, dataset))
    for pattern, heads in plan.saturations:
        progress(f"{_short(pattern)}: what follows from it alone")
        update(_insert((dataset.inferred,), heads, _using(dataset.asserted), str(pattern)))
    count = _counting(select, dataset)
    for stratum in plan.strata:
        if _recursive(stratum):
            _repeat(select, update, stratum, dataset, progress)
        else:
            for join in stratum:
                progress(_named(join.rule))
                update(_insert((dataset.inferred,), join.heads, dataset.using, _where(join.rule, count)))
    _drop_asserted(update, plan, dataset)
    return tuple(_contradictions(select, plan.contradictions, dataset, count))


def contradicting(select: Select, rules: Iterable[Rule], *, dataset: Dataset = OURS) -> tuple[Contradiction, ...]:
    """Give what contradicts itself in a dataset that has been reasoned over. Nothing is written."""
    told = tuple(rule for rule in rules if rule.head is None)
    inferred = Dataset((*dataset.asserted, dataset.inferred), dataset.inferred)
    plan = make_plan(told, present(select, told, inferred))
    return tuple(_contradictions(select, plan.contradictions, dataset, _counting(select, dataset)))


def present(select: Select, rules: Iterable[Rule], dataset: Dataset) -> frozenset[Fact]:
    """Find which of the facts that rules ask for are asserted."""
    patterns = (pattern for rule in rules for pattern in (*rule.body, *filter(None, (rule.head,))))
    facts = sorted(set(map(asked, patterns)), key=lambda fact: fact.name.value)
    found: set[Fact] = set()
    for of_class, pattern in ((True, f"?x {RDF_TYPE} ?name"), (False, "?x ?name ?y")):
        names = " ".join(str(fact.name) for fact in facts if fact.of_class is of_class)
        graphs = "".join(f" FROM {graph}" for graph in dataset.asserted)
        query = f"SELECT DISTINCT ?name{graphs} WHERE {{ VALUES ?name {{ {names} }} FILTER EXISTS {{ {pattern} }} }}"
        found.update(Fact(row[0], of_class) for row in select(query) if isinstance(row[0], NamedNode))
    return frozenset(found)


def make_plan(rules: Iterable[Rule], asserted: frozenset[Fact]) -> Plan:
    """Choose the rules that can fire, given which facts are asserted, and order them."""
    told = tuple(rules)
    possible = _possible(told, asserted)
    alive = [rule for rule in told if all(asked(pattern) in possible for pattern in rule.body)]
    alone = _by_premise(rule for rule in alive if _is_alone(rule))
    joins = tuple(
        Join(rule, saturate(rule.head, alone)) for rule in alive if rule.head is not None and not _is_alone(rule)
    )
    general = (_general(fact) for fact in sorted(asserted & alone.keys(), key=lambda fact: fact.name.value))
    saturations = tuple((pattern, saturate(pattern, alone)[1:]) for pattern in general)
    return Plan(
        saturations=tuple(each for each in saturations if each[1]),
        strata=_strata(joins),
        contradictions=tuple(rule for rule in alive if rule.head is None),
        asserted=asserted,
        derived=frozenset(asked(p) for _, heads in saturations for p in heads).union(*(join.gives for join in joins)),
    )


def _possible(rules: Iterable[Rule], asserted: frozenset[Fact]) -> frozenset[Fact]:
    """Give the facts that are asserted or may come to follow."""
    waiting = [rule for rule in rules if rule.head is not None]
    possible = set(asserted)
    grown = True
    while grown:
        fires = [rule for rule in waiting if all(asked(pattern) in possible for pattern in rule.body)]
        waiting = [rule for rule in waiting if rule not in fires] if fires else waiting
        fresh = {asked(rule.head) for rule in fires if rule.head is not None} - possible
        possible |= fresh
        grown = bool(fresh)
    return frozenset(possible)


def _is_alone(rule: Rule) -> bool:
    """Say whether a rule has one premise, which every fact of its kind meets."""
    if rule.head is None or len(rule.body) != 1 or rule.unequal:
        return False
    start, end = rule.body[0].terms
    if asked(rule.body[0]).of_class:
        return isinstance(start, Variable)
    return isinstance(start, Variable) and isinstance(end, Variable) and start != end


def _by_premise(rules: Iterable[Rule]) -> Mapping[Fact, list[Rule]]:
    found: dict[Fact, list[Rule]] = {}
    for rule in rules:
        found.setdefault(asked(rule.body[0]), []).append(rule)
    return found


def saturate(pattern: Pattern, alone: Mapping[Fact, list[Rule]]) -> tuple[Pattern, ...]:
    """Give a pattern and all that follows from it by rules of one premise."""
    found = {pattern: None}
    todo = [pattern]
    while todo:
        each = todo.pop()
        for rule in alone.get(asked(each), ()):
            premise, head = rule.body[0], rule.head
            pairs = zip(premise.terms, each.terms, strict=True)
            bound = {variable: term for variable, term in pairs if isinstance(variable, Variable)}
            fresh = substitute(head, bound) if head else each
            if fresh not in found and not isinstance(fresh.subject, Literal):
                found[fresh] = None
                todo.append(fresh)
    return tuple(found)


def _general(fact: Fact) -> Pattern:
    if fact.of_class:
        return Pattern(Variable("x"), RDF_TYPE, fact.name)
    return Pattern(Variable("x"), fact.name, Variable("y"))


def _strata(joins: tuple[Join, ...]) -> tuple[tuple[Join, ...], ...]:
    """Group the joins that feed each other, and order the groups so that each needs only those before it."""
    feeds = {join: [other for other in joins if join.gives & other.needs] for join in joins}
    reached = {join: _reach(join, feeds) for join in joins}
    before = {join: frozenset(each for each in joins if each == join or join in reached[each]) for join in joins}
    groups: dict[frozenset[Join], list[Join]] = {}
    for join in joins:
        together = frozenset({join, *(each for each in reached[join] if join in reached[each])})
        groups.setdefault(together, []).append(join)
    ordered = sorted(groups.values(), key=lambda group: len(before[group[0]]))
    return tuple(map(tuple, ordered))


def _reach(start: Join, feeds: Mapping[Join, list[Join]]) -> frozenset[Join]:
    seen: set[Join] = set()
    todo = [start]
    while todo:
        for each in feeds[todo.pop()]:
            if each not in seen:
                seen.add(each)
                todo.append(each)
    return frozenset(seen)


def _recursive(stratum: Sequence[Join]) -> bool:
    gives = frozenset[Fact]().union(*(join.gives for join in stratum))
    return any(join.needs & gives for join in stratum)


def _repeat(select: Select, update: Update, stratum: Sequence[Join], dataset: Dataset, progress: Progress) -> None:
    """Run joins that feed each other until nothing is new: first on everything, then on what came last."""
    gives = frozenset[Fact]().union(*(join.gives for join in stratum))
    count = _counting(select, dataset)
    last, new = dataset.deltas
    update(f"CLEAR SILENT GRAPH {last} ; CLEAR SILENT GRAPH {new}")
    for join in stratum:
        progress(_named(join.rule))
        where = f"{_where(join.rule, count)} FILTER NOT EXISTS {{ {join.rule.head} }}"
        update(_insert((dataset.inferred, last), join.heads, dataset.using, where))
    while _any(select, last):
        for join in stratum:
            for position, pattern in enumerate(join.rule.body):
                if asked(pattern) in gives:
                    progress(f"{_named(join.rule)}, again")
                    where = (
                        f"{_where(join.rule, count, fresh=(position, last))} FILTER NOT EXISTS {{ {join.rule.head} }}"
                    )
                    using = f"{dataset.using} USING NAMED {last}"
                    update(_insert((dataset.inferred, new), join.heads, using, where))
        update(f"CLEAR SILENT GRAPH {last}")
        last, new = new, last
    update(f"DROP SILENT GRAPH {last} ; DROP SILENT GRAPH {new}")


def _any(select: Select, graph: NamedNode) -> bool:
    return any(True for _ in select(f"SELECT ?s WHERE {{ GRAPH {graph} {{ ?s ?p ?o }} }} LIMIT 1"))


def _where(rule: Rule, count: Count, *, fresh: tuple[int, NamedNode] | None = None) -> str:
    """Write the body of a rule as a group of SPARQL; the premise at the position of `fresh` is taken from its graph.

    The rarest premise comes first, then the rarest that shares a variable with those before it: stores that know
    nothing of their data take premises as they are written.
    """
    left = list(rule.body)
    text: list[str] = []
    known: set[Term] = set()
    if fresh:
        position, graph = fresh
        first = left.pop(position)
        text.append(f"GRAPH {graph} {{ {first} }}")
        known.update(first.terms)
    while left:
        best = min(left, key=lambda pattern: (bool(known) and not known & set(pattern.terms), count(pattern)))
        left.remove(best)
        text.append(str(best))
        known.update(term for term in best.terms if isinstance(term, Variable))
    differ = f" FILTER ({_differ(rule)})" if rule.unequal else ""
    return " . ".join(text) + differ


def _counting(select: Select, dataset: Dataset) -> Count:
    """Give a function that counts what matches a pattern, each only once: what is counted should be complete."""
    counted: dict[tuple[object, ...], int] = {}
    graphs = "".join(f" FROM {graph}" for graph in (*dataset.asserted, dataset.inferred))

    def count(pattern: Pattern) -> int:
        shape = tuple(None if isinstance(term, Variable) else term for term in pattern.terms)
        key = (pattern.predicate, *shape)
        if key not in counted:
            (row,) = select(f"SELECT (COUNT(*) AS ?n){graphs} WHERE {{ {pattern} }}")
            counted[key] = int(row[0].value) if isinstance(row[0], Literal) else 0
        return counted[key]

    return count


def _differ(rule: Rule) -> str:
    one, other = rule.unequal or ("", "")
    if rule.head is None:  # literals differ by value, and those of unlike types always do
        return f"!sameTerm({one}, {other}) && COALESCE({one} != {other}, true)"
    return f"!sameTerm({one}, {other})"


def _insert(graphs: Iterable[NamedNode], heads: Iterable[Pattern], using: str, where: str) -> str:
    triples = " . ".join(map(str, heads))
    into = " ".join(f"GRAPH {graph} {{ {triples} }}" for graph in graphs)
    return f"INSERT {{ {into} }}{using} WHERE {{ {where} }}"


def _using(graphs: Iterable[NamedNode]) -> str:
    return "".join(f" USING {graph}" for graph in graphs)


def _drop_asserted(update: Update, plan: Plan, dataset: Dataset) -> None:
    """Take out of the inferred graph what is asserted."""
    for fact in sorted(plan.derived & plan.asserted, key=lambda fact: fact.name.value):
        pattern = _general(fact)
        for graph in dataset.asserted:
            update(
                f"DELETE {{ GRAPH {dataset.inferred} {{ {pattern} }} }} "
                f"WHERE {{ GRAPH {graph} {{ {pattern} }} GRAPH {dataset.inferred} {{ {pattern} }} }}"
            )


def _contradictions(select: Select, rules: Iterable[Rule], dataset: Dataset, count: Count) -> Iterator[Contradiction]:
    graphs = "".join(f" FROM {graph}" for graph in (*dataset.asserted, dataset.inferred))
    for rule in rules:
        variables = tuple(dict.fromkeys(t for p in rule.body for t in p.terms if isinstance(t, Variable)))
        names = " ".join(map(str, variables)) or "*"
        query = f"SELECT DISTINCT {names}{graphs} WHERE {{ {_where(rule, count)} }} LIMIT {MOST_CONTRADICTIONS}"
        seen: set[frozenset[Pattern]] = set()
        for row in select(query):
            pairs = zip(variables, row, strict=False)
            bound = {variable: term for variable, term in pairs if isinstance(term, NamedNode | BlankNode | Literal)}
            facts = tuple(substitute(pattern, bound) for pattern in rule.body)
            if frozenset(facts) not in seen:
                seen.add(frozenset(facts))
                yield Contradiction(rule, facts)


def _named(rule: Rule) -> str:
    return f"{rule.names[-1]}: {_short(rule.head)}" if rule.head else rule.names[-1]


def _short(pattern: Pattern) -> str:
    return asked(pattern).name.value
