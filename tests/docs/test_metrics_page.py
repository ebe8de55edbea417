"""docs/metrics.md names every metric with its meaning, and nothing else."""

from __future__ import annotations

import re

from fairuse.metrics import Metric
from review_api import metrics as review
from review_api.monitors import figures as monitors
from review_api.served import (
    ANSWERS,
    DUTIES,
    FAILED_DUTIES,
    MEANING,
    OVERDUE,
    SHUT_OUT,
    SLOWED,
    WAITS,
)
from tests.docs.pages import DOCS, ROOT, rows


def test_the_metrics_page_is_the_metrics():
    counted = [
        [f"`{spec.name}`", ", ".join(f"`{label}`" for label in spec.labels), spec.meaning]
        for spec in (metric.value for metric in Metric)
    ]
    stored = [[f"`{name}`", "", meaning] for name, meaning in review.MEANING.items()]
    stored += [
        [f"`{name}`", ", ".join(f"`{label}`" for label in monitors.LABELS.get(name, ())), meaning]
        for name, meaning in monitors.MEANING.items()
    ]
    labels = {
        ANSWERS: "`outcome`",
        WAITS: "",
        DUTIES: "`duty`",
        FAILED_DUTIES: "`duty`",
        OVERDUE: "",
    }
    labels |= {SLOWED: "`by`", SHUT_OUT: "`way`"}
    of_a_server = [[f"`{name}`", labels[name], said] for name, said in MEANING.items()]
    expected = counted + stored + of_a_server
    page = rows(DOCS / "metrics.md", "metric")
    assert page == expected, "\n".join("| " + " | ".join(row) + " |" for row in expected)


def test_every_metric_is_counted_somewhere():
    packages = ("streams", "features", "detectors", "access", "review_api", "fairuse")
    source = "\n".join(
        path.read_text() for package in packages for path in (ROOT / package).rglob("*.py")
    )
    counted = set(re.findall(r"Metric\.([A-Z_]+)", source))
    assert {metric.name for metric in Metric} == counted
