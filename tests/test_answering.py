"""Tests of answering: the worker process itself, spoken to in frames."""

import csv
import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from math import inf
from pathlib import Path
from struct import Struct
from typing import IO, Any, Final
from xml.etree import ElementTree as ET

import psutil
import pytest
import rdflib
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, Store
from rdflib.query import Result

from exo_onto.answering import FLUSH, Job, Kind
from exo_onto.dataset import Description
from exo_onto.negotiation import negotiate
from exo_onto.problems import PROBLEMS
from exo_onto.protocol import Call

MANY, NASTY = NamedNode("http://ex/many"), NamedNode("http://ex/nasty")
ROWS: Final = 5_000
BOUND: Final = 40
LAST: Final = {Kind.WHOLE, Kind.END, Kind.BROKEN}
FORMATS: Final = {
    "application/sparql-results+json": "json",
    "application/json": "json",
    "application/sparql-results+xml": "xml",
    "application/xml": "xml",
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
}
MARKS: Final = (
    *('"', "'", "\\", "\n", "\r", "\r\n", "\t", ",", "{", "}", "},{", '"}},{"', '}},{"', '"},{"x', "},{}", " "),
    *('"}},{', '"},{', "<result>", "</result>", "<result", '"bindings":[{', '\\"}},{\\"', "end", "é", "😀"),
)
"""What separates rows, in one format or the other, and what comes near it."""
ALL = f"SELECT ?o WHERE {{ GRAPH <{MANY.value}> {{ ?s ?p ?o }} }}"
TRIPLES = f"CONSTRUCT FROM <{MANY.value}> WHERE {{ ?s ?p ?o }}"
MONSTER = f"ASK FROM <{MANY.value}> {{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER (CONCAT(?c, ?f) = CONCAT(?i, 'x')) }}"


@dataclass(frozen=True)
class Told:
    """What a worker told of one call."""

    kinds: tuple[Kind, ...]
    head: Mapping[str, Any]
    body: bytes
    rows: int | None

    @property
    def problem(self) -> str:
        """Give the name of the problem, where it is one."""
        return str(json.loads(self.body)["type"]).removeprefix(PROBLEMS)


