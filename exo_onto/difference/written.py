"""written: a difference in; text for people, Markdown for a pull request and JSON for programs out. Pure."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Final

from exo_onto.diagnose import Diagnostic
from exo_onto.difference.changes import Changed, Edit, How, Value
from exo_onto.difference.compare import Difference, Group, Judged
from exo_onto.difference.conclusions import Conclusion
from exo_onto.difference.outline import PROOFS, Line, Section
from exo_onto.difference.sides import Side
from exo_onto.expressions import Pattern
from exo_onto.vocabulary import compact
from exo_onto.words import Telling

MARKER: Final = "<!-- exo-onto diff -->"
"""The first line of the Markdown, by which a comment is found again and replaced."""
MOST_CHARACTERS: Final = 60_000
"""How long the Markdown may be: a comment on GitHub may have 65,536 characters."""
_SPECIAL: Final = re.compile(r"[\\`*_{}\[\]#|~]|^\s*[-+]|(?<=^\d)[.)]|(?<=^\d\d)[.)]")
"""What has a meaning in Markdown: anywhere in a line, or where it begins one."""
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""What has a terminal or a page do something else than show text: it is shown as a space."""


def text(told: Iterable[Section], title: str, summary: str) -> str:
    """Write it as text, what is below a line two further to the right."""
    lines = [title, summary]
    for section in told:
        lines += ["", section.title, *(f"  {line}" for each in section.lines for line in _text(each))]
    return "\n".join(lines) + "\n"


def _text(line: Line) -> Iterator[str]:
    said = _CONTROL.sub(" ", line.text)
    yield f"{line.mark} {said}" if line.mark else said
    for each in line.below:
        for below in _text(each):
            yield f"    {below}"


def markdown(told: Iterable[Section], title: str, summary: str) -> str:
    """Write it as GitHub-flavoured Markdown of at most MOST_CHARACTERS, proofs folded, and text of the data escaped."""
    parts = [f"{MARKER}\n## {escaped(title)}\n\n{escaped(summary)}\n"]
    room = MOST_CHARACTERS - len(parts[0]) - 200
    left = 0
    for section in told:
        blocks = ["\n".join(_markdown(line, 0)) for line in section.lines]
        heading = f"\n### {section.title}\n"
        for number, block in enumerate(blocks):
            needed = len(block) + 1 + (len(heading) if number == 0 else 0)
            if left or needed > room:
                left += 1
                continue
            room -= needed
            parts += [heading] if number == 0 else []
            parts.append(block)
    if left:
        parts.append(f"\n{left} more entries do not fit here: run `exo-onto diff` to see them.")
    return "\n".join(parts) + "\n"


def _markdown(line: Line, depth: int) -> Iterator[str]:
    space = "  " * depth
    shown = f"`{line.mark}` {escaped(line.text)}" if line.mark else escaped(line.text)
    if not (line.folded and line.below):
        yield f"{space}- {shown}"
        for each in line.below:
            yield from _markdown(each, depth + 1)
        return
    if line.folded == line.text:
        yield f"{space}- <details><summary>{shown}</summary>"
    else:
        yield f"{space}- {shown}"
        yield f"{space}  <details><summary>{line.folded}</summary>"
    yield ""
    yield from _folded(line, depth)
    yield ""
    yield f"{space}  </details>"


def _folded(line: Line, depth: int) -> Iterator[str]:
    """Write what is folded: a proof, which may be deep, as it is in text; else a list."""
    if line.folded not in PROOFS:
        for each in line.below:
            yield from _markdown(each, depth + 1)
        return
    space = "  " * (depth + 1)
    lines = [told for each in line.below for told in _text(each)]
    longest = max((len(run) for told in lines for run in re.findall("`+", told)), default=0)
    fence = "`" * max(3, longest + 1)
    yield f"{space}{fence}text"
    yield from (f"{space}{told}" for told in lines)
    yield f"{space}{fence}"


