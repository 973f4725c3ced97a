"""Tests of the serving benchmark: what clients tell is read, servers that differ are found, and targets are judged.

No server is started and nothing is timed: tables are made from canned results.
"""

import json
import shutil
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Barrier, Lock, Thread
from typing import ClassVar

import pytest
from pyoxigraph import NamedNode as Iri
from pyoxigraph import Quad, Store
from typer.testing import CliRunner

from benchmarks import load, serving, serving_report, siege, soak, workloads
from benchmarks.load import Load, LoadError, Query, Visit
from benchmarks.report import Machine
from benchmarks.serving import Answered
from benchmarks.serving_report import (
    ANALYTIC,
    LOOKUPS,
    OURS,
    OURS_CACHED,
    OXIGRAPH,
    QUESTIONS,
    RDFLIB,
    Data,
    Disturbed,
    LeftOut,
    Result,
    Settings,
    Siege,
    Taken,
)
from benchmarks.siege import Corpus
from benchmarks.soak import Sample, Soak, Swap
from exo_onto.snapshot import Manifest, Snapshot
from exo_onto.vocabulary import BASE, GRAPH_INSTANCES, GRAPH_JUSTIFICATIONS

WRK_TOLD = """Running 1s test @ http://127.0.0.1:1/sparql
  1 threads and 4 connections
Requests/sec:    500.00
wrk-said {"requests": 1000, "microseconds": 2000000, "p50": 1500, "p99": 9250, \
"errors": {"connect": 0, "read": 1, "write": 0, "status": 200, "timeout": 2}}
"""
MACHINE = Machine("a processor", 2, 8.0, "Linux", "3.11", {"wrk": "4.1"}, "2026-01-01", "python -m benchmarks.serving")
CORPUS = "the corpus"


def loaded(*rates: int) -> tuple[Load, ...]:
    return tuple(Load(rate * 10, 10, p50=1.0, p99=2.0) for rate in rates)


def visit(p99: float, **failures: int) -> Visit:
    return Visit(100, 1.0, p99, p99, failures)


def result() -> Result:
    rates = {
        LOOKUPS: {OXIGRAPH: 9000, OURS: 3500, OURS_CACHED: 20_000},
        QUESTIONS: {OXIGRAPH: 50, OURS: 45, OURS_CACHED: 240, RDFLIB: 4},
        ANALYTIC: {OXIGRAPH: 40, OURS: 39, OURS_CACHED: 400},
    }
    taken = [
        Taken(CORPUS, workload, server, loaded(rate - 1, rate, rate * 3), 100)
        for workload, servers in rates.items()
        for server, rate in servers.items()
    ]
    return Result(
        MACHINE,
        Settings(10, 3, 4, 30, 300, 5),
        (Data(CORPUS, 17_474, {LOOKUPS: 200, QUESTIONS: 19, ANALYTIC: 8}),),
        (*taken, Taken(CORPUS, LOOKUPS, RDFLIB, remark="not installed")),
        (LeftOut(CORPUS, QUESTIONS, "causal-paths", "rows: oxigraph 195, rdflib-endpoint 345"),),
        (
            Siege(OXIGRAPH, 60, 7, alive=False, gone_after=0.4, recovered=None, mebibytes=None),
            Siege(RDFLIB, 60, 20, alive=True, gone_after=None, recovered=None, mebibytes=900),
            Siege(OURS, 60, 60, alive=True, gone_after=None, recovered=0.1, mebibytes=120),
        ),
        (Disturbed(OURS, (visit(2), visit(4), visit(2)), (visit(6), visit(8), visit(20, **{"status 503": 1}))),),
    )


def row(table: str, name: str) -> list[str]:
    line = next(line for line in table.splitlines() if line.startswith(f"| {name}"))
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_what_wrk_tells_is_read() -> None:
    read = load.parse(WRK_TOLD)
    assert (read.requests, read.seconds, read.p50, read.p99) == (1000, 2.0, 1.5, 9.25)
    assert read.throughput == 400  # a refusal is no answer
    assert read.failures == 203


def test_the_script_for_wrk_tells_what_is_read() -> None:
    for word in (load.WRK_SAID, *(f'"{name}": %d' for name in ("requests", "microseconds", "p50", "p99", "status"))):
        assert word in load.WRK


@pytest.mark.parametrize("told", ["", "unable to connect to 127.0.0.1:1 Connection refused\n"])
def test_a_wrk_that_did_not_come_to_its_end_is_told(told: str) -> None:
    with pytest.raises(LoadError, match=r"unable to connect|said nothing"):
        load.parse(told)


