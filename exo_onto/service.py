"""service: published snapshots in, a desk that answers queries over the current one out; follows new ones.

    Workers      a desk of worker processes over the current snapshot
    Elsewhere    a desk that puts queries to another store, or to one in memory

A new snapshot takes over when its workers are up; one that cannot be opened is refused, and the old one goes on. What
tools look for in a store that is served (VoID, example queries) names the endpoint, so it is added to a copy of the
snapshot's store; downloads give the snapshot itself. A large snapshot is served as it is.
"""

import asyncio
import shutil
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Protocol, TypeVar

from pyoxigraph import NamedNode, Quad, Store

from exo_onto import evaluation, snapshot
from exo_onto.answering import Job, too_much
from exo_onto.dataset import Dataset, Description, prepare
from exo_onto.outcome import Answer, DeadlineError, StartError
from exo_onto.protocol import Call
from exo_onto.settings import Settings
from exo_onto.snapshot import Snapshot, SnapshotError
from exo_onto.vocabulary import DEFAULT_GRAPHS, GRAPH_JUSTIFICATIONS
from exo_onto.workers import Pool

MOST_COPIED: Final = 5_000_000
"""Up to how many triples a snapshot is copied, to add to it and to have the default graphs together."""
OURS: Final = (*DEFAULT_GRAPHS, GRAPH_JUSTIFICATIONS)
"""The graphs that are counted for that; whole ontologies that are loaded beside are copied in any case."""
MOST_MERGED: Final = 1_000_000
"""Up to how many triples the files of the copy are merged, so that a query need not: a second for each 500,000."""
LOOK_SECONDS: Final = 1
"""How often it is looked whether another snapshot is current."""

Describe = Callable[[Snapshot], Description]
Add = Callable[[Dataset], tuple[Quad, ...]]
Tell = Callable[[str], None]
_Made = TypeVar("_Made")


@dataclass(frozen=True)
class Standing:
    """What is served now: the dataset, and of a snapshot its folder, its store, and the one that queries are put to.

    `graphs` are those that a query asks where it names none; `united` is the store that has just these.
    """

    dataset: Dataset
    graphs: tuple[NamedNode, ...] = ()
    folder: Path | None = None
    stored: Path | None = None
    queried: Path | None = None
    united: Path | None = None

    @property
    def description(self) -> Description:
        """What is said of it."""
        return self.dataset.description


class Desk(Protocol):
    """Answers calls."""

    @property
    def standing(self) -> Standing: ...  # noqa: D102
    @property
    def ready(self) -> bool: ...  # noqa: D102
    @property
    def pool(self) -> Pool | None: ...  # noqa: D102
    async def open(self) -> None: ...  # noqa: D102
    async def close(self) -> None: ...  # noqa: D102
    async def ask(self, call: Call, *, client: str, deadline: float) -> Answer: ...  # noqa: D102


