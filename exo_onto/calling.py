"""calling: the text of a query in; the calls of its SERVICE, and the same text without some of them, out. Pure.

A SERVICE SILENT that fails is answered with one solution without bindings, as an empty group is (SPARQL 1.1 Federated
Query, section 2.3). So a query whose calls are all silent can be asked where nothing may be called: it is then told
what it would be told if all were away.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from exo_onto import guard


@dataclass(frozen=True, slots=True)
class Call:
    """One SERVICE: its address (as it is written, where that is no IRI), whether it is silent, and where it stands."""

    address: str
    silent: bool
    start: int
    end: int


def calls(text: str) -> Iterator[Call]:
    """Find each SERVICE of a query, in the order of the text; one within another comes after it."""
    told = list(guard.tokens(text))
    for number, token in enumerate(told):
        if token.kind == "word" and token.text.casefold() == "service":
            rest = told[number + 1 :]
            silent = bool(rest) and rest[0].text.casefold() == "silent"
            named = rest[1:] if silent else rest
            if len(named) > 1 and named[1].text == "{":
                address = named[0].text[1:-1] if named[0].kind == "iri" else named[0].text
                yield Call(address, silent, token.start, _closed(named[1:], text))


def without(text: str, *, kept: Collection[str] = ()) -> str:
    """Put an empty group in the place of each silent call to an address that is not kept."""
    found = [call for call in calls(text) if call.silent and call.address not in kept]
    outer = [call for call in found if not any(other.start < call.start < other.end for other in found)]
    for call in reversed(outer):
        text = f"{text[: call.start]}{{ }}{text[call.end :]}"
    return text


def _closed(group: list[guard.Token], text: str) -> int:
    """Give where a group ends: after the bracket that closes the first one."""
    depth = len(group[0].open)
    ends = (each.start + 1 for each in group[1:] if each.text == "}" and len(each.open) == depth + 1)
    return next(ends, len(text))
