"""cli: parse, call one function, print, exit. 0: fine; 1: the knowledge is wrong; 2: the call is wrong."""

import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from pyoxigraph import Quad

from exo_onto import (
    __version__,
    catalogue,
    dataset,
    options,
    partitions,
    pipeline,
    questions,
    remote,
    render,
    serve,
    service,
    snapshot,
    sources,
    triplestore,
)
from exo_onto.check import check as judge_by_all
from exo_onto.dataset import AnyStore, Dataset, Description
from exo_onto.diagnose import Diagnostic
from exo_onto.federation import service_address
from exo_onto.partitions import WorkersError
from exo_onto.questions import Answer, AnswerGraph, QuestionError
from exo_onto.render import Format, Language, ProofFormat
from exo_onto.service import Desk
from exo_onto.settings import LEAST_WORKERS, Settings
from exo_onto.snapshot import Snapshot, SnapshotError
from exo_onto.sources import FaultySourcesError, RootNotFoundError
from exo_onto.terminal import complain, draw, err, interruptible, say, show, shown, write, write_at_once
from exo_onto.triplestore import TripleStore
from exo_onto.vocabulary import DEFAULT_GRAPHS, UnknownNameError
from exo_onto.why import Inferred, NothingToExplainError, contradictions, why
from exo_onto.workers import StartError

FINE, WRONG_KNOWLEDGE, WRONG_CALL, INTERRUPTED = 0, 1, 2, 130

app = typer.Typer(
    name="exo-onto",
    help="""Build, check, ask and serve a reasoned knowledge graph.

    The data flows one way: sources -> reason -> validate -> publish -> serve.""",
    epilog="Exit codes: 0 fine, 1 the knowledge is wrong, 2 the call is wrong.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

RootOption = Annotated[
    Path | None,
    typer.Option(
        "--root", help="The folder with ontology/, shapes/ and instances/. Default: the nearest, from here upwards."
    ),
]
FormatOption = Annotated[
    Format, typer.Option("--format", "-f", help="How to write: a table for people, the rest for programs.")
]
StoreOption = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="URL",
        help="Work on the SPARQL 1.1 store at this address instead: where it takes queries. "
        f"Its user and password are read from {triplestore.USER} and {triplestore.PASSWORD}.",
    ),
]
UpdateOption = Annotated[
    str | None,
    typer.Option(
        "--store-update",
        metavar="URL",
        help="Where the store takes updates. Default: /update beside /query; else the same address.",
    ),
]


def main() -> None:
    """Run the command. What the world refuses (a full disk, a file without rights) is told in a sentence."""
    signal.signal(signal.SIGINT, _stop)
    try:
        app()
    except OSError as error:
        complain(f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}")
        sys.exit(WRONG_CALL)


def _stop(*_: object) -> None:
    """Stop at once: what is written, is written aside, and the next build sweeps it away."""
    err.print("\nStopped. What was published before stays current.")
    os._exit(INTERRUPTED)


def _version(value: bool) -> None:  # noqa: FBT001  typer calls it so
    if value:
        say(f"exo-onto {__version__}")
        raise typer.Exit


