"""Tests of the recipes in CONTRIBUTING.md: each is tried, done right and done wrong."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

from conftest import REPOSITORY, quiet
from pyoxigraph import Literal, Store

from exo_onto import judge, pipeline, snapshot
from exo_onto.check import check_questions
from exo_onto.questions import Answer, ask
from exo_onto.sources import read_sources

RECIPES = (REPOSITORY / "CONTRIBUTING.md").read_text("utf-8")


def codes(root: Path) -> set[str]:
    return {each.code for each in judge.judge(read_sources(root), progress=quiet).diagnostics}


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text("utf-8") + "\n" + text, "utf-8")


def test_the_recipes_are_those_of_knowledge_and_of_code() -> None:
    titles = re.findall(r"^## (.*)$", RECIPES, re.MULTILINE)
    assert titles == [
        "Add a term",
        "Add a shape",
        "Add a study",
        "Add a question",
        "Add an entity",
        "Add a check of quality",
        "Change a compiler",
        "Code",
    ]


def test_a_term_is_added_as_shown_and_missed_without_its_chinese_label(one_study: Callable[[str], Path]) -> None:
    root = one_study("lu-k-2017")
    block = re.search(r"```turtle\n(.*?)```", RECIPES, re.DOTALL)
    assert block is not None
    term = re.sub(r"^   ", "", block[1], flags=re.MULTILINE)
    theme = root / "ontology" / "process.ttl"
    before = theme.read_text("utf-8")
    append(theme, term)
    assert codes(root) == set()
    theme.write_text(before + "\n" + re.sub(r' , ".*?"@zh', "", term), "utf-8")
    assert codes(root) == {"shape:TermsAreDescribed"}


STUDY_31 = """reference:doe-j-2026
    a <http://purl.org/ontology/bibo/AcademicArticle> ;
    rdfs:label "Doe J et al. 2026"@en , "Doe J 等 2026"@zh ;
    dcterms:title "A made-up paper"@en ;
    exonto:authorLine "Doe J, et al." ;
    exonto:publicationYear 2026 ;
    exonto:referenceNumber 56 .
"""


def test_a_study_is_added_by_copying_one_and_the_reasoner_takes_it_up(one_study: Callable[[str], Path]) -> None:
    root = one_study("lu-k-2017")
    append(root / "instances" / "references.ttl", STUDY_31)
    like = (root / "instances" / "studies" / "lu-k-2017.ttl").read_text("utf-8")
    new = like.replace("lu-k-2017", "doe-j-2026").replace("Lu K", "Doe J").replace("2017", "2026")
    (root / "instances" / "studies" / "doe-j-2026.ttl").write_text(new, "utf-8")
    built = pipeline.build(root, progress=quiet)
    assert built.judgement.diagnostics == ()
    concordance = (REPOSITORY / "queries" / "concordance.rq").read_text("utf-8")
    answer = ask(snapshot.open_snapshot(root / "build").store, concordance)
    assert isinstance(answer, Answer)
    rows = {(row[0], row[2]) for row in answer.rows}
    assert (Literal(56), Literal("inferred-not-claimed")) in rows


def test_a_question_is_added_and_checked(published: Path, tmp_path: Path) -> None:
    folder = tmp_path / "queries"
    shutil.copytree(published / "queries", folder)
    judgement = judge.judge(read_sources(published), progress=quiet)
    good = (folder / "contested.rq").read_text("utf-8")
    (folder / "mine.rq").write_text(good, "utf-8")
    number = len(list(folder.glob("*.rq")))
    assert check_questions(folder, judgement.store or Store()) == (number, ())
    (folder / "mine.rq").write_text(good.replace("PREFIX rdfs:", "PREFIX rfds:"), "utf-8")
    answered, (fault,) = check_questions(folder, judgement.store or Store())
    assert answered == number - 1
    assert str(fault.place).startswith("queries/mine.rq")
    assert "`rdfs:` is not declared" in fault.what


GENE = """entity:casp3
    a exonto:GeneProduct ;
    rdfs:label "CASP3"@en , "胱天蛋白酶3"@zh ;
    skos:notation "CASP3" ;
    skos:closeMatch HGNC:1504 .
"""


def test_an_entity_is_added_and_missed_without_its_identifier(one_study: Callable[[str], Path]) -> None:
    root = one_study("lu-k-2017")
    genes = root / "instances" / "entities" / "genes.ttl"
    before = genes.read_text("utf-8")
    append(genes, GENE)
    assert codes(root) == set()
    genes.write_text(before + "\n" + GENE.replace(" ;\n    skos:closeMatch HGNC:1504", ""), "utf-8")
    assert codes(root) == {"shape:LinkedOrNot", "shape:GeneProduct"}
