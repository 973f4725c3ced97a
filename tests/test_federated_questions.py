"""Tests of federation both ways, over sockets on this machine: our questions call stand-ins, and others call us.

The three questions that call UniProt, Rhea and Wikidata are never put to them from here: their addresses are replaced
by that of an Oxigraph server with a slice of what the real one says, in its own vocabulary (tests/standins/).
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from conftest import REPOSITORY
from pyoxigraph import Literal, NamedNode, QuerySolutions, RdfFormat, Store
from rdflib import Graph
from stores import free_port, oxigraph

from exo_onto import calling
from exo_onto.questions import Answer, Question, QuestionError, ask, parse_question
from exo_onto.snapshot import Snapshot
from exo_onto.sources import read_texts
from exo_onto.vocabulary import compact

SHIPPED = tuple(parse_question(name, text) for name, text in read_texts(REPOSITORY / "queries", ".rq"))
FEDERATED = {question.name: question for question in SHIPPED if question.calls}
STANDINS = REPOSITORY / "tests" / "standins"
STANDIN = {"proteins-in-uniprot": "uniprot", "reactions-in-rhea": "rhea", "processes-in-wikidata": "wikidata"}
COMMAND = [sys.executable, "-c", "from exo_onto.cli import main; main()"]
Row = tuple[str, ...]


@dataclass(frozen=True)
class Serving:
    """An endpoint in a process of its own."""

    endpoint: str
    process: subprocess.Popen[str]


@contextmanager
def serving(root: Path, *options: str) -> Iterator[Serving]:
    """Serve a graph as a user does, on a free port of this machine."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    command = [*COMMAND, "serve", "--port", "0", *options]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, env=environment, text=True) as process:
        try:
            assert process.stdout is not None
            said = ""
            while "curl" not in said:
                line = process.stdout.readline()
                assert line, "it stopped before it served"
                said += line
            endpoint = re.search(r"http://\S+/sparql", said)
            assert endpoint is not None
            yield Serving(endpoint[0], process)
        finally:
            process.terminate()
            process.wait(timeout=30)


