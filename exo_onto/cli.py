"""cli: parse, call one function, print, exit. 0: fine; 1: the knowledge is wrong; 2: the call is wrong."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from pyoxigraph import Literal
from rich.console import Console, RenderableType

from exo_onto import __version__, dataset, partitions, pipeline, questions, render, serve, snapshot, sources
from exo_onto.check import check as judge_by_all
from exo_onto.dataset import Dataset, Description, Term
from exo_onto.diagnose import Diagnostic
from exo_onto.judge import Progress
from exo_onto.partitions import WorkersError
from exo_onto.questions import AnswerGraph, QuestionError
from exo_onto.render import Format, Language, ProofFormat
from exo_onto.snapshot import Snapshot, SnapshotError
from exo_onto.sources import FaultySourcesError, RootNotFoundError
from exo_onto.vocabulary import DEFAULT_GRAPHS, UnknownNameError, expand
from exo_onto.why import Inferred, NothingToExplainError, contradictions, why

FINE, WRONG_KNOWLEDGE, WRONG_CALL, INTERRUPTED = 0, 1, 2, 130

SHIPPED = Path(__file__).parent / "shipped"
"""Where an installed package keeps the shipped questions; in a checkout they are in queries/."""

out = Console()
err = Console(stderr=True)

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


def main() -> None:
    """Run the command. What the world refuses (a full disk, a file without rights) is told in a sentence."""
    signal.signal(signal.SIGINT, _stop)
    try:
        app()
    except OSError as error:
        _refuse(f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}")


def _stop(*_: object) -> None:
    """Stop at once: what is written, is written aside, and the next build sweeps it away."""
    err.print("\nStopped. What was published before stays current.")
    os._exit(INTERRUPTED)


def _version(value: bool) -> None:  # noqa: FBT001  typer calls it so
    if value:
        out.print(f"exo-onto {__version__}", highlight=False)
        raise typer.Exit


@app.callback()
def options(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Take the options that stand before a command."""


@app.command(epilog="Examples:\n\nexo-onto build --prune\n\nexo-onto build --cluster tcp://10.0.0.5:8786")
def build(
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
) -> None:
    """Read, reason, validate, and publish what is sound.

    The result is an immutable snapshot below build/, named by what it was made from. Where the knowledge is wrong,
    nothing is published, the last good snapshot stays current, and you are told what, where and why.
    """
    home = _root(root)
    try:
        workers = partitions.cluster(cluster) if cluster else None
        with _progress() as progress:
            result = pipeline.build(home, justified=justify, workers=workers, progress=progress)
    except (SnapshotError, WorkersError) as error:
        _refuse(str(error))
    _tell(result.judgement.diagnostics)
    if result.name is None:
        err.print("[bold red]Nothing was published.[/] What was published before stays current.")
        raise typer.Exit(WRONG_KNOWLEDGE)
    done = _open(home)
    said = "published" if result.fresh else "up to date"
    total = sum(done.manifest.triples.values())
    version = done.manifest.ontology_version
    _say(f"{said}: snapshot {done.manifest.name}, version {version}, {total:,} triples in {done.path}")
    if prune:
        gone = snapshot.prune(home / "build")
        _say(f"pruned: {len(gone)} older snapshot{'' if len(gone) == 1 else 's'}")


@app.command(epilog="Examples:\n\nexo-onto check\n\nexo-onto check --explain\n\nexo-onto check --format json")
def check(
    *,
    root: RootOption = None,
    form: FormatOption = Format.TABLE,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show the proofs of what excludes what, for each contradiction.")
    ] = False,
) -> None:
    """Judge the sources without publishing: syntax, logic, profiles, shapes, questions.

    Exits with 1 where something is wrong, and says what, in which file and line, and what to do.
    """
    home = _root(root)
    _behave_in_pipes()
    with _progress() as progress:
        judgement = judge_by_all(home, queries=_questions_folder(home), progress=progress)
    if form is Format.TABLE:
        out.print(render.diagnostics_text(judgement.diagnostics), soft_wrap=True, highlight=False)
        if explain:
            for contradiction in contradictions(judgement):
                _draw(render.proofs_tree(contradiction))
        out.print(render.summary(judgement), highlight=False, soft_wrap=True)
    else:
        _write(render.delimited(*render.diagnostic_rows(judgement.diagnostics), form))
    if not judgement.sound:
        raise typer.Exit(WRONG_KNOWLEDGE)


@app.command(
    epilog="Examples:\n\nexo-onto query\n\nexo-onto query mechanism-matrix --format csv\n\n"
    "exo-onto query studies-by-process --bind term=GO:0012501\n\ncat mine.rq | exo-onto query -"
)
def query(
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
) -> None:
    """Ask the published graph: a shipped question, or any SPARQL query.

    The default graph is the union of what was asserted and inferred; GRAPH reaches each part by name.
    """
    _behave_in_pipes()
    home = _root(root)
    try:
        if question is None:
            _list_questions(_folder_or_refuse(home), form)
            return
        text, title = _query_text(question, home)
        bindings = _bindings(bind or [])
        store = _open(home).store
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # the store does not come back to Python to be interrupted
        answer = questions.ask(store, text, bindings=bindings)
    except (QuestionError, UnknownNameError, FaultySourcesError) as error:
        _refuse(str(error))
    if isinstance(answer, AnswerGraph):
        if form is not Format.TABLE:
            _refuse("This query makes a graph, which is written as Turtle: leave --format out.")
        _write(answer.turtle)
    elif form is Format.TABLE:
        out.print(render.answer_table(answer, iris=iris, title=title))
    else:
        _write(render.answer_text(answer, form, iris=iris))


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
    _behave_in_pipes()
    home = _root(root)
    try:
        found = why(home, _open(home).store, subject, value, language=lang.value)
    except (NothingToExplainError, UnknownNameError) as error:
        _refuse(str(error))
    if isinstance(found, Inferred):
        _draw(render.inferred_table(found))
    elif form is ProofFormat.JSON:
        _write(render.proofs_json(found))
    else:
        _draw(render.proofs_tree(found))


