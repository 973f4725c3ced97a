"""Tests of difference.sides: what a name means, and that looking at it changes nothing."""

import gzip
import re
from pathlib import Path

import pytest
from conftest import quiet
from differing import CLAIM, LOWERS, PREFIXES, committed, git, small
from pyoxigraph import NamedNode

from exo_onto import pipeline
from exo_onto.difference.sides import Kind, SideError, UnreadableSideError, opened, resolve, written
from exo_onto.vocabulary import GRAPH_INFERRED

DEMONSTRATES = NamedNode("https://example.org/demonstrates")


def demonstrates(name: str, root: Path | None) -> bool:
    with opened(name, root, quiet) as side:
        return any(True for _ in side.store.quads_for_pattern(None, DEMONSTRATES, None, GRAPH_INFERRED))


def state(home: Path) -> dict[str, tuple[int, bytes]]:
    """Give all files of a repository, those of git included, with the time of their last change."""
    files = (path for path in sorted(home.rglob("*")) if path.is_file())
    return {str(path): (path.stat().st_mtime_ns, path.read_bytes()) for path in files}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    home = small(tmp_path / "repository", more=LOWERS)
    committed(home)
    return small(home)


def test_a_folder_a_snapshot_a_revision_and_a_file_are_told_apart(repository: Path) -> None:
    built = pipeline.build(repository, progress=quiet)
    assert built.name
    path = repository / "build" / "snapshots" / built.name
    (repository / "x.nt").write_text("", "utf-8")
    for name, kind in (
        (str(repository), Kind.FOLDER),
        ("current", Kind.SNAPSHOT),
        (built.name[:6], Kind.SNAPSHOT),
        (str(path), Kind.SNAPSHOT),
        ("HEAD", Kind.REVISION),
        ("main", Kind.REVISION),
        (git(repository, "rev-parse", "HEAD"), Kind.REVISION),
        (str(repository / "x.nt"), Kind.FILE),
    ):
        assert resolve(name, repository)[0] is kind, name


def test_what_follows_is_there_on_every_kind_of_side(repository: Path) -> None:
    assert demonstrates("HEAD", repository)
    assert not demonstrates(str(repository), repository)
    small(repository, more=LOWERS)
    pipeline.build(repository, progress=quiet)
    assert demonstrates("current", repository)
    whole = "".join(path.read_text("utf-8") for path in sorted(repository.rglob("*.ttl")) if "shapes" not in path.parts)
    file = repository / "whole.ttl"
    file.write_text(whole, "utf-8")
    assert demonstrates(str(file), None)


def test_a_revision_is_read_without_a_trace(repository: Path) -> None:
    git(repository, "status")
    before = state(repository)
    with opened("HEAD", repository, quiet) as side:
        assert side.read is not None
        aside = side.read.root
        assert aside.is_dir()
    assert not aside.exists()
    assert state(repository) == before


def test_a_root_below_the_top_of_a_repository_is_found_at_a_revision(tmp_path: Path) -> None:
    small(tmp_path / "graph", more=LOWERS)
    (tmp_path / "README.md").write_text("x", "utf-8")
    committed(tmp_path)
    assert demonstrates("HEAD", tmp_path / "graph")


def test_a_revision_without_the_folders_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "ontology").mkdir()
    (tmp_path / "ontology" / "a.ttl").write_text("", "utf-8")
    commit = committed(tmp_path)
    small(tmp_path)
    with (
        pytest.raises(SideError, match=f"{commit[:12]} has no shapes/ and no instances/"),
        opened("HEAD", tmp_path, quiet),
    ):
        pass


