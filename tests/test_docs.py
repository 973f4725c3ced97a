"""Tests of the documents: what they show is what happens, and what they name is there."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import REPOSITORY, text

from exo_onto.snapshot import Snapshot
from exo_onto.sources import read_sources
from exo_onto.vocabulary import DEFAULT_GRAPHS, GRAPH_JUSTIFICATIONS, compact

DOCUMENTS = sorted([*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").glob("*.md")])


def sessions() -> Iterator[tuple[str, str, str]]:
    """Give each shown command with the answer that is shown below it."""
    for path in DOCUMENTS:
        for indent, block in re.findall(
            r"^( *)```console\n(.*?)^ *```", path.read_text("utf-8"), re.DOTALL | re.MULTILINE
        ):
            yield from split(path.name, re.sub(f"^{indent}", "", block, flags=re.MULTILINE))


def split(name: str, block: str) -> Iterator[tuple[str, str, str]]:
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, answer = part.partition("\n")
        here = re.search(r"<<'(\w+)'$", command)
        if here:
            script, _, answer = answer.partition(f"\n{here[1]}\n")
            command = f"{command}\n{script}\n{here[1]}"
        yield name, command, answer


@pytest.mark.parametrize(("document", "command", "answer"), list(sessions()))
def test_a_shown_command_answers_as_shown(
    document: str, command: str, answer: str, published: Path, tmp_path: Path
) -> None:
    (tmp_path / "tests" / "expected").mkdir(parents=True)
    script = command.replace("exo-onto ", f"'{sys.executable}' -c 'from exo_onto.cli import main; main()' ")
    script = re.sub(
        r"(main\(\)' (?:query|check|explain|export|links (?:check|coverage|sssom|references|issued))\b)",
        rf"\1 --root '{published}'",
        script,
    )
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "NO_COLOR": "1"},
    )
    assert done.returncode == 0, (document, done.stderr)
    if answer:
        assert done.stdout == answer


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_to_a_file_leads_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text("utf-8")):
        assert (document.parent / target).exists(), target


def test_the_readme_names_every_graph_of_the_default_graph() -> None:
    told = set(re.findall(r"`(graph:\w+)`", (REPOSITORY / "README.md").read_text("utf-8")))
    assert told == {compact(graph.value) for graph in (*DEFAULT_GRAPHS, GRAPH_JUSTIFICATIONS)}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_term_of_ours_that_a_document_names_is_declared(document: Path) -> None:
    names = {compact(text(triple.subject)) for triple in read_sources(REPOSITORY).triples()}
    shapes = {compact(text(triple.subject)) for file in read_sources(REPOSITORY).shapes for triple in file.triples}
    content = document.read_text("utf-8").replace("exonto:CellMigration", "")
    for name in re.findall(r"`(exonto:\w+)`", content):
        assert name in names | shapes, name


def test_the_counts_of_the_readme_are_those_of_the_graph(corpus: Snapshot) -> None:
    readme = (REPOSITORY / "README.md").read_text("utf-8")
    assert f"{len(list((REPOSITORY / 'instances' / 'studies').glob('*.ttl')))} studies" in readme
    assert len(list((REPOSITORY / "queries").glob("*.rq"))) == 20
    assert "Twenty questions" in readme
    assert (
        f"{(REPOSITORY / 'instances' / 'references.ttl').read_text('utf-8').count('a bibo:AcademicArticle')} references"
        in readme
    )
    assert f"{(REPOSITORY / 'instances' / 'claims.ttl').read_text('utf-8').count('a exonto:Claim')} claims" in readme
    gaps = (REPOSITORY / "tests" / "expected" / "research-gaps.csv").read_text("utf-8").splitlines()
    assert len(gaps) - 1 == 17
    assert "the first five of seventeen" in readme
    assert sum(corpus.manifest.triples.values()) > 10_000


def test_no_path_of_a_machine_is_in_the_documents() -> None:
    for path in DOCUMENTS:
        assert not re.search(r"(?<![\w.])/(?:home|work|Users|root)/", path.read_text("utf-8")), path.name
