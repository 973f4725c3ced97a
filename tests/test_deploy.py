"""Tests of what runs the endpoint elsewhere: each file passes its own linter, a fault does not, and what they set is there.

A machine that lacks a linter skips its tests; where EXO_ONTO_REQUIRE names it, they fail instead.
"""

import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Final

import pytest
import typer
from conftest import REPOSITORY
from stores import program

from exo_onto import __version__, cli, triplestore

DEPLOY = REPOSITORY / "deploy"
GUIDE = REPOSITORY / "docs" / "operate.md"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text("utf-8")
FILES = sorted(path.name for path in DEPLOY.iterdir() if path.is_file())
UNTOLD = {"Dockerfile.dockerignore", ".compose-lint.yml"}
OPTIONS: Final = (
    "root",
    "store",
    "host",
    "port",
    "base-url",
    "workers",
    "timeout",
    "memory",
    "max-rows",
    "max-bytes",
    "queue",
    "rate",
    "cache-bytes",
    "trusted-proxy",
    "allow-service",
    "access-log",
    "watch",
)
"""The options of `exo-onto serve`."""
COMMAND: Final = "/opt/exo-onto/bin/exo-onto"
FRONT_MIB: Final = 1024
"""What the front may take besides its workers."""


def variable(option: str) -> str:
    return f"EXO_ONTO_{option.upper().replace('-', '_')}"


# --- Linters


@dataclass(frozen=True)
class Linter:
    """A program with its arguments, the file that it judges, and a fault that it must find: what is put in whose place."""

    command: tuple[str, ...]
    file: str
    fault: tuple[str, str]

    def findings(self, path: Path) -> str:
        """Give what it says of a file; nothing, where that passes. systemd only ignores what it does not know."""
        command = [program(self.command[0]), *self.command[1:], str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=path.parent)
        ignored = [line for line in done.stderr.splitlines() if path.name in line and "ignoring" in line]
        return f"{done.returncode}: {done.stdout}{done.stderr}" if done.returncode or ignored else ""


LINTERS: Final[Mapping[str, Linter]] = {
    "hadolint": Linter(
        ("hadolint", "--failure-threshold=style", "--no-color"),
        "Dockerfile",
        ("FROM python:3.11-slim\n", "FROM python:latest\n"),
    ),
    "compose schema": Linter(
        ("check-jsonschema", "--builtin-schema=vendor.compose-spec"),
        "compose.yaml",
        ("    stop_grace_period: 10s", "    stop_grace: 10s"),
    ),
    "compose security": Linter(
        ("compose-lint", "check", "--fail-on=low", "--strict-config", f"--config={DEPLOY / '.compose-lint.yml'}"),
        "compose.yaml",
        ('ports: ["127.0.0.1:7878:7878"]', 'ports: ["7878:7878"]'),
    ),
    "systemd": Linter(("systemd-analyze", "verify"), "exo-onto.service", ("Restart=on-failure", "Restart=on-failing")),
    "systemd security": Linter(
        ("systemd-analyze", "security", "--offline=yes", "--no-pager", "--threshold=15"),
        "exo-onto.service",
        ("CapabilityBoundingSet=\n", ""),
    ),
    "kubernetes": Linter(
        ("kubernetes-validate", "--strict", "--kubernetes-version=1.37"),
        "kubernetes.yaml",
        ("runAsNonRoot: true", "runAsNonRoot: maybe"),
    ),
}


def laid_out(name: str, folder: Path, fault: tuple[str, str] | None = None) -> Path:
    """Copy a file of deploy/, perhaps with a fault. The unit's command is one that this machine has."""
    content = (DEPLOY / name).read_text("utf-8")
    if fault is not None:
        assert fault[0] in content
        content = content.replace(*fault)
    path = folder / name
    path.write_text(content.replace(COMMAND, sys.executable), "utf-8")
    return path


@pytest.mark.parametrize("linter", LINTERS.values(), ids=LINTERS.keys())
def test_a_file_passes_its_linter(linter: Linter, tmp_path: Path) -> None:
    assert not linter.findings(laid_out(linter.file, tmp_path))


@pytest.mark.parametrize("linter", LINTERS.values(), ids=LINTERS.keys())
def test_a_fault_does_not_pass(linter: Linter, tmp_path: Path) -> None:
    assert linter.findings(laid_out(linter.file, tmp_path, linter.fault))


