"""spool: N-Triples in, as they come; a graph of a store on the disk out, in few large pieces. Writes a file aside."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pyoxigraph import NamedNode, RdfFormat, Store

SPOOL_BYTES: Final = 2_000_000_000
"""How much is gathered before it is loaded: what follows from some 80,000 studies."""


@dataclass(frozen=True)
class Spool:
    """Gathers N-Triples that a store has written in a file, and loads them into a graph in few large pieces.

    A store on the disk sorts anew what comes to it in many small ones.
    """

    path: Path
    store: Store
    graph: NamedNode

    def take(self, triples: Iterable[bytes]) -> None:
        """Keep triples, and load what has come where that is much."""
        with self.path.open("ab") as file:
            file.writelines(triples)
            much = file.tell() > SPOOL_BYTES
        if much:
            self.load()

    def load(self) -> None:
        """Load what has been kept. The terms need no second look."""
        if self.path.exists():
            self.store.bulk_load(path=str(self.path), format=RdfFormat.N_TRIPLES, to_graph=self.graph, lenient=True)
            self.path.unlink()

    def clear(self) -> None:
        """Forget what has been taken, loaded or not."""
        self.path.unlink(missing_ok=True)
        self.store.clear_graph(self.graph)
