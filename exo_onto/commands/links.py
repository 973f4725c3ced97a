"""links: files of external ontologies in, modules of what is used of them out; a command for each verb.

To add a verb: a function here, and a line in the tuple at the end.
"""

from pathlib import Path
from typing import Annotated

import typer

from exo_onto.commands import evidence
from exo_onto.commands.calls import RootOption, root_of

EXAMPLES = "Examples:\n\nexo-onto links update go.obo.gz\n\nexo-onto links update go.owl chebi_lite.obo.gz --strict"

app = typer.Typer(
    help="Keep the links to other ontologies right: modules of what is used of them.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)

FilesArgument = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE...",
        help="OBO, OWL (RDF/XML, functional, OWL/XML) or OBO-graph JSON, as it is or packed by gzip.",
        show_default=False,
    ),
]


def update(files: FilesArgument, *, root: RootOption = None) -> None:
    """Write anew the modules below ontology/imports/ from files of the ontologies that they are taken from."""
    root_of(root)
    del files
    raise NotImplementedError


for _verb, _examples in ((update, EXAMPLES),):
    app.command(_verb.__name__, epilog=_examples)(_verb)
app.command("evidence", epilog=evidence.EXAMPLES)(evidence.command)
