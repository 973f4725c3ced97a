"""Tests of catalogue: where a question is found, and what values it is given."""

from pathlib import Path

import pytest
from pyoxigraph import Literal

from exo_onto import catalogue
from exo_onto.questions import QuestionError
from exo_onto.vocabulary import UnknownNameError, expand


def test_a_shipped_question_is_found_by_its_name_and_any_other_by_its_file(root: Path, tmp_path: Path) -> None:
    assert catalogue.find("contested", root).title == "Contested processes"
    file = tmp_path / "mine.rq"
    file.write_text("ASK {}")
    assert catalogue.find(str(file), root) == catalogue.Asked("ASK {}", None)
    with pytest.raises(QuestionError, match="Did you mean contested"):
        catalogue.find("contestd", root)


def test_a_root_without_questions_says_so(tmp_path: Path) -> None:
    with pytest.raises(QuestionError, match="no folder queries/"):
        catalogue.shipped(tmp_path)


def test_a_value_is_an_iri_where_it_has_a_prefix_and_else_a_text() -> None:
    given = catalogue.bindings(["term=GO:0012501", "name=x"])
    assert given == {"term": expand("GO:0012501"), "name": Literal("x")}
    with pytest.raises(QuestionError, match="NAME=VALUE"):
        catalogue.bindings(["term"])
    with pytest.raises(UnknownNameError):
        catalogue.bindings(["term=nope:x"])
