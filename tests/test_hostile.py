"""The hostile requests: each alone, and all at once, against a real server, which answers everybody else meanwhile."""

import multiprocessing
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from pathlib import Path
from uuid import uuid4

import httpx
import psutil
import pytest
from hostility import SchemaError, complaint, fire, load, read

COMMAND = [sys.executable, "-c", "from exo_onto.cli import main; main()"]
FOLDER = Path(__file__).parent / "hostile"
PATHS = sorted(FOLDER.glob("*.toml"))
WORKERS = 4
LIMITS = ["--timeout", "3", "--workers", str(WORKERS), "--memory", "1024"]
PATIENCE = 60
"""Seconds within which whatever is to happen has happened, on any machine."""
MEBIBYTE = 2**20
NAMES = {
    *("bad-request", "syntax", "unsupported", "too-deep", "too-complex", "service", "read-only", "not-found", "method"),
    *("not-acceptable", "too-large", "media-type", "slow", "too-many", "failed", "store", "busy", "worker-lost"),
    *("too-much", "deadline"),
}
RUSH = {"busy", "deadline"}
"""What any hostile request may be told while all come at once; a cheap one of somebody else never is."""
THEMES = {
    *("accept", "body", "bomb", "chain", "dataset", "depth", "encoding", "from", "header", "method", "parameter"),
    *("path", "product", "regex", "route", "service", "size", "slow", "update", "wire"),
}


@dataclass(frozen=True)
class Served:
    """A server in a process of its own."""

    port: int
    process: psutil.Process

    @property
    def workers(self) -> list[psutil.Process]:
        """The processes that answer queries."""
        return [child for child in self.process.children() if child.is_running()]


