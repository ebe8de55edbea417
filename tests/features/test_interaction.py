"""Interaction against slow formulas over plain lists of requests and results."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.interaction import FLOOR_S, WINDOW
from streams.vocabulary import EventType
from tests.features.stories import CREDITS, MINUTE, MONDAY, SECOND, events, read

VIEWED, DOWNLOADED = EventType.RESULT_VIEWED, EventType.RESULT_DOWNLOADED
DONE, FAILED = EventType.GENERATION_COMPLETED, EventType.GENERATION_FAILED


def reacting(waits, *, latency=40.0, job=0):
    """Requests that follow each result after `waits` seconds; the platform takes `latency`."""
    step = (np.asarray(waits, dtype=float) + latency) * SECOND
    asked = MONDAY + np.concatenate([[0], np.cumsum(step)]).astype(np.int64)
    return events(asked, job=job), events(asked[:-1] + int(latency * SECOND), DONE, job=job)


@given(st.lists(st.floats(0.0, 590.0), min_size=16, max_size=80))
@settings(max_examples=40, deadline=None)
def test_reactions_equal_their_slow_formula(waits):
    requests, results = reacting(waits)
    exact = (requests["t"][1:] - results["t"]) / SECOND
    logs = np.log(FLOOR_S + exact)
    found = read(results, requests)
    assert found["reaction_mean"] == pytest.approx(logs.mean(), abs=1e-4)
    assert found["reaction_spread"] == pytest.approx(logs.std(), abs=2e-2)
    assert found["prompt_reaction_share"] == pytest.approx(np.mean(exact < 1.5))


def test_the_platforms_own_latency_is_not_in_a_reaction():
    waits = np.random.default_rng(1).uniform(2, 60, 40)
    quick, slow = (read(*reacting(waits, latency=latency)) for latency in (3.0, 500.0))
    assert quick["reaction_mean"] == pytest.approx(slow["reaction_mean"], abs=1e-4)


def test_a_later_visit_is_no_reaction():
    assert math.isnan(read(*reacting([700.0] * 40))["reaction_mean"])


def test_a_result_of_a_paid_job_starts_no_reaction():
    requests, results = reacting([0.5] * 40)
    paid = events(results["t"] - SECOND, mode=CREDITS, job=9)
    results["job"] = 9
    found = read(requests, paid, results)
    assert math.isnan(found["prompt_reaction_share"])


def test_views_downloads_and_gestures_are_counted_per_request():
    asked = events(MONDAY + np.arange(40) * MINUTE)
    after = MONDAY + 41 * MINUTE
    found = read(
        asked,
        events([after] * 20, VIEWED),
        events([after] * 10, DOWNLOADED),
        events([after] * 4, EventType.UI_INTERACTION, pointer=30, keys=-1),
    )
    assert found["views_per_request"] == pytest.approx(math.log1p(0.5))
    assert found["downloads_per_request"] == pytest.approx(math.log1p(0.25))
    assert found["gestures_per_request"] == pytest.approx(math.log1p(3.0))


def test_a_few_reactions_among_a_thousand_requests_keep_their_spread():
    """Halving nine reactions to four once left a mean too high and no spread: a false metronome."""
    rng = np.random.default_rng(4)
    asked = MONDAY + np.arange(WINDOW + 200) * 20 * MINUTE
    some = rng.choice(WINDOW - 1, 35, replace=False)
    waits = rng.uniform(3, 300, len(some))
    results = asked[some + 1] - (waits * SECOND).astype(np.int64)
    found = read(events(asked), events(results, DONE))
    logs = np.log(FLOOR_S + waits)
    assert found["reaction_mean"] == pytest.approx(logs.mean(), abs=0.1)
    assert found["reaction_spread"] == pytest.approx(logs.std(), abs=0.1)
