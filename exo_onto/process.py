"""process: a job in, a process that answers calls out, one frame after the other, and can be killed. Starts it.

What runs in it is `answering`; what it is given to do, and what becomes of that, `workers` decides.
"""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process, SubprocessStreamProtocol
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from math import inf
from struct import Struct
from time import monotonic
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from exo_onto.answering import CALL, NICENESS, WHOLE, Job, Kind, step_behind

if TYPE_CHECKING:
    from exo_onto.alarms import Alarm

_FRAME: Final = Struct("!BI")
_OUT: Final = 1
"""The descriptor of standard output."""
_BUFFER: Final = 2**20
"""How many bytes of a process are held before it has to wait."""
_KINDS: Final = {int(kind): kind for kind in Kind}
_LAST: Final = 19
"""The niceness of what goes before nothing."""


class Whole(NamedTuple):
    """An answer that came in one frame: the seconds of work that it took, its head in JSON, and its body."""

    seconds: float
    head: bytes
    body: bytes


class Query:
    """A call on its way, until a time of the loop's clock.

    `returned` where it was with a worker that did not answer it, as a `preempted` one was. Of one that stands in a
    line, `turn` is done when its turn has come or never will, `best_before` tells until when it is to be begun, and
    `late` gives it up after that.
    """

    def __init__(self, call: bytes, client: str, deadline: float) -> None:
        """Take a call of a client."""
        self.call = call
        self.client = client
        self.deadline = deadline
        self.returned = False
        self.preempted = False
        self.seat: asyncio.Future[Worker] | None = None
        self.turn: asyncio.Future[None] | None = None
        self.best_before = inf
        self.late: Alarm | None = None

    @property
    def stands(self) -> bool:
        """Whether it stands in a line, and is waited for."""
        return self.turn is not None and not self.turn.done()


class Worker:
    """A process and what it is doing; `held` where its query counts among those that are not young.

    It is at its query `since` a time of the monotonic clock; what is in its `line` was put to it after that, in order.
    """

    def __init__(self, transport: asyncio.SubprocessTransport, process: Process, frames: "Frames") -> None:
        """Take a process that was started."""
        self.process = process
        self.generation = 0
        self.query: Query | None = None
        self.since = 0.0
        self.line: deque[Query] = deque()
        self.held = False
        self.doomed = ""
        self.niceness: int | None = None
        self.timer: asyncio.TimerHandle | Alarm | None = None
        self._transport = transport
        self._frames = frames

    def take(self, job: Job) -> None:
        """Tell the process which store it is to answer from."""
        self.put(job.encoded().encode())

    def seat(self, query: Query) -> None:
        """Be at a query from now on."""
        self.query, self.held, self.since = query, query.preempted, monotonic()

    def rest(self) -> None:
        """Be at nothing any more."""
        if self.timer is not None:
            self.timer.cancel()
        self.query, self.held, self.timer = None, False, None

    def put(self, call: bytes, best_before: float = inf) -> None:
        """Put a call to the process, to be begun until a time of the monotonic clock, or left."""
        if self.process.stdin is not None:
            self.process.stdin.write(CALL.pack(best_before, len(call)) + call)

    async def read(self) -> tuple[Kind, bytes]:
        """Read a frame. Who is cancelled under way, loses nothing. Raises EOFError where none comes any more."""
        return await self._frames.read()

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
        if self.niceness is None:
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


class Frames(SubprocessStreamProtocol):
    """Takes what a process says apart into frames as it comes; for one reader at a time."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Have heard nothing yet."""
        super().__init__(limit=_BUFFER, loop=loop)
        self._clock = loop
        self._begun = bytearray()
        self._frames: deque[tuple[Kind, bytes]] = deque()
        self._held = 0
        self._paused = False
        self._ended = False
        self._reader: asyncio.Future[None] | None = None

    async def read(self) -> tuple[Kind, bytes]:
        """Give the next frame. Raises EOFError where none comes any more."""
        while not self._frames:
            if self._ended:
                raise EOFError
            self._reader = self._clock.create_future()
            await self._reader
        kind, content = self._frames.popleft()
        self._held -= len(content)
        if self._paused and self._held <= _BUFFER:
            self._pause(paused=False)
        return kind, content

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the pipes, to be able to stop one."""
        super().connection_made(transport)
        self._pipes = cast("asyncio.SubprocessTransport", transport)

    def pipe_data_received(self, fd: int, data: bytes | str) -> None:  # noqa: ARG002  there is but one that says anything
        """Take frames out of what has come."""
        self._begun += cast("bytes", data)
        while len(self._begun) >= _FRAME.size:
            kind, size = _FRAME.unpack_from(self._begun)
            end = _FRAME.size + size
            if len(self._begun) < end:
                break
            self._frames.append((_KINDS[kind], bytes(self._begun[_FRAME.size : end])))
            self._held += size
            del self._begun[:end]
        if self._held > _BUFFER and not self._paused:
            self._pause(paused=True)
        if self._frames:
            self._wake()

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        """Tell who reads that nothing comes any more."""
        super().pipe_connection_lost(fd, exc)
        if fd == _OUT:
            self._ended = True
            self._wake()

    def _pause(self, *, paused: bool) -> None:
        """Let a process wait that says more than is taken."""
        pipe = cast("asyncio.ReadTransport | None", self._pipes.get_pipe_transport(_OUT))
        if pipe is not None and not pipe.is_closing():
            self._paused = paused
            (pipe.pause_reading if paused else pipe.resume_reading)()

    def _wake(self) -> None:
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)


def parted(content: bytes) -> Whole:
    """Part what a frame of a whole answer holds."""
    seconds, size = WHOLE.unpack_from(content)
    end = WHOLE.size + size
    return Whole(seconds, content[WHOLE.size : end], content[end:])


async def started(job: Job | None, *, last: bool = False) -> Worker:
    """Start a process; without a job it waits for one. Raises OSError.

    Where `last`, all others go before it on the cores until it is taken to its place by `Worker.stepped_up`.
    """
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.subprocess_exec(
        lambda: Frames(loop),
        *(sys.executable, "-m", "exo_onto.answering", *([job.encoded()] if job else [])),
        stdin=PIPE,
        stdout=PIPE,
        stderr=None,
        env={**os.environ, "MALLOC_ARENA_MAX": "2"},  # glibc sets 64 MiB of address space aside for each thread
    )
    worker = Worker(transport, Process(transport, protocol, loop), protocol)
    with suppress(ProcessLookupError):  # it does so itself, but only when it is up
        step_behind(worker.process.pid, os.getpid())
    if last:
        worker.step_back()
    return worker


def may_step_up() -> bool:
    """Say whether a worker that has stepped back may be taken back to where it was. Tries it, on a thread.

    Root may, unless a container keeps it from that, and whoever is granted it (`RLIMIT_NICE`). Linux keeps niceness for
    each thread; where others do not, what is tried here could not be undone.
    """
    if sys.platform != "linux":
        return False
    with ThreadPoolExecutor(1) as aside:
        return aside.submit(_steps_up).result()


def _steps_up() -> bool:
    where = min(os.getpriority(os.PRIO_PROCESS, 0) + NICENESS, _LAST)
    os.setpriority(os.PRIO_PROCESS, 0, _LAST)
    try:
        os.setpriority(os.PRIO_PROCESS, 0, where)
    except OSError:
        return where == _LAST
    return True
