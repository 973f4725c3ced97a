"""catalogue: the name of a question in, its text out: a shipped one, a file or standard input. Reads files.

The shipped questions are those of the root, or else those of the installed package.
"""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Literal

from exo_onto import calling, questions, sources
from exo_onto.dataset import Term
from exo_onto.questions import Question, QuestionError
from exo_onto.vocabulary import expand

SHIPPED = Path(__file__).parent / "shipped"
"""Where an installed package keeps the shipped questions; in a checkout they are in queries/."""


@dataclass(frozen=True)
class Asked:
    """The text of a query, its title where it is a shipped one, and what that would call but may not."""

    text: str
    title: str | None
    left_out: tuple[str, ...] = ()


def folder_of(home: Path) -> Path | None:
    """Find the folder of the shipped questions."""
    return next((folder for folder in (home / "queries", SHIPPED) if folder.is_dir()), None)


def shipped(home: Path) -> tuple[Question, ...]:
    """Read all shipped questions. Raises QuestionError where there are none."""
    return tuple(questions.parse_question(name, text) for name, text in sources.read_texts(_folder(home), ".rq"))


def find(name: str, home: Path, *, allowed: frozenset[str] = frozenset()) -> Asked:
    """Read the question of a name, a file, or standard input for `-`. Raises QuestionError where there is none.

    A shipped question is asked without its calls to addresses that are not `allowed`: as if these were away.
    """
    if name == "-":
        try:
            return Asked(sys.stdin.buffer.read().decode("utf-8-sig"), None)
        except UnicodeDecodeError as error:
            raise QuestionError("What came on standard input is not UTF-8.") from error
    path = Path(name)
    if path.suffix in {".rq", ".sparql"} or path.is_file():
        return Asked(sources.read_text(path), None)
    folder = _folder(home)
    file = folder / f"{name}.rq"
    if not file.is_file():
        raise questions.unknown(name, (path.stem for path in folder.glob("*.rq")))
    question = questions.parse_question(name, sources.read_text(file))
    left_out = tuple(address for address in question.calls if address not in allowed)
    return Asked(calling.without(question.whole, kept=allowed), question.title, left_out)


def bindings(given: Iterable[str]) -> dict[str, Term]:
    """Read NAME=VALUE pairs: a value with a known prefix or a scheme is an IRI, any other a text."""
    values: dict[str, Term] = {}
    for pair in given:
        name, equals, value = pair.partition("=")
        if not equals or not name.isidentifier():
            raise QuestionError(f"--bind takes NAME=VALUE, as in --bind term=GO:0012501; it was given {pair!r}.")
        values[name] = expand(value) if ":" in value else Literal(value)
    return values


def _folder(home: Path) -> Path:
    folder = folder_of(home)
    if folder is None:
        raise QuestionError(f"There are no questions here: {home} has no folder queries/. A file or - can be asked.")
    return folder
