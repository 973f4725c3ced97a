"""editor: the shipped questions and what a query may take in, the view of the SPARQL page out. Pure.

The questions are those that the store publishes for tools (sib-swiss/sparql-examples), so that the page shows what is
there. A question has an address of its own, `?question=NAME`; where scripts run, it is asked at once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import unquote

from pyoxigraph import Literal

from exo_onto.dataset import Term
from exo_onto.pages.asking import Row, text
from exo_onto.pages.visits import Load, View, Visit
from exo_onto.settings import Settings
from exo_onto.vocabulary import PREFIXES, own

PATH: Final = "/query"
SCRIPT_WORDS: Final = (
    "query",
    "editor",
    "new_query",
    "rename",
    "page_size",
    "tab_menu",
    "suggestions",
    "permalink",
    "stopped",
    "goto",
    "chart",
    "charted",
    "rows",
    "more",
    "bar_for",
    "length",
    "colour",
    "none",
    "svg",
)
"""The sentences that the script needs."""
_TASTE: Final = """SELECT ?thing ?label WHERE {
  ?thing a ?class ; rdfs:label ?label .
}
LIMIT 20"""


@dataclass(frozen=True)
class Offered:
    """A question that is ready to be asked."""

    name: str
    title: str
    sentence: str
    text: str


def load(settings: Settings) -> Load:
    """Make what loads the view, for a server with these settings."""

    async def loaded(visit: Visit) -> View:
        reader = visit.reader
        questions = offered(await visit.asker.rows("questions"), reader.language)
        asked = next((each for each in questions if each.name == visit.parameters.get("question")), None)
        words = {name: reader.words(f"query.{name}") for name in SCRIPT_WORDS}
        return {
            "questions": questions,
            "asked": asked,
            "written": asked.text if asked else f"PREFIX rdfs: <{PREFIXES['rdfs']}>\n{_TASTE}",
            "limits": limits(settings),
            "data": data(questions, asked, words, language=reader.language, root=reader.root),
        }

    return loaded


def policy(common: str) -> str:
    """Widen the policy of all pages: YASGUI's editor, table and charts write styles into the page. Scripts may not."""
    return common.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")


def offered(rows: Iterable[Row], language: str) -> tuple[Offered, ...]:
    """Gather the questions, each with its title and sentence in a language, in the order of the rows."""
    found: dict[str, Offered] = {}
    for row in rows:
        name = unquote(text(row["example"]).rpartition("/")[2])
        known = found.setdefault(name, Offered(name, text(row["title"]), text(row["sentence"]), text(row["text"])))
        said = {key: text(row[key]) for key in ("title", "sentence") if _language(row[key]) == language}
        found[name] = replace(known, **said)
    return tuple(found.values())


def _language(term: Term) -> str | None:
    return term.language if isinstance(term, Literal) else None


def limits(settings: Settings) -> tuple[tuple[str, str], ...]:
    """Say what a query may take: the names of sentences, each with its number."""
    return (
        ("seconds", f"{settings.timeout:g}"),
        ("most_rows", f"{settings.max_rows:,}"),
        ("megabytes", f"{settings.max_bytes / 1_000_000:,g}"),
        ("a_minute", f"{settings.rate:,}"),
    )


def data(
    questions: Iterable[Offered], asked: Offered | None, words: Mapping[str, str], *, language: str, root: str
) -> dict[str, object]:
    """Give what the script starts with."""
    return {
        "endpoint": f"{root}/sparql",
        "root": f"{root}/",
        "base": own().base,
        "lang": language,
        "prefixes": dict(PREFIXES),
        "questions": [{"name": each.name, "title": each.title, "text": each.text} for each in questions],
        "asked": asked.name if asked else None,
        "taste": f"PREFIX rdfs: <{PREFIXES['rdfs']}>\n{_TASTE}\n",
        "words": dict(words),
    }
