"""init: a name in, a new repository out, with a first term, shape, study and question, and a green check of its own."""

from pathlib import Path
from typing import Annotated

import typer

from exo_onto.beginning import BeginningError, begin, topic
from exo_onto.commands.calls import refuse
from exo_onto.terminal import say

EXAMPLES = (
    "Examples:\n\nexo-onto init cartilage\n\n"
    'exo-onto init bone-repair --base https://example.org/bone/ --prefix bone --title "Bone repair"'
)


def command(
    name: Annotated[str, typer.Argument(help="What the repository, and its folder, is called: cartilage.")],
    *,
    base: Annotated[
        str | None,
        typer.Option(
            "--base", metavar="IRI", help="Where its terms and studies live. Default: https://w3id.org/NAME/."
        ),
    ] = None,
    prefix: Annotated[
        str | None, typer.Option("--prefix", help="The prefix of its terms in Turtle and SPARQL. Default: NAME.")
    ] = None,
    title: Annotated[str | None, typer.Option("--title", help="Its title for people. Default: NAME in words.")] = None,
) -> None:
    """Make a new repository of the same layout for another topic, in a folder of that name here.

    It has a first term, shape, study (made up) and question with the expected answer, takes over how studies are told,
    and passes `exo-onto check` as it is.
    """
    try:
        told = topic(name, base=base, prefix=prefix, title=title)
        written = begin(Path.cwd(), told)
    except BeginningError as error:
        refuse(str(error))
    say(f"{len(written)} files in {name}/, with terms and studies below {told.base} (prefix {told.prefix}:)\n")
    say(f"  cd {name}\n  exo-onto check\n  exo-onto build\n  exo-onto query mechanisms\n  exo-onto serve --watch\n")
    say("README.md says what to do next.")
