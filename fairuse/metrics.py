"""What the workers count, every name once. A name that is not listed here is a type error.

Each process has its own registry and shows it on its own port; figures that live in the database
are in `review_api.metrics`. Labels take few values each: never an account or an address.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, start_http_server


@dataclass(frozen=True, slots=True)
class Spec:
    """What a metric is called, how it behaves, and what it means."""

    name: str
    kind: Literal["counter", "gauge"]
    meaning: str
    labels: tuple[str, ...] = ()


class Metric(Enum):
    """Every metric of the workers, in the order the data moves."""

    RECORDS = Spec("fairuse_records_total", "counter", "Records read from the log.")
    EVENTS = Spec("fairuse_events_total", "counter", "Events learnt and judged.")
    UNKNOWN_EVENTS = Spec(
        "fairuse_unknown_events_total", "counter", "Events of a type this release does not know."
    )
    REPLAYED = Spec(
        "fairuse_replayed_records_total",
        "counter",
        "Records read again in silence after a partition was taken.",
    )
    DEAD_LETTERS = Spec(
        "fairuse_dead_letters_total", "counter", "Records that are not events.", ("reason",)
    )
    VERDICTS = Spec("fairuse_verdicts_total", "counter", "Verdicts published.", ("kind", "action"))
    SHADOWS = Spec(
        "fairuse_shadow_verdicts_total",
        "counter",
        "Verdicts of detectors that only watch; `overlap` says if as much was asked for by then.",
        ("detector", "response", "overlap"),
    )
    CHALLENGER = Spec(
        "fairuse_challenger_verdicts_total",
        "counter",
        "What the challenger would have asked for; it asks for nothing.",
        ("response",),
    )
    AGREEMENT = Spec(
        "fairuse_challenger_accounts",
        "gauge",
        "Accounts of which this month champion, challenger or both would have asked for a pause.",
        ("partition", "by"),
    )
    MODEL = Spec("fairuse_model_at_work", "gauge", "1 for the models that score now.",
                 ("version", "stage"))  # fmt: skip
    MODEL_REFUSED = Spec(
        "fairuse_model_refused_total",
        "counter",
        "Times a model of the registry was not taken up because it does not load.",
        ("stage",),
    )
    BATCHES = Spec("fairuse_batches_total", "counter", "Micro-batches committed.")
    BATCH_SECONDS = Spec(
        "fairuse_batch_seconds_total", "counter", "Time from a batch's arrival to its commit."
    )
    REBALANCES = Spec(
        "fairuse_rebalances_total", "counter", "Partitions that came or went.", ("change",)
    )
    FENCED = Spec(
        "fairuse_fenced_total", "counter", "Batches given up because another worker took over."
    )
    ACCOUNTS = Spec("fairuse_accounts", "gauge", "Accounts with feature state.", ("partition",))
    SNAPSHOTS = Spec("fairuse_snapshots_total", "counter", "Snapshots of feature state written.")
    SNAPSHOT_SECONDS = Spec(
        "fairuse_snapshot_seconds_total", "counter", "Time spent writing snapshots."
    )
    INTAKE = Spec(
        "fairuse_intake_total",
        "counter",
        "Verdicts taken in, by what became of them.",
        ("outcome",),
    )
    PAUSES = Spec("fairuse_pauses_total", "counter", "Pauses taken.", ("detector",))
    WITHHELD = Spec(
        "fairuse_withheld_total",
        "counter",
        "Pauses, holds and challenges asked for and not taken; the case stays open.",
        ("reason",),
    )
    SIGHTINGS = Spec(
        "fairuse_sightings_total",
        "counter",
        "Accounts noted with something that others have too.",
        ("shared",),
    )
    LINK_REVIEWS = Spec(
        "fairuse_link_reviews_total",
        "counter",
        "Cases opened for a look because of linked accounts.",
        ("reason",),
    )
    LINK_ATTRIBUTES = Spec(
        "fairuse_link_attributes", "gauge", "Devices, addresses, prompts and blocks remembered."
    )
    BOOKED = Spec(
        "fairuse_booked_total",
        "counter",
        "Events of plans, credits and jobs, by what became of them in the books.",
        ("outcome",),
    )
    ACTIVITY_KEPT = Spec(
        "fairuse_activity_kept_total", "counter", "Events kept for reviewers to look at."
    )
    ACTIVITY_FORGOTTEN = Spec(
        "fairuse_activity_forgotten_total", "counter", "Kept events that were too old."
    )
    RELAYED = Spec("fairuse_relayed_total", "counter", "Outbox messages published.")
    NOTICES = Spec(
        "fairuse_notice_attempts_total",
        "counter",
        "Attempts to deliver notices to customers, by what became of them.",
        ("channel", "result"),
    )
    ARCHIVED = Spec("fairuse_archived_records_total", "counter", "Records written to the archive.")
    ARCHIVE_MERGED = Spec(
        "fairuse_archive_merged_files_total", "counter", "Small files of the archive merged."
    )
    ARCHIVE_DROPPED = Spec(
        "fairuse_archive_dropped_files_total", "counter", "Files of the archive that were too old."
    )
    ARCHIVE_UNTIDIED = Spec(
        "fairuse_archive_untidied_total",
        "counter",
        "Times that the archive could not be compacted, or let accounts or days go.",
    )
    ERASURE_WAITING = Spec(
        "fairuse_archive_erasure_waiting_seconds",
        "gauge",
        "How long the oldest erasure waits for the archive, as of the last look; 0 if none does.",
    )


class Metrics:
    """The counters and gauges of one process, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._counters: dict[Metric, Counter] = {}
        self._gauges: dict[Metric, Gauge] = {}
        for metric in Metric:
            spec = metric.value
            if spec.kind == "counter":
                counter = Counter(spec.name, spec.meaning, spec.labels, registry=self.registry)
                self._counters[metric] = counter
            else:
                gauge = Gauge(spec.name, spec.meaning, spec.labels, registry=self.registry)
                self._gauges[metric] = gauge

    def count(self, metric: Metric, amount: float = 1.0, **labels: str) -> None:
        """Add to a counter."""
        counter = self._counters[metric]
        (counter.labels(**labels) if labels else counter).inc(amount)

    def show(self, metric: Metric, value: float, **labels: str) -> None:
        """Set a gauge."""
        gauge = self._gauges[metric]
        (gauge.labels(**labels) if labels else gauge).set(value)

    def value(self, metric: Metric, **labels: str) -> float:
        """Read a figure back; 0 if nothing was counted."""
        return self.registry.get_sample_value(metric.value.name, labels) or 0.0

    def serve(self, host: str, port: int) -> None:
        """Show the figures to a scraper, from a thread of their own; port 0 shows nothing."""
        if port:
            start_http_server(port, host, self.registry)
