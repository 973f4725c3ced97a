"""Tests of kept: the same is not worked out twice, something else always is, and little is kept."""

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import quiet
from differing import LOWERS, PREFIXES, small

from exo_onto import judge, kept
from exo_onto.kept import MOST, Kept, Last
from exo_onto.sources import read_sources


def test_what_was_asked_last_is_kept_and_no_more() -> None:
    made: list[int] = []

    def square(number: int) -> Callable[[], int]:
        return lambda: made.append(number) or number * number  # type: ignore[func-returns-value]

    last: Last[int] = Last()
    for number in (*range(MOST), 0, MOST, 0):
        assert last.get(number, square(number)) == number * number
    assert made == [*range(MOST), MOST]
    assert len(last) == MOST
    last.get(1, square(1))  # the oldest had to go
    assert made[-1] == 1


def test_what_fails_is_tried_again() -> None:
    last: Last[int] = Last()
    with pytest.raises(ZeroDivisionError):
        last.get("a", lambda: 1 // 0)
    assert last.get("a", lambda: 1) == 1


def test_a_file_is_known_by_what_is_in_it(tmp_path: Path) -> None:
    root, of_before = small(tmp_path / "root"), Kept()
    first = of_before.known(read_sources(root))
    assert of_before.known(read_sources(root)).studies[0] is first.studies[0]
    small(root, more=LOWERS)
    second = of_before.known(read_sources(root))
    assert second.studies[0] is not first.studies[0]
    assert second.shapes[0] is first.shapes[0]
    small(root)
    assert of_before.known(read_sources(root)).studies[0] is not first.studies[0]  # of the last reading alone


def test_of_much_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST_BYTES", 10)
    root, of_before = small(tmp_path / "root"), Kept()
    assert of_before.known(read_sources(root)).studies[0] is not of_before.known(read_sources(root)).studies[0]


def test_the_second_judgement_works_nothing_out_that_the_first_did(tmp_path: Path) -> None:
    root, of_before = small(tmp_path / "root"), Kept()
    for more in ("", LOWERS):
        small(root, more=more)
        assert judge.judge(of_before.known(read_sources(root)), kept=of_before, progress=quiet).sound
    assert (len(of_before.rules), len(of_before.checks)) == (1, 2)


def test_a_label_of_the_ontology_asks_for_no_new_rules_and_an_axiom_does(tmp_path: Path) -> None:
    root, of_before = small(tmp_path / "root"), Kept()
    expression = "ex:Pain rdfs:subClassOf [ a owl:Restriction ; owl:onProperty ex:sees ; owl:allValuesFrom ex:Up ] .\n"
    for number, more in enumerate(("", 'ex:Pain rdfs:label "ache"@en .\n', "ex:Up rdfs:subClassOf ex:Pain .\n")):
        (root / "ontology" / "more.ttl").write_text(PREFIXES + expression + more, "utf-8")
        judge.judge(of_before.known(read_sources(root)), kept=of_before, progress=quiet)
        assert len(of_before.rules) == len(of_before.incoherent) == max(number, 1)
