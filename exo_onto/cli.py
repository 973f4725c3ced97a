"""cli: parse, call one function, print, exit. 0: fine; 1: the knowledge is wrong; 2: the call is wrong."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from pyoxigraph import Literal
from rich.console import Console

from exo_onto import __version__, dataset, pipeline, questions, render, serve, snapshot, sources
from exo_onto.dataset import Dataset, Description
from exo_onto.diagnose import Diagnostic
from exo_onto.pipeline import Judgement
from exo_onto.questions import AnswerGraph, Question, QuestionError, Term
from exo_onto.render import Format
from exo_onto.snapshot import Snapshot, SnapshotError
from exo_onto.sources import RootNotFoundError
from exo_onto.validate import Severity
from exo_onto.vocabulary import DEFAULT_GRAPHS, UnknownNameError, expand

FINE, WRONG_KNOWLEDGE, WRONG_CALL = 0, 1, 2

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
    """Run the command."""
    app()


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


@app.command(epilog="Example: exo-onto build --prune")
def build(
    *,
    root: RootOption = None,
    prune: Annotated[
        bool, typer.Option("--prune", help="Delete all snapshots but the current one afterwards.")
    ] = False,
) -> None:
    """Read, reason, validate, and publish what is sound.

    The result is an immutable snapshot below build/, named by what it was made from. Where the knowledge is wrong,
    nothing is published, the last good snapshot stays current, and you are told what, where and why.
    """
    home = _root(root)
    with _progress() as progress:
        result = pipeline.build(home, progress=progress)
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


@app.command(epilog="Examples:\n\nexo-onto check\n\nexo-onto check --format json")
def check(*, root: RootOption = None, form: FormatOption = Format.TABLE) -> None:
    """Judge the sources without publishing: syntax, logic, profiles, shapes, questions.

    Exits with 1 where something is wrong, and says what, in which file and line, and what to do.
    """
    home = _root(root)
    with _progress() as progress:
        judgement = pipeline.check(home, progress=progress)
    asked, faults = _check_questions(home, judgement)
    diagnostics = (*judgement.diagnostics, *faults)
    if form is Format.TABLE:
        out.print(render.diagnostics_text(diagnostics), soft_wrap=True, highlight=False)
        out.print(render.summary(judgement, asked), highlight=False)
    else:
        _write(render.delimited(*render.diagnostic_rows(diagnostics), form))
    if any(each.severity is Severity.VIOLATION for each in diagnostics):
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
    home = _root(root)
    shipped = questions.read_questions(_questions_folder(home))
    if question is None:
        _list_questions(shipped, form)
        return
    try:
        text, title = _query_text(question, shipped)
        answer = questions.ask(_open(home).store, text, bindings=_bindings(bind or []))
    except (QuestionError, UnknownNameError) as error:
        _refuse(str(error))
    if isinstance(answer, AnswerGraph):
        _write(answer.turtle)
    elif form is Format.TABLE:
        out.print(render.answer_table(answer, iris=iris, title=title))
    else:
        _write(render.delimited(answer.columns, render.rows_of(answer, iris=iris), form))


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
        with serve.listen(host, port) as listening:
            address = serve.address_of(listening)
            service = serve.application(_dataset(opened, f"{address}{serve.SPARQL_PATH}"))
            _announce(f"{address}{serve.SPARQL_PATH}")
            serve.run(service, listening)
    except OSError as error:
        _refuse(
            f"Cannot listen on {host}:{port}: {error.strerror or error}. "
            "Is it served already? Choose another port with --port."
        )


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


def _questions_folder(home: Path) -> Path:
    own = home / "queries"
    return own if own.is_dir() else SHIPPED


def _check_questions(home: Path, judgement: Judgement) -> tuple[int, tuple[Diagnostic, ...]]:
    """See that every question parses and answers over what was judged."""
    if judgement.sources is None or not judgement.entailment.inferred:
        return 0, ()
    return pipeline.check_questions(_questions_folder(home), judgement)


def _query_text(name: str, shipped: tuple[Question, ...]) -> tuple[str, str | None]:
    if name == "-":
        return sys.stdin.read(), None
    path = Path(name)
    if path.suffix in {".rq", ".sparql"} or path.is_file():
        if not path.is_file():
            raise QuestionError(f"There is no file {name}.")
        try:
            return path.read_text(encoding="utf-8"), None
        except UnicodeDecodeError as error:
            raise QuestionError(f"{name} is not UTF-8 text.") from error
    found = questions.find_question(shipped, name)
    return found.text, found.title


def _bindings(given: list[str]) -> dict[str, Term]:
    """Read NAME=VALUE pairs: a value with a known prefix or a scheme is an IRI, any other a text."""
    values: dict[str, Term] = {}
    for pair in given:
        name, equals, value = pair.partition("=")
        if not equals or not name.isidentifier():
            raise QuestionError(f"--bind takes NAME=VALUE, as in --bind term=GO:0012501; it was given {pair!r}.")
        values[name] = expand(value) if ":" in value else Literal(value)
    return values


def _list_questions(shipped: tuple[Question, ...], form: Format) -> None:
    if form is Format.TABLE:
        out.print(render.question_table(shipped))
    else:
        _write(render.delimited(*render.question_rows(shipped), form))


def _tell(diagnostics: tuple[Diagnostic, ...]) -> None:
    if diagnostics:
        err.print(render.diagnostics_text(diagnostics), soft_wrap=True, highlight=False)


def _say(text: str) -> None:
    out.print(text, soft_wrap=True, highlight=False, markup=False)


def _write(text: str) -> None:
    """Write for programs: exactly this, whatever the terminal's width."""
    sys.stdout.write(text)


def _refuse(reason: str) -> NoReturn:
    err.print(reason, style="red", soft_wrap=True, highlight=False, markup=False)
    raise typer.Exit(WRONG_CALL)


@contextmanager
def _progress() -> Iterator[pipeline.Progress]:
    """Show the stage under way: one moving line on a terminal, a plain line each elsewhere."""
    if err.is_terminal:
        with err.status("") as status:
            yield lambda stage: status.update(f"{stage} ...")
    else:
        yield lambda stage: err.print(f"{stage} ...", highlight=False, soft_wrap=True)
