"""Tests of process: it comes up over a store, answers what is put to it, steps back and up, and ends when it is told to."""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from struct import pack
from time import monotonic
from typing import cast

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from exo_onto.answering import NICENESS, Job, Kind
from exo_onto.dataset import Description
from exo_onto.negotiation import negotiate
from exo_onto.process import Frames, Worker, may_step_up, parted, started
from exo_onto.protocol import Call

BOUND = 60
ASKED = Call("SELECT ?o WHERE { ?s ?p ?o }", None, negotiate("text/csv")).encoded


@pytest.fixture
def job(tmp_path: Path) -> Job:
    store = Store(str(tmp_path / "store"))
    store.add(Quad(NamedNode("http://ex/s"), NamedNode("http://ex/p"), Literal("said"), NamedNode("http://ex/g")))
    store.flush()
    said = Description("http://ex/sparql", "Test", "1", "digest")
    return Job(str(tmp_path / "store"), None, said, ("http://ex/g",), memory=1024, max_rows=100, max_bytes=10_000)


def played(scenario: Callable[[Worker], Awaitable[None]], job: Job | None) -> None:
    async def play() -> None:
        async with asyncio.timeout(BOUND):
            worker = await started(job)
            try:
                await scenario(worker)
            finally:
                worker.kill()
                await worker.ended()

    asyncio.run(play())


async def answered(worker: Worker) -> bytes:
    kind, content = await worker.read()
    assert kind is Kind.WHOLE
    whole = parted(content)
    assert json.loads(whole.head)["status"] == 200
    assert 0 < whole.seconds < BOUND
    return whole.body


def test_it_answers_calls_one_after_the_other(job: Job) -> None:
    async def scenario(worker: Worker) -> None:
        assert await worker.read() == (Kind.READY, b"")
        worker.put(ASKED)
        worker.put(ASKED)
        assert [await answered(worker), await answered(worker)] == [b"o\r\nsaid\r\n"] * 2

    played(scenario, job)


def test_a_call_that_it_comes_to_too_late_is_left_to_others(job: Job) -> None:
    async def scenario(worker: Worker) -> None:
        await worker.read()
        worker.put(ASKED, monotonic() - 1)
        worker.put(ASKED, monotonic() + BOUND)
        assert await worker.read() == (Kind.LATE, b"")
        assert await answered(worker) == b"o\r\nsaid\r\n"

    played(scenario, job)


def test_one_without_a_job_waits_for_it(job: Job) -> None:
    async def scenario(worker: Worker) -> None:
        behind = min(os.getpriority(os.PRIO_PROCESS, 0) + NICENESS, 19)
        assert os.getpriority(os.PRIO_PROCESS, worker.process.pid) == behind
        worker.take(job)
        assert await worker.read() == (Kind.READY, b"")
        assert os.getpriority(os.PRIO_PROCESS, worker.process.pid) == behind
        worker.put(ASKED)
        assert await answered(worker) == b"o\r\nsaid\r\n"

    played(scenario, None)


def test_one_that_is_to_come_last_may_be_taken_to_its_place(job: Job) -> None:
    async def scenario() -> None:
        worker = await started(job, last=True)
        assert os.getpriority(os.PRIO_PROCESS, worker.process.pid) == 19
        await worker.read()
        place = min(os.getpriority(os.PRIO_PROCESS, 0) + NICENESS, 19)
        assert worker.stepped_up() is may_step_up()
        assert os.getpriority(os.PRIO_PROCESS, worker.process.pid) == (place if may_step_up() else 19)
        worker.kill()
        await worker.ended()

    asyncio.run(scenario())


def test_a_frame_that_was_given_up_is_read_by_the_next(job: Job) -> None:
    async def scenario(worker: Worker) -> None:
        await worker.read()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await worker.read()
        worker.put(ASKED)
        assert await answered(worker) == b"o\r\nsaid\r\n"

    played(scenario, job)


def test_it_steps_behind_all_others_and_says_whether_it_may_come_back(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario(worker: Worker) -> None:
        await worker.read()
        assert worker.stepped_up()  # it never left
        before = os.getpriority(os.PRIO_PROCESS, worker.process.pid)
        worker.step_back()
        assert os.getpriority(os.PRIO_PROCESS, worker.process.pid) == 19
        monkeypatch.setattr(os, "setpriority", refused)
        assert not worker.stepped_up()
        assert worker.niceness == before

    def refused(*_: int) -> None:
        raise PermissionError

    played(scenario, job)


@pytest.mark.skipif(sys.platform != "linux", reason="niceness is not kept for each thread here")
def test_it_is_tried_whether_who_has_stepped_back_may_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    step, before = os.setpriority, os.getpriority(os.PRIO_PROCESS, 0)

    def granting(_: int, __: int, niceness: int) -> None:
        stepped.append(niceness)

    def refusing(which: int, process: int, niceness: int) -> None:
        if niceness < 19:
            raise PermissionError
        step(which, process, niceness)

    stepped: list[int] = []
    monkeypatch.setattr(os, "setpriority", granting)
    assert may_step_up()
    assert stepped == [19, min(before + NICENESS, 19)]
    monkeypatch.setattr(os, "setpriority", refusing)
    assert may_step_up() is (before + NICENESS >= 19)
    assert os.getpriority(os.PRIO_PROCESS, 0) == before
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not may_step_up()


def test_it_says_how_it_ended(job: Job) -> None:
    async def scenario(worker: Worker) -> None:
        await worker.read()
        worker.kill()
        assert await worker.ended() == "SIGKILL"
        worker.step_back()  # there is nobody any more
        with pytest.raises(EOFError):
            await worker.read()

    played(scenario, job)


def test_it_ends_by_itself_when_no_more_is_asked(job: Job) -> None:
    async def scenario(worker: Worker) -> None:
        await worker.read()
        assert worker.process.stdin is not None
        worker.process.stdin.close()
        assert await worker.ended() == "exit 0"

    played(scenario, job)


class _Pipes:
    """Stands for the pipes of a process, and notes whether what it says is read."""

    def __init__(self) -> None:
        self.read = True

    def get_pipe_transport(self, fd: int) -> "_Pipes | None":
        return self if fd == 1 else None

    def is_closing(self) -> bool:
        return False

    def pause_reading(self) -> None:
        self.read = False

    def resume_reading(self) -> None:
        self.read = True


def test_who_says_more_than_is_taken_waits() -> None:
    async def scenario() -> None:
        frames, pipes = Frames(asyncio.get_running_loop()), _Pipes()
        frames.connection_made(cast("asyncio.BaseTransport", pipes))
        content = bytes(700_000)
        said = pack("!BI", Kind.BODY, len(content)) + content
        frames.pipe_data_received(1, said[:100])
        frames.pipe_data_received(1, said[100:])
        assert pipes.read
        frames.pipe_data_received(1, said)
        assert not pipes.read
        assert await frames.read() == (Kind.BODY, content)
        assert pipes.read
        frames.pipe_data_received(1, said)
        frames.pipe_connection_lost(1, None)
        assert [await frames.read(), await frames.read()] == [(Kind.BODY, content)] * 2
        with pytest.raises(EOFError):
            await frames.read()

    asyncio.run(scenario())
