"""watch: a root in, a desk that serves its last sound state out, and news of each change. Follows files.

    a file of Turtle is saved -> it is built in a process of its own -> sound: the new graph is served
                                                                     -> wrong: the old one is, and it is told why

    /diagnostics    how it stands, as JSON; with lang=zh in Chinese, as far as there are words for it
    /events         the same as it happens, as server-sent events (HTML Living Standard, section 9.2):
                    `state` (once, to whoever comes), `building`, `served`, `wrong`, `failed`

Both can be read by pages of the server itself only: no other site is to see what somebody is editing.
"""

import asyncio
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from watchfiles import Change, awatch

from exo_onto.diagnose import Diagnostic
from exo_onto.outcome import Answer
from exo_onto.pages import languages
from exo_onto.pages.languages import TAGS, Words
from exo_onto.problems import NOT_KEPT
from exo_onto.protocol import Call
from exo_onto.rebuilding import Rebuilt
from exo_onto.service import Standing, Workers
from exo_onto.sources import FOLDERS
from exo_onto.translated import sentence
from exo_onto.workers import Pool

DIAGNOSTICS_PATH: Final = "/diagnostics"
EVENTS_PATH: Final = "/events"
HOME: Final = "watched"
"""Below build/: what is built while somebody edits has no proofs in it, so it is kept apart from what is published."""
STEP_MS: Final = 20
"""How long it must be quiet after a change: editors write a file in several strokes."""
DEBOUNCE_MS: Final = 400
"""How long changes are gathered at the most."""
MOST_LISTENING: Final = 100
KINDS: Final = ("syntax", "shapes", "uncompiled", "incoherent", "contradiction")
"""The codes of what a build may find wrong, but for shapes: each of these has a code of its own."""
_ALIVE_SECONDS: Final = 15
_SECONDS: Final = 600
_HEADERS: Final = {**NOT_KEPT, "X-Content-Type-Options": "nosniff"}

Tell = Callable[["State"], object]


class News(StrEnum):
    """What may be told of a watched root, and how an event is called."""

    BUILDING = "building"
    SERVED = "served"
    WRONG = "wrong"
    FAILED = "failed"


@dataclass(frozen=True)
class State:
    """How a watched root stands: what was told last, which snapshot is served, and what is wrong with the sources.

    `seconds` is what the last build took; `since` is when this was so first, UTC, in ISO 8601. `files` are those whose
    change is being built. `failure` says why nothing could be built.
    """

    news: News
    number: int = 0
    serving: str | None = None
    diagnostics: tuple[Diagnostic, ...] = ()
    files: tuple[str, ...] = ()
    seconds: float = 0
    since: str = ""
    failure: str = ""

    def record(self, language: str = "en") -> dict[str, object]:
        """Give it as it is written in JSON, in a language as far as there are words for it."""
        return {
            "state": self.news.value,
            "number": self.number,
            "serving": self.serving,
            "since": self.since,
            "seconds": self.seconds,
            "files": list(self.files),
            "failure": _said(self.failure, language) or None,
            "diagnostics": [_record(each, language) for each in self.diagnostics],
        }


def _record(each: Diagnostic, language: str) -> dict[str, object]:
    """Write a diagnostic; `language` is that of `what`, which often has no words but its own."""
    place, what = each.place, _said(each.what, language)
    return {
        "severity": each.severity.name.lower(),
        "code": each.code,
        "kind": Words(language)(f"diagnostic.{each.code if each.code in KINDS else 'shape'}"),
        "file": place.file if place else None,
        "line": place.line if place else None,
        "column": place.column if place else None,
        "what": what,
        "language": TAGS["en" if what == each.what else language],
        "remedy": _said(each.remedy, language),
    }


def _said(english: str, language: str) -> str:
    return english if language == "en" else sentence(english)


