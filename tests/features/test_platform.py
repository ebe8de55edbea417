from __future__ import annotations

import math

import numpy as np
import pytest

from features.platform import WARM_JOBS
from streams.vocabulary import EventType
from tests.features.stories import DAY, HOUR, MINUTE, MONDAY, events, learnt, log, named, read


def crowd(days, every=2 * MINUTE, start=MONDAY):
    t = np.arange(start, start + days * DAY, every)
    return events(t, account=np.arange(len(t)) % 500 + 1)


def test_an_even_crowd_is_no_surge():
    assert abs(read(crowd(20))["platform_surge"]) < 0.05


def test_a_contest_day_shows_as_a_surge_to_everybody():
    contest = crowd(1, every=MINUTE // 4, start=MONDAY + 20 * DAY)
    found = read(crowd(20), contest)
    assert found["platform_surge"] > math.log(2)


def test_before_a_week_has_passed_nothing_is_usual():
    assert math.isnan(read(crowd(6))["platform_surge"])


def test_a_queue_that_turns_slow_shifts_the_latency():
    count = int(WARM_JOBS)
    t = MONDAY + np.arange(count + 2000) * MINUTE
    slow = np.where(np.arange(len(t)) < count, 2000, 20_000)
    found = read(events(t, EventType.GENERATION_COMPLETED, latency_ms=slow))
    assert found["platform_latency_shift"] > 1.0
    steady = read(events(t, EventType.GENERATION_COMPLETED, latency_ms=2000))
    assert steady["platform_latency_shift"] == pytest.approx(0.0, abs=1e-9)


def test_late_requests_turn_no_clock_back():
    late = events(MONDAY - 30 * DAY + np.arange(20) * HOUR, account=3)
    found = named(learnt(log(crowd(20), late, by_time=False)).vectors()[0])
    assert abs(found["platform_surge"]) < 0.15


def test_one_event_from_the_future_makes_no_surge_for_ever():
    future = events(MONDAY + 400 * DAY, account=3)
    after = crowd(20, start=MONDAY + 20 * DAY)
    state = learnt(log(crowd(20), future, after, by_time=False))
    assert abs(named(state.vectors()[0])["platform_surge"]) < 0.3
