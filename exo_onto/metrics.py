"""metrics: what happens while serving in, counts in Prometheus's format out. Pure.

Each `Metrics` has a registry of its own, so that two servers in one process do not count together.
"""

from collections.abc import Callable
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS: Final = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100)


class Metrics:
    """What is counted."""

    def __init__(self) -> None:
        """Begin at nothing."""
        self._registry = CollectorRegistry()
        self.requests = Counter(
            "exo_onto_requests", "Requests, by the status of the answer", ["status"], registry=self._registry
        )
        self.seconds = Histogram(
            "exo_onto_request_seconds", "From arrival to the last byte", buckets=_SECONDS, registry=self._registry
        )
        self.hits = Counter("exo_onto_cache_hits", "Answers that were kept", registry=self._registry)
        self.misses = Counter("exo_onto_cache_misses", "Answers that had to be found", registry=self._registry)
        self._snapshot = Gauge(
            "exo_onto_snapshot_info", "The snapshot that is served", ["digest", "version"], registry=self._registry
        )

    def follow(self, name: str, told: str, value: Callable[[], float]) -> None:
        """Tell a number that is asked for whenever the metrics are."""
        Gauge(f"exo_onto_{name}", told, registry=self._registry).set_function(value)

    def follow_lost(self, lost: "Callable[[], dict[str, int]]") -> None:
        """Tell how many workers were lost, by reason."""
        self._registry.register(_Lost(lost))

    def serve(self, digest: str, version: str) -> None:
        """Say which snapshot is served from now on."""
        self._snapshot.clear()
        self._snapshot.labels(digest, version).set(1)

    def written(self) -> bytes:
        """Give all in Prometheus's text format."""
        return generate_latest(self._registry)


class _Lost(Collector):
    def __init__(self, lost: "Callable[[], dict[str, int]]") -> None:
        self._lost = lost

    def collect(self) -> list[Metric]:
        family = CounterMetricFamily("exo_onto_workers_lost", "Workers ended or lost, by reason", labels=["reason"])
        for reason, number in sorted(self._lost().items()):
            family.add_metric([reason], number)
        return [family]
