"""build: folders in, what was published out, here or in a store elsewhere."""

from pathlib import Path
from typing import Annotated

import typer

from exo_onto import partitions, pipeline, remote, snapshot
from exo_onto.commands.calls import (
    RootOption,
    StoreOption,
    UpdateOption,
    dataset_of,
    elsewhere,
    opened,
    refuse,
    root_of,
    sound_or_exit,
)
from exo_onto.links import whole
from exo_onto.links.terms import LinksError
from exo_onto.partitions import WorkersError
from exo_onto.snapshot import SnapshotError
from exo_onto.terminal import err, say, shown
from exo_onto.triplestore import TripleStore
from exo_onto.vocabulary import compact

EXAMPLES = (
    "Examples:\n\nexo-onto build --prune\n\nexo-onto build --with go.obo.gz chebi.owl.gz\n\nexo-onto build --cluster tcp://10.0.0.5:8786\n\n"
    "exo-onto build --store http://127.0.0.1:7878/query"
)


def command(  # noqa: PLR0913  one for each option
    more: Annotated[list[Path] | None, typer.Argument(hidden=True)] = None,
    *,
    root: RootOption = None,
    justify: Annotated[
        bool | None,
        typer.Option(
            "--justify/--no-justify",
            help="Store the proof of every inferred triple in graph:justifications. Default: where it takes little.",
        ),
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(
            "--cluster", metavar="ADDRESS", help="Reason on the workers of this Dask scheduler, not on our cores."
        ),
    ] = None,
    beside: Annotated[
        list[Path] | None,
        typer.Option(
            "--with",
            metavar="FILE...",
            help="Load whole ontologies beside, each into a graph of its own: OBO, OWL or OBO-graph JSON.",
        ),
    ] = None,
    prune: Annotated[
        bool, typer.Option("--prune", help="Delete all snapshots but the current one afterwards.")
    ] = False,
    store: StoreOption = None,
    store_update: UpdateOption = None,
) -> None:
    """Read, reason, validate, and publish what is sound.

    The result is an immutable snapshot below build/, named by what it was made from. Where the knowledge is wrong,
    nothing is published, the last good snapshot stays current, and you are told what, where and why.
    """
    home = root_of(root)
    if more and not beside:
        refuse(f"{more[0]} is no option. To load ontologies beside: --with {' '.join(map(str, more))}.")
    if store is not None:
        if prune or cluster or beside:
            named = "--prune" if prune else "--cluster" if cluster else "--with"
            refuse(f"{named} is for what is built below build/: leave --store out.")
        _build_elsewhere(home, elsewhere(store, store_update), justify=justify)
    else:
        _build_here(home, cluster, (*(beside or ()), *(more or ())), justify=justify, prune=prune)


def _build_here(
    home: Path, cluster: str | None, beside: tuple[Path, ...], *, justify: bool | None, prune: bool
) -> None:
    try:
        workers = partitions.cluster(cluster) if cluster else None
        with shown(err) as progress:
            result = pipeline.build(home, justified=justify, workers=workers, beside=beside, progress=progress)
    except (SnapshotError, WorkersError, LinksError) as error:
        refuse(str(error))
    sound_or_exit(result)
    done = opened(home)
    said = "published" if result.fresh else "up to date"
    total = sum(done.manifest.triples.values())
    version = done.manifest.ontology_version
    for graph in (each for each in done.manifest.triples if whole.is_beside(each)):
        say(f"beside: {compact(graph)}, {done.manifest.triples[graph]:,} triples")
    say(f"{said}: snapshot {done.manifest.name}, version {version}, {total:,} triples in {done.path}")
    if prune:
        gone = snapshot.prune(home / "build")
        say(f"pruned: {len(gone)} older snapshot{'' if len(gone) == 1 else 's'}")


def _build_elsewhere(home: Path, store: TripleStore, *, justify: bool | None) -> None:
    with shown(err) as progress:
        result = remote.build(home, store, justified=justify, progress=progress)
    sound_or_exit(result)
    total = sum(
        graph.triples for graph in dataset_of(store, *remote.published(store), store.address.query).named_graphs
    )
    said = "published" if result.fresh else "up to date"
    say(f"{said}: build {result.name}, {total:,} triples in {store.address.query}")
