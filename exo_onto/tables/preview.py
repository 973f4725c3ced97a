"""preview: sources as they are and as they would be in, what the reasoner would conclude that it does not now out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode

from exo_onto import questions, sources
from exo_onto.dataset import Term
from exo_onto.diagnose import Diagnostic
from exo_onto.judge import Judgement, Progress, judge
from exo_onto.questions import Answer
from exo_onto.sources import Sources
from exo_onto.validate import Severity
from exo_onto.vocabulary import RDFS_LABEL, compact, slug

QUESTIONS: Final = Path(__file__).parent / "preview"
"""The questions whose answers are compared, one in each file."""

_MEANINGLESS: Final = frozenset({"contradiction", "incoherent", "shapes", "syntax", "uncompiled"})
"""The codes of what leaves no answers to be compared."""


@dataclass(frozen=True)
class Difference:
    """How the answer to a question would differ: its title, its columns, and the rows that come and go."""

    name: str
    title: str
    columns: tuple[str, ...]
    come: tuple[tuple[str, ...], ...]
    gone: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Preview:
    """What would be concluded: what would be wrong that is not wrong now, and how answers would differ."""

    diagnostics: tuple[Diagnostic, ...]
    differences: tuple[Difference, ...]
    compared: bool = True

    @property
    def sound(self) -> bool:
        """Whether nothing would be wrong that is not wrong now."""
        return all(each.severity < Severity.VIOLATION for each in self.diagnostics)


def preview(before: Sources, after: Sources, *, progress: Progress) -> Preview:
    """Reason over the sources as they are and as they would be, and compare what follows."""
    progress("as it is")
    old = judge(before, progress=lambda step: progress(f"as it is: {step}"))
    progress("as it would be")
    new = judge(after, progress=lambda step: progress(f"as it would be: {step}"))
    known = {(each.code, each.what) for each in old.diagnostics}
    diagnostics = tuple(each for each in new.diagnostics if (each.code, each.what) not in known)
    told = (*old.diagnostics, *new.diagnostics)
    if None in {old.store, new.store} or any(each.code in _MEANINGLESS for each in told):
        return Preview(diagnostics, (), compared=False)
    return Preview(diagnostics, tuple(_differences(old, new, after)))


def _differences(old: Judgement, new: Judgement, after: Sources) -> Iterable[Difference]:
    labels = dict(_labels(after))
    for name, text in sources.read_texts(QUESTIONS, ".rq"):
        title = questions.parse_question(name, text).title
        was, is_ = _answer(old, text), _answer(new, text)
        come = tuple(tuple(_told(term, labels) for term in row) for row in is_.rows if row not in set(was.rows))
        gone = tuple(tuple(_told(term, labels) for term in row) for row in was.rows if row not in set(is_.rows))
        yield Difference(name, title, is_.columns, come, gone)


def _answer(judgement: Judgement, text: str) -> Answer:
    if judgement.store is None:
        return Answer((), (), {})
    found = questions.ask(judgement.store, text)
    return found if isinstance(found, Answer) else Answer((), (), {})


def _labels(read: Sources) -> Iterator[tuple[object, str]]:
    for triple in read.triples():
        if triple.predicate == RDFS_LABEL and isinstance(triple.object, Literal) and triple.object.language == "en":
            yield triple.subject, triple.object.value


def _told(term: Term | None, labels: dict[object, str]) -> str:
    if isinstance(term, NamedNode):
        return labels.get(term) or slug(term.value) or compact(term.value)
    return "" if term is None else str(getattr(term, "value", term))