class Workers:
    """A desk of worker processes over the current snapshot below a build folder."""

    def __init__(  # noqa: PLR0913  what it serves, how, and whom it tells
        self, build: Path, settings: Settings, describe: Describe, add: Add, tell: Tell, *, spare: bool = False
    ) -> None:
        """Take the current snapshot. Raises SnapshotError where there is none.

        `add` gives what is to be in the store besides; `tell` is told of new snapshots. `spare` keeps processes ready
        for the next one, which then takes over at once: its files are not merged first.
        """
        opened = snapshot.open_snapshot(build)
        self._build = build
        self._add = add
        self._copies = TemporaryDirectory(prefix="exo-onto-serve-", ignore_cleanup_errors=True)
        self._settings = settings
        self._describe = describe
        self._tell = tell
        self._merges = not spare
        self._refused = ""
        self._watch: asyncio.Task[None] | None = None
        self._looking = asyncio.Lock()
        self._copying = ThreadPoolExecutor(1)
        self.pool = Pool(settings.workers, queue=settings.queue, most_by_client=settings.workers - 1, spare=spare)
        self.standing = self._standing(opened)
        self.ready = False

    async def open(self) -> None:
        """Bring the workers up, and begin to look for new snapshots. Raises StartError."""
        await self._take(self.standing)
        self.ready = True
        self._watch = asyncio.create_task(self._follow())

    async def close(self) -> None:
        """End the workers."""
        self.ready = False
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
        await self.pool.stop()
        await asyncio.to_thread(self._copying.shutdown, cancel_futures=True)  # who copies writes into what goes now
        self._copies.cleanup()

    async def ask(self, call: Call, *, client: str, deadline: float) -> Answer:
        """Have a call answered by a worker until a time of the loop's clock. Raises PoolError."""
        return await self.pool.ask(call.encoded, client=client, deadline=deadline)

    async def _take(self, standing: Standing) -> None:
        await self.pool.start(self._job(standing))
        before, self.standing = self.standing, standing
        self._beside(self._sweep, before, standing)  # nobody need wait for that

    def _beside(self, work: Callable[..., _Made], *given: object) -> asyncio.Future[_Made]:
        """Do what takes long beside the event loop, one after the other; `close` waits for its end."""
        return asyncio.get_running_loop().run_in_executor(self._copying, work, *given)

    def _standing(self, opened: Snapshot) -> Standing:
        dataset = prepare(opened.store, self._describe(opened), default_graphs=DEFAULT_GRAPHS, disjoint=True)
        bare = Standing(
            dataset,
            DEFAULT_GRAPHS,
            opened.path,
            opened.store_path,
            opened.store_path,
            _alone(dataset, opened.store_path),
        )
        if sum(graph.triples for graph in dataset.named_graphs if graph.name in OURS) > MOST_COPIED:
            return bare
        try:
            return self._with_more(dataset, opened)
        except (OSError, RuntimeError) as error:  # the store says RuntimeError of a full disk
            self._tell(f"served without example queries and VoID in the store, which cannot be copied: {error}")
            return bare

    def _with_more(self, dataset: Dataset, opened: Snapshot) -> Standing:
        """Copy the snapshot's store, and add to it what tools look for."""
        added = self._add(dataset)
        copy = Path(self._copies.name) / opened.manifest.name
        if not copy.exists():
            opened.store.backup(str(copy))
            store = Store(str(copy))
            store.extend(added)
            store.flush()  # or each query would merge what is in the log with what is in the files
            if self._merges and len(store) <= MOST_MERGED:
                store.optimize()
        united = _alone(dataset, copy)
        if united is None:
            united = copy.with_suffix(".united")
            default = (opened.store.quads_for_pattern(None, None, None, name) for name in DEFAULT_GRAPHS)
            _extend(united, chain(added, *default))
        beside = dict.fromkeys(quad.graph_name for quad in added if isinstance(quad.graph_name, NamedNode))
        return Standing(dataset, (*DEFAULT_GRAPHS, *beside), opened.path, opened.store_path, copy, united)

    def _sweep(self, *kept: Standing) -> None:
        """Delete the copies of other snapshots. Workers may still be busy over the last one."""
        paths = {path for standing in kept for path in (standing.queried, standing.united)}
        for copy in Path(self._copies.name).iterdir():
            if copy not in paths:
                shutil.rmtree(copy, ignore_errors=True)

    def _job(self, standing: Standing) -> Job:
        granted = self._settings
        return Job(
            store=str(standing.queried),
            united=str(standing.united) if standing.united else None,
            description=standing.description,
            default_graphs=tuple(graph.value for graph in standing.graphs),
            memory=granted.memory,
            max_rows=granted.max_rows,
            max_bytes=granted.max_bytes,
        )

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self.look()

    async def look(self) -> None:
        """Take a new snapshot over if there is one, and tell once of one that cannot be."""
        async with self._looking:
            current = snapshot.current(self._build)
            if current is None or current == self.standing.folder or current.name == self._refused:
                return
            try:
                opened = await asyncio.to_thread(snapshot.open_snapshot, self._build, current.name)
                await self._take(await self._beside(self._standing, opened))
            except (SnapshotError, StartError, OSError, RuntimeError) as error:
                self._refused = current.name
                self._tell(f"snapshot {current.name} is refused, the last one stays: {error}")
            else:
                self._refused = ""
                self._tell(f"now serving snapshot {current.name}")


class Elsewhere:
    """A desk that puts calls to a store elsewhere, or to one in memory, each in a thread."""

    def __init__(self, dataset: Dataset, settings: Settings) -> None:
        """Answer from a dataset."""
        self._threads = ThreadPoolExecutor(settings.workers)
        self._most = settings.max_rows
        self.standing = Standing(dataset)
        self.ready = True
        self.pool: Pool | None = None

    async def open(self) -> None:
        """Nothing is needed."""

    async def close(self) -> None:
        """Begin nothing any more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def ask(self, call: Call, *, client: str, deadline: float) -> Answer:  # noqa: ARG002  as every desk
        """Have a call answered in a thread. What is under way there when the time is up, goes on for nobody."""
        work = asyncio.get_running_loop().run_in_executor(self._threads, self._answer, call)
        try:
            async with asyncio.timeout_at(deadline):
                return await work
        except TimeoutError as error:
            raise DeadlineError from error

    def _answer(self, call: Call) -> Answer:
        reply = evaluation.perform(call, self.standing.dataset, most=self._most)
        try:
            body = reply.read()
        except evaluation.TooManyError as error:
            reply = too_much(error, self.standing.description)
            body = reply.read()
        return Answer(reply.status, reply.media_type, reply.headers, body, 0, 0)


def _extend(path: Path, quads: Iterable[Quad]) -> None:
    store = Store(str(path))
    store.bulk_extend(quads)
    store.flush()


def _alone(dataset: Dataset, path: Path) -> Path | None:
    """Give the store at a path, if it has no graphs but the default ones: all of them are then asked at one place."""
    return path if {graph.name for graph in dataset.named_graphs} <= set(dataset.default_graphs) else None
