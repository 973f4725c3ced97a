"""The protocol, without a socket: each test sends a `Request` and reads the `Reply`."""

import json
from urllib.parse import urlencode

import pytest
from asking import answer, one, text
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, Store
from rdflib import RDF, Graph, Namespace

from exo_onto.dataset import Dataset, Description, prepare
from exo_onto.problems import PROBLEMS, Reply
from exo_onto.protocol import MAX_BODY, Request

EX = "http://ex/"
A, B, C, SPACED = (NamedNode(EX + name) for name in ("a", "b", "c", "a%20b"))
S, P = NamedNode(EX + "s"), NamedNode(EX + "p")
DESCRIPTION = Description("http://127.0.0.1:7878/sparql", "Test data", "1.2.3", "3f2a")
FORM = "application/x-www-form-urlencoded"
DIRECT = "application/sparql-query"
ALL = "SELECT ?o WHERE { ?s ?p ?o } ORDER BY ?o"
NAMED = "SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g"


def quad(value: int, graph: NamedNode) -> Quad:
    return Quad(S, P, Literal(value), graph)


def dataset(*quads: Quad, default: tuple[NamedNode, ...] = (A, B)) -> Dataset:
    store = Store()
    store.extend(quads)
    return prepare(store, DESCRIPTION, default_graphs=default)


# 1 stands in both default graphs, 3 in none.
DATA = dataset(quad(1, A), quad(1, B), quad(2, B), quad(3, C), Quad(SPACED, P, SPACED, A))
NUMBERS = dataset(quad(1, A), quad(1, B), quad(2, B), quad(3, C))


def get(query: str | None = None, *, accept: str = "*/*", data: Dataset = DATA, **parameters: list[str]) -> Reply:
    """Send a query by GET. A parameter `default_graph_uri` is sent as `default-graph-uri`."""
    named = {name.replace("_", "-"): value for name, value in parameters.items()}
    encoded = urlencode(named if query is None else {"query": [query], **named}, doseq=True)
    return answer(Request("GET", encoded.encode(), {"accept": accept}), data)


def post(body: str | bytes, media_type: str | None, *, query_string: str = "", data: Dataset = DATA) -> Reply:
    headers = {} if media_type is None else {"content-type": media_type}
    return answer(
        Request("POST", query_string.encode(), headers, body.encode() if isinstance(body, str) else body), data
    )


def values(reply: Reply) -> list[str]:
    """Give what the only variable of a table is bound to."""
    assert reply.status == 200, reply.read()
    rows = json.loads(reply.read())["results"]["bindings"]
    return [term["value"] for row in rows for term in row.values()]


def failure(reply: Reply) -> tuple[int, str]:
    """Give the status and the kind of a problem document, once it is seen to be one."""
    document = json.loads(reply.read())
    assert reply.media_type == "application/problem+json"
    assert document["status"] == reply.status
    assert document["title"]
    assert document["detail"]
    assert "Traceback" not in document["detail"]
    return reply.status, document["type"].removeprefix(PROBLEMS)


# --- Operations


@pytest.mark.parametrize("query", [f"ASK {{ <{SPACED.value}> ?p ?o }}", "ASK { ?s ?p ?o FILTER ('+ &%20=' != '') }"])
def test_a_query_comes_in_three_ways_and_is_decoded_once(query: str) -> None:
    replies = [get(query), post(urlencode({"query": query}), FORM), post(query, DIRECT)]
    assert [json.loads(reply.read())["boolean"] for reply in replies] == [True, True, True]


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="'\\\n\r"), max_size=40))
def test_any_literal_arrives_as_it_was_sent(text: str) -> None:
    query = f"SELECT ('{text}' AS ?o) WHERE {{}}"
    for reply in (get(query), post(urlencode({"query": query}), FORM), post(query, DIRECT)):
        assert values(reply) == [text]


