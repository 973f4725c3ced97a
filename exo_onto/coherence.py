"""coherence: an ontology and its rules in, the classes that can have no member out. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from uuid import uuid4

from pyoxigraph import NamedNode, Quad, Store, Triple

from exo_onto.axioms import Rule
from exo_onto.plan import Fact, asked
from exo_onto.reason import Contradiction, engine, reason
from exo_onto.vocabulary import GRAPH_INSTANCES, OWL_CLASS, RDF_TYPE


def asked_of(theory: Iterable[Quad], rules: Iterable[Rule]) -> frozenset[Quad]:
    """Leave out of an ontology what no rule asks for, and what says of nothing what it is: labels above all."""
    names = {pattern.predicate for rule in rules for pattern in rule.body} | {RDF_TYPE}
    return frozenset(quad for quad in theory if quad.predicate in names)


def unsatisfiable(theory: Iterable[Quad], rules: tuple[Rule, ...]) -> list[NamedNode]:
    """Find the classes that can have no member, by giving each a member and looking for a contradiction.

    All at once first, in a store of the ontology alone; then each of the suspects by itself, as the members of two
    classes may meet at an individual that both name. Rules that lead to no contradiction are not run.
    """
    rules = leading(rules)
    if not rules:
        return []  # nothing excludes anything
    told = list(theory)
    classes = {q.subject for q in told if q.predicate == RDF_TYPE and q.object == OWL_CLASS}
    members = {NamedNode(f"urn:uuid:{uuid4()}"): name for name in classes if isinstance(name, NamedNode)}
    clashes = tried(told, _members(members), rules)
    suspects = {term for clash in clashes for fact in clash.facts for term in fact.terms}
    alone = sorted(members.keys() & suspects, key=lambda member: members[member].value)
    return [members[member] for member in alone if tried(told, _members({member: members[member]}), rules)]


def leading(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """Give the rules that a contradiction may come of: those that say so, and those that give what these ask for."""
    excluding = [rule for rule in rules if rule.head is None]
    if not excluding or any(map(_of_any_class, rules)):
        return rules if excluding else ()
    giving: dict[Fact, list[Rule]] = defaultdict(list)
    for rule in rules:
        if rule.head is not None:
            giving[asked(rule.head)].append(rule)
    led = set(excluding)
    waiting = [*excluding]
    while waiting:
        wanted = {rule for premise in waiting.pop().body for rule in giving.get(asked(premise), ())}
        waiting += wanted - led
        led |= wanted
    return tuple(rule for rule in rules if rule in led)


def _of_any_class(rule: Rule) -> bool:
    """Say whether a rule speaks of members of classes that it does not name."""
    patterns = (*rule.body, *([rule.head] if rule.head else ()))
    return any(each.predicate == RDF_TYPE and not asked(each).of_class for each in patterns)


def tried(theory: Iterable[Quad], facts: Iterable[Triple], rules: tuple[Rule, ...]) -> tuple[Contradiction, ...]:
    """Give the contradictions of some facts with an ontology."""
    store = Store()
    store.extend(theory)
    store.extend(Quad(fact.subject, fact.predicate, fact.object, GRAPH_INSTANCES) for fact in facts)
    return reason(*engine(store), rules, progress=_silent)


def _members(classes: dict[NamedNode, NamedNode]) -> list[Triple]:
    return [Triple(member, RDF_TYPE, name) for member, name in classes.items()]


def _silent(_: str) -> None:
    """Stand for a progress that nobody follows."""
