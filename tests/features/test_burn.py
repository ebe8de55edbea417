"""Burn against slow formulas over plain lists of units."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.burn import LEAST_DAYS
from tests.features.stories import CREDITS, DAY, HOUR, MONDAY, events, learnt, log, named, read


@given(st.lists(st.integers(0, 40), min_size=LEAST_DAYS + 2, max_size=40))
@settings(max_examples=50, deadline=None)
def test_every_number_equals_its_slow_formula(days):
    days[0] = max(days[0], 1)
    at = MONDAY + np.arange(len(days)) * DAY
    found = read(events(at, units=days), events(at + HOUR, units=days))
    used = 2.0 * np.array([day for day in days[:-1] if day])  # the last day is not over
    if len(used) < LEAST_DAYS:
        assert math.isnan(found["units_per_day"])
        return
    assert found["units_per_day"] == pytest.approx(math.log1p(used.mean()), rel=1e-5)
    assert found["units_steadiness"] == pytest.approx(-used.std() / used.mean(), abs=1e-3)
    assert found["burning_days_share"] == pytest.approx(len(used) / (len(days) - 1))


def test_credits_burn_no_quota():
    at = MONDAY + np.arange(20) * DAY
    assert math.isnan(read(events(at, units=5.0, mode=CREDITS))["units_per_day"])


def test_a_late_job_counts_for_the_day_being_filled():
    at = MONDAY + np.arange(8) * DAY
    rows = events([*at[:7], at[3], at[7]], units=10.0)
    found = named(learnt(log(rows, by_time=False)).vectors()[0])
    assert found["units_per_day"] == pytest.approx(math.log1p(80 / 7), rel=1e-5)
    assert found["units_steadiness"] < 0.0


@pytest.mark.parametrize("units", [math.nan, -5.0, math.inf, 1e300, -math.inf])
def test_units_that_cannot_be_leave_every_number_finite_or_unknown(units):
    at = MONDAY + np.arange(20) * DAY
    found = read(events(at, units=5.0), events(at + HOUR, units=units))
    assert not any(math.isinf(value) for value in found.values())
