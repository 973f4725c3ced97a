"""leaves: a plan in, what follows from one fact and no rule asks for out, without passing through a store. Pure.

Such a conclusion is its premise in other words: `?x a C` gives `?x a D`. So a store is asked once for the terms of each
premise, as lines of text, and whatever has the same premises is the same lines with other words between. It is most of
what follows, and it costs little more than to copy it. Each triple is given once, and none that is asserted.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from pyoxigraph import NamedNode, Variable

from exo_onto.expressions import Pattern, Term
from exo_onto.plan import Fact, Plan, asked, general
from exo_onto.reason import Dataset
from exo_onto.vocabulary import RDF_TYPE

Tabulate = Callable[[str], bytes]
"""Puts a SELECT query to a store and gives its rows as SPARQL 1.1 TSV, the names of the columns in the first line."""
Construct = Callable[[str], bytes]
"""Puts a CONSTRUCT query to a store and gives N-Triples."""

_BETWEEN: Final = NamedNode("tag:between")
_Rows = frozenset[bytes]
"""Terms as in N-Triples, with a tab between those of a pair."""


@dataclass(frozen=True)
class Column:
    """Where rows come from: the terms to write of each fact that a pattern finds."""

    pattern: Pattern
    terms: tuple[Term, ...]


@dataclass(frozen=True)
class Leaves:
    """What follows from the same premises: a line for each member or pair, as in N-Triples, and what it is said to be.

    Between the terms of a pair is a tab. The facts are all about members, or all about pairs.
    """

    facts: tuple[Fact, ...]
    lines: bytes

    def written(self) -> Iterator[bytes]:
        """Give N-Triples, fact by fact."""
        for fact in self.facts:
            if fact.of_class:
                yield self.lines.replace(b"\n", f" {RDF_TYPE} {fact.name} .\n".encode())
            else:
                yield self.lines.replace(b"\t", f" {fact.name} ".encode()).replace(b"\n", b" .\n")


def leaves(plan: Plan, dataset: Dataset, tabulate: Tabulate, construct: Construct) -> Iterator[Leaves]:
    """Give the leaves of a plan, when all else is in the inferred graph."""
    open_to = _from((*dataset.open, dataset.inferred))
    everything = _from((*dataset.asserted, dataset.inferred))

    @cache
    def rows(column: Column) -> _Rows:
        return _rows(column, open_to, tabulate, construct)

    for columns, facts in _by_columns(plan).items():
        found = frozenset[bytes]().union(*map(rows, columns))
        if plain := tuple(fact for fact in facts if fact not in plan.asserted):
            yield Leaves(plain, _lines(found))
        for fact in (fact for fact in facts if fact in plan.asserted):
            known = _rows(_all_of(fact), everything, tabulate, construct)
            yield Leaves((fact,), _lines(found - known))


def _by_columns(plan: Plan) -> dict[frozenset[Column], list[Fact]]:
    """Put together what has the same rows."""
    columns: dict[Fact, dict[Column, None]] = {}
    for pattern, heads in plan.leaves:
        for head in heads:
            fact = asked(head)
            terms = (head.subject,) if fact.of_class else (head.subject, head.object)
            columns.setdefault(fact, {})[Column(pattern, terms)] = None
    found: dict[frozenset[Column], list[Fact]] = {}
    for fact, sources in columns.items():
        found.setdefault(frozenset(sources), []).append(fact)
    return found


def _all_of(fact: Fact) -> Column:
    pattern = general(fact)
    return Column(pattern, (pattern.subject,) if fact.of_class else (pattern.subject, pattern.object))


def _rows(column: Column, sources: str, tabulate: Tabulate, construct: Construct) -> _Rows:
    variables = tuple(dict.fromkeys(term for term in column.terms if isinstance(term, Variable)))
    if not variables:
        some = tabulate(f"SELECT (1 AS ?one){sources} WHERE {{ {column.pattern} }} LIMIT 1").count(b"\n") > 1
        return frozenset((_row(column.terms, {}),) if some else ())
    table = tabulate(f"SELECT {' '.join(map(str, variables))}{sources} WHERE {{ {column.pattern} }}")
    if not _has_names_only(table, len(variables)):
        return _with_literals(column, sources, construct)
    rows = table.splitlines()[1:]
    if column.terms == variables:
        return frozenset(rows)
    bound = (zip(variables, row.split(b"\t"), strict=True) for row in rows)
    return frozenset(_row(column.terms, dict(each)) for each in bound)


def _has_names_only(table: bytes, width: int) -> bool:
    """Tell whether each cell of a table, below its header, is an IRI or a blank node."""
    names = sum(table.count(before + name) for before in (b"\n", b"\t") for name in (b"<", b"_:"))
    return names == (table.count(b"\n") - 1) * width


def _with_literals(column: Column, sources: str, construct: Construct) -> _Rows:
    """Ask for triples, as TSV has forms of its own for literals; as in RDF, none is the subject of a triple."""
    first, last = column.terms if len(column.terms) > 1 else (column.terms[0], _BETWEEN)
    lines = construct(f"CONSTRUCT {{ {first} {_BETWEEN} {last} }}{sources} WHERE {{ {column.pattern} }}").splitlines()
    pairs = (line.removesuffix(b" .").split(f" {_BETWEEN} ".encode(), 1) for line in lines)
    return frozenset(b"\t".join(pair[: len(column.terms)]) for pair in pairs)


def _row(terms: Iterable[Term], bound: dict[Variable, bytes]) -> bytes:
    return b"\t".join(bound[term] if isinstance(term, Variable) else str(term).encode() for term in terms)


def _lines(rows: _Rows) -> bytes:
    return b"".join((b"\n".join(rows), b"\n")) if rows else b""


def _from(graphs: Iterable[NamedNode]) -> str:
    return "".join(f" FROM {graph}" for graph in graphs)
