"""Tests of the descriptions in RDF: what tools ask of them, and their counts against counting by hand."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import pytest
from conftest import REPOSITORY
from pyoxigraph import Literal, NamedNode, Quad, QuerySolutions, RdfFormat, Store, Triple
from rdflib import Graph

from exo_onto import calling, dataset, guard
from exo_onto.described import (
    About,
    Limits,
    examples,
    published,
    service_description,
    statistics,
    void,
    written,
)
from exo_onto.questions import Question, parse_question
from exo_onto.snapshot import Snapshot
from exo_onto.sources import read_sources, read_texts
from exo_onto.vocabulary import GRAPH_INFERRED, GRAPH_INSTANCES, GRAPH_ONTOLOGY, PREFIXES, RDF_TYPE, expand

SHIPPED = tuple(parse_question(name, text) for name, text in read_texts(REPOSITORY / "queries", ".rq"))
ENDPOINT = "http://127.0.0.1:7878/sparql"
TITLES = {"en": "Title", "zh": "题名"}
STUDY, DEMONSTRATES = expand("exonto:Study"), expand("exonto:demonstrates")
VOID, SD = "http://rdfs.org/ns/void#", "http://www.w3.org/ns/sparql-service-description#"
SPEX = "PREFIX spex: <https://purl.expasy.org/sparql-examples/ontology#>"
NAMES = "PREFIX sd: <http://www.w3.org/ns/sparql-service-description#> " + " ".join(
    f"PREFIX {prefix}: <{namespace}>"
    for prefix, namespace in {
        **PREFIXES,
        "schema": "https://schema.org/",
        "void": VOID,
        "void-ext": "http://ldf.fi/void-ext#",
    }.items()
)
LISTED = "SELECT DISTINCT ?example ?comment ?text { ?example a sh:SPARQLExecutable ; rdfs:comment ?comment ; sh:select | sh:ask | sh:construct | sh:describe ?text }"
LINKED = """SELECT DISTINCT ?class ?property ?to ?datatype ?triples {
    ?part void:class ?class ; void:propertyPartition ?within .
    ?within void:property ?property ; void:triples ?triples
    OPTIONAL { { ?within void:classPartition / void:class ?to } UNION { ?within void-ext:datatypePartition / void-ext:datatype ?datatype } } }"""


def about(**changes: object) -> About:
    said = {
        "base": "http://127.0.0.1:7878",
        "endpoint": ENDPOINT,
        "title": "Test",
        "version": "1.2.3",
        "digest": "3f2a",
    }
    return About(**{**said, **changes})  # type: ignore[arg-type]


def node(name: str) -> NamedNode:
    return NamedNode(f"http://ex/{name}")


def held(triples: Iterable[Triple]) -> Store:
    store = Store()
    store.extend(Quad(each.subject, each.predicate, each.object) for each in triples)
    return store


def rows(store: Store, query: str, graphs: Sequence[NamedNode] | None = None) -> list[list[str]]:
    found = store.query(f"{NAMES} {query}", default_graph=None if graphs is None else [*graphs])
    assert isinstance(found, QuerySolutions)
    return sorted([getattr(term, "value", "") for term in row] for row in found)


def small(default: str = "a") -> Store:
    """Make a store of two graphs: in one, two things of a class link to a third and to a text; in the other, a note."""
    store = Store()
    a, b, thing = node(default), node("b"), node("Thing")
    for name in ("one", "two"):
        store.add(Quad(node(name), RDF_TYPE, thing, a))
        store.add(Quad(node(name), node("to"), node("three"), a))
    store.add(Quad(node("one"), node("says"), Literal("word", language="en"), a))
    store.add(Quad(node("three"), RDF_TYPE, node("End"), a))
    store.add(Quad(node("three"), node("note"), Literal(1), b))
    return store


# --- Example queries


def test_a_tool_that_lists_the_examples_finds_each_question_once() -> None:
    found = rows(held(examples(SHIPPED, ENDPOINT)), LISTED)
    assert [row[2] for row in found] == [each.whole for each in sorted(SHIPPED, key=lambda each: each.name)]
    assert {row[0] for row in found} == {f"{ENDPOINT}/.well-known/sparql-examples/{each.name}" for each in SHIPPED}


def test_a_comment_has_both_languages_and_is_safe_to_put_into_a_page() -> None:
    question = Question("q", TITLES, {"en": "a < b & c?", "zh": "哪些？"}, ("one", "two words"), "ASK {}")
    triples = examples([question], ENDPOINT)
    [comment] = [each.object for each in triples if each.predicate == expand("rdfs:comment")]
    page = '<span lang="en">a &lt; b &amp; c?</span> <span lang="zh">哪些？</span>'
    assert comment == Literal(page, datatype=expand("rdf:HTML"))
    told = {str(each.object) for each in triples if each.predicate == expand("dcterms:description")}
    assert told == {'"a < b & c?"@en', '"哪些？"@zh'}


def test_an_example_has_its_title_in_both_languages_and_one_label() -> None:
    triples = examples([Question("q", TITLES, {"en": "?", "zh": "?"}, (), "ASK {}")], ENDPOINT)
    told = {
        name: {each.object for each in triples if each.predicate == expand(name)}
        for name in ("dcterms:title", "rdfs:label")
    }
    assert told["dcterms:title"] == {Literal("Title", language="en"), Literal("题名", language="zh")}
    assert told["rdfs:label"] == {Literal("Title", language="en")}


def test_an_example_says_its_keywords_its_target_and_its_title() -> None:
    question = Question("q", TITLES, {"en": "?", "zh": "?"}, ("one", "two words"), "ASK {}")
    query = "SELECT ?label ?word ?target { ?q rdfs:label ?label ; schema:keywords ?word ; schema:target ?target }"
    found = rows(held(examples([question], ENDPOINT)), query)
    assert found == [["Title", "one", ENDPOINT], ["Title", "two words", ENDPOINT]]


@pytest.mark.parametrize(
    ("text", "kind", "says"),
    [
        ("# select\nPREFIX ask: <http://ex/select> SELECT * {}", "SPARQLSelectExecutable", "select"),
        ("BASE <http://ex/select>\nask {}", "SPARQLAskExecutable", "ask"),
        ("CONSTRUCT {} WHERE { SELECT * {} }", "SPARQLConstructExecutable", "construct"),
        ("DESCRIBE <http://ex/>", "SPARQLDescribeExecutable", "describe"),
    ],
)
def test_the_form_of_a_query_decides_what_it_is(text: str, kind: str, says: str) -> None:
    triples = examples([Question("q", TITLES, {"en": "?", "zh": "?"}, (), text)], ENDPOINT)
    kinds = {each.object.value for each in triples if each.predicate == RDF_TYPE and isinstance(each.object, NamedNode)}
    assert any(re.search(rf"[/#]{kind}$", each) for each in kinds)
    assert PREFIXES["sh"] + "SPARQLExecutable" in kinds
    assert [each.object for each in triples if each.predicate == expand(f"sh:{says}")] == [Literal(text)]


def test_every_prefix_that_we_know_is_declared() -> None:
    found = rows(held(examples(SHIPPED, ENDPOINT)), "SELECT ?p ?n { [] sh:namespace ?n ; sh:prefix ?p }")
    assert dict(found) == dict(PREFIXES)
    query = "SELECT (COUNT(*) AS ?n) { ?q sh:prefixes / sh:declare / sh:prefix 'exonto' }"
    assert rows(held(examples(SHIPPED, ENDPOINT)), query) == [[str(len(SHIPPED))]]


# --- VoID


def test_void_counts_a_small_store() -> None:
    store = held(void(small(), about(default_graphs=(node("a"),))))
    whole = about().dataset
    query = "SELECT ?what ?n { %s ?what ?n FILTER (ISNUMERIC(?n)) }"
    assert dict(rows(store, query % whole)) == {
        VOID + "triples": "7",
        VOID + "distinctSubjects": "3",
        VOID + "distinctObjects": "5",
        VOID + "properties": "4",
        VOID + "classes": "2",
    }
    assert dict(rows(store, query % node("b"))) == {
        VOID + "triples": "1",
        VOID + "distinctSubjects": "1",
        VOID + "properties": "1",
    }


def test_void_partitions_a_small_store() -> None:
    store = held(void(small(), about(default_graphs=(node("a"),))))
    thing, end, to, a = (node(name).value for name in ("Thing", "End", "to", "a"))
    by_class = f"SELECT ?c ?n {{ {about().dataset} void:classPartition [ void:class ?c ; void:entities ?n ] }}"
    assert rows(store, by_class) == [[end, "1"], [thing, "2"]]
    by_property = f"SELECT ?n ?s ?o {{ {about().dataset} void:propertyPartition [ void:property <{to}> ; void:triples ?n ; void:distinctSubjects ?s ; void:distinctObjects ?o ] }}"
    assert rows(store, by_property) == [["2", "2", "1"]]
    assert rows(store, LINKED) == [
        [end, RDF_TYPE.value, "", "", "1"],
        [thing, node("says").value, "", PREFIXES["rdf"] + "langString", "1"],
        [thing, to, end, "", "2"],
        [thing, RDF_TYPE.value, "", "", "2"],
    ]
    assert a in {row[0] for row in rows(store, f"SELECT ?g {{ {about().dataset} void:subset ?g }}")}


def test_void_says_where_the_data_is_asked_and_downloaded() -> None:
    store = held(void(small(), about()))
    query = f"SELECT ?endpoint ?dump {{ {about().dataset} void:sparqlEndpoint ?endpoint ; void:dataDump ?dump }}"
    data = "http://127.0.0.1:7878/data"
    assert rows(store, query) == [[ENDPOINT, f"{data}?format=nquads"], [ENDPOINT, f"{data}?format=trig"]]
    assert rows(store, f"SELECT ?dump {{ {node('b')} void:dataDump ?dump }}") == [[f"{data}?graph=http%3A%2F%2Fex%2Fb"]]
    assert rows(store, f"SELECT ?document {{ ?document a void:DatasetDescription ; ?topic {about().dataset} }}") == [
        ["http://127.0.0.1:7878/.well-known/void"]
    ]


def test_a_store_without_an_ontology_has_the_title_that_is_given() -> None:
    title = f"SELECT ?title {{ {about().dataset} dcterms:title ?title }}"
    assert rows(held(void(small(), about())), title) == [["Test"]]


def test_mappings_are_links_to_other_datasets() -> None:
    store = small()
    store.add(Quad(node("one"), expand("skos:closeMatch"), expand("HGNC:25"), node("a")))
    query = "SELECT ?by ?space ?n { ?links a void:Linkset ; void:linkPredicate ?by ; void:triples ?n ; void:objectsTarget / void:uriSpace ?space }"
    assert rows(held(void(store, about())), query) == [[PREFIXES["skos"] + "closeMatch", PREFIXES["HGNC"], "1"]]


def test_a_triple_in_two_graphs_counts_once() -> None:
    store = small()
    store.add(Quad(node("one"), RDF_TYPE, node("Thing"), node("b")))
    told = about(default_graphs=(node("a"), node("b")))
    query = f"SELECT ?n {{ {told.dataset} void:triples ?n }}"
    assert rows(held(void(store, told)), query) == [["7"]]
    query = f"SELECT ?n {{ {told.dataset} sd:defaultGraph / void:triples ?n }}"
    assert rows(held(service_description(store, told)), query) == [["7"]]


def test_the_corpus_is_counted_as_its_manifest_counts_it(corpus: Snapshot) -> None:
    store = held(void(corpus.store, about(disjoint=True)))
    counted = {graph: int(n) for graph, n in rows(store, "SELECT ?g ?n { ?g a void:Dataset ; void:triples ?n }")}
    held_there = {graph: triples for graph, triples in corpus.manifest.triples.items() if triples}
    assert counted.items() >= held_there.items()
    assert counted[about().dataset.value] == len(corpus.store)
    header = f"SELECT DISTINCT ?version ?licence ?space {{ {about().dataset} owl:versionInfo ?version ; dcterms:license ?licence ; void:uriSpace ?space }}"
    assert rows(store, header) == [["1.2.3", "https://creativecommons.org/licenses/by/4.0/", PREFIXES["exonto"]]]
    assert len(rows(store, f"SELECT ?title {{ {about().dataset} dcterms:title ?title }}")) == 2


def by_hand(store: Store) -> tuple[Counter[str], Counter[tuple[str, str]], Counter[tuple[str, str, str]]]:
    """Count entities by class, triples by class and property, and links by class, property and class of the object."""
    served = set(about().default_graphs)
    types: dict[str, set[str]] = {}
    asserted: dict[str, set[str]] = {}
    for quad in store.quads_for_pattern(None, RDF_TYPE, None):
        if isinstance(quad.object, NamedNode):
            types.setdefault(str(quad.subject), set()).add(quad.object.value)
            if quad.graph_name in served - {GRAPH_INFERRED}:
                asserted.setdefault(str(quad.subject), set()).add(quad.object.value)
    properties: Counter[tuple[str, str]] = Counter()
    links: Counter[tuple[str, str, str]] = Counter()
    for quad in store:
        for kind in asserted.get(str(quad.subject), ()) if quad.graph_name in served else ():
            properties[kind, quad.predicate.value] += 1
            for target in asserted.get(str(quad.object), ()) if quad.graph_name != GRAPH_INFERRED else ():
                links[kind, quad.predicate.value, target] += 1
    return Counter(kind for each in types.values() for kind in each), properties, links


def test_the_partitions_of_the_corpus_are_those_counted_by_hand(corpus: Snapshot) -> None:
    store = held(void(corpus.store, about(disjoint=True)))
    classes, properties, links = by_hand(corpus.store)
    top = f"SELECT ?c ?n {{ {about().dataset} void:classPartition [ void:class ?c ; void:entities ?n ] }}"
    assert {kind: int(n) for kind, n in rows(store, top)} == dict(classes)
    within = "SELECT ?c ?p ?n { ?part void:class ?c ; void:propertyPartition [ void:property ?p ; void:triples ?n ] }"
    assert {(kind, by): int(n) for kind, by, n in rows(store, within)} == dict(properties)
    deep = "SELECT ?c ?p ?d ?n { ?part void:class ?c ; void:propertyPartition ?w . ?w void:property ?p ; void:classPartition [ void:class ?d ; void:triples ?n ] }"
    assert {(kind, by, to): int(n) for kind, by, to, n in rows(store, deep)} == dict(links)


def test_the_statistics_name_no_address(corpus: Snapshot) -> None:
    told = statistics(corpus.store, about().dataset, disjoint=True)
    assert b"127.0.0.1" not in written(told, RdfFormat.N_TRIPLES)
    assert set(told) < set(void(corpus.store, about(disjoint=True)))


# --- The service description


def service(**changes: object) -> Store:
    return held(service_description(small(), about(**changes)))


def test_the_service_says_where_it_is_and_what_it_speaks() -> None:
    offered = ("http://www.w3.org/ns/formats/Turtle", RdfFormat.JSON_LD.iri)
    store = service(formats=offered)
    query = "SELECT ?endpoint ?language { ?s a sd:Service ; sd:endpoint ?endpoint ; sd:supportedLanguage ?language }"
    assert rows(store, query) == [[ENDPOINT, SD + "SPARQL11Query"]]
    formats = [row[0] for row in rows(store, "SELECT ?format { ?s sd:resultFormat ?format }")]
    assert formats == ["http://www.w3.org/ns/formats/JSON-LD", "http://www.w3.org/ns/formats/Turtle"]
    assert rows(store, "SELECT ?format { ?s sd:inputFormat ?format }") == []


def test_the_service_tells_its_graphs_and_their_sizes() -> None:
    store = service(default_graphs=(node("a"),))
    query = "SELECT ?name ?n { ?data sd:namedGraph [ a sd:NamedGraph ; sd:name ?name ; sd:graph [ a sd:Graph ; void:triples ?n ] ] }"
    assert rows(store, query) == [["http://ex/a", "6"], ["http://ex/b", "1"]]
    query = "SELECT ?n ?part { ?s sd:defaultDataset [ a sd:Dataset ; sd:defaultGraph [ a sd:Graph ; void:triples ?n ; dcterms:hasPart ?part ] ] }"
    assert rows(store, query) == [["6", "http://ex/a"]]


@pytest.mark.parametrize(
    ("changes", "features"),
    [
        ({"default_graphs": (node("a"),)}, []),
        ({"default_graphs": (node("a"), node("b"))}, ["UnionDefaultGraph"]),
        ({"default_graphs": (node("a"),), "services": ("http://ex/sparql",)}, ["BasicFederatedQuery"]),
    ],
)
def test_a_feature_is_told_only_where_it_is_true(changes: Mapping[str, object], features: list[str]) -> None:
    store = service(**changes)
    assert [row[0] for row in rows(store, "SELECT ?feature { ?s sd:feature ?feature }")] == [SD + f for f in features]
    called = [row[0] for row in rows(store, "SELECT ?called { ?s exonto:mayCall ?called }")]
    assert called == list(about(**changes).services)


def test_the_limits_are_told_in_terms_that_the_ontology_declares() -> None:
    store = service(limits=Limits(0.5, 1000, 2000, 2048 * 2**20, None))
    query = f"SELECT ?what ?n {{ ?s a sd:Service ; ?what ?n FILTER (STRSTARTS(STR(?what), '{PREFIXES['exonto']}')) }}"
    told = {name.removeprefix(PREFIXES["exonto"]): value for name, value in rows(store, query)}
    assert told == {
        "queryDeadline": "0.5",
        "maximumRows": "1000",
        "maximumBytes": "2000",
        "maximumMemory": "2147483648",
    }
    declared = {each.subject for each in read_sources(REPOSITORY).triples(GRAPH_ONTOLOGY)}
    assert {expand(f"exonto:{name}") for name in (*told, "requestRate", "mayCall")} <= declared


def test_a_service_over_nothing_can_be_described() -> None:
    store = held(service_description(Store(), about(default_graphs=())))
    query = "SELECT ?n { ?s a sd:Service ; sd:defaultDataset / sd:defaultGraph / void:triples ?n }"
    assert rows(store, query) == [["0"]]


# --- What is served, and how it is written


@pytest.fixture(scope="module")
def served(corpus: Snapshot) -> Store:
    store = Store()
    store.bulk_extend(corpus.store)
    store.bulk_extend(published(corpus.store, about(disjoint=True), SHIPPED))
    return store


def test_an_editor_finds_examples_prefixes_and_classes_by_asking_the_default_graph(served: Store) -> None:
    graphs = about().served
    assert len(rows(served, LISTED, graphs)) == len(SHIPPED)
    assert dict(rows(served, "SELECT ?p ?n { [] sh:namespace ?n ; sh:prefix ?p }", graphs)) == dict(PREFIXES)
    linked = rows(served, LINKED, graphs)
    assert [STUDY.value, DEMONSTRATES.value] in [row[:2] for row in linked]
    assert [STUDY.value, expand("exonto:conducts").value, expand("exonto:Treatment").value] in [
        row[:3] for row in linked
    ]


def test_what_is_published_repeats_nothing_that_the_store_says(served: Store) -> None:
    assert not dataset.overlapping(served, about().served)
    assert not dataset.overlapping(served, tuple(name for name in served.named_graphs() if isinstance(name, NamedNode)))


def test_what_is_published_does_not_count_itself(served: Store, corpus: Snapshot) -> None:
    assert void(served, about(disjoint=True)) == void(corpus.store, about(disjoint=True))
    store = held(service_description(served, about(disjoint=True)))
    names = {row[0] for row in rows(store, "SELECT ?name { ?g sd:name ?name }")}
    assert {about().document.value, about().examples.value, GRAPH_INSTANCES.value} <= names


def test_the_examples_answer_as_the_questions_do(served: Store) -> None:
    for _, _, text in rows(served, LISTED, about().served):
        alone = calling.without(text)  # nothing is called from here
        assert guard.inspect(alone).safe
        assert isinstance(served.query(alone, default_graph=[*about().served]), QuerySolutions)


def test_an_example_that_calls_others_says_which() -> None:
    query = "SELECT ?example ?called { ?example spex:federatesWith ?called }"
    told = {(row[0].rpartition("/")[2], row[1]) for row in rows(held(examples(SHIPPED, ENDPOINT)), f"{SPEX} {query}")}
    assert told == {(each.name, call) for each in SHIPPED for call in each.calls}
    assert len(told) >= 3


@pytest.mark.parametrize(
    ("format", "name"),
    [
        (RdfFormat.TURTLE, "turtle"),
        (RdfFormat.N_TRIPLES, "nt"),
        (RdfFormat.RDF_XML, "xml"),
        (RdfFormat.JSON_LD, "json-ld"),
    ],
)
def test_a_description_says_the_same_in_every_format(format: RdfFormat, name: str) -> None:
    told = about(services=("http://ex/sparql",), limits=Limits(30, 1, 2, 3, 4))
    for triples in (examples(SHIPPED, ENDPOINT), void(small(), told), service_description(small(), told)):
        graph = Graph().parse(written(triples, format), format=name)
        assert set(graph) == set(Graph().parse(written(triples, RdfFormat.N_TRIPLES), format="nt"))
        assert len(graph) == len(triples)


def test_turtle_has_those_prefixes_that_it_uses() -> None:
    text = written(service_description(small(), about()), RdfFormat.TURTLE).decode()
    assert "@prefix sd: " in text
    assert "@prefix GO: " not in text
    assert "a sd:Service" in text


def test_the_same_store_gives_the_same_description(corpus: Snapshot) -> None:
    once, again = (void(corpus.store, about(disjoint=True)) for _ in range(2))
    assert once == again == tuple(sorted(once, key=str))
    assert all(isinstance(each.subject, NamedNode) for each in once)


def test_the_vocabularies_are_those_of_the_properties_and_classes(corpus: Snapshot) -> None:
    query = f"SELECT ?vocabulary {{ {about().dataset} void:vocabulary ?vocabulary }}"
    told = {row[0] for row in rows(held(void(corpus.store, about(disjoint=True))), query)}
    assert {PREFIXES["exonto"], PREFIXES["owl"], PREFIXES["skos"], "http://purl.obolibrary.org/obo/"} <= told
