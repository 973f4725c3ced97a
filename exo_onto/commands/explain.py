"""explain: something inferred in, its proofs out."""

from typing import Annotated

import typer

from exo_onto import render
from exo_onto.commands.calls import RootOption, opened, refuse, root_of
from exo_onto.render import Language, ProofFormat
from exo_onto.terminal import draw, write
from exo_onto.vocabulary import UnknownNameError
from exo_onto.why import Inferred, NothingToExplainError, why

EXAMPLES = (
    "Examples:\n\nexo-onto explain zhu-lf-2020 apoptosis-inhibition\n\nexo-onto explain study:zhu-lf-2020\n\n"
    "exo-onto explain activity:zhu-lf-2020-apoptosis-npc exonto:TracedDecrease --format json"
)


def command(
    subject: Annotated[str, typer.Argument(help="What it is about: a name such as zhu-lf-2020, a CURIE or an IRI.")],
    value: Annotated[
        str | None,
        typer.Argument(help="A class that it is in, or what it is joined to. Without it: what can be asked."),
    ] = None,
    *,
    root: RootOption = None,
    form: Annotated[ProofFormat, typer.Option("--format", "-f", help="How to write.")] = ProofFormat.TREE,
    lang: Annotated[Language, typer.Option("--lang", help="The language of the labels.")] = Language.EN,
) -> None:
    """Say why something was inferred: a proof tree from the statements that it rests on, with file, line and source."""
    home = root_of(root)
    try:
        found = why(home, opened(home).store, subject, value, language=lang.value)
    except (NothingToExplainError, UnknownNameError) as error:
        refuse(str(error))
    if isinstance(found, Inferred):
        draw(render.inferred_table(found))
    elif form is ProofFormat.JSON:
        write(render.proofs_json(found))
    else:
        draw(render.proofs_tree(found))
