"""Tests of inspection: anybody's files are looked at as a whole, placed, graded, and held against a baseline."""

import csv
import io
import json
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest
from conftest import REPOSITORY, quiet
from examining import HEAD, inspected, laid, parse_xml
from typer.testing import CliRunner, Result

from exo_onto.cli import app
from exo_onto.diagnose import Diagnostic
from exo_onto.judge import Progress
from exo_onto.places import Place
from exo_onto.quality import baseline, inspection
from exo_onto.quality.inspection import Examined
from exo_onto.quality.levels import FailOn, Level, Shown
from exo_onto.quality.project import Flags, ProjectError, Wanted, find
from exo_onto.validate import Severity

RUN = CliRunner()
REFERENCE = REPOSITORY.parent / "shared" / "reference"
beside = pytest.mark.skipif(not REFERENCE.is_dir(), reason="the reference files are not beside the checkout")

ONTOLOGY = HEAD + 'ex:Disc a owl:Class ; rdfs:label "disc "@en .\n'
PEOPLE = {
    "shapes.ttl": HEAD
    + """
ex:PersonShape a sh:NodeShape ;
    sh:targetClass ex:Person ;
    sh:property [ sh:path ex:ssn ; sh:maxCount 1 ; sh:datatype xsd:string ; sh:pattern "^\\\\d{3}-\\\\d{2}-\\\\d{4}$" ] ;
    sh:property [ sh:path ex:worksFor ; sh:class ex:Company ; sh:nodeKind sh:IRI ] ;
    sh:closed true ;
    sh:ignoredProperties ( <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> ) .
""",
    "data.ttl": HEAD
    + """
ex:Alice a ex:Person ; ex:ssn "987-65-432A" .
ex:Bob a ex:Person ; ex:ssn "123-45-6789" , "124-35-6789" .
ex:Calvin a ex:Person ; ex:birthDate "1971-07-07"^^xsd:date ; ex:worksFor ex:UntypedCompany .
""",
}
"""The example of section 1.4 of SHACL, which pySHACL begins with too."""


def codes(found: Iterable[Diagnostic]) -> set[str]:
    return {each.code for each in found}


def call(*arguments: str | Path) -> Result:
    return RUN.invoke(app, ["check", *map(str, arguments)])


def test_data_and_shapes_alone_are_checked_as_pyshacl_does(tmp_path: Path) -> None:
    found = inspected(laid(tmp_path, PEOPLE), Wanted(referees=True))
    assert {(each.code, each.what.split(":")[0], each.place and each.place.line) for each in found.diagnostics} == {
        ("sh:PatternConstraintComponent", "http", 9),
        ("sh:MaxCountConstraintComponent", "http", 10),
        ("sh:ClassConstraintComponent", "http", 11),
        ("sh:ClosedConstraintComponent", "http", 11),
    }
    assert len(found.failing) == 4
    assert "referees" in found.judgement.seconds


def test_an_ontology_alone_is_checked(tmp_path: Path) -> None:
    found = inspected(laid(tmp_path, {"ontology.ttl": ONTOLOGY}), Wanted())
    assert codes(found.diagnostics) == {"label-whitespace", "missing-definition", "missing-header"}
    assert {(each.code == "missing-header", str(each.place)) for each in found.diagnostics} == {
        (True, "ontology.ttl:1"),
        (False, "ontology.ttl:8"),
    }
    assert codes(found.failing) == {"label-whitespace"}
    assert [each.severity for each in found.diagnostics] == sorted(
        (e.severity for e in found.diagnostics), reverse=True
    )


def test_terms_of_imports_are_not_judged(tmp_path: Path) -> None:
    imported = HEAD + 'ex:Old a owl:Class ; rdfs:label "old "@en ; owl:deprecated true .\n'
    used = HEAD + 'ex:Disc a owl:Class ; rdfs:label "disc"@en ; rdfs:subClassOf ex:Old .\n'
    found = inspected(laid(tmp_path, {"ontology.ttl": used, "imports.ttl": imported}), Wanted(fail_on=FailOn.NEVER))
    assert codes(found.diagnostics) == {"deprecated-reference", "missing-definition", "missing-header"}
    assert found.failing == ()


