"""Tests of terminal: a log has one line for each stage; a terminal has each step."""

import io
import signal

from rich.console import Console
from rich.tree import Tree

from exo_onto.terminal import draw, interruptible, say, show, shown, write


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


def test_what_prints_leaves_the_signals_as_they_were() -> None:
    before = signal.getsignal(signal.SIGPIPE), signal.getsignal(signal.SIGINT)
    for each in (say, show, write):
        each("told\n")
    draw(Tree("told"))
    with interruptible():
        assert signal.getsignal(signal.SIGINT) == signal.SIG_DFL
    assert (signal.getsignal(signal.SIGPIPE), signal.getsignal(signal.SIGINT)) == before