@pytest.fixture(scope="module")
def standins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a real endpoint that has all three slices."""
    with oxigraph(tmp_path_factory.mktemp("standins")) as store:
        for path in sorted(STANDINS.glob("*.ttl")):
            whole = Store()
            whole.load(path.read_bytes(), format=RdfFormat.TURTLE)
            store.update(f"INSERT DATA {{ {_triples(whole)} }}")
        yield store.address.query


def _triples(store: Store) -> str:
    return " ".join(f"{quad.subject} {quad.predicate} {quad.object} ." for quad in store)


@pytest.fixture(scope="module")
def away() -> str:
    """Give an address of this machine at which nobody listens."""
    return f"http://127.0.0.1:{free_port()}/sparql"


@pytest.fixture(scope="module")
def served(published: Path, standins: str, away: str) -> Iterator[Serving]:
    """Serve the corpus, with the stand-ins on the list of what SERVICE may call, and what is away."""
    with serving(published, "--allow-service", standins, "--allow-service", away) as running:
        yield running


def calling_instead(question: Question, address: str) -> str:
    """Give the text of a question with another address in the place of the real one."""
    text = question.whole
    for each in question.calls:
        assert text.count(f"<{each}>") == 1
        text = text.replace(f"<{each}>", f"<{address}>")
    assert {call.address for call in calling.calls(text)} == {address}
    return text


def answered(endpoint: str, text: str) -> list[Mapping[str, str]]:
    reply = httpx.post(
        endpoint, data={"query": text}, headers={"Accept": "application/sparql-results+json"}, timeout=60
    )
    assert reply.status_code == 200, reply.text
    bindings: list[dict[str, Any]] = json.loads(reply.content)["results"]["bindings"]
    return [{name: compact(term["value"]) for name, term in row.items()} for row in bindings]


def told(answer: Answer) -> list[Mapping[str, str]]:
    return [
        {
            name: compact(term.value)
            for name, term in zip(answer.columns, row, strict=True)
            if isinstance(term, (NamedNode, Literal))
        }
        for row in answer.rows
    ]


# --- Three questions that call others


def test_three_questions_join_what_uniprot_rhea_and_wikidata_say() -> None:
    called = {question.name: question.calls for question in FEDERATED.values()}
    assert called == {
        "proteins-in-uniprot": ("https://sparql.uniprot.org/sparql",),
        "reactions-in-rhea": ("https://sparql.rhea-db.org/sparql",),
        "processes-in-wikidata": ("https://query.wikidata.org/sparql",),
    }
    assert {path.stem for path in STANDINS.glob("*.ttl")} == set(STANDIN.values())


def test_uniprot_adds_names_and_processes_to_our_proteins(served: Serving, standins: str) -> None:
    rows = answered(served.endpoint, calling_instead(FEDERATED["proteins-in-uniprot"], standins))
    known = [row for row in rows if row["saidBy"] == "UniProt"]
    assert known == [
        {
            "gene": "entity:bcl2",
            "protein": "http://purl.uniprot.org/uniprot/P10415",
            "name": "Apoptosis regulator Bcl-2",
            "process": "GO:0006915",
            "saidBy": "UniProt",
        }
    ]
    assert {"gene": "entity:tnf", "name": "TNF", "saidBy": "this graph"}.items() <= next(
        row for row in rows if row["gene"] == "entity:tnf"
    ).items()


def test_rhea_adds_reactions_to_the_chemicals_of_models(served: Serving, standins: str) -> None:
    rows = answered(served.endpoint, calling_instead(FEDERATED["reactions-in-rhea"], standins))
    assert [(row["chemical"], row["reaction"], row["equation"], row["saidBy"]) for row in rows] == [
        ("CHEBI:16240", "http://rdf.rhea-db.org/20309", "2 H2O2 = O2 + 2 H2O", "Rhea"),
        ("CHEBI:16240", "http://rdf.rhea-db.org/20696", "2 superoxide + 2 H(+) = H2O2 + O2", "Rhea"),
    ]
    assert {row["references"] for row in rows} == {"40, 41"}


def test_wikidata_adds_items_and_names_to_our_processes(served: Serving, standins: str) -> None:
    rows = answered(served.endpoint, calling_instead(FEDERATED["processes-in-wikidata"], standins))
    found = {
        row["process"]: (row["item"].rpartition("/")[2], row["name"], row["saidBy"]) for row in rows if "item" in row
    }
    assert found == {
        "GO:0006915": ("Q14599311", "测试用名称", "Wikidata"),
        "GO:0008219": ("Q2383867", "细胞死亡", "this graph"),
        "GO:0008283": ("Q14818032", "细胞群增殖", "this graph"),
    }
    assert len(rows) > len(found)


@pytest.mark.parametrize("name", sorted(STANDIN))
def test_a_question_keeps_to_the_graph_where_the_other_endpoint_is_away(
    corpus: Snapshot, served: Serving, away: str, name: str
) -> None:
    """What is then said is what the question says of this graph alone."""
    alone = ask(corpus.store, FEDERATED[name].text)
    assert isinstance(alone, Answer)
    assert alone.rows
    text = calling_instead(FEDERATED[name], away)
    embedded = ask(corpus.store, text, allowed=frozenset({away}))
    assert isinstance(embedded, Answer)
    assert embedded.rows == alone.rows
    assert answered(served.endpoint, text) == told(alone)


@pytest.mark.parametrize("name", sorted(STANDIN))
def test_what_is_on_no_list_is_not_called(served: Serving, corpus: Snapshot, name: str) -> None:
    question = FEDERATED[name]
    reply = httpx.post(served.endpoint, data={"query": question.whole}, timeout=60)
    assert reply.status_code == 403
    with pytest.raises(QuestionError, match="SERVICE"):
        ask(corpus.store, question.whole)


def test_the_command_asks_without_calls_that_are_not_allowed_and_says_so(published: Path) -> None:
    done = subprocess.run(
        [*COMMAND, "query", "proteins-in-uniprot", "--format", "csv"],
        cwd=published,
        capture_output=True,
        text=True,
        check=True,
    )
    expected = (REPOSITORY / "tests" / "expected" / "proteins-in-uniprot.csv").read_text("utf-8")
    assert done.stdout == expected
    assert "Not called: https://sparql.uniprot.org/sparql" in done.stderr


def test_the_command_calls_what_is_allowed(published: Path, standins: str, tmp_path: Path) -> None:
    file = tmp_path / "mine.rq"
    file.write_text(calling_instead(FEDERATED["reactions-in-rhea"], standins), "utf-8")
    command = [*COMMAND, "query", str(file), "--format", "csv", "--root", str(published)]
    refused = subprocess.run(command, capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    assert "SERVICE" in refused.stderr
    done = subprocess.run([*command, "--allow-service", standins], capture_output=True, text=True, check=True)
    assert "2 H2O2 = O2 + 2 H2O" in done.stdout
    assert "Not called" not in done.stderr
    wrong = subprocess.run([*command, "--allow-service", "ftp://x/"], capture_output=True, text=True, check=False)
    assert wrong.returncode == 2
    assert "is no http or https address" in wrong.stderr


def test_what_is_listed_in_a_question_is_what_the_graph_holds(corpus: Snapshot) -> None:
    """The lists within SERVICE keep a call small, whatever the engine sends; they must name all that studies name."""
    rows = corpus.store.query(
        "SELECT DISTINCT ?x { GRAPH <https://w3id.org/exo-onto/graph/instances> { ?a a ?x } "
        "FILTER (STRSTARTS(STR(?x), 'http://purl.obolibrary.org/obo/GO_')) }"
    )
    assert isinstance(rows, QuerySolutions)
    processes = {compact(row["x"].value) for row in rows}
    for name in ("proteins-in-uniprot", "processes-in-wikidata"):
        service = FEDERATED[name].whole.partition("SERVICE SILENT")[2]
        assert set(re.findall(r"\bGO:\d{7}\b", service)) == processes
    alone = ask(corpus.store, FEDERATED["reactions-in-rhea"].text)
    assert isinstance(alone, Answer)
    chemicals = {row["chemical"] for row in told(alone)}
    service = FEDERATED["reactions-in-rhea"].whole.partition("SERVICE SILENT")[2]
    assert set(re.findall(r"\bCHEBI:\d+\b", service)) == chemicals


@pytest.mark.parametrize(
    ("header", "body", "says"),
    [
        ("", "SERVICE SILENT <http://a/> { ?s ?p ?o }", "calls http://a/, and the `# calls:` line .* says nothing"),
        ("# calls: http://a/\n", "?s ?p ?o", "calls nothing, and the `# calls:` line .* says http://a/"),
        ("# calls: http://a/\n", "SERVICE <http://a/> { ?s ?p ?o }", "calls http://a/ without SILENT"),
    ],
)
def test_a_question_says_what_it_calls_and_can_do_without(header: str, body: str, says: str) -> None:
    text = f"# title: t\n# question@en: q?\n# question@zh: q？\n# keywords: k\n{header}SELECT * {{ {body} }}"
    with pytest.raises(QuestionError, match=says):
        parse_question("x", text)


# --- Others call us


JOINED = """
PREFIX exonto: <https://w3id.org/exo-onto/>
SELECT ?study ?mechanism WHERE {{
  SERVICE <{endpoint}> {{ ?study a exonto:Study ; exonto:demonstrates ?mechanism }}
  FILTER (STRENDS(STR(?mechanism), "pyroptosis-inhibition"))
}} ORDER BY ?study
"""
DIRECT = JOINED.replace("SERVICE <{endpoint}> {{", "{{").replace("{{", "{").replace("}}", "}")


@pytest.fixture(scope="module")
def expected(corpus: Snapshot) -> list[Row]:
    found = ask(corpus.store, DIRECT)
    assert isinstance(found, Answer)
    rows = [tuple(term.value for term in row if isinstance(term, NamedNode)) for row in found.rows]
    assert len(rows) == 3
    return rows


def test_a_query_of_oxigraphs_server_calls_us(served: Serving, standins: str, expected: list[Row]) -> None:
    text = JOINED.format(endpoint=served.endpoint)
    reply = httpx.post(standins, data={"query": text}, headers={"Accept": "application/sparql-results+json"})
    assert reply.status_code == 200, reply.text
    bindings = json.loads(reply.content)["results"]["bindings"]
    assert [(row["study"]["value"], row["mechanism"]["value"]) for row in bindings] == expected


def test_oxigraphs_server_joins_its_own_data_with_ours(served: Serving, standins: str) -> None:
    text = f"""
        PREFIX up: <http://purl.uniprot.org/core/>
        PREFIX exonto: <https://w3id.org/exo-onto/>
        PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
        SELECT ?gene ?fullName WHERE {{
          ?protein a up:Protein ; up:recommendedName/up:fullName ?fullName .
          BIND (IRI(CONCAT("https://identifiers.org/uniprot:", STRAFTER(STR(?protein), "/uniprot/"))) AS ?identifier)
          SERVICE <{served.endpoint}> {{ ?gene a exonto:GeneProduct ; skos:closeMatch ?identifier }}
        }} ORDER BY ?gene"""
    reply = httpx.post(standins, data={"query": text}, headers={"Accept": "application/sparql-results+json"})
    assert reply.status_code == 200, reply.text
    bindings = json.loads(reply.content)["results"]["bindings"]
    assert [(compact(row["gene"]["value"]), row["fullName"]["value"]) for row in bindings] == [
        ("entity:bcl2", "Apoptosis regulator Bcl-2"),
        ("entity:nlrp3", "NACHT, LRR and PYD domains-containing protein 3"),
    ]


def test_a_query_of_rdflib_calls_us(served: Serving, expected: list[Row]) -> None:
    found = Graph().query(JOINED.format(endpoint=served.endpoint))
    assert [tuple(str(term) for term in row) for row in found if isinstance(row, tuple)] == expected


def test_rdflib_joins_its_own_data_with_ours(served: Serving) -> None:
    own = Graph().parse(data="<http://purl.obolibrary.org/obo/GO_0141201> <http://ex/note> 'mine' .", format="turtle")
    text = f"""
        SELECT ?activity ?note WHERE {{
          ?process <http://ex/note> ?note .
          SERVICE <{served.endpoint}> {{ ?activity a ?process ; <https://w3id.org/exo-onto/observedUnder> ?treatment }}
        }} ORDER BY ?activity"""
    rows = [tuple(str(term) for term in row) for row in own.query(text) if isinstance(row, tuple)]
    assert [(compact(activity), note) for activity, note in rows] == [
        ("activity:xing-hy-2021-pyroptosis", "mine"),
        ("activity:yu-yw-2023-pyroptosis-npc", "mine"),
        ("activity:yuan-xq-2021-pyroptosis-npc", "mine"),
    ]
