"""Tests of difference.written, and of the command: text, Markdown that no data can break out of, JSON, exit codes."""

import json
import os
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from differing import LOWERS, ONTOLOGY, SOURCE, STUDY, committed, compared, small
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from exo_onto import pipeline
from exo_onto.difference import written
from exo_onto.difference.outline import Line, Section, sections, summary
from exo_onto.difference.written import MARKER, as_json, escaped, markdown

COMMAND = [sys.executable, "-c", "from exo_onto.cli import main; main()"]


def call(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "100"}
    return subprocess.run(
        [*COMMAND, "diff", *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


@given(
    said=st.text(st.one_of(st.characters(exclude_categories=["Cs", "Cc"]), st.sampled_from("@#*_`[]()<>!|\\-+1.~&")))
)
def test_no_text_of_the_data_is_read_as_markdown_or_html(said: str) -> None:
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    tokens = parser.parse(f"- x {escaped(said)}\n")
    kinds = {token.type for token in tokens} | {child.type for token in tokens for child in token.children or ()}
    assert kinds <= {
        *("bullet_list_open", "bullet_list_close", "list_item_open", "list_item_close", "paragraph_open"),
        *("paragraph_close", "inline", "text", "text_special", "html_inline", "softbreak"),
    }
    html = [child.content for token in tokens for child in token.children or () if child.type == "html_inline"]
    assert set(html) <= {"<!-- -->"}
    shown = "".join(
        child.content for token in tokens for child in token.children or () if child.type in {"text", "text_special"}
    )
    assert shown.split() == ["x", *said.split()] or "".join(shown.split()) == "".join(["x", *said.split()])


@pytest.mark.parametrize("said", ["@someone", "see #12", "a@b.c"])
def test_nobody_is_called_and_no_issue_is_linked(said: str) -> None:
    assert "@s" not in escaped(said)
    assert "#1" not in escaped(said)
    assert "@b" not in escaped(said)


def test_markdown_is_found_again_folds_proofs_and_is_never_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    proof = Line("proof", "", (Line("because"),), "proof")
    told = [Section("Studies", tuple(Line(f"study {number}", "+", (proof,)) for number in range(50)))]
    text = markdown(told, "title", "summary")
    assert text.startswith(f"{MARKER}\n## title\n")
    assert text.count("<details>") == text.count("</details>") == 50
    monkeypatch.setattr(written, "MOST_CHARACTERS", 2_000)
    short = markdown(told, "title", "summary")
    assert len(short) <= 2_000
    assert short.count("<details>") == short.count("</details>") > 3
    assert "more entries do not fit here" in short


def test_markdown_is_well_formed_html_whatever_a_proof_says(tmp_path: Path) -> None:
    deep = Line("```", "", (Line("x </details> @someone", "+", tuple(Line(f"{n} ````") for n in range(3))),))
    for number in range(30):
        deep = Line(f"since {number}", "", (deep,))
    told = [Section("S", (Line("a", "~", (Line("b", "+", (Line("proof", "", (deep,), "proof"),)),)),))]
    found = compared(
        small(tmp_path / "a", more=LOWERS), small(tmp_path / "b", more=LOWERS + "activity:a-pain a ex:Up .")
    )
    for text in (markdown(told, "t", "s"), markdown(sections(found), "t", "s")):
        parser = _Nested()
        parser.feed(MarkdownIt("commonmark", {"html": True}).render(text))
        assert parser.open == []
        assert parser.folded == text.count("<details>") > 0


class _Nested(HTMLParser):
    """Sees that tags are closed in the order in which they were opened."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.folded = 0

    def handle_starttag(self, tag: str, _: object) -> None:
        self.open.append(tag)
        self.folded += tag == "details"

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_json_has_everything_and_proofs_with_file_and_line(tmp_path: Path) -> None:
    found = compared(small(tmp_path / "a"), small(tmp_path / "b", more=LOWERS + SOURCE))
    told = json.loads(as_json(found, summary(found)))
    (study,) = told["studies"]
    demonstrates = next(each for each in study["conclusions"] if "demonstrates" in each["triple"][1])
    assert demonstrates["how"] == "added"
    assert demonstrates["fact"] == "Study A 'demonstrates' relief of pain"
    assert demonstrates["causes"][0]["fact"] == "drug (Study A) 'lowers' pain (Study A)"
    leaves = [demonstrates["proof"]]
    asserted = []
    while leaves:
        node = leaves.pop()
        leaves += node.get("premises", [])
        asserted += [node["asserted"]] if "asserted" in node else []
    assert {(each["file"], each["line"]) for each in asserted} >= {("instances/studies/a.ttl", 13)}
    assert [each["followsOn"] for each in study["conclusions"]].count(True) == 1
    assert told["before"]["kind"] == told["after"]["kind"] == "folder"
    assert told["answers"][0]["gained"] == [["a", "relief of pain"]]
    edits = study["things"][0]["edits"]
    assert {edit["words"] for edit in edits if edit["about"]} == {
        "ex:certainty",
        "ex:place",
    }


def test_the_command_compares_the_last_commit_with_the_folder(tmp_path: Path) -> None:
    committed(small(tmp_path))
    assert "Nothing differs" in call(cwd=tmp_path).stdout
    small(tmp_path, more=LOWERS)
    done = call(cwd=tmp_path / "instances")
    assert done.returncode == 0
    assert "From git revision HEAD to folder" in done.stdout
    assert "+ now: Study A 'demonstrates' relief of pain" in done.stdout
    assert "study:a (Study A)" in done.stdout  # by the prefix that the ontology's record gives
    assert call("--exit-code", cwd=tmp_path).returncode == 1
    assert call("HEAD", "git:HEAD", "--exit-code", cwd=tmp_path).returncode == 0


def test_the_command_exits_with_1_where_something_became_wrong_and_0_where_it_was(tmp_path: Path) -> None:
    committed(small(tmp_path, more=LOWERS))
    small(tmp_path, more=LOWERS + "activity:a-pain a ex:Up .\n")
    done = call("--format", "markdown", cwd=tmp_path)
    assert done.returncode == 1
    assert "### Wrong now, and not before" in done.stdout
    committed(tmp_path)
    assert call(cwd=tmp_path).returncode == 0


def test_the_command_tells_files_that_cannot_be_read(tmp_path: Path) -> None:
    committed(small(tmp_path))
    small(tmp_path, more="nonsense")
    done = call(cwd=tmp_path)
    assert done.returncode == 1
    assert "instances/studies/a.ttl:13" in done.stderr
    assert "cannot be compared" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_the_command_refuses_what_it_cannot_find(tmp_path: Path) -> None:
    done = call("nowhere", cwd=small(tmp_path))
    assert done.returncode == 2
    assert "nor a git revision" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_snapshot_is_compared_with_the_folder_that_it_was_made_from(tmp_path: Path) -> None:
    home = small(tmp_path, study=STUDY, ontology=ONTOLOGY)
    assert pipeline.build(home, progress=lambda _: None).name
    done = call("current", ".", "--exit-code", cwd=home)
    assert done.returncode == 0, done.stdout
    assert "Nothing differs" in done.stdout


def test_no_text_of_the_data_commands_a_terminal() -> None:
    told = [Section("S", (Line("a\x1b[2J\nb\u202ec", "+", (Line("\x9b1m\r", folded="proof"),)),))]
    for text in (written.text(told, "t", "s"), markdown(told, "t", "s")):
        assert not set(text) & set("\x1b\x9b\r\u202e")
    assert "  + a [2J b c\n" in written.text(told, "t", "s")


def test_text_is_indented_by_depth() -> None:
    told = [Section("Studies", (Line("a", "+", (Line("b", "", (Line("c", "-"),)),)),))]
    assert written.text(told, "t", "s") == "t\ns\n\nStudies\n  + a\n      b\n          - c\n"


def test_sections_of_a_real_difference_can_be_written(tmp_path: Path) -> None:
    found = compared(small(tmp_path / "a"), small(tmp_path / "b", more=LOWERS))
    assert "<details><summary>proof</summary>" in markdown(sections(found), "t", summary(found))
