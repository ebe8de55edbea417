"""docs/metrics.md names every metric with its meaning, and nothing else."""

from __future__ import annotations

from fairuse import metrics
from review_api import metrics as review
from tests.docs.pages import DOCS, rows


def test_the_metrics_page_is_the_metrics():
    worker = [
        [f"`{name}`", ", ".join(f"`{label}`" for label in metrics.LABELS.get(name, ())), meaning]
        for name, meaning in metrics.MEANING.items()
    ]
    stored = [[f"`{name}`", "", meaning] for name, meaning in review.MEANING.items()]
    page = rows(DOCS / "metrics.md", "metric")
    expected = worker + stored
    assert page == expected, "\n".join("| " + " | ".join(row) + " |" for row in expected)


def test_every_metric_has_a_meaning():
    assert set(metrics.MEANING) == {*metrics.get_args(metrics.CounterName)} | {
        *metrics.get_args(metrics.GaugeName)
    }
