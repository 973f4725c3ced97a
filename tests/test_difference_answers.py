"""Tests of difference.answers: which rows of an answer are on one side only."""

from pathlib import Path

from differing import LOWERS, compared, small


def test_a_row_more_is_told_with_what_the_question_is_about(tmp_path: Path) -> None:
    before, after = small(tmp_path / "a"), small(tmp_path / "b", more=LOWERS)
    (found,) = compared(before, after).answers
    assert (found.name, found.title, found.conflict) == ("who", "Who shows what", True)
    assert found.gained == (("a", "relief of pain"),)
    assert found.lost == ()
    (back,) = compared(after, before).answers
    assert (back.gained, back.lost) == ((), found.gained)


def test_equal_answers_are_not_told(tmp_path: Path) -> None:
    assert compared(small(tmp_path / "a"), small(tmp_path / "b")).answers == ()


def test_a_question_that_cannot_be_answered_is_told_and_the_others_go_on(tmp_path: Path) -> None:
    before, after = small(tmp_path / "a"), small(tmp_path / "b", more=LOWERS)
    header = "".join(f"# {each}: x\n" for each in ("title", "question@en", "question@zh", "keywords"))
    (after / "queries" / "bad.rq").write_text(f"{header}SELECT nonsense", "utf-8")
    bad, who = compared(before, after).answers
    assert "cannot be understood" in bad.refused
    assert who.gained


def test_a_question_for_proofs_is_left_out(tmp_path: Path) -> None:
    before, after = small(tmp_path / "a"), small(tmp_path / "b", more=LOWERS)
    path = after / "queries" / "who.rq"
    text = path.read_text("utf-8").replace("SELECT", "PREFIX graph: <https://w3id.org/exo-onto/graph/>\nSELECT")
    path.write_text(text.replace("{ ?study", "{ GRAPH graph:justifications { ?a ?b ?c } ?study"), "utf-8")
    assert compared(before, after).answers == ()
