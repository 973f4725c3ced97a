"""Tests of plan: what cannot fire is left out, strata come in order, and what follows from one fact is known beforehand."""

import re

from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Triple, Variable
from reasoning import EX, ex, reasoned, rows, turtle

from exo_onto.expressions import Pattern
from exo_onto.plan import Fact, Plan, asked, by_name, feedings, general, is_recursive, make_plan, saturate
from exo_onto.reason import Dataset, present
from exo_onto.rules import compile_rules
from exo_onto.vocabulary import RDF_TYPE

CHAIN = (
    ":p a owl:ObjectProperty . :r a owl:ObjectProperty , owl:TransitiveProperty . "
    ":r owl:propertyChainAxiom ( :p :p ) . :never rdfs:subClassOf :D . "
    "[ owl:onProperty :r ; owl:someValuesFrom :C ] rdfs:subClassOf :E . :a :p :b . :b :p :c . :c a :C ."
)


def planned(told: list[Triple]) -> Plan:
    rules, store = compile_rules(told), reasoned(told).store
    return make_plan(rules, present(lambda query: rows(store, query), rules, Dataset()))


def test_a_rule_without_facts_is_not_run_and_each_stratum_needs_only_those_before() -> None:
    told = turtle(CHAIN)
    plan = planned(told)
    assert plan.saturations == ()
    assert [[join.rule.names[-1] for join in stratum] for stratum in plan.strata] == [
        ["prp-spo2"],
        ["prp-trp"],
        ["cax-sco"],
    ]
    assert [is_recursive(stratum) for stratum in plan.strata] == [False, True, False]
    assert set(turtle(":a a :E .")) <= reasoned(told).inferred


def fed_by(*told: str) -> list[str]:
    """Give what must be there for the only recursive stratum to feed itself, as SPARQL."""
    strata = planned(turtle(" ".join(told))).strata
    (stratum,) = (each for each in strata if is_recursive(each))
    return [re.sub(f"<{EX}(.+?)>", r":\1", " . ".join(map(str, met))) for met in feedings(stratum)]


def test_a_stratum_feeds_itself_where_what_a_rule_gives_may_be_a_premise_of_one() -> None:
    chain = ":p a owl:ObjectProperty ; owl:propertyChainAxiom ( :q :p ) . :a :q :b . :b :p :c ."
    assert fed_by(chain) == ["?x1_fed :q ?x1 . ?x0_fed :q ?x1_fed"]
    nothing_else = ":r a owl:ObjectProperty , owl:TransitiveProperty . :a :r :b ."
    assert fed_by(nothing_else) == ["", ""]


def test_a_premise_that_names_another_thing_than_what_is_given_is_not_fed() -> None:
    told = (
        "[ owl:onProperty :p ; owl:hasValue :a ] rdfs:subClassOf [ owl:onProperty :p ; owl:hasValue {} ] . :x :p :a ."
    )
    assert fed_by(told.format(":a")) == [""]
    assert fed_by(told.format(":b")) == []


CLASSES = [f":C{number}" for number in range(4)]
BELOW = st.lists(st.tuples(st.sampled_from(CLASSES), st.sampled_from(CLASSES)), max_size=8)


@given(BELOW)
def test_what_follows_from_a_fact_alone_is_what_is_reached_above_it(pairs: list[tuple[str, str]]) -> None:
    told = turtle("".join(f"{below} rdfs:subClassOf {above} . " for below, above in pairs))
    alone: dict[Fact, list] = {}  # type: ignore[type-arg]
    for rule in compile_rules(told):
        alone.setdefault(asked(rule.body[0]), []).append(rule)
    reached, todo = {":C0"}, [":C0"]
    while todo:
        here = todo.pop()
        new = {above for below, above in pairs if below == here} - reached
        reached |= new
        todo += new
    start = Pattern(Variable("x"), RDF_TYPE, ex("C0"))
    found = saturate(start, alone)
    assert found[0] == start
    assert {each.object for each in found} == {ex(name[1:]) for name in reached}


def test_the_pattern_of_a_fact_asks_for_it() -> None:
    facts = [Fact(ex("p"), of_class=False), Fact(ex("C"), of_class=True)]
    assert [asked(general(fact)) for fact in facts] == facts
    assert by_name(facts) == by_name(reversed(facts)) == facts[::-1]


@given(BELOW)
def test_what_is_planned_to_follow_holds_all_that_does(pairs: list[tuple[str, str]]) -> None:
    schema = "".join(f"{below} rdfs:subClassOf {above} . " for below, above in pairs)
    told = turtle(f"{schema} :a a :C0 . :b a :C1 .")
    plan = planned(told)
    assert {Fact(triple.object, of_class=True) for triple in reasoned(told).inferred} <= plan.derived | plan.asserted  # type: ignore[arg-type]
