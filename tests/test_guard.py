"""The guard: what it lets pass, what it refuses, and that the parser behind it never sees more than the guard did."""

from time import process_time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pyoxigraph import Store

from exo_onto.guard import LIMITS, Danger, Limits, inspect, tokens

ADDRESS = "<http://127.0.0.1:1/>"  # the store refuses port 1 before it opens a connection


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?service WHERE { ?service ?p ?o }",
        "PREFIX ex: <http://ex/service#> SELECT * WHERE { ?s ex:service ?o . ?s a ex:Service }",
        "PREFIX service: <http://ex/service/> SELECT * WHERE { ?s service:x service:y }",
        "PREFIX ex: <http://ex/> SELECT * FROM ex:service WHERE { GRAPH ex:service { ?s ?p ?o } }",
        "PREFIX ex: <http://ex/> DESCRIBE ex:service",
        "SELECT * WHERE { ?s ?p 'SERVICE' , \"SERVICE {\" , '''SERVICE''' , \"\"\"SERVICE \" '\n{\"\"\" } # SERVICE",
        "SELECT * WHERE { # SERVICE <http://ex/> {{{{\r ?s <http://ex/SERVICE> ?o }",
        "SELECT * WHERE { ?s ?p 'service'@service . _:service ?p ?o }",
        "SELECT * WHERE { ?s ?p ?o FILTER (?o < 5 && ?o > 3) FILTER (?o<5) FILTER(?s<?o&&?o>?s) }",
        "SELECT * WHERE { VALUES (?a ?b) { (<http://ex/a> <http://ex/b#c>) (<urn:a> <urn:b>) } }",
        "SELECT * WHERE { ?s (<a#b>/<c#d>|^<e#f>)* ?o FILTER (?o IN (<g#h>, <i#j>)) }",
        r"SELECT ('a\"\\u0041\u00e9\U0001F600' AS ?x) WHERE { <http://ex/\u00e9> ex:it\'s\# ex:a%20b }",
        'SELECT ("" AS ?a) ("""a"b""c""" AS ?b) (\'\' AS ?c) WHERE {}',
        "SELECT * WHERE { ?s ?p ?o } VALUES ?中文 { '中文' } # 中文",
        "this is no SPARQL at all, but harmless ] ) }",
        "",
    ],
)
def test_harmless_text_passes(text: str) -> None:
    assert inspect(text).safe


