"""outline: a difference in, its sections and lines for people out, the most telling first. Pure."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from exo_onto.difference.answers import Answered
from exo_onto.difference.changes import Changed, Edit, How, Value
from exo_onto.difference.compare import Difference, Group, Judged
from exo_onto.difference.conclusions import Conclusion
from exo_onto.explain import Proof
from exo_onto.expressions import Pattern
from exo_onto.vocabulary import RDFS_LABEL, compact
from exo_onto.words import Grounds

MOST_SHOWN: Final = 12
"""How many edits of a thing, conclusions of a study and rows of an answer are shown, if not all are asked for."""
MOST_NODES: Final = 40
"""How many facts of a proof are shown."""
PROOFS: Final = frozenset({"proof", "why"})
"""What the folded lines of a proof are called."""
MARKS: Final = {How.ADDED: "+", How.REMOVED: "-", How.CHANGED: "~"}


@dataclass(frozen=True)
class Line:
    """A line with those below it. `folded` is what those are called where they are not shown at once."""

    text: str
    mark: str = ""
    below: tuple["Line", ...] = ()
    folded: str = ""


@dataclass(frozen=True)
class Section:
    """A heading and its lines."""

    title: str
    lines: tuple[Line, ...]


def sections(found: Difference, *, everything: bool = False) -> tuple[Section, ...]:
    """Give what there is to tell: what is wrong, what follows, what is written, what is answered."""
    most = None if everything else MOST_SHOWN
    proofs = _Proofs(found)
    conflicts = [each for each in found.answers if each.conflict]
    told = (
        ("Wrong now, and not before", _judged(found.new_wrong, proofs)),
        ("No longer wrong", _judged(found.gone_wrong, proofs)),
        ("Conflicts between studies", [_answered(each, most) for each in conflicts]),
        ("Studies", [_grouped(each, proofs, most) for each in found.studies]),
        ("Claims", [_changed(each, most) for each in found.claims]),
        ("Terms", [_changed(each, most) for each in found.terms]),
        ("What else is told", [_changed(each, most) for each in found.others]),
        ("Shapes", [_changed(each, most) for each in found.shapes or ()]),
        ("What else follows", _concluded(found.conclusions, proofs, most)),
        ("Answers that differ", [_answered(each, most) for each in found.answers if not each.conflict]),
        ("Not compared", [Line(note) for note in _left_out(found)]),
    )
    return tuple(Section(title, tuple(lines)) for title, lines in told if lines)


def summary(found: Difference) -> str:
    """Say in a line how much differs."""
    if found.empty:
        return "Nothing differs, in what is written or in what follows from it."
    fresh = [each for each in _all(found) if not each.follows_on]
    new = sum(each.how is How.ADDED for each in fresh)
    told = (
        (len(found.new_wrong.contradictions), "contradiction", "new"),
        (len(found.gone_wrong.contradictions), "contradiction", "gone"),
        (len(found.new_wrong.diagnostics), "other diagnostic", "new"),
        (len(found.gone_wrong.diagnostics), "other diagnostic", "gone"),
        (len(found.studies), "study", "touched"),
        (len(found.claims), "claim", "touched"),
        (len(found.terms), "term", "touched"),
        (len(found.others), "other thing", "touched"),
        (len(found.shapes or ()), "shape", "touched"),
        (new, "conclusion", "new"),
        (len(fresh) - new, "conclusion", "gone"),
        (len(found.answers), "answer", "other than before"),
    )
    return ", ".join(f"{count} {_plural(word, count)} {how}" for count, word, how in told if count) + "."


def _all(found: Difference) -> Iterator[Conclusion]:
    for group in found.studies:
        yield from group.conclusions
    yield from found.conclusions


def _plural(word: str, count: int) -> str:
    if count == 1:
        return word
    return f"{word[:-1]}ies" if word.endswith("dy") else f"{word}s"


def _left_out(found: Difference) -> Iterator[str]:
    yield from found.notes
    for side in (found.before, found.after):
        if side.read is None:
            yield f"{side.said} has no shapes and no diagnostics to compare, and does not say in which file a thing is."
    for count, how in zip(
        found.turned, ("inferred before, and written now", "written before, and inferred now"), strict=True
    ):
        if count:
            were = "statement was" if count == 1 else "statements were"
            yield f"{count} {were} {how}: that alone makes no conclusion new or gone."


def _judged(judged: Judged, proofs: "_Proofs") -> list[Line]:
    lines = []
    for diagnostic, why in judged.contradictions:
        sides = tuple(proofs.plain(proof, why.telling.line) for proof in why.proofs) if why else ()
        lines.append(Line(_diagnostic(diagnostic), "!", sides, "why"))
    return lines + [Line(_diagnostic(each), "!") for each in judged.diagnostics]


def _diagnostic(each: object) -> str:
    place = getattr(each, "place", None)
    said = f"[{getattr(each, 'code', '')}] {getattr(each, 'what', '')}"
    return f"{place}: {said}" if place else said


def _grouped(group: Group, proofs: "_Proofs", most: int | None) -> Line:
    concluded = _concluded(group.conclusions, proofs, most)
    things = [_changed(each, most, within=group.name) for each in group.things]
    below = (*concluded, Line("what is written", "", tuple(things), "what is written")) if things else concluded
    return Line(
        f"{compact(group.name)} ({group.label})", MARKS[group.how], tuple(_within(each, group) for each in below)
    )


def _within(line: Line, group: Group) -> Line:
    """Leave the study's name out of the labels of what is told in it: it stands above."""
    said = line.text.replace(f" ({group.label})", "").replace(f"（{group.label}）", "")
    return Line(said, line.mark, tuple(_within(each, group) for each in line.below), line.folded)


