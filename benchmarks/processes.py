"""processes: one command in; how it ended, in what time and memory, out. Starts a process, and ends it at its bound."""

import os
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from time import perf_counter

import psutil

GLANCE = 0.1
"""Seconds between two looks at the memory, at the least."""
PAUSES = 50
"""How many times as long as a look takes is waited for the next: it takes a while of a core to look at much memory."""


class Outcome(StrEnum):
    """How a run ended."""

    DONE = "done"
    PAST_BOUND = "past bound"
    FAILED = "failed"
    NOT_INSTALLED = "not installed"


@dataclass(frozen=True)
class Run:
    """What became of one command: seconds on the wall, and the most memory that it held, in MiB, its children's too."""

    outcome: Outcome
    seconds: float | None = None
    mebibytes: float | None = None
    told: str = ""


def run(command: Sequence[str], *, bound: float, folder: Path) -> Run:
    """Run a command in a folder for at most `bound` seconds; then it is ended, with all that it started."""
    with tempfile.TemporaryFile() as words:
        start = perf_counter()
        try:
            process = subprocess.Popen(
                command, cwd=folder, stdout=words, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, process_group=0
            )
        except FileNotFoundError:
            return Run(Outcome.NOT_INSTALLED)
        try:
            mebibytes = _watch(process, start + bound)
        finally:
            _end(process)
        seconds = round(perf_counter() - start, 3)
        words.seek(0)
        told = words.read().decode(errors="replace")
    if seconds >= bound:
        return Run(Outcome.PAST_BOUND, seconds, mebibytes)
    if process.returncode:
        return Run(Outcome.FAILED, seconds, mebibytes, _last_line(told) or f"it ended with {process.returncode}")
    return Run(Outcome.DONE, seconds, mebibytes)


def _watch(process: subprocess.Popen[bytes], deadline: float) -> float:
    """Wait for the end or the deadline, and give the most memory seen."""
    watched, most = psutil.Process(process.pid), 0.0
    while perf_counter() < deadline:
        start = perf_counter()
        most = max(most, _memory(watched))
        pause = max(GLANCE, PAUSES * (perf_counter() - start))
        try:
            process.wait(min(pause, max(0, deadline - perf_counter())))
        except subprocess.TimeoutExpired:
            continue
        break
    return round(most, 1)


def _memory(process: psutil.Process) -> float:
    """Sum the memory of a process and all below it, in MiB; what several of them share counts once."""
    try:
        family = [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    return sum(map(share, family)) / 2**20


def share(process: psutil.Process) -> float:
    """Give the bytes of a process; what it shares with others counts in part."""
    try:
        told = process.memory_full_info()
    except psutil.Error:  # it ended meanwhile
        return 0
    return float(getattr(told, "pss", told.rss))  # only Linux knows the proportional share


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _last_line(told: str) -> str:
    """Keep the line that says what is wrong: the last one, as Python and Java's callers print it."""
    lines = [line.strip() for line in told.splitlines() if line.strip()]
    return lines[-1][:200] if lines else ""
