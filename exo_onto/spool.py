"""spool: N-Triples in, as they come; a graph of a store on the disk out, in few large pieces. Writes files aside."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pyoxigraph import NamedNode, RdfFormat, Store

SPOOL_BYTES: Final = 2_000_000_000
"""How much is gathered before it is loaded: what follows from some 80,000 studies."""
_FILES: Final = 2
"""How many files are loaded at once: two took 27 s of 4.7 million triples, where one took 49 s, on two cores."""


@dataclass(frozen=True)
class Spool:
    """Gathers N-Triples that a store has written in files, and loads them into a graph in few large pieces.

    A store on the disk sorts anew what comes to it in many small ones.
    """

    path: Path
    store: Store
    graph: NamedNode

    @property
    def files(self) -> tuple[Path, ...]:
        """The files, of about the same size, where they are there."""
        return tuple(self.path.with_name(f"{self.path.name}.{number}") for number in range(_FILES))

    def take(self, triples: Iterable[bytes]) -> None:
        """Keep triples, and load what has come where that is much."""
        with min(self.files, key=_size).open("ab") as file:
            file.writelines(triples)
        if sum(map(_size, self.files)) > SPOOL_BYTES:
            self.load()

    def load(self) -> None:
        """Load what has been kept. The terms need no second look."""
        with ThreadPoolExecutor(_FILES) as several:
            for _ in several.map(self._load, self.files):
                pass  # or what went wrong would not be told

    def _load(self, path: Path) -> None:
        if path.exists():
            self.store.bulk_load(path=str(path), format=RdfFormat.N_TRIPLES, to_graph=self.graph, lenient=True)
            path.unlink()

    def clear(self) -> None:
        """Forget what has been taken, loaded or not."""
        for path in self.files:
            path.unlink(missing_ok=True)
        self.store.clear_graph(self.graph)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
