"""syntax: a SPARQL text and a parser's complaint in, line, column and reason with a caret out. Pure."""

import re
from dataclasses import dataclass
from typing import Final

from exo_onto import guard

_MAX_LINE: Final = 100
_UPDATES: Final = {"add", "clear", "copy", "create", "delete", "drop", "insert", "load", "move", "with"}


@dataclass(frozen=True, slots=True)
class Complaint:
    """Where a query is wrong, from 1, why, and the line with a caret below the place."""

    line: int
    column: int
    reason: str
    shown: str

    def __str__(self) -> str:
        """Say it in one sentence, with the line and the caret below."""
        return f"Line {self.line}, column {self.column}: {self.reason}.\n{self.shown}"


def complaint(text: str, message: str) -> Complaint:
    """Say where the query is wrong, and what is wrong there where that is known, from Oxigraph's message."""
    line, column, reason = _not_a_query(text) or _undeclared_prefix(text) or _parsers_view(text, message)
    return Complaint(line, column, reason, shown(text, line, column))


def _not_a_query(text: str) -> tuple[int, int, str] | None:
    """Tell an empty text and an update from a query that is wrong."""
    words = (token for token in guard.tokens(text) if token.kind == "word")
    first = next(words, None)
    if first is None and not text.strip():
        return 1, 1, "The query is empty"
    while first is not None and first.text.casefold() in {"prefix", "base"}:
        first = next(words, None)
    if first is not None and first.text.casefold() in _UPDATES:
        return *_line_and_column(text, first.start), "This is an update, and the graph is read-only"
    return None


def _undeclared_prefix(text: str) -> tuple[int, int, str] | None:
    """Find the first name whose prefix is not declared: the parser gives up long before or after it."""
    declared, before = {"_"}, ""
    for token in guard.tokens(text):
        prefix = token.text.partition(":")[0]
        if token.kind == "name" and before == "prefix":
            declared.add(prefix)
        elif token.kind == "name" and prefix not in declared and before != "<":  # else a broken IRI
            return *_line_and_column(text, token.start), f"The prefix `{prefix}:` is not declared"
        before = token.text.casefold()
    return None


def _parsers_view(text: str, message: str) -> tuple[int, int, str]:
    """Read the parser's message: a position, and what it tried there, some of which may be reasons in words."""
    found = re.match(r"error at (\d+):(\d+): expected (?:one of )?(.*)", message, re.DOTALL)
    if found is None:
        return 1, 1, message
    line, column, expected = int(found[1]), int(found[2]), found[3]
    reasons = re.findall(r"(?:^|, )([A-Za-z]+ [^,\[\"]*[^,\[\" ])", re.sub(r"\[[^\]]*\]", "", expected))
    reason = "; ".join(reasons) or "This is not expected here, or something before it is missing"
    offset = sum(len(each) + 1 for each in text.split("\n")[: line - 1]) + column - 1
    keywords = expected.split(", ")
    if all(re.fullmatch(r"[A-Z_]+", keyword) for keyword in keywords):
        offset -= max(map(len, keywords))  # it tells the end of what it compared with a keyword
    return *_line_and_column(text, max(offset, 0)), reason


def _line_and_column(text: str, offset: int) -> tuple[int, int]:
    before = text[:offset]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def shown(text: str, line: int, column: int) -> str:
    """Draw a line of a query with a caret below the column, and no more of it than fits."""
    start = max(0, column - 1 - _MAX_LINE // 2)
    shown = text.split("\n")[line - 1][start : start + _MAX_LINE].replace("\t", " ").rstrip("\r")
    return f"  {shown}\n  {' ' * (column - 1 - start)}^"
