"""The options of `exo-onto serve`: each works by its name, and by a variable of the environment."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import typer
from typer.testing import CliRunner

from exo_onto import cli
from exo_onto.commands import serve
from exo_onto.options import PREFIX
from exo_onto.settings import Settings

COMMAND = typer.main.get_command(cli.app).commands["serve"]  # type: ignore[attr-defined]  # it is a group
OPTIONS = {option.opts[0]: option for option in COMMAND.params if option.opts[0] != "--help"}


class Served(NamedTuple):
    """What the command would serve."""

    root: Path | None
    store: str | None
    where: tuple[str, int]
    settings: Settings


class _Asked:
    """The command, with a server that only notes what it is to serve."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._noted: list[Served] = []
        monkeypatch.setattr(serve, "_serve", lambda *given: self._noted.append(Served(*given)))

    def __call__(self, *arguments: str, **environment: str) -> Served:
        ended = CliRunner().invoke(cli.app, ["serve", *arguments], env=environment)
        assert ended.exit_code == 0, ended.output
        return self._noted.pop()

    def refused(self, *arguments: str, **environment: str) -> str:
        ended = CliRunner().invoke(cli.app, ["serve", *arguments], env={"COLUMNS": "200", **environment})
        assert ended.exit_code == 2, ended.output
        assert not self._noted
        assert "Traceback" not in ended.output
        return ended.output


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> _Asked:
    for option in OPTIONS:
        monkeypatch.delenv(variable(option), raising=False)
    return _Asked(monkeypatch)


def variable(option: str) -> str:
    return PREFIX + option.removeprefix("--").upper().replace("-", "_")


GIVEN: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "--base-url": ("https://example.org", {"base_url": "https://example.org"}),
    "--workers": ("7", {"workers": 7}),
    "--timeout": ("2.5", {"timeout": 2.5}),
    "--memory": ("4096", {"memory": 4096}),
    "--max-rows": ("10", {"max_rows": 10}),
    "--max-bytes": ("20", {"max_bytes": 20}),
    "--queue": ("5", {"queue": 5}),
    "--rate": ("60", {"rate": 60}),
    "--cache-bytes": ("0", {"cache_bytes": 0}),
    "--trusted-proxy": ("10.0.0.2", {"trusted_proxies": ("10.0.0.2",)}),
    "--allow-service": ("http://h/sparql", {"services": ("http://h/sparql",)}),
}
"""A value for each option that settings come of, and what they then are."""


def test_every_option_has_a_variable_that_is_named_alike() -> None:
    assert set(OPTIONS) == {*GIVEN, "--root", "--store", "--host", "--port", "--access-log", "--watch"}
    told = CliRunner().invoke(cli.app, ["serve", "--help"], env={"COLUMNS": "200", "TERM": "dumb"}).output
    for name, option in OPTIONS.items():
        assert option.envvar == variable(name)
        assert option.help
        assert name in told
        assert variable(name) in told


@pytest.mark.parametrize("option", GIVEN)
def test_an_option_works_by_its_name_and_by_its_variable(asked: _Asked, option: str) -> None:
    value, expected = GIVEN[option]
    plain = asked().settings
    assert plain != replace(plain, **expected)
    assert asked(option, value).settings == replace(plain, **expected)
    assert asked(**{variable(option): value}).settings == replace(plain, **expected)


def test_where_to_listen_and_what_to_serve_too(asked: _Asked, tmp_path: Path) -> None:
    assert asked() == Served(None, None, ("127.0.0.1", 7878), asked().settings)
    for given in (asked("--host", "::1", "--port", "0"), asked(EXO_ONTO_HOST="::1", EXO_ONTO_PORT="0")):
        assert given.where == ("::1", 0)
    for given in (asked("--root", str(tmp_path)), asked(EXO_ONTO_ROOT=str(tmp_path))):
        assert given.root == tmp_path
    store = "http://127.0.0.1:7879/query"
    for given in (asked("--store", store), asked(EXO_ONTO_STORE=store)):
        assert given.store == store


@pytest.mark.parametrize(("value", "expected"), [("1", True), ("true", True), ("0", False), ("false", False)])
def test_the_log_is_wanted_or_not(asked: _Asked, value: str, expected: bool) -> None:  # noqa: FBT001  a case
    assert asked("--access-log").settings.access_log
    assert asked(EXO_ONTO_ACCESS_LOG=value).settings.access_log == expected


def test_an_option_wins_over_its_variable(asked: _Asked) -> None:
    assert asked("--timeout", "5", EXO_ONTO_TIMEOUT="6").settings.timeout == 5


def test_what_is_repeated_stands_with_blanks_between_in_a_variable(asked: _Asked) -> None:
    several = ("10.0.0.2", "10.0.0.3")
    assert asked("--trusted-proxy", several[0], "--trusted-proxy", several[1]).settings.trusted_proxies == several
    assert asked(EXO_ONTO_TRUSTED_PROXY=" ".join(several)).settings.trusted_proxies == several
    addresses = ("http://a/", "http://b/")
    assert asked(EXO_ONTO_ALLOW_SERVICE=" ".join(addresses)).settings.services == addresses


def test_an_address_ends_without_a_slash(asked: _Asked) -> None:
    assert asked("--base-url", "https://example.org/a/").settings.base_url == "https://example.org/a"


def test_the_defaults_are_those_of_the_settings(asked: _Asked) -> None:
    given = asked().settings
    assert given == replace(Settings(), workers=given.workers)
    assert given.workers >= 3


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--workers", "2"),
        ("--workers", "many"),
        ("--timeout", "0"),
        ("--timeout", "-1"),
        ("--timeout", "nan"),
        ("--timeout", "inf"),
        ("--memory", "512"),
        ("--max-rows", "0"),
        ("--max-bytes", "0"),
        ("--queue", "0"),
        ("--rate", "0"),
        ("--cache-bytes", "-1"),
        ("--port", "65536"),
        ("--port", "-1"),
        ("--allow-service", "ftp://h/"),
        ("--allow-service", "http://h:99999/"),
        ("--allow-service", "http://[h/"),
    ],
)
def test_what_cannot_work_is_refused_by_either(asked: _Asked, option: str, value: str) -> None:
    for said in (asked.refused(f"{option}={value}"), asked.refused(**{variable(option): value})):
        assert option in said or value in said
