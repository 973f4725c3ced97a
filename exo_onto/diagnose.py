"""diagnose: validation results and contradictions in, `Diagnostic`s in the terms of a file's writer out. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from posixpath import basename, split, splitext

from pyoxigraph import Literal, NamedNode

from exo_onto.reason import Contradiction, Entailment
from exo_onto.sources import Place, Sources
from exo_onto.validate import Result, Severity
from exo_onto.vocabulary import BASE, RDF_TYPE, RDFS_LABEL, compact


@dataclass(frozen=True)
class Diagnostic:
    """One thing to tell the person who wrote the files: what, where, why, and what to do."""

    code: str
    severity: Severity
    what: str
    place: Place | None = None
    remedy: str = ""


class Teller:
    """Tells results and contradictions in words: labels for IRIs, a file and a line, a likely spelling."""

    def __init__(self, read: Sources) -> None:
        """Learn the labels and the places of what was read."""
        self._read = read
        self._labels = dict(_english_labels(read))

    def tell(self, result: Result) -> Diagnostic:
        """Put a result of the validation into words."""
        code = compact(result.shape) if result.shape.startswith(BASE) else compact(result.component)
        if result.annotated:
            subject, predicate, target = result.annotated
            about = f"The provenance of {compact(subject)} {compact(predicate)} {compact(target)}"
            place = self._read.place_of_axiom(*result.annotated)
        else:
            about = "" if result.focus == BASE else compact(result.focus)
            place = self._place(result)
        value = f" (found: {compact(result.value)})" if result.value and about and not result.annotated else ""
        said = f"{self._short(result.message)}{value}"
        what = f"{about}: {said}" if about else said
        return Diagnostic(code, result.severity, what, place, self._spelling(result))

    def tell_contradiction(self, clash: Contradiction, entailment: Entailment) -> Diagnostic:
        """Say which thing would be both of what, and what is known of it on each side."""
        name = compact(clash.subject.value)
        label = self._labels.get(clash.subject.value)
        called = f"{name} ({label})" if label else name
        first, second = (self._labels.get(c.value, compact(c.value)) for c in (clash.first, clash.second))
        place = self._read.place_of(clash.subject.value, RDF_TYPE.value)
        if clash.other is not None:
            other = compact(clash.other.value)
            what = f"{called} would be joined to {other} by both '{first}' and '{second}', which exclude each other."
            place = self._read.place_of(clash.subject.value, clash.second.value, clash.other.value)
        else:
            sides = ", ".join(sorted(self._types(clash.subject, entailment)))
            what = f"{called} would be both '{first}' and '{second}', which exclude each other. It is: {sides}."
        study = self._study(place)
        remedy = "Check the signs of the edges that lead to it, and the direction that is reported of it."
        return Diagnostic("contradiction", Severity.VIOLATION, f"{study}{what}", place, remedy)

    def _types(self, subject: NamedNode, entailment: Entailment) -> set[str]:
        """Give the labels of the classes of ours that a thing is in."""
        told = (*self._read.triples(), *entailment.inferred)
        ends = (t.object for t in told if t.subject == subject and t.predicate == RDF_TYPE)
        types = {end.value for end in ends if isinstance(end, NamedNode)}
        return {self._labels[name] for name in types if name.startswith(BASE) and name in self._labels}

    def _study(self, place: Place | None) -> str:
        """Name the study by the file that it is written in."""
        folder, name = split(place.file) if place else ("", "")
        return f"In study {splitext(name)[0]}, " if basename(folder) == "studies" else ""

    def _place(self, result: Result) -> Place | None:
        """Find where to look: the annotation, the name or the statement that the result is about."""
        path = result.path.lstrip("^") if result.path else None
        if result.value and path:
            annotation = self._read.place_of_axiom(result.value, path, result.focus)
            if annotation:
                return annotation
        if result.focus == BASE and result.value:
            return self._read.place_of(result.value)
        return self._read.place_of(result.focus, path, result.value)

    def _short(self, message: str) -> str:
        """Write the IRIs in a message as CURIEs."""
        return " ".join(compact(word) if word.startswith("http") else word for word in message.split(" "))

    def _spelling(self, result: Result) -> str:
        """Suggest the name that an undeclared one is nearest to."""
        if result.focus != BASE or not result.value:
            return ""
        known = {name for name in self._labels if name.startswith(BASE)}
        near = get_close_matches(result.value, known, n=1, cutoff=0.8)
        return f"Did you mean {compact(near[0])}?" if near else ""


def _english_labels(read: Sources) -> Iterator[tuple[str, str]]:
    for triple in read.triples():
        name, label = triple.subject, triple.object
        if triple.predicate != RDFS_LABEL or not isinstance(name, NamedNode) or not isinstance(label, Literal):
            continue
        if label.language == "en":
            yield name.value, label.value