@pytest.mark.parametrize(
    ("values", "share", "wanted"),
    [
        ([], 0.5, 0),
        ([7], 0.99, 7),
        ([3, 1, 2], 0.5, 2),
        (range(1, 101), 0.99, 99),
        (range(1, 101), 1, 100),
        ([1, 2], 0, 1),
    ],
)
def test_a_percentile_is_the_nearest_rank(values: list[float], share: float, wanted: float) -> None:
    assert load.percentile(values, share) == wanted


def test_a_query_is_one_line_of_a_url() -> None:
    written = load.lines([Query("one", "ASK {\n ?s ?p 'a&b+c/é' }"), Query("two", "ASK {}")])
    assert written.splitlines() == [
        "?query=ASK%20%7B%0A%20%3Fs%20%3Fp%20%27a%26b%2Bc%2F%C3%A9%27%20%7D",
        "?query=ASK%20%7B%7D",
    ]


def stored(subjects: int) -> Snapshot:
    store = Store()
    for number in range(subjects):
        store.add(Quad(Iri(f"{BASE}study/s{number}"), Iri("http://ex/p"), Iri("http://ex/o"), GRAPH_INSTANCES))
    store.add(Quad(Iri("http://ex/elsewhere"), Iri("http://ex/p"), Iri("http://ex/o"), GRAPH_INSTANCES))
    store.add(Quad(Iri(f"{BASE}study/hidden"), Iri("http://ex/p"), Iri("http://ex/o"), GRAPH_JUSTIFICATIONS))
    return Snapshot(Path(), Manifest("name", "", "", "1", "", {}, {}), store)


def test_lookups_are_different_ones_of_things_of_ours_and_the_same_each_time() -> None:
    drawn = workloads.lookups(stored(50), count=20)
    assert drawn == workloads.lookups(stored(50), count=20)
    assert drawn != workloads.lookups(stored(50), count=20, seed=2)
    assert len({query.text for query in drawn}) == 20
    assert all(f"<{BASE}study/s" in query.text for query in drawn)
    assert len(workloads.lookups(stored(3), count=20)) == 3


@pytest.mark.parametrize("query", [*workloads.analytic(), *workloads.questions()], ids=lambda query: query.name)
def test_every_query_that_is_timed_can_be_parsed(query: Query) -> None:
    Store().query(query.text)


@pytest.mark.parametrize("query", workloads.lookups(stored(8)), ids=lambda query: query.name)
def test_every_look_up_finds_something_to_parse(query: Query) -> None:
    Store().query(query.text)


def test_servers_that_give_other_rows_or_none_disagree() -> None:
    found = {
        "one": {"same": Answered(3, 0.1), "other": Answered(3, 0.1), "slow": Answered(3, 0.1), "own": Answered(1, 0.1)},
        "two": {"same": Answered(3, 9.0), "other": Answered(4, 0.1), "slow": Answered(None, 30, "more than 30 s")},
    }
    assert serving.disagreements(found) == {"other": "rows: one 3, two 4", "slow": "two: more than 30 s"}
    assert serving.misses(found["two"]) == ["slow"]


@dataclass(frozen=True)
class Hostile:
    name: str
    raw: bytes
    parts: tuple[str, ...] = ()


def test_every_worker_has_met_every_query_before_it_is_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    lock, together = Lock(), Barrier(serving.ASKERS)
    alone = ["a", "b"]
    asked: list[str] = []

    def ask(_: object, __: str, query: Query, patience: float) -> Answered:
        if patience > 1:  # answers only where as many ask as there are workers, so that each has one
            together.wait(20)
        with lock:
            asked.append(query.name)
        return Answered(0, 0.0)

    monkeypatch.setattr(serving, "ask", ask)
    serving.warm("http://ex/sparql", [Query(name, "ASK {}") for name in alone], patience=1)
    each = serving.ASKERS * ["a"], serving.ASKERS * ["b"]
    assert asked == [*alone, *serving.MEETINGS * [*each[0], *each[1]]]


class Refusing(BaseHTTPRequestHandler):
    """Refuses whatever it is asked, and notes where."""

    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        """Refuse."""
        self.asked.append(self.path.partition("?")[0])
        self.send_error(406)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_a_battery_fires_all_of_a_corpus_at_an_endpoint(tmp_path: Path) -> None:
    for name in ("accept-empty", "accept-several"):
        shutil.copy(siege.HOSTILE / f"{name}.toml", tmp_path)
    with HTTPServer(("127.0.0.1", 0), Refusing) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        endpoint = f"http://127.0.0.1:{server.server_port}/query"
        with siege.Battery(Corpus(tmp_path, 2), endpoint) as battery:
            assert [each.get(timeout=60) for each in battery.volley()] == [406, 406]
        server.shutdown()
    assert Refusing.asked == ["/query", "/query"]