@pytest.mark.parametrize(
    "text",
    [
        f"SELECT * {{ SERVICE {ADDRESS} {{ ?s ?p ?o }} }}",
        f"SELECT * {{ SeRvIcE SILENT {ADDRESS} {{}} }}",
        f"SELECT * {{ SERVICESILENT{ADDRESS}{{}} }}",
        "SELECT * { SERVICE ?where { ?s ?p ?o } }",
        f"SELECT * {{ # a comment\nSERVICE#another\r{ADDRESS} {{}} }}",
        f"SELECT * {{ \\u0053ERVICE {ADDRESS} {{}} }}",
        f"SELECT * {{ \\U00000053ERVIC\\u0045 {ADDRESS} {{}} }}",
        f"SELECT * {{ # \\u000A SERVICE {ADDRESS} {{}}\n}}",
        # Accepted by the parser that follows, which knows no words:
        f"SELECT * {{ ?s ?p 1SERVICE{ADDRESS}{{}} }}",
        f"SELECT * {{ ?s ?p trueSERVICE{ADDRESS}{{}} }}",
        f"SELECT * {{ ?s ?p ?o.SERVICE{ADDRESS}{{}} }}",
        "PREFIX : <http://127.0.0.1:1/> SELECT * { SERVICE:x{} }",
        "PREFIX : <http://127.0.0.1:1/> SELECT * { SERVICE SILENT:x{} }",
        "PREFIX : <http://127.0.0.1:1/> SELECT * { SERVICESILENT:x{} }",
        f"PREFIX ex: <http://h:80> SELECT * {{ ?s ?p ex:SERVICE{ADDRESS}{{}} }}",
        f"PREFIX ex: <http://h:80> SELECT * {{ ?s ?p ex:SERVICE SILENT {ADDRESS}{{}} }}",
        "PREFIX ex: <http://h:80> SELECT * { ?s ?p ex:SERVICE SILENT:x{} }",
    ],
)
def test_service_is_refused(text: str) -> None:
    assert inspect(text).danger is Danger.SERVICE


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ?s ?p 'open }",
        "SELECT * { ?s ?p '''open'' }",
        'SELECT * { ?s ?p "a\nb" }',
        r"SELECT * { ?s ?p 'a\q' }",
        r"SELECT * { ?s ?p '\uD800' }",
        r"SELECT * { ?s ?p '\U00110000' }",
        "SELECT * { ?s ?\\u0070 ?o }",
        # Each hides a federated query from a reader who takes the longest token:
        f"SELECT * {{ VALUES ?x {{ '''a' }} SERVICE {ADDRESS} {{}} # \\q '''\n}}",
        f"SELECT * {{ VALUES ?x {{ '''a' }} SERVICE {ADDRESS} {{}} # \\uD800 '''\n}}",
        f"SELECT * {{ ?s ?p ?o FILTER(?a<?b)SERVICE#>\n{ADDRESS} {{}} }}",
        f"SELECT * {{ ?s ?p ?o FILTER(?a<?b#>'''\n) SERVICE {ADDRESS} {{}} # '''\n}}",
        f"SELECT * {{ <<?s?p?o#>'''\n>> ?p ?o SERVICE {ADDRESS} {{}} # '''\n}}",
    ],
)
def test_what_can_be_read_in_two_ways_is_refused(text: str) -> None:
    assert inspect(text).danger is Danger.UNCLEAR


def test_a_verdict_says_where() -> None:
    verdict = inspect("SELECT *\nWHERE {\n  SERVICE <http://ex/> {}\n}")
    assert (verdict.line, verdict.column) == (3, 3)
    assert "SERVICE" in verdict.detail


def test_size_counts_bytes() -> None:
    limits = Limits(size=10)
    assert inspect("a" * 10, limits=limits).safe
    assert inspect("é" * 6, limits=limits).danger is Danger.SIZE


@pytest.mark.parametrize(("opening", "closing", "most"), [("{", "}", 64), ("(", ")", 64), ("[", "]", 24)])
def test_depth_is_bounded_for_each_bracket(opening: str, closing: str, most: int) -> None:
    assert inspect(opening * most + closing * most).safe
    assert inspect((opening + closing) * 1_000).safe
    assert inspect(opening * (most + 1)).danger is Danger.DEPTH


