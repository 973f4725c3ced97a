"""cli: the commands in the order of the flow. Exits with 0: fine; 1: the knowledge is wrong; 2: the call is wrong."""

import os
import signal
import sys
from typing import Annotated

import typer

from exo_onto import __version__
from exo_onto.commands import add, build, check, diff, explain, export, init, links, query, serve, template
from exo_onto.commands.calls import INTERRUPTED, WRONG_CALL
from exo_onto.terminal import complain, err, say

app = typer.Typer(
    name="exo-onto",
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


for _each in (init, template, add, export, build, check, query, explain, diff, serve):
    _kind = getattr(_each, "KIND", None)
    app.command(_each.__name__.rpartition(".")[2], cls=_kind, epilog=_each.EXAMPLES)(_each.command)
app.add_typer(links.app, name="links")