def test_a_form_may_say_its_character_set() -> None:
    assert values(post(urlencode({"query": ALL}), f"{FORM}; charset=UTF-8", data=NUMBERS)) == ["1", "2"]
    assert values(post(ALL, f'{DIRECT};charset="utf-8"', data=NUMBERS)) == ["1", "2"]


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (get(default_graph_uri=[A.value]), (400, "bad-request")),
        (answer(Request("GET", b"query=ASK%20%7B%7D&query=ASK%20%7B%7D"), DATA), (400, "bad-request")),
        (post("query=ASK%20%7B%7D", FORM, query_string="query=ASK%20%7B%7D"), (400, "bad-request")),
        (post("", FORM), (400, "bad-request")),
        (answer(Request("GET", b"query=%FF"), DATA), (400, "bad-request")),
        (answer(Request("GET", b"query=\xff"), DATA), (400, "bad-request")),
        (post(b"\xff", DIRECT), (400, "bad-request")),
        (answer(Request("GET", b"a=b&" * 200), DATA), (400, "bad-request")),
        (get("ASK {}", default_graph_uri=["relative"]), (400, "bad-request")),
        (get("ASK {}", accept="no media type"), (400, "bad-request")),
        (get("ASK {}", accept="a/b;" + ";" * 10_000), (400, "bad-request")),
        (get(""), (400, "syntax")),
        (get("ASK { FILTER (<http://ex/function>(1)) }"), (400, "unsupported")),
        (get("ASK " + "{" * 65), (400, "too-deep")),
        (get("ASK { SERVICE <http://ex/> {} }"), (403, "service")),
        (get(update=["CLEAR ALL"]), (403, "read-only")),
        (post("update=CLEAR%20ALL", FORM), (403, "read-only")),
        (post("CLEAR ALL", "application/sparql-update"), (403, "read-only")),
        (get("ASK {}", accept="image/png"), (406, "not-acceptable")),
        (get("ASK {}", accept="text/csv"), (406, "not-acceptable")),
        (get("ASK {}", accept="*/*;q=0"), (406, "not-acceptable")),
        (post("ASK {}" + " " * MAX_BODY, DIRECT), (413, "too-large")),
        (post("ASK {}", "text/plain"), (415, "media-type")),
        (post("ASK {}", None), (415, "media-type")),
        (post("ASK {}".encode("utf-16"), f"{DIRECT}; charset=UTF-16"), (415, "media-type")),
    ],
)
def test_what_is_refused_is_told_in_a_problem_document(reply: Reply, expected: tuple[int, str]) -> None:
    assert failure(reply) == expected


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE"])
def test_other_methods_are_told_which_there_are(method: str) -> None:
    reply = answer(Request(method, b"query=ASK%20%7B%7D"), DATA)
    assert failure(reply) == (405, "method")
    assert reply.headers["Allow"] == "GET, HEAD, POST, OPTIONS"


def test_options_tells_the_methods() -> None:
    reply = answer(Request("OPTIONS"), DATA)
    assert (reply.status, reply.headers["Allow"], reply.read()) == (204, "GET, HEAD, POST, OPTIONS", b"")


def test_head_is_get_without_a_body() -> None:
    asked = b"query=ASK%20%7B%7D"
    head, whole = (answer(Request(method, asked), DATA) for method in ("HEAD", "GET"))
    assert (head.status, head.media_type, head.headers) == (whole.status, whole.media_type, whole.headers)
    assert (head.read(), bool(whole.read())) == (b"", True)


# --- Syntax errors


