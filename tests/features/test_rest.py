"""Rest against slow formulas over plain lists of times."""

from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.rest import LEAST
from tests.features.stories import DAY, HOUR, MINUTE, MONDAY, events, read

TIMES = st.lists(st.integers(0, 20 * 24 * 60), min_size=LEAST, max_size=150).map(
    lambda minutes: MONDAY + np.sort(np.array(minutes)) * MINUTE
)


def longest_stretch(times):
    """Hours of the longest run of acts without a pause of three hours."""
    best, since = 0, times[0]
    for before, now in pairwise(times):
        since = now if now - before >= 3 * HOUR else since
        best = max(best, now - since)
    return best / HOUR


@given(TIMES)
@settings(max_examples=50, deadline=None)
def test_every_number_equals_its_slow_formula(times):
    hours = Counter((times // HOUR % 24).tolist())
    shares = np.array(list(hours.values())) / len(times)
    days = sorted({int(t // DAY) for t in times})[:-1]  # the last day is not over
    active = [len({int(t // HOUR) for t in times if t // DAY == day}) for day in days]
    found = read(events(times))
    assert found["hour_entropy"] == pytest.approx(-(shares * np.log(shares)).sum())
    assert found["quiet_hours"] == sum(hours[k] / len(times) < 0.01 for k in range(24))
    if len(days) >= 3:
        assert found["active_hours"] == pytest.approx(np.mean(active))
    else:
        assert math.isnan(found["active_hours"])
    start = times[0] // (30 * DAY)
    if times[-1] // (30 * DAY) == start:
        assert found["longest_stretch"] == pytest.approx(longest_stretch(times), abs=1e-4)


@given(TIMES, st.integers(0, 23))
@settings(max_examples=25, deadline=None)
def test_a_shift_of_the_clock_changes_neither_entropy_nor_quiet_hours(times, hours):
    here, there = read(events(times)), read(events(times + hours * HOUR))
    assert there["hour_entropy"] == pytest.approx(here["hour_entropy"])
    assert there["quiet_hours"] == here["quiet_hours"]


def test_a_stretch_is_forgotten_with_its_month():
    stretch = MONDAY // (30 * DAY) * 30 * DAY + np.arange(80) * HOUR
    assert read(events(stretch))["longest_stretch"] == pytest.approx(79.0)
    assert read(events([*stretch, stretch[0] + 30 * DAY]))["longest_stretch"] == 0.0


def test_a_stretch_that_goes_on_into_the_next_month_is_one_stretch():
    turn = (MONDAY // (30 * DAY) + 1) * 30 * DAY
    stretch = turn + np.arange(-40, 40) * HOUR
    assert read(events(stretch))["longest_stretch"] == pytest.approx(79.0)
