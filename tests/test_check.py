"""Tests of check: the referees agree with the engines that a build uses, and a disagreement is told."""

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import quiet
from pyoxigraph import NamedNode, Triple
from reasoning import HEAD, turtle

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


SMALL = {
    "ontology/a.ttl": """
        <http://example.org/> a owl:Ontology .
        :C a owl:Class ; rdfs:subClassOf :D . :D a owl:Class . :p a owl:ObjectProperty ; rdfs:subPropertyOf :q .
        :q a owl:ObjectProperty ; owl:inverseOf :r . :r a owl:ObjectProperty .""",
    "shapes/a.ttl": "<http://www.w3.org/ns/shacl#NodeShape> rdfs:seeAlso :C .",
    "instances/a.ttl": ":x a :C ; :p :y . :y a :D .",
}


@pytest.fixture
def small(tmp_path: Path) -> Path:
    for name, text in SMALL.items():
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(HEAD + text, "utf-8")
    return tmp_path


def test_of_small_data_owlrl_is_heard_too(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    agreed = [each for each in check(small, progress=quiet).diagnostics if each.code == "referees"]
    assert agreed == []
    monkeypatch.setattr(referees, "owlrl", lambda _: frozenset(turtle(":y a :C .")))
    told = [each.what for each in check(small, progress=quiet).diagnostics if each.code == "referees"]
    assert any("only owlrl infers" in what for what in told)


def test_a_contradiction_that_only_owlrl_finds_is_told(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = referees.owlrl
    monkeypatch.setattr(referees, "owlrl", lambda _: real(turtle(":x a :C , :D . :C owl:disjointWith :D .")))
    told = [each.what for each in check(small, progress=quiet).diagnostics if each.code == "referees"]
    assert any("owlrl calls the knowledge inconsistent" in what for what in told)


def test_an_identifier_that_nobody_knows_fails(small: Path) -> None:
    file = small / "instances" / "a.ttl"
    file.write_text(f"{file.read_text('utf-8')} :x a <http://purl.obolibrary.org/obo/CL_0000001> .", "utf-8")
    judgement = check(small, progress=quiet)
    (told,) = [each for each in judgement.diagnostics if each.code == "links-unknown"]
    assert told.what == "CL:0000001 is not known: no module has it."
    assert told.place is not None
    assert told.place.file == "instances/a.ttl"
    assert not judgement.sound
