"""serve: settings in, a server that runs until it is stopped."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import watchfiles
from pyoxigraph import Quad
from rich.markup import escape

from exo_onto import catalogue, options, remote, serve, service
from exo_onto.commands.calls import dataset_of, elsewhere, refuse, root_of, tell
from exo_onto.dataset import Dataset, Description
from exo_onto.faults import FaultySourcesError
from exo_onto.federation import service_address
from exo_onto.outcome import StartError
from exo_onto.questions import QuestionError
from exo_onto.rebuilding import Rebuilt, rebuild
from exo_onto.service import Add, Describe, Desk
from exo_onto.settings import LEAST_WORKERS, Settings
from exo_onto.snapshot import Snapshot, SnapshotError
from exo_onto.terminal import err, say, shown, write_at_once
from exo_onto.watch import STEP_MS, News, State, Watched, home_of, is_source

EXAMPLES = (
    "Examples:\n\nexo-onto serve --port 8080\n\nexo-onto serve --timeout 10 --memory 1024 --access-log\n\n"
    "exo-onto serve --base-url https://example.org --trusted-proxy 10.0.0.2\n\n"
    "exo-onto serve --watch\n\nexo-onto serve --store http://127.0.0.1:7879/query"
)


def command(  # noqa: PLR0913  one for each option
    *,
    root: options.Root = None,
    store: options.Store = None,
    host: options.Host = "127.0.0.1",
    port: options.Port = 7878,
    base_url: options.BaseUrl = None,
    workers: options.Workers = None,
    timeout: options.Timeout = Settings.timeout,
    memory: options.Memory = Settings.memory,
    max_rows: options.MaxRows = Settings.max_rows,
    max_bytes: options.MaxBytes = Settings.max_bytes,
    queue: options.Queue = Settings.queue,
    rate: options.Rate = Settings.rate,
    cache_bytes: options.CacheBytes = Settings.cache_bytes,
    trusted_proxy: options.TrustedProxy = None,
    allow_service: options.AllowService = None,
    access_log: options.AccessLog = False,
    watch: options.Watch = False,
) -> None:
    """Serve the published graph over SPARQL 1.1 Protocol, read-only, and follow each new build.

    Each query runs in a process that can be ended. Every option can be given as a variable too: EXO_ONTO_TIMEOUT=10.
    Stop it with Ctrl-C, or SIGTERM: what is under way gets five seconds.
    """
    with _refusing_settings():
        settings = Settings(
            workers=workers or max(LEAST_WORKERS, len(os.sched_getaffinity(0)) + 2),
            timeout=timeout,
            memory=memory,
            max_rows=max_rows,
            max_bytes=max_bytes,
            queue=queue,
            rate=rate,
            cache_bytes=cache_bytes,
            base_url=base_url and base_url.rstrip("/"),
            trusted_proxies=tuple(trusted_proxy or ()),
            services=tuple(map(service_address, allow_service or ())),
            access_log=access_log,
        )
    with _refusing():
        (_serve_watched if watch else _serve)(root, store, (host, port), settings)


@contextmanager
def _refusing_settings() -> Iterator[None]:
    """Say in words what a server cannot be told."""
    try:
        yield
    except ValueError as error:
        refuse(f"{error}.")


def _serve(root: Path | None, store: str | None, where: tuple[str, int], settings: Settings) -> None:
    listening = _listening(*where)
    with listening:
        endpoint = _endpoint(listening, settings)
        desk = _desk_elsewhere(store, endpoint, settings) if store else _desk_here(root_of(root), endpoint, settings)
        served = serve.application(desk, settings, log=write_at_once, settle=serve.settle)
        serve.run(served, desk, listening, ready=lambda: say(serve.welcome(endpoint)))


@contextmanager
def _refusing() -> Iterator[None]:
    """Say in words why nothing can be served."""
    try:
        yield
    except (SnapshotError, StartError, QuestionError, FaultySourcesError) as error:
        refuse(str(error))


def _endpoint(listening: socket.socket, settings: Settings) -> str:
    return f"{settings.base_url or serve.address_of(listening)}{serve.SPARQL_PATH}"


def _serve_watched(root: Path | None, store: str | None, where: tuple[str, int], settings: Settings) -> None:
    """Serve what somebody edits. Where it is wrong to begin with, wait until it has been mended."""
    if store:
        refuse("--watch follows the files of a root: leave --store out.")
    home = root_of(root)
    with _listening(*where) as listening:
        first = _first_sound(home)
        endpoint = _endpoint(listening, settings)
        described, added = _told(home, endpoint, settings, most=0)
        answering = service.Workers(home_of(home), settings, described, added, _say_aside, spare=True)
        desk = Watched(home, answering, first, _tell_state)
        served = serve.application(desk, settings, log=write_at_once, more=desk.routes, settle=serve.settle)

        def ready() -> None:
            say(serve.welcome(endpoint))
            say(f"Watching {home}: how it stands is told at {endpoint.removesuffix(serve.SPARQL_PATH)}/diagnostics")

        serve.run(served, desk, listening, ready=ready, leaving=desk.leave)


def _first_sound(home: Path) -> Rebuilt:
    """Build, and again with each change until it is sound."""
    with shown(err) as progress:
        progress("build")
        first = rebuild(home, home_of(home))
    if first.failure:
        refuse(first.failure)
    if first.name is None:
        tell(first.diagnostics)
        err.print("[bold red]Nothing can be served yet.[/] Mend the files: each change is built.")
        for _ in watchfiles.watch(home, watch_filter=is_source, step=STEP_MS):
            return _first_sound(home)
    return first


def _tell_state(state: State) -> None:
    """Tell on the terminal what came of a change."""
    if state.news is News.BUILDING:
        err.print(f"{', '.join(state.files)}: building ...", highlight=False, soft_wrap=True)
        return
    tell(state.diagnostics)
    words = {
        News.SERVED: f"[bold green]Sound:[/] snapshot {state.serving} is served, built in {state.seconds:.1f} s.",
        News.WRONG: f"[bold red]Not sound.[/] Snapshot {state.serving} goes on being served.",
        News.FAILED: f"[bold red]Nothing was built.[/] {escape(state.failure)}",
    }
    err.print(words[state.news], highlight=False, soft_wrap=True)


def _say_aside(told: str) -> None:
    err.print(told, highlight=False)


def _listening(host: str, port: int) -> socket.socket:
    try:
        return serve.listen(host, port)
    except OSError as error:
        why = (error.strerror or str(error)).partition(" (while")[0]
        refuse(f"Cannot listen on {host or 'no address'}, port {port}: {why}. Choose others with --host and --port.")


def _desk_here(home: Path, endpoint: str, settings: Settings) -> Desk:
    described, added = _told(home, endpoint, settings, most=serve.MOST_DESCRIBED)
    return service.Workers(home / "build", settings, described, added, _say_aside)


def _told(home: Path, endpoint: str, settings: Settings, *, most: int) -> tuple[Describe, Add]:
    """Give what describes a snapshot, and what is served besides: VoID of up to `most` triples, and the questions."""

    def described(opened: Snapshot) -> Description:
        return Description(endpoint, "exo-onto", opened.manifest.ontology_version, opened.manifest.name)

    def added(graphs: Dataset) -> tuple[Quad, ...]:
        return serve.added(graphs, asked, settings, most=most)

    asked = catalogue.shipped(home) if catalogue.folder_of(home) else ()
    return described, added


def _desk_elsewhere(store: str, endpoint: str, settings: Settings) -> Desk:
    graphs = elsewhere(store, None)
    return service.Elsewhere(dataset_of(graphs, *remote.published(graphs), endpoint), settings)
