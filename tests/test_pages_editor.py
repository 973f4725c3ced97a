"""Tests of the SPARQL page's view: questions as the store tells them, limits, and what the script is given."""

import json

from pyoxigraph import Literal, NamedNode

from exo_onto.pages import editor
from exo_onto.pages.asking import Row
from exo_onto.pages.editor import SCRIPT_WORDS, Offered
from exo_onto.pages.languages import LANGUAGES, Words
from exo_onto.settings import Settings
from exo_onto.vocabulary import BASE, PREFIXES

EXAMPLES = "http://test/sparql/.well-known/sparql-examples/"
HOSTILE = "</script><script>alert(1)</script>"


def row(name: str, sentence: str, language: str, title: Literal | None = None) -> Row:
    return {
        "example": NamedNode(EXAMPLES + name),
        "title": title or Literal(f"Title of {name}", language="en"),
        "sentence": Literal(sentence, language=language),
        "text": Literal("ASK {}"),
    }


def test_a_question_is_offered_once_with_the_readers_sentence() -> None:
    rows = [row("a%20b", "One?", "en"), row("a%20b", "一？", "zh"), row("c", "二？", "zh"), row("c", "Two?", "en")]
    english = editor.offered(rows, "en")
    assert english == (
        Offered("a b", "Title of a%20b", "One?", "ASK {}"),
        Offered("c", "Title of c", "Two?", "ASK {}"),
    )
    assert [each.sentence for each in editor.offered(rows, "zh")] == ["一？", "二？"]


def test_a_question_has_its_title_in_the_readers_language_too() -> None:
    titles = (Literal("Title", language="en"), Literal("题名", language="zh"))
    rows = [row("c", sentence, of, each) for each in titles for sentence, of in (("二？", "zh"), ("Two?", "en"))]
    for given in (rows, rows[::-1]):
        assert editor.offered(given, "zh") == (Offered("c", "题名", "二？", "ASK {}"),)
        assert editor.offered(given, "en") == (Offered("c", "Title", "Two?", "ASK {}"),)


def test_a_question_without_a_sentence_in_the_readers_language_is_offered_in_another() -> None:
    assert editor.offered([row("c", "Two?", "en")], "zh")[0].sentence == "Two?"


def test_the_limits_are_those_of_the_settings() -> None:
    told = dict(editor.limits(Settings(timeout=2.5, max_rows=1_234, max_bytes=1_500_000, rate=90)))
    assert told == {"seconds": "2.5", "most_rows": "1,234", "megabytes": "1.5", "a_minute": "90"}
    for language in LANGUAGES:
        for name, number in told.items():
            assert number in Words(language)(f"query.{name}", number=number)


def test_the_script_is_told_all_it_needs_in_both_languages() -> None:
    questions = (Offered("c", HOSTILE, HOSTILE, HOSTILE),)
    for language in LANGUAGES:
        words = {name: Words(language)(f"query.{name}") for name in SCRIPT_WORDS}
        told = editor.data(questions, questions[0], words, language=language, root="/below")
        assert (told["endpoint"], told["root"], told["base"]) == ("/below/sparql", "/below/", BASE)
        assert told["prefixes"] == dict(PREFIXES)
        assert told["asked"] == "c"
        assert json.loads(json.dumps(told)) == told


def test_only_styles_are_granted_more_on_this_page() -> None:
    assert editor.policy("script-src 'self'; style-src 'self'; img-src 'self'") == (
        "script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self'"
    )
