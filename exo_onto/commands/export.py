"""export: what is published in, a file that other tools read out."""

import os
from pathlib import Path
from typing import Annotated

import typer

from exo_onto.commands.calls import RootOption, opened, refuse, root_of
from exo_onto.links import owl
from exo_onto.terminal import err, say, shown
from exo_onto.vocabulary import ASSERTED_GRAPHS, GRAPH_INFERRED

EXAMPLES = (
    "Examples:\n\nexo-onto export exo-onto.owl\n\nexo-onto export exo-onto.ttl --inferred\n\nexo-onto export a.ofn"
)


def command(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="Where to write. Its suffix says what: .owl or .rdf is RDF/XML, .ttl Turtle, .ofn functional syntax.",
            show_default=False,
        ),
    ],
    *,
    root: RootOption = None,
    inferred: Annotated[
        bool, typer.Option("--inferred/--asserted", help="With what was inferred, or what was asserted alone.")
    ] = False,
) -> None:
    """Write the published graph as one OWL file, which Protégé, ROBOT and other tools open.

    It holds the ontology, the modules of other ontologies, the instances and the claims.
    """
    home = root_of(root)
    syntax = owl.SUFFIXES.get(file.suffix.lower())
    if syntax is None:
        refuse(f"{file} has none of the suffixes {', '.join(owl.SUFFIXES)}, which say what to write. Rename it.")
    graphs = (*ASSERTED_GRAPHS, GRAPH_INFERRED) if inferred else ASSERTED_GRAPHS
    store = opened(home).store
    triples = [quad.triple for graph in graphs for quad in store.quads_for_pattern(None, None, None, graph)]
    with shown(err) as progress:
        progress(f"write {file.name}")
        text = owl.write(triples, syntax)
    _put(file, text)
    say(f"written: {file}, {len(triples):,} triples")


def _put(file: Path, text: str) -> None:
    """Write aside, and rename what is whole."""
    aside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        aside.write_text(text, encoding="utf-8")
        aside.replace(file)
    except OSError as error:
        aside.unlink(missing_ok=True)
        refuse(f"{file} cannot be written: {error.strerror or error}.")
