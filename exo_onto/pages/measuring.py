"""measuring: files of a store in, how long each is and its digest out. Starts a process, and is what runs in it.

To measure a file is to write it, to nowhere: some seconds for each million of triples. In a process of its own, which
lets all others go first, no page waits for that. A line of JSON asks for a file, and a line of JSON tells its measure:

    -> {"graphs": ["https://w3id.org/exo-onto/graph/inferred"], "media_type": "text/turtle"}
    <- {"size": 314159, "digest": "..."}
"""

import asyncio
import hashlib
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncGenerator, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Final, cast

from pyoxigraph import NamedNode, Store

from exo_onto import downloads
from exo_onto.dataset import Dataset, Description

_LAST: Final = 19
"""The niceness of what may wait for everything else."""
_NOBODY: Final = Description("", "", "", "")

File = tuple[tuple[NamedNode, ...] | None, str]
"""The graphs that a file holds as one, None: all of them by name; and its media type."""


@dataclass(frozen=True)
class Measure:
    """How long a file is, in bytes, and its SHA-256."""

    size: int
    digest: str


def measured(file: File, dataset: Dataset) -> Measure:
    """Write a file to nowhere, and say how long it is."""
    counter = _Counter()
    downloads.write(*file, dataset, cast("IO[bytes]", counter))
    return Measure(counter.size, counter.digest.hexdigest())


async def measured_apart(store: Path, files: Iterable[File]) -> AsyncGenerator[Measure, None]:
    """Measure files of a store in a process of its own, one after the other; it ends with who asks.

    Gives fewer where the process ends before.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "exo_onto.pages.measuring", str(store)), stdin=PIPE, stdout=PIPE
    )
    try:
        for graphs, media_type in files:
            names = None if graphs is None else [graph.value for graph in graphs]
            told = await _told(process, json.dumps({"graphs": names, "media_type": media_type}))
            if not told:
                return
            yield Measure(**json.loads(told))
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


async def _told(process: asyncio.subprocess.Process, asked: str) -> bytes:
    if process.stdin is None or process.stdout is None:
        return b""
    with suppress(ConnectionError):
        process.stdin.write(asked.encode() + b"\n")
        await process.stdin.drain()
    return await process.stdout.readline()


def main(store: str) -> None:
    """Measure a file for each line that comes. Ctrl-C is for the server, which ends this."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(_LAST)
    dataset = Dataset(Store.read_only(store), (), (), _NOBODY, 0)
    for line in sys.stdin:
        asked = json.loads(line)
        graphs = None if asked["graphs"] is None else tuple(map(NamedNode, asked["graphs"]))
        sys.stdout.write(json.dumps(asdict(measured((graphs, asked["media_type"]), dataset))) + "\n")
        sys.stdout.flush()


class _Counter:
    """Takes what is written, and keeps nothing but its length and digest."""

    def __init__(self) -> None:
        self.size = 0
        self.digest = hashlib.sha256()

    def write(self, chunk: bytes, /) -> int:
        self.size += len(chunk)
        self.digest.update(chunk)
        return len(chunk)

    def flush(self) -> None:
        """Nothing is held."""


if __name__ == "__main__":
    main(*sys.argv[1:])
