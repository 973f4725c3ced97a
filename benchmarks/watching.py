"""watching: files of a watched root edited, one after the other, in; how long until each edit is served or told, out.

    python -m benchmarks.watching

The root is a copy of the repository's own knowledge under `exo-onto serve --watch`. A file is saved, and the server is
asked every few milliseconds until it answers by the new file, or tells what is wrong with it. Seconds are those of the
client; the processor's are of all processes of the server, from the save until nothing is under way any more.
"""

import os
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter, sleep
from typing import Annotated, Any

import httpx
import psutil
import typer

from benchmarks import servers, serving
from benchmarks.machine import machine
from benchmarks.report import Machine
from benchmarks.servers import Prepared, Running, Server, ServerError
from benchmarks.tabling import table

PATIENCE = 60.0
AIM = 1.0
"""Seconds within which an edit is to be followed."""
STEP = 0.01
"""How often it is asked, in seconds."""
REST = 2.0
"""Seconds between two edits: somebody types."""
_LABEL = re.compile(r'(rdfs:label ")([^"]*)("@en)')
_MESSAGE = re.compile(r'(sh:message ")([^"]*)("@en)')

Follows = Callable[[httpx.Client], bool]
"""Says whether a server has followed."""


@dataclass(frozen=True)
class Edit:
    """A kind of edit: what it is called, and the text that is changed in a file of the root, or what is added to it."""

    name: str
    path: str
    pattern: re.Pattern[str] = _LABEL
    broken: str = ""


@dataclass(frozen=True)
class Followed:
    """An edit that was followed: seconds until it was, and the processor's seconds that it took in all."""

    edit: str
    seconds: float
    busy: float


EDITS = (
    Edit("the label of a study", "instances/studies/cheng-xf-2018.ttl"),
    Edit("the label of a molecule", "instances/entities/mirnas.ttl"),
    Edit("the label of a class", "ontology/mechanism.ttl"),
    Edit("the message of a shape", "shapes/study.ttl", _MESSAGE),
    Edit("a study that is no Turtle any more", "instances/studies/cheng-xf-2018.ttl", broken="nonsense\n"),
    Edit("a study that breaks a shape", "instances/studies/cheng-xf-2018.ttl", broken="study:none a exonto:Study .\n"),
)


def main(
    *,
    times: Annotated[int, typer.Option(help="How often each kind of edit is made.", min=1)] = 10,
    out: Annotated[Path, typer.Option(help="The folder for watching.md.")] = Path("docs/benchmarks"),
) -> None:
    """Edit the real corpus under the eyes of a server, and write how long it takes to follow."""
    with tempfile.TemporaryDirectory(prefix="exo-onto-watching-") as name:
        root = Path(name) / "root"
        serving.copy_sources(root)
        try:
            with servers.running(watching(), Prepared(serving.REAL, root), bound=PATIENCE) as one:
                found = tuple(each for edit in EDITS for each in followed(one, root, edit, times))
        except ServerError as error:
            typer.echo(f"{error}", err=True)
            raise typer.Exit(2) from error
    out.mkdir(parents=True, exist_ok=True)
    others = os.getloadavg()[2]
    told = markdown(machine("benchmarks.watching", ("pyoxigraph", "watchfiles")), found, others)
    (out / "watching.md").write_text(told, "utf-8")
    typer.echo(told)


def watching() -> Server:
    """Give our server as somebody has it who edits."""
    return servers.ours("exo-onto", "--watch")


def followed(one: Running, root: Path, edit: Edit, times: int) -> Iterator[Followed]:
    """Make an edit so many times, each time another, and put the file back at the end."""
    path = root / edit.path
    before = path.read_text("utf-8")
    with httpx.Client(base_url=one.endpoint.removesuffix("/sparql"), timeout=PATIENCE) as client:
        sleep(REST)
        for number in range(times):
            yield _followed(one, client, path, before, edit, number)
            if edit.broken:
                _put_back(client, path, before)
        _put_back(client, path, before)


