"""Tails: how far out a number lies, on the side that was chosen, among accounts of its size."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kstest

from detectors import tails
from detectors.tails import CAP, EDGES, ELBOW, FEWEST
from features.layout import WIDTH

COLUMN = np.array([3])


def reference(values, *, stratum=4):
    """One account a value, all in one stratum."""
    rows = np.full((len(values), WIDTH), np.nan)
    rows[:, 0], rows[:, 3] = EDGES[stratum], values
    strata = [np.empty((0, WIDTH)) for _ in EDGES]
    strata[stratum] = rows
    return strata


def fitted(values, *, direction=1.0, stratum=4):
    return tails.fit(reference(values, stratum=stratum), COLUMN, np.array([direction]))


def nats(fit, values, *, acts=EDGES[4]):
    rows = np.full((len(np.atleast_1d(values)), WIDTH), np.nan)
    rows[:, 0], rows[:, 3] = acts, values
    return fit.nats(rows)[:, 0]


SAMPLES = {
    "normal": np.random.default_rng(1).normal(size=400),
    "heavy": np.random.default_rng(2).lognormal(0, 2, 400),
    "tied": np.random.default_rng(3).integers(0, 4, 400).astype(float),
    "few": np.random.default_rng(4).normal(size=31),
    "mostly one value": np.where(np.arange(400) < 390, 0.0, 1.0),
    "constant": np.zeros(400),
}


@pytest.mark.parametrize("values", SAMPLES.values(), ids=SAMPLES)
@pytest.mark.parametrize("direction", [1.0, -1.0])
def test_stranger_is_never_less(values, direction):
    fit = fitted(values, direction=direction)
    low, high = values.min() - 5, values.max() * 3 + 5
    found = nats(fit, direction * np.sort(direction * np.linspace(low, high, 3000)))
    assert (np.diff(found) >= -1e-12).all()
    assert found[0] == 0.0
    assert found[-1] <= CAP


def test_only_the_chosen_side_counts():
    low = fitted(SAMPLES["normal"], direction=-1.0)
    assert nats(low, 5.0)[0] == 0.0
    assert nats(low, -5.0)[0] > 5.0


def test_the_unknown_stays_unknown():
    assert math.isnan(nats(fitted(SAMPLES["normal"]), math.nan)[0])


def test_too_few_acts_are_not_judged():
    found = nats(fitted(SAMPLES["normal"]), 9.0, acts=EDGES[0] - 1)
    assert math.isnan(found[0])


def test_stranger_stays_stranger_past_the_largest_value_seen():
    values = SAMPLES["normal"]
    beyond = nats(fitted(values), values.max() + np.array([0.1, 0.5, 1.0]))
    assert (np.diff(beyond) > 0).all()


def test_a_number_that_too_few_accounts_know_is_dead():
    values = np.full(400, np.nan)
    values[: FEWEST - 1] = np.arange(FEWEST - 1)
    fit = fitted(values)
    assert (fit.counts == 0).all()
    assert math.isnan(nats(fit, 50.0)[0])


def test_the_first_to_differ_where_nobody_did_is_no_alarm():
    assert nats(fitted(SAMPLES["constant"]), 1e9)[0] <= ELBOW


def test_a_small_stratum_borrows_from_its_neighbours():
    strata = [np.full((count, WIDTH), float(k)) for k, count in enumerate([50, 3, 4, 60])]
    assert set(tails.borrow(strata, 0)[:, 0]) == {0.0}
    assert set(tails.borrow(strata, 1)[:, 0]) == {0.0, 1.0}  # fewer acts first
    assert set(tails.borrow(strata, 2)[:, 0]) == {1.0, 2.0, 3.0}
    assert len(tails.borrow([part[:1] for part in strata], 2)) == 4


@given(st.floats(0, 40_000))
@settings(max_examples=60)
def test_the_stratum_is_the_last_edge_reached(acts):
    assert tails.stratum_of(acts) == int(np.searchsorted(EDGES, acts, side="right")) - 1


def test_accounts_of_another_size_are_judged_by_their_own():
    strata = reference(SAMPLES["normal"])
    strata[9] = reference(SAMPLES["normal"] + 100.0, stratum=9)[9]
    fit = tails.fit(strata, COLUMN, np.array([1.0]))
    assert nats(fit, 100.0, acts=EDGES[4])[0] == CAP
    assert nats(fit, 100.0, acts=EDGES[9])[0] < 2.0


@pytest.mark.parametrize("draw", ["normal", "exponential", "uniform"])
def test_the_shares_behind_the_nats_of_unseen_people_are_about_uniform(draw):
    rng = np.random.default_rng(8)
    fit = fitted(getattr(rng, draw)(size=4000))
    shares = np.exp(-nats(fit, getattr(rng, draw)(size=2000)))
    body = shares[shares > 0.06]  # past the elbow the tail is an extrapolation, on purpose
    assert kstest(body, "uniform", args=(0.05, 0.95)).statistic < 0.05
    assert np.mean(shares <= 0.05) == pytest.approx(0.05, abs=0.02)
