"""asking: the name of a query of ours and what to put into it in, rows of terms or RDF out, through the desk.

The queries are in queries/; what they are about is written into their empty VALUES. They run where all queries run: in
processes that can be ended, within the same limits. The order that a query ends with is made here, of all its rows: a
store on the disk looks names up for each comparison, which takes longer than all the rest. So a LIMIT says how many
rows are read at the most, and not how many are shown: of more than that, nobody knows which come first.
"""

import asyncio
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final, cast

from pyoxigraph import BlankNode, Literal, NamedNode, QueryResultsFormat, QuerySolutions, Triple, parse_query_results

from exo_onto.dataset import Term
from exo_onto.negotiation import Choice
from exo_onto.outcome import Answer
from exo_onto.protocol import Call
from exo_onto.service import Desk
from exo_onto.vocabulary import XSD_INTEGER

_JSON: Final = "application/sparql-results+json"
_GAP: Final = re.compile(r"VALUES (\?\w+) \{\}")
_ORDER: Final = re.compile(r"^ORDER BY ((?: ?\?\w+)+)\n(LIMIT \d+\n)?\Z", re.MULTILINE)
_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,1000}")
"""What is compared as a number: data may say of anything that it is one."""
_OK: Final = 200
_SHORT: Final = 100_000
"""Bytes of an answer that are read at once: some milliseconds of work; more is read in a thread."""

Row = Mapping[str, Term]
"""What one solution binds, by the names of its variables."""


class UnansweredError(Exception):
    """A query of ours was not answered; `answer` says why."""

    def __init__(self, answer: Answer) -> None:
        """Keep the problem document."""
        super().__init__(answer.status)
        self.answer = answer


@dataclass(frozen=True)
class Asker:
    """Puts queries of ours to a desk, for a client, each within so many seconds."""

    desk: Desk
    client: str
    seconds: float

    async def rows(self, name: str, **given: Iterable[Term]) -> list[Row]:
        """Give the solutions of a query. Raises UnansweredError, and PoolError as the desk does."""
        body, order = await self._body(name, _JSON, given), _query(name)[1]
        return _parsed(body, order) if len(body) <= _SHORT else await asyncio.to_thread(_parsed, body, order)

    async def graph(self, name: str, media_type: str, **given: Iterable[Term]) -> bytes:
        """Give what a query constructs, in a media type. Raises as `rows` does."""
        return await self._body(name, media_type, given)

    async def _body(self, name: str, media_type: str, given: Mapping[str, Iterable[Term]]) -> bytes:
        text = _GAP.sub(lambda gap: f"VALUES {gap[1]} {{ {' '.join(map(str, given[gap[1][1:]]))} }}", _query(name)[0])
        call = Call(text, None, Choice(_JSON, _JSON, media_type))
        deadline = asyncio.get_running_loop().time() + self.seconds
        answer = await self.desk.ask(call, client=self.client, deadline=deadline)
        body = answer.body if isinstance(answer.body, bytes) else b"".join([piece async for piece in answer.body])
        if answer.status != _OK:
            raise UnansweredError(answer)
        return body


def _parsed(body: bytes, order: tuple[str, ...]) -> list[Row]:
    found = cast("QuerySolutions", parse_query_results(body, QueryResultsFormat.JSON))
    names = [variable.value for variable in found.variables]
    told = (zip(names, solution, strict=True) for solution in found)
    rows: list[Row] = [{name: term for name, term in row if term is not None} for row in told]
    return sorted(rows, key=lambda row: [_rank(row.get(name)) for name in order]) if order else rows


def _rank(term: Term | None) -> tuple[int, int, str, str]:
    """Order terms as SPARQL does (15.1): nothing, blank nodes, IRIs, literals; whole numbers by what they are."""
    match term:
        case None:
            return 0, 0, "", ""
        case BlankNode():
            return 1, 0, term.value, ""
        case NamedNode():
            return 2, 0, term.value, ""
        case Literal() if term.datatype == XSD_INTEGER and _WHOLE.fullmatch(term.value):
            return 3, int(term.value), "", ""
        case Literal():
            return 4, 0, term.value, term.language or ""
        case _:
            return 5, 0, str(term), ""


def text(term: Term | None) -> str:
    """Give an IRI or the text of a literal; nothing for nothing."""
    return "" if term is None or isinstance(term, Triple) else term.value


def number(term: Term | None) -> int:
    """Give a whole number; 0 for nothing."""
    return int(text(term)) if isinstance(term, Literal) else 0


def iris(rows: Iterable[Row]) -> set[str]:
    """Give every IRI in some rows."""
    return {term.value for row in rows for term in row.values() if isinstance(term, NamedNode)}


@cache
def _query(name: str) -> tuple[str, tuple[str, ...]]:
    """Read a query, without its order; and the variables that this goes by, the first first."""
    text = resources.files("exo_onto.pages").joinpath("queries", f"{name}.rq").read_text("utf-8")
    order = _ORDER.search(text)
    if order is None:
        return text, ()
    return text[: order.start()] + (order[2] or ""), tuple(order[1].replace("?", "").split())