def test_what_is_ignored_is_not_looked_for(tmp_path: Path) -> None:
    severity = {"missing-*": Level.IGNORE, "label-whitespace": Level.INFO}
    root = laid(tmp_path, {"ontology.ttl": ONTOLOGY})
    assert inspected(root, Wanted(severity=severity)).diagnostics == ()
    (told,) = inspected(root, Wanted(severity=severity, shown=Shown.INFO, fail_on=FailOn.INFO)).failing[:1]
    assert (told.code, told.severity) == ("label-whitespace", Severity.INFO)


def test_a_file_that_cannot_be_read_fails_whatever_the_settings_say(tmp_path: Path) -> None:
    root = laid(tmp_path, {"ontology.ttl": "nonsense", "data.nt": "<a", "shapes.ttl": ""})
    found = inspected(root, Wanted(severity={"*": Level.IGNORE}))
    assert codes(found.failing) == {"syntax"}
    assert {each.place.file for each in found.failing if each.place} == {"data.nt"}
    assert {each.place.file for each in inspected(laid(tmp_path, {"data.nt": ""})).failing if each.place} == {
        "ontology.ttl"
    }


def test_axioms_outside_rl_are_warned_of_once_for_each_construct_and_the_rest_is_reasoned_over(tmp_path: Path) -> None:
    some = "rdfs:subClassOf [ a owl:Restriction ; owl:onProperty ex:p ; owl:someValuesFrom ex:B ]"
    axioms = "".join(f"ex:A{number} a owl:Class ; {some} .\n" for number in range(5))
    clash = "ex:p a owl:ObjectProperty . ex:B a owl:Class ; owl:disjointWith ex:A1 . ex:x a ex:A1 , ex:B .\n"
    found = inspected(laid(tmp_path, {"ontology.ttl": HEAD + axioms + clash}), Wanted())
    (told,) = (each for each in found.diagnostics if each.code == "uncompiled")
    assert told.severity is Severity.WARNING
    assert "5 axioms use owl:someValuesFrom as a consequence" in told.what
    assert "A0" in told.what
    assert str(told.place) == "ontology.ttl:8"
    assert "contradiction" in codes(found.failing)


def test_a_baseline_keeps_what_was_there_and_tells_what_is_new(tmp_path: Path) -> None:
    root = laid(tmp_path, {"ontology.ttl": ONTOLOGY})
    before = inspected(root, Wanted())
    known = baseline.read(baseline.write(before.everything))
    moved = laid(
        tmp_path, {"ontology.ttl": "# a line more\n" + ONTOLOGY + 'ex:Cell a owl:Class ; rdfs:comment "x" .\n'}
    )
    after = inspected(moved, Wanted(), known)
    assert codes(after.diagnostics) == {"missing-label", "missing-definition"}
    assert {each.place.line for each in after.diagnostics if each.place} == {10}
    assert (after.known, after.gone) == (3, 0)
    assert codes(after.failing) == {"missing-label"}


def test_an_examiner_adds_what_it_finds_with_severity_and_place(tmp_path: Path) -> None:
    def links(examined: Examined, progress: Progress) -> list[Diagnostic]:
        progress("links")
        assert len(examined.store)
        return [Diagnostic("link-gone", Severity.INFO, f"{examined.project.root.name}: it is gone.")]

    laid(tmp_path, {"ontology.ttl": ONTOLOGY})
    project = find(
        tmp_path,
        Flags((tmp_path / "ontology.ttl",)),
        Wanted(severity={"link-gone": Level.ERROR}),
        exactly=True,
    )
    found = inspection.inspect(project, examiners=(links,), progress=quiet)
    (told,) = (each for each in found.failing if each.code == "link-gone")
    assert told.place == Place("ontology.ttl", 1)


