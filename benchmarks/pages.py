"""pages: a root that is built in; how long its pages take at the server, and how large they are, out.

    python -m benchmarks.pages

Every study and everything that these link to here is read once by one client, and then again: the first reading makes
the page, the second finds it kept. Milliseconds are those of the client, on loopback, one request after the other.
"""

import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Annotated

import httpx
import typer

from benchmarks import servers, serving
from benchmarks.machine import machine
from benchmarks.report import Machine
from benchmarks.servers import ServerError
from benchmarks.tabling import table

PATIENCE = 300.0
AIM = 100
"""Milliseconds that a page of the real corpus may take."""
MAIN = (
    "/",
    "/search?q=apoptosis",
    "/search?q=凋亡",
    "/matrix",
    "/matrix?columns=all",
    "/compare",
    "/query",
    "/download",
)
_LINK = re.compile(r'href="(/[^"#]*)"')
_NO_PAGE = re.compile(
    r"^/(static|sparql|data|metrics|\.well-known|openapi)|\.(csv|svg|ttl|nt|rdf|jsonld|trig|json)(\?|$)"
)


@dataclass(frozen=True)
class Reading:
    """One page: its address, milliseconds of the first reading and of the second, and bytes as they are written."""

    address: str
    first: float
    again: float
    size: int

    @property
    def kind(self) -> str:
        """The part of the address that says what it shows."""
        return f"/{self.address.lstrip('/').partition('?')[0].partition('/')[0]}"


def main(
    *,
    most: Annotated[int, typer.Option(help="How many pages are read at the most.", min=10)] = 600,
    out: Annotated[Path, typer.Option(help="The folder for pages.md.")] = Path("docs/benchmarks"),
) -> None:
    """Read the pages of the real corpus, and write what each kind took."""
    with tempfile.TemporaryDirectory(prefix="exo-onto-pages-") as name:
        root = Path(name) / "root"
        serving.copy_sources(root)
        data, _ = serving.prepare(root, serving.REAL)
        try:
            with servers.running(servers.ours("exo-onto"), data, bound=PATIENCE) as one:
                readings = tuple(read(one.endpoint.removesuffix("/sparql"), root, most))
        except ServerError as error:
            typer.echo(f"{error}", err=True)
            raise typer.Exit(2) from error
    out.mkdir(parents=True, exist_ok=True)
    told = markdown(machine("benchmarks.pages", ("pyoxigraph", "jinja2")), readings)
    (out / "pages.md").write_text(told, "utf-8")
    typer.echo(told)


def read(base: str, root: Path, most: int) -> Iterator[Reading]:
    """Read the main pages, those of all studies, and what they lead to, as far as there are to be so many."""
    studies = sorted(path.stem for path in (root / "instances" / "studies").glob("*.ttl"))
    waiting = [*MAIN, *(f"/study/{study}" for study in studies)]
    known = set(waiting)
    with httpx.Client(base_url=base, timeout=PATIENCE, headers={"Accept": "text/html"}) as client:
        for number, address in enumerate(waiting):
            if number >= most:
                return
            first, page = _read(client, address)
            again, _ = _read(client, address)
            yield Reading(address, first, again, len(page.content))
            found = [unescape(link) for link in _LINK.findall(page.text)]
            new = [link for link in dict.fromkeys(found) if link not in known and not _NO_PAGE.search(link)]
            known.update(new)
            waiting += new


def _read(client: httpx.Client, address: str) -> tuple[float, httpx.Response]:
    began = perf_counter()
    page = client.get(address)
    took = (perf_counter() - began) * 1000
    if not page.is_success and not page.has_redirect_location:
        raise ServerError(f"{address} is answered {page.status_code}.")
    return took, page


def markdown(told: Machine, readings: Sequence[Reading]) -> str:
    """Write the figures as a page."""
    slowest = max(readings, key=lambda each: each.first)
    return "\n".join(
        [
            "# What pages take",
            "",
            f"Measured on {told.date} with `{told.command}`: {told.processor}, {told.cores} cores,",
            f"{told.gibibytes} GiB, {told.system}, Python {told.python}.",
            f"The real corpus, {len(readings)} pages, each read by one client and then again.",
            f"Over {AIM} ms when first read: {sum(each.first > AIM for each in readings)};",
            f"the slowest was {slowest.address}, {slowest.first:,.0f} ms.",
            "",
            table(
                ["pages", "number", "first, median ms", "slowest ms", "again, median ms", "largest, kB"],
                _rows(readings),
            ),
            "",
        ]
    )


def _rows(readings: Sequence[Reading]) -> list[list[str]]:
    kinds = sorted({each.kind for each in readings})
    of_kind = [(kind, [each for each in readings if each.kind == kind]) for kind in kinds]
    return [
        [
            kind,
            str(len(some)),
            f"{median(each.first for each in some):,.1f}",
            f"{max(each.first for each in some):,.1f}",
            f"{median(each.again for each in some):,.1f}",
            f"{max(each.size for each in some) / 1000:,.0f}",
        ]
        for kind, some in of_kind
    ]


if __name__ == "__main__":
    typer.run(main)
