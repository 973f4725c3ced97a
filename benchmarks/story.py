"""story: a number and a seed in, the facts of one made-up study out. Pure.

A story is drawn by chance from benchmarks/stories.toml, and by the same chance each time: study 17 of seed 1 is the
same whatever the number of its neighbours. Its facts are told in full, or only as far as they are causal.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from random import Random
from typing import NamedTuple

LONG_STORIES = 0.5
"""The share of stories that name a pathway between target and outcome; the others are told without."""

EXTRA_OUTCOMES = {"causal": (0, 0, 0, 0, 1), "full": (2, 2, 3, 3, 4)}
"""How many outcomes a story has beyond the first, each as likely as the next."""


class Detail(StrEnum):
    """How much a study says: its causal story, or all that a curated study says."""

    CAUSAL = "causal"
    FULL = "full"


class Fact(NamedTuple):
    """One triple, each part as Turtle writes it."""

    subject: str
    predicate: str
    object: str


@dataclass(frozen=True)
class Population:
    """A kind of cells, that gives exosomes or takes them."""

    slug: str
    type: str
    en: str
    zh: str


@dataclass(frozen=True)
class Process:
    """What an activity is: typed by a process or of a molecule; `direction` is +1 or -1, the change that does good."""

    slug: str
    direction: int
    en: str
    zh: str
    type: str | None = None
    of: str | None = None
    aspect: str | None = None


@dataclass(frozen=True)
class Stock:
    """What stories are drawn from."""

    mirnas: tuple[str, ...]
    targets: tuple[str, ...]
    stressors: tuple[str, ...]
    sources: tuple[Population, ...]
    recipients: tuple[Population, ...]
    pathways: tuple[Process, ...]
    outcomes: tuple[Process, ...]


@dataclass(frozen=True)
class Story:
    """One study: a miRNA of some cells lowers a target in others, and so, perhaps by a pathway, changes outcomes."""

    slug: str
    title: str
    title_zh: str
    year: int
    source: Population
    recipient: Population
    stressor: str
    mirna: Process
    target: Process
    pathway: Process | None
    outcomes: tuple[Process, ...]

    @property
    def chain(self) -> tuple[Process, ...]:
        """All that goes on in the recipient cells, from cause to effect."""
        return tuple(process for process in (self.mirna, self.target, self.pathway, *self.outcomes) if process)

    def name(self, process: Process) -> str:
        """Name the activity of a process in this study's recipient cells."""
        return f"activity:{self.slug}-{process.slug}-{self.recipient.slug}"


@cache
def stock() -> Stock:
    """Read what stories are drawn from."""
    told = tomllib.loads((Path(__file__).parent / "stories.toml").read_text("utf-8"))
    return Stock(
        mirnas=tuple(told["mirnas"]),
        targets=tuple(told["targets"]),
        stressors=tuple(told["stressors"]),
        sources=tuple(Population(**each) for each in told["sources"]),
        recipients=tuple(Population(**each) for each in told["recipients"]),
        pathways=tuple(Process(**each) for each in told["pathways"]),
        outcomes=tuple(Process(**each) for each in told["outcomes"]),
    )


def slug_of(number: int) -> str:
    """Name the study of a number, so that names sort as numbers do."""
    return f"made-{number:07}"


def draw(number: int, *, seed: int, detail: Detail) -> Story:
    """Draw the story of one study by chance: the same number and seed give the same story."""
    chance, known = Random(f"{seed}:{number}"), stock()  # noqa: S311  nothing secret
    outcomes = 1 + chance.choice(EXTRA_OUTCOMES[detail])
    return Story(
        slug=slug_of(number),
        title=f"Made-up study {number}",
        title_zh=f"虚构研究 {number}",
        year=chance.randint(2017, 2026),
        source=chance.choice(known.sources),
        recipient=chance.choice(known.recipients),
        stressor=chance.choice(known.stressors),
        mirna=_molecule(chance.choice(known.mirnas), 1, "Abundance"),
        target=_molecule(chance.choice(known.targets), -1, "Expression"),
        pathway=chance.choice(known.pathways) if chance.random() < LONG_STORIES else None,
        outcomes=tuple(chance.sample(known.outcomes, outcomes)),
    )


def facts(story: Story, detail: Detail) -> list[Fact]:
    """Tell a story in facts, those of one subject together, but for the provenance, which `provenance` gives."""
    full = detail is Detail.FULL
    told = [*_study(story, full=full), *_preparation(story, full=full), *_treatment(story, full=full)]
    if full:
        told += _surroundings(story)
    for process in story.chain:
        told += _activity(story, process, full=full)
    return told


def shared_cells() -> Iterator[Fact]:
    """Give the populations of cells that causal stories share, instead of each having its own."""
    for population in stock().sources:
        yield from _cells(f"cells:{population.slug}", population, population.en, population.zh)


PROVEN = frozenset({"exonto:increases", "exonto:decreases", "exonto:delivers", "RO:0003307"})
"""The properties each statement of which says where it comes from."""


def provenance(fact: Fact, slug: str) -> tuple[tuple[str, str], ...]:
    """Say where a fact comes from: what an owl:Axiom says about it. Empty for facts that need none."""
    reported = fact.predicate == "rdf:type" and fact.object.startswith("exonto:Reported")
    if not reported and fact.predicate not in PROVEN:
        return ()
    return (
        ("a", "owl:Axiom"),
        ("owl:annotatedSource", fact.subject),
        ("owl:annotatedProperty", fact.predicate),
        ("owl:annotatedTarget", fact.object),
        ("dcterms:source", f"reference:{slug}"),
        ("exonto:reportedIn", "exonto:ReviewText"),
        ("exonto:place", '"3.1"'),
        ("exonto:certainty", "exonto:CertaintyStated"),
        ("exonto:signBasis", "exonto:Stated" if reported else "exonto:Composed"),
        ("exonto:evidence", "ECO:0000033"),
    )


