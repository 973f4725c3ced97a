"""serve: settings in, a server that runs until it is stopped."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pyoxigraph import Quad

from exo_onto import catalogue, options, remote, serve, service
from exo_onto.commands.calls import dataset_of, elsewhere, refuse, root_of
from exo_onto.dataset import Dataset, Description
from exo_onto.federation import service_address
from exo_onto.questions import QuestionError
from exo_onto.service import Desk
from exo_onto.settings import LEAST_WORKERS, Settings
from exo_onto.snapshot import Snapshot, SnapshotError
from exo_onto.sources import FaultySourcesError
from exo_onto.terminal import err, say, write_at_once
from exo_onto.workers import StartError

EXAMPLES = (
    "Examples:\n\nexo-onto serve --port 8080\n\nexo-onto serve --timeout 10 --memory 1024 --access-log\n\n"
    "exo-onto serve --base-url https://example.org --trusted-proxy 10.0.0.2\n\n"
    "exo-onto serve --store http://127.0.0.1:7879/query"
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
    _serve(root, store, (host, port), settings)


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
        endpoint = f"{settings.base_url or serve.address_of(listening)}{serve.SPARQL_PATH}"
        try:
            desk = (
                _desk_elsewhere(store, endpoint, settings) if store else _desk_here(root_of(root), endpoint, settings)
            )
            served = serve.application(desk, settings, log=write_at_once)
            serve.run(served, desk, listening, ready=lambda: say(serve.welcome(endpoint)))
        except (SnapshotError, StartError, QuestionError, FaultySourcesError) as error:
            refuse(str(error))


def _listening(host: str, port: int) -> socket.socket:
    try:
        return serve.listen(host, port)
    except OSError as error:
        why = (error.strerror or str(error)).partition(" (while")[0]
        refuse(f"Cannot listen on {host or 'no address'}, port {port}: {why}. Choose others with --host and --port.")


def _desk_here(home: Path, endpoint: str, settings: Settings) -> Desk:
    def described(opened: Snapshot) -> Description:
        return Description(endpoint, "exo-onto", opened.manifest.ontology_version, opened.manifest.name)

    def added(graphs: Dataset) -> tuple[Quad, ...]:
        return serve.added(graphs, asked, settings)

    asked = catalogue.shipped(home) if catalogue.folder_of(home) else ()
    return service.Workers(home / "build", settings, described, added, lambda told: err.print(told, highlight=False))


def _desk_elsewhere(store: str, endpoint: str, settings: Settings) -> Desk:
    graphs = elsewhere(store, None)
    return service.Elsewhere(dataset_of(graphs, *remote.published(graphs), endpoint), settings)
