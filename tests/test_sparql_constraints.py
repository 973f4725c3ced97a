"""Tests of sparql_constraints: $this is bound wherever it stands, and components are declared and used."""

import pytest
from validating import results

DATA = ":a a :C ; :p 1 . :b a :C ; :p 9 ; :q :a ."
P, Q = "<http://example.org/p>", "<http://example.org/q>"


@pytest.mark.parametrize("targets", [(":a , :b",), (":a", ":b")], ids=["of all at once", "of each by itself"])
@pytest.mark.parametrize(
    ("body", "found"),
    [
        (f"$this {P} ?value FILTER (?value > 5)", ["b"]),
        (f"FILTER NOT EXISTS {{ $this {Q} ?any }}", ["a"]),
        ("{ FILTER (false) } UNION { FILTER ($this = <http://example.org/a>) }", ["a"]),
        (f"BIND ($this AS ?that) FILTER EXISTS {{ ?that {Q} ?any }}", ["b"]),
        (f"OPTIONAL {{ $this {Q} ?any }} FILTER (!BOUND(?any))", ["a"]),
        (f"{{ SELECT $this WHERE {{ $this {P} 9 }} }}", ["b"]),
        (
            f"{{ SELECT DISTINCT $this ?v WHERE {{ $this {P} ?v }} }} FILTER (?v > 5 && STR(?v) != 'SELECT ?this {{')",
            ["b"],
        ),
        (f"{{ SELECT $this ?v WHERE {{ $this {P} ?v }} GROUP BY $this ?v }} FILTER (?v > 5)", ["b"]),
        (f"{{ SELECT $this (COUNT(?v) AS ?n) WHERE {{ $this {Q} ?v }} GROUP BY $this }} FILTER (?n = 1)", ["b"]),
        (f"FILTER (BOUND($this)) $this {P} 9", ["b"]),
        (f"$this {P} ?v . FILTER (STR(?v) != '$this # <x>' && ?v < 5) # $this", ["a"]),
    ],
)
def test_this_is_bound_wherever_it_stands(body: str, found: list[str], targets: tuple[str, ...]) -> None:
    constraint = f'sh:sparql [ sh:select """SELECT $this WHERE {{ {body}\n }}""" ]'
    shapes = " ".join(f":S{number} sh:targetNode {each} ; {constraint} ." for number, each in enumerate(targets))
    assert [result.focus.rpartition("/")[2] for result in results(DATA, shapes)] == found


COMPONENT = """
:Least a sh:ConstraintComponent ; sh:parameter [ sh:path :least ] , [ sh:path :why ; sh:optional true ] ;
    sh:validator [ sh:ask "ASK { FILTER ($value >= $least) }" ; sh:message "below {$least}" ] .
"""


def test_a_declared_component_is_judged_for_each_value() -> None:
    shape = COMPONENT + ":S sh:targetClass :C ; sh:property [ sh:path :p ; :least 5 ] ."
    (found,) = results(DATA, shape)
    assert (found.value, found.message, found.component) == ("1", "below 5", "http://example.org/Least")


def test_a_shape_without_the_parameter_is_not_judged_by_the_component() -> None:
    assert results(DATA, COMPONENT + ":S sh:targetClass :C ; sh:property [ sh:path :p ; :why 5 ] .") == ()


def test_within_another_shape_a_constraint_counts_as_met_or_not() -> None:
    inner = f'[ sh:sparql [ sh:select "SELECT $this WHERE {{ $this {P} 9 }}" ] ]'
    assert [r.focus.rpartition("/")[2] for r in results(DATA, f":S sh:targetClass :C ; sh:not {inner} .")] == ["a"]
