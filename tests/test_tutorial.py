"""Tests of the tutorial: every command of it is run, in one shell, and answers as is shown."""

import re
from pathlib import Path

import pytest
from tutorial import TUTORIAL, recorded, run, sessions

TEXT = TUTORIAL.read_text("utf-8")
PASSING = (
    (r"\bsnapshot [0-9a-f]{16}\b", "snapshot 0"),
    (r"\b20\d\d-\d\d-\d\d\b", "a day"),
    (r"\b\d+(\.\d+)? s\b", "some seconds"),
)
"""What is another each time."""


def lasting(text: str) -> str:
    for pattern, instead in PASSING:
        text = re.sub(pattern, instead, text)
    return text


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    return run([said.command for said in sessions(TEXT)], tmp_path_factory.mktemp("tutorial"))


def test_every_command_answers_as_shown(answers: list[str]) -> None:
    for said, answer in zip(sessions(TEXT), answers, strict=True):
        assert lasting(answer) == lasting(said.answer), said.command


def test_it_goes_from_an_empty_folder_to_a_served_graph_by_way_of_a_spreadsheet_and_a_contradiction() -> None:
    commands = [said.command for said in sessions(TEXT)]
    order = ["init", "check", "build", "template", "add", "diff", "serve"]
    places = [next(n for n, command in enumerate(commands) if f"exo-onto {verb}" in command) for verb in order]
    assert places == sorted(places)
    assert any("[contradiction]" in said.answer for said in sessions(TEXT))


def test_what_is_recorded_is_read_back(tmp_path: Path) -> None:
    assert recorded(TEXT, [said.answer for said in sessions(TEXT)]) == TEXT
    page = "```sh-session\n$ cat <<'END'\n> a\n>\n>   b\n> END\n$ false; echo $?\nold\n```\n"
    told = sessions(page)
    assert told[0].command == "cat <<'END'\na\n\n  b\nEND"
    assert run([said.command for said in told], tmp_path) == ["a\n\n  b\n", "1\n"]


def test_nothing_is_shown_that_no_shell_ran() -> None:
    assert set(re.findall(r"^```(\S*)$", TEXT, re.MULTILINE)) == {"sh-session", ""}