@app.callback()
def common(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Take the options that stand before a command."""


@app.command(
    epilog="Examples:\n\nexo-onto build --prune\n\nexo-onto build --cluster tcp://10.0.0.5:8786\n\n"
    "exo-onto build --store http://127.0.0.1:7878/query"
)
def build(  # noqa: PLR0913  one for each option
    *,
    root: RootOption = None,
    justify: Annotated[
        bool | None,
        typer.Option(
            "--justify/--no-justify",
            help="Store the proof of every inferred triple in graph:justifications. Default: where it takes little.",
        ),
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(
            "--cluster", metavar="ADDRESS", help="Reason on the workers of this Dask scheduler, not on our cores."
        ),
    ] = None,
    prune: Annotated[
        bool, typer.Option("--prune", help="Delete all snapshots but the current one afterwards.")
    ] = False,
    store: StoreOption = None,
    store_update: UpdateOption = None,
) -> None:
    """Read, reason, validate, and publish what is sound.

    The result is an immutable snapshot below build/, named by what it was made from. Where the knowledge is wrong,
    nothing is published, the last good snapshot stays current, and you are told what, where and why.
    """
    home = _root(root)
    if store is not None:
        if prune or cluster:
            _refuse(f"{'--prune' if prune else '--cluster'} is for what is built below build/: leave --store out.")
        _build_elsewhere(home, _elsewhere(store, store_update), justify=justify)
    else:
        _build_here(home, cluster, justify=justify, prune=prune)


def _build_here(home: Path, cluster: str | None, *, justify: bool | None, prune: bool) -> None:
    try:
        workers = partitions.cluster(cluster) if cluster else None
        with shown(err) as progress:
            result = pipeline.build(home, justified=justify, workers=workers, progress=progress)
    except (SnapshotError, WorkersError) as error:
        _refuse(str(error))
    _sound_or_exit(result)
    done = _open(home)
    said = "published" if result.fresh else "up to date"
    total = sum(done.manifest.triples.values())
    version = done.manifest.ontology_version
    say(f"{said}: snapshot {done.manifest.name}, version {version}, {total:,} triples in {done.path}")
    if prune:
        gone = snapshot.prune(home / "build")
        say(f"pruned: {len(gone)} older snapshot{'' if len(gone) == 1 else 's'}")


def _build_elsewhere(home: Path, store: TripleStore, *, justify: bool | None) -> None:
    with shown(err) as progress:
        result = remote.build(home, store, justified=justify, progress=progress)
    _sound_or_exit(result)
    total = sum(graph.triples for graph in _dataset(store, *remote.published(store), store.address.query).named_graphs)
    said = "published" if result.fresh else "up to date"
    say(f"{said}: build {result.name}, {total:,} triples in {store.address.query}")


def _sound_or_exit(result: pipeline.Build) -> None:
    _tell(result.judgement.diagnostics)
    if result.name is None:
        err.print("[bold red]Nothing was published.[/] What was published before stays current.")
        raise typer.Exit(WRONG_KNOWLEDGE)


@app.command(epilog="Examples:\n\nexo-onto check\n\nexo-onto check --explain\n\nexo-onto check --format json")
def check(
    *,
    root: RootOption = None,
    form: FormatOption = Format.TABLE,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show the proofs of what excludes what, for each contradiction.")
    ] = False,
    store: StoreOption = None,
) -> None:
    """Judge the sources without publishing: syntax, logic, profiles, shapes, questions.

    With --store, judge what is published there: shapes, contradictions, questions.

    Exits with 1 where something is wrong, and says what, in which file and line, and what to do.
    """
    home = _root(root)
    if explain and store is not None:
        _refuse("--explain shows the proofs of what stands in files: leave --store out.")
    folder = catalogue.folder_of(home)
    with shown(err) as progress:
        if store is None:
            judgement = judge_by_all(home, queries=folder, progress=progress)
        else:
            judgement = remote.check(home, _elsewhere(store, None), queries=folder, progress=progress)
    if form is Format.TABLE:
        show(render.diagnostics_text(judgement.diagnostics), soft_wrap=True)
        if explain:
            for contradiction in contradictions(judgement):
                draw(render.proofs_tree(contradiction))
        show(render.summary(judgement), soft_wrap=True)
    else:
        write(render.delimited(*render.diagnostic_rows(judgement.diagnostics), form))
    if not judgement.sound:
        raise typer.Exit(WRONG_KNOWLEDGE)


@app.command(
    epilog="Examples:\n\nexo-onto query\n\nexo-onto query mechanism-matrix --format csv\n\n"
    "exo-onto query studies-by-process --bind term=GO:0012501\n\ncat mine.rq | exo-onto query -\n\n"
    "exo-onto query contested --endpoint http://127.0.0.1:7878/sparql"
)
def query(  # noqa: PLR0913  one for each option
    question: Annotated[
        str | None,
        typer.Argument(
            help="A shipped question's name, a file with SPARQL, or - for standard input. "
            "Without it, the questions are listed."
        ),
    ] = None,
    *,
    root: RootOption = None,
    form: FormatOption = Format.TABLE,
    iris: Annotated[bool, typer.Option("--iris", help="Write IRIs whole, not as slugs, symbols and CURIEs.")] = False,
    bind: Annotated[
        list[str] | None,
        typer.Option(
            "--bind",
            metavar="NAME=VALUE",
            help="Give a variable of the query a value: an IRI, a CURIE or a text. May be repeated.",
        ),
    ] = None,
    store: StoreOption = None,
    endpoint: Annotated[
        str | None,
        typer.Option("--endpoint", metavar="URL", help="Ask this SPARQL endpoint, whatever it holds: any one will do."),
    ] = None,
) -> None:
    """Ask the published graph: a shipped question, or any SPARQL query.

    The default graph is the union of what was asserted and inferred; GRAPH reaches each part by name.
    """
    address = _one_address(store, endpoint)
    home = _root(root) if root or address is None else _root_or_here()
    try:
        if question is None:
            _list_questions(catalogue.shipped(home), form)
            return
        asked, values = catalogue.find(question, home), catalogue.bindings(bind or [])
        graphs: AnyStore = _open(home).store if address is None else _elsewhere(address, None)
        with interruptible():
            answer = questions.ask(graphs, asked.text, bindings=values, ours=endpoint is None)
    except (QuestionError, UnknownNameError, FaultySourcesError) as error:
        _refuse(str(error))
    _show(answer, form, iris=iris, title=asked.title)


def _one_address(store: str | None, endpoint: str | None) -> str | None:
    if store and endpoint:
        _refuse("--store is for a store that holds our graphs, --endpoint for any: name one of them.")
    return store or endpoint


def _show(answer: Answer | AnswerGraph, form: Format, *, iris: bool, title: str | None) -> None:
    if isinstance(answer, AnswerGraph):
        if form is not Format.TABLE:
            _refuse("This query makes a graph, which is written as Turtle: leave --format out.")
        write(answer.turtle)
    elif form is Format.TABLE:
        show(render.answer_table(answer, iris=iris, title=title))
    else:
        write(render.answer_text(answer, form, iris=iris))


@app.command(
    name="explain",
    epilog="Examples:\n\nexo-onto explain zhu-lf-2020 apoptosis-inhibition\n\nexo-onto explain study:zhu-lf-2020\n\n"
    "exo-onto explain activity:zhu-lf-2020-apoptosis-npc exonto:TracedDecrease --format json",
)
def explain_command(
    subject: Annotated[str, typer.Argument(help="What it is about: a name such as zhu-lf-2020, a CURIE or an IRI.")],
    value: Annotated[
        str | None,
        typer.Argument(help="A class that it is in, or what it is joined to. Without it: what can be asked."),
    ] = None,
    *,
    root: RootOption = None,
    form: Annotated[ProofFormat, typer.Option("--format", "-f", help="How to write.")] = ProofFormat.TREE,
    lang: Annotated[Language, typer.Option("--lang", help="The language of the labels.")] = Language.EN,
) -> None:
    """Say why something was inferred: a proof tree from the statements that it rests on, with file, line and source."""
    home = _root(root)
    try:
        found = why(home, _open(home).store, subject, value, language=lang.value)
    except (NothingToExplainError, UnknownNameError) as error:
        _refuse(str(error))
    if isinstance(found, Inferred):
        draw(render.inferred_table(found))
    elif form is ProofFormat.JSON:
        write(render.proofs_json(found))
    else:
        draw(render.proofs_tree(found))


@app.command(
    name="serve",
    epilog="Examples:\n\nexo-onto serve --port 8080\n\nexo-onto serve --timeout 10 --memory 1024 --access-log\n\n"
    "exo-onto serve --base-url https://example.org --trusted-proxy 10.0.0.2\n\n"
    "exo-onto serve --store http://127.0.0.1:7879/query",
)
def serve_command(  # noqa: PLR0913  one for each option
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
        _refuse(f"{error}.")


def _serve(root: Path | None, store: str | None, where: tuple[str, int], settings: Settings) -> None:
    listening = _listening(*where)
    with listening:
        endpoint = f"{settings.base_url or serve.address_of(listening)}{serve.SPARQL_PATH}"
        try:
            desk = _desk_elsewhere(store, endpoint, settings) if store else _desk_here(_root(root), endpoint, settings)
            served = serve.application(desk, settings, log=write_at_once)
            serve.run(served, desk, listening, ready=lambda: say(serve.welcome(endpoint)))
        except (SnapshotError, StartError, QuestionError, FaultySourcesError) as error:
            _refuse(str(error))


def _listening(host: str, port: int) -> socket.socket:
    try:
        return serve.listen(host, port)
    except OSError as error:
        why = (error.strerror or str(error)).partition(" (while")[0]
        _refuse(f"Cannot listen on {host or 'no address'}, port {port}: {why}. Choose others with --host and --port.")


def _desk_here(home: Path, endpoint: str, settings: Settings) -> Desk:
    def described(opened: Snapshot) -> Description:
        return Description(endpoint, "exo-onto", opened.manifest.ontology_version, opened.manifest.name)

    def added(graphs: Dataset) -> tuple[Quad, ...]:
        return serve.added(graphs, asked, settings)

    asked = catalogue.shipped(home) if catalogue.folder_of(home) else ()
    return service.Workers(home / "build", settings, described, added, lambda told: err.print(told, highlight=False))


def _desk_elsewhere(store: str, endpoint: str, settings: Settings) -> Desk:
    graphs = _elsewhere(store, None)
    return service.Elsewhere(_dataset(graphs, *remote.published(graphs), endpoint), settings)


def _dataset(graphs: AnyStore, named: str, version: str, endpoint: str) -> Dataset:
    return dataset.prepare(graphs, Description(endpoint, "exo-onto", version, named), default_graphs=DEFAULT_GRAPHS)


def _elsewhere(store: str, update: str | None) -> TripleStore:
    return TripleStore(triplestore.address(store, update), triplestore.credentials())


def _root_or_here() -> Path:
    """Find the folder whose questions are asked elsewhere: none is needed for others."""
    try:
        return sources.find_root(Path.cwd())
    except RootNotFoundError:
        return Path.cwd()


def _root(given: Path | None) -> Path:
    """Find the folder to work on, or say that there is none."""
    start = (given or Path.cwd()).resolve()
    try:
        found = sources.find_root(start)
    except RootNotFoundError as error:
        _refuse(str(error))
    if given is not None and found != start:
        _refuse(f"{given} is no root: it has not all of {', '.join(f'{name}/' for name in sources.FOLDERS)}.")
    return found


def _open(home: Path) -> Snapshot:
    try:
        return snapshot.open_snapshot(home / "build")
    except SnapshotError as error:
        _refuse(str(error))


def _list_questions(shipped: tuple[questions.Question, ...], form: Format) -> None:
    if form is Format.TABLE:
        show(render.question_table(shipped))
    else:
        write(render.delimited(*render.question_rows(shipped), form))


def _tell(diagnostics: tuple[Diagnostic, ...]) -> None:
    if diagnostics:
        err.print(render.diagnostics_text(diagnostics), soft_wrap=True, highlight=False)


def _refuse(reason: str) -> NoReturn:
    complain(reason)
    raise typer.Exit(WRONG_CALL)
