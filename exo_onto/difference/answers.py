"""answers: two sides and questions in, the rows by which their answers differ out."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from exo_onto import questions
from exo_onto.difference.sides import Side
from exo_onto.questions import Answer, Question, QuestionError
from exo_onto.render import rows_of
from exo_onto.vocabulary import GRAPH_JUSTIFICATIONS, compact

CONFLICT = "conflict"
"""The keyword of a question whose rows are conflicts between studies."""
_PROOFS = (GRAPH_JUSTIFICATIONS.value, compact(GRAPH_JUSTIFICATIONS.value))
"""How a question names the graph of proofs: only snapshots have one, and proofs are told with the conclusions."""


@dataclass(frozen=True)
class Answered:
    """A question, and the rows of its answer that are on one side only; `refused` where it cannot be answered."""

    name: str
    title: str
    conflict: bool
    columns: tuple[str, ...]
    lost: tuple[tuple[str, ...], ...]
    gained: tuple[tuple[str, ...], ...]
    refused: str = ""


def answers(asked: Iterable[Question], before: Side, after: Side) -> tuple[Answered, ...]:
    """Put each question to both sides, and give those whose answers differ or that cannot be answered.

    A question for proofs is left out: only snapshots hold them, and they are told with the conclusions.
    """
    found = (_answered(each, before, after) for each in asked if not any(name in each.text for name in _PROOFS))
    return tuple(each for each in found if each.lost or each.gained or each.refused)


def _answered(question: Question, before: Side, after: Side) -> Answered:
    conflict = CONFLICT in question.keywords
    try:
        old, new = (questions.ask(side.store, question.text) for side in (before, after))
    except QuestionError as error:
        return Answered(question.name, question.title, conflict, (), (), (), str(error))
    if not isinstance(old, Answer) or not isinstance(new, Answer):
        return Answered(question.name, question.title, conflict, (), (), ())
    was, is_now = (Counter(map(tuple, rows_of(answer, iris=False))) for answer in (old, new))
    lost, gained = (tuple(sorted((one - other).elements())) for one, other in ((was, is_now), (is_now, was)))
    return Answered(question.name, question.title, conflict, new.columns, lost, gained)
