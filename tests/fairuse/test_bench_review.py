from __future__ import annotations

from fairuse.bench.admissions import Size
from fairuse.bench.review import PAGES, bench_review
from streams.clock import SystemClock


def test_every_page_of_the_queue_is_measured():
    figures = bench_review(SystemClock(), None, Size(60, 0.05))
    assert len(figures) == 2 * len(PAGES)
    assert all(figure.value > 0 for figure in figures)
