"""offenders: contradictions in, those that others come from out. Pure, but for a query to the store."""

from collections.abc import Iterable, Iterator, Sequence

from pyoxigraph import NamedNode

from exo_onto.axioms import Rule
from exo_onto.plan import asked
from exo_onto.reason import OURS, Contradiction, Dataset, Row, Select


def first_offenders(
    select: Select, rules: Iterable[Rule], found: Sequence[Contradiction], *, dataset: Dataset = OURS
) -> tuple[Contradiction, ...]:
    """Leave out a contradiction that an earlier one only hands on, along a property that some rule reasons over.

    Where they lie on a circle, all are kept. Sorted by what they are about.
    """
    subjects = {each.subject for each in found if len({fact.subject for fact in each.facts}) == 1}
    names = " ".join(sorted(str(subject) for subject in subjects if isinstance(subject, NamedNode)))
    graphs = "".join(f" FROM {graph}" for graph in (*dataset.asserted, dataset.inferred))
    query = f"SELECT ?s ?p ?o{graphs} WHERE {{ VALUES ?s {{ {names} }} ?s ?p ?o . VALUES ?o {{ {names} }} }}"
    away = {end for start, end in _handed(select(query), _handing(rules)) if start != end}
    first = [each for each in found if each.subject not in away]
    return tuple(sorted(first or found, key=lambda each: (str(each.subject), str(each.rule))))


def _handing(rules: Iterable[Rule]) -> frozenset[tuple[NamedNode, bool]]:
    """Give the properties along which a class is handed on, each with whether from its subject to its object."""
    return frozenset(
        (pattern.predicate, pattern.object == rule.head.subject)
        for rule in rules
        if rule.head is not None and asked(rule.head).of_class and len(rule.body) > 1
        for pattern in rule.body
        if not asked(pattern).of_class and rule.head.subject in pattern.terms
    )


def _handed(rows: Iterable[Row], handing: frozenset[tuple[NamedNode, bool]]) -> Iterator[tuple[object, object]]:
    """Give the pairs of which the first hands on to the second."""
    for start, prop, end in rows:
        if (prop, True) in handing:
            yield start, end
        if (prop, False) in handing:
            yield end, start
