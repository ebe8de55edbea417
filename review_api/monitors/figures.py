"""The monitors for Prometheus: the promise, who is champion, and the newest night's figures.

What is not known is left out: a share of nothing has no value. Of nights, the champion's newest
counts, or the newest of all where no champion can be seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from detectors.stages import Stage
from review_api.monitors.nights import nights
from review_api.monitors.promise import promise_of
from review_api.monitors.reports import read
from review_api.monitors.vocabulary import PromiseStanding
from review_api.parsing import instant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from review_api.monitors.reports import Found
    from review_api.monitors.shelf import Shelf, Shelved
    from review_api.policy import ReviewPolicy
    from review_api.quality.estimates import Estimate

MonitorMetric = Literal[
    "fairuse_promise_in_doubt",
    "fairuse_promise_e_value",
    "fairuse_promise_audits_judged",
    "fairuse_promise_audits_wrongful",
    "fairuse_promise_audits_waiting",
    "fairuse_model",
    "fairuse_night_age_seconds",
    "fairuse_model_precision",
    "fairuse_model_recall",
    "fairuse_features_drifted",
    "fairuse_scores_drifted",
    "fairuse_latency_shifted",
    "fairuse_latency_seconds",
    "fairuse_calibration_age_seconds",
    "fairuse_calibration_months",
    "fairuse_labels",
]

MEANING: Final[Mapping[MonitorMetric, str]] = {
    "fairuse_promise_in_doubt": (
        "1 while audits put the promise to honest customers in doubt: hold only; else 0."
    ),
    "fairuse_promise_e_value": "What a bet against the promise is worth; 20 and more is doubt.",
    "fairuse_promise_audits_judged": "Audits that found an honest account, since it was trusted.",
    "fairuse_promise_audits_wrongful": "Those of them that had been paused by mistake.",
    "fairuse_promise_audits_waiting": "Audits that nobody has judged yet.",
    "fairuse_model": "1 for the model version at a stage that only one can be at.",
    "fairuse_night_age_seconds": "Time since the newest night reported.",
    "fairuse_model_precision": "Share of pauses that were right by the audits, and its interval.",
    "fairuse_model_recall": "Share of abuse that was paused by the audits, and its interval.",
    "fairuse_features_drifted": "Features that look otherwise than in the model's reference.",
    "fairuse_scores_drifted": "Kinds whose scores look otherwise than the champion's did.",
    "fairuse_latency_shifted": "1 if jobs have lately taken otherwise long than before, else 0.",
    "fairuse_latency_seconds": "How long jobs took on the newest whole day.",
    "fairuse_calibration_age_seconds": "Age of the newest month the model is calibrated on.",
    "fairuse_calibration_months": "Account-months a stratum of the model is calibrated on.",
    "fairuse_labels": "Accounts the model learnt from, by kind.",
}
LABELS: Final[Mapping[MonitorMetric, tuple[str, ...]]] = {
    "fairuse_model": ("stage", "version"),
    "fairuse_model_precision": ("kind", "figure"),
    "fairuse_model_recall": ("kind", "figure"),
    "fairuse_latency_seconds": ("figure",),
    "fairuse_calibration_months": ("stratum",),
    "fairuse_labels": ("kind",),
}


@dataclass(frozen=True, slots=True)
class Sample:
    """One value of one metric, with its labels in the order of `LABELS`."""

    metric: MonitorMetric
    value: float
    labels: tuple[str, ...] = ()


def monitor_samples(
    session: Session, shelf: Shelf, policy: ReviewPolicy, now: datetime
) -> list[Sample]:
    """Read every value there is."""
    seen = shelf.look()
    rows = nights(session, 1, seen.champion) if seen.champion else nights(session, 1)
    of_night: list[Sample] = []
    for row in rows:
        age = max((now - row.at).total_seconds(), 0.0)
        of_night = [Sample("fairuse_night_age_seconds", age), *_night(read(row), now)]
    return [*_promise(session, policy), *_models(seen), *of_night]


def show_samples(samples: list[Sample]) -> bytes:
    """Write the values in Prometheus's text format."""
    registry = CollectorRegistry()
    gauges = {
        name: Gauge(name, meaning, LABELS.get(name, ()), registry=registry)
        for name, meaning in MEANING.items()
        if any(sample.metric == name for sample in samples)
    }
    for sample in samples:
        gauge = gauges[sample.metric]
        (gauge.labels(*sample.labels) if sample.labels else gauge).set(sample.value)
    return generate_latest(registry)


def _promise(session: Session, policy: ReviewPolicy) -> Iterator[Sample]:
    promise = promise_of(session, policy)
    found = promise.doubt
    doubted = promise.standing is PromiseStanding.IN_DOUBT
    yield Sample("fairuse_promise_in_doubt", doubted)
    yield Sample("fairuse_promise_e_value", found.e_value)
    yield Sample("fairuse_promise_audits_judged", found.judged)
    yield Sample("fairuse_promise_audits_wrongful", found.wrongful)
    yield Sample("fairuse_promise_audits_waiting", found.waiting)


def _models(seen: Shelved) -> Iterator[Sample]:
    for stage, version in (
        (Stage.CHAMPION, seen.champion),
        (Stage.CHALLENGER, seen.challenger),
    ):
        if version is not None:
            yield Sample("fairuse_model", 1, (stage.value, version))


def _night(found: Found, now: datetime) -> Iterator[Sample]:
    yield from _audited(found)
    yield Sample("fairuse_features_drifted", len(found.drifted))
    yield Sample("fairuse_scores_drifted", sum(one.drifted for one in found.scores))
    yield Sample("fairuse_latency_shifted", bool(found.shifts))
    if found.latency:
        yield Sample("fairuse_latency_seconds", found.latency[-1].median, ("median",))
        yield Sample("fairuse_latency_seconds", found.latency[-1].high, ("high",))
    calibrated = instant(found.calibrated_at) if found.calibrated_at else None
    if calibrated is not None:
        age = max((now - calibrated).total_seconds(), 0.0)
        yield Sample("fairuse_calibration_age_seconds", age)
    for stratum, months in found.months.items():
        yield Sample("fairuse_calibration_months", months, (stratum,))
    for kind, count in found.labels.items():
        yield Sample("fairuse_labels", count, (kind,))


def _audited(found: Found) -> Iterator[Sample]:
    for each in found.audited:
        kind = each.kind.value if each.kind else "all"
        shares: tuple[tuple[MonitorMetric, Estimate | None], ...] = (
            ("fairuse_model_precision", each.precision),
            ("fairuse_model_recall", each.recall),
        )
        for metric, share in shares:
            if share is not None:
                yield Sample(metric, share.value, (kind, "value"))
                yield Sample(metric, share.low, (kind, "low"))
                yield Sample(metric, share.high, (kind, "high"))
