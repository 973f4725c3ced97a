"""Tests of diagnose: results and contradictions, told to the person who wrote the file."""

from pathlib import Path

import pytest
from pyoxigraph import NamedNode

from exo_onto.axioms import Rule
from exo_onto.diagnose import Teller
from exo_onto.expressions import Pattern
from exo_onto.reason import Contradiction
from exo_onto.sources import read_sources
from exo_onto.validate import Result, Severity
from exo_onto.vocabulary import BASE, RDF_TYPE

ACTIVITY = f"{BASE}activity/zhu-lf-2020-apoptosis-npc"


@pytest.fixture(scope="module")
def teller(root: Path) -> Teller:
    return Teller(read_sources(root))


def result(focus: str, path: str | None, value: str | None, message: str) -> Result:
    return Result(focus, path, value, "http://www.w3.org/ns/shacl#X", f"{BASE}shape/X", message, Severity.VIOLATION)


def test_a_result_is_told_with_curies_and_place(teller: Teller) -> None:
    told = teller.tell(result(ACTIVITY, f"{BASE}setting", None, f"The setting is wrong: {BASE}InVitro ."))
    assert told.code == "shape:X"
    assert told.what == "activity:zhu-lf-2020-apoptosis-npc: The setting is wrong: exonto:InVitro ."
    assert told.place is not None
    assert told.place.file == "instances/studies/zhu-lf-2020.ttl"


def test_a_misspelt_name_is_told_with_the_nearest(teller: Teller) -> None:
    told = teller.tell(result(BASE, None, f"{BASE}ReportedDecreas", "It is nowhere declared."))
    assert told.remedy == "Did you mean exonto:ReportedDecrease?"


def test_a_contradiction_names_study_activity_and_both_sides(teller: Teller) -> None:
    names = [NamedNode(f"{BASE}{name}") for name in ("IncreasedActivity", "DecreasedActivity", "ReportedDecrease")]
    facts = tuple(Pattern(NamedNode(ACTIVITY), RDF_TYPE, name) for name in names[:2])
    clash = Contradiction(Rule(("cax-dw",), None, facts, None), facts)
    told = teller.tell_contradiction(clash, names)
    assert told.what.startswith(
        "In study zhu-lf-2020, activity:zhu-lf-2020-apoptosis-npc (apoptosis in nucleus pulposus cells"
    )
    assert "both 'decreased activity' and 'increased activity'" in told.what
    assert "reported decrease" in told.what
    assert told.place is not None
    assert told.place.line is not None
