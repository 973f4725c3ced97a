"""Tests of project: what is to be checked is found by flags, by settings, by layout; and what is wrong is told."""

from pathlib import Path

import pytest
from examining import laid

from exo_onto.quality.levels import FailOn, Level, Shown
from exo_onto.quality.project import Flags, Project, ProjectError, Wanted, find
from exo_onto.sources import RootNotFoundError

FILES = {"src/a.ttl": "", "src/imports/b.owl": "", "src/README.md": "", "data/c.nt": "", "data/d.json": "", "s.ttl": ""}
SETTINGS = """
ontology = ["src"]
imports = ["src/imports"]
shapes = "s.ttl"
instances = ["data"]
"""
CHECK = """
[check]
fail-on = "warning"
show = "info"
languages = ["en"]
namespaces = ["SO:", "http://example.org/"]
referees = true
profiles = ["EL"]
baseline = "known.json"

[check.severity]
missing-label = "info"
"""


def found(root: Path, flags: Flags | None = None, wanted: Wanted | None = None) -> Project:
    return find(root, flags or Flags(), wanted or Wanted(), exactly=True)


def test_settings_say_which_files_are_what(tmp_path: Path) -> None:
    project = found(laid(tmp_path, {**FILES, "exo-onto.toml": SETTINGS + CHECK}))
    assert (project.ontology, project.imports) == (("src/a.ttl",), ("src/imports/b.owl",))
    assert (project.shapes, project.instances) == (("s.ttl",), ("data/c.nt",))
    assert not project.laid_out
    wanted = project.wanted
    assert (wanted.fail_on, wanted.shown, wanted.referees, wanted.profiles) == (
        FailOn.WARNING,
        Shown.INFO,
        True,
        ("EL",),
    )
    assert wanted.scope.namespaces == ("http://purl.obolibrary.org/obo/SO_", "http://example.org/")
    assert wanted.baseline == tmp_path / "known.json"
    levels = wanted.levels({"missing-label": Level.ERROR, "strict": Level.ERROR})
    assert (levels.of("missing-label"), levels.of("strict")) == (Level.INFO, Level.ERROR)


def test_settings_may_stand_in_pyproject(tmp_path: Path) -> None:
    table = f"[tool.exo-onto]\n{SETTINGS}\n[tool.exo-onto.check]\nfail-on = 'never'\n"
    project = found(laid(tmp_path, {**FILES, "pyproject.toml": table}))
    assert project.ontology == ("src/a.ttl",)
    assert project.wanted.fail_on is FailOn.NEVER


def test_settings_are_found_from_below(tmp_path: Path) -> None:
    laid(tmp_path, {**FILES, "exo-onto.toml": SETTINGS})
    assert find(tmp_path / "src" / "imports", Flags(), Wanted()).root == tmp_path


def test_flags_come_before_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    laid(tmp_path, {**FILES, "exo-onto.toml": SETTINGS + CHECK})
    monkeypatch.chdir(tmp_path)
    project = find(tmp_path, Flags(instances=(Path("data/d.json"),)), Wanted(FailOn.ERROR))
    assert (project.ontology, project.instances) == ((), ("data/d.json",))
    assert (project.wanted.fail_on, project.wanted.shown) == (FailOn.ERROR, Shown.INFO)


def test_a_profile_comes_between_settings_and_flags(tmp_path: Path) -> None:
    profile = 'fail-on = "info"\nshow = "error"\nseverity = { strict = "ignore" }\n'
    laid(tmp_path, {**FILES, "exo-onto.toml": SETTINGS + CHECK, "p.toml": profile})
    wanted = found(tmp_path, Flags(profile=tmp_path / "p.toml"), Wanted(FailOn.NEVER)).wanted
    assert (wanted.fail_on, wanted.shown) == (FailOn.NEVER, Shown.ERROR)
    assert wanted.severity == {"missing-label": Level.INFO, "strict": Level.IGNORE}
    laid(tmp_path, {"q.toml": "[tool.exo-onto.check]\nshow = 'warning'\n"})
    assert found(tmp_path, Flags(profile=tmp_path / "q.toml")).wanted.shown is Shown.WARNING


def test_the_layout_is_found_without_settings(tmp_path: Path) -> None:
    files = {f"{name}/a.ttl": "" for name in ("ontology", "shapes", "instances", "queries", "queries/expected")}
    project = found(laid(tmp_path, files))
    assert project.laid_out
    assert (project.queries, project.expected) == (tmp_path / "queries", tmp_path / "queries/expected")
    laid(tmp_path, {"exo-onto.toml": 'expected = "answers"\n[check]\nshow = "info"\n', "answers/a.csv": ""})
    project = found(tmp_path)
    assert project.laid_out
    assert (project.expected, project.wanted.shown) == (tmp_path / "answers", Shown.INFO)


def test_questions_are_taken_from_beside(tmp_path: Path) -> None:
    laid(tmp_path, {**FILES, "exo-onto.toml": SETTINGS, "queries/a.rq": "", "queries/expected/a.csv": ""})
    project = found(tmp_path)
    assert (project.queries, project.expected) == (tmp_path / "queries", tmp_path / "queries/expected")


def test_a_file_outside_the_root_is_told_by_its_whole_path(tmp_path: Path) -> None:
    laid(tmp_path, {"a/x.ttl": "", "b/exo-onto.toml": 'ontology = ["../a/x.ttl"]\n'})
    assert found(tmp_path / "b").ontology == (str((tmp_path / "a/x.ttl").resolve()),)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ("ontolgy = []\n", "sets 'ontolgy', which exo-onto does not know. Did you mean ontology?"),
        ("[check]\nzzz = 1\n", "It knows baseline"),
        ("ontology = 1\n", "a list of texts"),
        ("ontology = ['none']\n", "There is no file or folder none."),
        ("ontology = ['src/README.md']\n", "does not tell its format"),
        ("ontology = ['empty']\n", "There is no file in empty that can be read"),
        ("ontology = ['src']\nqueries = 'none'\n", "There is no folder"),
        ("ontology = ['src']\nqueries = 1\n", "it is a text"),
        ("[check]\nfail-on = 'eror'\n", "it is one of error, warning, info, never"),
        ("[check.severity]\nstrict = 'bad'\n", "it is one of error, warning, info, ignore"),
        ("[check]\nseverity = 'bad'\n", "it is a table of codes"),
        ("[check]\nreferees = 'yes'\n", "it is true or false"),
        ("[check]\nprofiles = ['XL']\n", "it is one of DL, EL, QL, RL"),
        ("[check]\nbaseline = 1\n", "it is a text"),
        ("ontology = [\n", "is no TOML"),
    ],
)
def test_what_is_wrong_in_the_settings_is_told(tmp_path: Path, settings: str, says: str) -> None:
    laid(tmp_path, {**FILES, "exo-onto.toml": settings, "empty/a.txt": ""})
    with pytest.raises(ProjectError) as raised:
        found(tmp_path)
    assert says in str(raised.value)


def test_settings_that_are_no_text_are_told(tmp_path: Path) -> None:
    (tmp_path / "exo-onto.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ProjectError, match="not UTF-8"):
        found(tmp_path)
    with pytest.raises(ProjectError, match="cannot be read"):
        found(laid(tmp_path, {"exo-onto.toml": ""}), Flags(profile=tmp_path / "none.toml"))


def test_where_there_is_nothing_it_is_told(tmp_path: Path) -> None:
    with pytest.raises(RootNotFoundError):
        found(tmp_path)
