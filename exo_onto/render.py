"""render: results in, text out: tables for people, CSV, TSV and JSON for programs. Pure."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from math import isfinite

from pyoxigraph import BlankNode, Literal, NamedNode
from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from exo_onto.dataset import Term
from exo_onto.diagnose import Diagnostic
from exo_onto.explain import Proof
from exo_onto.judge import Judgement
from exo_onto.questions import Answer, Question
from exo_onto.validate import Severity
from exo_onto.vocabulary import PREFIXES, compact, slug
from exo_onto.why import Inferred, Why
from exo_onto.words import Grounds


class Language(StrEnum):
    """A language that labels come in."""

    EN = "en"
    ZH = "zh"


class ProofFormat(StrEnum):
    """How proofs are written."""

    TREE = "tree"
    JSON = "json"


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


def answer_text(answer: Answer, form: Format, *, iris: bool) -> str:
    """Write an answer for programs. In JSON numbers and truth values are such by datatype, and unbound is null."""
    rows = rows_of(answer, iris=iris)
    if form is not Format.JSON:
        return delimited(answer.columns, rows, form)
    typed = [
        [_typed(term, shown) for term, shown in zip(terms, row, strict=True)]
        for terms, row in zip(answer.rows, rows, strict=True)
    ]
    return _json(answer.columns, typed)


def delimited(columns: Sequence[str], rows: Iterable[Sequence[object]], form: Format) -> str:
    """Write rows as CSV (RFC 4180), TSV, or a JSON list of objects."""
    if form is Format.JSON:
        return _json(columns, rows)
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
    columns = ("name", "title_en", "title_zh", "question_en", "question_zh", "keywords")
    rows: list[tuple[str, ...]] = [
        (q.name, *(said[tongue] for said in (q.titles, q.sentences) for tongue in ("en", "zh")), ", ".join(q.keywords))
        for q in questions
    ]
    return columns, rows


def diagnostic_rows(diagnostics: Iterable[Diagnostic]) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
    """Give diagnostics as columns and rows; what is not known is None."""
    columns = ("severity", "code", "file", "line", "column", "what", "remedy")
    return columns, [_diagnostic_row(each) for each in diagnostics]


def diagnostics_text(diagnostics: Iterable[Diagnostic]) -> RenderableType:
    """Write diagnostics for people, the place first, so that editors and terminals can jump to it."""
    return Group(*(_diagnostic_text(each) for each in diagnostics))


def summary(judgement: Judgement) -> RenderableType:
    """Sum a check up in a few lines that a reader of a CI log understands."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for stage, told in _summary_lines(judgement):
        table.add_row(Text(stage, style="bold"), Text(told))
    bad = sum(each.severity is Severity.VIOLATION for each in judgement.diagnostics)
    verdict = ("Sound.", "bold green") if judgement.sound else (f"Not sound: {bad} to mend.", "bold red")
    return Group(table, Text(*verdict))


def _summary_lines(judgement: Judgement) -> Iterator[tuple[str, str]]:
    codes = {each.code for each in judgement.diagnostics if each.severity is Severity.VIOLATION}
    done = judgement.seconds
    if judgement.sources is None:
        yield "read", f"{_count(len(judgement.diagnostics), 'file')} cannot be read; nothing else was tried"
        return
    triples = sum(len(file.triples) for file in judgement.sources.files)
    yield "read", f"{_count(len(judgement.sources.files), 'file')}, {triples:,} triples"
    if codes & {"contradiction", "inconsistent", "incoherent", "reasoner"}:
        yield "reason", "contradictory or refused, see above"
    else:
        yield "reason", f"consistent and coherent, {judgement.inferred:,} triples inferred"
    levels = ((Severity.VIOLATION, "violation"), (Severity.WARNING, "warning"))
    counts = ", ".join(_count(len(judgement.report.of(level)), word) for level, word in levels)
    yield "validate", f"{counts}, {len(judgement.report.of(Severity.INFO))} for information"
    if "referees" in done and "referees" not in codes:
        yield "referees", "HermiT and pySHACL come to the same, triple for triple and result for result"
    if "profiles" in done and "profile" not in codes:
        yield "profiles", "within OWL 2 DL and OWL 2 RL (py-horned-owl)"
    if "agreement" in done and "agreement" not in codes:
        yield "agreement", "shapes name what the ontology declares, and demand nothing that it excludes"
    if "strict axioms" in done and "strict" not in codes:
        yield "strict", "consistent with the domains, ranges and disjointness of RO and BFO too"
    if "links" in done and not any(code.startswith("links-") for code in codes):
        yield "links", "every identifier of others that is used is known, and of its kind and species"
    if "questions" in done:
        yield "questions", f"{judgement.answered} parse and answer"
    yield "time", ", ".join(f"{stage} {seconds:.1f} s" for stage, seconds in done.items())


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


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
    if own is not None and not (notation and _is_notation(iri)):
        return own
    return notation or compact(iri)


