"""evidence: tables of a million made-up rows read by `exo-onto links evidence`; seconds and memory out.

The rows have the columns of miRTarBase and TarBase, and names of miRNAs and genes of ours among others; none of them is
a finding. A small table beside the large one shows whether memory grows with the rows.
"""

import csv
import gzip
import json
import resource
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import Annotated, Final

import typer
from openpyxl import Workbook
from pyoxigraph import Store
from rich.console import Console

from benchmarks import processes
from benchmarks.machine import machine
from benchmarks.processes import Outcome
from benchmarks.report import Machine
from benchmarks.tabling import table
from exo_onto.links import evidence
from exo_onto.loading import load
from exo_onto.sources import read_sources

REPOSITORY = Path(__file__).parent.parent
COMMAND: Final = (sys.executable, "-c", "from exo_onto import cli; cli.main()", "links", "evidence")
HUMAN: Final = "Homo sapiens"
OURS: Final = 0.02
"""What part of the rows is on a miRNA of ours, and as many on a gene of ours."""
MIRTARBASE: Final = (
    "miRTarBase ID",
    "miRNA",
    "Species (miRNA)",
    "Target Gene",
    "Target Gene (Entrez ID)",
    "Species (Target Gene)",
    "Experiments",
    "Support Type",
    "References (PMID)",
)
TARBASE: Final = (
    "species",
    "mirna_name",
    "mirna_id",
    "gene_name",
    "gene_id",
    "experimental_method",
    "article_pubmed_id",
)

app = typer.Typer(add_completion=False)
console = Console(stderr=True)
Cells = tuple[str | int, ...]


@dataclass(frozen=True)
class Timed:
    """What became of one table."""

    form: str
    rows: int
    file_mebibytes: float
    outcome: Outcome
    seconds: float | None
    processor_seconds: float
    mebibytes: float | None


@dataclass(frozen=True)
class Result:
    """All tables, and the machine."""

    machine: Machine
    timed: tuple[Timed, ...]


@dataclass(frozen=True)
class Plan:
    """A table to be made and read."""

    form: str
    rows: int
    file: str
    write: Callable[[Path, Iterator[Cells]], None]
    made: Callable[[int], Iterator[Cells]]


@dataclass(frozen=True)
class Names:
    """The human names of ours that rows are made with."""

    mirnas: tuple[str, ...]
    genes: tuple[str, ...]


def names(root: Path) -> Names:
    """Give the names by which a human table knows what is in a root."""
    store = Store()
    load(read_sources(root), store)
    known = evidence.known(store)
    human = known.species[HUMAN.casefold()]
    mirnas = [
        name for name, meant in known.mirnas.items() if name.startswith("hsa-") and any(t == human for _, t in meant)
    ]
    genes = [
        name.upper() for name, meant in known.genes.items() if "://" not in name and any(t == human for _, t in meant)
    ]
    return Names(tuple(sorted(mirnas)), tuple(sorted(genes)))


def mirtarbase(count: int, ours: Names, *, seed: int = 1) -> Iterator[Cells]:
    """Make up rows of miRTarBase."""
    yield MIRTARBASE
    for number, (mirna, gene, pmid) in enumerate(_drawn(count, ours, seed)):
        kind = "Non-Functional MTI" if number % 50 == 0 else "Functional MTI (Weak)"
        yield f"MIRT{number:06}", mirna, HUMAN, gene, "", HUMAN, "HITS-CLIP//qRT-PCR", kind, pmid


def tarbase(count: int, ours: Names, *, seed: int = 1) -> Iterator[Cells]:
    """Make up rows of TarBase 9."""
    yield TARBASE
    for mirna, gene, pmid in _drawn(count, ours, seed):
        yield HUMAN, mirna, "NA", gene, "NA", "HITS-CLIP", pmid


def _drawn(count: int, ours: Names, seed: int) -> Iterator[tuple[str, str, int]]:
    chance = Random(seed)  # noqa: S311  nothing secret
    for _ in range(count):
        mirna = (
            chance.choice(ours.mirnas) if chance.random() < OURS else f"hsa-miR-{chance.randrange(90_000, 93_000)}-5p"
        )
        gene = chance.choice(ours.genes) if chance.random() < OURS else f"MADEUP{chance.randrange(20_000)}"
        yield mirna, gene, chance.randrange(90_000_000, 99_999_999)


