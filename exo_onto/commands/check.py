"""check: folders in, a verdict out, with all that is wrong and where."""

from typing import Annotated

import typer

from exo_onto import catalogue, remote, render
from exo_onto.check import check as judge_by_all
from exo_onto.commands.calls import WRONG_KNOWLEDGE, FormatOption, RootOption, StoreOption, elsewhere, refuse, root_of
from exo_onto.render import Format
from exo_onto.terminal import draw, err, show, shown, write
from exo_onto.why import contradictions

EXAMPLES = "Examples:\n\nexo-onto check\n\nexo-onto check --explain\n\nexo-onto check --format json"


def command(
    *,
    root: RootOption = None,
    form: FormatOption = Format.TABLE,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show the proofs of what excludes what, for each contradiction.")
    ] = False,
    store: StoreOption = None,
) -> None:
    """Judge the sources without publishing: syntax, logic, profiles, shapes, questions.

    With --store, judge what is published there: shapes, contradictions, questions.

    Exits with 1 where something is wrong, and says what, in which file and line, and what to do.
    """
    home = root_of(root)
    if explain and store is not None:
        refuse("--explain shows the proofs of what stands in files: leave --store out.")
    folder = catalogue.folder_of(home)
    with shown(err) as progress:
        if store is None:
            judgement = judge_by_all(home, queries=folder, progress=progress)
        else:
            judgement = remote.check(home, elsewhere(store, None), queries=folder, progress=progress)
    if form is Format.TABLE:
        show(render.diagnostics_text(judgement.diagnostics), soft_wrap=True)
        if explain:
            for contradiction in contradictions(judgement):
                draw(render.proofs_tree(contradiction))
        show(render.summary(judgement), soft_wrap=True)
    else:
        write(render.delimited(*render.diagnostic_rows(judgement.diagnostics), form))
    if not judgement.sound:
        raise typer.Exit(WRONG_KNOWLEDGE)
