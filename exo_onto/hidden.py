"""hidden: the text of a query in, whether it hides a repeated path where Virtuoso finds nothing out. Pure.

Within EXISTS, Virtuoso follows `p*` and `p+` only from or to a variable that is bound outside; from one that EXISTS
itself binds it gives no solution, and no error. Such a query is better refused than answered so.
"""

from collections.abc import Sequence

from exo_onto.guard import Token, tokens

_REPEATS = frozenset("*+")
_IN_PATHS = frozenset("*+?/|^!()")


def hides_a_path(query: str) -> bool:
    """Tell whether some path in an EXISTS is repeated between ends of which none is a variable from outside."""
    told = list(tokens(query))
    within = _within_exists(told)
    outside = {
        token.text for token, inside in zip(told, within, strict=True) if not inside and token.kind == "variable"
    }
    return any(
        inside and token.text in _REPEATS and _is_step(before) and not _ends(told, number) & outside
        for number, (token, before, inside) in enumerate(zip(told, [None, *told], within, strict=False))
    )


def _within_exists(told: Sequence[Token]) -> list[bool]:
    """Say of each piece whether it stands in the group of an EXISTS."""
    open_groups: list[bool] = []
    within: list[bool] = []
    last = ""
    for token in told:
        if token.text == "}" and open_groups:
            open_groups.pop()
        within.append(any(open_groups))
        if token.text == "{":
            open_groups.append(last == "exists")
        last = token.text.casefold()
    return within


def _is_step(token: Token | None) -> bool:
    """Tell whether a piece may end a step of a path: a sum or a product has variables and numbers there."""
    return token is not None and (token.kind in {"iri", "name"} or token.text in {"a", ")"})


def _ends(told: Sequence[Token], number: int) -> set[str]:
    """Give the variables that a repeated step starts at and ends in; the inner ends of a sequence have none."""
    start, end = number, number
    while start > 0 and _in_path(told[start - 1]):
        start -= 1
    while end + 1 < len(told) and _in_path(told[end + 1]):
        end += 1
    level = len(told[number].open)
    before = any(token.text == "/" and len(token.open) <= level for token in told[start:number])
    after = any(token.text == "/" and len(token.open) <= level for token in told[number:end])
    subject, value = told[_subject(told, start)], told[min(end + 1, len(told) - 1)]
    return ({subject.text} if not before else set()) | ({value.text} if not after else set())


def _subject(told: Sequence[Token], start: int) -> int:
    """Find the subject of the path that starts there: it may stand before other predicates, each with a `;`."""
    position = start - 1
    if told[position].text not in {";", ","}:
        return position
    while position > 0 and told[position - 1].text not in {".", "{", "}"}:
        position -= 1
    return position


def _in_path(token: Token) -> bool:
    return token.kind in {"iri", "name"} or token.text == "a" or token.text in _IN_PATHS
