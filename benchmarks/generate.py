"""generate: how many studies in, a root folder out that `exo-onto build --root` takes. Writes files.

The ontology, the shapes and the shared entities are the repository's own; the studies are made up, in files of a
thousand. The same numbers give the same bytes, and a million studies need no more memory than a thousand.
"""

import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Annotated, TextIO

import typer
from rich.console import Console
from rich.progress import track

from benchmarks import story
from benchmarks.mistakes import Faults
from benchmarks.story import Detail, Fact, Story
from exo_onto.vocabulary import PREFIXES

REPOSITORY = Path(__file__).parent.parent

SHARED_INSTANCES = ("background.ttl", "references.ttl", "review.ttl", "entities")
"""What is taken over of instances/: all that is neither a study nor a claim about one."""

NOT_ASKED_OF_CAUSAL = frozenset(
    {
        "ActivityContext",  # cells and setting
        "EdgeProvenance",  # where statements come from, down to UnusualMicroRna
        "IncreaseProvenance",
        "DecreaseProvenance",
        "Provenance",
        "ProvenanceIsOfOneStatement",
        "ProvenanceOfSomething",
        "ProvenanceFitsSign",
        "UnusualMicroRna",
        "IndividualsAreLabelled",  # labels in two languages
        "Model",  # models and outcome measures
        "OutcomeMeasure",
        "Reporting",  # what MISEV asks for
    }
)
"""The shapes that causal studies are not judged by: they ask for what such studies leave out."""


@dataclass(frozen=True)
class Plan:
    """What to make: how many studies, by which seed, how detailed, and how many of them wrong in which way."""

    studies: int
    seed: int = 1
    detail: Detail = Detail.CAUSAL
    errors: int = 0
    contradictions: int = 0
    per_file: int = 1000

    def __post_init__(self) -> None:
        """Refuse what cannot be made."""
        if self.studies < 1 or self.per_file < 1:
            raise ValueError("There must be at least one study, and one in each file.")
        if min(self.errors, self.contradictions) < 0 or self.errors + self.contradictions > self.studies:
            raise ValueError("A study has one fault at most: errors and contradictions together exceed the studies.")


@dataclass(frozen=True)
class Made:
    """What was made: the root folder, and the triples of the studies in it."""

    root: Path
    triples: int


def generate(root: Path, plan: Plan) -> Made:
    """Write a root folder of made-up studies; `root` must be empty or not be there.

    Raises FileExistsError where it holds anything, OSError where it cannot be written.
    """
    root.mkdir(parents=True, exist_ok=True)
    if any(root.iterdir()):
        raise FileExistsError(f"{root} is not empty.")
    _copy_ontology(root / "ontology")
    _copy_shapes(root / "shapes", plan.detail)
    _copy_shared_instances(root / "instances")
    if plan.detail is Detail.CAUSAL:
        with _turtle_file(root / "instances" / "cells.ttl", "Cells that give exosomes.") as file:
            file.writelines(_blocks(story.shared_cells()))
    return Made(root, sum(_write_files(root / "instances" / "studies", plan)))


def _copy_ontology(folder: Path) -> None:
    # The stricter axioms are for `check` alone.
    shutil.copytree(REPOSITORY / "ontology", folder, ignore=shutil.ignore_patterns("strict"))


def _copy_shapes(folder: Path, detail: Detail) -> None:
    folder.mkdir()
    missing = set(NOT_ASKED_OF_CAUSAL)
    for path in sorted((REPOSITORY / "shapes").glob("*.ttl")):
        text = path.read_text("utf-8")
        if detail is Detail.CAUSAL:
            missing -= set(_named(text))
            text = _without_shapes(text)
        if "sh:" in text.rpartition("@prefix")[2].partition("\n")[2]:
            (folder / path.name).write_text(text, "utf-8")
    if detail is Detail.CAUSAL and missing:
        raise ValueError(f"There are no such shapes any more: {', '.join(sorted(missing))}.")


_BLOCK = re.compile(r"^shape:(\w+)$", re.MULTILINE)


def _named(text: str) -> list[str]:
    return _BLOCK.findall(text)


def _without_shapes(text: str) -> str:
    """Leave out the blocks of shapes that causal studies are not judged by: a block ends with an empty line."""
    blocks = text.split("\n\n")
    return "\n\n".join(block for block in blocks if not set(_named(block)) & NOT_ASKED_OF_CAUSAL).rstrip("\n") + "\n"


