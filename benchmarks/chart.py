"""chart: measurements in, two SVG files out: the peers side by side, and the growth of the build. Writes files."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.processes import Outcome
from benchmarks.report import TASKS, Growth, Result, alone, exponents

OURS, THEIRS = "#1b7f5c", "#8a8f98"


def draw(result: Result, folder: Path) -> tuple[Path, ...]:
    """Draw the peers to chart.svg, and where the build was timed at several sizes its growth to growth.svg."""
    mpl.rcParams["svg.hashsalt"] = "exo-onto"  # or names within the file differ from run to run
    mpl.rcParams["svg.fonttype"] = "none"
    written = [_save(_side_by_side(result), folder / "chart.svg")]
    if exponents(result.growth):
        written.append(_save(_growth(result.growth), folder / "growth.svg"))
    return tuple(written)


def _save(figure: Figure, path: Path) -> Path:
    figure.savefig(path, format="svg", metadata={"Date": None}, bbox_inches="tight")
    return path


def _side_by_side(result: Result) -> Figure:
    figure = Figure(figsize=(8, 5))
    for axes, task in zip(figure.subplots(len(TASKS), 1), TASKS, strict=True):
        _bars(axes, result, task)
    figure.suptitle(f"Seconds for {result.studies:,} studies ({result.triples:,} triples); whole processes, log scale")
    figure.tight_layout()
    return figure


def _bars(axes: Axes, result: Result, task: str) -> None:
    shown = [alone(result, task), *(peer for peer in result.peers if peer.task == task)]
    bars = [(one.peer, one.run.seconds or 0, one.run.outcome) for one in shown]
    for place, (name, seconds, outcome) in enumerate(bars):
        past = outcome is Outcome.PAST_BOUND
        length = seconds if past or outcome is Outcome.DONE else 0
        axes.barh(place, length, color=THEIRS if place else OURS, hatch="//" if past else None, edgecolor="white")
        said = f"> {seconds:.0f} s" if past else f"{seconds:.1f} s" if length else str(outcome)
        axes.text(max(length, 0.1), place, f" {said}", va="center")
        axes.text(0, place, f"{name}  ", va="center", ha="right", transform=axes.get_yaxis_transform())
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter("{x:g}")
    axes.set_xlim(0.1, max(1, *(seconds for _, seconds, _ in bars)) * 4)
    axes.set_yticks([])
    axes.invert_yaxis()
    axes.set_title(TASKS[task], loc="left")
    axes.spines[["top", "right"]].set_visible(False)


def _growth(growth: Sequence[Growth]) -> Figure:
    done = [each for each in growth if each.build.run.outcome is Outcome.DONE]
    figure = Figure(figsize=(6, 4))
    axes = figure.subplots()
    axes.loglog([each.studies for each in done], [each.build.run.seconds or 0 for each in done], "o-", color=OURS)
    axes.set_xlabel("studies")
    axes.set_ylabel("seconds")
    axes.set_title(f"Whole build: time grows as n^{exponents(growth)['whole']:.2f}", loc="left")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter("{x:g}")
        axis.set_minor_formatter("")
    axes.grid(visible=True, which="major", alpha=0.3)
    return figure
