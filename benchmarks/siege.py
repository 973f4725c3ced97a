"""siege: a server and the hostile corpus in, what is left of it, and what a well-behaved client saw of it, out."""

import os
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import partial
from importlib import import_module
from multiprocessing import Barrier
from multiprocessing.pool import AsyncResult, Pool
from pathlib import Path
from time import perf_counter, sleep
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from urllib.parse import urlsplit

from benchmarks import load
from benchmarks.load import Manner
from benchmarks.servers import (
    REPOSITORY,
    Prepared,
    Progress,
    Server,
    ServerError,
    answers_again,
    running,
)
from benchmarks.serving_report import (
    OURS,
    OURS_CACHED,
    Disturbed,
    Settings,
    Siege,
)
from benchmarks.workloads import lookups
from exo_onto.snapshot import open_snapshot

if TYPE_CHECKING:
    from multiprocessing.synchronize import Barrier as BarrierType

HOSTILE = REPOSITORY / "tests" / "hostile"
FIRED_AT_ONCE = 8
READY_SECONDS = 120
"""How long the processes that fire may take to make all requests ready."""
ELSEWHERE = "127.0.0.2"
"""The address that a well-behaved client asks from, where loopback has more than one."""
_Any = TypeVar("_Any")


@dataclass(frozen=True)
class Corpus:
    """The folder of the hostile requests, and how many there are."""

    folder: Path
    number: int

    @classmethod
    def of(cls, folder: Path) -> "Corpus | None":
        """Find the corpus, if there is one."""
        return cls(folder, len(_read(folder))) if (folder.parent / "hostility.py").exists() else None


class Battery:
    """Processes that hold the corpus, made ready beforehand: to make requests ready while they are fired takes cores.

    They step behind others by `niceness`: in life they have machines of their own.
    """

    def __init__(self, corpus: Corpus, endpoint: str, *, niceness: int = 0) -> None:
        """Aim at an endpoint."""
        place = urlsplit(endpoint)
        self._number = corpus.number
        ready = Barrier(FIRED_AT_ONCE + 1)
        aim = (corpus.folder, place.path, place.hostname, place.port, niceness, ready)
        self._pool = Pool(FIRED_AT_ONCE, _arm, aim)
        ready.wait(READY_SECONDS)

    def __enter__(self) -> Self:
        """Be there."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave nothing behind."""
        self.cease()

    def cease(self) -> None:
        """End, also in the middle of a request."""
        self._pool.terminate()

    def volley(self) -> list["AsyncResult[int | None]"]:
        """Fire all of the corpus, some at once; give what will have come of each."""
        return [self._pool.apply_async(_fire, (number,)) for number in range(self._number)]


def _read(folder: Path) -> tuple[Any, ...]:
    if str(folder.parent) not in sys.path:
        sys.path.append(str(folder.parent))
    return tuple(import_module("hostility").load(folder))


_aimed: list[Callable[[], Any]] = []
"""In a process of a battery: what fires each request of the corpus."""


def _arm(folder: Path, path: str, host: str, port: int, niceness: int, ready: "BarrierType") -> None:  # noqa: PLR0913, PLR0917
    os.nice(niceness)
    requests = [directed(hostile, path) for hostile in _read(folder)]
    _aimed[:] = [partial(import_module("hostility").fire, each, host, port) for each in requests]
    ready.wait(READY_SECONDS)


def _fire(number: int) -> int | None:
    """Fire one hostile request and give the status of its answer, if there is one."""
    try:
        status = _aimed[number]().status
    except OSError:  # the server is gone
        return None
    return int(status) if status else None