def _changed(each: Changed, most: int | None, within: str | None = None) -> Line:
    shown = compact(each.name) if each.name else ""
    name = f"{shown} ({each.label})" if shown and each.label != shown else shown or each.label
    own = [edit for edit in each.edits if edit.about is None and not (each.how is not How.CHANGED and _is_label(edit))]
    lines = [line for edit in own for line in _edited(edit)]
    if within is None or each.how is How.CHANGED:  # of a new study it is told with the conclusions that rest on it
        lines += _provenance([edit for edit in each.edits if edit.about is not None])
    return Line(name, MARKS[each.how], _first(lines, most))


def _is_label(edit: Edit) -> bool:
    return edit.property == RDFS_LABEL


def _edited(edit: Edit) -> Iterator[Line]:
    if len(edit.lost) == len(edit.gained) == 1:
        yield Line(f"{edit.words}: {_value(edit.lost[0])} became {_value(edit.gained[0])}", "~")
        return
    for mark, values in (("-", edit.lost), ("+", edit.gained)):
        for value in values:
            yield Line(f"{edit.words}: {_value(value)}", mark)


def _provenance(edits: Iterable[Edit]) -> list[Line]:
    """Tell what changed of the provenance of each statement in one line: what was lost, gained, or became another."""
    told: dict[tuple[str, str], list[str]] = {}
    for edit in edits:
        if edit.about is not None:
            of = f"provenance of '{compact(edit.about[0].value)}' {edit.about[1].words}"
            for line in _edited(edit):
                told.setdefault((line.mark, of), []).append(line.text)
    return [Line(f"{of}: {'; '.join(said)}", mark) for (mark, of), said in told.items()]


def _value(value: Value) -> str:
    return f'"{value.words}"' if value.term and value.term.startswith('"') else value.words


def _concluded(found: Iterable[Conclusion], proofs: "_Proofs", most: int | None) -> list[Line]:
    everything = list(found)
    telling = [each for each in everything if most is None or not each.follows_on]
    lines = [proofs.line(each) for each in telling[:most]]
    if len(telling) > len(lines):
        lines.append(Line(f"and {len(telling) - len(lines)} more conclusions (--all shows them)"))
    return lines