def escaped(said: str) -> str:
    """Keep text of the data from being read as Markdown, as HTML, or as a call to a person or an issue."""
    plain = _CONTROL.sub(" ", said).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"(@|\\#)(?=\w)", r"\1<!-- -->", _SPECIAL.sub(r"\\\g<0>", plain))


def as_json(found: Difference, summary: str) -> str:
    """Write it as JSON: everything, also what follows on from what is told itself."""
    telling = {how: Telling(found.wording, lambda fact, how=how: found.grounds(fact, how)) for how in How}  # type: ignore[misc]
    whole = {
        "before": _side(found.before),
        "after": _side(found.after),
        "summary": summary,
        "wrong": {"new": _judged(found.new_wrong), "gone": _judged(found.gone_wrong)},
        "studies": [_group(each, found, telling) for each in found.studies],
        "claims": [_changed(each) for each in found.claims],
        "terms": [_changed(each) for each in found.terms],
        "others": [_changed(each) for each in found.others],
        "shapes": None if found.shapes is None else [_changed(each) for each in found.shapes],
        "conclusions": [_conclusion(each, found, telling) for each in found.conclusions],
        "turned": {"writtenNow": found.turned[0], "inferredNow": found.turned[1]},
        "answers": [
            {"name": a.name, "title": a.title, "conflict": a.conflict, "refused": a.refused or None}
            | {"columns": a.columns, "lost": a.lost, "gained": a.gained}
            for a in found.answers
        ],
        "notes": found.notes,
    }
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"


def _side(side: Side) -> dict[str, str]:
    return {"name": side.name, "kind": side.kind.value}


def _judged(judged: Judged) -> dict[str, object]:
    return {
        "contradictions": [
            {**_diagnostic(each), "proofs": [why.telling.record(proof) for proof in why.proofs] if why else []}
            for each, why in judged.contradictions
        ],
        "diagnostics": [_diagnostic(each) for each in judged.diagnostics],
    }


def _diagnostic(each: Diagnostic) -> dict[str, object]:
    place = {"file": each.place.file, "line": each.place.line} if each.place else {"file": None, "line": None}
    told = {"code": each.code, "severity": each.severity.name.lower(), "what": each.what, "remedy": each.remedy}
    return {**told, **place}


def _group(group: Group, found: Difference, telling: dict[How, Telling]) -> dict[str, object]:
    return {
        "iri": group.name,
        "name": compact(group.name),
        "label": group.label,
        "how": group.how.value,
        "things": [_changed(each) for each in group.things],
        "conclusions": [_conclusion(each, found, telling) for each in group.conclusions],
    }


def _changed(each: Changed) -> dict[str, object]:
    told = {"iri": each.name or None, "name": compact(each.name), "label": each.label, "how": each.how.value}
    return {**told, "edits": [_edit(edit) for edit in each.edits]}


def _edit(edit: Edit) -> dict[str, object]:
    about = None
    if edit.about is not None:
        about = {"property": compact(edit.about[0].value), "target": _value(edit.about[1])}
    return {
        "property": compact(edit.property.value),
        "words": edit.words,
        "about": about,
        "lost": [_value(value) for value in edit.lost],
        "gained": [_value(value) for value in edit.gained],
    }


def _value(value: Value) -> dict[str, str | None]:
    return {"term": value.term, "words": value.words}


def _conclusion(each: Conclusion, found: Difference, telling: dict[How, Telling]) -> dict[str, object]:
    return {
        "fact": found.wording.fact(each.fact),
        "triple": _terms(each.fact),
        "how": each.how.value,
        "also": each.also,
        "followsOn": each.follows_on,
        "causes": [{"fact": found.wording.fact(cause), "triple": _terms(cause)} for cause in each.causes],
        "axioms": [found.wording.rule(rule) for rule in each.axioms],
        "proof": telling[each.how].record(each.proof) if each.proof and not each.follows_on else None,
    }


def _terms(fact: Pattern) -> list[str]:
    return [str(fact.subject), str(fact.predicate), str(fact.object)]