def test_a_name_that_may_mean_more_than_one_thing_is_refused(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository)
    small(repository / "main")
    with pytest.raises(SideError, match="write path:main or git:main"):
        resolve("main", repository)
    assert resolve("git:main", repository)[0] is Kind.REVISION
    assert resolve("path:main", repository)[0] is Kind.FOLDER
    assert resolve("./main", repository)[0] is Kind.FOLDER


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("nowhere", "neither a folder"),
        ("../nowhere", "neither a folder"),
        ("", "neither a folder"),
        ("--output=x", "neither a folder"),
        ("git:--output=x", "There is no git revision"),
        ("git:nowhere", "fetch it first"),
        ("snapshot:abcd", "There is no snapshot 'abcd'"),
        ("path:nowhere", "There is no folder or file 'nowhere'"),
        ("HEAD\n", "neither a folder"),
        ("a\x00b", "neither a folder"),
    ],
)
def test_a_name_that_means_nothing_is_refused(repository: Path, name: str, says: str) -> None:
    with pytest.raises(SideError, match=re.escape(says)):
        resolve(name, repository)
    assert not (repository / "x").exists()


def test_outside_of_git_it_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(SideError, match=r"no git revision .HEAD. here\. Git says: not a git repository"):
        resolve("git:HEAD", small(tmp_path))


def test_files_of_every_format_say_the_same(tmp_path: Path) -> None:
    turtle = tmp_path / "a.ttl"
    turtle.write_text(PREFIXES + CLAIM, "utf-8")
    with opened(str(turtle), None, quiet) as side:
        told = {quad.triple for quad in written(side)}
    lines = "".join(f"{triple} .\n" for triple in told)
    (tmp_path / "a.nt").write_text(lines, "utf-8")
    (tmp_path / "a.trig").write_text("<http://ex/g> {\n" + lines + "}\n", "utf-8")
    with gzip.open(tmp_path / "a.nt.gz", "wt", encoding="utf-8") as file:
        file.write(lines)
    for name in ("a.nt", "a.trig", "a.nt.gz"):
        with opened(str(tmp_path / name), None, quiet) as side:
            assert {quad.triple for quad in written(side)} == told, name


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.ttl", b"<http://ex/a> <http://ex/p> .", "cannot be read at line 1"),
        ("a.ttl", b"\xff\xfe\x00", "cannot be read"),
        ("a.xlsx", b"PK", "format is not known by the ending .xlsx"),
        ("a.nt.gz", b"no gzip", "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_place(
    tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(SideError, match=re.escape(says)), opened(str(path), None, quiet):
        pass


def test_a_folder_whose_files_are_no_turtle_is_told_with_their_places(tmp_path: Path) -> None:
    home = small(tmp_path, more="nonsense")
    with pytest.raises(UnreadableSideError) as caught, opened(str(home), None, quiet):
        pass
    (told,) = caught.value.diagnostics
    assert told.place
    assert (told.code, told.place.file) == ("syntax", "instances/studies/a.ttl")


def test_a_link_that_leads_out_of_a_revision_is_refused(repository: Path) -> None:
    (repository / "instances" / "secret.ttl").symlink_to("/etc/passwd")
    committed(repository)
    with pytest.raises(SideError, match="is not taken out"), opened("HEAD", repository, quiet):
        pass


def test_what_git_would_leave_out_is_not_taken_for_removed(repository: Path) -> None:
    (repository / ".gitattributes").write_text("instances/claims.ttl export-ignore\n", "utf-8")
    committed(repository)
    with pytest.raises(SideError, match=r"leaves out instances/claims\.ttl"), opened("HEAD", repository, quiet):
        pass


def test_what_lies_outside_of_owl_2_rl_is_compared_as_written_and_said_so(tmp_path: Path) -> None:
    path = tmp_path / "a.ttl"
    union = "ex:A a owl:Class ; owl:equivalentClass [ a owl:Class ; owl:unionOf ( ex:B ex:C ) ] ."
    path.write_text(PREFIXES + union, "utf-8")
    with opened(str(path), None, quiet) as side:
        assert "Nothing is inferred from" in side.note
        assert any(True for _ in written(side))
