"""why: a published store and a name or two in, the proofs of what was inferred out, with labels and places."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path

from pyoxigraph import BlankNode, Literal, NamedNode, QuerySolutions, Store

from exo_onto import explain, judge, reason, rules, sources
from exo_onto.expressions import Pattern
from exo_onto.faults import FaultySourcesError
from exo_onto.judge import Judgement
from exo_onto.sources import Sources
from exo_onto.vocabulary import (
    DEFAULT_GRAPHS,
    GRAPH_INFERRED,
    KINDS,
    OWL,
    PREFIXES,
    RDF_TYPE,
    RDFS_LABEL,
    REFERENCE_NUMBER,
    UnknownNameError,
    compact,
    expand,
)
from exo_onto.words import Ground, Grounds, Telling, Wording, ordered

_KINDS_FIRST = ("study", "treatment", "preparation", "activity")
"""The kinds of individuals in the order in which a bare name is taken for one."""


class NothingToExplainError(Exception):
    """What was asked about is not there, or was not inferred."""


@dataclass(frozen=True)
class Inferred:
    """What was inferred of one thing: pairs of a property and a value, in words and as CURIEs."""

    subject: str
    rows: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Why:
    """The proofs of one fact, with what it takes to tell them."""

    fact: Pattern
    proofs: tuple[explain.Proof, ...]
    telling: Telling


def why(root: Path, store: Store, subject: str, value: str | None, *, language: str = "en") -> Why | Inferred:
    """Explain what joins two things, or list what was inferred of one.

    Raises NothingToExplainError, in words, where there is nothing.
    """
    wording = Wording(labels(store, language))
    if value is None:
        return _inferred_of(store, _individual(store, subject), wording)
    fact = _joining(store, _named(store, subject), _named(store, value), (subject, value))
    compiled = rules.compile_rules(judge.axioms(store))
    select, _ = reason.engine(store)
    found = explain.explain(select, compiled, fact)
    if found is None:
        raise NothingToExplainError(f"No proof was found of: {wording.fact(fact)}.")
    return Why(fact, ordered(found), Telling(wording, _ground(root, store, wording)))


def contradictions(judgement: Judgement) -> Iterator[Why]:
    """Yield for each contradiction of a judgement the proofs of the facts that exclude each other."""
    read, store = judgement.sources, judgement.store
    if read is None or store is None:
        return
    wording = Wording(labels(store, "en"))
    compiled = rules.compile_rules(judge.axioms(store))
    select, _ = reason.engine(store)
    for clash in judgement.contradictions:
        found = (explain.explain(select, compiled, fact) for fact in clash.facts)
        proofs = tuple(each.proof for each in found if each is not None)
        if proofs:
            yield Why(proofs[0].fact, proofs, Telling(wording, _ground(read.root, store, wording)))


def _named(store: Store, name: str) -> list[NamedNode]:
    """Give the things that a CURIE, an IRI or a bare name may mean, in the order of preference."""
    try:
        return [expand(name)]
    except UnknownNameError:
        if ":" in name:
            raise
    kinds = sorted(
        KINDS,
        key=lambda kind: (_KINDS_FIRST.index(kind) if kind in _KINDS_FIRST else len(_KINDS_FIRST), kind),
    )
    candidates = [NamedNode(PREFIXES[kind] + name) for kind in kinds if name.replace("-", "").isalnum()]
    found = [each for each in candidates if any(True for _ in store.quads_for_pattern(each, None, None))]
    if not found:
        raise NothingToExplainError(
            f"Nothing here is called {name!r}. Give a CURIE or an IRI, or look with `exo-onto query`."
        )
    return found


def _individual(store: Store, name: str) -> NamedNode:
    return _named(store, name)[0]


def _joining(store: Store, subjects: list[NamedNode], values: list[NamedNode], asked: tuple[str, str]) -> Pattern:
    """Find what joins one of the subjects to one of the values: what is inferred before what is asserted."""
    for subject in subjects:
        for value in values:
            quads = [
                quad for quad in store.quads_for_pattern(subject, None, value) if quad.graph_name in DEFAULT_GRAPHS
            ]
            for quad in sorted(quads, key=lambda quad: (quad.graph_name != GRAPH_INFERRED, quad.predicate.value)):
                return Pattern(subject, quad.predicate, value)
    one = compact(subjects[0].value)
    raise NothingToExplainError(
        f"Nothing joins {asked[0]} to {asked[1]}: it was neither asserted nor inferred. "
        f"`exo-onto explain {one}` lists what was inferred of it."
    )


def _inferred_of(store: Store, subject: NamedNode, wording: Wording) -> Inferred:
    quads = store.quads_for_pattern(subject, None, None, GRAPH_INFERRED)
    rows = sorted(
        (wording.term(quad.predicate), wording.term(quad.object), _compacted(quad.object))
        for quad in quads
        if isinstance(quad.object, NamedNode | Literal)
    )
    if not rows:
        raise NothingToExplainError(f"Nothing was inferred of {compact(subject.value)}.")
    return Inferred(compact(subject.value), tuple(rows))


def _compacted(term: object) -> str:
    return compact(term.value) if isinstance(term, NamedNode) else str(term)


def labels(store: Store, language: str) -> dict[str, str]:
    """Give the labels in a language, English where there is none."""
    found: dict[str, str] = {}
    for wanted in dict.fromkeys(("en", language)):
        for quad in store.quads_for_pattern(None, RDFS_LABEL, None):
            label = quad.object
            if isinstance(quad.subject, NamedNode) and isinstance(label, Literal) and label.language in (wanted, None):
                found[quad.subject.value] = label.value
    found[RDF_TYPE.value] = "is a"
    return found


def _ground(root: Path, store: Store, wording: Wording) -> Ground:
    """Give a function that finds where an asserted fact is written, and what its provenance says."""

    @cache
    def read() -> Sources | None:
        try:
            return sources.read_sources(root)
        except FaultySourcesError:
            return None

    @cache
    def ground(fact: Pattern) -> Grounds:
        where = read()
        plain = [str(getattr(term, "value", term)) for term in (fact.subject, fact.predicate, fact.object)]
        place = None if where is None else where.place_of(plain[0], plain[1], plain[2])
        return Grounds(place, tuple(notes(store, fact, wording)))

    return ground


def notes(store: Store, fact: Pattern, wording: Wording) -> Iterable[tuple[str, str]]:
    """Yield what annotated axioms say about a fact, one axiom after the other, and nothing twice."""
    query = f"""SELECT DISTINCT ?axiom ?about ?value ?number {_from()} WHERE {{
        ?axiom {OWL("annotatedSource")} {fact.subject} ; {OWL("annotatedProperty")} {fact.predicate} ;
            {OWL("annotatedTarget")} {fact.object} ; ?about ?value .
        FILTER (!STRSTARTS(STR(?about), "{PREFIXES["owl"]}") && ?about != {RDF_TYPE})
        OPTIONAL {{ ?value {REFERENCE_NUMBER} ?number }}
    }} ORDER BY ?about ?value"""
    if isinstance(fact.subject, BlankNode) or isinstance(fact.object, BlankNode):
        return
    found = store.query(query)
    notes: dict[object, list[tuple[str, str]]] = {}
    if isinstance(found, QuerySolutions):
        for axiom, about, value, number in found:
            cited = f" [{number.value}]" if isinstance(number, Literal) else ""
            notes.setdefault(axiom, []).append((wording.term(about), f"{wording.term(value)}{cited}"))
    yield from dict.fromkeys(chain.from_iterable(sorted(notes.values())))


def _from() -> str:
    return " ".join(f"FROM {graph}" for graph in DEFAULT_GRAPHS)
