"""corpus: the shipped corpus in, how long its build takes after start-up out. Copies it, and builds the copy.

`python -m benchmarks.corpus FOLDER` is one such build, in a process of its own: it prints its seconds.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from exo_onto import pipeline

REPOSITORY = Path(__file__).parent.parent


def measure(rounds: int) -> tuple[float, ...]:
    """Build the corpus from nothing so many times, each in a process of its own; give the seconds of each build.

    They begin when all modules are loaded. Proofs are stored, as a build of this size does by default.
    """
    with tempfile.TemporaryDirectory(prefix="exo-onto-bench-") as name:
        root = Path(name) / "root"
        for folder in ("ontology", "shapes", "instances"):
            shutil.copytree(REPOSITORY / folder, root / folder)
        return tuple(_measured(root) for _ in range(rounds))


def _measured(root: Path) -> float:
    shutil.rmtree(root / "build", ignore_errors=True)
    command = [sys.executable, "-m", "benchmarks.corpus", str(root)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)  # noqa: S603  ourselves
    return float(done.stdout)


def _build(root: Path) -> float:
    start = perf_counter()
    if pipeline.build(root, progress=lambda _: None).name is None:
        raise ValueError(f"{root} is not sound.")
    return perf_counter() - start


if __name__ == "__main__":
    sys.stdout.write(f"{_build(Path(sys.argv[1])):.3f}\n")
