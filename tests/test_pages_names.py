"""What things are called on a page."""

from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode
from reading import Browser

from exo_onto.pages.names import Name, Names, gathered, named
from exo_onto.vocabulary import PREFIXES

if TYPE_CHECKING:
    from exo_onto.pages.asking import Row

A, B = "http://ex/a", f"{PREFIXES['GO']}0006915"


def test_a_thing_is_called_by_its_label_in_the_language_or_in_another() -> None:
    known = {A: Name({"en": "cell", "zh": "细胞"}, "C"), B: Name({"en": "apoptosis"})}
    assert [Names(known, language)(A) for language in ("en", "zh")] == ["cell", "细胞"]
    assert Names(known, "zh")(B) == "apoptosis"
    assert (Names(known, "zh").language_of(B), Names(known, "zh").language_of(A)) == ("en", "")
    assert (Names(known, "en").short(A), Names(known, "en").short(B)) == ("C", "apoptosis")


def test_a_thing_without_a_label_is_called_by_its_curie_or_by_what_the_standard_is_called() -> None:
    assert Names({}, "zh")(B) == "GO:0006915"
    assert Names({}, "zh")(f"{PREFIXES['skos']}broader") == "上位概念"


def test_labels_and_notations_are_gathered() -> None:
    thing = NamedNode(A)
    rows: list[Row] = [
        {"thing": thing, "label": Literal("one", language="en")},
        {"thing": thing, "label": Literal("two", language="en")},
        {"thing": thing, "notation": Literal("N")},
        {"thing": NamedNode(B), "label": Literal("plain")},
    ]
    assert gathered(rows) == {A: Name({"en": "one"}, "N"), B: Name({"": "plain"})}


def test_names_are_looked_up(corpus_pages: Browser) -> None:
    visit = corpus_pages.visit(language="zh")
    names = corpus_pages.run(named(visit.asker, [B, f"{PREFIXES['entity']}mir-21"], "zh"))
    assert (names(B), names(f"{PREFIXES['entity']}mir-21")) == ("细胞凋亡", "miR-21")
    assert corpus_pages.run(named(visit.asker, [], "zh")).known == {}


def test_in_chinese_a_short_name_is_a_symbol_and_no_english_word() -> None:
    known = {
        "http://ex/a": Name({"zh": "活性氧", "en": "ROS"}, "reactive oxygen species"),
        "http://ex/b": Name({}, "miR-21"),
    }
    assert [Names(known, language).short("http://ex/a") for language in ("en", "zh")] == [
        "reactive oxygen species",
        "活性氧",
    ]
    assert [Names(known, language).short("http://ex/b") for language in ("en", "zh")] == ["miR-21", "miR-21"]
