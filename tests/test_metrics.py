"""The metrics: counts that Prometheus reads, apart for each server."""

import pytest
from prometheus_client.parser import text_string_to_metric_families
from serving import TABLE, get, send, served

from exo_onto.metrics import MEDIA_TYPE, Metrics
from exo_onto.settings import Settings
from exo_onto.workers import Pool


def read(text: str) -> dict[tuple[str, tuple[str, ...]], float]:
    """Give the samples, by name and labels; what was made when is left out."""
    families = text_string_to_metric_families(text)
    samples = [sample for family in families for sample in family.samples if not sample.name.endswith("_created")]
    return {(sample.name, tuple(sample.labels.values())): sample.value for sample in samples}


def written(metrics: Metrics) -> dict[tuple[str, tuple[str, ...]], float]:
    return read(metrics.written().decode())


def test_a_number_is_asked_for_whenever_the_metrics_are() -> None:
    metrics, waiting = Metrics(), [3]
    metrics.follow("queries_waiting", "Queries that wait", lambda: waiting[0])
    assert written(metrics)["exo_onto_queries_waiting", ()] == 3
    waiting[0] = 5
    assert written(metrics)["exo_onto_queries_waiting", ()] == 5


def test_lost_workers_are_told_by_reason() -> None:
    metrics, lost = Metrics(), dict[str, int]()
    metrics.follow_lost(lambda: lost)
    assert not any(name == "exo_onto_workers_lost_total" for name, _ in written(metrics))
    lost.update({"signal": 2, "deadline": 1})
    assert written(metrics)["exo_onto_workers_lost_total", ("deadline",)] == 1
    assert written(metrics)["exo_onto_workers_lost_total", ("signal",)] == 2


def test_one_snapshot_is_served_at_a_time() -> None:
    metrics = Metrics()
    for digest in ("3f2a", "77aa"):
        metrics.serve(digest, "1.2.3")
        told = [labels for name, labels in written(metrics) if name == "exo_onto_snapshot_info"]
        assert told == [(digest, "1.2.3")]


def test_two_servers_do_not_count_together() -> None:
    first, second = Metrics(), Metrics()
    first.hits.inc()
    assert written(first)["exo_onto_cache_hits_total", ()] == 1
    assert written(second)["exo_onto_cache_hits_total", ()] == 0


def test_a_server_tells_its_counts() -> None:
    app = served()
    for _ in range(3):
        get(app, TABLE)
    reply = send(app, "GET", "/metrics")
    assert (reply.headers["Content-Type"], reply.headers["Cache-Control"]) == (MEDIA_TYPE, "no-store")
    told = read(reply.text)
    assert told["exo_onto_requests_total", ("200",)] == 3
    assert told["exo_onto_request_seconds_count", ()] == 3
    assert (told["exo_onto_cache_hits_total", ()], told["exo_onto_cache_misses_total", ()]) == (2, 1)
    assert told["exo_onto_snapshot_info", ("3f2a", "1.2.3")] == 1


@pytest.mark.parametrize("name", ["queries_running", "queries_waiting", "workers"])
def test_a_server_with_workers_tells_what_they_do(name: str) -> None:
    pool = Pool(4, queue=8)
    pool.lost["signal"] += 1
    told = read(send(served(Settings(), pool=pool), "GET", "/metrics").text)
    assert told[f"exo_onto_{name}", ()] == 0
    assert told["exo_onto_workers_lost_total", ("signal",)] == 1
    assert (f"exo_onto_{name}", ()) not in read(send(served(), "GET", "/metrics").text)
