"""Tests of spawning: a generation comes up whole or not at all, spares are laid in, and every end is told."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from pyoxigraph import Store

from exo_onto.answering import Job
from exo_onto.dataset import Description
from exo_onto.outcome import StartError
from exo_onto.process import Worker
from exo_onto.spawning import Spawner

BOUND = 60


@pytest.fixture
def job(tmp_path: Path) -> Job:
    Store(str(tmp_path / "store")).flush()
    said = Description("http://ex/sparql", "Test", "1", "digest")
    return Job(str(tmp_path / "store"), None, said, ("http://ex/g",), memory=1024, max_rows=100, max_bytes=10_000)


def played(scenario: Callable[[Spawner], Awaitable[None]]) -> list[tuple[Worker, str]]:
    """Play a scenario with a spawner, and give the ends that it told of."""
    ends: list[tuple[Worker, str]] = []

    async def play() -> None:
        spawner = Spawner(2, ended=lambda worker, reason: ends.append((worker, reason)))
        try:
            async with asyncio.timeout(BOUND):
                await scenario(spawner)
        finally:
            await spawner.stop()
            assert not spawner.alive

    asyncio.run(play())
    assert not [child for child in psutil.Process().children() if "exo_onto.answering" in child.cmdline()]
    return ends


async def until(said: Callable[[], bool]) -> None:
    while not said():  # noqa: ASYNC110  nobody tells
        await asyncio.sleep(0.01)


def test_a_generation_comes_up_whole_or_not_at_all(job: Job) -> None:
    async def scenario(spawner: Spawner) -> None:
        workers = await spawner.generation(job, 1)
        assert [worker.generation for worker in workers] == [1, 1]
        with pytest.raises(StartError, match="did not come up"):
            await spawner.generation(replace(job, store=job.store + "-none"), 2)
        await until(lambda: set(spawner.alive) == set(workers))

    played(scenario)


def test_spares_are_laid_in_and_taken_first(job: Job) -> None:
    async def scenario(spawner: Spawner) -> None:
        spawner.lay_in()
        spawner.lay_in()  # one is enough
        await until(lambda: len(spawner.spares) == 2)
        ready = set(spawner.spares)
        assert set(await spawner.generation(job, 1)) == ready
        assert spawner.spares == ()

    played(scenario)


def test_an_end_is_told_with_its_reason(job: Job) -> None:
    ended: list[Worker] = []

    async def scenario(spawner: Spawner) -> None:
        worker = await spawner.one(job, 1)
        os.kill(worker.process.pid, signal.SIGKILL)
        await until(lambda: not spawner.alive)
        ended.append(worker)

    assert played(scenario) == [(ended[0], "SIGKILL")]


def test_none_is_started_once_it_is_stopped(job: Job) -> None:
    async def scenario(spawner: Spawner) -> None:
        await spawner.stop()
        with pytest.raises(StartError, match="stopped"):
            await spawner.generation(job, 1)

    played(scenario)
