"""Tests of the benchmarks: made-up studies are the same each time, sound where they should be, and wrong as often as asked.

No test looks at how long anything takes: the report is made from a canned result.
"""

import json
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from conftest import quiet, text

from benchmarks import corpus, inputs, peers, processes, report, tabling
from benchmarks.generate import Plan, generate
from benchmarks.inputs import Inputs
from benchmarks.mistakes import MISTAKES, Faults
from benchmarks.peers import PEERS, Measurement, Peer
from benchmarks.processes import Outcome, Run
from benchmarks.report import Growth, Machine, Result
from benchmarks.story import Detail, draw, facts
from benchmarks.targets import Target, written
from exo_onto import judge, pipeline
from exo_onto.judge import Judgement
from exo_onto.pipeline import Build
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
    shown = {text(t.subject) for t in (result.judgement.store or ()) if t.predicate.value == DEMONSTRATES}
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


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    """Give what the peers read of a few studies, two of them with a mistake."""
    home = tmp_path_factory.mktemp("peers")
    generate(home / "root", Plan(studies=6, errors=2))
    return inputs.prepare(home / "root", home / "files")


def test_a_command_that_ends_well_is_timed_and_weighed(tmp_path: Path) -> None:
    done = processes.run([sys.executable, "-c", "x = bytes(50_000_000)"], bound=60, folder=tmp_path)
    assert done.outcome is Outcome.DONE
    assert done.seconds is not None
    assert done.mebibytes is not None


def test_a_command_past_its_bound_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    child = "import time; time.sleep(2); open('alive', 'w')"
    program = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    done = processes.run([sys.executable, "-c", program], bound=0.5, folder=tmp_path)
    assert done.outcome is Outcome.PAST_BOUND
    processes.run([sys.executable, "-c", "import time; time.sleep(2)"], bound=10, folder=tmp_path)
    assert not (tmp_path / "alive").exists()


def test_a_command_that_fails_says_why_in_one_line(tmp_path: Path) -> None:
    done = processes.run(
        [sys.executable, "-c", "print('on the way', flush=True); raise OSError('no bread')"], bound=60, folder=tmp_path
    )
    assert (done.outcome, done.told) == (Outcome.FAILED, "OSError: no bread")


def test_a_command_that_is_not_there_is_not_installed(tmp_path: Path) -> None:
    assert processes.run(["no-such-program"], bound=1, folder=tmp_path) == Run(Outcome.NOT_INSTALLED)


@pytest.mark.parametrize(
    "peer",
    [
        Peer("ghost", "reason", ("no_such_module",), "", lambda *_: 0),
        Peer("ghost", "reason", (), "", program=("no-such",)),
    ],
    ids=["package", "program"],
)
def test_a_peer_that_is_absent_is_told_so(files: Inputs, peer: Peer) -> None:
    assert peers.measure(peer, files, bound=1).run.outcome is Outcome.NOT_INSTALLED


@pytest.mark.parametrize("name", ["pySHACL", "pyrudof"])
def test_validators_find_the_mistakes(files: Inputs, name: str) -> None:
    peer = next(peer for peer in PEERS if peer.name == name)
    if not peer.installed:
        pytest.skip(f"{name} is of the bench extra")
    taken = peers.measure(peer, files, bound=120)
    assert (taken.run.outcome, taken.found) == (Outcome.DONE, 2)
    assert taken.stages.keys() == {"read", "validate"}


@pytest.mark.parametrize("name", ["HermiT (owlready2)", "reasonable"])
def test_reasoners_infer_something_and_tell_their_stages(files: Inputs, name: str) -> None:
    peer = next(peer for peer in PEERS if peer.name == name)
    if not peer.installed:
        pytest.skip(f"{name} is of the bench extra")
    taken = peers.measure(peer, files, bound=120)
    assert taken.run.outcome is Outcome.DONE
    assert taken.found
    assert taken.stages.keys() == {"read", "reason", "write"}


def test_the_axioms_are_written_as_owl_xml(files: Inputs) -> None:
    inputs.convert(files)
    root = ET.parse(files.owl_xml).getroot()  # noqa: S314  written one line above
    chains = root.findall(".//{http://www.w3.org/2002/07/owl#}ObjectPropertyChain")
    assert len(chains) == 7


OURS = Measurement(
    "exo-onto",
    "build",
    Run(Outcome.DONE, 10.0, 900.0),
    {"read": 2.0, "reason": 3.0, "validate": 1.0, "validate what follows": 0.5, "publish": 2.5},
    12345,
)
CANNED = Result(
    Machine("Some CPU", 2, 24, "Linux 6", "3.11.0", {"rdflib": "7.0"}, "2026-01-01", "python -m benchmarks.bench"),
    3000,
    "causal",
    65000,
    600,
    1,
    OURS,
    (
        Measurement("exo-onto", "reason", Run(Outcome.DONE, 8.5, 900.0), {}, 12345),
        Measurement("exo-onto", "validate", Run(Outcome.DONE, 4.5, 300.0), {"read": 2.0, "validate": 1.5}, 0),
    ),
    (
        Measurement("HermiT (owlready2)", "reason", Run(Outcome.DONE, 85.0, 2048.0), {}, 100, "Complete."),
        Measurement("owlrl", "reason", Run(Outcome.PAST_BOUND, 600.1, 512.0)),
        Measurement("reasonable", "reason", Run(Outcome.FAILED, 1.0, 10.0, "a | b")),
        Measurement("Konclude", "reason", Run(Outcome.NOT_INSTALLED)),
        Measurement("pySHACL", "validate", Run(Outcome.DONE, 45.0, 700.0), {"read": 9.0, "validate": 30.0}, 0),
    ),
    tuple(
        Growth(size, size * 22, replace(OURS, run=Run(Outcome.DONE, size / 300, 900.0), stages={"read": size**2 / 1e6}))
        for size in (3000, 30000, 300000)
    ),
)


