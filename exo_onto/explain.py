"""explain: an inferred fact in, its smallest proof out; or the last step of the smallest proof of every fact. Pure.

A fact follows by an *instance* of a rule from other facts: the instances are the hyperedges of a graph whose nodes are
facts. A proof is well-founded if no fact rests on itself. The smallest, counted in nodes of its tree, is found by
Knuth's generalisation of Dijkstra's algorithm (Information Processing Letters 6, 1977): facts are settled in the order
of the size of their proofs, so that a proof can only rest on facts that are settled before it.
"""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import BlankNode, Literal, NamedNode, Variable

from exo_onto.axioms import Rule
from exo_onto.expressions import Pattern, Term, substitute
from exo_onto.plan import Fact, asked
from exo_onto.reason import OURS, Dataset, Row, Select
from exo_onto.vocabulary import RDF_TYPE

MOST_INSTANCES = 1000
"""How many instances of one rule are looked at for one fact: of many like proofs one is as good as another."""


@dataclass(frozen=True)
class Step:
    """An instance of a rule: a fact, and the facts that it follows from."""

    rule: Rule
    fact: Pattern
    premises: tuple[Pattern, ...]


@dataclass(frozen=True)
class Proof:
    """A tree: a fact, the rule that it follows by, and the proofs of its premises. A leaf has no rule."""

    fact: Pattern
    rule: Rule | None = None
    premises: tuple["Proof", ...] = ()

    @property
    def size(self) -> int:
        """How many facts the tree has, each as often as it stands there."""
        return 1 + sum(premise.size for premise in self.premises)

    def facts(self) -> Iterator[Pattern]:
        """Yield every fact of the tree, the root first."""
        yield self.fact
        for premise in self.premises:
            yield from premise.facts()


@dataclass(frozen=True)
class Explanation:
    """Why a fact holds: its smallest proof; and besides, of facts on the way that hold in a second way, that one too.

    A fact holds in a second way where a class is defined as meeting both (`cls-int1` with `cax-eqc2`), as an outcome
    that is explained is defined to be reported and traced.
    """

    proof: Proof
    besides: tuple[Proof, ...] = ()


def explain(select: Select, rules: Iterable[Rule], fact: Pattern, *, dataset: Dataset = OURS) -> Explanation | None:
    """Explain a fact that was inferred, or None where it does not hold."""
    told = tuple(rules)
    search = _Search(select, told, dataset)
    proof = search.proof(fact)
    if proof is None:
        return None
    definitions = [rule for rule in told if rule.names[-1] == "cax-eqc2" and len(rule.body) > 1]
    seconds = dict.fromkeys(second for each in proof.facts() for second in _seconds(search, definitions, each))
    proofs = (search.proof(second) for second in seconds if second not in set(proof.facts()))
    return Explanation(proof, tuple(found for found in proofs if found is not None and found.rule is not None))


def _seconds(search: "_Search", definitions: Iterable[Rule], fact: Pattern) -> Iterator[Pattern]:
    """Give what a fact is met with in a definition that its subject satisfies."""
    if fact.predicate != RDF_TYPE:
        return
    for rule in definitions:
        for premise in rule.body:
            bound = _unified(premise, fact)
            if bound is not None and rule.head is not None and search.holds(substitute(rule.head, bound)):
                yield from (substitute(other, bound) for other in rule.body if other != premise)


class _Search:
    """Goes backwards from a fact through the instances of rules that give it, and those that give their premises."""

    def __init__(self, select: Select, rules: Sequence[Rule], dataset: Dataset) -> None:
        self._select = select
        self._giving: dict[Fact, list[Rule]] = defaultdict(list)
        for rule in rules:
            if rule.head is not None:
                self._giving[asked(rule.head)].append(rule)
        self._asserted = "".join(f" FROM {graph}" for graph in dataset.asserted)
        self._all = f"{self._asserted} FROM {dataset.inferred}"

    def holds(self, fact: Pattern, *, asserted: bool = False) -> bool:
        graphs = self._asserted if asserted else self._all
        return any(True for _ in self._select(f"SELECT (1 AS ?one){graphs} WHERE {{ {fact} }} LIMIT 1"))

    def proof(self, fact: Pattern) -> Proof | None:
        """Find the smallest proof of a fact."""
        leaves: set[Pattern] = set()
        steps: list[Step] = []
        todo = [fact]
        seen = {fact}
        while todo:
            each = todo.pop()
            if self.holds(each, asserted=True):
                leaves.add(each)
                continue
            found = list(self._steps(each))
            steps += found
            fresh = {premise for step in found for premise in step.premises} - seen
            seen |= fresh
            todo.extend(fresh)
        best = smallest(steps, leaves)
        return tree(fact, best) if fact in best or fact in leaves else None

    def _steps(self, fact: Pattern) -> Iterator[Step]:
        for rule in self._giving[asked(fact)]:
            bound = _unified(rule.head, fact) if rule.head else None
            if bound is not None:
                body = tuple(substitute(premise, bound) for premise in rule.body)
                for premises in _filled(self._select, body, self._all, MOST_INSTANCES):
                    yield Step(rule, fact, premises)


def every_step(select: Select, rules: Iterable[Rule], *, dataset: Dataset = OURS) -> Mapping[Pattern, Step]:
    """Give for every inferred fact the last step of its smallest proof; the premises' own steps are there too.

    One query for each rule, over all of the data: this is for graphs that fit into memory.
    """
    asserted = "".join(f" FROM {graph}" for graph in dataset.asserted)
    everything = f"{asserted} FROM {dataset.inferred}"
    steps: list[Step] = []
    for rule in (rule for rule in rules if rule.head is not None):
        steps += _steps(rule, _rows(select, rule.body, _variables(rule.body), everything))
    every = f"SELECT ?s ?p ?o FROM {dataset.inferred} WHERE {{ ?s ?p ?o }}"  # noqa: S608  a graph of ours
    inferred = {_pattern(row) for row in select(every)}
    leaves = {premise for step in steps for premise in step.premises if premise not in inferred}
    return smallest((step for step in steps if step.fact in inferred), leaves)


