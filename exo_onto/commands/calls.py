"""calls: what the commands have in common: exit codes, options, and a call that is refused in one sentence."""

from pathlib import Path
from typing import Annotated, NoReturn

import typer

from exo_onto import dataset, render, snapshot, sources, triplestore, vocabulary
from exo_onto.commands.exits import WRONG_CALL, WRONG_KNOWLEDGE
from exo_onto.dataset import AnyStore, Dataset, Description
from exo_onto.diagnose import Diagnostic
from exo_onto.pipeline import Build
from exo_onto.render import Format
from exo_onto.snapshot import Snapshot, SnapshotError
from exo_onto.sources import RootNotFoundError
from exo_onto.terminal import complain, err
from exo_onto.triplestore import TripleStore
from exo_onto.vocabulary import DEFAULT_GRAPHS

RootOption = Annotated[
    Path | None,
    typer.Option(
        "--root", help="The folder with ontology/, shapes/ and instances/. Default: the nearest, from here upwards."
    ),
]
FormatOption = Annotated[
    Format, typer.Option("--format", "-f", help="How to write: a table for people, the rest for programs.")
]
StoreOption = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="URL",
        help="Work on the SPARQL 1.1 store at this address instead: where it takes queries. "
        f"Its user and password are read from {triplestore.USER} and {triplestore.PASSWORD}.",
    ),
]
UpdateOption = Annotated[
    str | None,
    typer.Option(
        "--store-update",
        metavar="URL",
        help="Where the store takes updates. Default: /update beside /query; else the same address.",
    ),
]


def sound_or_exit(result: Build) -> None:
    """Tell what is wrong, and exit with 1 where nothing was published for it."""
    tell(result.judgement.diagnostics)
    if result.name is None:
        err.print("[bold red]Nothing was published.[/] What was published before stays current.")
        raise typer.Exit(WRONG_KNOWLEDGE)


def dataset_of(graphs: AnyStore, named: str, version: str, endpoint: str) -> Dataset:
    """Prepare the graphs of a store elsewhere to be asked and described."""
    return dataset.prepare(graphs, Description(endpoint, "exo-onto", version, named), default_graphs=DEFAULT_GRAPHS)


def elsewhere(store: str, update: str | None) -> TripleStore:
    """Take the store at an address, with the credentials of the environment."""
    return TripleStore(triplestore.address(store, update), triplestore.credentials())


def root_or_here() -> Path:
    """Find the folder whose questions are asked elsewhere: none is needed for others."""
    try:
        return sources.find_root(Path.cwd())
    except RootNotFoundError:
        return Path.cwd()


def root_of(given: Path | None) -> Path:
    """Find the folder to work on, or say that there is none."""
    start = (given or Path.cwd()).resolve()
    try:
        found = sources.find_root(start)
    except RootNotFoundError as error:
        refuse(str(error))
    if given is not None and found != start:
        refuse(f"{given} is no root: it has not all of {', '.join(f'{name}/' for name in sources.FOLDERS)}.")
    vocabulary.adopt(sources.names_of(found))
    return found


def opened(home: Path) -> Snapshot:
    """Open what is published, or say that nothing is."""
    try:
        return snapshot.open_snapshot(home / "build")
    except SnapshotError as error:
        refuse(str(error))


def tell(diagnostics: tuple[Diagnostic, ...]) -> None:
    """Print what is wrong on standard error."""
    if diagnostics:
        err.print(render.diagnostics_text(diagnostics), soft_wrap=True, highlight=False)


def refuse(reason: str) -> NoReturn:
    """Say in a sentence why a call is refused, and exit with 2."""
    complain(reason)
    raise typer.Exit(WRONG_CALL)
