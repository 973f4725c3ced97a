"""diagnose: validation results and contradictions in, `Diagnostic`s in the terms of a file's writer out. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from posixpath import basename, split, splitext

from pyoxigraph import Literal, NamedNode

from exo_onto.expressions import Pattern
from exo_onto.places import Place
from exo_onto.reason import Contradiction
from exo_onto.sources import Sources
from exo_onto.validate import Result, Severity
from exo_onto.vocabulary import RDF_TYPE, RDFS_LABEL, compact, is_base, is_ours


@dataclass(frozen=True)
class Diagnostic:
    """One thing to tell the person who wrote the files: what, where, why, and what to do.

    `about` is what it speaks of, as IRIs and lexical forms: the same for as long as the same thing is wrong, whatever
    line it stands on and however it is put into words.
    """

    code: str
    severity: Severity
    what: str
    place: Place | None = None
    remedy: str = ""
    about: tuple[str, ...] = ()


class Teller:
    """Tells results and contradictions in words: labels for IRIs, a file and a line, a likely spelling."""

    def __init__(self, read: Sources) -> None:
        """Keep what was read: its labels and places are looked up when there is something to tell."""
        self._read = read

    @cached_property
    def _labels(self) -> dict[str, str]:
        return dict(_english_labels(self._read))

    def tell(self, result: Result) -> Diagnostic:
        """Put a result of the validation into words."""
        code = compact(result.shape) if is_ours(result.shape) else compact(result.component)
        if result.annotated:
            subject, predicate, target = result.annotated
            about = f"The provenance of {compact(subject)} {compact(predicate)} {compact(target)}"
            place = self._read.place_of_axiom(*result.annotated)
        else:
            about = "" if is_base(result.focus) else compact(result.focus)
            place = self._place(result)
        value = f" (found: {compact(result.value)})" if result.value and about and not result.annotated else ""
        said = f"{self._short(result.message)}{value}"
        what = f"{about}: {said}" if about else said
        about_it = (result.shape, *(result.annotated or (result.focus, result.path or "", result.value or "")))
        return Diagnostic(code, result.severity, what, place, self._spelling(result), about_it)

    def tell_contradiction(self, clash: Contradiction, types: Iterable[NamedNode]) -> Diagnostic:
        """Say which facts exclude each other, in which study, and by which axiom; `types` are those of its subject."""
        first, *others = clash.facts or (None,)
        same = all(first is not None and other.terms == first.terms for other in others)
        of_one = all(first is not None and (o.subject, o.predicate) == (first.subject, RDF_TYPE) for o in others)
        if first is not None and others and of_one:
            sides = ", ".join(sorted({self._label(kind) for kind in types if is_ours(kind.value)}))
            both = " and ".join(f"'{self._label(fact.object)}'" for fact in sorted(clash.facts, key=_object))
            what = f"{self._called(first.subject)} would be both {both}, which exclude each other. It is: {sides}."
        elif first is not None and others and same:
            both = " and ".join(f"'{self._label(fact.predicate)}'" for fact in sorted(clash.facts, key=_predicate))
            joined = f"{self._called(first.subject)} would be joined to {_short(first.object)}"
            what = f"{joined} by both {both}, which exclude each other."
        else:
            facts = "; ".join(self._fact(fact) for fact in clash.facts) or "What the ontology says"
            what = f"{facts}: this cannot be so ({clash.rule.names[-1]})."
        place = self._place_of_clash(clash)
        remedy = "Check the signs of the edges that lead to it, and the direction that is reported of it."
        about = tuple(_plain(term) for fact in clash.facts for term in (fact.subject, fact.predicate, fact.object))
        return Diagnostic("contradiction", Severity.VIOLATION, f"{self._study(place)}{what}", place, remedy, about)

    def _place_of_clash(self, clash: Contradiction) -> Place | None:
        """Find one of the facts where it is written, or failing that where its subject is typed."""
        facts = [tuple(_plain(term) for term in (f.subject, f.predicate, f.object)) for f in clash.facts]
        if not facts:
            return None
        for subject, predicate, value in reversed(facts):
            if predicate != RDF_TYPE.value:
                return self._read.place_of(subject, predicate, value)
        return self._read.place_of(facts[0][0], RDF_TYPE.value)

    def _fact(self, fact: Pattern) -> str:
        if fact.predicate == RDF_TYPE:
            return f"{self._called(fact.subject)} is '{self._label(fact.object)}'"
        return f"{self._called(fact.subject)} '{self._label(fact.predicate)}' {_short(fact.object)}"

    def _label(self, term: object) -> str:
        name = _plain(term)
        return self._labels.get(name, compact(name))

    def _called(self, term: object) -> str:
        """Give a thing by its CURIE and its label."""
        label = self._labels.get(_plain(term))
        return f"{_short(term)} ({label})" if label else _short(term)

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
        if is_base(result.focus) and result.value:
            return self._read.place_of(result.value)
        return self._read.place_of(result.focus, path, result.value)

    def _short(self, message: str) -> str:
        """Write the IRIs in a message as CURIEs."""
        return " ".join(compact(word) if word.startswith("http") else word for word in message.split(" "))

    def _spelling(self, result: Result) -> str:
        """Suggest the name that an undeclared one is nearest to."""
        if not is_base(result.focus) or not result.value:
            return ""
        known = {name for name in self._labels if is_ours(name)}
        near = get_close_matches(result.value, known, n=1, cutoff=0.8)
        return f"Did you mean {compact(near[0])}?" if near else ""


def _plain(term: object) -> str:
    return str(getattr(term, "value", term))


def _short(term: object) -> str:
    return compact(_plain(term))


def _object(fact: Pattern) -> str:
    return _plain(fact.object)


def _predicate(fact: Pattern) -> str:
    return fact.predicate.value


def _english_labels(read: Sources) -> Iterator[tuple[str, str]]:
    for triple in read.triples():
        name, label = triple.subject, triple.object
        if triple.predicate != RDFS_LABEL or not isinstance(name, NamedNode) or not isinstance(label, Literal):
            continue
        if label.language == "en":
            yield name.value, label.value