def _copy_shared_instances(folder: Path) -> None:
    folder.mkdir()
    for name in SHARED_INSTANCES:
        source = REPOSITORY / "instances" / name
        if source.is_dir():
            shutil.copytree(source, folder / name)
        else:
            shutil.copyfile(source, folder / name)


def _write_files(folder: Path, plan: Plan) -> Iterator[int]:
    """Write the studies, file by file; yield how many triples each file has."""
    folder.mkdir()
    faults = Faults(plan.studies, plan.errors, plan.contradictions)
    starts = range(0, plan.studies, plan.per_file)
    for start in track(starts, f"writing {plan.studies:,} studies", console=Console(stderr=True), transient=True):
        numbers = range(start, min(start + plan.per_file, plan.studies))
        name = f"{story.slug_of(start)}.ttl"
        with _turtle_file(folder / name, f"Made-up studies {numbers[0]} to {numbers[-1]}.") as file:
            yield sum(_write_study(file, number, plan, faults) for number in numbers)


def _turtle_file(path: Path, sentence: str) -> TextIO:
    file = path.open("w", encoding="utf-8", newline="\n")
    file.write(f"# {sentence}\n")
    file.writelines(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())
    return file


def _write_study(file: TextIO, number: int, plan: Plan, faults: Faults) -> int:
    told = story.draw(number, seed=plan.seed, detail=plan.detail)
    facts = story.facts(told, plan.detail)
    mistake = faults.of(number)
    if mistake:
        facts = mistake(told, facts)
    file.writelines(_blocks(facts))
    return len(facts) + (_write_provenance(file, told, facts) if plan.detail is Detail.FULL else 0)


def _write_provenance(file: TextIO, told: Story, facts: Iterable[Fact]) -> int:
    axioms = [pairs for fact in facts if (pairs := story.provenance(fact, told.slug))]
    file.writelines(_block("[]", pairs) for pairs in axioms)
    return sum(map(len, axioms))


def _blocks(facts: Iterable[Fact]) -> Iterator[str]:
    for subject, group in groupby(facts, key=attrgetter("subject")):
        yield _block(subject, ((fact.predicate, fact.object) for fact in group))


def _block(subject: str, pairs: Iterable[tuple[str, str]]) -> str:
    """Write all that is said of one subject, the values of one predicate on one line."""
    lines = (
        f"{'a' if predicate == 'rdf:type' else predicate} {' , '.join(value for _, value in group)}"
        for predicate, group in groupby(pairs, key=lambda pair: pair[0])
    )
    return f"\n{subject}\n    " + " ;\n    ".join(lines) + " .\n"


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command(
    epilog="Examples:\n\npython -m benchmarks.generate /tmp/many --studies 30000\n\n"
    "python -m benchmarks.generate /tmp/wrong --studies 1000 --errors 0.05 --contradictions 3\n\n"
    "python -m benchmarks.generate /tmp/real --studies 300 --detail full --per-file 1"
)
def main(  # noqa: PLR0913  one for each option
    folder: Annotated[Path, typer.Argument(help="The root folder to write; it must be empty or not be there.")],
    *,
    studies: Annotated[int, typer.Option(help="How many studies.", min=1)],
    seed: Annotated[int, typer.Option(help="The same seed gives the same studies, byte for byte.")] = 1,
    errors: Annotated[float, typer.Option(help="The share of studies with one mistake each.", min=0, max=1)] = 0,
    contradictions: Annotated[int, typer.Option(help="How many studies have signs that do not add up.", min=0)] = 0,
    detail: Annotated[Detail, typer.Option(help="What a study says.")] = Detail.CAUSAL,
    per_file: Annotated[int, typer.Option(help="How many studies go into each file.", min=1)] = 1000,
) -> None:
    """Write a root folder of made-up studies that `exo-onto build --root` takes.

    `causal` says about 22 triples per study: who gave what, and what it changed by what. `full` says about 200, as
    curated studies do: labels, cells, models, references and where each statement comes from.
    """
    wrong = round(studies * errors)
    try:
        made = generate(folder, Plan(studies, seed, detail, wrong, contradictions, per_file))
    except (ValueError, OSError) as error:
        typer.echo(f"{error}", err=True)
        raise typer.Exit(2) from error
    faulty = f", {wrong:,} with a mistake, {contradictions:,} contradictory" if wrong or contradictions else ""
    typer.echo(f"{studies:,} studies with {made.triples:,} triples in {made.root}{faulty}")


if __name__ == "__main__":
    app()
