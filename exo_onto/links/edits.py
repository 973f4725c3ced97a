"""edits: Turtle and a change of it in, the same text with that change and nothing else out. Pure.

Comments, order and layout are somebody's work, so a file is never written anew from its triples: tokens are replaced or
put in, and what comes out is parsed again and must say exactly what was meant.
"""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from pyoxigraph import CanonicalizationAlgorithm, Dataset, NamedNode, Quad, RdfFormat, parse


class EditError(Exception):
    """The text cannot be changed so without changing what else it says."""


@dataclass(frozen=True)
class Change:
    """One file before and after: its path relative to the root, and both texts."""

    path: str
    before: str
    after: str

    def diff(self) -> str:
        """Give the change as a unified diff, the form that `patch` and people read."""
        before, after = (text.splitlines(keepends=True) for text in (self.before, self.after))
        return "".join(difflib.unified_diff(before, after, f"a/{self.path}", f"b/{self.path}"))


@dataclass(frozen=True)
class Mention:
    """One place where a text names an IRI: the offset and the length of the token, its line from 1, and the IRI."""

    start: int
    length: int
    line: int
    iri: str


_ESCAPED = r"\\[_~.!$&'()*+,;=/?#@%-]"
_PLX = rf"%[0-9A-Fa-f]{{2}}|{_ESCAPED}"
_TOKEN: Final = re.compile(
    rf"""
      (?P<comment>\#[^\n]*)
    | (?P<iri><[^\x00-\x20<>"{{}}|^`]*>)
    | (?P<string>\"\"\"(?:[^"\\]|\\.|"(?!""))*\"\"\" | '''(?:[^'\\]|\\.|'(?!''))*'''
               | "(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)*')
    | (?P<blank>_:\w(?:[\w.\-]*[\w\-])?)
    | (?P<name>(?:[^\W\d_](?:[\w.\-]*[\w\-])?)?:
               (?:(?:[\w:]|{_PLX})(?:(?:[\w:.\-]|{_PLX})*(?:[\w:\-]|{_PLX}))?)?)
    | (?P<at>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
    | (?P<number>[+-]?(?:(?:\d*\.\d+|\d+)(?:[eE][+-]?\d+)?|\d+\.[eE][+-]?\d+))
    | (?P<mark>\^\^|[;,.\[\](){{}}])
    | (?P<word>[^\W\d_]\w*)
    """,
    re.VERBOSE | re.DOTALL,
)
"""The tokens of Turtle (RDF 1.1 Turtle, section 6.5); SPARQL has them too, and others that are no names."""

_DECLARED: Final = re.compile(r"@?prefix", re.IGNORECASE)
_OPENING, _CLOSING = frozenset("[({"), frozenset("])}")


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def _tokens(text: str) -> list[_Token]:
    return [_Token(str(found.lastgroup), found.group(), found.start()) for found in _TOKEN.finditer(text)]


def _significant(text: str) -> list[_Token]:
    return [token for token in _tokens(text) if token.kind != "comment"]


def prefixes(text: str) -> dict[str, str]:
    """Give the prefixes that a text in Turtle or SPARQL declares, each with its namespace."""
    tokens = _significant(text)
    return {
        name.text[:-1]: space.text[1:-1]
        for word, name, space in zip(tokens, tokens[1:], tokens[2:], strict=False)
        if _DECLARED.fullmatch(word.text) and name.kind == "name" and space.kind == "iri"
    }


def mentions(text: str) -> Iterator[Mention]:
    """Yield every IRI that a text in Turtle or SPARQL names as a term, in full or by a prefix, in its order."""
    known = prefixes(text)
    line, seen, before = 1, 0, ""
    declared = False
    for token in _significant(text):
        if token.kind == "name" and not _DECLARED.fullmatch(before):
            iri = _expanded(token.text, known)
        elif token.kind == "iri" and not declared and before.lower() not in {"@base", "base"}:
            iri = token.text[1:-1]
        else:
            iri = None
        declared = token.kind == "name" and bool(_DECLARED.fullmatch(before))
        before = token.text
        if iri is not None:
            line += text.count("\n", seen, token.start)
            seen = token.start
            yield Mention(token.start, len(token.text), line, iri)


def _expanded(name: str, known: Mapping[str, str]) -> str | None:
    prefix, _, local = name.partition(":")
    plain = re.sub(r"\\(.)", r"\1", local)
    return known[prefix] + plain if prefix in known else None