@pytest.fixture(scope="module")
def served(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve the corpus, with little time and memory for a query."""
    log = tmp_path_factory.mktemp("hostile") / "log"
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with (
        log.open("w") as errors,
        subprocess.Popen(
            [*COMMAND, "serve", "--port", "0", *LIMITS],
            cwd=published,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=environment,
            text=True,
        ) as process,
    ):
        assert process.stdout is not None
        said = next(line for line in process.stdout if line.startswith("Serving SPARQL at "))
        found = re.search(r":(\d+)/sparql", said)
        assert found, said
        yield Served(int(found[1]), psutil.Process(process.pid))
        process.terminate()


def polite(port: int) -> httpx.Client:
    """Make a client who behaves, with an address of its own where the system has several."""
    transport = httpx.HTTPTransport(local_address="127.0.0.2" if sys.platform == "linux" else None)
    return httpx.Client(base_url=f"http://127.0.0.1:{port}", transport=transport, timeout=PATIENCE)


def refused(client: httpx.Client) -> str:
    """Ask a cheap query that nobody has asked before, and say what was wrong; empty: it was answered right."""
    once = uuid4().hex
    query = f"SELECT (COUNT(?study) AS ?n) ('{once}' AS ?once) {{ ?study a <https://w3id.org/exo-onto/Study> }}"
    try:
        reply = client.get("/sparql", params={"query": query}, headers={"Accept": "text/csv"})
    except httpx.HTTPError as error:
        return repr(error)
    right = re.fullmatch(rf"n,once\s+[1-9]\d*,{once}\s+", reply.text)
    return "" if reply.status_code == 200 and right else f"{reply.status_code}: {reply.text[:500]}"


def behave(port: int, over: Event, told: Connection) -> None:
    """Ask again and again until it is over, then tell what was wrong with each answer."""
    answers = []
    with polite(port) as client:
        while not over.is_set():
            answers.append(refused(client))
            time.sleep(0.02)
    told.send(answers)


# --- The files


def test_there_are_many_and_of_each_theme() -> None:
    assert len(PATHS) >= 60
    assert {path.stem.partition("-")[0] for path in PATHS} >= THEMES


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_file_says_what_it_attacks_and_what_must_happen(path: Path) -> None:
    hostile = read(path)
    assert hostile.name == path.stem
    assert hostile.attacks[0].isupper()
    assert hostile.must[0].isupper()
    assert all(200 <= status < 600 for status in hostile.statuses)
    assert 500 not in hostile.statuses, "no request may make us fail"
    assert hostile.problems <= NAMES


@pytest.mark.parametrize(
    "text",
    [
        "",
        'attacks = "A."\nmust = "B."\nquery = "ASK {}"',
        'attacks = "A"\nmust = "B."\nquery = "ASK {}"\nstatus = [200]',
        'attacks = "A."\nmust = "B."\nquery = "ASK {}"\nraw = "GET"\nstatus = [200]',
        'attacks = "A."\nmust = "B."\nquerry = "ASK {}"\nstatus = [200]',
        'attacks = "A."\nmust = "B."\nquery = [{ txt = "ASK {}" }]\nstatus = [200]',
        'attacks = "A."\nmust = "B."\nquery = "ASK {}"\nstatus = 200',
    ],
)
def test_a_file_that_tells_no_request_is_refused_by_name(text: str, tmp_path: Path) -> None:
    (tmp_path / "wrong.toml").write_text(text, "utf-8")
    with pytest.raises(SchemaError, match=r"wrong\.toml"):
        load(tmp_path)


def test_pieces_are_joined(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(
        """attacks = "A."\nmust = "B."\nhow = "direct"\nstatus = [200]\nparameters = [["a b", "é&"]]\n"""
        """query = ["x", {text = "v[[n]]-[[n+1]] ", times = 2}, {hex = "c0 af"}, {text = "é", encoding = "latin-1"}]""",
        "utf-8",
    )
    (hostile,) = load(tmp_path)
    head, _, body = hostile.sent.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /sparql?a%20b=%C3%A9%26 HTTP/1.1\r\nHost: {address}\r\n")
    assert b"Content-Length: 14" in head
    assert body == b"xv0-1 v1-2 \xc0\xaf\xe9"


# --- What becomes of them


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_hostile_request_gets_what_it_deserves_and_the_next_is_answered(path: Path, served: Served) -> None:
    hostile = read(path)
    assert complaint(hostile, fire(hostile, "127.0.0.1", served.port)) == ""
    with polite(served.port) as client:
        assert refused(client) == ""


def test_while_all_come_at_once_nobody_else_notices_and_nothing_is_left_behind(served: Served) -> None:
    corpus, before = load(FOLDER), served.process.memory_info().rss
    spawning = multiprocessing.get_context("spawn")
    over, (ear, mouth) = spawning.Event(), spawning.Pipe(duplex=False)
    behaving = spawning.Process(target=behave, args=(served.port, over, mouth), daemon=True)
    behaving.start()
    try:
        with ThreadPoolExecutor(8) as pool:
            outcomes = list(pool.map(lambda hostile: fire(hostile, "127.0.0.1", served.port), corpus))
    finally:
        over.set()
    assert ear.poll(PATIENCE)
    answers = ear.recv()
    behaving.join(PATIENCE)
    wrong = [
        f"{each.name}: {said}"
        for each, outcome in zip(corpus, outcomes, strict=True)
        if (said := complaint(each, outcome)) and outcome.problem not in RUSH
    ]
    assert not wrong, "\n".join(wrong)
    assert [said for said in answers if said] == []
    assert len(answers) >= 20
    assert served.process.is_running()
    wait_for_workers(served)
    assert served.process.memory_info().rss - before < 256 * MEBIBYTE


def wait_for_workers(served: Served) -> None:
    """Wait until all are there again: one that was lost is replaced."""
    latest = time.monotonic() + PATIENCE
    while len(served.workers) < WORKERS:
        assert time.monotonic() < latest, f"{len(served.workers)} of {WORKERS} workers are left"
        time.sleep(0.1)