def _is_notation(iri: str) -> bool:
    """Say whether things of this kind are known by their notation (a gene by its symbol) rather than by a slug."""
    return any(f"/{kind}/" in iri for kind in ("entity", "stressor", "condition"))


def _json(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    records = [dict(zip(columns, row, strict=True)) for row in rows]
    return json.dumps(records, ensure_ascii=False, indent=2) + "\n"


def _typed(term: Term | None, shown: str) -> object:
    """Give a term's value to JSON, by its datatype."""
    if term is None:
        return None
    kind = term.datatype.value.removeprefix(PREFIXES["xsd"]) if isinstance(term, Literal) else ""
    if kind == "boolean":
        return shown in {"true", "1"}
    if kind == "integer":
        return int(shown)
    number = float(shown) if kind in {"decimal", "double", "float"} else None
    return number if number is not None and isfinite(number) else shown


def plain_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> RenderableType:
    """Lay rows out as a table for people."""
    return _table(columns, rows, None)


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]], title: str | None) -> Table:
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", title_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    return table


def _diagnostic_row(each: Diagnostic) -> tuple[object, ...]:
    place = (each.place.file, each.place.line, each.place.column) if each.place else (None, None, None)
    return (each.severity.name.lower(), each.code, *place, each.what, each.remedy)


def _diagnostic_text(each: Diagnostic) -> Text:
    text = Text()
    if each.place:
        text.append(f"{each.place}: ", style="bold")
    text.append(each.severity.name.lower(), style=_COLOURS[each.severity])
    text.append(f" [{each.code}] {each.what}")
    if each.remedy:
        text.append(f"\n    {each.remedy}", style="dim")
    return text


def proofs_tree(found: Why) -> RenderableType:
    """Draw proofs for people: each fact in words with its rule, each leaf with its file, line and provenance."""
    parts: list[RenderableType] = []
    for number, proof in enumerate(found.proofs):
        if len(found.proofs) > 1:
            parts.append(Text("How it comes about:" if number == 0 else "What it is concluded from:", style="bold"))
        parts.append(_proof_branch(proof, found, None))
    return Group(*parts)


def _proof_branch(proof: Proof, found: Why, above: Tree | None) -> Tree:
    line = found.telling.line(proof)
    text = Text(line.fact, style="" if proof.rule is None else "bold")
    if proof.rule is not None:
        text.append(f"\n{line.why}  [{', '.join(line.names)}]", style="not bold dim")
    if line.grounds is not None:
        for said in _grounds(line.grounds):
            text.append(f"\n{said}", style="cyan")
    branch = Tree(text) if above is None else above.add(text)
    for premise in proof.premises:
        _proof_branch(premise, found, branch)
    return branch


def _grounds(grounds: Grounds) -> Iterator[str]:
    yield str(grounds.place) if grounds.place else "(in the ontology's imports, or not found in the files)"
    said = [f"{what}: {value}" for what, value in dict.fromkeys(grounds.notes)]
    if said:
        yield "; ".join(said)


def proofs_json(found: Why) -> str:
    """Write proofs as nested JSON objects."""
    proofs = [found.telling.record(proof) for proof in found.proofs]
    whole = {"fact": found.telling.wording.fact(found.fact), "proofs": proofs}
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"


def inferred_table(found: Inferred) -> Table:
    """List what was inferred of one thing, with the name by which its proof can be asked for."""
    title = f"Inferred of {found.subject}; ask with: exo-onto explain {found.subject} NAME"
    return _table(("property", "value", "name"), found.rows, title)
