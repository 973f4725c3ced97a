"""Tests of terminal: a log has one line for each stage; a terminal has each step."""

import io

from rich.console import Console

from exo_onto.terminal import shown


def test_a_log_has_a_line_for_each_stage_and_none_for_what_is_within() -> None:
    console = Console(file=io.StringIO(), width=80)
    with shown(console) as tell:
        for step in ("read", "load", "load: 1 of 2", "load: 2 of 2", "reason"):
            tell(step)
    assert console.file.getvalue() == "read ...\nload ...\nreason ...\n"  # type: ignore[attr-defined]


def test_a_terminal_is_told_each_step() -> None:
    console = Console(file=io.StringIO(), width=80, force_terminal=True)
    with shown(console) as tell:
        tell("load: 1 of 2")
