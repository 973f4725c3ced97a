"""values: the text of a cell in, the terms that it says out; and back. Pure.

A text that a cell cannot hold as it is (it has a line break, a |, or a character that nobody sees) is written with a
backslash before it, and escapes within, as in Turtle.
"""

import re
import unicodedata
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from exo_onto.tables.grid import odd, parts, plain, seen
from exo_onto.tables.layout import Column
from exo_onto.tables.story import Value
from exo_onto.tables.terms import Names, folded, identifier
from exo_onto.vocabulary import PREFIXES, XSD_BOOLEAN, XSD_INTEGER, compact

_MARK = "\\"
_STRING = NamedNode(PREFIXES["xsd"] + "string")
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_TRUTHS = {
    "true": "true",
    "yes": "true",
    "1": "true",
    "是": "true",
    "false": "false",
    "no": "false",
    "0": "false",
    "否": "false",
}
_SLUG = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9_-])?")
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


class ValueRefusedError(Exception):
    """What a cell says cannot stand there; the message says why and what may."""


@dataclass(frozen=True)
class Valuer:
    """Turns cells into terms and terms into cells, by what terms are called."""

    names: Names
    language: str = "en"
    own: frozenset[str] = frozenset()
    """The kinds of the things that have sheets of their own."""

    def read(self, cell: str, column: Column) -> tuple[Value, ...]:
        """Read what a cell says.

        Raises ValueRefusedError, or UnresolvedError for a name that means nothing here, or several things.
        """
        texts = parts(cell) if column.many else (cell.strip(),) if cell.strip() else ()
        return tuple(self._value(text, column) for text in texts)

    def written(self, values: list[Value], column: Column) -> str:
        """Write values as a cell, which `read` reads as the same."""
        return " | ".join(self._text(value, column) for value in values)

    def fits(self, value: Value, column: Column) -> bool:
        """Say whether a column can hold a value."""
        if isinstance(value, NamedNode):
            return column.form == "term" and self.names.holds(column.range, value)
        if column.form == "text":
            return value.language == column.language and (value.language is not None or value.datatype == _STRING)
        if column.form == "integer":
            return value.datatype == XSD_INTEGER and bool(_INTEGER.fullmatch(value.value))
        if column.form == "boolean":
            return value.datatype == XSD_BOOLEAN and value.value in {"true", "false"}
        return column.range.anything and value.direction is None

    def _value(self, text: str, column: Column) -> Value:
        if column.form == "text":
            return Literal(unescaped(text), language=column.language)
        if column.form == "integer":
            if not _INTEGER.fullmatch(seen(text)):
                raise ValueRefusedError(f"{text!r} is no whole number.")
            return Literal(seen(text), datatype=XSD_INTEGER)
        if column.form == "boolean":
            truth = _TRUTHS.get(folded(text))
            if truth is None:
                raise ValueRefusedError(f"{text!r} is neither true nor false.")
            return Literal(truth, datatype=XSD_BOOLEAN)
        if column.range.anything and text.startswith('"'):
            return _quoted(text)
        if not column.many and "|" in text:
            raise ValueRefusedError("Only one value can stand here, and a | parts several.")
        return self.names.resolve(text, column.range)

    def _text(self, value: Value, column: Column) -> str:
        if isinstance(value, NamedNode):
            own = compact(value.value).partition(":")[0] in self.own
            if column.range.anything and not column.range.choices:
                return identifier(value)
            return self.names.written(value, column.range, self.language, own=own)
        if column.form == "term":
            return "".join(f"\\U{ord(each):08X}" if _hidden(each) else each for each in str(value))
        return escaped(value.value) if column.form == "text" else value.value


def slug_of(cell: str, kind: str) -> NamedNode:
    """Give the IRI of the thing of a kind that a row names, by slug or by CURIE.

    Raises ValueRefusedError where the name is none.
    """
    name = seen(cell).removeprefix(PREFIXES[kind]).removeprefix(f"{kind}:")
    if not _SLUG.fullmatch(name):
        hint = "A name is made of letters a-z, digits and hyphens, as in zhu-lf-2020-npc."
        raise ValueRefusedError(f"{name!r} is no name. {hint}")
    return NamedNode(PREFIXES[kind] + name)


def escaped(text: str) -> str:
    """Write a text as a cell can hold it."""
    if plain(text) and not text.startswith(_MARK):
        return text
    edge = len(text) - len(text.lstrip()), len(text.rstrip())
    return _MARK + "".join(_escape(each, at < edge[0] or at >= edge[1]) for at, each in enumerate(text))


def unescaped(cell: str) -> str:
    """Read the text of a cell.

    Raises ValueRefusedError where it has a character that nobody sees, or an escape that is none.
    """
    found = odd(cell.replace("\r\n", "\n").replace("\n", " "))
    if found:
        raise ValueRefusedError(f"An invisible or lost character stands in it: {found}. Delete it.")
    if not cell.startswith(_MARK):
        return cell.replace("\r\n", "\n")
    try:
        return _quoted(f'"{cell.removeprefix(_MARK).replace(chr(34), _MARK + chr(34))}"').value
    except ValueRefusedError:
        why = "It begins with a backslash, so escapes are read in it, and one is none; write \\\\ for a backslash."
        raise ValueRefusedError(why) from None


def _escape(character: str, at_edge: bool) -> str:  # noqa: FBT001
    if character == _MARK:
        return _MARK * 2
    return f"\\U{ord(character):08X}" if at_edge or character == "|" or _hidden(character) else character


def _hidden(character: str) -> bool:
    return unicodedata.category(character) in _HIDDEN or character == "\ufffd"


def _quoted(text: str) -> Literal:
    """Read a literal as N-Triples has it: `"text"`, `"text"@en`, `"5"^^<...>`."""
    try:
        (quad,) = parse(f"<urn:s> <urn:p> {text} .".encode(), format=RdfFormat.N_TRIPLES)
    except (SyntaxError, ValueError, UnicodeEncodeError):
        quad = None
    if quad is None or not isinstance(quad.object, Literal):
        raise ValueRefusedError(f'{text} is no text in quotation marks: write "..."@en, "..."@zh or "..."^^<IRI>.')
    return quad.object
