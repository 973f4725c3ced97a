"""questions: a folder of .rq files in, frozen `Question`s out, and the answers that a store gives to them. Reads files.

A question is one SPARQL query with a header of comment lines:

    # title: The mechanism matrix
    # question@en: Exosomes from which cells demonstrate which mechanism, in which study?
    # question@zh: ...
    # keywords: mechanism, source cell
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    QueryBoolean,
    QuerySolutions,
    RdfFormat,
    Store,
    Triple,
    Variable,
    serialize,
)

from exo_onto import syntax
from exo_onto.scope import Scope, UnclearScopeError, own_scope
from exo_onto.vocabulary import BASE, DEFAULT_GRAPHS, RDFS_LABEL, SKOS_NOTATION

Term = NamedNode | BlankNode | Literal | Triple

_HEADER = re.compile(r"^# (title|question@en|question@zh|keywords): (.*)$", re.MULTILINE)


class QuestionError(Exception):
    """A question is not there, or its SPARQL cannot be understood."""


@dataclass(frozen=True)
class Question:
    """One shipped query with what people need to choose it."""

    name: str
    title: str
    sentences: Mapping[str, str]
    keywords: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Answer:
    """What a SELECT or ASK query came to: named columns, rows of terms (None where unbound), and names for the terms.

    An ASK query has the one column `answer`.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Term | None, ...], ...]
    notations: Mapping[str, str]


@dataclass(frozen=True)
class AnswerGraph:
    """What a CONSTRUCT or DESCRIBE query came to, in Turtle."""

    turtle: str


def read_questions(folder: Path) -> tuple[Question, ...]:
    """Read every .rq file of a folder, in the order of their names."""
    return tuple(read_question(path) for path in sorted(folder.glob("*.rq")))


def read_question(path: Path) -> Question:
    """Read one .rq file.

    Raises QuestionError where its header lacks a line.
    """
    text = path.read_text(encoding="utf-8")
    header = dict(_HEADER.findall(text))
    missing = {"title", "question@en", "question@zh", "keywords"} - header.keys()
    if missing:
        raise QuestionError(f"{path.name} has no `# {min(missing)}:` line in its header.")
    return Question(
        name=path.stem,
        title=header["title"],
        sentences={"en": header["question@en"], "zh": header["question@zh"]},
        keywords=tuple(word.strip() for word in header["keywords"].split(",")),
        text=text,
    )


def find_question(questions: tuple[Question, ...], name: str) -> Question:
    """Find a question by its name.

    Raises QuestionError, with the nearest names, where there is none.
    """
    for question in questions:
        if question.name == name:
            return question
    near = get_close_matches(name, [question.name for question in questions])
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    raise QuestionError(f"There is no question named {name!r}.{hint} `exo-onto query` lists them all.")


def ask(store: Store, text: str, *, bindings: Mapping[str, Term] | None = None) -> Answer | AnswerGraph:
    """Put a query to a store; its default graph is the union of DEFAULT_GRAPHS.

    `bindings` gives values to variables of the query. Raises QuestionError, with line and column, for wrong SPARQL.
    """
    values = {Variable(name): term for name, term in (bindings or {}).items()}
    try:
        scope = own_scope(text, base=BASE) or Scope(DEFAULT_GRAPHS, None)
        named: list[NamedNode | BlankNode] | None = None if scope.named is None else [*scope.named]
        result = store.query(text, default_graph=list(scope.default), named_graphs=named, substitutions=values)
    except SyntaxError as error:
        raise QuestionError(f"The SPARQL cannot be understood. {syntax.complaint(text, str(error))}") from error
    except (RuntimeError, UnclearScopeError) as error:
        raise QuestionError(f"The SPARQL cannot be answered: {error}") from error
    if isinstance(result, QuerySolutions):
        columns = tuple(variable.value for variable in result.variables)
        rows = tuple(tuple(solution) for solution in result)
        return Answer(columns, rows, _notations(store))
    if isinstance(result, QueryBoolean):
        return Answer(("answer",), ((Literal(bool(result)),),), {})
    return AnswerGraph((serialize(result, format=RdfFormat.TURTLE) or b"").decode())


def _notations(store: Store) -> dict[str, str]:
    """Give each thing's short name: its notation, or else its English label."""
    query = f"""
        SELECT ?thing ?name WHERE {{
            {{ ?thing <{SKOS_NOTATION.value}> ?name }}
            UNION
            {{
                ?thing <{RDFS_LABEL.value}> ?name FILTER (LANG(?name) = "en")
                FILTER NOT EXISTS {{ ?thing <{SKOS_NOTATION.value}> ?other }}
            }}
        }}"""
    found = store.query(query, default_graph=list(DEFAULT_GRAPHS))
    return {row["thing"].value: row["name"].value for row in found} if isinstance(found, QuerySolutions) else {}
