"""What a worker counts, every name once. A name that is not listed here is a type error.

Each process has its own registry and shows it on its own port; figures that live in the database
are in `review_api.metrics`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, start_http_server

if TYPE_CHECKING:
    from collections.abc import Mapping

CounterName = Literal[
    "fairuse_records_total",
    "fairuse_events_total",
    "fairuse_replayed_events_total",
    "fairuse_dead_letters_total",
    "fairuse_verdicts_total",
    "fairuse_batches_total",
    "fairuse_fenced_total",
    "fairuse_snapshots_total",
    "fairuse_intake_total",
    "fairuse_relayed_total",
    "fairuse_archived_events_total",
]
GaugeName = Literal["fairuse_accounts", "fairuse_position", "fairuse_lag_records"]
MetricName = CounterName | GaugeName

MEANING: Final[Mapping[MetricName, str]] = {
    "fairuse_records_total": "Records read from the log.",
    "fairuse_events_total": "Events learnt and judged.",
    "fairuse_replayed_events_total": "Events learnt again in silence after a partition was taken.",
    "fairuse_dead_letters_total": "Records that could not be read, by reason.",
    "fairuse_verdicts_total": "Verdicts published, by abuse kind and action.",
    "fairuse_batches_total": "Micro-batches committed.",
    "fairuse_fenced_total": "Times that another worker had taken a partition over.",
    "fairuse_snapshots_total": "Snapshots of feature state written.",
    "fairuse_intake_total": "Verdicts taken in, by what became of them.",
    "fairuse_relayed_total": "Outbox messages published.",
    "fairuse_archived_events_total": "Events written to the archive.",
    "fairuse_accounts": "Accounts with feature state, by partition.",
    "fairuse_position": "Offset of the next record to read, by partition.",
    "fairuse_lag_records": "Records between that offset and the end of the log, by partition.",
}
LABELS: Final[Mapping[MetricName, tuple[str, ...]]] = {
    "fairuse_dead_letters_total": ("reason",),
    "fairuse_verdicts_total": ("kind", "action"),
    "fairuse_intake_total": ("outcome",),
    "fairuse_accounts": ("partition",),
    "fairuse_position": ("partition",),
    "fairuse_lag_records": ("partition",),
}


class Metrics:
    """The counters and gauges of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._counters = {
            name: Counter(name, MEANING[name], LABELS.get(name, ()), registry=self.registry)
            for name in get_args(CounterName)
        }
        self._gauges = {
            name: Gauge(name, MEANING[name], LABELS.get(name, ()), registry=self.registry)
            for name in get_args(GaugeName)
        }

    def count(self, name: CounterName, amount: float = 1, **labels: str) -> None:
        """Add to a counter."""
        counter = self._counters[name]
        (counter.labels(**labels) if labels else counter).inc(amount)

    def show(self, name: GaugeName, value: float, **labels: str) -> None:
        """Set a gauge."""
        self._gauges[name].labels(**labels).set(value)

    def value(self, name: MetricName, **labels: str) -> float:
        """Read a figure back; 0 if nothing was counted."""
        return self.registry.get_sample_value(name, labels) or 0.0

    def serve(self, host: str, port: int) -> None:
        """Show the figures to a scraper, from a thread of their own; port 0 shows nothing."""
        if port:
            start_http_server(port, host, self.registry)
