"""query: a question in, its answer out, from the published graph or any endpoint."""

from typing import Annotated

import typer

from exo_onto import catalogue, questions, render
from exo_onto.commands.calls import (
    FormatOption,
    RootOption,
    StoreOption,
    elsewhere,
    opened,
    refuse,
    root_of,
    root_or_here,
)
from exo_onto.faults import FaultySourcesError
from exo_onto.federation import NoServiceError, service_address
from exo_onto.questions import Answer, AnswerGraph, QuestionError
from exo_onto.render import Format
from exo_onto.terminal import err, interruptible, show, write
from exo_onto.vocabulary import UnknownNameError

EXAMPLES = (
    "Examples:\n\nexo-onto query\n\nexo-onto query mechanism-matrix --format csv\n\n"
    "exo-onto query studies-by-process --bind term=GO:0012501\n\ncat mine.rq | exo-onto query -\n\n"
    "exo-onto query contested --endpoint http://127.0.0.1:7878/sparql\n\n"
    "exo-onto query proteins-in-uniprot --allow-service https://sparql.uniprot.org/sparql"
)


BindOption = Annotated[
    list[str] | None,
    typer.Option(
        "--bind",
        metavar="NAME=VALUE",
        help="Give a variable of the query a value: an IRI, a CURIE or a text. May be repeated.",
    ),
]
EndpointOption = Annotated[
    str | None,
    typer.Option("--endpoint", metavar="URL", help="Ask this SPARQL endpoint, whatever it holds: any one will do."),
]
ServiceOption = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-service",
        metavar="URL",
        help="Let SERVICE call this address. May be repeated. A shipped question is asked without those not named.",
    ),
]


def command(  # noqa: PLR0913  one for each option
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
    bind: BindOption = None,
    store: StoreOption = None,
    endpoint: EndpointOption = None,
    allow_service: ServiceOption = None,
) -> None:
    """Ask the published graph: a shipped question, or any SPARQL query.

    The default graph is the union of what was asserted and inferred; GRAPH reaches each part by name.
    """
    address = _one_address(store, endpoint)
    home = root_of(root) if root or address is None else root_or_here()
    try:
        if question is None:
            _list_questions(catalogue.shipped(home), form)
            return
        allowed = frozenset(map(service_address, allow_service or ()))
        asked, values = catalogue.find(question, home, allowed=allowed), catalogue.bindings(bind or [])
        graphs = opened(home).store if address is None else elsewhere(address, None)
        with interruptible():
            answer = questions.ask(graphs, asked.text, bindings=values, ours=endpoint is None, allowed=allowed)
    except NoServiceError as error:
        refuse(f"{error}.")
    except (QuestionError, UnknownNameError, FaultySourcesError) as error:
        refuse(str(error))
    for each in asked.left_out:
        err.print(f"Not called: {each}. --allow-service {each} lets it be.", soft_wrap=True, highlight=False)
    _show(answer, form, iris=iris, title=asked.title)


def _one_address(store: str | None, endpoint: str | None) -> str | None:
    if store and endpoint:
        refuse("--store is for a store that holds our graphs, --endpoint for any: name one of them.")
    return store or endpoint


def _show(answer: Answer | AnswerGraph, form: Format, *, iris: bool, title: str | None) -> None:
    if isinstance(answer, AnswerGraph):
        if form is not Format.TABLE:
            refuse("This query makes a graph, which is written as Turtle: leave --format out.")
        write(answer.turtle)
    elif form is Format.TABLE:
        show(render.answer_table(answer, iris=iris, title=title))
    else:
        write(render.answer_text(answer, form, iris=iris))


def _list_questions(shipped: tuple[questions.Question, ...], form: Format) -> None:
    if form is Format.TABLE:
        show(render.question_table(shipped))
    else:
        write(render.delimited(*render.question_rows(shipped), form))
