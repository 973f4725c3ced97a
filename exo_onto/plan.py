"""plan: rules and what is asserted in, the order in which they run out: saturations, strata, leaves. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from pyoxigraph import Literal, NamedNode, Variable

from exo_onto.axioms import Rule
from exo_onto.expressions import Pattern, Term, substitute
from exo_onto.vocabulary import RDF_TYPE


@dataclass(frozen=True)
class Fact:
    """What a pattern asks for: the members of a class, or the pairs of a property."""

    name: NamedNode
    of_class: bool


@dataclass(frozen=True)
class Join:
    """A rule that has more than one premise or names a thing, with what follows at once from its head alone.

    The first of the heads is that of the rule; the others are what some rule asks for.
    """

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

    `saturations` are patterns of asserted facts with what follows from each alone and some rule asks for. A stratum
    whose joins feed each other is recursive. `leaves` are patterns of facts with what follows from each alone and no
    rule asks for.
    """

    saturations: tuple[tuple[Pattern, tuple[Pattern, ...]], ...]
    strata: tuple[tuple[Join, ...], ...]
    leaves: tuple[tuple[Pattern, tuple[Pattern, ...]], ...]
    contradictions: tuple[Rule, ...]
    asserted: frozenset[Fact]
    derived: frozenset[Fact]


def asked(pattern: Pattern) -> Fact:
    """Say which facts a pattern asks for."""
    if pattern.predicate == RDF_TYPE and isinstance(pattern.object, NamedNode):
        return Fact(pattern.object, of_class=True)
    return Fact(pattern.predicate, of_class=False)


def make_plan(rules: Iterable[Rule], asserted: frozenset[Fact]) -> Plan:
    """Choose the rules that can fire, given which facts are asserted, and order them."""
    return _made(tuple(rules), asserted)


@lru_cache(maxsize=4)
def _made(told: tuple[Rule, ...], asserted: frozenset[Fact]) -> Plan:
    possible = _possible(told, asserted)
    alive = [rule for rule in told if all(asked(pattern) in possible for pattern in rule.body)]
    alone = _by_premise(rule for rule in alive if _is_alone(rule))
    joined = [rule for rule in alive if not _is_alone(rule)]
    wanted = frozenset(asked(pattern) for rule in joined for pattern in (*rule.body, *filter(None, (rule.head,))))
    joins = tuple(_join(rule, rule.head, alone, wanted) for rule in joined if rule.head)
    saturations = tuple(
        (pattern, tuple(head for head in saturate(pattern, alone)[1:] if asked(head) in wanted))
        for pattern in map(general, by_name(asserted & alone.keys()))
    )
    stored = frozenset(asked(head) for _, heads in saturations for head in heads).union(*(join.gives for join in joins))
    leaves = tuple(_leaves((asserted | stored) & alone.keys(), alone, wanted))
    return Plan(
        saturations=tuple(each for each in saturations if each[1]),
        strata=_strata(joins),
        leaves=leaves,
        contradictions=tuple(rule for rule in alive if rule.head is None),
        asserted=asserted,
        derived=stored | frozenset(asked(head) for _, heads in leaves for head in heads),
    )


def _join(rule: Rule, head: Pattern, alone: Mapping[Fact, list[Rule]], wanted: frozenset[Fact]) -> Join:
    """Give a rule its heads. What follows from a premise alone is there since the premise was stored."""
    follows = tuple(each for each in saturate(head, alone)[1:] if asked(each) in wanted)
    there = chain.from_iterable(saturate(premise, alone) for premise in rule.body) if follows else ()
    known = frozenset(there)
    return Join(rule, (head, *(each for each in follows if each not in known)))


def _leaves(
    facts: Iterable[Fact], alone: Mapping[Fact, list[Rule]], wanted: frozenset[Fact]
) -> Iterator[tuple[Pattern, tuple[Pattern, ...]]]:
    """Give what follows from each fact alone and is not stored, but for what follows from a stored one told before."""
    closed = {fact: saturate(general(fact), alone)[1:] for fact in facts}
    done: set[Fact] = set()
    for fact in sorted(by_name(closed), key=lambda fact: sum(asked(head) in wanted for head in closed[fact])):
        told = (saturate(head, alone)[1:] for head in closed[fact] if asked(head) in wanted & done)
        covered = frozenset(chain.from_iterable(told))
        heads = tuple(head for head in closed[fact] if asked(head) not in wanted and head not in covered)
        done.add(fact)
        if heads:
            yield general(fact), heads


