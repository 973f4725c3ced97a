"""mistakes: the facts of a sound study in, those of a faulty one out. Pure.

Each mistake is one that people make, and one that the shapes report exactly once; a contradiction is none of the
shapes' business and makes the study inconsistent. So the number of faults that a build has to find is known beforehand.
"""

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.story import Fact, Story

Mistake = Callable[[Story, list[Fact]], list[Fact]]
"""The facts of a sound study in, those with one mistake out."""


@dataclass(frozen=True)
class Faults:
    """How many studies of a whole are wrong, and in which way; they lie evenly among the sound ones."""

    studies: int
    errors: int
    contradictions: int

    def of(self, number: int) -> Mistake | None:
        """Give what is wrong with the study of a number: None for a sound one.

        Counted, not drawn: the sum is exact, and no list of a million studies need be kept.
        """
        faulty = self.errors + self.contradictions
        rank = _rank(number, faulty, self.studies)
        if rank is None:
            return None
        if _rank(rank, self.contradictions, faulty) is not None:
            return contradict
        return MISTAKES[rank % len(MISTAKES)]


def _rank(number: int, chosen: int, among: int) -> int | None:
    """Give the rank of a number among those chosen, spread evenly; None where it is not chosen."""
    rank = number * chosen // among if among else 0
    return rank if chosen and (number + 1) * chosen // among > rank else None


def contradict(story: Story, facts: list[Fact]) -> list[Fact]:
    """Report of the last outcome the opposite of what its story comes to."""
    subject, outcome = story.name(story.outcomes[-1]), story.outcomes[-1]
    right, wrong = ("Increase", "Decrease") if outcome.direction > 0 else ("Decrease", "Increase")
    said = Fact(subject, "rdf:type", f"exonto:Reported{right}")
    return [fact._replace(object=f"exonto:Reported{wrong}") if fact == said else fact for fact in facts]


def forget_the_treatment(story: Story, facts: list[Fact]) -> list[Fact]:
    """Do not say under which treatment the target was looked at."""
    target = story.name(story.target)
    return [fact for fact in facts if fact[:2] != (target, "exonto:observedUnder")]


def mistake_a_stressor_for_a_molecule(story: Story, facts: list[Fact]) -> list[Fact]:
    """Make the target an activity of a stressor."""
    target = (story.name(story.target), "exonto:of")
    return [fact._replace(object=f"stressor:{story.stressor}") if fact[:2] == target else fact for fact in facts]


def name_two_aspects(story: Story, facts: list[Fact]) -> list[Fact]:
    """Look at the target from two sides at once."""
    target = story.name(story.target)
    said = [fact for fact in facts if fact[:2] != (target, "exonto:aspect")]
    both = [Fact(target, "exonto:aspect", f"exonto:{aspect}") for aspect in ("Activation", "Secretion")]
    return _beside(said, target, both)


def assert_what_is_inferred(story: Story, facts: list[Fact]) -> list[Fact]:
    """Assert a direction that is to follow from the edges."""
    outcome = story.outcomes[0]
    direction = "Increase" if outcome.direction > 0 else "Decrease"
    return _beside(facts, story.name(outcome), [Fact(story.name(outcome), "rdf:type", f"exonto:Traced{direction}")])


def assert_a_mechanism(story: Story, facts: list[Fact]) -> list[Fact]:
    """Assert that the study demonstrates a mechanism."""
    study = f"study:{story.slug}"
    return _beside(facts, study, [Fact(study, "exonto:demonstrates", "mechanism:cell-vitality")])


def write_an_edge_backwards(story: Story, facts: list[Fact]) -> list[Fact]:
    """Write the last edge on its effect instead of on its cause."""
    effect = story.name(story.outcomes[-1])
    edge = next(fact for fact in reversed(facts) if fact.object == effect and fact.predicate in _INVERSES)
    kept = [fact for fact in facts if fact != edge]
    return _beside(kept, effect, [Fact(effect, _INVERSES[edge.predicate], edge.subject)])


MISTAKES: tuple[Mistake, ...] = (
    forget_the_treatment,
    mistake_a_stressor_for_a_molecule,
    name_two_aspects,
    assert_what_is_inferred,
    assert_a_mechanism,
    write_an_edge_backwards,
)

_INVERSES = {"exonto:increases": "exonto:increasedBy", "exonto:decreases": "exonto:decreasedBy"}


def _beside(facts: list[Fact], subject: str, more: list[Fact]) -> list[Fact]:
    """Put facts after the last one of their subject, so that those of one subject stay together."""
    last = max(place for place, fact in enumerate(facts) if fact.subject == subject)
    return [*facts[: last + 1], *more, *facts[last + 1 :]]
