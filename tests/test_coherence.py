"""Tests of coherence: classes without members, and facts tried against an ontology."""

from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Quad, Triple, Variable
from reasoning import ex, turtle

from exo_onto.axioms import Rule
from exo_onto.coherence import asked_of, leading, tried, unsatisfiable
from exo_onto.expressions import Pattern
from exo_onto.rules import compile_rules
from exo_onto.vocabulary import GRAPH_ONTOLOGY, RDF_TYPE

DISJOINT = ":C a owl:Class ; owl:disjointWith :D . :D a owl:Class . "


def quads(triples: list[Triple]) -> list[Quad]:
    return [Quad(t.subject, t.predicate, t.object, GRAPH_ONTOLOGY) for t in triples]


def test_a_class_below_two_that_exclude_each_other_can_have_no_member() -> None:
    told = turtle(DISJOINT + ":E a owl:Class ; rdfs:subClassOf :C , :D . :F a owl:Class ; rdfs:subClassOf :C .")
    assert unsatisfiable(quads(told), compile_rules(told)) == [ex("E")]


def test_what_no_rule_asks_for_is_left_out_and_changes_nothing() -> None:
    told = turtle(
        DISJOINT + ":E a owl:Class ; rdfs:label 'e' ; rdfs:subClassOf :C , [ a owl:Restriction ; "
        "owl:onProperty :p ; owl:hasValue :i ] . :i a :I ; :q :j . :p a owl:ObjectProperty ; rdfs:domain :D ."
    )
    rules = compile_rules(told)
    asked = asked_of(quads(told), rules)
    assert {quad.predicate for quad in asked} == {RDF_TYPE}
    assert unsatisfiable(asked, rules) == unsatisfiable(quads(told), rules) == [ex("E")]


def test_members_of_two_classes_that_meet_at_a_named_thing_accuse_neither() -> None:
    told = turtle(
        DISJOINT + ":p a owl:ObjectProperty . "
        ":E a owl:Class ; rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :p ; owl:hasValue :i ] . "
        "[ a owl:Restriction ; owl:onProperty :p ; owl:hasValue :i ] rdfs:subClassOf :C ."
    )
    assert unsatisfiable(quads(told), compile_rules(told)) == []


def test_facts_are_tried_without_being_kept() -> None:
    told = turtle(DISJOINT)
    rules = compile_rules(told)
    assert tried(quads(told), turtle(":a a :C , :D ."), rules)
    assert not tried(quads(told), turtle(":a a :C ."), rules)


def test_where_nothing_excludes_anything_every_class_can_have_a_member() -> None:
    told = turtle(":C a owl:Class ; rdfs:subClassOf :D . :D a owl:Class .")
    assert unsatisfiable(quads(told), compile_rules(told)) == []


NAMES = st.sampled_from([":C", ":D", ":E", ":F", ":G"])
AXIOMS = st.one_of(
    st.builds("{} rdfs:subClassOf {} .".format, NAMES, NAMES),
    st.builds("{} owl:disjointWith {} .".format, NAMES, NAMES),
    st.builds("{} rdfs:subClassOf [ owl:onProperty :p ; owl:hasValue :i ] .".format, NAMES),
    st.builds("[ owl:onProperty :p ; owl:someValuesFrom {} ] rdfs:subClassOf {} .".format, NAMES, NAMES),
    st.builds("{} rdfs:subClassOf [ owl:onProperty :q ; owl:allValuesFrom {} ] .".format, NAMES, NAMES),
    st.builds("{} owl:equivalentClass [ owl:intersectionOf ( {} {} ) ] .".format, NAMES, NAMES, NAMES),
    st.builds("{} rdfs:subClassOf [ owl:complementOf {} ] .".format, NAMES, NAMES),
    st.builds("[ owl:oneOf ( :i :j ) ] rdfs:subClassOf {} .".format, NAMES),
    st.sampled_from(
        [
            ":p rdfs:subPropertyOf :q .",
            ":p a owl:FunctionalProperty .",
            ":q owl:inverseOf :p .",
            ":i owl:differentFrom :j .",
            ":p rdfs:range :C .",
            ":q owl:propertyDisjointWith :p .",
        ]
    ),
)
DECLARED = (
    "".join(f":{name} a owl:Class . " for name in "CDEFG") + ":p a owl:ObjectProperty . :q a owl:ObjectProperty . "
)


@settings(deadline=None)
@given(st.lists(AXIOMS, min_size=2, max_size=10))
def test_the_rules_that_lead_to_contradictions_find_all_that_all_rules_find(axioms: list[str]) -> None:
    told = turtle(DECLARED + " ".join(axioms))
    rules = compile_rules(told)
    facts = [Triple(ex(f"a{name}"), RDF_TYPE, ex(name)) for name in "CDEFG"]
    few, all_of_them = ({each.facts for each in tried(quads(told), facts, some)} for some in (leading(rules), rules))
    assert few == all_of_them


def test_what_leads_nowhere_is_left_out_unless_a_rule_speaks_of_any_class() -> None:
    rules = compile_rules(turtle(DISJOINT + ":E rdfs:subClassOf :C . :C rdfs:subClassOf :F . :F rdfs:subClassOf :G ."))
    assert {str(rule.head) for rule in rules if rule not in leading(rules)} == {f"?x {RDF_TYPE} {ex(n)}" for n in "FG"}
    any_class = Rule(("any",), Pattern(Variable("x"), RDF_TYPE, Variable("y")), (), None)
    assert leading((*rules, any_class)) == (*rules, any_class)
