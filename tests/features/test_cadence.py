"""Cadence against slow formulas over plain lists of gaps."""

from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.cadence import BIN, BINS, LEAST, WINDOW
from features.sequence import STEP, STEPS
from tests.features.stories import MINUTE, MONDAY, SECOND, events, read, seconds

GAPS = st.lists(
    st.integers(0, 3_000_000_000) | st.integers(0, 10**13), min_size=LEAST, max_size=120
)


def times(gaps):
    return MONDAY + np.concatenate([[0], np.cumsum(gaps)]).astype(np.int64)


def entropy(counts):
    shares = np.array([count for count in counts if count]) / sum(counts)
    return float(-(shares * np.log(shares)).sum())


def corrected_conditional_entropy(steps):
    """Porta's: H(pair) - H(first) + share of pairs seen once x H(first)."""
    pairs = Counter(pairwise(steps))
    first = entropy(Counter(steps[:-1]).values())
    once = sum(1 for count in pairs.values() if count == 1) / (len(steps) - 1)
    return entropy(pairs.values()) - first + once * first


@given(GAPS)
@settings(max_examples=60, deadline=None)
def test_every_number_equals_its_slow_formula(gaps):
    logs = np.log1p(np.array(gaps) / SECOND)
    before = logs.astype(np.float32).astype(float)[:-1]  # the last gap is kept in single precision
    at = times(gaps)
    variance = max(float(np.mean(logs**2) - np.mean(logs) ** 2), 0.0)
    found = read(events(times(gaps)))

    def phase(period):
        return abs(np.exp(2j * np.pi * (at % (period * SECOND)) / (period * SECOND)).mean())

    def peak():
        return max(Counter(at // (2 * MINUTE) % 30).values()) / len(at)

    assert found["acts"] == len(gaps) + 1
    bins = Counter(min(int(x / BIN), BINS - 1) for x in logs)
    assert found["gap_entropy"] == pytest.approx(entropy(bins.values()), abs=1e-9)
    steps = [min(int(x / STEP), STEPS - 1) for x in logs]
    assert found["gap_conditional_entropy"] == pytest.approx(
        corrected_conditional_entropy(steps), abs=1e-9
    )
    assert found["gap_similar_share"] == np.mean(np.abs(logs[1:] - before) < 0.1)
    assert found["gap_spread"] == pytest.approx(math.sqrt(variance), abs=1e-5)
    if variance > 1e-3:
        memory = (np.mean(logs[1:] * before) - np.mean(logs) ** 2) / variance
        assert found["gap_memory"] == pytest.approx(min(max(memory, -1.0), 1.0), abs=1e-4)
    assert found["minute_phase"] == pytest.approx(phase(60), abs=1e-5)
    assert found["five_minute_phase"] == pytest.approx(phase(300), abs=1e-5)
    assert found["hour_phase"] == pytest.approx(phase(3600), abs=1e-5)
    assert found["minute_peak"] == pytest.approx(peak())
    for name, share in (("gap_low", 0.05), ("gap_lowest", 0.01)):
        low = np.sort(logs)[math.ceil(share * len(logs)) - 1]
        assert abs(found[name] - min(low, BINS * BIN)) <= BIN


@given(GAPS)
@settings(max_examples=30, deadline=None)
def test_the_share_of_the_favourite_gap_is_never_overstated(gaps):
    most = max(Counter(math.floor(gap / SECOND + 0.5) for gap in gaps).values())
    assert 0.0 <= read(events(times(gaps)))["gap_mode_share"] <= most / len(gaps)


@given(st.lists(st.sampled_from([5, 60, 61, 900]), min_size=LEAST, max_size=100))
@settings(max_examples=30, deadline=None)
def test_among_four_different_gaps_the_favourite_is_counted_exactly(gaps):
    share = max(Counter(gaps).values()) / len(gaps)
    assert read(events(seconds(*gaps)))["gap_mode_share"] == pytest.approx(share)


def test_people_whose_gaps_all_differ_have_no_favourite_gap():
    gaps = np.random.default_rng(1).permutation(np.arange(20, 420))
    assert read(events(seconds(*gaps)))["gap_mode_share"] <= 4 / 400


def test_a_run_counts_pauses_equal_to_the_one_before():
    gaps = [90, 300, *[60.0, 60.5] * 10, 7, 300, 300, 300]
    assert read(events(seconds(*gaps)))["equal_gap_run"] == 19


def test_a_storm_of_double_clicks_is_no_run():
    assert read(events(seconds(*[0.2] * 400)))["equal_gap_run"] == 0


def test_numbers_of_an_old_account_speak_of_its_last_thousand_gaps():
    young = np.random.default_rng(2).lognormal(4, 1.5, WINDOW - 1)
    first = read(events(seconds(*young)))
    later = read(events(seconds(*young, *[60] * 12 * WINDOW)))
    assert first["gap_entropy"] > 1.5
    assert later["gap_entropy"] < 0.2
    assert later["gap_mode_share"] > 0.99


@pytest.mark.parametrize("count", [WINDOW, WINDOW + 1, 5 * WINDOW, 20 * WINDOW + 7])
def test_halving_the_window_leaves_means_and_shares_as_they_were(count):
    """Sums once kept half an odd count that the count itself had dropped."""
    gaps = np.random.default_rng(3).lognormal(4, 1.5, count)
    found = read(events(seconds(*gaps)))
    logs = np.log1p(gaps[-WINDOW:])
    assert found["gap_spread"] == pytest.approx(logs.std(), rel=0.15)
    assert abs(found["gap_memory"]) < 0.15
    clock = read(events(seconds(*[60] * count)))
    assert clock["minute_phase"] == pytest.approx(1.0, abs=1e-5)
    assert clock["gap_mode_share"] == 1.0
    assert clock["gap_spread"] == pytest.approx(0.0, abs=1e-5)


def test_too_few_gaps_say_nothing():
    found = read(events(seconds(*[60] * (LEAST - 1))))
    assert math.isnan(found["gap_entropy"])
    assert math.isnan(found["equal_gap_run"])


def test_a_run_is_forgotten_after_thirty_days_without_another():
    run, since = [60] * 300, [5000, 90] * 10
    month = 30 * 24 * 3600
    assert read(events(seconds(*run, *since)))["equal_gap_run"] == 299
    assert read(events(seconds(*run, *since, month - 200_000)))["equal_gap_run"] == 299
    assert read(events(seconds(*run, *since, month)))["equal_gap_run"] == 0
    again = read(events(seconds(*run, month, *since, 60, 60, 60)))
    assert again["equal_gap_run"] == 2


def test_a_run_that_goes_on_is_never_forgotten():
    daily = [24 * 3600.0] * 90
    assert read(events(seconds(*daily)))["equal_gap_run"] == 89
