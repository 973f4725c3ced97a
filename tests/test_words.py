"""Tests of words: facts and rules as a biologist reads them."""

import pytest
from reasoning import ex, turtle

from exo_onto.explain import Proof
from exo_onto.expressions import Pattern
from exo_onto.places import Place
from exo_onto.rules import compile_rules
from exo_onto.vocabulary import RDF_TYPE
from exo_onto.words import Grounds, Telling, Wording, article

LABELS = {"Up": "increased activity", "Down": "decreased activity", "Cell": "cell death", "lowers": "decreases"}
LABELS |= {
    "loweredBy": "decreased by",
    "a": "miR-142-3p",
    "b": "MAP3K11",
    "Act": "activity",
    "of": "of",
    "m": "apoptosis",
}
WORDING = Wording({ex(name).value: label for name, label in LABELS.items()})
PROPERTIES = ":loweredBy a owl:ObjectProperty . :lowers a owl:ObjectProperty . :of a owl:ObjectProperty . "


@pytest.mark.parametrize(
    ("axiom", "said"),
    [
        (":Up rdfs:subClassOf :Act .", "every increased activity is an activity"),
        (
            "[ owl:onProperty :loweredBy ; owl:someValuesFrom :Up ] rdfs:subClassOf :Down .",
            "what is 'decreased by' an increased activity is a decreased activity",
        ),
        (
            "[ owl:intersectionOf ( :Cell :Down ) ] rdfs:subClassOf [ owl:onProperty :lowers ; owl:hasValue :m ] .",
            "every cell death that is also a decreased activity 'decreases' apoptosis",
        ),
        (":lowers owl:inverseOf :loweredBy .", "'decreased by' is the inverse of 'decreases'"),
        (":lowers rdfs:subPropertyOf :of .", "'decreases' is a kind of 'of'"),
        (":of owl:propertyChainAxiom ( :lowers :lowers ) .", "'decreases' then 'decreases' makes 'of'"),
        (":lowers rdfs:range :Down .", "what is a value of 'decreases' is a decreased activity"),
        (
            ":Up owl:disjointWith :Down .",
            "it is an increased activity and it is a decreased activity: these exclude each other",
        ),
    ],
)
def test_a_rule_is_said_in_words(axiom: str, said: str) -> None:
    assert WORDING.rule(compile_rules(turtle(PROPERTIES + axiom))[0]) == said


def test_a_fact_is_said_in_words() -> None:
    assert WORDING.fact(Pattern(ex("a"), ex("lowers"), ex("b"))) == "miR-142-3p 'decreases' MAP3K11"
    assert WORDING.fact(Pattern(ex("a"), RDF_TYPE, ex("Up"))) == "miR-142-3p is an increased activity"


def test_chinese_has_no_article() -> None:
    assert [article("凋亡"), article("activity"), article("miRNA"), article("")] == [
        "凋亡",
        "an activity",
        "a miRNA",
        "",
    ]


def test_a_leaf_says_where_it_is_written() -> None:
    fact = Pattern(ex("a"), RDF_TYPE, ex("Up"))
    grounds = Grounds(Place("a.ttl", 7), (("place", "3.1"),))
    assert Telling(WORDING, lambda _: grounds).line(Proof(fact)).grounds == grounds
    assert Telling(WORDING, lambda _: grounds).record(Proof(fact))["asserted"] == {
        "file": "a.ttl",
        "line": 7,
        "notes": [{"what": "place", "value": "3.1"}],
    }


def test_a_step_says_its_rules_and_premises() -> None:
    (rule,) = compile_rules(turtle(":Up rdfs:subClassOf :Act ."))
    leaf = Pattern(ex("a"), RDF_TYPE, ex("Up"))
    told = Telling(WORDING, lambda _: Grounds()).record(
        Proof(Pattern(ex("a"), RDF_TYPE, ex("Act")), rule, (Proof(leaf),))
    )
    assert told["rules"] == ["cax-sco"]
    assert told["why"] == "every increased activity is an activity"
