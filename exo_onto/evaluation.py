"""evaluation: a call and a dataset in, the `Reply` that answers it out; pure.

What a `Reply` writes, it writes while the query runs. The results of the store belong to the thread that asked for
them (used in another one they end the process), so call `perform` and `Reply.write` in one and the same thread.

Sources: SPARQL 1.1 Protocol, section 2.1.4; SPARQL 1.1 Query Language, section 13.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import IO, TypeVar, cast

from pyoxigraph import QuerySolutions, QueryTriples, Triple, serialize

from exo_onto.dataset import Dataset, Description, RefusedError, Results, StoreError, evaluate
from exo_onto.negotiation import BOOLEANS, GRAPHS, SOLUTIONS, chosen, tag
from exo_onto.problems import (
    SYNTAX,
    UNANSWERED,
    UNSUPPORTED,
    Output,
    RefusalError,
    Reply,
    refusal,
    syntax_refusal,
)
from exo_onto.protocol import Call, of_snapshot
from exo_onto.scope import Scope, UnclearScopeError, own_scope
from exo_onto.vocabulary import GRAPH_JUSTIFICATIONS

_Format = TypeVar("_Format")


class TooManyError(Exception):
    """A graph has more triples than were asked for at the most."""


def perform(call: Call, dataset: Dataset, *, most: int | None = None) -> Reply:
    """Evaluate a call. What the reply writes raises TooManyError for a graph of more than `most` triples.

    Raises what the store raises on its own failure.
    """
    try:
        return _reply(call, dataset, _evaluate(call, dataset), most)
    except RefusalError as refused:
        return replace(refused.reply, headers={**refused.reply.headers, **of_snapshot(dataset.description)})


@lru_cache(maxsize=64)
def _of_answer(media_type: str, said: Description) -> Mapping[str, str]:
    """Give the headers of an answer."""
    return {"ETag": tag(said.digest, media_type), "Vary": "Accept", **of_snapshot(said)}


def _evaluate(call: Call, dataset: Dataset) -> Results:
    base = dataset.description.endpoint
    try:
        scope = _scope(call, dataset)
        if dataset.united is not None and scope == Scope(dataset.default_graphs, None) and not _names_graphs(call.text):
            return dataset.united.query(call.text, base_iri=base, use_default_graph_as_union=True)
        ours = {*dataset.default_graphs, GRAPH_JUSTIFICATIONS}  # not those loaded beside
        disjoint = dataset.disjoint and set(scope.default) <= ours
        return evaluate(dataset.store, call.text, scope, base=base, disjoint=disjoint)
    except SyntaxError as error:
        raise syntax_refusal(call.text, str(error)) from error
    except StoreError as error:
        raise _refused_elsewhere(error) from error
    except RuntimeError as error:
        raise refusal(UNSUPPORTED, f"{error}.") from error


def _names_graphs(text: str) -> bool:
    """Tell whether a query may look into a graph by its name: it has the word GRAPH, or something that may be it."""
    return "graph" in text.casefold() or "\\" in text


def _refused_elsewhere(error: StoreError) -> RefusalError:
    """Tell what became of a query that is put to a store elsewhere, without the address of that store."""
    if isinstance(error, RefusedError):
        return refusal(UNSUPPORTED, f"The store behind this service refuses the query: {error.said or 'no reason'}.")
    return refusal(UNANSWERED, "Try again later.")


def _scope(query: Call, dataset: Dataset) -> Scope:
    """Choose the graphs: those of the protocol, else those of the query, else those of the service.

    What the protocol names wins over FROM (Protocol, 2.1.4).
    """
    try:
        own = own_scope(query.text, base=dataset.description.endpoint)
    except UnclearScopeError as error:
        raise refusal(SYNTAX, str(error)) from error
    return query.scope or own or Scope(dataset.default_graphs, None)


def _reply(call: Call, dataset: Dataset, results: Results, most: int | None) -> Reply:
    if isinstance(results, QueryTriples):
        media_type = chosen(call.choice.graph, GRAPHS)
        format = GRAPHS[media_type]
        if most is None:
            return _success(media_type, dataset, _writer(results.serialize, format))
        counted = _at_most(results, most)
        return _success(media_type, dataset, lambda output: serialize(counted, cast("IO[bytes]", output), format))
    tabular = isinstance(results, QuerySolutions)
    offers = SOLUTIONS if tabular else BOOLEANS
    media_type = chosen(call.choice.solutions if tabular else call.choice.boolean, offers)
    return _success(media_type, dataset, _writer(results.serialize, offers[media_type]))


def _at_most(triples: Iterable[Triple], most: int) -> Iterator[Triple]:
    for number, triple in enumerate(triples):
        if number >= most:
            raise TooManyError(f"The answer has more than {most:,} triples.")
        yield triple


def _writer(write: Callable[[IO[bytes], _Format], object], format: _Format) -> Callable[[Output], object]:
    # The store asks for a whole file, and calls `write` and `flush`.
    return lambda output: write(cast("IO[bytes]", output), format)


def _success(media_type: str, dataset: Dataset, body: bytes | Callable[[Output], object]) -> Reply:
    return Reply(200, media_type, _of_answer(media_type, dataset.description), body)
