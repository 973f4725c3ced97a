"""tabled: what the commands that read and write tables have in common: a table that is refused, in a sentence."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from exo_onto import judge
from exo_onto.commands.calls import refuse, tell
from exo_onto.commands.exits import WRONG_CALL, WRONG_KNOWLEDGE
from exo_onto.faults import FaultySourcesError
from exo_onto.tables import showing
from exo_onto.tables.grid import TableError
from exo_onto.tables.layout import LayoutError
from exo_onto.terminal import complain, err


@contextmanager
def stopped_by_table() -> Iterator[None]:
    """Say what is wrong with a table and exit: with 1 where it is in a cell, with 2 where there is none to read."""
    try:
        yield
    except TableError as error:
        complain(showing.wrongs_text(error))
        err.print("[bold red]Nothing was written.[/]")
        raise typer.Exit(WRONG_KNOWLEDGE if any(each.spot for each in error.wrongs) else WRONG_CALL) from error
    except FaultySourcesError as error:
        tell(judge.unread(error).diagnostics)
        raise typer.Exit(WRONG_KNOWLEDGE) from error
    except LayoutError as error:
        refuse(str(error))
