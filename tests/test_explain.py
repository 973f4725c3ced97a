"""Tests of explain: every inferred triple has a proof, the smallest, and each of its steps is sound."""

import pytest
from conftest import REPOSITORY
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode, Store, Triple, Variable
from reasoning import ex, reasoned, rows, turtle

from exo_onto import judge, reason, referees
from exo_onto.axioms import Rule
from exo_onto.closure import entail
from exo_onto.explain import Explanation, Proof, Step, every_step, explain, smallest, tree
from exo_onto.expressions import Pattern, substitute
from exo_onto.rules import compile_rules
from exo_onto.sources import read_sources
from exo_onto.vocabulary import BASE, GRAPH_INFERRED, OWL, RDF_TYPE


def explained(content: str, goal: str) -> Explanation | None:
    result = reasoned(turtle(content))
    (triple,) = turtle(goal)
    return explain(lambda query: rows(result.store, query), result.rules, pattern(triple))


def pattern(triple: Triple) -> Pattern:
    assert not isinstance(triple.subject, Triple)
    assert not isinstance(triple.object, Triple)
    return Pattern(triple.subject, triple.predicate, triple.object)


def test_the_smallest_of_several_proofs_is_given() -> None:
    schema = ":A rdfs:subClassOf :B . :B rdfs:subClassOf :C . :C rdfs:subClassOf :D . :A rdfs:subClassOf :D ."
    found = explained(schema + ":x a :A .", ":x a :D .")
    assert found is not None
    assert found.proof.size == 2
    assert found.proof.premises == (Proof(pattern(turtle(":x a :A .")[0])),)


def test_a_proof_does_not_rest_on_itself() -> None:
    schema = ":A owl:equivalentClass :B . :B rdfs:subClassOf :C . :C rdfs:subClassOf :A . :p rdfs:range :C . "
    found = explained(":p a owl:ObjectProperty ." + schema + ":y :p :x .", ":x a :B .")
    assert found is not None
    facts = [str(fact) for fact in found.proof.facts()]
    assert len(facts) == len(set(facts))


def test_what_does_not_follow_has_no_proof() -> None:
    assert explained(":A rdfs:subClassOf :B . :x a :A .", ":x a :C .") is None


def test_what_is_asserted_is_its_own_proof() -> None:
    found = explained(":A rdfs:subClassOf :B . :x a :A .", ":x a :A .")
    assert found is not None
    assert found.proof.rule is None


def test_a_fact_that_holds_in_a_second_way_by_definition_is_proved_in_both() -> None:
    content = (
        ":Both owl:equivalentClass [ owl:intersectionOf ( :Said :Found ) ] . :p a owl:ObjectProperty ; rdfs:range :Found ."
        ":Said rdfs:subClassOf :Up . :x a :Said . :y :p :x ."
    )
    found = explained(content, ":x a :Up .")
    assert found is not None
    assert [proof.fact.object for proof in found.besides] == [ex("Found")]
    assert found.besides[0].rule is not None


### The search against an independent one

FACTS = [Pattern(ex(f"f{number}"), RDF_TYPE, ex("C")) for number in range(7)]
STEPS = st.lists(
    st.builds(
        lambda head, body: Step(Rule(("r",), None, (), None), head, tuple(body)),
        st.sampled_from(FACTS),
        st.lists(st.sampled_from(FACTS), max_size=3),
    ),
    max_size=14,
)


@settings(max_examples=300, deadline=None)
@given(STEPS, st.sets(st.sampled_from(FACTS), max_size=3))
def test_no_proof_is_smaller_than_the_one_found(steps: list[Step], leaves: set[Pattern]) -> None:
    sizes = sizes_by_iteration([step for step in steps if step.fact not in leaves], leaves)
    best = smallest([step for step in steps if step.fact not in leaves], leaves)
    assert set(best) == sizes.keys() - leaves
    for fact in best:
        assert tree(fact, best).size == sizes[fact]


