"""Tests of axioms: each rule of OWL 2 Profiles, tables 5 to 7, as *if ... then ...*."""

from dataclasses import dataclass

import pytest
from reasoning import reasoned, turtle

from exo_onto.axioms import AXIOMS, KINDS


@dataclass(frozen=True)
class Case:
    """If the axiom holds and the data is so, then this follows: triples, or nothing at all if it cannot be so."""

    rule: str
    axiom: str
    data: str
    then: str | None


P = ":p a owl:ObjectProperty . :q a owl:ObjectProperty . :r a owl:ObjectProperty . :C a owl:Class . :D a owl:Class . "
CASES = [
    Case("cax-sco", ":C rdfs:subClassOf :D .", ":a a :C .", ":a a :D ."),
    Case("cax-eqc1", ":C owl:equivalentClass :D .", ":a a :C .", ":a a :D ."),
    Case("cax-eqc2", ":C owl:equivalentClass :D .", ":a a :D .", ":a a :C ."),
    Case("cax-dw", ":C owl:disjointWith :D .", ":a a :C , :D .", None),
    Case("cax-adc", "[] a owl:AllDisjointClasses ; owl:members ( :B :C :D ) .", ":a a :C , :D .", None),
    Case("cls-int1", "[ owl:intersectionOf ( :C :D ) ] rdfs:subClassOf :E .", ":a a :C , :D .", ":a a :E ."),
    Case("cls-int2", ":E rdfs:subClassOf [ owl:intersectionOf ( :C :D ) ] .", ":a a :E .", ":a a :C , :D ."),
    Case("cls-uni", "[ owl:unionOf ( :C :D ) ] rdfs:subClassOf :E .", ":a a :D .", ":a a :E ."),
    Case("cls-com", ":C rdfs:subClassOf [ owl:complementOf :D ] .", ":a a :C , :D .", None),
    Case(
        "cls-svf1",
        "[ owl:onProperty :p ; owl:someValuesFrom :C ] rdfs:subClassOf :D .",
        ":a :p :b . :b a :C .",
        ":a a :D .",
    ),
    Case(
        "cls-svf2",
        "[ owl:onProperty :p ; owl:someValuesFrom owl:Thing ] rdfs:subClassOf :D .",
        ":a :p :b .",
        ":a a :D .",
    ),
    Case(
        "cls-avf",
        ":C rdfs:subClassOf [ owl:onProperty :p ; owl:allValuesFrom :D ] .",
        ":a a :C ; :p :b .",
        ":b a :D .",
    ),
    Case("cls-hv1", ":C rdfs:subClassOf [ owl:onProperty :p ; owl:hasValue :b ] .", ":a a :C .", ":a :p :b ."),
    Case("cls-hv2", "[ owl:onProperty :p ; owl:hasValue :b ] rdfs:subClassOf :C .", ":a :p :b .", ":a a :C ."),
    Case("cls-oo", "[ owl:oneOf ( :a :b ) ] rdfs:subClassOf :C .", "", ":a a :C . :b a :C ."),
    Case("cls-nothing2", ":C rdfs:subClassOf owl:Nothing .", ":a a :C .", None),
    Case(
        "cls-maxc1",
        ":C rdfs:subClassOf [ owl:onProperty :p ; owl:maxCardinality 0 ] .",
        ":a a :C ; :p :b .",
        None,
    ),
    Case(
        "cls-maxc2",
        ":C rdfs:subClassOf [ owl:onProperty :p ; owl:maxCardinality 1 ] .",
        ":a a :C ; :p :b , :c .",
        ":b owl:sameAs :c . :c owl:sameAs :b . :a :p :b , :c .",
    ),
    Case(
        "cls-maxqc1",
        ":C rdfs:subClassOf [ owl:onProperty :p ; owl:maxQualifiedCardinality 0 ; owl:onClass :D ] .",
        ":a a :C ; :p :b . :b a :D .",
        None,
    ),
    Case(
        "cls-maxqc2",
        ":C rdfs:subClassOf [ owl:onProperty :p ; owl:maxQualifiedCardinality 0 ; owl:onClass owl:Thing ] .",
        ":a a :C ; :p :b .",
        None,
    ),
    Case(
        "cls-maxqc3",
        ":C rdfs:subClassOf [ owl:onProperty :p ; owl:maxQualifiedCardinality 1 ; owl:onClass :D ] .",
        ":a a :C ; :p :b , :c . :b a :D . :c a :D .",
        ":b owl:sameAs :c . :c owl:sameAs :b .",
    ),
    Case(
        "cls-maxqc4",
        ":C rdfs:subClassOf [ owl:onProperty :p ; owl:maxQualifiedCardinality 1 ; owl:onClass owl:Thing ] .",
        ":a a :C ; :p :b , :c .",
        ":b owl:sameAs :c . :c owl:sameAs :b .",
    ),
    Case("prp-dom", ":p rdfs:domain :C .", ":a :p :b .", ":a a :C ."),
    Case("prp-rng", ":p rdfs:range :C .", ":a :p :b .", ":b a :C ."),
    Case("prp-fp", ":p a owl:FunctionalProperty .", ":a :p :b , :c .", ":b owl:sameAs :c . :c owl:sameAs :b ."),
    Case(
        "prp-ifp",
        ":p a owl:InverseFunctionalProperty .",
        ":a :p :c . :b :p :c .",
        ":a owl:sameAs :b . :b owl:sameAs :a .",
    ),
    Case("prp-irp", ":p a owl:IrreflexiveProperty .", ":a :p :a .", None),
    Case("prp-symp", ":p a owl:SymmetricProperty .", ":a :p :b .", ":b :p :a ."),
    Case("prp-asyp", ":p a owl:AsymmetricProperty .", ":a :p :b . :b :p :a .", None),
    Case("prp-trp", ":p a owl:TransitiveProperty .", ":a :p :b . :b :p :c . :c :p :d .", ":a :p :c , :d . :b :p :d ."),
    Case("prp-spo1", ":p rdfs:subPropertyOf :q .", ":a :p :b .", ":a :q :b ."),
    Case("prp-spo2", ":r owl:propertyChainAxiom ( :p :q ) .", ":a :p :b . :b :q :c .", ":a :r :c ."),
    Case("prp-eqp1", ":p owl:equivalentProperty :q .", ":a :p :b .", ":a :q :b ."),
    Case("prp-eqp2", ":p owl:equivalentProperty :q .", ":a :q :b .", ":a :p :b ."),
    Case("prp-pdw", ":p owl:propertyDisjointWith :q .", ":a :p :b ; :q :b .", None),
    Case("prp-adp", "[] a owl:AllDisjointProperties ; owl:members ( :p :q :r ) .", ":a :p :b ; :r :b .", None),
    Case("prp-inv1", ":p owl:inverseOf :q .", ":a :p :b .", ":b :q :a ."),
    Case("prp-inv2", ":p owl:inverseOf :q .", ":a :q :b .", ":b :p :a ."),
    Case("prp-key", ":C owl:hasKey ( :p ) .", ":a a :C ; :p :k . :b a :C ; :p :k .", ":a owl:sameAs :b ."),
    Case(
        "prp-npa1",
        "[] a owl:NegativePropertyAssertion ; owl:sourceIndividual :a ; owl:assertionProperty :p ; owl:targetIndividual :b .",
        ":a :p :b .",
        None,
    ),
    Case(
        "prp-npa2",
        ":d a owl:DatatypeProperty . [] a owl:NegativePropertyAssertion ; owl:sourceIndividual :a ; "
        "owl:assertionProperty :d ; owl:targetValue 1 .",
        ":a :d 1 .",
        None,
    ),
    Case("dt-diff", ":d a owl:DatatypeProperty , owl:FunctionalProperty .", ":a :d 1 , 2 .", None),
    Case("eq-diff1", ":b owl:differentFrom :c .", ":b owl:sameAs :c .", None),
    Case("eq-diff2", "[] a owl:AllDifferent ; owl:members ( :a :b :c ) .", ":b owl:sameAs :c .", None),
    Case("eq-diff3", "[] a owl:AllDifferent ; owl:distinctMembers ( :a :b :c ) .", ":c owl:sameAs :b .", None),
    Case("eq-sym", "", ":a owl:sameAs :b .", ":b owl:sameAs :a ."),
    Case("eq-trans", "", ":a owl:sameAs :b . :b owl:sameAs :c .", ":a owl:sameAs :c ."),
    Case("eq-rep-s", "", ":a owl:sameAs :b ; a :C ; :p :c .", ":b a :C ; :p :c ."),
    Case("eq-rep-o", "", ":a owl:sameAs :b . :c :p :a .", ":c :p :b ."),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}: if {case.axiom} {case.data} then {case.then}")
