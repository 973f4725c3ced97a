"""Tests of difference.compare: what changed is parted by what it is, and what is wrong by when it became so."""

from pathlib import Path

from conftest import REPOSITORY, quiet
from differing import CLAIM, HEADER, LOWERS, ONTOLOGY, PREFIXES, SHAPES, SOURCE, STUDY, committed, compared, small
from pyoxigraph import NamedNode

from exo_onto import pipeline
from exo_onto.difference.changes import How
from exo_onto.expressions import Pattern
from exo_onto.vocabulary import compact

WRONG = "activity:a-pain a ex:Up .\n"


def test_nothing_differs_from_itself(tmp_path: Path) -> None:
    found = compared(small(tmp_path / "a", more=LOWERS + SOURCE), small(tmp_path / "b", more=SOURCE + LOWERS))
    assert found.empty
    assert not found.new_wrong.wrong


def test_what_changed_is_parted_into_terms_studies_claims_shapes_and_others(tmp_path: Path) -> None:
    before = small(tmp_path / "a")
    after = small(
        tmp_path / "b",
        more=LOWERS,
        ontology=ONTOLOGY.replace('"increase"', '"rise"'),
        claims=CLAIM.replace("ex:Relief", "ex:Joy"),
    )
    (after / "shapes" / "study.ttl").write_text(PREFIXES + SHAPES.replace("has a label", "is labelled"), "utf-8")
    (after / "instances" / "more.ttl").write_text(f'{PREFIXES}ex:gene a ex:Gene ; rdfs:label "g" .\n', "utf-8")
    found = compared(before, after)
    assert [each.name for each in found.terms] == ["https://example.org/Up"]
    assert [each.name for each in found.claims] == ["https://example.org/claim/one"]
    assert [(group.name, group.how) for group in found.studies] == [("https://example.org/study/a", How.CHANGED)]
    assert [each.name for each in found.studies[0].things] == ["https://example.org/activity/a-drug"]
    assert [each.name for each in found.others] == ["https://example.org/gene"]
    assert found.shapes is not None
    assert [each.name for each in found.shapes] == ["https://example.org/StudyShape"]


def test_a_study_more_is_one_group_and_its_own_conclusions_come_first(tmp_path: Path) -> None:
    before = small(tmp_path / "a")
    after = small(tmp_path / "b")
    text = (STUDY + LOWERS).replace("study:a", "study:b").replace(":a-", ":b-").replace("Study A", "Study B")
    (after / "instances" / "studies" / "b.ttl").write_text(PREFIXES + text, "utf-8")
    (group,) = compared(before, after).studies
    assert (group.label, group.how) == ("Study B", How.ADDED)
    assert all("/b" in each.name for each in group.things)
    assert group.conclusions[0].fact.subject == NamedNode("https://example.org/study/b")
    (gone,) = compared(after, before).studies
    assert gone.how is How.REMOVED


def test_a_contradiction_is_new_with_the_proofs_of_both_sides_or_gone(tmp_path: Path) -> None:
    before, after = small(tmp_path / "a", more=LOWERS), small(tmp_path / "b", more=LOWERS + WRONG)
    found = compared(before, after)
    ((diagnostic, why),) = found.new_wrong.contradictions
    assert found.new_wrong.wrong
    assert diagnostic.place
    assert "would be both 'decrease' and 'increase'" in diagnostic.what
    assert why is not None
    assert {str(proof.fact.object).rpartition("/")[2] for proof in why.proofs} == {"Up>", "Down>"}
    back = compared(after, before)
    assert not back.new_wrong.wrong
    assert len(back.gone_wrong.contradictions) == 1


def test_what_was_wrong_before_is_not_new_though_its_line_moved(tmp_path: Path) -> None:
    nameless = STUDY.replace('rdfs:label "Study A"@en , "研究甲"@zh ; ', "")
    before, after = small(tmp_path / "a", study=nameless), small(tmp_path / "b", study="\n\n" + nameless)
    assert compared(before, after).empty
    found = compared(small(tmp_path / "c"), after)
    (told,) = found.new_wrong.diagnostics
    assert told.what == "study:a: A study has a label."


def test_a_snapshot_has_no_shapes_to_compare_and_its_studies_are_known_by_name(tmp_path: Path) -> None:
    home = small(tmp_path)
    assert pipeline.build(home, progress=quiet).name
    small(home, more=LOWERS)
    found = compared("current", home, root=home)
    assert found.shapes is None
    assert [group.name for group in found.studies] == ["https://example.org/study/a"]
    assert any(each.fact.predicate.value.endswith("/demonstrates") for each in found.studies[0].conclusions)


def test_where_a_statement_stands_and_what_is_noted_of_it_is_known(tmp_path: Path) -> None:
    before, after = small(tmp_path / "a"), small(tmp_path / "b", more=LOWERS + SOURCE)
    found = compared(before, after)
    drug, lowers, pain = (
        NamedNode(f"https://example.org/{name}") for name in ("activity/a-drug", "lowers", "activity/a-pain")
    )
    grounds = found.grounds(Pattern(drug, lowers, pain), How.ADDED)
    assert str(grounds.place) == "instances/studies/a.ttl:13"
    assert ("ex:certainty", "stated") in grounds.notes


def test_two_files_of_turtle_are_compared_without_a_root(tmp_path: Path) -> None:
    texts = (PREFIXES + HEADER + ONTOLOGY + STUDY, PREFIXES + HEADER + ONTOLOGY + STUDY + LOWERS)
    paths = [tmp_path / f"{number}.ttl" for number in range(2)]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text, "utf-8")
    found = compared(*paths)
    assert [group.label for group in found.studies] == ["Study A"]
    assert found.terms == ()
    assert found.studies[0].conclusions


def test_labels_come_in_either_language(tmp_path: Path) -> None:
    found = compared(small(tmp_path / "a"), small(tmp_path / "b", more=LOWERS), language="zh")
    assert found.studies[0].label == "研究甲"


def test_the_corpus_of_this_repository_is_compared_with_a_commit_of_it(copied: Path) -> None:
    committed(copied)
    path = copied / "instances" / "studies" / "xing-hy-2021.ttl"
    old = "exonto:affects activity:xing-hy-2021-matrix-metalloproteinase ."
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, old.replace("affects", "decreases")), "utf-8")
    found = compared("HEAD", copied, root=copied)
    (group,) = found.studies
    first = group.conclusions[0]
    assert compact(group.name) == "study:xing-hy-2021"
    assert found.wording.fact(first.fact).startswith("Xing HY et al. 2021 'predicts mechanism'")
    assert next(found.wording.fact(cause) for cause in first.causes).endswith(
        "'decreases' matrix metalloproteinases (Xing HY et al. 2021)"
    )
    assert {each.name for each in found.answers} == {"causal-paths", "unsigned-relations"}
    assert (REPOSITORY / "queries" / "contested.rq").read_text("utf-8").count("conflict") == 1
