"""Tests of justify: the premises of what was inferred can be asked for in SPARQL."""

from pyoxigraph import Literal, NamedNode, QuerySolutions, Store
from reasoning import ex, reasoned, rows, turtle

from exo_onto.explain import every_step
from exo_onto.expressions import Pattern
from exo_onto.justify import justifications, node_of
from exo_onto.snapshot import Snapshot
from exo_onto.vocabulary import GRAPH_JUSTIFICATIONS, PREFIXES, RDF_TYPE

WHY = f"""
PREFIX rdf: <{PREFIXES["rdf"]}> PREFIX prov: <{PREFIXES["prov"]}> PREFIX skos: <{PREFIXES["skos"]}>
SELECT ?rule ?s ?p ?o WHERE {{ GRAPH {GRAPH_JUSTIFICATIONS} {{
    ?fact rdf:subject %s ; rdf:predicate %s ; rdf:object %s ; skos:notation ?rule ; prov:wasDerivedFrom ?premise .
    ?premise rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o .
}} }}"""


def asked(store: Store, *fact: NamedNode) -> set[tuple[str, ...]]:
    found = store.query(WHY % fact)
    assert isinstance(found, QuerySolutions)
    return {tuple(str(term) for term in row) for row in found}


def test_the_premises_and_the_rule_of_an_inferred_type_are_found() -> None:
    result = reasoned(turtle(":A rdfs:subClassOf :B . :x a :A ."))
    steps = every_step(lambda query: rows(result.store, query), result.rules)
    store = Store()
    store.extend(justifications(steps))
    assert asked(store, ex("x"), RDF_TYPE, ex("B")) == {
        (str(Literal("cax-sco")), str(ex("x")), str(RDF_TYPE), str(ex("A")))
    }


def test_every_inferred_triple_of_the_snapshot_is_justified(corpus: Snapshot) -> None:
    store = corpus.store
    inferred = f"SELECT (COUNT(*) AS ?n) WHERE {{ GRAPH <{PREFIXES['graph']}inferred> {{ ?s ?p ?o }} }}"
    justified = f"""SELECT (COUNT(DISTINCT ?j) AS ?n) WHERE {{
        GRAPH {GRAPH_JUSTIFICATIONS} {{ ?j <{PREFIXES["prov"]}wasDerivedFrom> ?any }} }}"""
    counts = [next(iter(store.query(query)))[0] for query in (inferred, justified)]  # type: ignore[arg-type]
    assert counts[0] == counts[1]


def test_a_fact_has_the_same_name_in_every_build() -> None:
    fact = Pattern(ex("x"), RDF_TYPE, ex("B"))
    assert node_of(fact) == node_of(Pattern(ex("x"), RDF_TYPE, ex("B")))
    assert node_of(fact) != node_of(Pattern(ex("y"), RDF_TYPE, ex("B")))