def _molecule(slug: str, direction: int, aspect: str) -> Process:
    shown = slug.upper().replace("MIR-", "miR-")
    return Process(slug, direction, shown, shown, of=slug, aspect=aspect)


def _study(story: Story, *, full: bool) -> Iterator[Fact]:
    subject = f"study:{story.slug}"
    yield Fact(subject, "rdf:type", "exonto:Study")
    if full:
        yield from _labels(subject, story.title, story.title_zh)
        yield Fact(subject, "exonto:usesModel", f"model:{story.slug}")
    # A causal study borrows the record of the review: only a full one brings its own.
    yield Fact(subject, "exonto:publishedAs", f"reference:{story.slug}" if full else "reference:hou-ph-2025")
    yield Fact(subject, "exonto:conducts", f"treatment:{story.slug}")


def _preparation(story: Story, *, full: bool) -> Iterator[Fact]:
    subject, source = f"preparation:{story.slug}", story.source
    yield Fact(subject, "rdf:type", "exonto:ExosomePreparation")
    if full:
        yield from _labels(
            subject, f"exosomes of {source.en} ({story.title})", f"{source.zh}来源外泌体（{story.title_zh}）"
        )
        yield Fact(subject, "RO:0003307", "condition:intervertebral-disc-degeneration")
    yield Fact(subject, "RO:0003001", f"cells:{story.slug}-{source.slug}" if full else f"cells:{source.slug}")


def _treatment(story: Story, *, full: bool) -> Iterator[Fact]:
    subject = f"treatment:{story.slug}"
    yield Fact(subject, "rdf:type", "exonto:Treatment")
    if full:
        yield from _labels(subject, f"treatment ({story.title})", f"处理（{story.title_zh}）")
    yield Fact(subject, "exonto:uses", f"preparation:{story.slug}")
    yield Fact(subject, "exonto:delivers", story.name(story.mirna))


def _surroundings(story: Story) -> Iterator[Fact]:
    """Tell what only a full study tells: its bibliographic record, its model, and the cells on both sides."""
    reference, model = f"reference:{story.slug}", f"model:{story.slug}"
    yield Fact(reference, "rdf:type", "bibo:AcademicArticle")
    yield from _labels(reference, story.title, story.title_zh)
    yield Fact(reference, "dcterms:title", f'"{story.title}"@en')
    yield Fact(reference, "exonto:authorLine", '"Nobody N"')
    yield Fact(reference, "exonto:publicationYear", str(story.year))
    yield Fact(model, "rdf:type", "exonto:CellModel")
    yield from _labels(model, f"cell model ({story.title})", f"细胞模型（{story.title_zh}）")
    yield Fact(model, "exonto:inducedBy", f"stressor:{story.stressor}")
    for cells in (story.source, story.recipient):
        en, zh = f"{cells.en} ({story.title})", f"{cells.zh}（{story.title_zh}）"
        yield from _cells(f"cells:{story.slug}-{cells.slug}", cells, en, zh)


def _cells(subject: str, population: Population, en: str, zh: str) -> Iterator[Fact]:
    yield Fact(subject, "rdf:type", population.type)
    yield from _labels(subject, en, zh)
    yield Fact(subject, "exonto:notStated", "RO:0002162")


def _labels(subject: str, en: str, zh: str) -> Iterator[Fact]:
    yield Fact(subject, "rdfs:label", f'"{en}"@en')
    yield Fact(subject, "rdfs:label", f'"{zh}"@zh')


def _activity(story: Story, process: Process, *, full: bool) -> Iterator[Fact]:
    subject, reported = story.name(process), process in story.outcomes
    if full or not reported:  # a reported direction says by itself that it is an activity's
        yield Fact(subject, "rdf:type", "exonto:Activity")
    if process.type:
        yield Fact(subject, "rdf:type", process.type)
    if reported:
        direction = "Increase" if process.direction > 0 else "Decrease"
        yield Fact(subject, "rdf:type", f"exonto:Reported{direction}")
    if full:
        yield from _context(story, process)
    if process.of:
        yield Fact(subject, "exonto:of", f"entity:{process.of}")
    yield Fact(subject, "exonto:observedUnder", f"treatment:{story.slug}")
    for effect in _effects(story, process):
        verb = "increases" if process.direction == effect.direction else "decreases"
        yield Fact(subject, f"exonto:{verb}", story.name(effect))


def _context(story: Story, process: Process) -> Iterator[Fact]:
    subject, cells = story.name(process), story.recipient
    en, zh = f"{process.en} in {cells.en} ({story.title})", f"{cells.zh}：{process.zh}（{story.title_zh}）"
    yield from _labels(subject, en, zh)
    if process.aspect:
        yield Fact(subject, "exonto:aspect", f"exonto:{process.aspect}")
    yield Fact(subject, "BFO:0000066", f"cells:{story.slug}-{cells.slug}")
    yield Fact(subject, "exonto:setting", "exonto:InVitro")


def _effects(story: Story, process: Process) -> tuple[Process, ...]:
    """Give what a process acts on in a story: each step the next, and the last step before them all outcomes."""
    if process == story.mirna:
        return (story.target,)
    if process == story.target and story.pathway:
        return (story.pathway,)
    return () if process in story.outcomes else story.outcomes
