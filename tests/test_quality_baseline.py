"""Tests of baseline: what was known stays known whatever line it moves to, and what is new is told."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exo_onto.diagnose import Diagnostic
from exo_onto.places import Place
from exo_onto.quality.baseline import BaselineError, compare, fingerprints, read, write
from exo_onto.validate import Severity

WORDS = st.text(st.characters(codec="utf-8"), max_size=3)
FOUND = st.builds(
    Diagnostic,
    st.sampled_from(["missing-label", "answer"]),
    st.sampled_from(list(Severity)),
    WORDS,
    st.builds(Place, WORDS, st.integers(1, 9)),
    about=st.tuples(WORDS, WORDS),
)


@given(st.lists(FOUND, max_size=8))
def test_what_a_baseline_was_written_of_is_known_to_it(found: list[Diagnostic]) -> None:
    known = compare(found, read(write(found)))
    assert (known.fresh, known.known, known.gone) == ((), len(found), 0)


@given(st.lists(FOUND, max_size=8), st.integers(1, 99), WORDS)
def test_a_finding_that_moves_or_is_told_in_other_words_stays_known(
    found: list[Diagnostic], line: int, said: str
) -> None:
    moved = [replace(each, place=Place("b.ttl", line), what=said, severity=Severity.INFO) for each in found]
    assert list(fingerprints(moved)) == list(fingerprints(found))


@given(st.lists(FOUND, max_size=8), FOUND)
def test_one_more_is_one_that_is_new(found: list[Diagnostic], more: Diagnostic) -> None:
    known = compare([*found, more], read(write(found)))
    assert known.fresh == (more,)
    assert known.known == len(found)


@given(st.lists(FOUND, min_size=1, max_size=8))
def test_one_that_is_mended_is_counted(found: list[Diagnostic]) -> None:
    known = compare(found[:-1], read(write(found)))
    assert (known.fresh, known.gone) == ((), 1)


@given(st.lists(FOUND, max_size=8))
def test_fingerprints_are_one_for_each_finding(found: list[Diagnostic]) -> None:
    marks = list(fingerprints(found))
    assert len(set(marks)) == len(found)


def test_two_parts_of_a_finding_do_not_run_into_each_other() -> None:
    one = Diagnostic("a", Severity.INFO, "", about=("xy", "z"))
    other = Diagnostic("a", Severity.INFO, "", about=("x", "yz"))
    assert list(fingerprints([one])) != list(fingerprints([other]))


def test_a_baseline_has_a_line_for_each_finding_and_is_sorted() -> None:
    found = [Diagnostic(code, Severity.INFO, code, Place("a.ttl", 1)) for code in ("b", "a")]
    text = write(found)
    assert [each["code"] for each in json.loads(text)["known"]] == ["a", "b"]
    assert len(text.splitlines()) == 4
    assert write(reversed(found)) == text


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": 1}', '{"version": 1, "known": [1]}', '{"version": 2}'])
def test_what_is_no_baseline_is_refused(text: str) -> None:
    with pytest.raises(BaselineError, match=r"no baseline|version 2"):
        read(text)