@pytest.mark.parametrize(
    ("query", "line", "column", "words"),
    [
        ("SELECT * {\n  ?s ?p ?o .\n  FLTER(?x)\n}", 3, 3, ""),
        ("SELEC * { ?s ?p ?o }", 1, 1, ""),
        ("CLEAR ALL", 1, 1, ""),
        ("SELECT * {\n ?s ?p ?o FILTER(?o > )\n} LIMIT 10000000000", 2, 23, ""),
        (
            "PREFIX ex: <http://ex/>\nSELECT * {\n\t?s ex:p _:b ; foaf:name ?o .\n}",
            3,
            16,
            "prefix `foaf:` is not declared",
        ),
        ("SELECT ?s (COUNT(?p) AS ?n) {\n ?s ?p ?o }\nGROUP BY ?o", 3, 12, "variable that is unbound"),
        ("SELECT * {\n  ?s ?p 'open .\n}", 2, 9, "not closed"),
    ],
)
def test_a_syntax_error_says_where_and_draws_a_caret(query: str, line: int, column: int, words: str) -> None:
    document = json.loads(get(query).read())
    text, shown, caret = document["detail"].split("\n")
    assert (document["line"], document["column"]) == (line, column)
    assert text.startswith(f"Line {line}, column {column}: ")
    assert words in text
    assert shown == "  " + query.split("\n")[line - 1].replace("\t", " ")
    assert caret == "  " + " " * (column - 1) + "^"


def test_a_long_line_is_shown_around_the_error() -> None:
    document = json.loads(get("ASK { " + "?s ?p ?o . " * 50 + "FLTER(?x) }").read())
    _, shown, caret = document["detail"].split("\n")
    assert len(shown) < 110
    assert shown[caret.index("^") :].startswith("FLTER")


@given(st.text("SELECT*{}?sp()<>'#\n \tFROM", max_size=30))
def test_any_text_gets_an_answer(text: str) -> None:
    assert get(text).status in {200, 400, 403}


# --- Datasets


def test_the_default_graph_holds_a_triple_of_two_graphs_once() -> None:
    assert values(get(ALL, data=NUMBERS)) == ["1", "2"]
    assert values(get("SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }", data=NUMBERS)) == ["2"]
    assert get("DESCRIBE <http://ex/s>", accept="application/n-triples", data=NUMBERS).read().count(b"\n") == 2


@pytest.mark.parametrize(
    ("clauses", "default", "named"),
    [
        ("", ["1", "2"], ["a", "b", "c"]),
        ("FROM <http://ex/c>", ["3"], []),
        ("FROM <http://ex/a> FROM <http://ex/b>", ["1", "2"], []),
        ("FROM NAMED <http://ex/c>", [], ["c"]),
        ("FROM <http://ex/a> FROM NAMED <http://ex/b> FROM NAMED <http://ex/c>", ["1"], ["b", "c"]),
        ("FROM<http://ex/a>FROM NAMED<http://ex/c>", ["1"], ["c"]),
        ("from <a> from ex:b # FROM <http://ex/c>\n", ["1", "2"], []),
        ("FROM ex:missing", [], []),
    ],
)
def test_from_replaces_the_dataset(clauses: str, default: list[str], named: list[str]) -> None:
    prologue = "# FROM here on\nBASE <http://ex/> PREFIX ex: <http://ex/> PREFIX from: <http://from/> "
    head, tail = "SELECT ?o ", " WHERE { ?s ?p ?o FILTER (?o != 'FROM <x>') } ORDER BY ?o"
    assert values(get(prologue + head + clauses + tail, data=NUMBERS)) == default
    graphs = values(
        get(f"{prologue}SELECT DISTINCT ?g {clauses} WHERE {{ GRAPH ?g {{ ?s ?p ?o }} }} ORDER BY ?g", data=NUMBERS)
    )
    assert graphs == [EX + name for name in named]


