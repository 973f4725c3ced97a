"""compare: two sides in, their `Difference` out: what is written, what follows, what is wrong, what is answered."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from pyoxigraph import NamedNode, Store

from exo_onto import questions, sources, why
from exo_onto.diagnose import Diagnostic
from exo_onto.difference.answers import Answered, answers
from exo_onto.difference.canonical import pieces
from exo_onto.difference.changes import Changed, How, Naming, changes
from exo_onto.difference.conclusions import Conclusion, conclusions, turned
from exo_onto.difference.sides import Side, written
from exo_onto.expressions import Pattern
from exo_onto.judge import Progress
from exo_onto.places import Place, Statement, statements
from exo_onto.questions import Question
from exo_onto.sources import SourceFile, Sources
from exo_onto.validate import Severity
from exo_onto.vocabulary import GRAPH_CLAIMS, GRAPH_INSTANCES, OWL, RDF_TYPE
from exo_onto.why import Why
from exo_onto.words import Grounds, Wording

_STUDIES: Final = "/study/"
"""How the IRI of a study goes on after the base: `study:` is `<base>study/`."""
_SCHEMA: Final = tuple(
    OWL(name)
    for name in ("Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty", "Ontology", "AllDisjointClasses")
)


@dataclass(frozen=True)
class Group:
    """A study, and what changed of all that is told in it."""

    name: str
    label: str
    how: How
    things: tuple[Changed, ...]
    conclusions: tuple[Conclusion, ...] = ()


@dataclass(frozen=True)
class Judged:
    """What is wrong on one side only: contradictions with the proofs of what excludes what, and other diagnostics."""

    contradictions: tuple[tuple[Diagnostic, Why | None], ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def wrong(self) -> bool:
        """True where something keeps the knowledge from being published."""
        return bool(self.contradictions) or any(each.severity is Severity.VIOLATION for each in self.diagnostics)


@dataclass(frozen=True)
class _Parts:
    """What changed, parted by what it is."""

    terms: tuple[Changed, ...]
    studies: tuple[Group, ...]
    claims: tuple[Changed, ...]
    others: tuple[Changed, ...]


@dataclass(frozen=True)
class Difference:
    """What differs between two sides; of each kind, in a fixed order. `shapes` is None where a side has none to show.

    `turned` counts what was inferred and is written now, and what was written and is inferred now.
    """

    before: Side
    after: Side
    terms: tuple[Changed, ...]
    studies: tuple[Group, ...]
    claims: tuple[Changed, ...]
    others: tuple[Changed, ...]
    shapes: tuple[Changed, ...] | None
    conclusions: tuple[Conclusion, ...]
    turned: tuple[int, int]
    new_wrong: Judged
    gone_wrong: Judged
    answers: tuple[Answered, ...]
    wording: Wording
    notes: tuple[str, ...] = field(default=())

    @property
    def empty(self) -> bool:
        """True where nothing differs."""
        wrong = (self.new_wrong, self.gone_wrong)
        return not (
            self.terms or self.studies or self.claims or self.others or self.shapes or self.conclusions or self.answers
        ) and not any(each.contradictions or each.diagnostics for each in wrong)

    def grounds(self, fact: Pattern, how: How) -> Grounds:
        """Say where a statement is written, on the side that has it, and what its provenance says."""
        side = self.after if how is How.ADDED else self.before
        place = place_of(side.read, fact) if side.read is not None else None
        return Grounds(place, tuple(why.notes(side.store, fact, self.wording)))


def compare(before: Side, after: Side, *, language: str = "en", progress: Progress = print) -> Difference:
    """Compare two sides: pieces by their meaning, conclusions with their proofs, diagnostics, answers to questions.

    `language` is that of labels. Raises EntangledError where more hangs together by blank nodes than can be compared.
    """
    progress("compare what is written")
    names = Wording({**why.labels(before.store, language), **why.labels(after.store, language)})
    naming = Naming(lambda term: names.term(term))  # type: ignore[arg-type]  # noqa: PLW0108  a triple has no label
    old, new = (pieces(quad.triple for quad in written(side)) for side in (before, after))
    changed = changes(old, new, naming)
    progress("compare what follows")
    found = conclusions(before, after)
    owners = _Owners(before, after)
    parts = _parted(changed, found, owners, naming)
    progress("compare what is wrong and what is answered")
    return Difference(
        before=before,
        after=after,
        terms=parts.terms,
        studies=parts.studies,
        claims=parts.claims,
        others=parts.others,
        shapes=_shapes(before, after, naming),
        conclusions=tuple(each for each in found if owners.study(_name(each)) is None),
        turned=turned(before, after),
        new_wrong=_wrong(after, before),
        gone_wrong=_wrong(before, after),
        answers=answers(_questions(before, after), before, after),
        wording=names,
        notes=tuple(side.note for side in (before, after) if side.note),
    )


def _name(each: Conclusion) -> str:
    return str(getattr(each.fact.subject, "value", each.fact.subject))


class _Owners:
    """Knows to which study a thing belongs, and whether it is a term or a claim."""

    def __init__(self, before: Side, after: Side) -> None:
        self._stores = (before.store, after.store)
        self._studies = {
            name.rpartition(_STUDIES)[2]: name
            for store in self._stores
            for name in _subjects(store)
            if _STUDIES in name
        }
        self._files = {name: slug for side in (before, after) for name, slug in _told_in(side.read)}

    def study(self, name: str) -> str | None:
        """Give the study that a thing is told in: by its file, or by the study's name in its own."""
        slug = self._files.get(name)
        if slug is None and not self.claim(name):
            head, _, local = name.rpartition("/")
            fitting = [each for each in self._studies if local == each or local.startswith(f"{each}-")]
            shared = head.endswith(("/reference", "/claim"))
            slug = None if shared else max(fitting, key=len, default=None)
        return self._studies.get(slug, slug) if slug is not None else None

    def claim(self, name: str) -> bool:
        """Say whether a thing stands among the claims."""
        return any(
            True for store in self._stores for _ in store.quads_for_pattern(_iri(name), None, None, GRAPH_CLAIMS)
        )

    def term(self, name: str) -> bool:
        """Say whether a thing is a term: of the ontology, or declared as one."""
        if not name:
            return True
        kinds = {quad.object for store in self._stores for quad in store.quads_for_pattern(_iri(name), RDF_TYPE, None)}
        places = {quad.graph_name for store in self._stores for quad in store.quads_for_pattern(_iri(name), None, None)}
        return bool(kinds & set(_SCHEMA)) or (GRAPH_INSTANCES not in places and not self._flat)

    @property
    def _flat(self) -> bool:
        """True where a side knows of no graphs, as a file of Turtle does not."""
        return any(GRAPH_INSTANCES not in set(store.named_graphs()) for store in self._stores)