@app.command(name="serve", epilog="Example: exo-onto serve --port 8080")
def serve_command(
    *,
    root: RootOption = None,
    host: Annotated[
        str, typer.Option("--host", help="The address to listen on. Only this machine can reach the default.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="The port to listen on; 0 takes a free one.")
    ] = 7878,
) -> None:
    """Serve the published graph over SPARQL 1.1 Protocol, read-only.

    Stop it with Ctrl-C.
    """
    opened = _open(_root(root))
    try:
        listening = serve.listen(host, port)
    except OSError as error:
        why = (error.strerror or str(error)).partition(" (while")[0]
        _refuse(f"Cannot listen on {host or 'no address'}, port {port}: {why}. Choose others with --host and --port.")
    with listening:
        endpoint = f"{serve.address_of(listening)}{serve.SPARQL_PATH}"
        service = serve.application(_dataset(opened, endpoint))
        _announce(endpoint)
        serve.run(service, listening)


def _announce(endpoint: str) -> None:
    """Tell the address, and one line that works when pasted."""
    _say(f"\nServing SPARQL at {endpoint}   (Ctrl-C stops it)\n")
    _say("Try, in another shell:\n")
    _say(f"  curl -s '{endpoint}' -H 'Accept: text/csv' --data-urlencode 'query={_TASTE}'\n")


_TASTE = (
    "SELECT ?study ?mechanism WHERE { ?study a <https://w3id.org/exo-onto/Study> ; "
    "<https://w3id.org/exo-onto/demonstrates> ?mechanism } ORDER BY ?study LIMIT 5"
)


def _dataset(opened: Snapshot, endpoint: str) -> Dataset:
    description = Description(endpoint, "exo-onto", opened.manifest.ontology_version, opened.manifest.name)
    return dataset.prepare(opened.store, description, default_graphs=DEFAULT_GRAPHS)


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


def _questions_folder(home: Path) -> Path | None:
    """Find the shipped questions: those of the root, or else those of the installed package."""
    return next((folder for folder in (home / "queries", SHIPPED) if folder.is_dir()), None)


def _folder_or_refuse(home: Path) -> Path:
    folder = _questions_folder(home)
    if folder is None:
        raise QuestionError(f"There are no questions here: {home} has no folder queries/. A file or - can be asked.")
    return folder


def _query_text(name: str, home: Path) -> tuple[str, str | None]:
    if name == "-":
        try:
            return sys.stdin.buffer.read().decode("utf-8-sig"), None
        except UnicodeDecodeError as error:
            raise QuestionError("What came on standard input is not UTF-8.") from error
    path = Path(name)
    if path.suffix in {".rq", ".sparql"} or path.is_file():
        return sources.read_text(path), None
    folder = _folder_or_refuse(home)
    shipped = folder / f"{name}.rq"
    if not shipped.is_file():
        raise questions.unknown(name, (path.stem for path in folder.glob("*.rq")))
    question = questions.parse_question(name, sources.read_text(shipped))
    return question.text, question.title


def _bindings(given: list[str]) -> dict[str, Term]:
    """Read NAME=VALUE pairs: a value with a known prefix or a scheme is an IRI, any other a text."""
    values: dict[str, Term] = {}
    for pair in given:
        name, equals, value = pair.partition("=")
        if not equals or not name.isidentifier():
            raise QuestionError(f"--bind takes NAME=VALUE, as in --bind term=GO:0012501; it was given {pair!r}.")
        values[name] = expand(value) if ":" in value else Literal(value)
    return values


def _list_questions(folder: Path, form: Format) -> None:
    shipped = tuple(questions.parse_question(name, text) for name, text in sources.read_texts(folder, ".rq"))
    if form is Format.TABLE:
        out.print(render.question_table(shipped))
    else:
        _write(render.delimited(*render.question_rows(shipped), form))


def _tell(diagnostics: tuple[Diagnostic, ...]) -> None:
    if diagnostics:
        err.print(render.diagnostics_text(diagnostics), soft_wrap=True, highlight=False)


def _draw(tree: RenderableType) -> None:
    """Print a tree: wrapped to a terminal's width, and to a wide page elsewhere."""
    page = out if out.is_terminal else Console(width=200)
    page.print(tree, highlight=False)


def _say(text: str) -> None:
    out.print(text, soft_wrap=True, highlight=False, markup=False)


def _write(text: str) -> None:
    """Write for programs: exactly this, whatever the terminal's width."""
    sys.stdout.write(text)


def _behave_in_pipes() -> None:
    """End quietly where the reader has gone, as other commands do: `exo-onto query ... | head`."""
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)


def _refuse(reason: str) -> NoReturn:
    err.print(reason, style="red", soft_wrap=True, highlight=False, markup=False)
    raise typer.Exit(WRONG_CALL)


@contextmanager
def _progress() -> Iterator[Progress]:
    """Show the stage under way: one moving line on a terminal, a plain line each elsewhere."""
    if err.is_terminal:
        with err.status("") as status:
            yield lambda stage: status.update(f"{stage} ...")
    else:
        yield _stages_only()


def _stages_only() -> Progress:
    """Print a line for each stage, and none for the rules and shapes within it, which stand behind a colon."""
    last = ""

    def show(step: str) -> None:
        nonlocal last
        stage = step.partition(":")[0]
        if stage != last:
            err.print(f"{stage} ...", highlight=False, soft_wrap=True)
        last = stage

    return show
