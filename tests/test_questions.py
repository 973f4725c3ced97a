"""Tests of questions: every shipped question has its expected answer; and what some of them must and must not say."""

import re

import pytest
from conftest import REPOSITORY
from pyoxigraph import Literal

from exo_onto import render
from exo_onto.dataset import Term
from exo_onto.questions import Answer, AnswerGraph, Question, QuestionError, ask, parse_question, unknown
from exo_onto.render import Format
from exo_onto.snapshot import Snapshot
from exo_onto.sources import read_texts
from exo_onto.vocabulary import expand

SHIPPED = {name: parse_question(name, text) for name, text in read_texts(REPOSITORY / "queries", ".rq")}
EXPECTED = REPOSITORY / "tests" / "expected"
COLUMNS = {
    "mechanism-matrix": "reference,study,source,mechanism",
    "concordance": "reference,mechanism,status",
    "study-summary": "reference,study,year,source,taxon,recipientCell,stressor,inVivo",
    "cargo": "reference,cargo,kind,identifier",
    "targets": "reference,agent,sign,target,identifier",
    "contested": "process,increasedBy,decreasedBy",
    "mechanism-support": "reference,mechanism,where,certainty",
    "research-gaps": "source,mechanism",
    "explained-outcomes": "reference,activity,direction,basis",
    "unexplained-outcomes": "reference,activity,direction,basis",
    "predictions": "reference,activity,direction,basis",
    "premises": "study,mechanism,subject,predicate,object",
}
OTHERS = {
    "causal-paths",
    "studies-by-process",
    "cross-references",
    "in-vivo",
    "stressors",
    "reporting-completeness",
    "shared-targets",
    "unsigned-relations",
}


def answer(corpus: Snapshot, name: str, **bindings: Term) -> list[dict[str, str]]:
    found = ask(corpus.store, SHIPPED[name].text, bindings=bindings)
    assert isinstance(found, Answer)
    return [dict(zip(found.columns, row, strict=True)) for row in render.rows_of(found, iris=False)]


def test_all_questions_are_shipped_and_each_has_an_expected_answer() -> None:
    names = set(SHIPPED)
    assert names >= COLUMNS.keys() | OTHERS
    assert {path.stem for path in EXPECTED.glob("*.csv")} == names


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_a_question_has_its_expected_answer(corpus: Snapshot, name: str) -> None:
    found = ask(corpus.store, SHIPPED[name].text)
    assert isinstance(found, Answer)
    text = render.delimited(found.columns, render.rows_of(found, iris=False), Format.CSV)
    assert text == (EXPECTED / f"{name}.csv").read_text("utf-8")
    assert found.columns == tuple(COLUMNS.get(name, ",".join(found.columns)).split(","))


@pytest.mark.parametrize("question", SHIPPED.values(), ids=lambda question: question.name)
def test_a_question_says_itself_in_both_languages(question: Question) -> None:
    assert question.titles["en"] != question.titles["zh"]
    assert re.search(r"[\u4e00-\u9fff]", question.titles["zh"])
    assert not re.search(r"[\u4e00-\u9fff]", question.titles["en"])
    assert question.keywords
    assert question.sentences["en"].endswith("?")
    assert question.sentences["zh"].endswith("？")


def test_the_matrix_is_a_careful_readers(corpus: Snapshot) -> None:
    """The categories of each study by hand, from the text and titles alone."""
    by_hand = {
        "apoptosis-inhibition": [23, 26, 27, 28, 29, 30, 32, 34, 35, 36, 37, 38, 39, 45, 47, 54],
        "inflammation-suppression": [23, 40, 41, 42, 43, 44, 45, 46, 47, 51],
        "matrix-homeostasis": [40, 49, 50, 52, 53, 54, 55],
    }
    rows = answer(corpus, "mechanism-matrix")
    found = {name: sorted(int(row["reference"]) for row in rows if row["mechanism"] == name) for name in by_hand}
    assert found == by_hand


def test_all_claims_are_compared(corpus: Snapshot) -> None:
    rows = answer(corpus, "concordance")
    claims = (REPOSITORY / "instances" / "claims.ttl").read_text("utf-8").count("a exonto:Claim ;")
    assert sum(row["status"] != "inferred-not-claimed" for row in rows) == claims == 32
    assert {int(row["reference"]) for row in rows if row["status"] == "claimed-not-inferred"} == {31, 33, 51}


def test_every_disagreement_is_told_in_the_curation_notes(corpus: Snapshot) -> None:
    section = (REPOSITORY / "docs" / "curation.md").read_text("utf-8").split("## Table 1 against")[1].split("\n## ")[0]
    for row in answer(corpus, "concordance"):
        if row["status"] != "agreed":
            line = f"| {row['reference']} | {row['mechanism'].replace('-', ' ')} | {row['status'].replace('claimed-', 'claimed, ').replace('inferred-', 'inferred, ').replace('not-', 'not ')} |"
            assert line in section


def test_autophagy_is_contested_and_signal_transduction_is_not(corpus: Snapshot) -> None:
    processes = [row["process"] for row in answer(corpus, "contested")]
    assert "autophagy" in processes
    assert not any("signal" in process for process in processes)


