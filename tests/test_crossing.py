"""Tests of crossing: parts that may stand alone give all that follows from the whole; the others are told."""

import os

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from pyoxigraph import RdfFormat, Triple, parse, serialize
from reasoning import reasoned, turtle
from test_reason import CLASSES, COMPOSITE, DECLARED, PEOPLE, SCHEMA, SIMPLE

from exo_onto.crossing import Reach, why_together
from exo_onto.partitions import Part, Task, reason_base, work
from exo_onto.rules import compile_rules
from exo_onto.snapshot import package_digest

FUZZ = int(os.environ.get("EXO_ONTO_FUZZ", "1"))
FEW = PEOPLE[:2]
"""The individuals of the base."""


def parted(base: str, parts: list[str]) -> tuple[frozenset[Triple], str | None, bool]:
    """Reason over parts alone: what follows, why they may not stand alone, and whether anything contradicts itself."""
    whole = [turtle(text) for text in (base, *parts)]
    rules = compile_rules([triple for triples in whole for triple in triples])
    texts = [serialize(triples, format=RdfFormat.TURTLE) or b"" for triples in whole]
    shared = reason_base([texts[0]], rules)
    done = [work(Task(shared.written + shared.inferred, (text,), rules, package_digest())) for text in texts[1:]]
    found = b"".join((shared.inferred, *(lines for part in done for lines in part.written())))
    triples = frozenset(quad.triple for quad in parse(found, format=RdfFormat.N_TRIPLES))
    asserted = frozenset(triple for each in whole for triple in each)
    return triples - asserted, why_together(rules, [each.reach for each in done]), clashing(done)


def clashing(parts: list[Part]) -> bool:
    return any(part.clashes for part in parts)


def whole(base: str, parts: list[str]) -> tuple[frozenset[Triple], bool]:
    result = reasoned(turtle(" ".join((base, *parts))))
    return result.inferred, bool(result.contradictions)


CHAIN = ":p a owl:ObjectProperty . :q a owl:ObjectProperty . :q owl:propertyChainAxiom ( :p :p ) . "


def test_a_chain_through_a_thing_of_both_parts_is_noticed() -> None:
    base = CHAIN + ":shared a owl:NamedIndividual ."
    _, why, _ = parted(base, [":a :p :shared .", ":shared :p :b ."])
    assert why is not None
    assert why.startswith("a rule may join what two parts say: ")


def test_properties_that_exclude_each_other_meet_at_a_literal_too() -> None:
    base = ":d a owl:DatatypeProperty ; owl:propertyDisjointWith :e . :e a owl:DatatypeProperty . :shared a owl:NamedIndividual ."
    _, why, clash = parted(base, [":shared :d 1 .", ":shared :e 1 ."])
    assert not clash
    assert why is not None


def test_a_chain_within_each_part_is_no_reason() -> None:
    base = CHAIN + ":shared a owl:NamedIndividual ."
    parts = [":a :p :b . :b :p :shared .", ":c :p :d . :d :p :shared ."]
    found, why, _ = parted(base, parts)
    assert why is None
    assert found == whole(base, parts)[0] == frozenset(turtle(":a :q :shared . :c :q :shared ."))


def test_a_chain_through_the_base_is_noticed() -> None:
    base = CHAIN.replace("( :p :p )", "( :p :r :p )") + ":r a owl:ObjectProperty . :x :r :y ."
    _, why, _ = parted(base, [":a :p :x .", ":y :p :b ."])
    assert why is not None
    assert "a rule may join" in why


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ([":new a :C .", ":new a :D ."], "two parts name a thing that is declared in neither"),
        ([":shared a :C .", ":shared a :D ."], "two parts say something of http://example.org/shared"),
        ([':shared rdfs:label "one" .', ':shared rdfs:label "two" .'], "two parts say something of"),
    ],
)
def test_what_two_parts_say_of_one_thing_is_noticed(parts: list[str], says: str) -> None:
    base = ":C a owl:Class . :D a owl:Class . :shared a owl:NamedIndividual ."
    _, why, _ = parted(base, parts)
    assert why is not None
    assert why.startswith(says)


def test_a_contradiction_of_one_part_is_found() -> None:
    base = ":C a owl:Class ; owl:disjointWith :D . :D a owl:Class ."
    found = parted(base, [":a a :C , :D .", ":b a :C ."])
    assert found[1:] == (None, True)


def test_nothing_is_shared_by_no_parts() -> None:
    assert why_together((), ()) is None
    assert why_together((), [Reach(frozenset(), {}, frozenset(), frozenset())]) is None


def facts(part: int) -> st.SearchStrategy[str]:
    """Give facts of a part: mostly of its own things, now and then of those of the base."""
    own = [f":part{part}{letter}" for letter in "abc"]
    subject, anything = st.sampled_from([*own, *own, *FEW]), st.sampled_from([*own, *FEW])
    return st.one_of(
        st.builds(lambda a, c: f"{a} a {c} .", st.sampled_from(own), st.sampled_from(CLASSES)),
        st.builds(lambda a, p, b: f"{a} {p} {b} .", subject, st.sampled_from([*SIMPLE, *COMPOSITE]), anything),
    )


BASE_FACTS = st.builds(
    lambda a, p, b: f"{a} {p} {b} .", st.sampled_from(FEW), st.sampled_from(SIMPLE), st.sampled_from(FEW)
)


@settings(max_examples=300 * FUZZ, deadline=None, derandomize=FUZZ == 1, suppress_health_check=list(HealthCheck))
@given(
    st.lists(SCHEMA, min_size=2, max_size=6),
    st.lists(BASE_FACTS, max_size=2),
    *(st.lists(facts(part), min_size=2, max_size=6) for part in (1, 2)),
)
def test_parts_that_may_stand_alone_give_the_whole(
    schema: list[str], shared: list[str], one: list[str], other: list[str]
) -> None:
    base, parts = DECLARED + " ".join((*schema, *shared)), [" ".join(one), " ".join(other)]
    found, why, contradictory = parted(base, parts)
    event("alone" if why is None else "together")
    expected, wrong = whole(base, parts)
    if why is None:
        assert contradictory is wrong
        if not wrong:
            assert found == expected
    else:
        assert found <= expected
