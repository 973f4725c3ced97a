"""conclusions: two sides in, what follows in one of them only out, each with its smallest proof and its causes.

A conclusion is *new* where it follows now and did not hold before, neither written nor inferred; *gone* the other way
round. Its causes are the statements and axioms of its proof that the other side does not have.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pyoxigraph import BlankNode, NamedNode, Store, Triple

from exo_onto import explain, judge, reason, rules
from exo_onto.axioms import Rule
from exo_onto.difference.changes import How
from exo_onto.difference.sides import Side, written
from exo_onto.explain import Proof, Step
from exo_onto.expressions import Pattern
from exo_onto.vocabulary import GRAPH_INFERRED, RDF_TYPE

MOST_EVERY: Final = 300_000
"""Up to how many inferred triples the proofs of all are found at once; of more, one by one."""
MOST_PROVED: Final = 1_000
"""How many conclusions are proved where it is done one by one."""


@dataclass(frozen=True)
class Conclusion:
    """What follows on one side only, with the smallest proof that it has there.

    `also`: the subject has other values of the same property on both sides. `causes` are the leaves of the proof that
    the other side does not have, `axioms` its rules that the other side does not have. `follows_on`: it says no more
    than that a change which is told itself is one of a more general kind, or seen from the other end.
    """

    fact: Pattern
    how: How
    also: bool
    proof: Proof | None
    causes: tuple[Pattern, ...]
    axioms: tuple[Rule, ...]
    follows_on: bool


@dataclass(frozen=True)
class _Known:
    """What one side holds: written, inferred, and by which rules."""

    store: Store
    written: frozenset[Triple]
    inferred: frozenset[Triple]
    rules: tuple[Rule, ...]

    def holds(self, triple: Triple) -> bool:
        return triple in self.written or triple in self.inferred


def conclusions(before: Side, after: Side) -> tuple[Conclusion, ...]:
    """Give what follows on one side and does not hold on the other, in a fixed order.

    What is concluded of nameless things is left out: there is no saying which is which.
    """
    was, is_now = _known(before), _known(after)
    return (*_only(is_now, was, How.ADDED), *_only(was, is_now, How.REMOVED))


def turned(before: Side, after: Side) -> tuple[int, int]:
    """Count what was inferred and is written now, and what was written and is inferred now."""
    (old, new), (old_inferred, new_inferred) = (
        tuple({quad.triple for quad in written(side)} for side in (before, after)),
        tuple(_inferred(side.store) for side in (before, after)),
    )
    return len(old_inferred & new), len(new_inferred & old)


def _known(side: Side) -> _Known:
    try:
        compiled = rules.compile_rules(judge.axioms(side.store))
    except rules.UncompilableError:
        compiled = ()
    told = frozenset(quad.triple for quad in written(side))
    return _Known(side.store, told, _inferred(side.store), tuple(compiled))


def _inferred(store: Store) -> frozenset[Triple]:
    triples = (quad.triple for quad in store.quads_for_pattern(None, None, None, GRAPH_INFERRED))
    return frozenset(t for t in triples if not isinstance(t.subject, BlankNode) and not isinstance(t.object, BlankNode))


def _only(here: _Known, there: _Known, how: How) -> Iterator[Conclusion]:
    facts = sorted((_fact(t) for t in here.inferred if not there.holds(t)), key=str)
    if not facts:
        return
    proofs = _proofs(here, facts)
    axioms = {_meaning(rule) for rule in there.rules}
    values = _values(there)
    for fact in facts:
        proof = proofs.get(fact)
        nodes = list(_nodes(proof)) if proof else []
        leaves = dict.fromkeys(node.fact for node in nodes if node.rule is None)
        used = dict.fromkeys(node.rule for node in nodes if node.rule is not None)
        yield Conclusion(
            fact,
            how,
            also=bool(values[fact.subject, fact.predicate] & _values_of(here, fact)) and fact.predicate != RDF_TYPE,
            proof=proof,
            causes=tuple(leaf for leaf in leaves if not there.holds(_triple(leaf))),
            axioms=tuple(rule for rule in used if _meaning(rule) not in axioms),
            follows_on=proof is not None and _follows_on(proof, there),
        )


def _values(known: _Known) -> Mapping[tuple[object, object], set[object]]:
    found: dict[tuple[object, object], set[object]] = defaultdict(set)
    for triple in (*known.written, *known.inferred):
        found[triple.subject, triple.predicate].add(triple.object)
    return found


def _values_of(known: _Known, fact: Pattern) -> set[object]:
    quads = known.store.quads_for_pattern(_triple(fact).subject, fact.predicate, None)
    return {quad.object for quad in quads}


def _proofs(here: _Known, facts: Iterable[Pattern]) -> Mapping[Pattern, Proof]:
    select, _ = reason.engine(here.store)
    if len(here.inferred) <= MOST_EVERY:
        best: Mapping[Pattern, Step] = explain.every_step(select, here.rules)
        return {fact: explain.tree(fact, best) for fact in facts if fact in best}
    few = list(facts)[:MOST_PROVED]
    found = ((fact, explain.explain(select, here.rules, fact)) for fact in few)
    return {fact: each.proof for fact, each in found if each is not None}


def _nodes(proof: Proof) -> Iterator[Proof]:
    yield proof
    for premise in proof.premises:
        yield from _nodes(premise)


def _follows_on(proof: Proof, there: _Known) -> bool:
    """Say whether a fact is only a wider or the inverse saying of its one premise, which is news itself."""
    if len(proof.premises) != 1:
        return False
    fact, premise = proof.fact, proof.premises[0].fact
    if there.holds(_triple(premise)):
        return False
    if RDF_TYPE in (fact.predicate, premise.predicate):
        return fact.predicate == premise.predicate and fact.subject == premise.subject
    return {fact.subject, fact.object} == {premise.subject, premise.object}


def _meaning(rule: Rule) -> tuple[object, ...]:
    """Give what makes two rules the same, wherever their axioms are written."""
    return (rule.names, str(rule.head), tuple(map(str, rule.body)), str(rule.unequal))


def _fact(triple: Triple) -> Pattern:
    """Take a triple for a fact: in OWL 2 no term of one is a triple."""
    return Pattern(triple.subject, triple.predicate, triple.object)  # type: ignore[arg-type]


def _triple(fact: Pattern) -> Triple:
    if not isinstance(fact.subject, NamedNode | BlankNode):
        raise TypeError(fact)
    return Triple(fact.subject, fact.predicate, fact.object)  # type: ignore[arg-type]
