"""Runs the commands of docs/tutorial.md in one shell, and with --write puts their answers into it."""

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Timer

REPOSITORY = Path(__file__).parent.parent
TUTORIAL = REPOSITORY / "docs" / "tutorial.md"
PORT = "7878"
SECONDS = 600
"""After them, what still runs is ended: a command may wait for ever for what went wrong before it."""
_FENCE = re.compile(r"(^```sh-session\n)(.*?)(^```$)", re.MULTILINE | re.DOTALL)
_MARK = "--- that was one ---"
_PROGRESS = re.compile(r"^[a-z][^\n:]* \.\.\.\n", re.MULTILINE)


@dataclass(frozen=True)
class Said:
    """A command as it stands on the page, and what it answered."""

    command: str
    answer: str


def sessions(text: str) -> list[Said]:
    """Give the commands of a page with the answers that stand there."""
    return [said for match in _FENCE.finditer(text) for said in _commands(match[2])]


def _commands(block: str) -> Iterator[Said]:
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        lines = part.splitlines(keepends=True)
        more = 1 + next((n for n, line in enumerate(lines[1:]) if not line.startswith(">")), len(lines) - 1)
        command = lines[0] + "".join(line[1:].removeprefix(" ") for line in lines[1:more])
        yield Said(command.rstrip("\n"), "".join(lines[more:]))


def run(commands: Sequence[str], home: Path) -> list[str]:
    """Run commands one after the other in one shell, and give what each answers, but for progress."""
    tools = home / "tools"
    tools.mkdir()
    script = f"#!/bin/bash\nexec {shlex.quote(sys.executable)} -P -c 'from exo_onto.cli import main; main()' \"$@\"\n"
    for name, text in {"exo-onto": script, "python": f'#!/bin/bash\nexec {shlex.quote(sys.executable)} "$@"\n'}.items():
        (tools / name).write_text(text, "utf-8")
        (tools / name).chmod(0o755)
    place = home / "empty"
    place.mkdir()
    port = _free()
    with subprocess.Popen(
        ["bash", "--noprofile", "--norc"],
        cwd=place,
        env=_environment(home, tools),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as shell:
        patience = Timer(SECONDS, os.killpg, (shell.pid, signal.SIGKILL))
        patience.start()
        try:
            return [_asked(shell, command.replace(PORT, port)).replace(port, PORT) for command in commands]
        finally:
            patience.cancel()
            shell.terminate()


def _environment(home: Path, tools: Path) -> dict[str, str]:
    named = (("NAME", "Li Mei"), ("EMAIL", "li@example.org"))
    who = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in named}
    return {
        **os.environ,
        **who,
        "HOME": str(home),
        "PATH": f"{tools}:{os.environ['PATH']}",
        "PYTHONPATH": str(REPOSITORY),
        "NO_COLOR": "1",
        "COLUMNS": "100",
    }


def _asked(shell: "subprocess.Popen[str]", command: str) -> str:
    if shell.stdin is None or shell.stdout is None:
        raise RuntimeError
    shell.stdin.write(f"{command}\necho '{_MARK}'\n")
    shell.stdin.flush()
    lines: list[str] = []
    for line in shell.stdout:
        if line.rstrip("\n").endswith(_MARK):
            lines.append(line.rstrip("\n").removesuffix(_MARK))
            break
        lines.append(line)
    else:
        raise RuntimeError(f"This did not end: {command}\n{''.join(lines)}")
    answer = re.sub(r"[ \t]+$", "", _PROGRESS.sub("", "".join(lines)), flags=re.MULTILINE)
    return answer if not answer or answer.endswith("\n") else f"{answer}\n"


def _free() -> str:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return str(taken.getsockname()[1])


def recorded(text: str, answers: Sequence[str]) -> str:
    """Put other answers into a page."""
    left = iter(answers)

    def block(match: re.Match[str]) -> str:
        parts: list[str] = []
        for said in _commands(match[2]):
            first, *more = said.command.split("\n")
            parts += [f"$ {first}\n", *(f"> {line}".rstrip() + "\n" for line in more), next(left)]
        return match[1] + "".join(parts) + match[3]

    return _FENCE.sub(block, text)


def main(arguments: Sequence[str]) -> None:
    """Run the page; with --write, write it anew."""
    text = TUTORIAL.read_text("utf-8")
    with tempfile.TemporaryDirectory() as home:
        answers = run([said.command for said in sessions(text)], Path(home))
    told = recorded(text, answers)
    if "--write" in arguments:
        TUTORIAL.write_text(told, "utf-8")
    else:
        sys.stdout.write(told)


if __name__ == "__main__":
    main(sys.argv[1:])