def by_name(facts: Iterable[Fact]) -> list[Fact]:
    """Put facts into an order that is the same each time."""
    return sorted(facts, key=lambda fact: (fact.name.value, fact.of_class))


def _possible(rules: Iterable[Rule], asserted: frozenset[Fact]) -> frozenset[Fact]:
    """Give the facts that are asserted or may come to follow."""
    waiting = [(frozenset(map(asked, rule.body)), asked(rule.head)) for rule in rules if rule.head is not None]
    possible = set(asserted)
    grown = True
    while grown:
        fresh = {head for body, head in waiting if body <= possible} - possible
        waiting = [each for each in waiting if not each[0] <= possible]
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


def general(fact: Fact) -> Pattern:
    """Give the pattern of all members of a class, or of all pairs of a property."""
    if fact.of_class:
        return Pattern(Variable("x"), RDF_TYPE, fact.name)
    return Pattern(Variable("x"), fact.name, Variable("y"))


def _strata(joins: tuple[Join, ...]) -> tuple[tuple[Join, ...], ...]:
    """Group the joins that feed each other, and order the groups so that each needs only those before it."""
    needs, gives = [join.needs for join in joins], [join.gives for join in joins]
    numbers = range(len(joins))
    feeds = [[other for other in numbers if gives[one] & needs[other]] for one in numbers]
    reached = [_reached(one, feeds) for one in numbers]
    groups: dict[frozenset[int], list[int]] = {}
    for one in numbers:
        together = frozenset({one, *(other for other in reached[one] if one in reached[other])})
        groups.setdefault(together, []).append(one)
    before = {one: sum(one in reached[other] for other in numbers if other != one) for one in numbers}
    ordered = sorted(groups.values(), key=lambda group: before[group[0]])
    return tuple(tuple(joins[one] for one in group) for group in ordered)


def _reached(start: int, feeds: Sequence[Sequence[int]]) -> frozenset[int]:
    seen: set[int] = set()
    todo = [start]
    while todo:
        for each in feeds[todo.pop()]:
            if each not in seen:
                seen.add(each)
                todo.append(each)
    return frozenset(seen)


def is_recursive(stratum: Sequence[Join]) -> bool:
    """Tell whether the joins of a stratum feed each other, or themselves."""
    gives = given(stratum)
    return any(join.needs & gives for join in stratum)


def given(stratum: Iterable[Join]) -> frozenset[Fact]:
    """Give the facts that the joins of a stratum give."""
    return frozenset[Fact]().union(*(join.gives for join in stratum))


def feedings(stratum: Sequence[Join]) -> Iterator[tuple[Pattern, ...]]:
    """Give each way for a join of a stratum to feed one of them: what must be there, but for what the stratum gives.

    Where none of these is met by the data, each join does all it can do when it runs once.
    """
    gives = given(stratum)
    for feeder in stratum:
        for fed in stratum:
            renamed = [_renamed(pattern) for pattern in fed.rule.body]
            others = [pattern for pattern in (*feeder.rule.body, *renamed) if asked(pattern) not in gives]
            for head in feeder.heads:
                for premise in (each for each in renamed if asked(each) == asked(head)):
                    bound = _unified(head, premise)
                    if bound is not None:
                        yield tuple(dict.fromkeys(substitute(pattern, bound) for pattern in others))


def _renamed(pattern: Pattern) -> Pattern:
    """Give a pattern variables that no rule has."""
    return substitute(
        pattern, {term: Variable(f"{term.value}_fed") for term in pattern.terms if isinstance(term, Variable)}
    )


def _unified(one: Pattern, other: Pattern) -> dict[Variable, Term] | None:
    """Say what variables must be for two patterns to be the same; None where they cannot."""
    bound: dict[Variable, Term] = {}
    for left, right in zip(one.terms, other.terms, strict=True):
        pair = [bound.get(term, term) if isinstance(term, Variable) else term for term in (left, right)]
        variable = next((term for term in pair if isinstance(term, Variable)), None)
        if pair[0] != pair[1] and variable is None:
            return None
        if pair[0] != pair[1] and variable is not None:
            term = pair[1] if variable == pair[0] else pair[0]
            bound = {each: term if to == variable else to for each, to in bound.items()} | {variable: term}
    return bound
