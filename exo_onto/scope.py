"""scope: the text of a query in, the graphs that it names by FROM and FROM NAMED out. Pure.

Source: SPARQL 1.1 Query Language, section 13.2.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from pyoxigraph import NamedNode, QuerySolutions, Store

from exo_onto import guard


class UnclearScopeError(ValueError):
    """A parser that needs no blanks may read a FROM where another reads none."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The graphs that make up a query's dataset. Named ones None: all."""

    default: tuple[NamedNode, ...]
    named: tuple[NamedNode, ...] | None


def own_scope(text: str, *, base: str) -> Scope | None:
    """Give the graphs that a query names by FROM and FROM NAMED. None: it names none.

    The store does not tell which these are, and heeds none of them once it is told of others. Raises UnclearScopeError.
    """
    head, default, named = _dataset_clauses(text)
    if not (default or named):
        return None
    try:
        return Scope(_resolved(default, head, base=base), _resolved(named, head, base=base))
    except SyntaxError:
        return None  # the query will not parse either, and say better why


def _resolved(names: Iterable[str], head: str, *, base: str) -> tuple[NamedNode, ...]:
    """Give the IRIs that names have under a prologue, by asking for them under it."""
    wanted = f"{head} SELECT ?g WHERE {{ VALUES ?g {{ {' '.join(names)} }} }}"
    rows = cast("QuerySolutions", Store().query(wanted, base_iri=base))
    return tuple(dict.fromkeys(term for row in rows if isinstance(term := row[0], NamedNode)))


def _dataset_clauses(text: str) -> tuple[str, list[str], list[str]]:
    """Split off the prologue, and the names after FROM and after FROM NAMED, as they are written.

    In a well-formed query these words stand nowhere else outside of brackets.
    """
    end, names, before = len(text), {"from": list[str](), "named": list[str]()}, ""
    for token in guard.tokens(text) if "from" in text.casefold() else ():
        if token.open:
            continue
        word = token.text.casefold() if token.kind == "word" else ""
        if word in {"select", "construct", "describe", "ask"}:
            end = min(end, token.start)
        if token.kind in {"iri", "name"} and before in names:
            names[before].append(token.text)
        elif _may_hide_from(token, before):
            raise UnclearScopeError("Put a blank before and after FROM and NAMED.")
        before = word
    return text[:end], names["from"], names["named"]


def _may_hide_from(token: guard.Token, before: str) -> bool:
    """Tell whether a parser that needs no blanks may read FROM in this: `ASKFROM<x>`, `FROM:x`."""
    text = token.text.casefold()
    if token.kind == "name":
        return before != "prefix" and text.partition(":")[0].endswith(("from", "named"))
    return token.kind == "word" and "from" in text and text != "from"
