"""Tests of pipeline: what is sound is published, and whatever is wrong is told with file and line."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import REPOSITORY, quiet, text

from exo_onto import judge, pipeline, snapshot
from exo_onto.check import check
from exo_onto.diagnose import Diagnostic
from exo_onto.sources import read_sources
from exo_onto.validate import Severity
from exo_onto.vocabulary import BASE, GRAPH_INFERRED, GRAPH_JUSTIFICATIONS, RDF_TYPE

OneStudy = Callable[[str], Path]


def change(root: Path, path: str, old: str, new: str) -> None:
    """Replace the first occurrence."""
    file = root / path
    content = file.read_text("utf-8")
    assert old in content
    file.write_text(content.replace(old, new, 1), "utf-8")


def violations(root: Path) -> tuple[Diagnostic, ...]:
    judgement = check(root, progress=quiet)
    assert not judgement.sound
    return tuple(each for each in judgement.diagnostics if each.severity is Severity.VIOLATION)


STUDY = "instances/studies/zhu-lf-2020.ttl"


def test_the_whole_corpus_is_sound(root: Path) -> None:
    judgement = check(root, progress=quiet)
    assert judgement.sound, judgement.diagnostics
    assert judgement.diagnostics == ()
    assert len(judgement.store or ()) > 1000


def test_the_same_sources_are_built_once_and_named_alike(one_study: OneStudy) -> None:
    root = one_study("lu-k-2017")
    first = pipeline.build(root, progress=quiet)
    second = pipeline.build(root, progress=quiet)
    assert first.fresh
    assert not second.fresh
    assert first.name == second.name
    assert snapshot.open_snapshot(root / "build").manifest.triples[GRAPH_INFERRED.value] > 0


@dataclass(frozen=True)
class Mistake:
    path: str
    old: str
    new: str
    says: str
    code: str


MISTAKES = {
    "a required triple is missing": Mistake(
        STUDY,
        "    exonto:uses preparation:zhu-lf-2020 ;\n",
        "",
        "uses at least one exosome preparation",
        "shape:Treatment",
    ),
    "a property is misspelt": Mistake(
        STUDY,
        "    exonto:observedUnder treatment",
        "    exonto:observedUndre treatment",
        "exonto:observedUndre is used and nowhere declared",
        "shape:DeclaredNames",
    ),
    "the syntax is wrong": Mistake(STUDY, "    a exonto:Study ;", "    a exonto:Study", "Turtle syntax", "syntax"),
    "a reference number is used twice": Mistake(
        "instances/references.ttl",
        "exonto:referenceNumber 24 ;",
        "exonto:referenceNumber 23 ;",
        "borne by another reference",
        "shape:UniqueReference",
    ),
    "a prefix is unknown": Mistake(
        STUDY,
        "exonto:inducedBy stressor:",
        "exonto:inducedBy stresor:",
        "The prefix stresor: is not declared",
        "syntax",
    ),
    "provenance is missing": Mistake(
        STUDY,
        "    owl:annotatedProperty exonto:increases ;\n    owl:annotatedTarget activity:zhu-lf-2020-mapk-signalling-npc",
        "    owl:annotatedProperty exonto:decreases ;\n    owl:annotatedTarget activity:zhu-lf-2020-mapk-signalling-npc",
        "has no provenance",
        "shape:EdgeProvenance",
    ),
    "a mechanism is asserted": Mistake(
        STUDY,
        "    exonto:publishedAs",
        "    exonto:demonstrates mechanism:apoptosis-inhibition ;\n    exonto:publishedAs",
        "delete the assertion",
        "shape:MechanismsAreInferred",
    ),
}


TOLD_AT = {
    "a required triple is missing": "a exonto:Treatment ;",
    "a property is misspelt": "exonto:observedUndre",
    "the syntax is wrong": "rdfs:label",  # where the missing `;` is noticed
    "a reference number is used twice": "a bibo:AcademicArticle ;",
    "a prefix is unknown": "stresor:il-1b",
    "provenance is missing": "activity:zhu-lf-2020-mapk-signalling-npc",
    "a mechanism is asserted": "exonto:demonstrates mechanism:",
}
"""What stands in the line that is told."""


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_with_file_and_line_and_nothing_is_published(name: str, one_study: OneStudy) -> None:
    root = one_study("zhu-lf-2020")
    good = pipeline.build(root, progress=quiet)
    mistake = MISTAKES[name]
    if "mechanism:" in mistake.new:
        change(
            root, STUDY, "@prefix model:", "@prefix mechanism: <https://w3id.org/exo-onto/mechanism/> .\n@prefix model:"
        )
    change(root, mistake.path, mistake.old, mistake.new)
    bad = pipeline.build(root, progress=quiet)
    assert bad.name is None
    found = [each for each in bad.judgement.diagnostics if each.code == mistake.code]
    assert found, bad.judgement.diagnostics
    assert mistake.says in found[0].what
    place = found[0].place
    assert place is not None
    assert place.file == mistake.path
    assert place.line is not None
    assert TOLD_AT[name] in (root / place.file).read_text("utf-8").splitlines()[place.line - 1]
    assert snapshot.open_snapshot(root / "build").manifest.name == good.name


def test_a_misspelt_property_is_told_with_the_likely_spelling(one_study: OneStudy) -> None:
    root = one_study("zhu-lf-2020")
    change(root, STUDY, "exonto:setting exonto:InVitro", "exonto:setting exonto:InVitor")
    told = [each for each in violations(root) if each.code == "shape:DeclaredNames"]
    assert [each.remedy for each in told] == ["Did you mean exonto:InVitro?"]


def test_a_class_that_can_have_no_member_is_told(one_study: OneStudy) -> None:
    root = one_study("lu-k-2017")
    change(
        root,
        "ontology/study.ttl",
        "### Models and stressors",
        "exonto:Impossible\n    a owl:Class ;\n    rdfs:subClassOf exonto:Intervention , exonto:Stressor .\n\n### Models and stressors",
    )
    told = [each for each in violations(root) if each.code == "incoherent"]
    assert [each.what.split(" ")[2] for each in told] == ["exonto:Impossible"]
    assert str(told[0].place).startswith("ontology/study.ttl:")


def test_a_thing_of_two_kinds_that_exclude_each_other_is_told(one_study: OneStudy) -> None:
    root = one_study("lu-k-2017")
    change(
        root,
        "ontology/study.ttl",
        "    rdfs:subClassOf exonto:Intervention ;",
        "    rdfs:subClassOf exonto:Intervention , exonto:Stressor ;",
    )
    told = [each for each in violations(root) if each.code == "contradiction"]
    assert len(told) == 1
    assert "treatment:lu-k-2017" in told[0].what
    assert str(told[0].place).startswith("instances/studies/lu-k-2017.ttl:")


def test_a_shape_that_pyshacl_refuses_is_told_with_its_file(one_study: OneStudy) -> None:
    root = one_study("lu-k-2017")
    change(root, "shapes/causality.ttl", '"""SELECT $this ?path ?value', '"""SELEKT $this ?path ?value')
    told = [each for each in violations(root) if each.code == "shapes"]
    assert [str(each.place) for each in told] == ["shapes/causality.ttl"]


def test_a_contradiction_of_another_kind_is_traced_to_its_file(one_study: OneStudy) -> None:
    root = one_study("lu-k-2017")
    change(
        root,
        "instances/studies/lu-k-2017.ttl",
        "study:lu-k-2017\n    a exonto:Study ;",
        "study:lu-k-2017\n    a exonto:Study , [ a owl:Class ; owl:complementOf exonto:Study ] ;",
    )
    told = [each for each in violations(root) if each.code == "contradiction"]
    assert [each.place.file for each in told if each.place] == ["instances/studies/lu-k-2017.ttl"]


def test_the_strict_axioms_catch_an_edge_from_a_material(one_study: OneStudy) -> None:
    root = one_study("lu-k-2017")
    path = "instances/studies/lu-k-2017.ttl"
    change(
        root,
        path,
        "preparation:lu-k-2017\n",
        "preparation:lu-k-2017\n    exonto:affects activity:lu-k-2017-cell-proliferation-npc ;\n",
    )
    assert "strict" in {each.code for each in violations(root)}


def test_what_leaves_the_profile_is_told(one_study: OneStudy) -> None:
    root = one_study("lu-k-2017")
    change(
        root,
        "ontology/study.ttl",
        "    rdfs:subClassOf exonto:Intervention ;",
        "    rdfs:subClassOf exonto:Intervention , [ a owl:Restriction ; owl:onProperty exonto:uses ; owl:someValuesFrom exonto:ExosomePreparation ] ;",
    )
    assert {each.code for each in violations(root)} == {"profile", "uncompiled"}


### Every signed edge on a way to a reported outcome: flip it, and the story must not add up

SIGNED = {f"{BASE}{name}" for name in ("increases", "decreases", "delivers")}
FLIPPED = {"increases": "decreases", "delivers": "decreases", "decreases": "increases"}
REPORTED = {f"{BASE}ReportedIncrease", f"{BASE}ReportedDecrease"}
WITHOUT_WAY = {"chen-f-2024", "chen-d-2022", "hingert-d-2020", "su-kk-2024", "lu-k-2017"}


@dataclass(frozen=True)
class Edge:
    study: str
    source: str
    relation: str
    target: str

    def __str__(self) -> str:
        return f"{self.source.rpartition('/')[2]} {self.relation} {self.target.rpartition('/')[2]}"


def signed_edges() -> Iterator[Edge]:
    """Find the edges from which a reported outcome can be reached, among those that a treatment reaches."""
    read = read_sources(REPOSITORY)
    for file in (file for _, files in read.graphs for file in files if "/studies/" in file.path):
        edges = {
            (text(t.subject), t.predicate.value.rpartition("/")[2], text(t.object))
            for t in file.triples
            if t.predicate.value in SIGNED
        }
        starts = {source for source, _, _ in edges if "/treatment/" in source}
        ends = {text(t.subject) for t in file.triples if t.predicate == RDF_TYPE and text(t.object) in REPORTED}
        forward = reach(starts, edges)
        backward = reach(ends, {(target, relation, source) for source, relation, target in edges})
        for source, relation, target in sorted(edges):
            if source in forward and target in backward:
                yield Edge(Path(file.path).stem, source, relation, target)


def reach(starts: set[str], edges: set[tuple[str, str, str]]) -> set[str]:
    seen, todo = set(starts), list(starts)
    while todo:
        node = todo.pop()
        fresh = {target for source, _, target in edges if source == node} - seen
        seen |= fresh
        todo.extend(fresh)
    return seen


EDGES = tuple(signed_edges())


def test_every_study_but_those_told_in_the_curation_notes_has_a_signed_way() -> None:
    studies = {path.stem for path in (REPOSITORY / "instances" / "studies").glob("*.ttl")}
    assert len(studies) == 30
    assert studies - {edge.study for edge in EDGES} == WITHOUT_WAY
    section = (
        (REPOSITORY / "docs" / "curation.md")
        .read_text("utf-8")
        .split("## Studies without a signed path")[1]
        .split("\n## ")[0]
    )
    numbers = set(re.findall(r"^\| (\d+) \|", section, re.MULTILINE))
    references = (REPOSITORY / "instances" / "references.ttl").read_text("utf-8")
    pairs = re.findall(r"^reference:(\S+)\n(?:    .*\n)*?    exonto:referenceNumber (\d+)", references, re.MULTILINE)
    assert numbers == {dict(pairs)[slug] for slug in WITHOUT_WAY}


@pytest.mark.parametrize("edge", EDGES, ids=str)
def test_flipping_a_sign_is_caught_and_traced(edge: Edge, one_study: OneStudy) -> None:
    root = one_study(edge.study)
    path = f"instances/studies/{edge.study}.ttl"
    flip(root / path, edge)
    lighten(root)
    judgement = judge.judge(read_sources(root), progress=quiet)
    told = [each for each in judgement.diagnostics if each.code == "contradiction"]
    assert told, f"{edge} flipped, and nobody noticed"
    for each in told:
        assert each.what.startswith(f"In study {edge.study}, activity:{edge.study}-")
        assert "increased activity" in each.what
        assert each.place is not None
        assert each.place.file == path
        activity = re.search(r"activity:(\S+)", each.what)
        lines = (root / path).read_text("utf-8").splitlines()
        assert activity is not None
        assert f"activity:{activity[1]}" in "\n".join(lines[(each.place.line or 0) - 3 : each.place.line])


def lighten(root: Path) -> None:
    """Drop what bears on no sign, so that ninety runs of the reasoner take minutes: the shapes and the foreign classes."""
    for path in (*(root / "shapes").glob("*.ttl"), *(root / "ontology" / "imports").glob("*.ttl")):
        if path.stem not in {"bfo", "ro", "vocabularies", "mechanism"}:
            path.unlink()


def flip(path: Path, edge: Edge) -> None:
    """Turn the sign of an edge around where it is stated, and in its provenance."""
    text = path.read_text("utf-8")
    source, target = (f"{name.split('/')[-2]}:{name.split('/')[-1]}" for name in (edge.source, edge.target))
    block = re.search(rf"^{re.escape(source)}\n(?:    .*\n)+", text, re.MULTILINE)
    assert block is not None
    kept = re.sub(
        rf"    exonto:{edge.relation} ((?:.*\n)*?.*?) ([;.])\n",
        lambda found: without(found[1], found[2], edge.relation, target),
        block[0],
        count=1,
    )
    added = kept.replace("\n", f"\n    exonto:{FLIPPED[edge.relation]} {target} ;\n", 1)
    text = text.replace(block[0], added)
    annotated = (
        rf"(owl:annotatedSource {re.escape(source)} ;\s+owl:annotatedProperty exonto:){edge.relation}"
        rf"( ;\s+owl:annotatedTarget {re.escape(target)} ;)"
    )
    path.write_text(re.sub(annotated, rf"\g<1>{FLIPPED[edge.relation]}\g<2>", text), "utf-8")


def without(objects: str, end: str, relation: str, target: str) -> str:
    left = [name for name in re.split(r"\s*,\s*", objects.strip()) if name != target]
    if not left:
        return "" if end == ";" else '    exonto:curationNote "flipped"@en .\n'
    return f"    exonto:{relation} {' , '.join(left)} {end}\n"


def test_a_build_without_proofs_does_not_stand_for_one_with_them(one_study: Callable[[str], Path]) -> None:
    root = one_study("lu-k-2017")
    without = pipeline.build(root, justified=False, progress=quiet)
    told = pipeline.build(root, progress=quiet)
    assert told.fresh
    assert told.name != without.name
    assert snapshot.open_snapshot(root / "build").manifest.triples[GRAPH_JUSTIFICATIONS.value] > 0
