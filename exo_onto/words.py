"""words: facts, rules and proofs in, the words that a biologist reads out. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Variable

from exo_onto.axioms import Rule
from exo_onto.explain import Explanation, Proof
from exo_onto.expressions import Pattern, Term
from exo_onto.places import Place
from exo_onto.vocabulary import RDF_TYPE, compact


@dataclass(frozen=True)
class Grounds:
    """Where an asserted fact is written, and what is noted about it: pairs of words, such as *place*, *3.1*."""

    place: Place | None = None
    notes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Line:
    """One node of a proof told in words: what it says, why, and on what ground."""

    fact: str
    names: tuple[str, ...] = ()
    why: str = ""
    grounds: Grounds | None = None


Ground = Callable[[Pattern], Grounds]


class Wording:
    """Puts terms, facts and rules into words, by the labels of one language."""

    def __init__(self, labels: Mapping[str, str]) -> None:
        """Take the labels, by IRI."""
        self._labels = labels

    def term(self, term: Term) -> str:
        """Name a thing."""
        if isinstance(term, NamedNode):
            return self._labels.get(term.value, compact(term.value))
        return term.value if isinstance(term, Literal) else str(term)

    def fact(self, fact: Pattern) -> str:
        """Say a fact in a sentence without its full stop."""
        if fact.predicate == RDF_TYPE:
            return f"{self.term(fact.subject)} is {article(self.term(fact.object))}"
        return f"{self.term(fact.subject)} {self._property(fact)} {self.term(fact.object)}"

    def rule(self, rule: Rule) -> str:
        """Say what a rule says of anything, in words."""
        head = rule.head
        if head is None:
            return f"{' and '.join(self._clause(each, 'it') for each in rule.body)}: these exclude each other"
        kinds = [each for each in rule.body if each.predicate == RDF_TYPE]
        links = [each for each in rule.body if each.predicate != RDF_TYPE]
        if not rule.body:
            return f"so the ontology says of {self.term(head.subject)}"
        if not links and all(each.subject == kinds[0].subject for each in kinds):
            return f"{self._noun(kinds)} {self._predicate(head, kinds[0].subject)}"
        if len(links) == 1 and len(rule.body) == 1:
            return self._of_pair(links[0], head)
        if not kinds:
            return f"{' then '.join(map(self._property, links))} makes {self._property(head)}"
        return f"{self._relative(links, kinds, head)} {self._predicate(head, head.subject)}"

    def _property(self, pattern: Pattern) -> str:
        return f"'{self.term(pattern.predicate)}'"

    def _of_pair(self, link: Pattern, head: Pattern) -> str:
        if head.predicate == RDF_TYPE:
            role = "has" if head.subject == link.subject else "is a value of"
            value = "" if isinstance(link.object, Variable) else f" {self.term(link.object)}"
            return f"what {role} {self._property(link)}{value} is {article(self.term(head.object))}"
        if head.terms == link.terms:
            return f"{self._property(link)} is a kind of {self._property(head)}"
        return f"{self._property(head)} is the inverse of {self._property(link)}"

    def _noun(self, kinds: Sequence[Pattern]) -> str:
        return f"every {' that is also '.join(_bare(self.term(each.object), n) for n, each in enumerate(kinds))}"

    def _relative(self, links: Sequence[Pattern], kinds: Sequence[Pattern], head: Pattern) -> str:
        """Say *what is decreased by an increased activity*, with what else it must be."""
        own = [article(self.term(each.object)) for each in kinds if each.subject == head.subject]
        steps: list[str] = []
        for link in links:
            end = link.object if link.subject == head.subject or link.subject != head.object else link.subject
            about = [article(self.term(each.object)) for each in kinds if each.subject in (end, link.subject)]
            about = [each for each in about if each not in own] or [self.term(end)]
            steps.append(f"{self._property(link)} {' and '.join(about)}")
        return f"what is {' and '.join(own)} and {' and '.join(steps)}" if own else f"what is {' and '.join(steps)}"

    def _predicate(self, head: Pattern, subject: Term) -> str:
        if head.predicate == RDF_TYPE:
            return f"is {article(self.term(head.object))}"
        if head.subject == subject:
            return f"{self._property(head)} {self.term(head.object)}"
        return f"is what {self.term(head.subject)} {self._property(head)}"

    def _clause(self, pattern: Pattern, subject: str) -> str:
        if pattern.predicate == RDF_TYPE:
            return f"{subject} is {article(self.term(pattern.object))}"
        return f"{subject} {self._property(pattern)} something"


def article(noun: str) -> str:
    """Give a noun its indefinite article; words in Chinese have none."""
    if not noun or not noun[0].isascii():
        return noun
    return f"{'an' if noun[0].lower() in 'aeiou' else 'a'} {noun}"


def _bare(noun: str, number: int) -> str:
    return article(noun) if number else noun


class Telling:
    """Tells proofs: in the words of one language, with the grounds of what is asserted."""

    def __init__(self, wording: Wording, ground: Ground) -> None:
        """Take the words, and what knows the grounds."""
        self.wording = wording
        self._ground = ground

    def line(self, proof: Proof) -> Line:
        """Tell the root of a proof."""
        said = self.wording.fact(proof.fact)
        if proof.rule is None:
            return Line(said, grounds=self._ground(proof.fact))
        return Line(said, proof.rule.names, self.wording.rule(proof.rule))

    def record(self, proof: Proof) -> dict[str, object]:
        """Give a proof as nested records, for JSON."""
        line = self.line(proof)
        terms = (proof.fact.subject, proof.fact.predicate, proof.fact.object)
        found: dict[str, object] = {"fact": line.fact, "triple": [str(term) for term in terms]}
        if line.grounds is not None:
            place = line.grounds.place
            found["asserted"] = {
                "file": place.file if place else None,
                "line": place.line if place else None,
                "notes": [{"what": what, "value": value} for what, value in line.grounds.notes],
            }
            return found
        found["rules"] = list(line.names)
        found["why"] = line.why
        found["premises"] = [self.record(premise) for premise in proof.premises]
        return found


def ordered(explanation: Explanation) -> tuple[Proof, ...]:
    """Give the proofs of an explanation in the order to tell them: how it comes about first, then what says so."""
    return (*explanation.besides, explanation.proof)