@pytest.mark.parametrize(
    "unit",
    [
        "a ",
        "a.",
        "<a ",
        "<a",
        "?x ",
        "'' ",
        "a:b ",
        "a:",
        "%41",
        "@a-",
        "#\n",
        "! ",
        "\\u0041",
        "<a>",
        "1.",
        "(a<b>)",
        "''",
    ],
)
def test_the_longest_text_takes_linear_time(unit: str) -> None:
    times = []
    for size in (LIMITS.size // 8, LIMITS.size):
        text = (unit * (size // len(unit)))[:size]
        before = process_time()
        inspect(text)
        times.append(process_time() - before)
    assert times[1] < 20 * times[0] + 1


@pytest.mark.parametrize(
    "unit", ["!", "1+", "1||", "{}", "{} UNION ", "OPTIONAL {} ", "BIND(1 AS ?x) ", "FILTER(1) ", "(1 AS ?x) "]
)
def test_a_chain_is_bounded(unit: str) -> None:
    assert inspect(unit * 400).safe
    assert inspect(unit * 3_000).danger is Danger.DEPTH


@pytest.mark.parametrize(
    ("head", "unit", "most"),
    [
        ("", "?s ?p ?o . ", LIMITS.patterns),
        ("?s ", "?p ?o ; ", LIMITS.patterns),
        ("?s ?p ", "?o , ", LIMITS.patterns),
        ("", "?s ?p ex:o. ", LIMITS.patterns),
        ("", "?s ?p true. ", LIMITS.patterns),
        ("", "OPTIONAL { ?s ?p ?o } ", LIMITS.patterns),
        ("", "[ ?p ?o ; ?q ?r ] ?a ?b . ", LIMITS.patterns // 2),
        ("?s ?p ( 1 ", "1 ", LIMITS.patterns // 2),
        ("?s ", "^<p>/", LIMITS.path_steps // 2),
        ("?s ", "<p>|", LIMITS.path_steps),
    ],
)
def test_the_parts_that_a_store_puts_in_order_are_bounded(head: str, unit: str, most: int) -> None:
    assert inspect("SELECT * WHERE { " + head + unit * most).safe
    assert inspect("SELECT * WHERE { " + head + unit * (most + 1)).danger is Danger.PARTS


def test_the_number_of_words_and_marks_is_bounded() -> None:
    assert inspect("()" * (LIMITS.tokens // 2)).safe
    assert inspect("()" * (LIMITS.tokens // 2 + 1)).danger is Danger.SIZE


def test_operators_and_data_are_no_parts() -> None:
    assert inspect("ASK { FILTER (" + "?a || ?b || " * 300 + "true) }").safe
    assert inspect(
        "ASK { VALUES (?a ?b) { " + "(1 ex:a.b) " * 300 + "} ?s ?p ?o FILTER (?a IN (1" + ", 1" * 300 + ")) }"
    ).safe
    assert inspect("ASK { VALUES ?a { 1 } " + "?s ?p ?o . " * 200 + "}").danger is Danger.PARTS
    assert inspect("ASK { ?values ?p ?o { " + "?s ?p ?o . " * 200 + "} }").danger is Danger.PARTS


@pytest.mark.parametrize(
    "call",
    [
        "SERVICE <http://ok/sparql> { ?s ?p ?o }",
        "service silent <http://ok/sparql> {}",
        "SERVICE<http://ok/sparql>{}",
    ],
)
def test_service_may_call_what_is_allowed(call: str) -> None:
    assert inspect(f"ASK {{ {call} }}", allowed=frozenset({"http://ok/sparql"})).safe
    assert inspect(f"ASK {{ {call} }}").danger is Danger.SERVICE


@pytest.mark.parametrize(
    "call",
    [
        "SERVICE <http://ok/> {}",
        "SERVICE <http://ok/sparql#> {}",
        "SERVICE <sparql> {}",
        "SERVICE ?where {}",
        "SERVICE ok:sparql {}",
        "SERVICE # <http://ok/sparql>\n <http://ex/> {}",
        "SERVICE <http://ok/sparql> {} SERVICE <http://ex/> {}",
        "\\u0053ERVICE <http://ex/> {}",
        "SERVICE <http://ok/sp\\u0061rql> {}",
        "1SERVICE <http://ok/sparql> {}",
        "SERVICE:x {}",
        "SILENT SERVICE { }",
    ],
)
def test_service_may_call_nothing_else(call: str) -> None:
    assert inspect(f"ASK {{ {call} }}", allowed=frozenset({"http://ok/sparql"})).danger is Danger.SERVICE


@pytest.mark.parametrize("unit", ["1 ", "'a'@en ", "<http://ex/a#b> ", "ex:a ", "(?a UNDEF true 1.5) ", "?s ?p ?o . "])
def test_data_may_be_long(unit: str) -> None:
    assert inspect("SELECT * WHERE { VALUES ?x { " + unit * 20_000 + "} }").safe


NOISE = st.text("{}[]()SERVICE service<#:?.a1 \t", max_size=60)
CONTAINERS = st.sampled_from(
    [
        ("'", "'"),
        ('"', '"'),
        ("'''", "'''"),
        ('"""', '"""'),
        ("'''\n\" ' ", "'''"),
        ("# ", "\n"),
        ("# '", "\r"),
    ]
)
IRI_NOISE = st.text("[]()SERVICE service#:?.a1/'", max_size=60)


@given(st.lists(st.tuples(CONTAINERS, NOISE), max_size=20))
def test_what_stands_in_strings_and_comments_never_counts(pieces: list[tuple[tuple[str, str], str]]) -> None:
    held = " ".join(f"{before}{noise}{after} " for (before, after), noise in pieces)
    assert inspect(f"SELECT * WHERE {{ ?s ?p {held} }}").safe


@given(st.lists(IRI_NOISE, max_size=20))
def test_what_stands_in_iris_never_counts(noises: list[str]) -> None:
    held = " ".join(f"<http://ex/{noise.replace(' ', '_')}>" for noise in noises)
    assert inspect(f"SELECT * WHERE {{ VALUES (?a) {{ ({held}) }} ?s {held} ?o }}").safe


@given(st.data())
def test_deep_nesting_is_always_refused(data: st.DataObject) -> None:
    openings = data.draw(st.lists(st.sampled_from("{(["), min_size=LIMITS.depth + 1, max_size=LIMITS.depth + 20))
    fillers = st.sampled_from(
        ["", " ", "a", "?x ", "'}' ", '"""\n)))"""', "<http://ex/]> ", "# }\n", "() ", "{[]}", "ex:a "]
    )
    text = "".join(data.draw(fillers) + opening for opening in openings)
    assert inspect(text).danger is Danger.DEPTH


@given(st.text())
@example("\ud800")
@example("\\U00110000")
def test_any_text_gets_a_verdict_and_pieces_stand_where_they_say(text: str) -> None:
    inspect(text)
    assert all(text.startswith(token.text, token.start) for token in tokens(text))


# What can go wrong between two readers of the same text: where strings, IRIs, comments and names end.
FRAGMENTS = st.sampled_from(
    [
        *("'", "''", "'''", '"', '"""', "\\", "\\q", "\\'", "\\uD800", "\\u0027", "\\u000A", "\\u0053ERVICE"),
        *("<", "<<", ">", ">>", "#", "#>", "\n", "\r", " ", "(", ")", "{", "}", ".", ";", ",", "/", "^^", "@en"),
        *("SERVICE", "SILENT", "FILTER", "FILTER(", "FILTER(1<", "BIND(1<", " AS ?z)", "VALUES ?x {", "UNION", "a"),
        *(
            "?a",
            "?b",
            "1",
            "true",
            ":x",
            "ex:",
            "ex:a",
            "e:",
            "e:SERVICE",
            "SERVICE:x",
            "_:b",
            "<http://ex/a#b>",
            "<x#>",
        ),
        *(ADDRESS, f"SERVICE{ADDRESS}{{}}", f"SERVICE {ADDRESS} {{}}", f"}} SERVICE {ADDRESS} {{}}", "SERVICE:x{}"),
    ]
)
PROLOGUE = "PREFIX : <http://127.0.0.1:1/> PREFIX ex: <http://ex/> PREFIX e: <http://h:80>\nSELECT * WHERE {"


def calls_another_endpoint(text: str) -> bool:
    """Hand a text to the real parser, and tell whether it took it for a federated query."""
    try:
        for _ in Store().query(text, base_iri="http://ex/"):  # type: ignore[union-attr]
            pass
    except SyntaxError:
        return False
    except OSError:
        return True
    except RuntimeError as error:
        return "service" in str(error)
    return False


def test_the_oracle_sees_a_federated_query() -> None:
    assert calls_another_endpoint(f"{PROLOGUE} SERVICE {ADDRESS} {{ ?s ?p ?o }} }}")
    assert calls_another_endpoint(f"{PROLOGUE} VALUES ?x {{ '''a' }} SERVICE {ADDRESS} {{}} # \\q '''\n}}")


@given(st.lists(FRAGMENTS, max_size=14))
def test_no_text_that_passes_makes_the_parser_call_another_endpoint(fragments: list[str]) -> None:
    text = f"{PROLOGUE} {''.join(fragments)}\n}}"
    assert not (inspect(text).safe and calls_another_endpoint(text))
