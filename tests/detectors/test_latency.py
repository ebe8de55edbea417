from __future__ import annotations

import pickle
from datetime import UTC, datetime

import numpy as np
import pytest

from detectors.latency import (
    DISTRUSTED,
    FEWEST,
    JOBS,
    NIGHTS,
    Latencies,
    LatencyDay,
    days_of,
    shifts,
)
from detectors.passes import ONE
from features.view import VIEW
from streams.columns import EventBatch, empty_events
from streams.vocabulary import EventType

DAY = 86_400_000_000


def _series(medians):
    return [LatencyDay(f"day {i}", 500, m, 4 * m) for i, m in enumerate(medians)]


def _weeks(count, seed=0, around=20.0):
    return around * np.exp(np.random.default_rng(seed).normal(0, 0.05, count))


def _batch(days, latencies, kind=EventType.GENERATION_COMPLETED):
    events = empty_events(len(days))
    events["t"] = np.array(days) * DAY + 5
    events["type"] = kind
    events["latency_ms"] = latencies
    return EventBatch(events, np.array(["a"] * len(days), dtype=object))


def test_a_platform_that_became_slower_is_noticed_on_the_third_day_and_not_on_the_second():
    slower = np.concatenate([_weeks(28), _weeks(3, around=30.0)])
    assert shifts(_series(slower[:-1])) == ()
    middle, high = shifts(_series(slower))
    assert (middle.figure, middle.days, middle.of) == ("median", 3, 28)
    assert high.figure == "high"
    assert "slower" in middle.sentence


def test_a_platform_that_became_faster_is_noticed_too():
    faster = np.concatenate([_weeks(28), _weeks(3, around=10.0)])
    assert all("faster" in each.sentence for each in shifts(_series(faster)))


def test_one_odd_day_is_no_change():
    odd = _weeks(31)
    odd[-1] = 300.0
    assert shifts(_series(odd)) == ()


def test_a_quiet_platform_is_falsely_accused_as_seldom_as_is_said():
    days = _weeks(31 * 6000).reshape(6000, 31)
    alarms = sum(bool(shifts(_series(each))) for each in days)
    assert alarms <= 6000 / NIGHTS
    assert all(each.chance <= 1 / NIGHTS for each in shifts(_series([*_weeks(28), 90, 90, 90])))


def test_few_days_say_nothing():
    assert shifts([]) == ()
    assert shifts(_series([*_weeks(FEWEST), 90.0, 90.0])) == ()


def test_the_figures_of_a_day_are_those_of_its_jobs_over_all_partitions():
    took = np.random.default_rng(1).lognormal(9.0, 0.7, 4000).astype(int)
    task = pickle.loads(pickle.dumps(Latencies()))  # noqa: S301 - our own: it must travel
    parts = [
        task(ONE, [_batch([10] * 1000, took[:1000]), _batch([10] * 1000, took[1000:2000])]),
        task(ONE, [_batch([10] * 2000, took[2000:])]),
    ]
    [day] = days_of(parts, datetime.fromtimestamp(12 * 86_400, UTC))
    assert (day.day, day.jobs) == ("1970-01-11", 4000)
    assert day.median == pytest.approx(np.median(took) / 1000, rel=0.03)
    assert day.high == pytest.approx(np.quantile(took, 0.95) / 1000, rel=0.03)


def test_a_day_that_is_not_over_or_has_few_jobs_is_left_out():
    found = Latencies()(ONE, [_batch([3] * JOBS + [4] * (JOBS - 1) + [5] * JOBS, 900)])
    until = datetime.fromtimestamp(5.5 * 86_400, UTC)
    assert [day.day for day in days_of([found], until)] == ["1970-01-04"]


def test_jobs_that_failed_or_do_not_say_how_long_they_took_do_not_count():
    batch = EventBatch.join([_batch([1] * JOBS, -1), _batch([1] * JOBS, 5, EventType.OTHER)])
    assert days_of([Latencies()(ONE, [batch])], datetime(2020, 1, 1, tzinfo=UTC)) == ()


def test_the_features_to_distrust_are_features_of_rhythm_and_reaction():
    assert set(DISTRUSTED) < set(VIEW.names)
    assert {"gap_entropy", "prompt_reaction_share"} < set(DISTRUSTED)
    assert "device_entropy" not in DISTRUSTED
