"""The bet against the promise, by simulation: seeded, and vectorised over whole paths."""

from __future__ import annotations

import numpy as np
import pytest

from detectors.betting import ALARM, Judged, weights, winnings, winnings_of

BUDGET = 0.001
BASE = 0.02
PATHS = 1500
AUDITS = 600


def _paths(strange, ordinary, seed, paths=PATHS):
    """Winnings over audits drawn as ours are: the stranger tenth four times as often."""
    rng = np.random.default_rng(seed)
    # Of 13 audits 4 are of the stranger tenth.
    stranger = rng.random((paths, AUDITS)) < 4 / 13
    wrongful = rng.random((paths, AUDITS)) < np.where(stranger, strange, ordinary)
    counted = weights(np.where(stranger, 4 * BASE, BASE), BASE)
    return winnings(wrongful, counted, BUDGET)


@pytest.mark.parametrize(
    ("strange", "ordinary"),
    [
        pytest.param(10 * BUDGET, 0.0, id="all of it among the strangest"),
        pytest.param(BUDGET, BUDGET, id="the same among all"),
        pytest.param(0.0, 10 / 9 * BUDGET, id="none of it among the strangest"),
    ],
)
def test_a_promise_kept_is_called_into_doubt_in_one_of_twenty_at_most_however_often_one_looks(
    strange, ordinary
):
    ever = (_paths(strange, ordinary, seed=1) >= ALARM).any(axis=1)
    assert ever.mean() <= 1 / ALARM


def test_without_its_weights_the_unequal_draw_would_accuse_a_promise_that_is_kept():
    rng = np.random.default_rng(2)
    stranger = rng.random((PATHS, AUDITS)) < 4 / 13
    wrongful = stranger & (rng.random((PATHS, AUDITS)) < 10 * BUDGET)
    ever = (winnings(wrongful, np.ones_like(stranger, dtype=float), BUDGET) >= ALARM).any(axis=1)
    assert ever.mean() > 1 / ALARM


@pytest.mark.parametrize("places", [(100 * BUDGET, 0.0), (10 * BUDGET, 10 * BUDGET)])
def test_ten_times_too_many_wrongful_pauses_are_mostly_found_within_six_hundred_audits(places):
    ever = (_paths(*places, seed=3, paths=500) >= ALARM).any(axis=1)
    assert ever.mean() > 0.75


def test_nobody_wins_by_betting_against_audits_that_find_nothing():
    path = winnings(np.zeros(500, dtype=bool), np.ones(500), BUDGET)
    assert path[0] < 1
    assert (np.diff(path) <= 0).all()


def test_the_order_of_the_audits_is_indifferent():
    rng = np.random.default_rng(4)
    judged = [Judged(bool(lot < 0.1), 0.02 if lot < 0.5 else 0.08) for lot in rng.random(60)]
    ends = [
        winnings_of([judged[i] for i in rng.permutation(60)], BUDGET, BASE)[-1] for _ in range(5)
    ]
    assert ends == pytest.approx([ends[0]] * 5, rel=1e-12)


def test_many_wrongful_pauses_are_a_number_and_no_overflow():
    path = winnings(np.ones(3000, dtype=bool), np.ones(3000), BUDGET)
    assert np.isfinite(path).all()
    assert (np.diff(path) >= 0).all()


def test_no_audit_is_no_winnings():
    assert winnings_of([], BUDGET, BASE).shape == (0,)


def test_an_audit_of_the_strangest_counts_a_quarter_and_none_counts_more_than_one():
    assert weights(np.array([0.08, 0.02, 0.01]), BASE) == pytest.approx([0.25, 1.0, 1.0])


@pytest.mark.parametrize("budget", [0.0, 1.0, -0.1])
def test_a_budget_that_promises_nothing_is_refused(budget):
    with pytest.raises(ValueError, match="a budget above 0"):
        winnings(np.zeros(1, dtype=bool), np.ones(1), budget)


@pytest.mark.parametrize(("drawn", "base"), [(0.0, 0.1), (1.1, 0.1), (0.5, 0.0)])
def test_what_nobody_could_be_drawn_with_is_refused(drawn, base):
    with pytest.raises(ValueError, match="probabilities"):
        weights(np.array([drawn]), base)