def _followed(  # noqa: PLR0913, PLR0917  what is edited, and who follows
    one: Running, client: httpx.Client, path: Path, before: str, edit: Edit, number: int
) -> Followed:
    told = _told(client)
    busy = _busy(one)
    follows = _follows(edit, number, told)
    start = perf_counter()
    path.write_text(edited(before, edit, number), "utf-8")
    while not follows(client):
        if perf_counter() - start > PATIENCE:
            raise ServerError(f"{edit.name}: not followed within {PATIENCE:g} s")
        sleep(STEP)
    seconds = perf_counter() - start
    _rest(client, told["number"])
    return Followed(edit.name, seconds, _busy(one) - busy)


def edited(before: str, edit: Edit, number: int) -> str:
    """Give a text with the first of what an edit changes changed, or with what breaks it added."""
    if edit.broken:
        return f"{before}# {number}\n{edit.broken}"
    return edit.pattern.sub(lambda found: f"{found[1]}{_new(number)}{found[3]}", before, count=1)


def _new(number: int) -> str:
    return f"edited {number}"


def _follows(edit: Edit, number: int, told: dict[str, Any]) -> Follows:
    """Say how it is seen that an edit is followed: by the data, by what is wrong, or else by the snapshot's name."""
    if edit.broken:
        return lambda client: _told(client)["state"] == "wrong"
    if edit.pattern is _LABEL:
        query = f'ASK {{ ?s <http://www.w3.org/2000/01/rdf-schema#label> "{_new(number)}"@en }}'
        return lambda client: _holds(client, query)
    return lambda client: _told(client)["serving"] != told["serving"]


def _told(client: httpx.Client) -> dict[str, Any]:
    told: dict[str, Any] = client.get("/diagnostics").raise_for_status().json()
    return told


def _holds(client: httpx.Client, query: str) -> bool:
    answer = client.get("/sparql", params={"query": query}, headers={"Accept": "application/json"})
    return bool(answer.raise_for_status().json()["boolean"])


def _put_back(client: httpx.Client, path: Path, before: str) -> None:
    """Write the file as it was, and wait until that is served."""
    number = _told(client)["number"]
    path.write_text(before, "utf-8")
    _rest(client, number)


def _rest(client: httpx.Client, number: int) -> None:
    """Wait until the news is no more of that number, and nothing is built; and then as long as somebody thinks."""
    end = perf_counter() + PATIENCE
    while (told := _told(client))["number"] == number or told["state"] == "building":
        if perf_counter() > end:
            raise ServerError(f"still building after {PATIENCE:g} s")
        sleep(STEP)
    sleep(REST)  # new processes are made ready meanwhile


def _busy(one: Running) -> float:
    """Sum what the processor has spent on a server: on all its processes, and on those that have ended."""
    return sum(map(_spent, one.family()))


def _spent(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system + times.children_user + times.children_system)


def markdown(told: Machine, found: Sequence[Followed], load: float) -> str:
    """Write the figures as a page, with the load of the machine: of one that has other work they say little."""
    return "\n".join(
        [
            "# What it takes to follow an edit",
            "",
            f"Measured on {told.date} with `{told.command}`: {told.processor}, {told.cores} cores,",
            f"{told.gibibytes} GiB, {told.system}, Python {told.python}.",
            "The real corpus under `exo-onto serve --watch`; a file is saved, and the server asked until it follows.",
            f"In the quarter of an hour before, {load:.1f} processes wanted a core at a time, ours among them.",
            f"Edits: {len(found)}; not followed within {AIM:g} s: {sum(each.seconds > AIM for each in found)}.",
            "The processor's seconds are of all processes of the server, those too that are made ready for the next.",
            "",
            table(["edit", "times", "median s", "worst s", "processor, median s"], _rows(found)),
            "",
        ]
    )


def _rows(found: Sequence[Followed]) -> list[list[str]]:
    kinds = dict.fromkeys(each.edit for each in found)
    of_kind = [(kind, [each for each in found if each.edit == kind]) for kind in kinds]
    return [
        [
            kind,
            str(len(some)),
            f"{median(each.seconds for each in some):.2f}",
            f"{max(each.seconds for each in some):.2f}",
            f"{median(each.busy for each in some):.1f}",
        ]
        for kind, some in of_kind
    ]


if __name__ == "__main__":
    typer.run(main)
