"""Tests of offenders: of contradictions that one hands on to the next, the first is named."""

from reasoning import reasoned, rows, turtle

from exo_onto.offenders import first_offenders

CHAIN = """
    :Up a owl:Class ; owl:disjointWith :Down . :Down a owl:Class .
    :raisedBy a owl:ObjectProperty ; owl:inverseOf :raises . :raises a owl:ObjectProperty .
    [] a owl:Restriction ; owl:onProperty :raisedBy ; owl:someValuesFrom :Up ; rdfs:subClassOf :Up .
    :a a :Up , :Down ; :raises :b . :b a :Down ; :raises :c . :c a :Down .
"""


def offenders(content: str) -> list[str]:
    result = reasoned(turtle(content))
    first = first_offenders(lambda query: rows(result.store, query), result.rules, result.contradictions)
    return [str(clash.subject).rpartition("/")[2].rstrip(">") for clash in first]


def test_of_a_chain_of_offenders_the_first_is_named() -> None:
    assert len(reasoned(turtle(CHAIN)).contradictions) == 3
    assert offenders(CHAIN) == ["a"]


def test_on_a_circle_of_offenders_all_are_named() -> None:
    assert offenders(CHAIN + ":c :raises :a .") == ["a", "b", "c"]