def rows(said: str) -> dict[str, list[str]]:
    """Give the cells of all tables by their first cell; of two rows that begin the same, the first."""
    found: dict[str, list[str]] = {}
    for line in said.splitlines():
        if line.startswith("|"):
            name, *cells = (cell.strip() for cell in line.strip("|").split(" | "))
            found.setdefault(name, cells)
    return found


def test_the_report_compares_like_with_like() -> None:
    told = rows(report.markdown(CANNED))
    assert told["exo-onto, parse + reason + write"][:2] == ["8.50", "1.0"]
    assert told["HermiT (owlready2)"][:2] == ["85.00", "10.0"]
    assert told["exo-onto, parse + validate"][:2] == ["4.50", "1.0"]
    assert told["exo-onto, the stage alone"][0] == "1.50"
    assert told["pySHACL"][:2] == ["45.00", "10.0"]
    assert told["pySHACL, the stage alone"][0] == "30.00"
    assert told["HermiT (owlready2) + pySHACL"] == ["130.0", "13.0"]
    assert told["start-up and the rest"] == ["1.00"]


def test_targets_are_held_against_what_was_measured() -> None:
    told = {each.sentence: each for each in report.targets(replace(CANNED, corpus=(0.8, 3.0, 0.9)))}
    whole = told["the whole build: times as fast as HermiT (owlready2) and pySHACL together"]
    assert (whole.found, whole.met) == (13.0, True)
    assert told["exo-onto, parse + validate: pySHACL takes times as long"].found == 10.0
    assert told["exo-onto, parse + reason + write: Konclude takes times as long"].met is None
    assert told["exo-onto, parse + reason + write: reasonable takes times as long"].met is None
    assert told["reasoning and validation, in times of reading"].found == 4.5 / 2.0
    assert told["the shipped corpus, after start-up: seconds"].found == 0.9
    assert told["growth of the whole build: the exponent"].met


def test_a_peer_that_was_ended_early_may_not_have_been_measured_for_long_enough() -> None:
    assert Target("", 12.0, least=10, at_least=True).met
    assert Target("", 8.0, least=10, at_least=True).met is None
    assert Target("", 8.0, least=10).met is False
    assert "> 12 | yes" in written([Target("t", 12.0, least=10, at_least=True)])


def test_the_shipped_corpus_is_built_anew_in_each_process() -> None:
    (seconds,) = corpus.measure(1)
    assert seconds > 0


def test_the_report_says_how_peers_ended() -> None:
    told = rows(report.markdown(CANNED))
    assert told["owlrl"][:2] == ["> 600", "> 70.6"]
    assert told["reasonable"][:2] == ["failed: a / b", "-"]
    assert told["Konclude"][:3] == ["not installed", "-", "-"]


def test_our_reasoning_and_validation_are_those_of_a_build(files: Inputs) -> None:
    reasoning, validation = (peers.measure(peer, files, bound=120) for peer in peers.OURS)
    whole = judge.judge(read_sources(files.root), progress=lambda _: None)
    assert reasoning.found == whole.inferred
    assert validation.found == 2


def test_a_build_that_fails_is_reported_and_compared_with_nothing() -> None:
    failed = replace(CANNED, ours=Measurement("exo-onto", "build", Run(Outcome.FAILED, 3.0, 1.0, "no bread")))
    told = rows(report.markdown(failed))
    assert told["exo-onto build"][0] == "failed: no bread"
    assert told["HermiT (owlready2) + pySHACL"][1] == "-"


def test_the_exponent_of_growth_is_fitted() -> None:
    assert report.exponents(CANNED.growth) == {"whole": 1.0, "read": 2.0}
    assert report.exponents(CANNED.growth[:1]) == {}
    assert "whole n^1.00; read n^2.00" in report.markdown(CANNED)


def test_tables_are_aligned_as_text() -> None:
    lines = tabling.table(("tool", "seconds"), [("a", "1"), ("a longer name", "12.5")]).splitlines()
    assert len({len(line) for line in lines}) == 1
    assert lines[1] == "| ------------- | ------: |"


def test_all_that_was_measured_is_kept() -> None:
    told = json.loads(report.as_json(CANNED))
    assert told["ours"]["stages"]["reason"] == 3.0
    assert told["peers"][1]["run"]["outcome"] == "past bound"
    assert told["exponents"] == {"whole": 1.0, "read": 2.0}
    assert told["machine"]["processor"] == "Some CPU"


@pytest.mark.skipif(not find_spec("matplotlib"), reason="matplotlib is of the bench extra")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of pyparsing, under matplotlib
def test_charts_are_svg_and_the_same_each_time(tmp_path: Path) -> None:
    from benchmarks import chart  # noqa: PLC0415  needs matplotlib

    drawn = chart.draw(CANNED, tmp_path)
    assert [path.name for path in drawn] == ["chart.svg", "growth.svg"]
    once = [path.read_bytes() for path in drawn]
    assert all(b"<svg" in content for content in once)
    assert [path.read_bytes() for path in chart.draw(CANNED, tmp_path)] == once