def _iri(name: str) -> NamedNode | None:
    return NamedNode(name) if name else None


def _subjects(store: Store) -> Iterator[str]:
    for quad in store.quads_for_pattern(None, RDF_TYPE, None):
        if isinstance(quad.subject, NamedNode):
            yield quad.subject.value


def _told_in(read: Sources | None) -> Iterator[tuple[str, str]]:
    for file in read.studies if read else ():
        slug = file.path.rpartition("/")[2].removesuffix(".ttl")
        for triple in file.triples:
            if isinstance(triple.subject, NamedNode) and triple.predicate == RDF_TYPE:
                yield triple.subject.value, slug


def _parted(changed: Iterable[Changed], found: Iterable[Conclusion], owners: _Owners, naming: Naming) -> _Parts:
    """Part what changed into terms, studies, claims, and others."""
    terms: list[Changed] = []
    claims: list[Changed] = []
    others: list[Changed] = []
    studies: dict[str, tuple[list[Changed], list[Conclusion]]] = {}
    for each in changed:
        study = owners.study(each.name) if each.name else None
        if study is not None:
            studies.setdefault(study, ([], []))[0].append(each)
        elif each.name and owners.claim(each.name):
            claims.append(each)
        else:
            (terms if owners.term(each.name) else others).append(each)
    for conclusion in found:
        study = owners.study(_name(conclusion))
        if study is not None:
            studies.setdefault(study, ([], []))[1].append(conclusion)
    groups = tuple(_group(name, *told, naming) for name, told in sorted(studies.items()))
    return _Parts(tuple(terms), groups, tuple(claims), tuple(others))


def _group(name: str, things: list[Changed], found: list[Conclusion], naming: Naming) -> Group:
    how = next((each.how for each in things if each.name == name), How.CHANGED)
    label = naming.of(name) if ":" in name else name
    found.sort(key=lambda each: (_name(each) != name, str(each.fact)))
    return Group(name, label, how, tuple(sorted(things, key=lambda each: (each.name != name, each.name))), tuple(found))


def _shapes(before: Side, after: Side, naming: Naming) -> tuple[Changed, ...] | None:
    if before.read is None or after.read is None:
        return None
    old, new = (pieces(t for file in read.shapes for t in file.triples) for read in (before.read, after.read))
    return changes(old, new, naming)


def _wrong(here: Side, there: Side) -> Judged:
    """Give what is wrong here and is not there. Remarks are compared only where both sides were judged."""
    if here.judgement is None:
        return Judged()
    known = {_same(each) for each in there.judgement.diagnostics} if there.judgement else set()
    least = Severity.VIOLATION if there.judgement is None else Severity.WARNING
    fresh = [each for each in here.judgement.diagnostics if _same(each) not in known and each.severity >= least]
    clashes = [each for each in fresh if each.code == "contradiction"]
    proofs = _proved(here) if clashes else {}
    told = tuple((each, proofs.get(each.what)) for each in clashes)
    return Judged(told, tuple(each for each in fresh if each.code != "contradiction"))


def _same(each: Diagnostic) -> tuple[str, str]:
    """Give what makes two diagnostics the same, though lines moved."""
    return each.code, each.what


def _proved(side: Side) -> Mapping[str, Why]:
    """Give the proofs of the contradictions of a side, by what is said of them."""
    if side.judgement is None:
        return {}
    told = [each.what for each in side.judgement.diagnostics if each.code == "contradiction"]
    return dict(zip(told, why.contradictions(side.judgement), strict=False))


def _questions(before: Side, after: Side) -> Iterator[Question]:
    folder = after.queries or before.queries
    for name, text in sources.read_texts(folder, ".rq") if folder else ():
        try:
            yield questions.parse_question(name, text)
        except questions.QuestionError:
            continue  # `check` tells of it


def place_of(read: Sources, fact: Pattern) -> Place | None:
    """Find the line of a statement: only the files that have it are parsed for their lines, each once."""
    terms = (fact.subject, fact.predicate, fact.object)
    plain = tuple(str(getattr(term, "value", term)) for term in terms)
    for file in read.files:
        if any((t.subject, t.predicate, t.object) == terms for t in file.triples):
            return next((s.place for s in _statements(file) if (s.subject, s.predicate, s.object) == plain), None)
    return None


@cache
def _statements(file: SourceFile) -> tuple[Statement, ...]:
    return statements(file.content(), file.path)