def test_an_inhibitor_inhibited_increases(corpus: Snapshot) -> None:
    rows = [row for row in answer(corpus, "targets") if row["reference"] == "44"]
    assert rows == [
        {
            "reference": "44",
            "agent": "antagomiR-4450",
            "sign": "increases",
            "target": "ZNF121",
            "identifier": "HGNC:12904",
        }
    ]


def test_a_question_reaches_studies_by_a_process_above_theirs(corpus: Snapshot) -> None:
    by_cell_death = answer(corpus, "studies-by-process", term=expand("GO:0008219"))
    assert {row["term"] for row in by_cell_death} == {"GO:0008219"}
    assert {"23", "31", "39"} <= {row["reference"] for row in by_cell_death}


def test_every_outcome_is_explained_or_unexplained_and_never_both(corpus: Snapshot) -> None:
    explained = {row["activity"] for row in answer(corpus, "explained-outcomes")}
    unexplained = {row["activity"] for row in answer(corpus, "unexplained-outcomes")}
    predicted = {row["activity"] for row in answer(corpus, "predictions")}
    assert not explained & unexplained
    assert not predicted & (explained | unexplained)
    reported = ask(
        corpus.store,
        "SELECT DISTINCT ?a { GRAPH <https://w3id.org/exo-onto/graph/instances> "
        "{ ?a a ?d FILTER (?d IN (<https://w3id.org/exo-onto/ReportedIncrease>, <https://w3id.org/exo-onto/ReportedDecrease>)) } }",
    )
    assert isinstance(reported, Answer)
    assert len(reported.rows) == len(explained | unexplained)


def test_no_direction_of_the_default_graph_comes_twice(corpus: Snapshot) -> None:
    twice = ask(corpus.store, "SELECT ?s ?p ?o (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?s ?p ?o HAVING (COUNT(*) > 1)")
    assert isinstance(twice, Answer)
    assert twice.rows == ()


def test_an_unknown_question_is_told_with_the_nearest() -> None:
    assert "Did you mean contested?" in str(unknown("contestd", SHIPPED))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "The query is empty"),
        ("INSERT DATA { <http://a> <http://b> <http://c> }", "This is an update, and the graph is read-only"),
        ("PREFIX a: <http://a/> CLEAR ALL", "This is an update, and the graph is read-only"),
        ("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", "SERVICE is not available here"),
        ("{" * 3000, "Line 1"),
        ("SELECT (<http://example.org/f>(1) AS ?x) {}", "cannot be answered"),
    ],
)
def test_what_is_no_safe_query_is_refused_in_words(corpus: Snapshot, text: str, says: str) -> None:
    with pytest.raises(QuestionError, match=says):
        ask(corpus.store, text)


def test_wrong_sparql_is_told_with_its_place_under_a_caret(corpus: Snapshot) -> None:
    with pytest.raises(QuestionError, match=r"Line 1, column 22: The prefix `nope:` is not declared") as caught:
        ask(corpus.store, "SELECT ?s WHERE { ?s nope:x ?o }")
    assert str(caught.value).endswith("^")


def test_the_graphs_that_a_query_names_are_its_dataset(corpus: Snapshot) -> None:
    text = "SELECT (COUNT(*) AS ?n) FROM <graph/claims> WHERE { ?s ?p ?o }"
    found = ask(corpus.store, text)
    assert isinstance(found, Answer)
    assert found.rows == ((Literal(corpus.manifest.triples["https://w3id.org/exo-onto/graph/claims"]),),)


def test_ask_and_construct_are_answered_too(corpus: Snapshot) -> None:
    yes = ask(corpus.store, "ASK { ?s ?p ?o }")
    assert isinstance(yes, Answer)
    assert yes.rows == ((Literal(value=True),),)
    graph = ask(corpus.store, "CONSTRUCT { ?s a ?t } WHERE { ?s a ?t } LIMIT 1")
    assert isinstance(graph, AnswerGraph)
    assert graph.turtle


@pytest.mark.parametrize(
    ("head", "titles"),
    [
        ("# title: One", {"en": "One", "zh": "One"}),
        ("# title@en: One", {"en": "One", "zh": "One"}),
        ("# title@zh: 一", {"en": "一", "zh": "一"}),
        ("# title@zh: 一\n# title@en: One", {"en": "One", "zh": "一"}),
    ],
)
def test_a_title_in_one_language_serves_both(head: str, titles: dict[str, str]) -> None:
    text = f"{head}\n# question@en: q?\n# question@zh: q？\n# keywords: k\nASK {{}}"
    assert parse_question("x", text).titles == titles


def test_a_question_without_a_title_is_refused() -> None:
    with pytest.raises(QuestionError, match=r"The question x has no `# title@en:`"):
        parse_question("x", "# question@en: q?\n# question@zh: q？\n# keywords: k\nASK {}")


def test_a_question_without_its_header_is_refused() -> None:
    with pytest.raises(QuestionError, match=r"The question x has no `# keywords:`"):
        parse_question("x", "# title: x\nSELECT * WHERE { ?s ?p ?o }")
