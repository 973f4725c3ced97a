"""render: results in, text out: tables for people, CSV, TSV and JSON for programs. Pure."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from enum import StrEnum

from pyoxigraph import BlankNode, Literal, NamedNode
from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from exo_onto.diagnose import Diagnostic
from exo_onto.pipeline import Judgement
from exo_onto.questions import Answer, Question, Term
from exo_onto.validate import Severity
from exo_onto.vocabulary import compact, slug


class Format(StrEnum):
    """How output is written."""

    TABLE = "table"
    CSV = "csv"
    TSV = "tsv"
    JSON = "json"


_AS_CURIE = frozenset({"identifier", "term"})
"""Columns whose values are identifiers: shown as CURIEs, never by a label."""

_COLOURS = {Severity.VIOLATION: "bold red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}


def rows_of(answer: Answer, *, iris: bool) -> list[list[str]]:
    """Give the rows of an answer as strings: IRIs whole, or short as people know them."""
    return [
        [_show(term, column, answer, iris=iris) for column, term in zip(answer.columns, row, strict=True)]
        for row in answer.rows
    ]


def delimited(columns: Sequence[str], rows: Iterable[Sequence[str]], form: Format) -> str:
    """Write rows as CSV (RFC 4180), TSV, or a JSON list of objects."""
    if form is Format.JSON:
        records = [dict(zip(columns, map(_plain, row), strict=True)) for row in rows]
        return json.dumps(records, ensure_ascii=False, indent=2) + "\n"
    out = io.StringIO()
    writer = csv.writer(out, delimiter="\t" if form is Format.TSV else ",", lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue()


def answer_table(answer: Answer, *, iris: bool, title: str | None = None) -> RenderableType:
    """Lay an answer out as a table for people, with the number of rows below it."""
    rows = rows_of(answer, iris=iris)
    count = Text(f"{len(rows)} row{'' if len(rows) == 1 else 's'}", style="dim")
    return Group(_table(answer.columns, rows, title), count)


def question_table(questions: Iterable[Question]) -> RenderableType:
    """List the questions with their sentences."""
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("name", no_wrap=True)
    table.add_column("question", overflow="fold")
    for question in questions:
        table.add_row(
            Text(question.name, style="bold"), Text(f"{question.sentences['en']}\n{question.sentences['zh']}")
        )
    return table


def question_rows(questions: Iterable[Question]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Give the questions as columns and rows."""
    columns = ("name", "title", "question_en", "question_zh", "keywords")
    rows: list[tuple[str, ...]] = [
        (q.name, q.title, q.sentences["en"], q.sentences["zh"], ", ".join(q.keywords)) for q in questions
    ]
    return columns, rows


def diagnostic_rows(diagnostics: Iterable[Diagnostic]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Give diagnostics as columns and rows."""
    columns = ("severity", "code", "file", "line", "column", "what", "remedy")
    return columns, [_diagnostic_row(each) for each in diagnostics]


def diagnostics_text(diagnostics: Iterable[Diagnostic]) -> RenderableType:
    """Write diagnostics for people, the place first, so that editors and terminals can jump to it."""
    return Group(*(_diagnostic_text(each) for each in diagnostics))


def summary(judgement: Judgement, questions: int) -> RenderableType:
    """Sum a check up in a few lines that a reader of a CI log understands."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for stage, told in _summary_lines(judgement, questions):
        table.add_row(Text(stage, style="bold"), Text(told))
    bad = sum(each.severity is Severity.VIOLATION for each in judgement.diagnostics)
    verdict = (
        Text("Sound.", style="bold green") if judgement.sound else Text(f"Not sound: {bad} to mend.", style="bold red")
    )
    return Group(table, verdict)


def _summary_lines(judgement: Judgement, questions: int) -> list[tuple[str, str]]:
    lines: list[tuple[str, str]] = []
    if judgement.sources is not None:
        triples = sum(len(file.triples) for file in judgement.sources.files)
        lines.append(("read", f"{len(judgement.sources.files)} files, {triples:,} triples"))
    codes = {each.code for each in judgement.diagnostics if each.severity is Severity.VIOLATION}
    if judgement.entailment.inferred:
        lines.append(
            ("reason", f"consistent and coherent (HermiT), {len(judgement.entailment.inferred):,} triples inferred")
        )
    elif codes & {"contradiction", "inconsistent", "incoherent", "reasoner"}:
        lines.append(("reason", "contradictory, see above"))
    if judgement.sources is not None:
        report = judgement.report
        counts = ", ".join(f"{len(report.of(level))} {word}" for level, word in _SEVERITY_WORDS)
        lines.append(("validate", f"{counts} (pySHACL)"))
    if "profiles" in judgement.seconds and "profile" not in codes:
        lines.append(("profiles", "within OWL 2 DL and OWL 2 RL (py-horned-owl)"))
    if "strict axioms" in judgement.seconds and "strict" not in codes:
        lines.append(("strict", "consistent with the domains, ranges and disjointness of RO and BFO too"))
    if questions:
        lines.append(("questions", f"{questions} parse and answer"))
    lines.append(
        ("time", ", ".join(f"{stage} {seconds:.1f} s" for stage, seconds in judgement.seconds.items()) or "none")
    )
    return lines


_SEVERITY_WORDS = (
    (Severity.VIOLATION, "violations"),
    (Severity.WARNING, "warnings"),
    (Severity.INFO, "for information"),
)


def text_of(renderable: RenderableType, *, width: int = 100) -> str:
    """Render for a file: no colour, a fixed width."""
    console = Console(file=io.StringIO(), width=width, no_color=True, force_terminal=False)
    console.print(renderable)
    file = console.file
    return file.getvalue() if isinstance(file, io.StringIO) else ""


def _show(term: Term | None, column: str, answer: Answer, *, iris: bool) -> str:
    match term:
        case None:
            return ""
        case Literal():
            return term.value
        case NamedNode() if iris:
            return term.value
        case NamedNode():
            return _short(term.value, column, answer)
        case BlankNode():
            return f"_:{term.value}"
        case _:
            return str(term)


def _short(iri: str, column: str, answer: Answer) -> str:
    """Name a thing: our own by notation or slug, others by notation or label, and identifiers by CURIE."""
    if column in _AS_CURIE:
        return compact(iri)
    own = slug(iri)
    notation = answer.notations.get(iri)
    if own is not None and not (notation and iri in answer.notations and _is_notation(iri)):
        return own
    return notation or compact(iri)


def _is_notation(iri: str) -> bool:
    """Say whether things of this kind are known by their notation (a gene by its symbol) rather than by a slug."""
    return any(f"/{kind}/" in iri for kind in ("entity", "stressor", "condition"))


def _plain(text: str) -> object:
    """Give numbers and truth values as such, so that JSON has them so."""
    if text in {"true", "false"}:
        return text == "true"
    return int(text) if text.isdecimal() and str(int(text)) == text else text


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]], title: str | None) -> Table:
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", title_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    return table


def _diagnostic_row(each: Diagnostic) -> tuple[str, ...]:
    place = each.place
    line = str(place.line or "") if place else ""
    column = str(place.column or "") if place else ""
    return (each.severity.name.lower(), each.code, place.file if place else "", line, column, each.what, each.remedy)


def _diagnostic_text(each: Diagnostic) -> Text:
    text = Text()
    if each.place:
        text.append(f"{each.place}: ", style="bold")
    text.append(each.severity.name.lower(), style=_COLOURS[each.severity])
    text.append(f" [{each.code}] {each.what}")
    if each.remedy:
        text.append(f"\n    {each.remedy}", style="dim")
    return text
