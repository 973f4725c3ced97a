"""answers: what a question came to and what was expected of it in, `Diagnostic`s out. Pure.

The expected answer to queries/NAME.rq is NAME.csv (or .tsv), as `exo-onto query NAME --format csv` writes it, in the
short names that people know or with whole IRIs; and NAME.ttl where the question makes a graph. Rows are compared in
their order where the question has one, and else without.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pyoxigraph import CanonicalizationAlgorithm, RdfFormat, parse
from pyoxigraph import Dataset as Quads

from exo_onto.diagnose import Diagnostic
from exo_onto.places import Place
from exo_onto.questions import Answer, AnswerGraph
from exo_onto.validate import Severity

_MOST_SHOWN = 2
_ORDERED = re.compile(r"\bORDER\s+BY\b", re.IGNORECASE)
_COMMENT = re.compile(r"(?m)^\s*#.*$")


@dataclass(frozen=True)
class Expected:
    """The file of an expected answer: its path as it is shown, and its text."""

    file: str
    text: str


@dataclass(frozen=True)
class Given:
    """What a question came to: the answer, and its rows in short names and with whole IRIs."""

    name: str
    query: str
    answer: Answer | AnswerGraph
    short: Sequence[Sequence[str]] = ()
    whole: Sequence[Sequence[str]] = ()


def compare(given: Given, expected: Expected) -> tuple[Diagnostic, ...]:
    """Say how an answer differs from the one that was expected; nothing where it does not."""
    if isinstance(given.answer, AnswerGraph):
        return _compare_graphs(given, given.answer, expected)
    reader = csv.reader(io.StringIO(expected.text), delimiter="\t" if expected.file.endswith(".tsv") else ",")
    rows, lines = [], []
    for row in reader:
        rows.append(tuple(row))
        lines.append(reader.line_num)
    head, wanted = (rows[0], rows[1:]) if rows else ((), [])
    if head != given.answer.columns:
        said = f"the columns {', '.join(head) or 'none'}, and it has {', '.join(given.answer.columns)}"
        return (_otherwise(given, Place(expected.file, 1), said, head),)
    if any(_same(given, found, wanted) for found in (given.short, given.whole)):
        return ()
    found = [tuple(row) for row in given.short]
    missing, more = Counter(wanted) - Counter(found), Counter(found) - Counter(wanted)
    if not missing and not more:
        return (_otherwise(given, Place(expected.file, 2), "the same rows in another order", ("order",)),)
    first = next((number for number, row in zip(lines[1:], wanted, strict=True) if missing[row]), lines[-1])
    parts = (_part(missing, "expected and missing"), _part(more, "there and not expected"))
    changed = tuple(sorted(map(str, (*missing, *more))))
    return (_otherwise(given, Place(expected.file, first), "; ".join(filter(None, parts)), changed),)


def _same(given: Given, found: Sequence[Sequence[str]], wanted: Sequence[tuple[str, ...]]) -> bool:
    rows = [tuple(row) for row in found]
    if _ORDERED.search(_COMMENT.sub("", given.query)):
        return rows == list(wanted)
    return Counter(rows) == Counter(wanted)


def _part(rows: Counter[tuple[str, ...]], word: str) -> str:
    if not rows:
        return ""
    told = " and ".join(f"`{', '.join(row)}`" for row in list(rows)[:_MOST_SHOWN])
    total = rows.total()
    return f"{total} row{'' if total == 1 else 's'} {word}, such as {told}"


def _compare_graphs(given: Given, found: AnswerGraph, expected: Expected) -> tuple[Diagnostic, ...]:
    try:
        same = _canonical(found.turtle) == _canonical(expected.text)
    except SyntaxError as error:
        place = Place(expected.file, error.lineno)
        return (_otherwise(given, place, f"what is no Turtle ({error.msg})", ("syntax",)),)
    return () if same else (_otherwise(given, Place(expected.file, 1), "another graph", (found.turtle,)),)


def _canonical(turtle: str) -> Quads:
    quads = Quads(parse(turtle, format=RdfFormat.TURTLE))
    quads.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return quads


def _otherwise(given: Given, place: Place, said: str, about: Sequence[str]) -> Diagnostic:
    what = f"The question {given.name} is not answered as expected: {said}."
    remedy = "Mend the knowledge or the query; or, where the new answer is right, write it into the file."
    return Diagnostic("answer", Severity.VIOLATION, what, place, remedy, (given.name, *about))
