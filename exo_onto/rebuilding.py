"""rebuilding: lines on standard input in; for each, what a build of a root came to, as a line of JSON, out.

The process that `watch` keeps, warm: what is slow or fails in a build, never holds up or ends the server beside it. It
keeps what it has worked out (`kept`), so that a build takes what has changed and no more. It ends with its standard
input.
"""

import gc
import json
import signal
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, Self

from exo_onto import judge, pipeline, snapshot
from exo_onto.diagnose import Diagnostic
from exo_onto.faults import FaultySourcesError
from exo_onto.kept import Kept
from exo_onto.places import Place
from exo_onto.snapshot import SnapshotError
from exo_onto.validate import Severity


@dataclass(frozen=True)
class Rebuilt:
    """What a build came to: the name of the snapshot, None where the knowledge is wrong; and how many seconds it took.

    `failure` says in a sentence why it could not be done at all.
    """

    name: str | None
    diagnostics: tuple[Diagnostic, ...] = ()
    seconds: float = 0
    failure: str = ""

    def encoded(self) -> str:
        """Write it as a line of JSON."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def decoded(cls, line: str | bytes) -> Self:
        """Read what `encoded` wrote."""
        told = json.loads(line)
        return cls(**{**told, "diagnostics": tuple(map(_diagnostic, told["diagnostics"]))})


def _diagnostic(told: dict[str, Any]) -> Diagnostic:
    place = Place(**told["place"]) if told["place"] else None
    plain: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in told.items()}
    return Diagnostic(**{**plain, "severity": Severity(told["severity"]), "place": place})


def rebuild(root: Path, home: Path, kept: Kept | None = None) -> Rebuilt:
    """Build a root below another folder than its own, without proofs: those are made when they are asked for.

    `kept` is of builds before. Snapshots older than the current one are deleted before.
    """
    start = perf_counter()
    try:
        snapshot.prune(home)
        built = pipeline.build(root, home=home, justified=False, kept=kept, progress=_silent)
    except (SnapshotError, OSError) as error:
        return Rebuilt(None, seconds=round(perf_counter() - start, 3), failure=str(error))
    return Rebuilt(built.name, built.judgement.diagnostics, round(perf_counter() - start, 3))


def main(root: str, home: str) -> None:
    """Build once for each line that comes. Ctrl-C is for the server, which ends this by its input."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    kept = Kept()
    warm(Path(root), kept)
    gc.collect()
    gc.freeze()  # what is kept from now on for good, no collection need look through each time
    for _ in sys.stdin:
        sys.stdout.write(rebuild(Path(root), Path(home), kept).encoded() + "\n")
        sys.stdout.flush()


def warm(root: Path, kept: Kept) -> None:
    """Work out what the first build will ask for, and where each word stands: where that is wrong, it is told later."""
    with suppress(FaultySourcesError):
        read = kept.known(judge.look(root, _silent))
        judge.judge(read, kept=kept, progress=_silent)
        _ = read.statements


def _silent(_: str) -> None:
    """Stand for a progress that nobody follows."""


if __name__ == "__main__":
    main(*sys.argv[1:])
