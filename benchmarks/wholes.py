"""wholes: files of whole ontologies in; what modules and graphs of them cost, and whether a server slows down, out.

    python -m benchmarks.wholes go.obo.gz chebi.obo.gz

Seconds are those of the processor, which a busy machine does not stretch; memory is the most that the process held. Two
servers, of the same knowledge with and without the ontologies beside, are asked the shipped questions in turns.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Annotated

import httpx
import typer

from benchmarks import servers, serving, workloads
from benchmarks.machine import machine
from benchmarks.report import Machine
from benchmarks.servers import EXO_ONTO, REPOSITORY, Prepared, ServerError
from benchmarks.tabling import table
from exo_onto.snapshot import open_snapshot

LICENCE = "https://creativecommons.org/licenses/by/4.0/"
PATIENCE = 300.0


@dataclass(frozen=True)
class Cost:
    """What a command took: seconds of the processor, and MiB at the most."""

    what: str
    seconds: float
    mebibytes: float


@dataclass(frozen=True)
class Seen:
    """All that was measured. `asked`: for each question the median milliseconds without and with what is beside."""

    machine: Machine
    files: tuple[str, ...]
    triples: int
    costs: tuple[Cost, ...]
    asked: dict[str, tuple[float, float]]


def main(
    files: Annotated[list[Path], typer.Argument(help="Files of whole ontologies.")],
    *,
    rounds: Annotated[int, typer.Option(help="How often each question is asked.", min=1)] = 5,
    out: Annotated[Path, typer.Option(help="The folder for wholes.md and wholes.json.")] = Path("docs/benchmarks"),
) -> None:
    """Measure `links update` and `build --with` with whole ontologies, and the served questions beside them."""
    try:
        with tempfile.TemporaryDirectory() as folder:
            seen = measure([path.absolute() for path in files], Path(folder), rounds)
    except ServerError as error:
        typer.echo(f"{error}", err=True)
        raise typer.Exit(2) from error
    out.mkdir(parents=True, exist_ok=True)
    (out / "wholes.json").write_text(json.dumps(asdict(seen), indent=2) + "\n", "utf-8")
    (out / "wholes.md").write_text(markdown(seen), "utf-8")
    typer.echo(markdown(seen))


def measure(files: Sequence[Path], folder: Path, rounds: int) -> Seen:
    """Run the commands in copies of the repository's knowledge, then ask both servers."""
    roots = [folder / name for name in ("extracted", "plain", "beside")]
    for root in roots:
        serving.copy_sources(root)
    told = [part for path in files for part in ("--licence", f"{path.name}={LICENCE}")]
    update = ["links", "update", *map(str, files), *told, "--root", str(roots[0])]
    costs = (
        run("links update", update),
        run("build", ["build", "--no-justify", "--root", str(roots[1])]),
        run("build --with", ["build", "--no-justify", "--root", str(roots[2]), "--with", *map(str, files)]),
    )
    counts = [sum(open_snapshot(root / "build").manifest.triples.values()) for root in roots[1:]]
    asked = ask_in_turns([Prepared(root.name, root) for root in roots[1:]], rounds)
    names = tuple(path.name for path in files)
    return Seen(
        machine("benchmarks.wholes", ("pyoxigraph", "py-horned-owl")), names, counts[1] - counts[0], costs, asked
    )


def run(what: str, arguments: Sequence[str]) -> Cost:
    """Run a command of ours; what it took is told by the system. Raises ServerError where it fails."""
    with subprocess.Popen([*EXO_ONTO, *arguments], cwd=REPOSITORY, stdout=subprocess.DEVNULL) as process:  # noqa: S603  ours
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise ServerError(f"{what} fails.")
    kibi = 1 if sys.platform == "linux" else 1024
    return Cost(what, round(usage.ru_utime + usage.ru_stime, 1), round(usage.ru_maxrss / 1024 / kibi))


def ask_in_turns(data: Sequence[Prepared], rounds: int) -> dict[str, tuple[float, float]]:
    """Ask each shipped question of two servers in turns, and give the median milliseconds of each."""
    server = servers.ours("exo-onto", "--cache-bytes", "0")
    with ExitStack() as stack:
        ends = [stack.enter_context(servers.running(server, each, bound=PATIENCE)).endpoint for each in data]
        client = stack.enter_context(httpx.Client())
        found: dict[str, tuple[float, float]] = {}
        for query in workloads.questions():
            turns = [
                [serving.ask(client, end, query, PATIENCE).seconds * 1000 for end in ends] for _ in range(rounds + 1)
            ]
            plain, beside = (median(turn[place] for turn in turns[1:]) for place in (0, 1))
            found[query.name] = (round(plain, 1), round(beside, 1))
    return found


def markdown(seen: Seen) -> str:
    """Write the figures as a page."""
    told = seen.machine
    versions = ", ".join(f"{name} {number}" for name, number in told.versions.items())
    total = [sum(each[place] for each in seen.asked.values()) for place in (0, 1)]
    return "\n".join(
        [
            "# Whole ontologies",
            "",
            f"Measured on {told.date} with `{told.command}`: {told.processor}, {told.cores} cores,",
            f"{told.gibibytes} GiB, {told.system}, Python {told.python}, {versions}.",
            f"Files: {', '.join(seen.files)}; beside, they are {seen.triples:,} triples.",
            "Seconds are those of the processor; memory is the most that was held.",
            "",
            table(["command", "seconds", "MiB"], list(_costs(seen.costs))),
            "",
            "The shipped questions over HTTP, without a cache, asked in turns; median milliseconds, of the wall.",
            "",
            table(["question", "without", "beside"], list(_asked(seen.asked, total))),
            "",
        ]
    )


def _costs(costs: Sequence[Cost]) -> Iterator[list[str]]:
    for each in costs:
        yield [each.what, f"{each.seconds:,.1f}", f"{each.mebibytes:,.0f}"]


def _asked(asked: dict[str, tuple[float, float]], total: list[float]) -> Iterator[list[str]]:
    for name, (plain, beside) in asked.items():
        yield [name, f"{plain:,.1f}", f"{beside:,.1f}"]
    yield ["all", f"{total[0]:,.1f}", f"{total[1]:,.1f}"]


if __name__ == "__main__":
    typer.run(main)
