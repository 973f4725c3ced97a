"""Tests of beginning: a new repository of any name is sound, answers as expected, and nothing is overwritten."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from conftest import REPOSITORY, quiet
from hypothesis import given
from hypothesis import strategies as st

from exo_onto import catalogue, pipeline, questions, render, snapshot, sources, vocabulary
from exo_onto.beginning import SKELETON, BeginningError, Topic, begin, topic
from exo_onto.questions import Answer
from exo_onto.render import Format
from exo_onto.vocabulary import PREFIXES, compact

COMMAND = [sys.executable, "-c", "from exo_onto.cli import main; main()"]
TOPICS = (
    topic("cartilage"),
    topic(
        "bone-repair",
        base="http://example.org:8080/a/bone.x/",
        prefix="bone",
        title="Knochen & 骨",
    ),
    Topic("skeleton", "Skeleton", "https://w3id.org/skeleton/", "skeleton"),
)


def call(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "100"}
    return subprocess.run([*COMMAND, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("told", TOPICS, ids=lambda told: told.name)
def test_a_new_repository_is_sound_and_answers_as_expected(told: Topic, tmp_path: Path) -> None:
    begin(tmp_path, told)
    home = tmp_path / told.name
    vocabulary.adopt(sources.names_of(home))
    built = pipeline.build(home, progress=quiet)
    assert built.judgement.diagnostics == ()
    assert built.name
    store = snapshot.open_snapshot(home / "build").store
    asked = catalogue.shipped(home)
    assert asked
    for question in asked:
        answer = questions.ask(store, question.text)
        assert isinstance(answer, Answer)
        expected = (home / "queries" / "expected" / f"{question.name}.csv").read_text("utf-8")
        assert render.answer_text(answer, Format.CSV, iris=False) == expected
    text = "".join(path.read_text("utf-8") for path in home.rglob("*") if path.is_file() and "build" not in path.parts)
    assert "skeleton.invalid" not in text
    assert "skeleton" in told.name or "skeleton" not in text.lower()
    assert compact(f"{told.base}study/x") == "study:x"
    assert compact(f"{told.base}X") == f"{told.prefix}:X"


def test_every_check_passes_on_a_new_repository(tmp_path: Path) -> None:
    done = call("init", "cartilage", cwd=tmp_path)
    assert done.returncode == 0
    assert "https://w3id.org/cartilage/" in done.stdout
    done = call("check", cwd=tmp_path / "cartilage")
    assert done.returncode == 0, done.stdout
    assert "Sound." in done.stdout
    assert "HermiT and pySHACL come to the same" in done.stdout


def test_what_is_shown_and_asked_for_is_under_the_names_of_the_root(tmp_path: Path) -> None:
    begin(tmp_path, topic("cartilage"))
    home = tmp_path / "cartilage"
    assert call("build", cwd=home).returncode == 0
    done = call("explain", "example-a-2000", "cell-survival", cwd=home)
    assert done.returncode == 0, done.stderr
    assert "instances/studies/example-a-2000.ttl" in done.stdout
    path = home / "instances" / "studies" / "example-a-2000.ttl"
    text = path.read_text("utf-8")
    path.write_text(
        text.replace(
            "activity:example-a-2000-autophagy ;\n    owl:annotatedProperty",
            "activity:example-a-2000-autophagi ;\n    owl:annotatedProperty",
        ),
        "utf-8",
    )
    done = call("build", cwd=home)
    assert done.returncode == 1
    assert (
        "[cartilage:DeclaredNamesShape] activity:example-a-2000-autophagi is used and nowhere declared" in done.stderr
    )


@pytest.mark.parametrize(
    "name", ["", "Cartilage", "a b", "../x", "a/b", ".x", "-x", "x-", "a--b", "1a", "é", "x" * 41, "con\n", "a_b"]
)
def test_a_name_that_is_none_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(BeginningError, match="is no name for a repository"):
        topic(name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "base",
    [
        *(
            "example.org/",
            "ftp://example.org/",
            "https://example.org",
            "https://example.org/x#",
            "https://example.org/a b/",
        ),
        *(
            "https://w3id.org/exo-onto/",
            "https://w3id.org/exo-onto/x/",
            'https://e.org/"/',
            "https://e.org/<x>/",
            "https:///",
        ),
        *("https://e.org/x\\y/", "https://e.org//", "javascript:x/"),
    ],
)
def test_a_base_that_is_none_is_refused(base: str) -> None:
    with pytest.raises(BeginningError, match="is no base"):
        topic("x1", base=base)


@pytest.mark.parametrize("prefix", ["study", "GO", "go", "exo", "exonto", "sh"])
def test_a_prefix_that_is_taken_is_refused(prefix: str) -> None:
    with pytest.raises(BeginningError, match="stands for something else already"):
        topic("x1", prefix=prefix)


@pytest.mark.parametrize("prefix", ["a:b", "", "1", "a b", "-", "_x"])
def test_a_prefix_that_is_none_is_refused(prefix: str) -> None:
    if prefix:
        with pytest.raises(BeginningError, match="is no prefix"):
            topic("x1", prefix=prefix)


@given(title=st.text(max_size=90))
def test_a_title_is_taken_or_refused_and_never_breaks_a_file(title: str) -> None:
    try:
        told = topic("x1", title=title)
    except BeginningError as error:
        assert "is no title" in str(error)  # noqa: PT017  either may be
    else:
        assert not set(told.title) & set('"\\<>\n\r')


def test_what_is_there_already_is_left_alone(tmp_path: Path) -> None:
    home = tmp_path / "cartilage"
    home.mkdir()
    (home / "mine.txt").write_text("mine", "utf-8")
    done = call("init", "cartilage", cwd=tmp_path)
    assert done.returncode == 2
    assert "not empty" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["cartilage"]
    (home / "mine.txt").unlink()
    begin(tmp_path, topic("cartilage"))
    assert (home / "README.md").is_file()
    (tmp_path / "bone").write_text("a file", "utf-8")
    with pytest.raises(BeginningError, match="no folder"):
        begin(tmp_path, topic("bone"))
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(BeginningError, match="no folder"):
        begin(tmp_path, topic("link"))


def test_where_it_fails_half_way_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(self: Path, target: Path) -> Path:
        raise OSError(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(OSError, match="cartilage"):
        begin(tmp_path, topic("cartilage"))
    assert list(tmp_path.iterdir()) == []


def test_the_wheel_has_all_that_it_takes(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    script = "from exo_onto import beginning as b; from pathlib import Path; print(b._model(), *b.begin(Path('.'), b.topic('bone')))"
    done = subprocess.run(
        [sys.executable, "-P", "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "site")},
        capture_output=True,
        text=True,
        check=True,
    )
    model, *files = done.stdout.split()
    assert model == str(tmp_path / "site" / "exo_onto" / "model")
    begin(tmp_path / "site", topic("bone"))
    assert sorted(files) == sorted(
        path.relative_to(tmp_path / "bone").as_posix() for path in (tmp_path / "bone").rglob("*") if path.is_file()
    )
    assert {"ontology/imports/exo-onto/causality.ttl", ".github/workflows/check.yml", ".gitignore"} <= set(files)


def test_the_skeleton_names_only_files_that_are_there() -> None:
    readme = (SKELETON / "README.md").read_text("utf-8")
    begun = {path.name.removeprefix("dot") for path in SKELETON.rglob("*") if path.is_file()}
    for name in re.findall(r"`(?:[\w./-]*/)?([\w.-]+\.(?:ttl|rq|yml|yaml))`", readme):
        assert name in begun, name
    assert set(PREFIXES) >= {"exonto", "GO", "study"}