class Worker:
    """A worker process and the two ends that it is spoken to by."""

    def __init__(self, job: Job) -> None:
        """Start one."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "exo_onto.answering", job.encoded()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "MALLOC_ARENA_MAX": "2"},  # as `process` has it: or threads may find no room
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.calls: IO[bytes] = self.process.stdin
        self.out: IO[bytes] = self.process.stdout

    def frame(self) -> tuple[Kind, bytes]:
        """Hear what it says next."""
        shape = Struct("!BI")
        kind, size = shape.unpack(self.out.read(shape.size))
        return Kind(kind), self.out.read(size)

    def send(self, query: str, accept: str = "text/csv, */*;q=0.1") -> None:
        """Put a query to it."""
        call = Call(query, None, negotiate(accept)).encoded
        self.calls.write(Struct("!dI").pack(inf, len(call)) + call)
        self.calls.flush()

    def ask(self, query: str, accept: str = "text/csv, */*;q=0.1") -> Told:
        """Put a query to it, and hear the whole answer."""
        self.send(query, accept)
        frames = [self.frame()]
        while frames[-1][0] not in LAST:
            frames.append(self.frame())
        kinds = tuple(kind for kind, _ in frames)
        first = frames[0][1]
        if kinds[0] is Kind.WHOLE:
            before = Struct("!fI")
            seconds, size = before.unpack_from(first)
            assert seconds > 0
            head = json.loads(first[before.size : before.size + size])
            return Told(kinds, head, first[before.size + size :], head["rows"])
        body = b"".join(content for kind, content in frames if kind is Kind.BODY)
        rows = json.loads(frames[-1][1])["rows"] if kinds[-1] is Kind.END else None
        return Told(kinds, json.loads(first), body, rows)


@contextmanager
def working(job: Job) -> Iterator[Worker]:
    worker = Worker(job)
    try:
        assert worker.frame() == (Kind.READY, b"")
        yield worker
    finally:
        worker.calls.close()
        worker.process.kill()
        worker.process.wait(BOUND)
        worker.out.close()


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Job:
    path = tmp_path_factory.mktemp("answering") / "store"
    store, node = Store(str(path)), NamedNode("http://ex/s")
    store.bulk_extend(Quad(node, node, Literal(f"row {number} {'.' * 40}"), MANY) for number in range(ROWS))
    nasty = [*MARKS, *(f"{mark}{mark}x{mark}" for mark in MARKS)]
    store.extend(Quad(node, node, Literal(text), NASTY) for text in nasty)
    store.extend(Quad(node, node, Literal(text, language="en"), NASTY) for text in nasty)
    store.flush()
    return Job(
        store=str(path),
        united=None,
        description=Description("http://ex/sparql", "Test", "1", "3f2a"),
        default_graphs=(MANY.value, NASTY.value),
        memory=1024,
        max_rows=1_000_000,
        max_bytes=100_000_000,
    )


@pytest.fixture(scope="module")
def worker(job: Job) -> Iterator[Worker]:
    with working(job) as worker:
        yield worker


def parsed(media_type: str, body: bytes) -> int:
    """Count rows as others read them."""
    match FORMATS[media_type]:
        case "json":
            return len(json.loads(body)["results"]["bindings"])
        case "xml":
            return len(ET.fromstring(body).findall(".//{*}result"))  # noqa: S314  our own
        case "csv":
            return len(list(csv.reader(io.StringIO(body.decode(), newline="")))) - 1
        case _:
            return len(Result.parse(io.BytesIO(body), format="tsv"))


# --- Frames


def test_a_short_answer_is_one_frame(worker: Worker) -> None:
    told = worker.ask(f"{ALL} LIMIT 2", "text/csv")
    assert told.kinds == (Kind.WHOLE,)
    assert told.head["status"] == 200
    assert told.head["media_type"] == "text/csv"
    assert told.head["headers"]["Exo-Onto-Snapshot"] == "3f2a"
    assert (told.rows, told.body.count(b"\r\n")) == (2, 3)


def test_a_long_answer_is_a_head_a_body_and_an_end(worker: Worker) -> None:
    told = worker.ask(ALL, "text/csv")
    assert (told.kinds[:2], told.kinds[-1]) == ((Kind.HEAD, Kind.BODY), Kind.END)
    assert set(told.kinds[1:-1]) == {Kind.BODY}
    assert told.head["status"] == 200
    assert len(told.body) > 2 * FLUSH
    assert (told.rows, parsed("text/csv", told.body)) == (ROWS, ROWS)


def test_what_is_wrong_with_a_query_is_a_problem_and_the_next_one_is_answered(worker: Worker) -> None:
    told = worker.ask("SELECT ?x WHERE { ?x ?y }")
    assert (told.kinds, told.head["status"], told.rows, told.problem) == ((Kind.WHOLE,), 400, 0, "syntax")
    assert worker.ask(ALL, "image/png").problem == "not-acceptable"
    assert worker.ask("ASK {}", "*/*").body == b'{"head":{},"boolean":true}'


# --- Rows


@pytest.mark.parametrize("media_type", FORMATS)
@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("SELECT * WHERE { ?s <http://ex/none> ?o }", 0),
        ("SELECT * WHERE {}", 1),
        ("SELECT ?x WHERE { OPTIONAL { ?x <http://ex/none> ?o } }", 1),
        (f"{ALL} LIMIT 1", 1),
        (f"SELECT ?s ?o WHERE {{ GRAPH <{NASTY.value}> {{ ?s ?p ?o }} }}", 4 * len(MARKS)),
        (f"SELECT ?o ?none ?s WHERE {{ GRAPH <{NASTY.value}> {{ ?s ?p ?o }} }}", 4 * len(MARKS)),
        ("SELECT ?o WHERE { ?s ?p ?o }", ROWS + 4 * len(MARKS)),
        (f"SELECT {' '.join(f'?variable{n}' for n in range(900))} ?o WHERE {{ ?s ?p ?o }} LIMIT 3", 3),
    ],
    ids=["none", "empty", "unbound", "one", "nasty", "nasty-gaps", "many", "wide"],
)
def test_rows_are_counted_as_others_read_them(worker: Worker, query: str, rows: int, media_type: str) -> None:
    told = worker.ask(query, media_type)
    assert (told.head["status"], told.head["media_type"]) == (200, media_type)
    assert told.rows == rows
    if media_type != "text/tab-separated-values":  # of a row that binds nothing, rdflib makes none
        assert parsed(media_type, told.body) == rows


@pytest.mark.parametrize("media_type", ["application/sparql-results+json", "application/xml", "text/csv"])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(st.lists(st.sampled_from(MARKS), max_size=6).map("".join), max_size=12),
    before=st.integers(0, 8_300),
)
def test_no_text_is_taken_for_a_row(worker: Worker, media_type: str, texts: list[str], before: int) -> None:
    values = " ".join(str(Literal(text)) for text in ["." * before, *texts])  # so that chunks end anywhere
    told = worker.ask(f"SELECT ?x ?y WHERE {{ VALUES ?x {{ {values} }} BIND (?x AS ?y) }}", media_type)
    assert told.rows == parsed(media_type, told.body) == len(texts) + 1


def test_what_is_no_table_has_no_rows(worker: Worker) -> None:
    for accept in ("text/turtle", "application/json", "application/xml", "application/n-quads"):
        assert worker.ask(TRIPLES, accept).rows == 0
    for accept in ("application/json", "application/xml"):
        assert worker.ask("ASK {}", accept).rows == 0


# --- Too much


@pytest.mark.parametrize("media_type", FORMATS)
def test_so_many_rows_are_given_and_not_one_more(job: Job, media_type: str) -> None:
    with working(replace(job, max_rows=10)) as worker:
        assert worker.ask(f"{ALL} LIMIT 10", media_type).rows == 10
        told = worker.ask(f"{ALL} LIMIT 11", media_type)
        assert (told.kinds, told.head["status"], told.problem, told.rows) == ((Kind.WHOLE,), 503, "too-much", 0)
        assert told.head["headers"]["Exo-Onto-Snapshot"] == "3f2a"


@pytest.mark.parametrize(("rows", "size"), [(ROWS - 1, 10**9), (10**9, 3 * FLUSH)], ids=["rows", "bytes"])
def test_what_becomes_too_much_after_it_was_begun_is_broken_off(job: Job, rows: int, size: int) -> None:
    with working(replace(job, max_rows=rows, max_bytes=size)) as worker:
        for query in (ALL, TRIPLES, "SELECT * WHERE { ?s ?p ?o }"):
            told = worker.ask(query, "text/csv, application/n-triples")
            assert (told.kinds[0], told.kinds[-1]) == (Kind.HEAD, Kind.BROKEN)
            assert told.head["status"] == 200
        told = worker.ask(f"{ALL} LIMIT {ROWS // 2}")
        assert (told.kinds[0], told.kinds[-1], told.rows) == (Kind.HEAD, Kind.END, ROWS // 2)


def test_so_many_bytes_and_triples_are_given_and_not_one_more(job: Job) -> None:
    size = len(b"n\r\n") + 500 + len(b"\r\n")
    with working(replace(job, max_rows=10, max_bytes=size)) as worker:
        for length, problem in ((500, None), (501, "too-much")):
            told = worker.ask(f'SELECT ("{"x" * length}" AS ?n) WHERE {{}}')
            assert told.kinds == (Kind.WHOLE,)
            assert (told.problem if told.head["status"] == 503 else None) == problem
    with working(replace(job, max_rows=10)) as worker:
        for accept in ("text/turtle", "application/ld+json", "application/n-triples"):
            told = worker.ask(f"{TRIPLES} LIMIT 10", accept)
            assert (told.head["status"], told.kinds) == (200, (Kind.WHOLE,))
            assert worker.ask(f"{TRIPLES} LIMIT 11", accept).problem == "too-much"


def test_a_graph_is_whole_where_it_is_not_too_much(worker: Worker) -> None:
    told = worker.ask(TRIPLES, "application/n-triples")
    assert told.kinds[-1] is Kind.END
    assert len(rdflib.Graph().parse(told.body, format="nt")) == ROWS


# --- The process


def test_the_process_gives_up_what_it_does_not_need(worker: Worker) -> None:
    process = psutil.Process(worker.process.pid)
    assert process.nice() == min(psutil.Process().nice() + 10, 19)
    assert process.rlimit(psutil.RLIMIT_AS) == (2**30, 2**30)
    assert process.rlimit(psutil.RLIMIT_CORE) == (0, 0)


def test_the_process_ends_when_its_input_ends(job: Job) -> None:
    with working(job) as worker:
        worker.calls.close()
        assert worker.process.wait(BOUND) == 0


def until(condition: Callable[[], bool]) -> None:
    late = time.monotonic() + BOUND
    while not condition():
        assert time.monotonic() < late
        time.sleep(0.05)


ASK_AND_WAIT = """
import sys, time
sys.path.insert(0, {tests!r})
from test_answering import *
worker = Worker(Job(**{{**json.loads({job!r}), "description": Description("http://ex/", "", "", "")}}))
worker.frame()
worker.send(MONSTER)
print(worker.process.pid, flush=True)
time.sleep(600)
"""


def test_the_process_ends_with_its_parent_in_the_middle_of_a_query(job: Job) -> None:
    code = ASK_AND_WAIT.format(tests=str(Path(__file__).parent), job=job.encoded())
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        process = psutil.Process(int(parent.stdout.readline()))
        before = process.cpu_times().user
        until(lambda: process.cpu_times().user > before + 0.2)
        parent.kill()
    until(lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE)