def replaced(text: str, replacements: Mapping[str, str]) -> str:
    """Put one IRI in the place of another wherever Turtle or SPARQL names it; strings and comments stay as they are.

    Of Turtle, raises EditError where the outcome does not say what the old text says with those IRIs exchanged.
    """
    known = prefixes(text)
    parts: list[str] = []
    last = 0
    for mention in mentions(text):
        if mention.iri in replacements:
            parts += [text[last : mention.start], _written(replacements[mention.iri], known)]
            last = mention.start + mention.length
    return "".join((*parts, text[last:]))


def replaced_in_turtle(text: str, replacements: Mapping[str, str]) -> str:
    """Do as `replaced` does, and see that the outcome says what was meant.

    Raises EditError where it does not.
    """
    after = replaced(text, replacements)
    exchanged = {NamedNode(old): NamedNode(new) for old, new in replacements.items()}
    meant = Dataset(
        Quad(*(exchanged.get(term, term) for term in quad.triple))
        for quad in parse(text.encode(), format=RdfFormat.TURTLE)
    )
    _see_that(after, meant)
    return after


def _written(iri: str, known: Mapping[str, str]) -> str:
    """Write an IRI as short as the prefixes of the file allow."""
    for prefix, namespace in sorted(known.items(), key=lambda item: -len(item[1])):
        local = iri.removeprefix(namespace)
        if namespace and iri.startswith(namespace) and re.fullmatch(r"\w(?:[\w.\-]*[\w\-])?", local):
            return f"{prefix}:{local}"
    return f"<{iri}>"


def added(text: str, subject: str, statements: Iterable[tuple[str, str]], *, after: str) -> str:
    """Put statements about a subject into its block: behind its predicate `after`, or at its end where it has none.

    A statement is an IRI of a predicate and an object in Turtle. Raises EditError where the text has no block of that
    subject, or where the outcome does not say what the old text says with those statements added.
    """
    wanted = list(statements)
    known = prefixes(text)
    mark = _end_of(text, subject, after)
    told = [f"{_written(predicate, known)} {value}" for predicate, value in wanted]
    indent = "\n    "
    if mark.text == ";":
        outcome = text[: mark.end] + "".join(f"{indent}{each} ;" for each in told) + text[mark.end :]
    else:
        before = text[: mark.start].rstrip(" ")
        outcome = f"{before} ;{indent}" + f" ;{indent}".join(told) + f" {text[mark.start :]}"
    said = "".join(f"<{subject}> <{predicate}> {value} .\n" for predicate, value in wanted)
    meant = Dataset(parse(text.encode(), format=RdfFormat.TURTLE))
    for quad in parse(said, format=RdfFormat.TURTLE):
        meant.add(quad)
    _see_that(outcome, meant)
    return outcome


def _end_of(text: str, subject: str, after: str) -> _Token:
    """Find the `;` or `.` that ends a predicate's objects in the block of a subject, or else the block."""
    known = prefixes(text)
    for block in _blocks(text):
        if _iri_of(block[0], known) != subject:
            continue
        ends = [token for depth, token in _depths(block) if depth == 0 and token.text in {";", "."}]
        starts = [block[1], *(follower for token, follower in pairwise(block) if token in ends)]
        for start, end in zip(starts, ends, strict=False):
            if _iri_of(start, known) == after:
                return end
        return ends[-1]
    raise EditError(f"No block begins with <{subject}>.")


def _blocks(text: str) -> Iterator[list[_Token]]:
    """Yield the statements of Turtle, each as its tokens up to the full stop; declarations of prefixes are none."""
    block: list[_Token] = []
    depth = 0
    for token in _significant(text):
        block.append(token)
        depth += (token.text in _OPENING) - (token.text in _CLOSING) if token.kind == "mark" else 0
        if token.kind == "mark" and token.text == "." and depth == 0:
            if block[0].kind != "at":
                yield block
            block = []


def _depths(block: Iterable[_Token]) -> Iterator[tuple[int, _Token]]:
    depth = 0
    for token in block:
        if token.kind == "mark":
            depth += (token.text in _OPENING) - (token.text in _CLOSING)
            yield depth, token


def _iri_of(token: _Token, known: Mapping[str, str]) -> str | None:
    if token.kind == "iri":
        return token.text[1:-1]
    return _expanded(token.text, known) if token.kind == "name" else None


def _see_that(text: str, meant: Dataset) -> None:
    """See that a text says what was meant, up to the names of blank nodes (RDF Dataset Canonicalization 1.0)."""
    try:
        said = Dataset(parse(text.encode(), format=RdfFormat.TURTLE))
    except SyntaxError as error:
        raise EditError(f"The change would break the Turtle at line {error.lineno}: {error.msg}.") from error
    for each in (said, meant):
        each.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    if said != meant:
        raise EditError("The change would alter more than it should.")