def _steps(rule: Rule, rows: Iterable[Row]) -> Iterator[Step]:
    """Give the instances of a rule that rows of its variables stand for."""
    if rule.head is None:
        return
    at: dict[Term, int] = {variable: number for number, variable in enumerate(_variables(rule.body))}
    patterns = [(each, at.get(each.subject, -1), at.get(each.object, -1)) for each in (rule.head, *rule.body)]
    for row in rows:
        head, *body = [_instance(pattern, row, one, other) for pattern, one, other in patterns]
        if not isinstance(head.subject, Literal):
            yield Step(rule, head, tuple(body))


def _instance(pattern: Pattern, row: Row, subject: int, value: int) -> Pattern:
    """Fill a pattern whose ends stand in a row where they are said to, and at -1 are what they are."""
    one = pattern.subject if subject < 0 else _term(row[subject])
    other = pattern.object if value < 0 else _term(row[value])
    return Pattern(one, pattern.predicate, other)


def smallest(steps: Iterable[Step], leaves: Iterable[Pattern]) -> Mapping[Pattern, Step]:
    """Give for each fact that can be proved from leaves the last step of its smallest proof (Knuth 1977).

    Of several that are as small, it is the one whose text comes first: in whatever order the steps are told.
    """
    facts = _Numbers()  # a fact is looked up once, and known by its number from then on
    known = [(step, facts[step.fact], tuple(map(facts.__getitem__, step.premises))) for step in steps]
    given = [facts[leaf] for leaf in leaves]
    texts = list(map(str, facts))
    rules = {id(step.rule): str(step.rule) for step, _, _ in known}
    known.sort(key=lambda told: f"{texts[told[1]]} {rules[id(told[0].rule)]} {' '.join([texts[n] for n in told[2]])}")
    missing = [len(set(premises)) for _, _, premises in known]
    using: list[list[int]] = [[] for _ in facts]
    for number, (_, _, premises) in enumerate(known):
        for premise in set(premises):
            using[premise].append(number)
    size = [0] * len(facts)
    best: dict[Pattern, Step] = {}
    queue = [(1, texts[leaf], -1, leaf) for leaf in given]
    queue += [(1, texts[fact], number, fact) for number, (_, fact, premises) in enumerate(known) if not premises]
    heapq.heapify(queue)
    while queue:
        cost, _, number, fact = heapq.heappop(queue)
        if size[fact]:
            continue
        size[fact] = cost
        if number >= 0:
            best[known[number][0].fact] = known[number][0]
        for use in using[fact]:
            missing[use] -= 1
            _, follows, premises = known[use]
            if missing[use] == 0 and not size[follows]:
                total = 1 + sum([size[premise] for premise in premises])
                heapq.heappush(queue, (total, texts[follows], use, follows))
    return best


class _Numbers(dict[Pattern, int]):
    """Facts and their numbers, in the order in which they were first asked for."""

    def __missing__(self, fact: Pattern) -> int:
        self[fact] = number = len(self)
        return number


def tree(fact: Pattern, best: Mapping[Pattern, Step]) -> Proof:
    """Unfold the proof of a fact from the last steps of all."""
    step = best.get(fact)
    if step is None:
        return Proof(fact)
    return Proof(fact, step.rule, tuple(tree(premise, best) for premise in step.premises))


def _unified(pattern: Pattern, fact: Pattern) -> dict[Variable, Term] | None:
    """Give the terms that turn a pattern into a fact, or None where it cannot."""
    if pattern.predicate != fact.predicate:
        return None
    bound: dict[Variable, Term] = {}
    for term, value in zip(pattern.terms, fact.terms, strict=True):
        if isinstance(term, Variable):
            if bound.setdefault(term, value) != value:
                return None
        elif term != value:
            return None
    return bound


def _filled(select: Select, body: Sequence[Pattern], graphs: str, limit: int) -> Iterator[tuple[Pattern, ...]]:
    variables = _variables(body)
    for row in _rows(select, body, variables, f"{graphs}", limit):
        bound = _bound(variables, row)
        yield tuple(substitute(premise, bound) for premise in body)


def _rows(
    select: Select, body: Sequence[Pattern], variables: Sequence[Variable], graphs: str, limit: int | None = None
) -> Iterable[Row]:
    names = " ".join(map(str, variables)) or "(1 AS ?one)"
    most = f" LIMIT {limit}" if limit else ""
    return select(f"SELECT DISTINCT {names}{graphs} WHERE {{ {' . '.join(map(str, body))} }}{most}")


def _variables(body: Iterable[Pattern]) -> tuple[Variable, ...]:
    return tuple(dict.fromkeys(term for each in body for term in each.terms if isinstance(term, Variable)))


def _bound(variables: Sequence[Variable], row: Row) -> dict[Variable, Term]:
    pairs = zip(variables, row, strict=False)
    return {variable: term for variable, term in pairs if isinstance(term, NamedNode | BlankNode | Literal)}


def _pattern(row: Row) -> Pattern:
    subject, predicate, value = row[0], row[1], row[2]
    if not isinstance(predicate, NamedNode):
        raise TypeError(predicate)
    return Pattern(_term(subject), predicate, _term(value))


def _term(value: object) -> Term:
    if isinstance(value, NamedNode | BlankNode | Literal):
        return value
    raise TypeError(value)
