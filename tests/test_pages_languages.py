"""The language of a page, and that every sentence is there in each."""

import re
import string
import tomllib
from collections.abc import Iterator

import pytest
from conftest import REPOSITORY
from pyoxigraph import Literal

from exo_onto.pages.languages import LANGUAGES, MissingWordsError, Words, chosen, standard
from exo_onto.snapshot import Snapshot
from exo_onto.vocabulary import RDFS_LABEL, expand

FOLDER = REPOSITORY / "exo_onto" / "pages"
SENTENCES = {
    f"{page}.{name}": said
    for page, sentences in tomllib.loads((FOLDER / "words.toml").read_text("utf-8")).items()
    for name, said in sentences.items()
}


@pytest.mark.parametrize(
    ("told", "kept", "accepted", "expected"),
    [
        (None, None, None, "en"),
        (None, None, "zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        (None, None, "en-GB,en;q=0.9,zh;q=0.8", "en"),
        (None, None, "de,fr;q=0.9", "en"),
        (None, None, "de,zh-Hant;q=0.1", "zh"),
        (None, None, "zh;q=0, en;q=0.1", "en"),
        (None, None, "ZH", "zh"),
        (None, None, "*", "en"),
        (None, None, "zh;q=nonsense", "en"),
        (None, "zh", "en", "zh"),
        ("en", "zh", "zh", "en"),
        ("xx", "<script>", "zh", "zh"),
    ],
)
def test_the_switch_wins_over_the_cookie_and_the_cookie_over_the_browser(
    told: str | None, kept: str | None, accepted: str | None, expected: str
) -> None:
    assert chosen(told, kept, accepted) == expected


@pytest.mark.parametrize("key", SENTENCES)
def test_a_sentence_is_there_in_both_languages_with_the_same_gaps(key: str) -> None:
    said = SENTENCES[key]
    assert set(said) == set(LANGUAGES)
    assert all(said.values())
    gaps = [{gap for _, gap, _, _ in string.Formatter().parse(text) if gap} for text in said.values()]
    assert gaps[0] == gaps[1]
    if not key.startswith(("nav.", "site.name", "standard.", "ground.place")):
        assert re.search(r"[\u4e00-\u9fff]", said["zh"]), said["zh"]


def asked_for() -> Iterator[tuple[str, str]]:
    for path in sorted((FOLDER / "templates").iterdir()):
        for key in re.findall(r"\bt\('([\w.]+)'[,)]", path.read_text("utf-8")):
            yield path.name, key


def test_every_sentence_that_a_template_asks_for_is_there() -> None:
    asked = list(asked_for())
    assert len(asked) > 80
    assert [(name, key) for name, key in asked if key not in SENTENCES] == []


def test_words_fill_gaps_and_refuse_what_is_not_there() -> None:
    assert Words("en")("search.number", number=3) == "Found: 3"
    assert Words("zh")("search.number", number=3) == "找到 3 条"
    with pytest.raises(MissingWordsError):
        Words("en")("search.nothing")


def test_a_standard_term_has_a_name_in_both() -> None:
    assert (standard("rdf:type", "en"), standard("rdf:type", "zh")) == ("is a", "类别")
    assert standard("GO:0006915", "zh") == ""


def test_what_is_borrowed_has_a_chinese_name_and_in_english_its_own() -> None:
    assert standard("GO:0009987", "zh") == "细胞过程"
    assert standard("GO:0009987", "en") == ""


def test_a_borrowed_name_is_that_of_a_term_that_the_graph_does_not_name_in_chinese(corpus: Snapshot) -> None:
    labels = {(each.subject, each.object) for each in corpus.store.quads_for_pattern(None, RDFS_LABEL, None)}
    chinese = {subject for subject, label in labels if isinstance(label, Literal) and label.language == "zh"}
    told = tomllib.loads((FOLDER / "borrowed.toml").read_text("utf-8"))
    terms = {expand(f"{prefix}:{local}") for prefix, names in told.items() for local in names}
    assert terms <= {subject for subject, _ in labels} - chinese


def test_every_definition_of_the_corpus_is_in_both_languages(corpus: Snapshot) -> None:
    found: dict[object, set[str | None]] = {}
    for quad in corpus.store.quads_for_pattern(None, expand("IAO:0000115"), None):
        assert isinstance(quad.object, Literal)
        found.setdefault(quad.subject, set()).add(quad.object.language)
    assert found
    assert not {subject for subject, said in found.items() if said != {"en", "zh"}}


def test_a_place_of_the_review_is_told_in_both_languages_and_a_number_as_it_is() -> None:
    assert [Words(language).place("Table 1") for language in ("en", "zh")] == ["Table 1", "表 1"]
    assert Words("zh").place("3.1") == "3.1"
