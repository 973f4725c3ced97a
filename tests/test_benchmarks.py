"""Tests of the benchmarks: made-up studies are the same each time, sound where they should be, and wrong as often as asked."""

from pathlib import Path

import pytest
from conftest import quiet, text

from benchmarks.generate import Plan, generate
from benchmarks.mistakes import MISTAKES, Faults
from benchmarks.story import Detail, draw, facts
from exo_onto import pipeline
from exo_onto.pipeline import Build, Judgement
from exo_onto.sources import read_sources
from exo_onto.validate import Severity
from exo_onto.vocabulary import GRAPH_INSTANCES, PREFIXES

DEMONSTRATES = PREFIXES["exonto"] + "demonstrates"
STUDIES = 12


def contents(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def built(root: Path, plan: Plan) -> Build:
    generate(root, plan)
    return pipeline.build(root, progress=quiet)


def complaints(judgement: Judgement) -> tuple[int, int]:
    """Count what the shapes report and what is inconsistent."""
    wrong = [each.code for each in judgement.diagnostics if each.severity is Severity.VIOLATION]
    contradictory = sum(code == "contradiction" for code in wrong)
    return len(wrong) - contradictory, contradictory


def test_the_same_numbers_give_the_same_bytes(tmp_path: Path) -> None:
    plan = Plan(studies=50, seed=7, errors=5, contradictions=2, per_file=20)
    generate(tmp_path / "once", plan)
    generate(tmp_path / "again", plan)
    once = contents(tmp_path / "once")
    assert once == contents(tmp_path / "again")
    assert sum(name.startswith("instances/studies/") for name in once) == 3


def test_another_seed_gives_other_studies() -> None:
    one, other = ([draw(number, seed=seed, detail=Detail.FULL) for number in range(20)] for seed in (1, 2))
    assert one != other
    assert one == [draw(number, seed=1, detail=Detail.FULL) for number in range(20)]


@pytest.mark.parametrize(("detail", "least", "most"), [(Detail.CAUSAL, 20, 24), (Detail.FULL, 170, 220)])
def test_a_study_has_as_many_triples_as_promised(tmp_path: Path, detail: Detail, least: int, most: int) -> None:
    made = generate(tmp_path / "many", Plan(studies=300, detail=detail, per_file=100))
    read = read_sources(tmp_path / "many")
    files = [file for graph, files in read.graphs if graph == GRAPH_INSTANCES for file in files]
    assert made.triples == sum(len(file.triples) for file in files if "/studies/" in file.path)
    assert least <= made.triples / 300 <= most


@pytest.mark.parametrize("detail", list(Detail))
def test_sound_studies_are_published_and_come_to_demonstrate_a_mechanism(tmp_path: Path, detail: Detail) -> None:
    result = built(tmp_path / "sound", Plan(studies=STUDIES, detail=detail))
    assert result.name is not None
    assert result.judgement.diagnostics == ()
    shown = {text(t.subject) for t in result.judgement.entailment.inferred if t.predicate.value == DEMONSTRATES}
    studies = {name for name in shown if name.startswith(PREFIXES["study"])}
    assert len(studies) == STUDIES


@pytest.mark.parametrize("detail", list(Detail))
def test_every_mistake_is_reported_once(tmp_path: Path, detail: Detail) -> None:
    plan = Plan(studies=STUDIES, detail=detail, errors=len(MISTAKES))
    result = built(tmp_path / "wrong", plan)
    assert result.name is None
    assert complaints(result.judgement) == (len(MISTAKES), 0)


def test_mistakes_and_contradictions_are_found_side_by_side(tmp_path: Path) -> None:
    result = built(tmp_path / "wrong", Plan(studies=STUDIES, errors=4, contradictions=3))
    assert result.name is None
    assert complaints(result.judgement) == (4, 3)


@pytest.mark.parametrize(
    ("studies", "errors", "contradictions"), [(1, 1, 0), (7, 3, 4), (1000, 50, 1), (1000, 0, 999), (10, 0, 0)]
)
def test_faults_are_as_many_as_asked(studies: int, errors: int, contradictions: int) -> None:
    faults = Faults(studies, errors, contradictions)
    found = [mistake for number in range(studies) if (mistake := faults.of(number))]
    assert sum(mistake in MISTAKES for mistake in found) == errors
    assert len(found) == errors + contradictions


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.__name__)
def test_a_mistake_changes_something(mistake: object) -> None:
    told = draw(3, seed=1, detail=Detail.CAUSAL)
    right = facts(told, Detail.CAUSAL)
    assert callable(mistake)
    assert mistake(told, right) != right


def test_what_cannot_be_made_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="one fault at most"):
        Plan(studies=3, errors=2, contradictions=2)
    (tmp_path / "mine.txt").touch()
    with pytest.raises(FileExistsError, match="not empty"):
        generate(tmp_path, Plan(studies=1))