@pytest.mark.parametrize(
    ("default", "named"), [(["c"], []), (["a", "b"], ["c"]), ([], ["a"]), (["missing"], []), (["a", "a"], ["b", "b"])]
)
@pytest.mark.parametrize("clause", ["", "FROM <http://ex/b> FROM NAMED <http://ex/a>"])
def test_the_protocol_wins_over_from(default: list[str], named: list[str], clause: str) -> None:
    held = {"a": {"1"}, "b": {"1", "2"}, "c": {"3"}, "missing": set[str]()}
    defaults, others = ([EX + name for name in names] for names in (default, named))
    query = ALL.replace("WHERE", f"{clause} WHERE")
    found = get(query, data=NUMBERS, default_graph_uri=defaults, named_graph_uri=others)
    assert values(found) == sorted({value for name in default for value in held[name]})
    query = NAMED.replace("WHERE", f"{clause} WHERE")
    found = get(query, data=NUMBERS, default_graph_uri=defaults, named_graph_uri=others)
    assert values(found) == sorted({EX + name for name in named})


@pytest.mark.parametrize(
    "query", ["ASKFROM<http://ex/c>{ ?s ?p ?o }", "PREFIX : <http://ex/> ASK FROM:c { ?s ?p ?o }", "ASK FROMNAMED<x>{}"]
)
def test_a_from_that_may_be_overlooked_is_refused(query: str) -> None:
    assert failure(get(query)) == (400, "syntax")


@given(st.data())
def test_an_answer_over_several_graphs_is_that_over_their_merge(data: st.DataObject) -> None:
    cells = st.tuples(st.integers(0, 3), st.sampled_from([A, B, C]))
    held = data.draw(st.lists(cells, max_size=8))
    chosen = tuple(data.draw(st.lists(st.sampled_from([A, B, C]), unique=True)))
    expected = sorted({str(value) for value, graph in held if graph in chosen})
    assert values(get(ALL, data=dataset(*(quad(*cell) for cell in held), default=chosen))) == expected


# --- Formats

TABLE, BOOLEAN, TRIPLES = "SELECT * WHERE { ?s ?p ?o }", "ASK {}", "CONSTRUCT WHERE { ?s ?p ?o }"
JSON, XML = "application/sparql-results+json", "application/sparql-results+xml"


@pytest.mark.parametrize(
    ("query", "accept", "media_type"),
    [
        *((query, "*/*", default) for query, default in ((TABLE, JSON), (BOOLEAN, JSON), (TRIPLES, "text/turtle"))),
        *((query, "", default) for query, default in ((TABLE, JSON), (BOOLEAN, JSON), (TRIPLES, "text/turtle"))),
        *((TABLE, each, each) for each in (JSON, XML, "text/csv", "text/tab-separated-values", "application/json")),
        *((BOOLEAN, each, each) for each in (JSON, XML, "application/json", "application/xml")),
        *((TRIPLES, each, each) for each in ("text/turtle", "application/n-triples", "application/rdf+xml")),
        *((TRIPLES, each, each) for each in ("application/ld+json", "application/n-quads", "application/trig")),
        ("DESCRIBE <http://ex/s>", "application/rdf+xml", "application/rdf+xml"),
        (TABLE, "text/*", "text/csv"),
        (TABLE, "TEXT/CSV", "text/csv"),
        (TABLE, f"text/csv;q=0.5, {XML};q=0.9, */*;q=0.1", XML),
        (TABLE, f"{JSON};q=0, */*", XML),
        (TABLE, "text/csv, */*;q=0.5", "text/csv"),
        (TABLE, "text/html,application/xhtml+xml,*/*;q=0.8", JSON),
        (TABLE, f"image/png, {XML};q=0.001", XML),
        (BOOLEAN, f"text/csv, {XML};q=0.5", XML),
        (TRIPLES, "text/html, application/ld+json;q=0.5, text/turtle;q=0.4", "application/ld+json"),
    ],
)
def test_the_format_is_negotiated(query: str, accept: str, media_type: str) -> None:
    reply = get(query, accept=accept)
    assert (reply.status, reply.media_type, reply.headers["Vary"]) == (200, media_type, "Accept")
    assert reply.read()


