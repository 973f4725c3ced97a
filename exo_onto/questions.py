"""questions: the text of a query in, a frozen `Question` out, and the `Answer` that a store gives to it. Pure.

A question is one SPARQL query with a header of comment lines:

    # title@en: The mechanism matrix
    # title@zh: ...
    # question@en: Exosomes from which cells demonstrate which mechanism, in which study?
    # question@zh: ...
    # keywords: mechanism, source cell

A title in one language may be missing, or stand as `# title:` alone: it then serves both.

One that joins what other endpoints say names them in one more line, and calls them by SERVICE SILENT alone, so that it
is answered where they are away, or where nothing may be called:

    # calls: https://sparql.uniprot.org/sparql
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from pyoxigraph import Literal, QueryBoolean, QuerySolutions, RdfFormat, Variable, serialize

from exo_onto import calling, guard, syntax
from exo_onto.dataset import AnyStore, Results, Term, evaluate
from exo_onto.scope import Scope, UnclearScopeError, own_scope
from exo_onto.vocabulary import BASE, DEFAULT_GRAPHS, RDFS_LABEL, SKOS_NOTATION

_HEADER = re.compile(r"^# (title|title@en|title@zh|question@en|question@zh|keywords|calls): (.*)$", re.MULTILINE)


class QuestionError(Exception):
    """A question is not there, or its SPARQL cannot be understood."""


@dataclass(frozen=True)
class Question:
    """One shipped query with what people need to choose it.

    `text` is what it asks of this graph alone, and calls nothing. `calls` are the addresses that its file calls
    besides, and `federated` the text with these calls: None where there are none.
    """

    name: str
    titles: Mapping[str, str]
    sentences: Mapping[str, str]
    keywords: tuple[str, ...]
    text: str
    calls: tuple[str, ...] = ()
    federated: str | None = None

    @property
    def title(self) -> str:
        """Its title in English."""
        return self.titles["en"]

    @property
    def whole(self) -> str:
        """The text as it stands in its file."""
        return self.federated or self.text


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


def parse_question(name: str, text: str) -> Question:
    """Read the header of a query.

    Raises QuestionError where it lacks a line, or calls what it does not name, or in a way that must not fail.
    """
    header = dict(_HEADER.findall(text))
    title = next((header[each] for each in ("title", "title@en", "title@zh") if each in header), None)
    missing = {*(() if title else ("title@en",)), "question@en", "question@zh", "keywords"} - header.keys()
    if missing or title is None:
        raise QuestionError(f"The question {name} has no `# {min(missing)}:` line in its header.")
    return Question(
        name=name,
        titles={language: header.get(f"title@{language}", title) for language in ("en", "zh")},
        sentences={"en": header["question@en"], "zh": header["question@zh"]},
        keywords=_listed(header["keywords"]),
        text=calling.without(text),
        calls=(named := _calls(name, text, _listed(header.get("calls", "")))),
        federated=text if named else None,
    )


def _listed(line: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in line.split(",") if word.strip())


def _calls(name: str, text: str, named: tuple[str, ...]) -> tuple[str, ...]:
    """Hold what a query calls against what its header names."""
    found = tuple(calling.calls(text))
    if {call.address for call in found} != set(named):
        told = ", ".join(dict.fromkeys(call.address for call in found)) or "nothing"
        said = ", ".join(named) or "nothing"
        raise QuestionError(f"The question {name} calls {told}, and the `# calls:` line of its header says {said}.")
    loud = next((call.address for call in found if not call.silent), None)
    if loud is not None:
        raise QuestionError(f"The question {name} calls {loud} without SILENT: it would fail where that is away.")
    return named


def unknown(name: str, known: Iterable[str]) -> QuestionError:
    """Say that there is no question of a name, with the nearest that there are."""
    near = get_close_matches(name, list(known))
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    return QuestionError(f"There is no question named {name!r}.{hint} `exo-onto query` lists them all.")


def ask(
    store: AnyStore,
    text: str,
    *,
    bindings: Mapping[str, Term] | None = None,
    ours: bool = True,
    allowed: frozenset[str] = frozenset(),
) -> Answer | AnswerGraph:
    """Put a query to a store; its default graph is the union of DEFAULT_GRAPHS, or in a store not ours what that says.

    `bindings` gives values to variables of the query; `allowed` are the addresses that its SERVICE may call. Raises
    QuestionError, with line and column, for wrong SPARQL.
    """
    verdict = guard.inspect(text, allowed=allowed)
    if not verdict.safe:
        shown = syntax.shown(text, verdict.line, verdict.column)
        raise QuestionError(f"Line {verdict.line}, column {verdict.column}: {verdict.detail}\n{shown}")
    values = {Variable(name): term for name, term in (bindings or {}).items()}
    try:
        if not ours:
            return _answer(store.query(text, substitutions=values), {})
        scope = own_scope(text, base=BASE) or Scope(DEFAULT_GRAPHS, None)
        return _answer(evaluate(store, text, scope, base=BASE, bindings=values), _notations(store))
    except SyntaxError as error:
        raise QuestionError(f"The SPARQL cannot be understood. {syntax.complaint(text, str(error))}") from error
    except (RuntimeError, OSError, UnclearScopeError) as error:
        raise QuestionError(f"The SPARQL cannot be answered: {error}") from error


def _answer(results: Results, notations: Mapping[str, str]) -> Answer | AnswerGraph:
    if isinstance(results, QuerySolutions):
        columns = tuple(variable.value for variable in results.variables)
        rows = tuple(tuple(solution) for solution in results)
        return Answer(columns, rows, notations)
    if isinstance(results, QueryBoolean):
        return Answer(("answer",), ((Literal(bool(results)),),), {})
    return AnswerGraph((serialize(results, format=RdfFormat.TURTLE) or b"").decode())


def _notations(store: AnyStore) -> dict[str, str]:
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