def test_questions_and_answers_are_told_by_their_files_wherever_they_are(tmp_path: Path) -> None:
    query = "SELECT ?class WHERE { ?class a <http://www.w3.org/2002/07/owl#Class> }"
    settings = 'ontology = ["ontology.ttl"]\nqueries = "a/queries"\nexpected = "b/answers"\n'
    answers = {"b/answers/one.csv": "class\nhttp://example.org/Disc\n", "b/answers/two.csv": "class\n"}
    files = {"exo-onto.toml": settings, "ontology.ttl": ONTOLOGY, **answers, "b/answers/five.csv": "x\n"}
    texts = {f"a/queries/{name}.rq": text for name, text in (("one", query), ("two", query), ("three", query))}
    found = inspected(laid(tmp_path, {**files, **texts, "a/queries/four.rq": "SELECT"}), Wanted(shown=Shown.INFO))
    told = {(each.code, str(each.place)) for each in found.diagnostics if each.place and "/" in each.place.file}
    assert told == {
        ("answer", "b/answers/two.csv:1"),
        ("unanswered", "a/queries/three.rq:1"),
        ("question", "a/queries/four.rq:1:7"),
        ("orphaned-answer", "b/answers/five.csv:1"),
    }
    assert found.judgement.answered == 2


def test_a_baseline_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="cannot be read"):
        inspection.known_to(tmp_path / "none.json")
    (tmp_path / "a.json").write_text("{}", "utf-8")
    with pytest.raises(ProjectError, match="no baseline"):
        inspection.known_to(tmp_path / "a.json")


def test_people_are_shown_the_first_of_each_code() -> None:
    many = [Diagnostic("a", Severity.INFO, str(number)) for number in range(5)] + [Diagnostic("b", Severity.INFO, "")]
    shown, more = inspection.first_of_each(many, 2)
    assert [each.code for each in shown] == ["a", "a", "b"]
    assert more == {"a": 3}


def test_the_command_writes_every_format(tmp_path: Path) -> None:
    root = laid(tmp_path, PEOPLE)
    files = ("--instances", root / "data.ttl", "--shapes", root / "shapes.ttl")
    done = {form: call(*files, "--format", form) for form in ("csv", "json", "sarif", "junit", "github", "table")}
    assert {result.exit_code for result in done.values()} == {1}
    assert len(list(csv.DictReader(io.StringIO(done["csv"].stdout)))) == 4
    assert len(json.loads(done["json"].stdout)) == 4
    assert len(json.loads(done["sarif"].stdout)["runs"][0]["results"]) == 4
    assert parse_xml(done["junit"].stdout).get("failures") == "4"
    assert done["github"].stdout.count("::error file=") == 4
    assert "data.ttl:9: violation [sh:PatternConstraintComponent]" in done["table"].stdout
    assert "Not sound: 4 to mend." in done["table"].stdout


def test_the_command_takes_and_writes_a_baseline(tmp_path: Path) -> None:
    root = laid(tmp_path, PEOPLE)
    files = ("--instances", root / "data.ttl", "--shapes", root / "shapes.ttl", "--baseline", root / "known.json")
    refused = call(*files)
    assert refused.exit_code == 2
    assert "--write-baseline writes one" in refused.output
    written = call(*files, "--write-baseline")
    assert written.exit_code == 0
    assert "4 findings known from now on" in written.stdout
    done = call(*files)
    assert done.exit_code == 0
    assert "4 known to the baseline." in done.stdout
    assert call(*files[:4], "--write-baseline").exit_code == 2


def test_the_command_fails_from_the_severity_that_it_is_told(tmp_path: Path) -> None:
    text = HEAD + 'ex:Disc a owl:Class ; rdfs:label "disc"@en .\n'
    file = laid(tmp_path, {"ontology.ttl": text}) / "ontology.ttl"
    assert call("--ontology", file).exit_code == 0
    done = call("--ontology", file, "--fail-on", "warning")
    assert done.exit_code == 1
    assert "below an error count too" in done.stdout
    assert call("--ontology", file, "--fail-on", "never").exit_code == 0
    profile = laid(tmp_path, {"p.toml": 'severity = { "missing-*" = "error" }\n'}) / "p.toml"
    assert call("--ontology", file, "--profile", profile).exit_code == 1


def test_the_command_explains_a_code() -> None:
    done = call("--explain", "missing-label")
    assert done.exit_code == 0
    assert done.stdout.startswith("# missing-label: A term has no label\n")
    wrong = call("--explain", "mising-label")
    assert wrong.exit_code == 2
    assert "Did you mean missing-label" in wrong.output
    shape = call("--explain", "shape:Study", "--root", REPOSITORY)
    assert "exactly one reference" in shape.stdout