def sizes_by_iteration(steps: list[Step], leaves: set[Pattern]) -> dict[Pattern, int]:
    """Lower the sizes of proofs until none gets smaller, as Bellman and Ford do for paths."""
    sizes = dict.fromkeys(leaves, 1)
    for _ in range(len(FACTS) + 1):
        for step in steps:
            if all(premise in sizes for premise in step.premises):
                size = 1 + sum(sizes[premise] for premise in step.premises)
                sizes[step.fact] = min(size, sizes.get(step.fact, size))
    return sizes


### The corpus: every triple is proved, and every step replayed


@pytest.fixture(scope="module")
def corpus_steps() -> tuple[Store, tuple[Rule, ...], dict[Pattern, Step]]:
    judgement = judge.judge(read_sources(REPOSITORY), progress=lambda _: None)
    assert judgement.store is not None
    rules = compile_rules(judge.axioms(judgement.store))
    select, _ = reason.engine(judgement.store)
    return judgement.store, rules, dict(every_step(select, rules))


CorpusSteps = tuple[Store, tuple[Rule, ...], dict[Pattern, Step]]


def test_every_inferred_triple_of_the_corpus_has_a_well_founded_proof(corpus_steps: CorpusSteps) -> None:
    store, _, steps = corpus_steps
    inferred = {pattern(quad.triple) for quad in store.quads_for_pattern(None, None, None, GRAPH_INFERRED)}
    asserted = {pattern(q.triple) for q in store if q.graph_name != GRAPH_INFERRED and not isinstance(q.object, Triple)}
    assert set(steps) == inferred
    settled: set[Pattern] = set()
    for fact in steps:  # in the order in which they were settled: a premise before what rests on it
        assert all(premise in settled or premise in asserted for premise in steps[fact].premises)
        settled.add(fact)


def test_each_step_is_an_instance_of_its_rule(corpus_steps: CorpusSteps) -> None:
    for fact, step in corpus_steps[2].items():
        assert step.rule.head is not None
        assert len(step.premises) == len(step.rule.body)
        bound: dict[Variable, object] = {}
        pairs = zip((step.rule.head, *step.rule.body), (fact, *step.premises), strict=True)
        for rule_part, said in pairs:
            assert rule_part.predicate == said.predicate
            for term, value in zip(rule_part.terms, said.terms, strict=True):
                assert bound.setdefault(term, value) == value if isinstance(term, Variable) else term == value


def test_hermit_replays_every_rule_that_a_proof_uses(corpus_steps: CorpusSteps) -> None:
    """Give each rule fresh individuals that meet its premises: HermiT must conclude what the rule does."""
    read = read_sources(REPOSITORY)
    store, _, steps = corpus_steps
    theory = [quad.triple for quad in store if quad.graph_name in judge.THEORY]
    used = list(dict.fromkeys(step.rule for step in steps.values()))
    premises: list[Triple] = []
    expected: list[Triple] = []
    for number, rule in enumerate(used):
        variables = {term for part in rule.body for term in part.terms if isinstance(term, Variable)}
        bound = {each: NamedNode(f"{BASE}replay/{number}-{each.value}") for each in variables}
        premises += [Triple(*terms(substitute(part, bound))) for part in rule.body]
        expected += [Triple(*terms(substitute(rule.head, bound)))] if rule.head else []
        premises += [Triple(name, RDF_TYPE, OWL("NamedIndividual")) for name in bound.values()]
    told = [*theory, *premises]
    derived = referees.hermit(told)
    assert derived.consistent
    concluded = entail(told, derived.triples).inferred | set(told)
    assert [triple for triple in expected if triple not in concluded] == []
    assert read.digest


def terms(part: Pattern) -> tuple[NamedNode, NamedNode, NamedNode]:
    assert isinstance(part.subject, NamedNode)
    assert isinstance(part.object, NamedNode)
    return part.subject, part.predicate, part.object
