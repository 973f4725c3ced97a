"""Tests of check: the referees agree with the engines that a build uses, and a disagreement is told."""

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import quiet
from pyoxigraph import NamedNode, Triple

from exo_onto import referees
from exo_onto.check import check
from exo_onto.closure import Derivation
from exo_onto.vocabulary import BASE, RDF_TYPE

STRAY = Triple(NamedNode(f"{BASE}study/lu-k-2017"), RDF_TYPE, NamedNode(f"{BASE}ReportedDecrease"))


@pytest.mark.parametrize(
    ("heard", "says"),
    [
        (
            Derivation(consistent=False, triples=frozenset(), unsatisfiable=()),
            "HermiT calls the knowledge inconsistent",
        ),
        (
            Derivation(consistent=True, triples=frozenset(), unsatisfiable=(NamedNode(f"{BASE}Study"),)),
            "HermiT calls exonto:Study unsatisfiable",
        ),
        (Derivation(consistent=True, triples=frozenset({STRAY}), unsatisfiable=()), "only HermiT infers"),
        (Derivation(consistent=True, triples=frozenset(), unsatisfiable=()), "only our rules infer"),
    ],
)
def test_a_disagreement_with_hermit_fails_and_says_what(
    one_study: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, heard: Derivation, says: str
) -> None:
    monkeypatch.setattr(referees, "hermit", lambda *_, **__: heard)
    judgement = check(one_study("lu-k-2017"), progress=quiet)
    told = [each for each in judgement.diagnostics if each.code == "referees"]
    assert told
    assert any(says in each.what for each in told)
    assert not judgement.sound


def test_hermit_refusing_is_told(one_study: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> Derivation:
        raise referees.RefereeError("no")

    monkeypatch.setattr(referees, "hermit", refuse)
    judgement = check(one_study("lu-k-2017"), progress=quiet)
    assert {each.code for each in judgement.diagnostics} == {"reasoner"}