def write_csv(path: Path, rows: Iterator[Cells]) -> None:
    """Write rows parted by commas."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def write_packed(path: Path, rows: Iterator[Cells]) -> None:
    """Write rows parted by tabs, packed."""
    with gzip.open(path, "wt", compresslevel=1, encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter="\t").writerows(rows)


def write_workbook(path: Path, rows: Iterator[Cells]) -> None:
    """Write rows as a workbook."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append(row)
    book.save(path)


def measure(count: int, workbook: int, *, bound: float, progress: Callable[[str], None]) -> Result:
    """Make tables, and have the command read each in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="exo-onto-evidence-") as name:
        root = Path(name) / "root"
        for folder in ("ontology", "shapes", "instances"):
            shutil.copytree(REPOSITORY / folder, root / folder)
        ours = names(root)
        csv_rows, tsv_rows = partial(mirtarbase, ours=ours), partial(tarbase, ours=ours)
        plans = (
            Plan("miRTarBase, CSV", count // 100, "few.csv", write_csv, csv_rows),
            Plan("miRTarBase, CSV", count, "many.csv", write_csv, csv_rows),
            Plan("TarBase 9, packed TSV", count, "many.tsv.gz", write_packed, tsv_rows),
            Plan("miRTarBase, XLSX", workbook, "book.xlsx", write_workbook, csv_rows),
        )
        timed = []
        for plan in plans:
            progress(f"{plan.form}: {plan.rows:,} rows")
            path = Path(name) / plan.file
            plan.write(path, plan.made(plan.rows))
            size = path.stat().st_size / 2**20
            before = _processor_seconds()
            run = processes.run((*COMMAND, str(path), "--root", str(root)), bound=bound, folder=root)
            timed.append(
                Timed(
                    plan.form,
                    plan.rows,
                    round(size, 1),
                    run.outcome,
                    run.seconds,
                    round(_processor_seconds() - before, 1),
                    run.mebibytes,
                )
            )
            path.unlink()
    return Result(machine("benchmarks.evidence", ("exo-onto", "pyoxigraph", "openpyxl")), tuple(timed))


def _processor_seconds() -> float:
    """Give the seconds that all processes started from here, and ended, have had of a processor."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def markdown(result: Result) -> str:
    """Write what was measured for people."""
    told = result.machine
    on = f"{told.processor}, {told.cores} cores, {told.gibibytes} GiB, {told.system}, Python {told.python}"
    versions = ", ".join(f"{name} {number}" for name, number in told.versions.items())
    rows = [
        (
            each.form,
            f"{each.rows:,}",
            f"{each.file_mebibytes:,}",
            _shown(each),
            f"{each.processor_seconds:,.1f}",
            f"{each.mebibytes or 0:,.0f}",
        )
        for each in result.timed
    ]
    return f"""# Tables of miRNA targets

Made by `{told.command}` on {told.date}.
{on}; {versions}.
`exo-onto links evidence` on made-up tables, each in a process of its own, from its start to its end.
In that time the sources are read and the evidence is written too.

{table(("table", "rows", "MiB", "seconds", "of a processor", "most memory, MiB"), rows)}
"""


def _shown(each: Timed) -> str:
    return f"{each.seconds:,.1f}" if each.outcome is Outcome.DONE and each.seconds is not None else each.outcome.value


@app.command()
def main(
    *,
    rows: Annotated[int, typer.Option(help="Rows of the large tables.", min=100)] = 1_000_000,
    workbook: Annotated[int, typer.Option(help="Rows of the workbook.", min=1)] = 50_000,
    bound: Annotated[float, typer.Option(help="Seconds that each may take.", min=1)] = 900,
    out: Annotated[Path, typer.Option(help="The folder for evidence.md and evidence.json.")] = Path("docs/benchmarks"),
) -> None:
    """Have tables of made-up rows read, and tell in what time and memory."""
    result = measure(rows, workbook, bound=bound, progress=lambda said: console.print(f"{said} ..."))
    out.mkdir(parents=True, exist_ok=True)
    (out / "evidence.json").write_text(json.dumps(asdict(result), indent=2) + "\n", "utf-8")
    (out / "evidence.md").write_text(markdown(result), "utf-8")
    typer.echo(markdown(result))


if __name__ == "__main__":
    app()
