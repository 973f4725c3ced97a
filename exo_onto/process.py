"""process: a job in, a process that answers calls out, one frame after the other, and can be killed. Starts it.

What runs in it is `answering`; what it is given to do, and what becomes of that, `workers` decides.
"""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process, SubprocessStreamProtocol
from contextlib import suppress
from struct import Struct
from typing import Final

from exo_onto.answering import Job, Kind, step_behind

_FRAME: Final = Struct("!BI")
_LENGTH: Final = Struct("!I")
_BUFFER: Final = 2**20
_LAST: Final = 19
"""The niceness of what goes before nothing."""


class Query:
    """A call on its way, until a time of the loop's clock."""

    def __init__(self, call: bytes, client: str, deadline: float) -> None:
        """Take a call of a client."""
        self.call = call
        self.client = client
        self.deadline = deadline
        self.preempted = False
        self.seat: asyncio.Future[Worker] | None = None


class Worker:
    """A process and what it is doing; `held` where its query counts among those that are not young."""

    def __init__(self, transport: asyncio.SubprocessTransport, process: Process) -> None:
        """Take a process that was started."""
        self.process = process
        self.generation = 0
        self.query: Query | None = None
        self.held = False
        self.doomed = ""
        self.niceness: int | None = None
        self.timers: list[asyncio.TimerHandle] = []
        self._transport = transport
        self._header = b""

    def take(self, job: Job) -> None:
        """Tell the process which store it is to answer from."""
        self.put(job.encoded().encode())

    def put(self, call: bytes) -> None:
        """Put a call to the process."""
        if self.process.stdin is not None:
            self.process.stdin.write(_LENGTH.pack(len(call)) + call)

    async def read(self) -> tuple[Kind, bytes]:
        """Read a frame. Who is cancelled under way, loses nothing: the next one goes on there."""
        out = self.process.stdout
        if out is None:
            raise asyncio.IncompleteReadError(b"", None)
        self._header = self._header or await out.readexactly(_FRAME.size)
        kind, size = _FRAME.unpack(self._header)
        content = await out.readexactly(size)
        self._header = b""
        return Kind(kind), content

    def kill(self) -> None:
        """End the process. What it wrote and nobody has read would keep its end from being seen: it is let go."""
        if self.process.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self.process.pid, signal.SIGKILL)  # `Process.kill` may take the exit code from who waits for it
        output = self._transport.get_pipe_transport(1)
        if output is not None:
            output.close()

    def step_back(self) -> None:
        """Let all others go before it on the cores."""
        with suppress(ProcessLookupError):
            self.niceness = os.getpriority(os.PRIO_PROCESS, self.process.pid)
            os.setpriority(os.PRIO_PROCESS, self.process.pid, _LAST)

    def stepped_up(self) -> bool:
        """Take it back to where it was, if it ever left; not everyone may."""
        if self.niceness is not None:
            try:
                os.setpriority(os.PRIO_PROCESS, self.process.pid, self.niceness)
            except OSError:
                return False
            self.niceness = None
        return True

    async def ended(self) -> str:
        """Wait for the end of the process; say how it came."""
        code = await self.process.wait()
        return signal.Signals(-code).name if code < 0 else f"exit {code}"


def parted(content: bytes) -> tuple[bytes, bytes]:
    """Part what a frame of a whole answer holds into its head, in JSON, and its body."""
    end = _LENGTH.size + _LENGTH.unpack_from(content)[0]
    return content[_LENGTH.size : end], content[end:]


async def started(job: Job | None) -> Worker:
    """Start a process; without a job it waits for one. Raises OSError."""
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.subprocess_exec(
        lambda: SubprocessStreamProtocol(limit=_BUFFER, loop=loop),
        *(sys.executable, "-m", "exo_onto.answering", *([job.encoded()] if job else [])),
        stdin=PIPE,
        stdout=PIPE,
        stderr=None,
        env={**os.environ, "MALLOC_ARENA_MAX": "2"},  # glibc sets 64 MiB of address space aside for each thread
    )
    worker = Worker(transport, Process(transport, protocol, loop))
    if job is None:  # it comes up for later
        with suppress(ProcessLookupError):
            step_behind(worker.process.pid, os.getpid())
    return worker