def directed(value: _Any, path: str) -> _Any:
    """Send a hostile request, whatever it is made of, to the path of another server's endpoint."""
    if isinstance(value, str):
        return cast("_Any", re.sub(r"(?:^|(?<= ))/sparql(?=[ ?]|$)", path, value))
    if isinstance(value, bytes):
        return cast("_Any", re.sub(rb"(?:^|(?<= ))/sparql(?=[ ?]|$)", path.encode(), value))
    if isinstance(value, tuple):
        return cast("_Any", tuple(directed(each, path) for each in value))
    if is_dataclass(value) and not isinstance(value, type):
        changed = {each.name: directed(getattr(value, each.name), path) for each in fields(value) if each.init}
        return cast("_Any", replace(value, **changed))
    return value


def besiege(server: Server, data: Prepared, corpus: Corpus, settings: Settings) -> Siege:
    """Fire the whole corpus in parallel, and see what is left of a server."""
    try:
        with running(server, data, bound=settings.bound) as one, Battery(corpus, one.endpoint) as battery:
            fired, start, gone = battery.volley(), perf_counter(), None
            while any(not each.ready() for each in fired) and perf_counter() - start < settings.bound:
                sleep(0.05)
                if gone is None and not one.alive:
                    gone = perf_counter() - start
            statuses = [each.get() for each in fired if each.ready()]
            battery.cease()
            recovered = answers_again(one.endpoint, settings.bound, alive=lambda: one.alive)
            left = round(one.mebibytes(), 1) if one.alive else None
            answered = sum(status is not None for status in statuses)
            pending = len(fired) - len(statuses)
            remark = f"{pending} without an answer after {settings.bound:g} s" if pending else ""
            return Siege(server.name, len(fired), answered, one.alive, gone, recovered, left, remark)
    except ServerError as error:
        return Siege(
            server.name,
            corpus.number,
            0,
            alive=False,
            gone_after=None,
            recovered=None,
            mebibytes=None,
            remark=str(error),
        )


def disturb(server: Server, data: Prepared, corpus: Corpus, settings: Settings, folder: Path) -> Disturbed:
    """Ask as a well-behaved client does, at rest and while the corpus is fired over and over; as often as asked.

    Raises ServerError where the server cannot be started.
    """
    queries = lookups(open_snapshot(data.root / "build"))
    manner = Manner(settings.seconds, source=ELSEWHERE if sys.platform == "linux" else "")
    idle, busy = [], []
    for _ in range(settings.sieges):
        with running(server, data, bound=settings.bound) as one:
            load.arrive(load.depart(one.endpoint, queries, folder, replace(manner, seconds=1)))  # warm
            idle.append(load.arrive(load.depart(one.endpoint, queries, folder, manner)))
            with Battery(corpus, one.endpoint, niceness=10) as battery:
                fired: list[AsyncResult[int | None]] = []
                client = load.depart(one.endpoint, queries, folder, replace(manner, seconds=2 * settings.seconds))
                while client.poll() is None:
                    fired = [each for each in fired if not each.ready()]
                    if len(fired) < FIRED_AT_ONCE:
                        fired += battery.volley()
                    sleep(0.05)
            busy.append(load.arrive(client))
    return Disturbed(server.name, tuple(idle), tuple(busy))


def under_fire(  # noqa: PLR0913, PLR0917  what `measure` has at hand
    data: Prepared, servers: Sequence[Server], settings: Settings, hostile: Path, folder: Path, progress: Progress
) -> tuple[list[Siege], list[Disturbed]]:
    """Fire the hostile corpus at every server, and at ours while a well-behaved client asks too."""
    corpus = Corpus.of(hostile)
    if corpus is None or not settings.sieges:
        progress("the hostile corpus is left out")
        return [], []
    sieges, disturbed = [], []
    for server in servers:
        progress(f"the hostile corpus: {server.name}, at most {2 * settings.bound:g} s")
        sieges.append(besiege(server, data, corpus, settings))
    for server in servers:
        if server.name in {OURS, OURS_CACHED}:
            progress(f"a well-behaved client while the corpus is fired: {server.name}, {settings.sieges} runs")
            disturbed.append(disturb(server, data, corpus, settings, folder))
    return sieges, disturbed