class Watched:
    """A desk over a root that somebody edits: it has another desk answer, and follow each change that is sound."""

    def __init__(self, root: Path, desk: Workers, first: Rebuilt, told: Tell) -> None:
        """Serve what a first build came to, by a desk over `home_of(root)`; `told` is called with each state."""
        self._root = root
        self._desk = desk
        self._told = told
        self._task: asyncio.Task[None] | None = None
        self._process: Process | None = None
        self._stopping = asyncio.Event()
        self._changed = asyncio.Condition()
        self._listening = 0
        self.state = replace(_state(first, State(News.SERVED)), serving=self.standing.description.digest, since=_now())

    @property
    def standing(self) -> Standing:
        """What is served now."""
        return self._desk.standing

    @property
    def ready(self) -> bool:
        """True where queries are answered."""
        return self._desk.ready

    @property
    def pool(self) -> Pool | None:
        """The workers that answer."""
        return self._desk.pool

    async def ask(self, call: Call, *, client: str, deadline: float) -> Answer:
        """Have a call answered until a time of the loop's clock. Raises PoolError."""
        return await self._desk.ask(call, client=client, deadline=deadline)

    async def open(self) -> None:
        """Bring the workers up, and begin to follow the files. Raises StartError."""
        await self._desk.open()
        self._task = asyncio.create_task(self._watch())

    async def close(self) -> None:
        """Follow the files no more, and end the workers."""
        self.leave()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
        await self._desk.close()

    def leave(self) -> None:
        """Let those go who listen: the server is about to stop."""
        self._stopping.set()

    @property
    def routes(self) -> list[Route]:
        """The addresses at which it is told how it stands."""
        return [Route(DIAGNOSTICS_PATH, self._diagnostics), Route(EVENTS_PATH, self._events)]

    # --- Following

    async def _watch(self) -> None:
        await self._builder()  # warm when the first change comes
        folders = [self._root / folder for folder in FOLDERS]
        changes = awatch(
            *folders, watch_filter=is_source, debounce=DEBOUNCE_MS, step=STEP_MS, stop_event=self._stopping
        )
        async for change in changes:
            files = sorted({self._relative(path) for _, path in change})
            await self._tell(replace(self.state, news=News.BUILDING, files=tuple(files)))
            await self._follow_change(files)

    async def _follow_change(self, files: list[str]) -> None:
        """Build, and serve what came of it."""
        rebuilt = await self._rebuilt()
        if rebuilt.name is not None:
            await self._desk.look()
        serving = self.standing.description.digest
        state = replace(_state(rebuilt, self.state), serving=serving, files=tuple(files))
        if rebuilt.name not in (None, serving):
            state = replace(state, news=News.FAILED, failure=f"Snapshot {rebuilt.name} cannot be served.")
        await self._tell(state)

    async def _rebuilt(self) -> Rebuilt:
        """Have the process build once. One that is lost is replaced with the next change."""
        process = await self._builder()
        if process.stdin is None or process.stdout is None:
            return Rebuilt(None, failure="The process that builds has no pipes.")
        try:
            process.stdin.write(b"build\n")
            async with asyncio.timeout(_SECONDS):
                line = await process.stdout.readline()
            if line:
                return Rebuilt.decoded(line)
            said = f"it ended with {await process.wait()}"
        except (TimeoutError, OSError, ValueError) as error:
            with suppress(ProcessLookupError):
                process.kill()
            said = "it took too long" if isinstance(error, TimeoutError) else str(error)
        return Rebuilt(None, failure=f"The process that builds was lost: {said}.")

    async def _builder(self) -> Process:
        """Give the process that builds, a new one where it is gone."""
        if self._process is None or self._process.returncode is not None:
            command = (sys.executable, "-m", "exo_onto.rebuilding", str(self._root), str(home_of(self._root)))
            self._process = await asyncio.create_subprocess_exec(
                *command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, limit=2**26, start_new_session=True
            )
        return self._process

    def _relative(self, path: str) -> str:
        with suppress(ValueError):
            return Path(path).relative_to(self._root).as_posix()
        return path

    # --- Telling

    async def _tell(self, state: State) -> None:
        self.state = replace(state, number=self.state.number + 1, since=_now())
        self._told(self.state)
        async with self._changed:
            self._changed.notify_all()

    async def _diagnostics(self, request: Request) -> Response:
        body = json.dumps(self.state.record(_language(request)), ensure_ascii=False, indent=1)
        return Response(body + "\n", media_type="application/json", headers=_HEADERS)

    async def _events(self, request: Request) -> Response:
        if self._listening >= MOST_LISTENING:
            return Response("Too many listen already.\n", 503, {**_HEADERS, "Retry-After": "5"}, "text/plain")
        headers = {**_HEADERS, "X-Accel-Buffering": "no"}
        return StreamingResponse(self._stream(_language(request)), media_type="text/event-stream", headers=headers)

    async def _stream(self, language: str) -> AsyncIterator[str]:
        """Give an event for how it stands, and one for each change; a sign of life now and then."""
        self._listening += 1
        try:
            told = self.state
            yield f"retry: 1000\n{_event('state', told, language)}"
            while not self._stopping.is_set():
                if self.state.number != told.number:
                    told = self.state
                    yield _event(told.news.value, told, language)
                elif not await self._news():
                    yield ": alive\n\n"
        finally:
            self._listening -= 1

    async def _news(self) -> bool:
        """Wait for a change, or for the end; False where there was none for long."""
        known = self.state.number
        stopping = asyncio.ensure_future(self._stopping.wait())
        changing = asyncio.ensure_future(self._until_changed(known))
        try:
            done, _ = await asyncio.wait(
                (stopping, changing), timeout=_ALIVE_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            for task in (stopping, changing):
                task.cancel()
            await asyncio.gather(stopping, changing, return_exceptions=True)
        return bool(done)

    async def _until_changed(self, known: int) -> None:
        async with self._changed:
            await self._changed.wait_for(lambda: self.state.number != known)


def home_of(root: Path) -> Path:
    """Give the folder below which a watched root is built."""
    return root / "build" / HOME


def is_source(_: Change, path: str) -> bool:
    """Say whether a file that changed is one that is built; the files that editors make beside it are not."""
    name = Path(path).name
    return name.endswith(".ttl") and not name.startswith(".")


def _state(rebuilt: Rebuilt, before: State) -> State:
    news = News.FAILED if rebuilt.failure else News.WRONG if rebuilt.name is None else News.SERVED
    return replace(before, news=news, diagnostics=rebuilt.diagnostics, seconds=rebuilt.seconds, failure=rebuilt.failure)


def _event(name: str, state: State, language: str) -> str:
    return f"event: {name}\nid: {state.number}\ndata: {json.dumps(state.record(language), ensure_ascii=False)}\n\n"


def _language(request: Request) -> str:
    """Give the language that an address asks for; what programs read is in English where it asks for none."""
    return languages.chosen(request.query_params.get("lang"), None, None)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