def test_workloads_and_servers_that_are_not_known_are_refused() -> None:
    for option in ("--workload", "--server"):
        ended = CliRunner().invoke(serving.app, [option, "unheard-of"])
        assert ended.exit_code == 2
        assert "unheard-of" in ended.output


def test_a_hostile_request_is_sent_to_the_endpoint_of_another_server() -> None:
    raw = b"POST /sparql?a=/sparql HTTP/1.1\r\nContent-Type: application/sparql-query\r\n\r\n"
    sent = siege.directed(Hostile("deep /sparqling", raw, ("/sparql", "/data")), "/query")
    assert sent.raw == raw.replace(b"POST /sparql?", b"POST /query?")
    assert sent.parts == ("/query", "/data")
    assert sent.name == "deep /sparqling"


def test_targets_are_met_missed_or_not_measured() -> None:
    judged = {target.sentence.partition(": ")[2]: target for target in serving_report.targets(result())}
    assert [target.met for target in judged.values()] == [True, True, True, False, True, False]
    assert judged["shipped questions, cache on: 5 times oxigraph's"].found == pytest.approx(4.8)
    assert judged["p99 of a well-behaved client under the corpus, in idle ones"].found == 3
    nothing = replace(result(), taken=(), disturbed=())
    assert {target.met for target in serving_report.targets(nothing)} == {None}


def test_the_figures_are_medians_of_the_runs() -> None:
    told = serving_report.markdown(result())
    section = told[told.index("## Look-ups") :]
    assert row(section, OURS) == [OURS, "3,500", "0.389", "1", "2", "100", "0", ""]
    assert row(section, RDFLIB) == [RDFLIB, "-", "-", "-", "-", "-", "-", "not installed"]


def test_the_report_says_what_is_left_of_each_server() -> None:
    told = serving_report.markdown(result())
    section = told[told.index("## What is left") :]
    assert row(section, OXIGRAPH) == [OXIGRAPH, "7 of 60", "gone after 0.4 s", "never", "-", ""]
    assert row(section, RDFLIB)[2:4] == ["yes", "not within the bound"]
    assert row(section, OURS)[1:5] == ["60 of 60", "yes", "0.1 s", "120"]
    assert "causal-paths" in told
    assert row(told[told.index("## A well-behaved") :], OURS)[-1] == "1"


def test_the_json_holds_all_and_the_verdicts() -> None:
    told = json.loads(serving_report.as_json(result()))
    assert len(told["taken"]) == len(result().taken)
    assert [target["met"] for target in told["targets"]].count(False) == 2


def soaked() -> Soak:
    samples = [
        Sample(minute + part / 4, 100, (50, 50, 50, 50, *[1500] * part)) for minute in range(10) for part in range(3)
    ]
    visits = {"look-ups": visit(5), "questions": visit(80), "monsters": visit(0, **{"status 504": 20})}
    return Soak(MACHINE, 10, visits, (Swap(1.0, "abc", 0.4), Swap(2.0, "def", 0.6)), tuple(samples), alive=True)


def test_a_soak_that_held_out_says_so() -> None:
    seen = soaked()
    assert seen.held_out
    assert seen.failed == 0
    assert [(each.before, each.after) for each in seen.growth.values()] == [(100, 100), (50, 50), (6, 6)]
    told = soak.markdown(seen)
    assert row(told, "new snapshots taken over") == ["new snapshots taken over", "2", "2", "yes"]
    assert row(told, "monsters")[-1] == "20 status 504"
    assert json.loads(soak.as_json(seen))["held_out"] is True


def test_workers_that_are_at_monsters_or_have_just_begun_do_not_count() -> None:
    seen = soaked()
    begun = [replace(each, workers=(5, *each.workers[1:])) if each.minute >= 3 else each for each in seen.samples]
    assert replace(seen, samples=tuple(begun)).flat


@pytest.mark.parametrize(
    "changed",
    [
        {"alive": False},
        {"swaps": ()},
        {"swaps": (Swap(1.0, "abc", None),)},
        {"visits": {"look-ups": visit(5, TimeoutError=1), "questions": visit(80)}},
        {"samples": tuple(Sample(float(minute), 100 + 10 * minute, (50,) * 4) for minute in range(11))},
        {"samples": tuple(Sample(float(minute), 100, (50 + 5 * minute,) * 4) for minute in range(11))},
        {"samples": tuple(Sample(float(minute), 100, (50,) * (minute + 1)) for minute in range(11))},
    ],
    ids=["gone", "no swap", "swap missed", "a failure", "growing itself", "growing workers", "more and more of them"],
)
def test_a_soak_that_did_not_hold_out_says_so(changed: dict[str, object]) -> None:
    seen = replace(soaked(), **changed)  # type: ignore[arg-type]
    assert not seen.held_out
    assert "no |" in soak.markdown(seen)