@given(st.dictionaries(st.sampled_from([JSON, XML, "text/csv", "text/tab-separated-values"]), st.integers(0, 1000)))
def test_the_highest_quality_wins_and_then_our_order(qualities: dict[str, int]) -> None:
    reply = get(TABLE, accept=", ".join(f"{name};q={value / 1000}" for name, value in qualities.items()) or "image/png")
    order = [JSON, XML, "text/csv", "text/tab-separated-values"]
    wanted = [
        name for name in sorted(qualities, key=lambda name: (-qualities[name], order.index(name))) if qualities[name]
    ]
    assert reply.media_type == (wanted[0] if wanted else "application/problem+json")


def test_what_is_offered_is_told_where_nothing_fits() -> None:
    document = json.loads(get(BOOLEAN, accept="text/csv").read())
    assert document["offered"] == [JSON, XML, "application/json", "application/xml"]


def test_tables_are_written_as_their_recommendations_say() -> None:
    query = "SELECT ?a ?b WHERE { VALUES (?a ?b) { ('x,\"y\"' <http://ex/>) (1 UNDEF) } }"
    assert get(query, accept="text/csv").read() == b'a,b\r\n"x,""y""",http://ex/\r\n1,\r\n'
    assert get(query, accept="text/tab-separated-values").read() == b'?a\t?b\n"x,\\"y\\""\t<http://ex/>\n1\t\n'


def test_relative_iris_are_resolved_against_the_endpoint() -> None:
    reply = get("CONSTRUCT { <s> <#p> 1 } WHERE {}", accept="application/n-triples")
    assert reply.read().startswith(b"<http://127.0.0.1:7878/s> <http://127.0.0.1:7878/sparql#p> ")


def test_every_answer_names_the_snapshot() -> None:
    for reply in (get(), get(TABLE), get("nonsense"), answer(Request("PUT"), DATA)):
        assert reply.headers["Exo-Onto-Snapshot"] == "3f2a"
    assert get(TABLE).headers["ETag"] == f'W/"3f2a;{JSON}"'
    assert get(TABLE, accept=XML).headers["ETag"] != get(TABLE).headers["ETag"]


# --- The service description

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
VOID = Namespace("http://rdfs.org/ns/void#")


@pytest.mark.parametrize(
    ("accept", "format"),
    [
        ("*/*", "turtle"),
        ("application/rdf+xml", "xml"),
        ("application/ld+json", "json-ld"),
        ("application/n-triples", "nt"),
        ("application/trig", "trig"),
    ],
)
def test_a_get_without_a_query_describes_the_service(accept: str, format: str) -> None:
    graph = Graph().parse(get(accept=accept, data=NUMBERS).read(), format=format)
    [service] = graph.subjects(RDF.type, SD.Service)
    assert text(graph, service, SD.endpoint) == DESCRIPTION.endpoint
    assert one(graph, service, SD.supportedLanguage) == SD.SPARQL11Query
    assert len(set(graph.objects(service, SD.resultFormat))) == 10
    data = one(graph, service, SD.defaultDataset)
    assert text(graph, one(graph, data, SD.defaultGraph), VOID.triples) == "2"
    named = [(text(graph, each, SD.name), one(graph, each, SD.graph)) for each in graph.objects(data, SD.namedGraph)]
    sizes = {name: text(graph, each, VOID.triples) for name, each in named}
    assert sizes == {A.value: "1", B.value: "2", C.value: "1"}


def test_the_union_is_a_feature_only_where_it_leaves_nothing_out() -> None:
    feature = f"<{SD.UnionDefaultGraph}>".encode()
    assert feature not in get(accept="application/n-triples", data=NUMBERS).read()
    whole = dataset(quad(1, A), quad(2, B), default=(A, B))
    assert feature in get(accept="application/n-triples", data=whole).read()


def test_a_description_in_no_format_that_is_accepted() -> None:
    assert failure(get(accept="text/csv")) == (406, "not-acceptable")