def test_the_proxy_shown_is_one_that_nginx_takes(tmp_path: Path) -> None:
    nginx = program("nginx")
    (shown,) = re.findall(r"^```nginx\n(.*?)^```", GUIDE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    site = re.sub(r" +ssl_certificate.*\n", "", shown).replace("443 ssl", "127.0.0.1:7879")
    path = tmp_path / "nginx.conf"
    path.write_text(f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{\naccess_log off;\n{site}}}\n", "utf-8")
    checked = [nginx, "-t", "-p", str(tmp_path), "-c", str(path), "-g", f"error_log {tmp_path}/log;"]
    done = subprocess.run(checked, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


# --- What each file says


@pytest.mark.parametrize("name", FILES)
def test_a_file_says_first_what_it_is_for(name: str) -> None:
    said = "".join(re.findall(r"\A(?:# ?.*\n)+", (DEPLOY / name).read_text("utf-8")))
    assert re.match(r"# [A-Z][^.]+\.", said)


def test_every_file_is_linted_or_told_in_the_guide() -> None:
    linted = {linter.file for linter in LINTERS.values()}
    told = set(re.findall(r"\(\.\./deploy/([\w.-]+)\)", GUIDE.read_text("utf-8")))
    assert linted <= told
    assert set(FILES) == told | UNTOLD


@pytest.mark.parametrize("name", ["Dockerfile", "compose.yaml", "kubernetes.yaml"])
def test_the_image_bears_the_version(name: str) -> None:
    tags = re.findall(r"\bexo-onto:([\w.]+)", (DEPLOY / name).read_text("utf-8"))
    assert set(tags) == {__version__}


@pytest.mark.parametrize(
    ("name", "outer"),
    [
        ("compose.yaml", r"EXO_ONTO_WORKERS(?:.*\n)+?    mem_limit: (\d+)g\n    memswap_limit: \1g\n"),
        ("exo-onto.service", r"^MemoryMax=(\d+)G$"),
        ("kubernetes.yaml", r"name: endpoint\n(?:.*\n)+?            limits: \{memory: (\d+)Gi\}"),
    ],
)
def test_the_memory_has_room_for_every_worker_twice_and_the_front(name: str, outer: str) -> None:
    content = (DEPLOY / name).read_text("utf-8")
    settings = (DEPLOY / "exo-onto.env").read_text("utf-8") if name.endswith("service") else content
    workers, memory = (
        int(re.findall(rf'^ *{variable(option)}[:=] ?"?(\d+)', settings, re.MULTILINE)[0])
        for option in ("workers", "memory")
    )
    (limit,) = re.findall(outer, content, re.MULTILINE)
    assert 2 * workers * memory + FRONT_MIB <= int(limit) * 1024


@pytest.mark.parametrize(
    ("name", "line", "why"),
    [
        ("exo-onto.service", "KillMode=mixed", "else workers are told to stop too, and drop their queries"),
        ("exo-onto.service", "OOMPolicy=continue", "else a worker that is killed for memory takes the others along"),
        ("kubernetes.yaml", "      enableServiceLinks: false", "else the Service sets EXO_ONTO_PORT to an address"),
    ],
)
def test_what_no_linter_would_miss_is_there(name: str, line: str, why: str) -> None:
    assert line in (DEPLOY / name).read_text("utf-8").splitlines(), why


# --- The image


def test_the_image_is_made_of_files_that_are_there_and_may_be_seen() -> None:
    seen = set(re.findall(r"^!(.*)$", (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8"), re.MULTILINE))
    copied = {
        source
        for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.MULTILINE)
        for source in line.split()[:-1]
    }
    assert copied == seen
    for source in copied:
        assert (REPOSITORY / source).exists(), source


def test_the_image_runs_as_a_number_that_is_not_root_and_takes_signals_itself() -> None:
    (user,) = re.findall(r"^USER (\d+):\d+$", DOCKERFILE, re.MULTILINE)
    assert int(user) > 0
    (entry,) = re.findall(r"^ENTRYPOINT (.*)$", DOCKERFILE, re.MULTILINE)
    assert json.loads(entry)[:2] == ["exo-onto", "serve"]
    for name in ("compose.yaml", "kubernetes.yaml"):
        assert user in (DEPLOY / name).read_text("utf-8")


class _Answers(BaseHTTPRequestHandler):
    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status if self.path == "/healthz" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def answering(code: int) -> Iterator[int]:
    """Answer at /healthz with a status, on a port of our own."""
    handler = type("Handler", (_Answers,), {"status": code})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield int(server.server_port)
        finally:
            server.shutdown()


@pytest.mark.parametrize(("code", "healthy"), [(200, True), (503, False)])
def test_the_image_is_healthy_when_the_endpoint_says_so_whatever_proxy_is_set(code: int, *, healthy: bool) -> None:
    (written,) = re.findall(r"^HEALTHCHECK (?:.*\\\n)*? *CMD (.*)$", DOCKERFILE, re.MULTILINE)
    name, *arguments = json.loads(written)
    assert name == "python"
    with answering(code) as port:
        done = subprocess.run(
            [sys.executable, *(argument.replace(":7878/", f":{port}/") for argument in arguments)],
            capture_output=True,
            check=False,
            env={"http_proxy": "http://127.0.0.1:9"},
        )
    assert (done.returncode == 0) is healthy


# --- Settings


def serving() -> Mapping[str, str | None]:
    """Give each option of `exo-onto serve` with its variable."""
    command = typer.main.get_command(cli.app)
    found = command.commands["serve"]  # type: ignore[attr-defined]
    return {
        name.removeprefix("--"): parameter.envvar
        for parameter in found.params
        for name in parameter.opts
        if name.startswith("--") and name != "--help"
    }


def options_named(text: str) -> set[str]:
    """Give the options that are named as such, in code, or after `exo-onto serve`."""
    lines = "\n".join(re.findall(r"exo-onto(?:\", \"| )serve[^\n`]*", text))
    return set(re.findall(r"`--([a-z-]+)", text)) | set(re.findall(r"(?<![\w-])--([a-z-]+)", lines))


@pytest.mark.parametrize("path", [*(DEPLOY / name for name in FILES), GUIDE], ids=lambda path: path.name)
def test_only_settings_that_exist_are_named(path: Path) -> None:
    content = path.read_text("utf-8")
    known = {*map(variable, OPTIONS), triplestore.USER, triplestore.PASSWORD}
    assert set(re.findall(r"\bEXO_ONTO_\w+", content)) <= known
    assert options_named(content) <= set(OPTIONS)


def test_the_guide_tells_every_setting_once() -> None:
    rows = re.findall(r"^\| `--([a-z-]+)(?: \w+)?` \| `(\w+)` \|", GUIDE.read_text("utf-8"), re.MULTILINE)
    assert rows == [(option, variable(option)) for option in OPTIONS]


def test_the_settings_are_those_of_the_command() -> None:
    found = serving()
    if "workers" not in found:
        pytest.skip("`exo-onto serve` has no workers yet")
    assert found == {option: variable(option) for option in OPTIONS}