def test_if_then(case: Case) -> None:
    told = turtle(P + case.axiom + case.data)
    result = reasoned(told)
    assert case.rule in {name for rule in result.rules for name in rule.names}
    if case.then is None:
        assert case.rule in {name for clash in result.contradictions for name in clash.rule.names}
    else:
        assert result.contradictions == ()
        assert set(turtle(case.then)) <= result.inferred | set(told)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_without_the_axiom_nothing_of_the_kind_follows(case: Case) -> None:
    if case.axiom and case.data:
        result = reasoned(turtle(P + case.data))
        assert result.contradictions == ()
        if case.then is not None:
            assert not set(turtle(case.then)) <= result.inferred | set(turtle(case.data))


def test_an_inverse_property_as_an_expression_turns_the_pattern_round() -> None:
    axiom = "[ owl:onProperty [ owl:inverseOf :p ] ; owl:someValuesFrom :C ] rdfs:subClassOf :D ."
    assert set(turtle(":b a :D .")) <= reasoned(turtle(P + axiom + ":a :p :b ; a :C .")).inferred


def test_a_member_of_a_class_expression_has_what_follows_from_it() -> None:
    told = turtle(P + ":a a [ a owl:Restriction ; owl:onProperty :p ; owl:hasValue :b ] .")
    assert set(turtle(":a :p :b .")) <= reasoned(told).inferred


def test_literals_that_are_one_value_do_not_contradict_a_functional_property() -> None:
    told = turtle(':d a owl:DatatypeProperty , owl:FunctionalProperty . :a :d 1 , "1"^^xsd:int .')
    assert reasoned(told).contradictions == ()


def test_every_kind_of_axiom_that_is_compiled_has_a_case() -> None:
    used = {name for case in CASES for name in (case.axiom + case.data).replace(";", " ").split()}
    for name in (*AXIOMS, *KINDS):
        local = name.value.rpartition("#")[2]
        assert any(word.endswith(f":{local}") for word in used), local
