"""Tests of partitions: how files are cut, and workers of any executor, also such as are lost."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from reasoning import HEAD

from exo_onto import partitions, pipeline, snapshot
from exo_onto.partitions import ATTEMPTS, Base, Part, Task, Workers, WorkersError
from exo_onto.rules import compile_rules
from exo_onto.sources import SourceFile

NOTHING = Base(b"", b"")


def file(root: Path, name: str, text: str) -> SourceFile:
    content = text.encode()
    (root / name).write_bytes(content)
    return SourceFile(root, name, len(content), hashlib.sha256(content).hexdigest())


@pytest.mark.parametrize(
    ("sizes", "most", "expected"),
    [
        ([], 10, []),
        ([3, 3, 3, 3], 6, [[3, 3], [3, 3]]),
        ([20, 1, 1], 10, [[20], [1, 1]]),
        ([4, 4, 4], 10, [[4, 4], [4]]),
    ],
)
def test_files_are_cut_into_parts_of_about_a_size(sizes: list[int], most: int, expected: list[list[int]]) -> None:
    files = [SourceFile(Path(), f"{number}.ttl", size, "") for number, size in enumerate(sizes)]
    parts = partitions.cut(files, most)
    assert [[each.size for each in part] for part in parts] == expected
    assert [each for part in parts for each in part] == files


class _Losing(ThreadPoolExecutor):
    """An executor whose workers are lost while they do a task."""

    def submit(self, *_: object, **__: object) -> Future[Part]:  # type: ignore[override]
        lost: Future[Part] = Future()
        lost.set_exception(BrokenExecutor("a worker is gone"))
        return lost


def losing(times: int) -> tuple[Workers, list[Executor]]:
    """Give workers of which the first so many executors are lost, and the list of those that were opened."""
    opened: list[Executor] = []

    @contextmanager
    def give() -> Iterator[Executor]:
        with (_Losing if len(opened) < times else ThreadPoolExecutor)(1) as executor:
            opened.append(executor)
            yield executor

    return Workers(give, 1), opened


def test_a_lost_worker_is_made_up_for(tmp_path: Path) -> None:
    portions = [[file(tmp_path, f"{number}.ttl", HEAD + f":a{number} a :C .")] for number in range(3)]
    workers, opened = losing(ATTEMPTS - 1)
    rules = compile_rules(())
    assert len(list(partitions.parts(workers, portions, NOTHING, rules))) == 3
    assert len(opened) == ATTEMPTS


def test_workers_that_are_lost_again_and_again_are_given_up(tmp_path: Path) -> None:
    portions = [[file(tmp_path, "a.ttl", HEAD + ":a a :C .")]]
    workers, _ = losing(ATTEMPTS)
    with pytest.raises(WorkersError, match=r"^Workers were lost 3 times, with 1 of 1 parts to do: is there enough"):
        list(partitions.parts(workers, portions, NOTHING, ()))


def test_a_worker_of_another_version_is_refused() -> None:
    with pytest.raises(WorkersError, match="A worker runs another version"):
        partitions.work(Task(b"", (), (), "another"))


def test_a_scheduler_that_is_not_there_is_told() -> None:
    with pytest.raises(WorkersError, match=r"^The Dask scheduler tcp://127\.0\.0\.1:1 cannot be reached"):
        partitions.cluster("tcp://127.0.0.1:1")


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[str]:
    """Start a Dask scheduler and two workers on loopback, each a process of its own, and give its address."""
    address_file = tmp_path / "scheduler.json"
    command = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0"]
    started = [_start([*command, "--no-dashboard", "--no-show", "--scheduler-file", str(address_file)], tmp_path)]
    _wait_for(address_file.exists)
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", "--scheduler-file", str(address_file)]
    options = ["--host", "127.0.0.1", "--nthreads", "1", "--no-dashboard", "--no-nanny", "--local-directory"]
    started += [_start([*worker, *options, str(tmp_path / str(number))], tmp_path) for number in range(2)]
    address = str(json.loads(address_file.read_text("utf-8"))["address"])
    _wait_for(lambda: partitions.cluster(address).number == 2)
    yield address
    for process in started:
        if psutil.pid_exists(process.pid):
            process.terminate()
        process.wait()


def _start(command: list[str], folder: Path) -> subprocess.Popen[bytes]:
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)


def _wait_for(condition: object) -> None:
    assert callable(condition)
    for _ in range(300):
        if condition():
            return
        time.sleep(0.1)
    pytest.fail("not within 30 seconds")


def workers_of(folder: Path) -> list[psutil.Process]:
    """Find the processes of Dask workers that keep their files in a folder."""
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if "distributed.cli.dask_worker" in (process.info["cmdline"] or ())
        and any(str(folder) in part for part in process.info["cmdline"])
    ]


def test_a_dask_cluster_builds_the_same_though_a_worker_is_killed(
    scheduler: str, published: Path, tmp_path: Path, copied: Path
) -> None:
    killed: list[int] = []

    def kill_one(step: str) -> None:
        if step == "reason and validate" and not killed:
            victim = workers_of(tmp_path)[0].pid
            killed.append(victim)
            os.kill(victim, signal.SIGKILL)

    built = pipeline.build(copied, workers=partitions.cluster(scheduler), progress=kill_one)
    assert killed
    assert built.name is not None, built.judgement.diagnostics
    ours, theirs = (snapshot.open_snapshot(root / "build").manifest for root in (copied, published))
    assert {k: v for k, v in ours.triples.items() if "justif" not in k} == {
        k: v for k, v in theirs.triples.items() if "justif" not in k
    }