def test_the_command_lists_all_codes(tmp_path: Path) -> None:
    listed = list(csv.DictReader(io.StringIO(call("--list-codes", "--format", "csv", "--root", REPOSITORY).stdout)))
    severities = {each["code"]: each["severity"] for each in listed}
    assert severities["missing-label"] == "error"
    assert severities["uncompiled"] == "error; warning elsewhere"
    assert severities["shape:Study"] == "as its shape says"
    assert "missing-label" in call("--list-codes", "--root", tmp_path).stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--ontology", "none.ttl"), "There is no file or folder none.ttl."),
        (("--root", "none"), "There is no folder none."),
        (("--root", "/"), "Or name files with --ontology, --shapes and --instances"),
        (("--store", "http://127.0.0.1:9/query", "--list-codes"), "leave the files"),
    ],
)
def test_a_wrong_call_is_refused_in_a_sentence(arguments: tuple[str, ...], says: str) -> None:
    done = call(*arguments)
    assert done.exit_code == 2
    assert says in done.output.replace("\n", " ")


def test_explain_takes_a_code_or_none(tmp_path: Path) -> None:
    text = HEAD + "ex:A a owl:Class ; owl:disjointWith ex:B . ex:B a owl:Class . ex:x a ex:A , ex:B .\n"
    file = laid(tmp_path, {"ontology.ttl": text}) / "ontology.ttl"
    for arguments in (("--ontology", file, "--explain"), ("--explain", "--ontology", file)):
        done = call(*arguments)
        assert done.exit_code == 1
        assert "contradiction" in done.stdout
        assert "cax-dw" in done.stdout or "exclude" in done.stdout


@beside
@pytest.mark.parametrize(
    ("name", "namespace", "expected"),
    [
        ("ro.owl.gz", "RO:", {"missing-definition", "lowercase-definition", "uncompiled", "missing-obsolete-label"}),
        ("so.obo.gz", "SO:", {"duplicate-definition", "duplicate-exact-synonym", "missing-licence", "left-out"}),
        ("eco.obo.gz", "ECO:", {"duplicate-exact-synonym", "deprecated-in-hierarchy", "uncompiled"}),
        ("obi.obo.gz", "OBI:", {"label-whitespace", "annotation-whitespace", "deprecated-in-hierarchy"}),
        ("cl-edit.owl.gz", "CL:", {"missing-definition", "missing-version-iri", "uncompiled"}),
    ],
)
def test_public_ontologies_are_checked_to_the_end(name: str, namespace: str, expected: set[str]) -> None:
    project = find(
        REFERENCE, Flags((REFERENCE / name,)), Wanted(namespaces=(namespace,), shown=Shown.INFO), exactly=True
    )
    found = inspection.inspect(project, progress=quiet)
    assert expected <= codes(found.diagnostics)
    assert not {"contradiction", "incoherent", "syntax"} & codes(found.diagnostics)
    for each in found.diagnostics:
        assert each.place
        assert (each.place.file, each.place.line is not None) == (name, True)
    placed = [each for each in found.diagnostics if each.place and each.place.line and each.place.line > 1]
    assert len(placed) > 0.9 * len(found.diagnostics)


@beside
def test_a_finding_in_a_public_ontology_stands_on_the_line_that_is_told() -> None:
    project = find(REFERENCE, Flags((REFERENCE / "obi.obo.gz",)), Wanted(namespaces=("OBI:",)), exactly=True)
    found = inspection.inspect(project, progress=quiet).diagnostics
    packed = subprocess.run(["gzip", "-dc", REFERENCE / "obi.obo.gz"], capture_output=True, check=True)
    rows = packed.stdout.decode().split("\n")
    spaces = [each for each in found if each.code == "label-whitespace"]
    assert spaces
    for each in spaces:
        assert each.place
        assert each.place.line
        assert rows[each.place.line - 1].startswith("name: ")
        assert "  " in rows[each.place.line - 1]
