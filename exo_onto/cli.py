"""cli: the commands in the order of the flow. Exits with 0: fine; 1: the knowledge is wrong; 2: the call is wrong.

A command is imported when it is called: each needs other libraries, and all of them together take two seconds, which
every worker of a build would take too, as it imports what has started it.
"""

import os
import signal
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from exo_onto import __version__
from exo_onto.commands.exits import INTERRUPTED, WRONG_CALL
from exo_onto.terminal import complain, err, say

COMMANDS: Final = ("init", "template", "add", "export", "build", "check", "query", "explain", "diff", "serve", "links")
"""The modules of `commands`, each of which is a command or has some."""


class _Commands(Mapping[str, Any]):
    """The commands by name, each imported when it is asked for."""

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401  typer does not show the type of its commands
        if name not in COMMANDS:
            raise KeyError(name)
        return _command(name)

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


@cache
def _command(name: str) -> Any:  # noqa: ANN401
    module = import_module(f"exo_onto.commands.{name}")
    group = getattr(module, "app", None)
    if group is None:
        group = typer.Typer(add_completion=False, rich_markup_mode="rich")
        group.command(name, cls=getattr(module, "KIND", None), epilog=module.EXAMPLES)(module.command)
    return typer.main.get_command(group)


class _Group(TyperGroup):
    """Knows the names of the commands, and no more until one is called."""

    def __init__(self, **attributes: Any) -> None:  # noqa: ANN401
        super().__init__(**{**attributes, "commands": None})
        self.commands = _Commands()  # type: ignore[assignment]  # nobody adds to them


app = typer.Typer(
    name="exo-onto",
    cls=_Group,
    help="""Build, check, ask and serve a reasoned knowledge graph.

    The data flows one way: sources -> reason -> validate -> publish -> serve.""",
    epilog="Exit codes: 0 fine, 1 the knowledge is wrong, 2 the call is wrong.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """Run the command. What the world refuses (a full disk, a file without rights) is told in a sentence."""
    signal.signal(signal.SIGINT, _stop)
    try:
        app()
    except OSError as error:
        complain(f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}")
        sys.exit(WRONG_CALL)


def _stop(*_: object) -> None:
    """Stop at once: what is written, is written aside, and the next build sweeps it away."""
    err.print("\nStopped. What was published before stays current.")
    os._exit(INTERRUPTED)


def _version(value: bool) -> None:  # noqa: FBT001  typer calls it so
    if value:
        say(f"exo-onto {__version__}")
        raise typer.Exit


@app.callback()
def common(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Take the options that stand before a command."""
