"""proofs: an inferred fact in, its smallest proof out, told in the reader's language, with the grounds it rests on.

The proof is that of `explain`, over the snapshot's own store. It is found in a thread, and the rules are compiled once.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Store, Variable

from exo_onto import explain, judge, reason, rules
from exo_onto.archive import Archive
from exo_onto.axioms import Rule
from exo_onto.explain import Explanation, Proof
from exo_onto.expressions import Pattern, Term
from exo_onto.pages.names import Names
from exo_onto.pages.stories import Ground
from exo_onto.places import Place
from exo_onto.vocabulary import RDF_TYPE
from exo_onto.words import Wording, ordered

Places = Mapping[Pattern, Place]
Grounds = Mapping[tuple[str, str, str], tuple[Ground, ...]]
_PRONOUNS = "甲乙丙丁戊己庚辛壬癸"


@dataclass(frozen=True)
class Told:
    """One node of a proof in words: what it says, the rule that says so and its W3C names, and what it rests on.

    `place` is the file and line where it is written, as far as that is known.
    """

    fact: str
    subject: str
    why: str
    rules: tuple[str, ...]
    premises: tuple["Told", ...]
    grounds: tuple[Ground, ...]
    place: str = ""

    @property
    def asserted(self) -> bool:
        """Say whether it is written, and does not follow."""
        return not self.rules


def compiled(store: Store) -> tuple[Rule, ...]:
    """Compile the rules of a store's ontology."""
    return tuple(rules.compile_rules(judge.axioms(store)))


def proved(store: Store, known: tuple[Rule, ...], fact: Pattern) -> Explanation | None:
    """Find why a fact holds; None where it does not."""
    select, _ = reason.engine(store)
    return explain.explain(select, known, fact)


def places(found: Explanation, sources: Archive) -> Places:
    """Find the file and line of what proofs rest on."""
    written = (node.fact for proof in ordered(found) for node in _nodes(proof) if node.rule is None)
    seen = {fact: sources.place_of(*_terms(fact)) for fact in dict.fromkeys(written)}
    return {fact: place for fact, place in seen.items() if place is not None}


def told(found: Explanation, names: Names, grounds: Grounds, places: Places) -> tuple[Told, ...]:
    """Put proofs into words: how it comes about first, then what it is concluded from."""
    wording = _Chinese(names) if names.language == "zh" else _English(names)
    return tuple(_told(proof, wording, grounds, places) for proof in ordered(found))


def things(found: Explanation) -> set[str]:
    """Give every IRI in the facts and rules of some proofs."""
    return {term.value for proof in ordered(found) for each in _patterns(proof) for term in _iris(each)}


def leaves(found: Explanation) -> tuple[NamedNode, ...]:
    """Give the subjects of what proofs rest on."""
    nodes = (node for proof in ordered(found) for node in _nodes(proof) if node.rule is None)
    return tuple(dict.fromkeys(node.fact.subject for node in nodes if isinstance(node.fact.subject, NamedNode)))


def _told(proof: Proof, wording: Wording, grounds: Grounds, places: Places) -> Told:
    fact = proof.fact
    subject = fact.subject.value if isinstance(fact.subject, NamedNode) else ""
    if proof.rule is None:
        place = str(places.get(fact, ""))
        return Told(wording.fact(fact), subject, "", (), (), grounds.get(_terms(fact), ()), place)
    premises = tuple(_told(premise, wording, grounds, places) for premise in proof.premises)
    return Told(wording.fact(fact), subject, wording.rule(proof.rule), tuple(proof.rule.names), premises, ())


def _nodes(proof: Proof) -> Iterator[Proof]:
    yield proof
    for premise in proof.premises:
        yield from _nodes(premise)


def _patterns(proof: Proof) -> Iterator[Pattern]:
    for node in _nodes(proof):
        yield node.fact
        if node.rule is not None:
            yield from node.rule.body
            yield from (node.rule.head,) if node.rule.head is not None else ()


def _iris(pattern: Pattern) -> Iterator[NamedNode]:
    for term in (pattern.subject, pattern.predicate, pattern.object):
        if isinstance(term, NamedNode):
            yield term


def _terms(fact: Pattern) -> tuple[str, str, str]:
    """Write the terms of a fact plainly: IRIs, and lexical forms."""
    subject, predicate, value = (
        str(getattr(term, "value", term)) for term in (fact.subject, fact.predicate, fact.object)
    )
    return subject, predicate, value


class _English(Wording):
    """The words of `explain`, with the names of a page."""

    def __init__(self, names: Names) -> None:
        super().__init__({iri: names(iri) for iri in names.known})


class _Chinese(Wording):
    """The same facts and rules in Chinese: a rule is told as *if ... then ...*."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def term(self, term: Term) -> str:
        if isinstance(term, NamedNode):
            return self._names(term.value)
        return term.value if isinstance(term, Literal) else str(term)

    def fact(self, fact: Pattern) -> str:
        return self._clause_of(fact, {})

    def rule(self, rule: Rule) -> str:
        variables = dict.fromkeys(
            term for each in (*rule.body, *((rule.head,) if rule.head else ())) for term in each.terms
        )
        called = dict(zip((term for term in variables if isinstance(term, Variable)), _PRONOUNS, strict=False))
        premises = "，且".join(self._clause_of(each, called) for each in rule.body)
        conclusion = "矛盾" if rule.head is None else self._clause_of(rule.head, called)
        return f"若{premises}，则{conclusion}" if rule.body else f"本体规定：{conclusion}"

    def _clause_of(self, pattern: Pattern, called: Mapping[Variable, str]) -> str:
        subject, value = (self._called(term, called) for term in (pattern.subject, pattern.object))
        if pattern.predicate == RDF_TYPE:
            return f"{subject}属于“{value}”"
        return f"{subject}“{self.term(pattern.predicate)}”{value}"

    def _called(self, term: Term, called: Mapping[Variable, str]) -> str:
        return called.get(term, str(term)) if isinstance(term, Variable) else self.term(term)
