"""The promise: ranks, floors and thresholds against direct computations, and why it is monthly."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from detectors.calibration import CONFIDENCE, Calibration, floor, pac_rank

COUNTS, BUDGETS = st.integers(0, 20_000), st.sampled_from([0.0005, 0.001, 0.01, 0.05, 0.2])


def direct_rank(count, budget):
    """The largest k of which fewer than k of `count` exceed the budget's quantile by luck only."""
    rank = 0
    # More than `budget` exceed the k-th largest exactly when fewer than k lie above the quantile.
    while rank < count and binom.cdf(rank, count, budget) <= 1 - CONFIDENCE:
        rank += 1
    return rank


@given(COUNTS, BUDGETS)
@settings(max_examples=60, deadline=None)
def test_the_rank_equals_the_binomial_bound(count, budget):
    assert pac_rank(count, budget) == direct_rank(count, budget)


@given(COUNTS, BUDGETS)
@settings(max_examples=40, deadline=None)
def test_more_accounts_or_a_larger_budget_never_lower_the_rank(count, budget):
    assert pac_rank(count, budget) <= pac_rank(count + 100, budget)
    assert pac_rank(count, budget) <= pac_rank(count, 2 * budget)
    assert pac_rank(count, budget) <= count * budget


@pytest.mark.parametrize("count", [2, 30, 59, 999, 2994, 2995, 30_000])
def test_the_floor_is_the_smallest_budget_that_can_be_certified(count):
    least = floor(count)
    assert pac_rank(count, least * 1.001) >= 1
    assert pac_rank(count, least * 0.999) == 0


def test_nobody_certifies_nothing():
    nothing = Calibration(np.empty(0))
    assert floor(0) == 1.0
    assert nothing.p_value(3.0) is None
    assert math.isinf(nothing.certified(0.5))
    assert math.isinf(nothing.expected(0.5))


def test_below_the_floor_no_score_is_high_enough():
    calibration = Calibration(np.arange(500.0)[::-1])
    assert math.isinf(calibration.certified(0.001))
    assert calibration.certified(0.05) == calibration.maxima[pac_rank(500, 0.05) - 1]


@given(
    st.lists(st.floats(0, 50), min_size=1, max_size=200), st.floats(-1, 60), st.floats(0.001, 1.0)
)
@settings(max_examples=80)
def test_p_values_and_thresholds_keep_their_bounds(maxima, maximum, budget):
    calibration = Calibration(np.sort(np.array(maxima))[::-1])
    p = calibration.p_value(maximum)
    assert 1 / (len(maxima) + 1) <= p <= 1.0
    assert calibration.p_value(maximum + 1.0) <= p
    assert calibration.certified(budget) >= calibration.expected(budget)
    assert calibration.expected(budget) >= calibration.expected(1.0)


def test_the_certified_threshold_keeps_its_budget_in_nineteen_of_twenty_populations():
    rng, budget = np.random.default_rng(3), 0.02
    broken = 0
    for _ in range(400):
        threshold = Calibration(np.sort(rng.normal(size=600))[::-1]).certified(budget)
        broken += 0.5 * math.erfc(threshold / math.sqrt(2)) > budget
    assert broken / 400 <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 400)


def months(rng, accounts, events=300):
    """Per-event scores of honest people who differ from each other and depend on their past."""
    drift = np.empty((accounts, events))
    drift[:, 0] = rng.normal(size=accounts)
    for k in range(1, events):
        drift[:, k] = 0.5 * drift[:, k - 1] + rng.normal(scale=0.85, size=accounts)
    return rng.normal(scale=0.7, size=(accounts, 1)) + drift


def test_thresholds_on_events_break_the_promise_that_the_monthly_maximum_keeps():
    rng, budget = np.random.default_rng(4), 0.01
    known, unseen = months(rng, 2500), months(rng, 2500)
    per_event = np.quantile(known, 1 - budget)
    monthly = Calibration(np.sort(known.max(axis=1))[::-1]).certified(budget)
    assert np.mean((unseen > per_event).any(axis=1)) > 20 * budget
    luck = 2 * math.sqrt(budget / len(unseen))  # of counting 25 expected among 2,500
    assert np.mean(unseen.max(axis=1) > monthly) <= budget + luck
