"""diff: two states of the knowledge in, what differs between them out."""

from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from exo_onto import sources, vocabulary
from exo_onto.commands.calls import RootOption, refuse, root_of, tell
from exo_onto.commands.exits import WRONG_KNOWLEDGE
from exo_onto.difference import outline, written
from exo_onto.difference.canonical import EntangledError
from exo_onto.difference.compare import Difference, compare
from exo_onto.difference.sides import SideError, UnreadableSideError, opened
from exo_onto.faults import FaultySourcesError
from exo_onto.render import Language
from exo_onto.sources import RootNotFoundError
from exo_onto.terminal import complain, err, shown, write

EXAMPLES = (
    "Examples:\n\nexo-onto diff\n\nexo-onto diff main .\n\nexo-onto diff current . --all\n\n"
    "exo-onto diff origin/main . --format markdown > diff.md\n\nexo-onto diff old.ttl new.ttl --exit-code"
)


class DiffFormat(StrEnum):
    """How a difference is written."""

    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"


def command(  # noqa: PLR0913  one for each option
    before: Annotated[
        str,
        typer.Argument(
            metavar="A", help="A folder, a snapshot, a git revision or a file of RDF. Default: the last commit."
        ),
    ] = "HEAD",
    after: Annotated[
        str | None, typer.Argument(metavar="B", help="What to compare it with. Default: the folder worked on.")
    ] = None,
    *,
    root: RootOption = None,
    form: Annotated[DiffFormat, typer.Option("--format", "-f", help="How to write.")] = DiffFormat.TEXT,
    lang: Annotated[Language, typer.Option("--lang", help="The language of the labels.")] = Language.EN,
    everything: Annotated[
        bool, typer.Option("--all", help="Show all: also what only says more generally what is shown itself.")
    ] = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with 1 where anything differs.")] = False,
) -> None:
    """Say what changed from A to B: terms, studies and claims, and what follows from them, each with its proof.

    Blank nodes and annotated axioms are compared by what they mean. Where a name fits more than one thing, write
    path:NAME, snapshot:NAME or git:NAME.

    Exits with 0 whatever differs, but with 1 where B brings something wrong that A has not, or a side cannot be read.
    """
    home = root_of(root) if root is not None else _root_here()
    try:
        with shown(err) as progress, ExitStack() as sides:
            old = sides.enter_context(opened(before, home, progress))
            new = sides.enter_context(opened(after or str(home or Path.cwd()), home, progress))
            found = compare(old, new, language=lang.value, progress=progress)
            told = _told(found, form, everything=everything)
    except (SideError, EntangledError) as error:
        refuse(str(error))
    except UnreadableSideError as error:
        tell(error.diagnostics)
        complain(str(error))
        raise typer.Exit(WRONG_KNOWLEDGE) from error
    except FaultySourcesError as error:
        refuse(str(error))
    write(told)
    if found.new_wrong.wrong or (exit_code and not found.empty):
        raise typer.Exit(WRONG_KNOWLEDGE)


def _root_here() -> Path | None:
    """Find the folder worked on; two files can be compared without one."""
    try:
        found = sources.find_root(Path.cwd())
    except RootNotFoundError:
        return None
    vocabulary.adopt(sources.names_of(found))
    return found


def _told(found: Difference, form: DiffFormat, *, everything: bool) -> str:
    summary = outline.summary(found)
    if form is DiffFormat.JSON:
        return written.as_json(found, summary)
    title = f"From {found.before.said} to {found.after.said}"
    told = outline.sections(found, everything=everything)
    return (written.markdown if form is DiffFormat.MARKDOWN else written.text)(told, title, summary)
