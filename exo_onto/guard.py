r"""guard: query text in, `Verdict` out; is it safe to parse? decides before any parser sees it; pure.

Four things are refused, and a fifth where the text can be read in two ways:

    SIZE       more bytes than a query needs
    DEPTH      nesting, or a chain of operators or clauses, on which the parser would take seconds, or overflow its
               stack and end the process
    PARTS      triple patterns, or steps of property paths, so many that planning their order would take minutes
    SERVICE    a federated query to an address that is not on the operator's list: it would make this server call it
    UNCLEAR    a string that is not closed, a stray backslash, a `<` that may open an IRI or mean less-than

The guard need not be right about every query, only never wrong in the dangerous direction. The parser that follows
has no tokens: it tries one rule after the other on bare characters. `1SERVICE<x>{}` and `SERVICE:x{}` are federated
queries to it, and so is `'''a' }SERVICE<x>{} # \q '''` after VALUES, and `?a<?b)SERVICE#>` before a line with an
address after FILTER. Whatever looks like a word, a name, a string or an IRI is therefore judged by what else the
parser may take it for.

Source of the terminals: SPARQL 1.1 Query Language, section 19.8; of the escapes: section 19.2.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple


class Danger(StrEnum):
    """Why a text is not handed to a parser."""

    SIZE = "size"
    DEPTH = "depth"
    PARTS = "parts"
    SERVICE = "service"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a query may hold.

    Bytes in UTF-8; words, names and marks in all, each of which takes the guard microseconds; brackets of any kind open
    at once; square ones open at once; operators, keywords and groups in all, since a chain of them nests as brackets do
    (the parser's stack ends between 2,000 and 5,000 of some); triple patterns, of which a store tries to find the best
    order (100 around one variable take it a second, 200 a minute); steps of property paths.
    """

    size: int = 1_000_000
    tokens: int = 250_000
    depth: int = 64
    brackets: int = 24
    steps: int = 2_000
    patterns: int = 128
    path_steps: int = 256


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found first, in words, and where: line and column count from 1. No danger: the text may be parsed."""

    danger: Danger | None = None
    detail: str = ""
    line: int = 1
    column: int = 1

    @property
    def safe(self) -> bool:
        """Tell whether the text may be parsed."""
        return self.danger is None


class Token(NamedTuple):
    """A piece of a query: its kind, its text, where it starts, and the brackets open there, outermost first."""

    kind: str
    text: str
    start: int
    open: str


LIMITS: Final = Limits()
_SAFE: Final = Verdict()

_BASE = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f\u2c00-\u2fef"
    "\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_JOINED = r"0-9\u00b7\u0300-\u036f\u203f-\u2040"
_HEX = "[0-9A-Fa-f]"
# A surrogate is an error to the parser, which then tries to read the string as something else.
_CODE_POINT = rf"u(?![Dd][89A-Fa-f]){_HEX}{{4}}|U(?!0000[Dd][89A-Fa-f])00(?:0{_HEX}|10){_HEX}{{4}}"
_ESCAPE = rf"""\\(?:[tbnrf"'\\]|{_CODE_POINT})"""

# Possessive throughout, and no piece is scanned twice: the time is linear in the text. Groups are repeated within an
# atomic one, which is the same: in a possessive one Python 3.11.2, which Debian 12 has, loses its place.
_TOKEN: Final = re.compile(
    rf"""
      (?P<blank>   [ \t\r\n]++ | \#[^\r\n]*+ )
    | (?P<string>  \"\"\" (?> (?: [^"\\]++ | "(?!"") | {_ESCAPE} )* ) \"\"\"
                 | '''    (?> (?: [^'\\]++ | '(?!'') | {_ESCAPE} )* ) '''
                 | "(?!"") (?> (?: [^"\\\r\n]++ | {_ESCAPE} )* ) "
                 | '(?!'') (?> (?: [^'\\\r\n]++ | {_ESCAPE} )* ) ' )
    | (?P<iri>     < (?> (?: [^<>"{{}}|^`\\\x00-\x20]++ | \\(?:{_CODE_POINT}) )* ) > )
    | (?P<variable>[?$] [{_BASE}_0-9] [{_BASE}_{_JOINED}]*+ )
    | (?P<name>    (?: [{_BASE}_] [{_BASE}_\-.{_JOINED}]*+ )? :
                   (?> (?: [{_BASE}_\-.:{_JOINED}]++ | %{_HEX}{{2}} | \\[_~.\-!$&'()*+,;=/?#@%] )* ) )
    | (?P<tag>     @ [A-Za-z]++ (?> (?: -++ [A-Za-z0-9]++ )* ) )
    | (?P<word>    [{_BASE}_] [{_BASE}_\-.{_JOINED}]*+ | [0-9] [{_BASE}_{_JOINED}]*+ )
    | (?P<opening> [(\[{{] )
    | (?P<closing> [)\]}}] )
    | (?P<mark>    [^"'\\] )
    """,
    re.VERBOSE,
)
_UNREADABLE: Final = "unreadable"
_DECODED: Final = re.compile(rf"\\\\|\\u({_HEX}{{4}})|\\U({_HEX}{{8}})")
_ABSOLUTE: Final = re.compile(r"<[A-Za-z][A-Za-z0-9+.\-]*://")
_HIDING: Final = re.compile(r"[#'()\[\]]")
_OPERANDS: Final = frozenset({"string", "iri", "variable", "name", "tag", "word", "closing"})
_TERMS: Final = frozenset({"iri", "variable", "name"})
_CONSTANTS: Final = frozenset({"true", "false", "undef"})
_TAKES_A_NAME: Final = frozenset({"graph", "from", "named", "describe"})


def inspect(text: str, *, limits: Limits = LIMITS, allowed: frozenset[str] = frozenset()) -> Verdict:
    r"""Judge a query text before any parser sees it. Never raises; the time is linear in the text.

    `allowed` are the addresses that SERVICE may name, written out and to the letter; no variable is, and no other name.

    SPARQL decodes `\u0053` before it reads anything else (19.2), this store's parser only inside strings and IRIs:
    the text must be harmless read either way.
    """
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > limits.size:
        return Verdict(Danger.SIZE, f"The query is {size:,} bytes long; {limits.size:,} are read.")
    readings = dict.fromkeys((_decode(text), text))
    return next((verdict for reading in readings if not (verdict := _judge(reading, limits, allowed)).safe), _SAFE)


def tokens(text: str) -> Iterator[Token]:
    """Cut a query into pieces, blanks and comments left out. The last is `unreadable` where the text is no SPARQL."""
    position, brackets = 0, ""
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            yield Token(_UNREADABLE, text[position], position, brackets)
            return
        kind = str(match.lastgroup)
        if kind != "blank":
            yield Token(kind, match[0], position, brackets)
        if kind == "opening":
            brackets += match[0]
        elif kind == "closing":
            brackets = brackets[:-1]
        position = match.end()


def _judge(text: str, limits: Limits, allowed: frozenset[str]) -> Verdict:
    before, suspect, steps, parts, calls = Token("mark", "", 0, ""), False, 0, _Parts(), _Calls(allowed)
    for number, token in enumerate(tokens(text)):
        if number >= limits.tokens:
            return Verdict(Danger.SIZE, f"The query has more than {limits.tokens:,} words and marks.")
        steps += _is_step(token)
        parts.take(token, before)
        found = (
            _unclear(token, before)
            or _too_deep(token, limits, steps=steps)
            or parts.beyond(limits)
            or calls.refused(token, suspect=suspect)
        )
        if found is not None:
            line_start = text.rfind("\n", 0, token.start) + 1
            return Verdict(*found, text.count("\n", 0, token.start) + 1, token.start - line_start + 1)
        suspect = _may_name_a_service(token, before, suspect=suspect)
        before = token
    return _SAFE


class _Parts:
    """Counts triple patterns by what stands between them, and the steps of property paths; never too few."""

    def __init__(self) -> None:
        self._patterns = self._path_steps = 0
        self._values = False
        self._data: int | None = None

    def take(self, token: Token, before: Token) -> None:
        if self._in_data(token):
            return
        within, adjacent = token.open[-1:], before.start + len(before.text) == token.start
        if token.kind == "mark" and token.text in "/|^":
            doubled = token.text in "|^" and before.text == token.text and adjacent
            self._path_steps += -1 if doubled else 1
        elif _ends_a_pattern(token, before):
            self._patterns += 1
        elif within == "(" and _is_member(token) and _is_member(before):
            self._patterns += 2  # the next member of a collection

    def beyond(self, limits: Limits) -> tuple[Danger, str] | None:
        if self._patterns > limits.patterns:
            return Danger.PARTS, f"More than {limits.patterns} triple patterns."
        if self._path_steps > limits.path_steps:
            return Danger.PARTS, f"More than {limits.path_steps} steps of property paths."
        return None

    def _in_data(self, token: Token) -> bool:
        """Tell whether a token is in the block of VALUES, which is data and no pattern."""
        if self._data is not None and len(token.open) > self._data:
            return True
        self._data = None
        if self._values and token.text == "{":
            self._values, self._data = False, len(token.open)
            return True
        self._values = (
            token.text.casefold() == "values"
            or (self._values and token.text in "()")
            or (self._values and token.kind == "variable")
        )
        return False


def _ends_a_pattern(token: Token, before: Token) -> bool:
    if token.text == "}":
        return before.text not in ("{", "}", ".", ";")
    within_pattern = token.open.endswith(("{", "["))
    return (within_pattern and token.text in (".", ";", ",")) or (
        token.kind in ("name", "word") and token.text.endswith(".")
    )


def _is_member(token: Token) -> bool:
    """Tell whether a token may be a member of a collection."""
    if token.kind == "word":
        return token.text[0].isdigit() or token.text.casefold() in _CONSTANTS
    return token.kind in ("string", "iri", "variable", "name")


class _Calls:
    """Follows SERVICE to the address that it names."""

    def __init__(self, allowed: frozenset[str]) -> None:
        self._allowed = allowed
        self._awaited = False

    def refused(self, token: Token, *, suspect: bool) -> tuple[Danger, str] | None:
        if self._awaited:
            if token.text.casefold() == "silent":
                return None
            self._awaited = False
            if token.kind == "iri" and token.text[1:-1] in self._allowed:
                return None
            return Danger.SERVICE, "SERVICE may call only the addresses that this endpoint lists, each written out."
        if self._allowed and token.kind == "word" and token.text.casefold() == "service":
            self._awaited = True
            return None
        return _service(token, suspect=suspect)


def _unclear(token: Token, before: Token) -> tuple[Danger, str] | None:
    if token.kind == _UNREADABLE:
        if token.text == "\\":
            return Danger.UNCLEAR, "A backslash outside of strings and IRIs: write the character itself."
        return Danger.UNCLEAR, "A string that is not closed, or that holds an escape which SPARQL does not know."
    if token.kind == "iri" and _may_be_less_than(token, before) and _HIDING.search(token.text):
        return Danger.UNCLEAR, "A `<` that may open an IRI or mean less-than: put blanks around it."
    return None


def _may_be_less_than(token: Token, before: Token) -> bool:
    """Tell whether a parser may take the opening of this IRI for an operator.

    It compares only between parentheses and after an operand, or in `<<`. What begins with `scheme://` is no
    comparison: no operand begins with a slash.
    """
    if _ABSOLUTE.match(token.text):
        return False
    if before.text == "<" and before.start + 1 == token.start:
        return True
    return token.open.endswith("(") and before.kind in _OPERANDS


def _is_step(token: Token) -> bool:
    """Tell whether a token may make the parser's result one deeper, as terms and what stands between them do not."""
    if token.kind == "word":
        return not token.text[0].isdigit() and token.text.casefold() not in _CONSTANTS
    return token.text == "{" or (token.kind == "mark" and token.text in "!^*/|+-=<>&")


def _too_deep(token: Token, limits: Limits, *, steps: int) -> tuple[Danger, str] | None:
    if steps > limits.steps:
        return Danger.DEPTH, f"More than {limits.steps:,} operators, keywords and groups."
    if token.kind != "opening":
        return None
    if len(token.open) >= limits.depth:
        return Danger.DEPTH, f"More than {limits.depth} brackets are open at once."
    if token.text == "[" and token.open.count("[") >= limits.brackets:
        return Danger.DEPTH, f"More than {limits.brackets} square brackets are open at once."
    return None


def _service(token: Token, *, suspect: bool) -> tuple[Danger, str] | None:
    # No other word of the language holds these letters, and the parser needs no blank before or after the keyword.
    if token.kind == "word" and "service" in token.text.casefold():
        return Danger.SERVICE, "SERVICE is not available here: this endpoint calls no other one."
    if suspect and token.text == "{":
        return Danger.SERVICE, "A name with `service` in it before `{` may be read as SERVICE: put `.` between."
    return None


def _may_name_a_service(token: Token, before: Token, *, suspect: bool) -> bool:
    """Tell whether the parser may so far have read SERVICE, in part of a name, and a term for its address.

    It reads `SERVICE:x` as keyword and name where `SERVICE:` is no prefix, and `ex:SERVICE` as `ex:` and keyword where
    the whole makes no valid IRI.
    """
    if token.kind == "name" and "service" in token.text.casefold():
        return suspect or before.text.casefold() not in _TAKES_A_NAME
    return suspect and (token.kind in _TERMS or "silent" in token.text.casefold())


def _decode(text: str) -> str:
    return _DECODED.sub(_decoded, text)


def _decoded(match: re.Match[str]) -> str:
    number = int(match[1] or match[2] or "110000", 16)
    return chr(number) if number <= 0x10FFFF else match[0]  # noqa: PLR2004  the last code point of Unicode
