"""crossing: what parts of the data say of what they share in, why they cannot be reasoned over one by one out. Pure.

The data is a base, which every part knows with all that follows from it, and parts that say more. All that follows from
the whole follows from one part or another, unless a rule joins facts of two parts. Where some premises of a rule are
facts that parts have added and the others are facts of the base, then

- an added premise meets one of the base at a term of the base: where added facts of its kind reach none there, there
  is no such case;
- two added premises that meet at a term which only one part reaches are facts of one part.

So a rule is harmless where, in each case there is, the added premises hang together at terms that one part alone
reaches. What terms those are is asked for each end of each kind of fact, and not for each fact.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations

from pyoxigraph import Variable

from exo_onto.axioms import Rule
from exo_onto.expressions import Pattern
from exo_onto.plan import Fact, asked
from exo_onto.vocabulary import RDF_TYPE

SUBJECT, OBJECT = 0, 1
MOST_PREMISES = 12
"""Of a rule with more, every choice of premises is not gone through: it is taken to cross."""

LITERAL = "literal"
"""Stands for any literal among the terms that an end reaches."""

End = tuple[Fact, int]
"""A kind of fact, and which end of it: SUBJECT or OBJECT."""


@dataclass(frozen=True)
class Reach:
    """What one part says, as far as others may speak of the same.

    `kinds` are the kinds of facts that it adds to the base. `ends` gives the terms of the base that each end of such a
    kind reaches; LITERAL, where it reaches literals and a rule may join facts at one. `names` are digests of the terms
    that the base does not have. `speaks_of` are the terms of the base of which it says something that names nothing of
    its own.
    """

    kinds: frozenset[Fact]
    ends: Mapping[End, frozenset[str]]
    names: frozenset[int]
    speaks_of: frozenset[str]


@dataclass(frozen=True)
class Reached:
    """What all parts add: `common` are the ends that reach a term of the base, `shared` one that several reach."""

    kinds: frozenset[Fact]
    common: frozenset[End]
    shared: frozenset[End]

    def may_add(self, pattern: Pattern) -> bool:
        """Say whether a part may have added a fact that a pattern asks for."""
        return asked(pattern) in self.kinds or _of_any_class(pattern)

    def touches(self, pattern: Pattern, variable: Variable, ends: frozenset[End]) -> bool:
        """Say whether an added fact may have one of the terms behind some ends where a pattern has a variable."""
        at = (end for end, term in enumerate(pattern.terms) if term == variable)
        return _of_any_class(pattern) or all((asked(pattern), end) in ends for end in at)


def why_together(rules: Iterable[Rule], reaches: Sequence[Reach]) -> str | None:
    """Say why parts must be reasoned over in one piece; None where all follows that follows from each."""
    seen: set[int] = set()
    for reach in reaches:
        if seen & reach.names:
            return "two parts name a thing that is declared in neither the ontology nor the entities"
        seen |= reach.names
    spoken = Counter(chain.from_iterable(reach.speaks_of for reach in reaches))
    if spoken and spoken.most_common(1)[0][1] > 1:
        return f"two parts say something of {spoken.most_common(1)[0][0]}"
    reached = reached_by(reaches)
    rule = next((rule for rule in rules if crosses(rule, reached)), None)
    return f"a rule may join what two parts say: {rule}" if rule else None


def reached_by(reaches: Sequence[Reach]) -> Reached:
    """Gather what parts reach. A literal is everybody's."""
    parts = Counter(chain.from_iterable(frozenset(chain.from_iterable(each.ends.values())) for each in reaches))
    several = {term for term, number in parts.items() if number > 1 or term == LITERAL}
    ends = [(end, terms) for reach in reaches for end, terms in reach.ends.items()]
    return Reached(
        kinds=frozenset(chain.from_iterable(reach.kinds for reach in reaches)),
        common=frozenset(end for end, terms in ends if terms),
        shared=frozenset(end for end, terms in ends if terms & several),
    )


def crosses(rule: Rule, reached: Reached) -> bool:
    """Say whether the premises of a rule may be facts of two parts."""
    added = [pattern for pattern in rule.body if reached.may_add(pattern)]
    if len(added) > MOST_PREMISES:
        return True
    choices = (choice for size in range(2, len(added) + 1) for choice in combinations(added, size))
    return any(_is_possible(choice, rule.body, reached) and not _hang_together(choice, reached) for choice in choices)


def _is_possible(added: Sequence[Pattern], body: Sequence[Pattern], reached: Reached) -> bool:
    """Say whether just these of the premises may be added ones, and the others of the base."""
    return all(
        reached.touches(pattern, variable, reached.common)
        for pattern in added
        for other in body
        if other not in added
        for variable in _joints(pattern, other)
    )


def _hang_together(added: Sequence[Pattern], reached: Reached) -> bool:
    """Say whether premises meet, one the next, at terms that only one part reaches."""
    met = [added[0]]
    left = list(added[1:])
    for pattern in met:
        near = [other for other in left if _one_part(pattern, other, reached)]
        met += near
        left = [other for other in left if other not in near]
    return not left


def _one_part(pattern: Pattern, other: Pattern, reached: Reached) -> bool:
    return any(
        not (reached.touches(pattern, joint, reached.shared) and reached.touches(other, joint, reached.shared))
        for joint in _joints(pattern, other)
    )


def _joints(pattern: Pattern, other: Pattern) -> list[Variable]:
    return [term for term in pattern.terms if isinstance(term, Variable) and term in other.terms]


def _of_any_class(pattern: Pattern) -> bool:
    """Say whether a pattern asks for members of classes that it does not name: of these no kind is told."""
    return pattern.predicate == RDF_TYPE and not asked(pattern).of_class


def joining(rules: Iterable[Rule]) -> Iterator[Rule]:
    """Give the rules that have more than one premise: no other can cross."""
    return (rule for rule in rules if len(rule.body) > 1)
