"""evidence: a table of miRNA targets in, what it has of the statements of studies out, as a file of the root."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from pyoxigraph import Store

from exo_onto import loading, sources
from exo_onto.commands.calls import RootOption, refuse, root_of
from exo_onto.commands.exits import WRONG_KNOWLEDGE
from exo_onto.faults import FaultySourcesError
from exo_onto.links import evidence, rows, targets
from exo_onto.links.evidence import Origin, Summary, Tally
from exo_onto.links.rows import TableError
from exo_onto.links.targets import UnknownTableError
from exo_onto.terminal import complain, err, say, shown

EXAMPLES = (
    "Examples:\n\nexo-onto links evidence hsa_MTI.csv\n\n"
    "exo-onto links evidence miRTarBase_MTI.xlsx --name mirtarbase-9\n\n"
    "exo-onto links evidence Homo_sapiens_TarBase-v9.tsv.gz --strict"
)


FileArgument = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        help="A table of miRNA targets: miRTarBase, TarBase 8 or 9, or plain columns such as "
        "miRNA, gene, species, support and PMID; CSV, TSV or XLSX, as it is or packed by gzip.",
        show_default=False,
    ),
]


def command(
    file: FileArgument,
    *,
    root: RootOption = None,
    name: Annotated[
        str | None, typer.Option("--name", help="What the evidence is called. Default: the name of the file.")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Write nothing and exit with 1 where a row cannot be understood.")
    ] = False,
) -> None:
    """Compare the miRNA targets that studies state with a table from elsewhere: which has what of the other.

    Writes instances/evidence/NAME.ttl, which the next build puts into graph:evidence. Rows that cannot be understood
    are told, and left out.
    """
    home, called, store = root_of(root), _called(name, file), Store()
    with _refusing_tables():
        loading.load(sources.read_sources(home), store)
        digest = rows.digest(file)
        found = _read(store, file, digest)
    _tell_refused(file, found)
    if strict and found.refused:
        err.print("[bold red]Nothing was written.[/]")
        raise typer.Exit(WRONG_KNOWLEDGE)
    origin = Origin(called, file.name, digest)
    told = evidence.graph(store, origin, found)
    written = rows.write_aside(home / "instances" / "evidence" / f"{called}.ttl", evidence.turtle(told, origin))
    _tell(written.relative_to(home), found, evidence.summary(told))


def _read(store: Store, file: Path, digest: str) -> Tally:
    """Read a table of this digest. Raises TableError, UnknownTableError."""
    with shown(err) as progress, rows.opened(file) as table:

        def counted(number: int) -> None:
            progress(f"read {file.name}: {number:,} rows")

        layout = targets.recognise(table.header, file)
        progress(f"read {file.name}")
        found = evidence.tally(evidence.known(store), layout, table.rows, progress=counted)
    if rows.digest(file) != digest:
        raise TableError(f"{file}: changed while it was being read. Run the command again.")
    return found


@contextmanager
def _refusing_tables() -> Iterator[None]:
    """Say in words what is no table of targets, or does not fit what is here."""
    try:
        yield
    except (TableError, UnknownTableError) as error:
        refuse(str(error))
    except FaultySourcesError as error:
        refuse(f"{error} Run `exo-onto check`.")


def _called(name: str | None, file: Path) -> str:
    """Make of a file's name one that can stand in an address, or take the one that is given."""
    stem = file.name.partition(".")[0]
    called = name or re.sub(r"[^a-z0-9]+", "-", stem.casefold()).strip("-")
    if not re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", called):
        refuse(
            f"Evidence has a name of small letters, digits and single hyphens, not {called!r}: give one with --name."
        )
    return called


def _tell_refused(file: Path, found: Tally) -> None:
    """Tell the rows that could not be understood, with their line and column."""
    for each in found.complaints:
        column = f":{each.column}" if each.column is not None else ""
        named = f"column {each.name}: " if each.name else ""
        complain(f"{file}:{each.line}{column}: {named}{each.what}")
    more = found.refused - len(found.complaints)
    if more:
        complain(f"{file}: {more:,} more rows could not be understood.")


def _tell(written: Path, found: Tally, summary: Summary) -> None:
    say(f"{found.read:,} rows read, {found.refused:,} not understood, {found.across:,} across two species.")
    say(
        f"Of what studies state: {summary.supported} supported, {summary.contradicted} contradicted, "
        f"{summary.not_in_table} not in the table. In the table alone: {summary.unstated} pairs."
    )
    say(f"Written: {written.as_posix()}. Run `exo-onto build`, then `exo-onto query target-evidence`.")
