"""reason: rules run to their fixpoint in a store, by SPARQL 1.1 alone; what follows goes into a graph of its own. Pure.

Four things make it quick. A fact is *saturated* as it is written: what follows from it alone (its superclasses, the
properties above and their inverses) is inserted by the same query. Rules that join facts are put into *strata*, each of
which needs only those before it, and run once; only a stratum that feeds itself is repeated, and then *semi-naively*:
at least one premise must be new (Abiteboul, Hull, Vianu: Foundations of Databases, section 13.1). A rule is not run at
all unless each of its premises has, or may come to have, a fact. And what no rule asks for, the *leaves*, comes last:
most of what follows is such, and need not pass through the store that is reasoned in.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from pyoxigraph import BlankNode, Literal, NamedNode, Variable

from exo_onto.axioms import Rule
from exo_onto.dataset import AnyStore
from exo_onto.expressions import Pattern, Term, substitute
from exo_onto.plan import Fact, Join, Plan, asked, by_name, feedings, general, given, is_recursive, make_plan
from exo_onto.vocabulary import ASSERTED_GRAPHS, GRAPH_INFERRED, RDF_TYPE

Row = Sequence[object]
Select = Callable[[str], Iterable[Row]]
"""Puts a SELECT query to a store and gives its rows."""
Update = Callable[[str], object]
"""Puts an update to a store."""
Progress = Callable[[str], None]
Spill = Callable[[Plan, "Dataset"], object]
"""Takes the leaves of a plan elsewhere, when all else is in the store."""
Count = Callable[[Pattern], int]
"""Says how many triples match a pattern."""

MOST_CONTRADICTIONS = 1000
"""How many contradictions of one rule are told."""


@dataclass(frozen=True)
class Dataset:
    """The graphs that are reasoned over, and the one that the consequences go to.

    `closed` are those of the asserted graphs that hold already all that follows from them.
    """

    asserted: tuple[NamedNode, ...] = ASSERTED_GRAPHS
    inferred: NamedNode = GRAPH_INFERRED
    closed: tuple[NamedNode, ...] = ()

    @property
    def open(self) -> tuple[NamedNode, ...]:
        """The asserted graphs from which something may follow that is not there yet."""
        return tuple(graph for graph in self.asserted if graph not in self.closed)

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


OURS = Dataset()
"""The graphs of a build."""


def engine(store: AnyStore) -> tuple[Select, Update]:
    """Give what puts a SELECT and an update to a store."""

    def select(query: str) -> Iterable[Row]:
        return cast("Iterable[Row]", store.query(query))

    return select, store.update


def reason(  # noqa: PLR0913  the store, the rules, the graphs, and where to
    select: Select,
    update: Update,
    rules: Iterable[Rule],
    *,
    dataset: Dataset = OURS,
    spill: Spill | None = None,
    progress: Progress,
) -> tuple[Contradiction, ...]:
    """Insert all that follows into the dataset's inferred graph; give what contradicts itself, nothing if consistent.

    The inferred graph must be empty or left by an earlier run on the same data: facts are only added. What is asserted
    is not repeated there. Where `spill` is given, it is called for the leaves instead. `progress` is called with the
    name of each rule or group of rules as it begins.
    """
    told = tuple(rules)
    plan = make_plan(told, present(select, told, dataset))
    for pattern, heads in plan.saturations:
        progress(f"{_short(pattern)}: what follows from it alone")
        update(_insert({dataset.inferred: heads}, _using(dataset.open), str(pattern)))
    count = _counting(select, dataset)
    for stratum in plan.strata:
        if is_recursive(stratum) and _feeds_itself(select, stratum, dataset, count):
            _repeat(select, update, stratum, dataset, progress)
        else:
            for join in stratum:
                progress(_named(join.rule))
                update(_insert({dataset.inferred: join.heads}, dataset.using, _where(join.rule, count)))
    if spill is None:
        for pattern, heads in plan.leaves:
            progress(f"{_short(pattern)}: what no rule asks for")
            update(_insert({dataset.inferred: heads}, dataset.using, str(pattern)))
    else:
        progress("what no rule asks for")
        spill(plan, dataset)
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


def _repeat(select: Select, update: Update, stratum: Sequence[Join], dataset: Dataset, progress: Progress) -> None:
    """Run joins that feed each other until nothing is new: first on everything, then on what came last."""
    gives = given(stratum)
    feeds = gives & frozenset[Fact]().union(*(join.needs for join in stratum))
    count = _counting(select, dataset)
    last, new = dataset.deltas

    def insert(join: Join, using: str, where: str, delta: NamedNode) -> None:
        fed = tuple(head for head in join.heads if asked(head) in feeds)
        unless = f"FILTER NOT EXISTS {{ {join.rule.head} }}"
        update(_insert({dataset.inferred: join.heads, delta: fed}, using, f"{where} {unless}"))

    update(f"CLEAR SILENT GRAPH {last} ; CLEAR SILENT GRAPH {new}")
    for join in stratum:
        progress(_named(join.rule))
        insert(join, dataset.using, _where(join.rule, count), last)
    while _any(select, last):
        for join in stratum:
            for position, pattern in enumerate(join.rule.body):
                if asked(pattern) in gives:
                    progress(f"{_named(join.rule)}, again")
                    using = f"{dataset.using} USING NAMED {last}"
                    insert(join, using, _where(join.rule, count, fresh=(position, last)), new)
        update(f"CLEAR SILENT GRAPH {last}")
        last, new = new, last
    update(f"DROP SILENT GRAPH {last} ; DROP SILENT GRAPH {new}")


def _feeds_itself(select: Select, stratum: Sequence[Join], dataset: Dataset, count: Count) -> bool:
    """Tell whether what a stratum gives may be what it needs: by its rules it may, by its data it need not."""
    graphs = "".join(f" FROM {graph}" for graph in (*dataset.asserted, dataset.inferred))
    return any(
        _some(select, f"SELECT (1 AS ?one){graphs} WHERE {{ {_ordered(list(met), count)} }} LIMIT 1")
        for met in dict.fromkeys(feedings(stratum))
    )


def _any(select: Select, graph: NamedNode) -> bool:
    return _some(select, f"SELECT ?s WHERE {{ GRAPH {graph} {{ ?s ?p ?o }} }} LIMIT 1")


def _some(select: Select, query: str) -> bool:
    return any(True for _ in select(query))


def _where(rule: Rule, count: Count, *, fresh: tuple[int, NamedNode] | None = None) -> str:
    """Write the body of a rule as a group of SPARQL; the premise at the position of `fresh` is taken from its graph."""
    left = list(rule.body)
    first = ""
    known: set[Term] = set()
    if fresh:
        position, graph = fresh
        newest = left.pop(position)
        first = f"GRAPH {graph} {{ {newest} }} . "
        known.update(newest.terms)
    differ = f" FILTER ({_differ(rule)})" if rule.unequal else ""
    return first + _ordered(left, count, known) + differ


def _ordered(patterns: Iterable[Pattern], count: Count, known: Iterable[Term] = ()) -> str:
    """Write patterns as a group of SPARQL: the rarest first, then the rarest that shares a variable with those before.

    Stores that know nothing of their data take them as they are written.
    """
    left, bound, text = list(patterns), set(known), list[str]()
    while left:
        best = min(left, key=lambda pattern: (bool(bound) and not bound & set(pattern.terms), count(pattern)))
        left.remove(best)
        text.append(str(best))
        bound.update(term for term in best.terms if isinstance(term, Variable))
    return " . ".join(text)


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


def _insert(heads: Mapping[NamedNode, Iterable[Pattern]], using: str, where: str) -> str:
    into = " ".join(f"GRAPH {graph} {{ {' . '.join(map(str, told))} }}" for graph, told in heads.items())
    return f"INSERT {{ {into} }}{using} WHERE {{ {where} }}"


def _using(graphs: Iterable[NamedNode]) -> str:
    return "".join(f" USING {graph}" for graph in graphs)


def _drop_asserted(update: Update, plan: Plan, dataset: Dataset) -> None:
    """Take out of the inferred graph what is asserted."""
    for fact in by_name(plan.derived & plan.asserted):
        pattern = general(fact)
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
