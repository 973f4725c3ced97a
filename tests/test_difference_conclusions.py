"""Tests of difference.conclusions: against sets of triples, and by taking the causes away."""

from pathlib import Path

import pytest
from conftest import quiet
from differing import LOWERS, ONTOLOGY, STUDY, compared, small
from pyoxigraph import Triple

from exo_onto import judge
from exo_onto.difference.changes import How
from exo_onto.difference.compare import Difference
from exo_onto.difference.conclusions import Conclusion
from exo_onto.expressions import Pattern
from exo_onto.vocabulary import GRAPH_INFERRED, compact

RELIEF = "[] a owl:Class ; owl:intersectionOf ( ex:Pain ex:Down ) ;\n    rdfs:subClassOf [ a owl:Restriction ; owl:onProperty ex:shows ; owl:hasValue ex:Relief ] .\n"  # fmt: skip


def every(found: Difference) -> list[Conclusion]:
    return [each for group in found.studies for each in group.conclusions] + list(found.conclusions)


def held(home: Path) -> tuple[set[Triple], set[Triple]]:
    """Give what is written and what is inferred, by a run of its own."""
    store = judge.judge(judge.look(home, quiet), progress=quiet).store
    assert store is not None
    inferred = {quad.triple for quad in store.quads_for_pattern(None, None, None, GRAPH_INFERRED)}
    return {quad.triple for quad in store} - inferred, inferred


def triple(fact: Pattern) -> Triple:
    return Triple(fact.subject, fact.predicate, fact.object)  # type: ignore[arg-type]


def said(each: Conclusion) -> tuple[str, ...]:
    return tuple(
        compact(str(getattr(term, "value", term)))
        for term in (each.fact.subject, each.fact.predicate, each.fact.object)
    )


@pytest.fixture
def homes(tmp_path: Path) -> tuple[Path, Path]:
    return tmp_path / "one", tmp_path / "other"


EDITS = {
    "an edge more": (STUDY, ONTOLOGY, LOWERS, ONTOLOGY),
    "a type more": (STUDY, ONTOLOGY, "activity:a-pain a ex:Down .", ONTOLOGY),
    "an axiom more": (STUDY + LOWERS, ONTOLOGY.replace(RELIEF, ""), "", ONTOLOGY),
    "what was inferred is written": (STUDY + LOWERS, ONTOLOGY, "activity:a-pain a ex:Down .", ONTOLOGY),
    "nothing": (STUDY + LOWERS, ONTOLOGY, "# a remark\n", ONTOLOGY),
    "another mechanism": (STUDY + LOWERS, ONTOLOGY, "", ONTOLOGY.replace("owl:hasValue ex:Relief", "owl:hasValue ex:Joy")),
}  # fmt: skip


@pytest.mark.parametrize("name", EDITS)
def test_new_and_gone_are_what_two_runs_differ_by(homes: tuple[Path, Path], name: str) -> None:
    before, after = homes
    study, ontology, more, later = EDITS[name]
    small(before, study=study, ontology=ontology)
    small(after, study=study, more=more, ontology=later)
    found = every(compared(before, after))
    (old_written, old), (new_written, new) = held(before), held(after)
    assert {triple(e.fact) for e in found if e.how is How.ADDED} == new - old - old_written
    assert {triple(e.fact) for e in found if e.how is How.REMOVED} == old - new - new_written


@pytest.mark.parametrize("name", ["an edge more", "a type more"])
def test_without_its_cause_a_conclusion_does_not_follow(homes: tuple[Path, Path], name: str) -> None:
    before, after = homes
    study, ontology, more, later = EDITS[name]
    small(before, study=study, ontology=ontology)
    small(after, study=study, more=more, ontology=later)
    found = every(compared(before, after))
    assert found
    for each in found:
        assert each.proof is not None
        assert [str(cause.object) for cause in each.causes]
        assert {triple(cause) for cause in each.causes} <= held(after)[0] - held(before)[0]
        assert not each.axioms


def test_every_leaf_of_a_proof_is_written_on_its_side(homes: tuple[Path, Path]) -> None:
    small(homes[0])
    small(homes[1], more=LOWERS)
    for each in every(compared(*homes)):
        assert each.proof is not None
        inner = [each.proof]
        while inner:
            node = inner.pop()
            if node.rule is None:
                assert triple(node.fact) in held(homes[1])[0]
            inner += node.premises


def test_the_axiom_is_the_cause_where_no_statement_is(homes: tuple[Path, Path]) -> None:
    small(homes[0], more=LOWERS, ontology=ONTOLOGY.replace(RELIEF, ""))
    small(homes[1], more=LOWERS)
    shows = next(each for each in every(compared(*homes)) if said(each)[1].endswith(":shows"))
    assert shows.causes == ()
    assert len(shows.axioms) == 1


def test_what_follows_on_is_marked(homes: tuple[Path, Path]) -> None:
    small(homes[0])
    small(homes[1], more=LOWERS)
    found = {(said(each)[1].rpartition(":")[2], each.follows_on) for each in every(compared(*homes))}
    assert ("loweredBy", True) in found  # what is written, seen from the other end
    assert ("demonstrates", False) in found
    assert ("shows", False) in found


def test_a_second_value_is_told_as_one_more(homes: tuple[Path, Path]) -> None:
    joy = RELIEF.replace("ex:Relief", "ex:Joy").replace("ex:Down", "ex:Pain")
    small(homes[0], ontology=ONTOLOGY + joy)
    small(homes[1], ontology=ONTOLOGY + joy, more=LOWERS)
    also = {said(each)[1].rpartition(":")[2]: each.also for each in every(compared(*homes))}
    assert also["demonstrates"]
    small(homes[0])
    small(homes[1], more=LOWERS)
    also = {said(each)[1].rpartition(":")[2]: each.also for each in every(compared(*homes))}
    assert not also["demonstrates"]


def test_what_was_inferred_and_is_written_now_is_counted_and_is_no_conclusion(homes: tuple[Path, Path]) -> None:
    small(homes[0], more=LOWERS)
    small(homes[1], more=LOWERS + "activity:a-pain a ex:Down .")
    found = compared(*homes)
    assert every(found) == []
    assert found.turned == (1, 0)
    assert compared(*reversed(homes)).turned == (0, 1)
