"""Tests of what problem documents say in Chinese, and that nothing else is changed on its way."""

import ast
import json
import re
from pathlib import Path

import pytest
from serving import ASK, failure, get, send, served
from test_problems import KINDS

import exo_onto
from exo_onto import problems
from exo_onto.outcome import DeadlineError
from exo_onto.problems import problem
from exo_onto.settings import Settings
from exo_onto.translated import sentence, translated

HAN = re.compile(r"[\u4e00-\u9fff]")
CHINESE = {"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5"}


def test_every_kind_has_a_title_in_both_languages() -> None:
    titles = set()
    for kind in KINDS:
        document = problem(kind, "x").read()
        assert translated(document, "en") == document
        said = json.loads(translated(document, "zh"))
        assert said == {**json.loads(document), "title": said["title"]}
        assert HAN.search(said["title"])
        titles.add(said["title"])
    assert len(titles) == len(KINDS)


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("Exactly one `query` is needed; there are 2.", "需要且仅需要一个 `query`；现有 2 个。"),  # noqa: RUF001
        (
            "Line 1, column 7: The prefix `ex:` is not declared.\nASK {\n^",
            "第 1 行第 7 列：前缀 `ex:` 未声明。\nASK {\n^",
        ),
        ("The answer has more than 1,000 rows. Ask for less: LIMIT, or a narrower pattern.", None),
        ("A name with `service` in it before `{` may be read as SERVICE: put `.` between.", None),
        ("Nothing here has this address. The endpoint is at http://x/sparql.", None),
    ],
)
def test_a_sentence_is_told_with_what_is_in_its_gaps(english: str, chinese: str | None) -> None:
    told = sentence(english)
    assert HAN.search(told)
    assert not re.search(r"\{\w+\}", told)
    if chinese:
        assert told == chinese


def test_what_has_no_sentence_stays() -> None:
    assert sentence("Something of a parser.") == "Something of a parser."
    assert sentence("Line 2, column 1: expected {.\n{x}") == "第 2 行第 1 列：expected {.\n{x}"


@pytest.mark.parametrize("module", ["protocol", "downloads", "gate", "endpoint", "negotiation", "serve", "guard"])
def test_every_detail_that_code_writes_out_has_a_sentence(module: str) -> None:
    for said in _details(Path(exo_onto.__file__).parent / f"{module}.py"):
        assert HAN.search(sentence(said)), said


def _details(path: Path) -> list[str]:
    """Give the sentences that a module hands to what makes a problem, with a word in their gaps."""
    makes = {"problem", "refusal", "_problem", "Verdict"}
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        name = getattr(node.func, "id", getattr(node.func, "attr", "")) if isinstance(node, ast.Call) else ""
        if isinstance(node, ast.Call) and name in makes and len(node.args) > 1:
            found.append(_text(node.args[1]))
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple) and path.stem == "guard":
            found.append(_text(node.value.elts[-1]))
    return [each for each in found if " " in each and each != "gap."]


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(each) if isinstance(each, ast.Constant) else "gap" for each in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def test_a_problem_comes_in_the_language_that_is_accepted() -> None:
    english = send(served(), "GET", "/sparql", params={"query": "ASK {"})
    chinese = send(served(), "GET", "/sparql", params={"query": "ASK {"}, headers=CHINESE)
    assert failure(english) == failure(chinese) == (400, "syntax")
    assert english.headers["Content-Language"] == "en"
    assert chinese.headers["Content-Language"] == "zh-Hans"
    assert "Accept-Language" in english.headers["Vary"]
    assert (english.json()["title"], chinese.json()["title"]) == (problems.SYNTAX.title, "查询不符合 SPARQL 1.1 语法")
    assert chinese.json()["line"] == english.json()["line"]
    assert int(chinese.headers["Content-Length"]) == len(chinese.content)


@pytest.mark.parametrize(
    "path", ["/sparql?query=ASK", "/data?graph=http://ex/none", "/nothing", "/.well-known/void?format=x"]
)
def test_every_address_tells_its_problems_so(path: str) -> None:
    reply = send(served(), "GET", path, headers={**CHINESE, "Accept": "text/turtle"})
    assert reply.status_code >= 400
    assert reply.headers["Content-Language"] == "zh-Hans"
    assert HAN.search(reply.json()["title"])


def test_one_that_comes_late_or_too_often_is_told_so_too() -> None:
    late = send(served(outcome=DeadlineError()), "GET", "/sparql", params={"query": ASK}, headers=CHINESE)
    assert late.json()["detail"] == "查询已被终止。请缩小范围，或分次查询。"
    app = served(Settings(rate=1))
    often = [send(app, "GET", "/sparql", client="203.0.113.7", headers=CHINESE) for _ in range(2)][-1]
    assert (often.status_code, often.json()["title"]) == (429, "来自此地址的请求过多")


def test_head_has_no_body_and_no_length_of_another_language() -> None:
    reply = send(served(), "HEAD", "/sparql", params={"query": "ASK {"}, headers=CHINESE)
    assert (reply.status_code, reply.content) == (400, b"")
    assert reply.headers["Content-Language"] == "zh-Hans"
    assert "Content-Length" not in reply.headers


def test_an_answer_has_no_language() -> None:
    assert "Content-Language" not in get(served(), ASK).headers
    assert "Accept-Language" not in get(served(), ASK).headers.get("Vary", "")