def _answered(each: Answered, most: int | None) -> Line:
    if each.refused:
        return Line(f"{each.name}: {each.refused}", "!")
    rows = [
        Line(_row(each.columns, row), mark) for mark, rows in (("-", each.lost), ("+", each.gained)) for row in rows
    ]
    return Line(f"{each.name} ({each.title})", "~", _first(rows, most))


def _row(columns: tuple[str, ...], row: tuple[str, ...]) -> str:
    return ", ".join(f"{column} {value}" for column, value in zip(columns, row, strict=True) if value)


def _first(lines: list[Line], most: int | None) -> tuple[Line, ...]:
    if most is None or len(lines) <= most:
        return tuple(lines)
    return (*lines[:most], Line(f"and {len(lines) - most} more (--all shows them)"))


class _Proofs:
    """Tells conclusions with their proofs, each fact once: what was told above is not told again."""

    def __init__(self, found: Difference) -> None:
        self._found = found
        self._words = found.wording
        self._told: set[tuple[Pattern, How]] = set()

    def line(self, each: Conclusion) -> Line:
        """Say what follows now or no longer, and why."""
        words = {How.ADDED: "now also" if each.also else "now", How.REMOVED: "no longer"}[each.how]
        said = f"{words}: {self._words.fact(each.fact)}"
        known = (each.fact, each.how) in self._told
        if each.proof is None or known:
            return Line(f"{said}, as told above" if known else said, MARKS[each.how])
        grounds = {cause: self._found.grounds(cause, each.how) for cause in each.causes}
        causes = sorted(each.causes, key=lambda cause: not grounds[cause].notes)  # what has a source is told first
        because = [self._cause(cause, each.how, grounds[cause]) for cause in causes]
        because += [Line(f"because by an axiom: {self._words.rule(rule)}") for rule in each.axioms]
        proof = self._proof(each.proof, each.how, frozenset(each.causes), [MOST_NODES])
        return Line(said, MARKS[each.how], (*_first(because, 3), Line("proof", "", (proof,), "proof")))

    def plain(self, proof: Proof, tell: Callable[[Proof], object]) -> Line:
        """Tell a proof in which nothing is new or gone."""
        told = tell(proof)
        fact = str(getattr(told, "fact", ""))
        why = str(getattr(told, "why", ""))
        grounds = getattr(told, "grounds", None)
        text = f"{fact}: {why}" if why else f"{fact}{_grounds(grounds)}"
        return Line(text, "", tuple(self.plain(premise, tell) for premise in proof.premises))

    def _cause(self, fact: Pattern, how: How, grounds: Grounds) -> Line:
        written = "is written" if how is How.ADDED else "was written"
        return Line(f"because it {written} that {self._words.fact(fact)}{_grounds(grounds)}")

    def _proof(self, proof: Proof, how: How, causes: frozenset[Pattern], left: list[int]) -> Line:
        left[0] -= 1
        fact = self._words.fact(proof.fact)
        if proof.rule is None:
            mark = MARKS[how] if proof.fact in causes else ""
            return Line(fact, mark)
        if (proof.fact, how) in self._told:
            return Line(f"{fact}, as told above")
        self._told.add((proof.fact, how))
        if left[0] <= 0:
            return Line(f"{fact}: the rest of the proof is shown by exo-onto explain")
        below = tuple(self._proof(premise, how, causes, left) for premise in proof.premises)
        return Line(f"{fact}, since {self._words.rule(proof.rule)} [{', '.join(proof.rule.names)}]", "", below)


def _grounds(grounds: Grounds | None) -> str:
    if grounds is None:
        return ""
    notes = [f"{what}: {value}" for what, value in dict.fromkeys(grounds.notes)]
    said = "; ".join((*([str(grounds.place)] if grounds.place else []), *notes[:6]))
    return f" ({said})" if said else ""
