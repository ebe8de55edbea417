"""The promise on people who differ: kept for everybody and for the heaviest, and by what it is not.

Honest accounts only. Each has a level of its own and scores that depend on the one before; one in
ten is ten times as busy. Whatever alarms here is a mistake.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from detectors import strata
from detectors.calibration import Calibration, calibrate

LIGHT, HEAVY, ACCOUNTS = 60, 600, 12_000
MEMORY = 64.0


def events(rng, accounts, count):
    """Yield one score of each account after the other, dependent and about an own level."""
    level = rng.normal(scale=0.7, size=accounts)
    noise = rng.normal(size=accounts)
    for _ in range(count):
        noise = 0.5 * noise + rng.normal(scale=math.sqrt(0.75), size=accounts)
        yield level + noise


def maxima_of(rng, accounts, count):
    """Running maxima of the smoothed score, as `detectors.memory` keeps them."""
    smoothed, highest = np.zeros(accounts), np.zeros(accounts)
    for score in events(rng, accounts, count):
        smoothed += (score - smoothed) / MEMORY
        highest = np.maximum(highest, smoothed)
    return highest


def population(seed):
    """Maxima of honest account-months, and a key that tells only what was known before."""
    rng, busy = np.random.default_rng(seed), ACCOUNTS // 10
    maxima = np.concatenate([maxima_of(rng, ACCOUNTS - busy, LIGHT), maxima_of(rng, busy, HEAVY)])
    keys = np.zeros(ACCOUNTS, dtype=strata.KEY)
    keys["volume"] = np.repeat([1, 3], [ACCOUNTS - busy, busy])
    # Some are busier or quieter than the month before.
    moved = rng.random(ACCOUNTS) < 0.02
    keys["volume"][moved] = 4 - keys["volume"][moved]
    keys["tenure"] = strata.KNOWN
    return keys, maxima, rng.integers(0, 2, ACCOUNTS)


@pytest.fixture(scope="module")
def known():
    return population(1)


@pytest.fixture(scope="module")
def unseen():
    return population(2)


def exceeding(calibration, keys, maxima, threshold_of):
    places = [strata.find(calibration.strata, *key) for key in keys]
    limits = np.array([threshold_of(s) for s in range(len(calibration.strata))])
    return maxima > limits[places]


def luck(budget, count):
    return budget + 3.0 * math.sqrt(budget / count)


@pytest.mark.parametrize("budget", [0.02, 0.005])
def test_the_budget_is_kept_for_everybody_and_for_the_heaviest(known, unseen, budget):
    calibration = calibrate(*known)
    keys, maxima, _ = unseen
    found = exceeding(calibration, keys, maxima, lambda s: calibration.expected(budget, s))
    heavy = keys["volume"] == 3
    assert found.mean() <= luck(budget, len(found))
    assert found[heavy].mean() <= luck(2 * budget, heavy.sum())


def test_hardly_anybody_could_be_paused(known, unseen):
    calibration = calibrate(*known)
    keys, maxima, _ = unseen
    found = exceeding(calibration, keys, maxima, lambda s: calibration.certified(0.001, s))
    heavy = keys["volume"] == 3
    assert np.isfinite(calibration.certified(0.001, 0))
    assert found.sum() <= ACCOUNTS * luck(0.001, ACCOUNTS)
    assert found[heavy].sum() <= heavy.sum() * luck(0.002, heavy.sum())


def test_one_threshold_for_all_spends_the_budget_on_the_heaviest(known, unseen):
    """Why there are strata: the promise is kept on average, and paid for by the best customers."""
    marginal = Calibration(np.sort(known[1])[::-1])
    keys, maxima, _ = unseen
    found = maxima > marginal.expected(0.005)
    assert found.mean() <= luck(0.005, len(found))
    assert found[keys["volume"] == 3].mean() > 4 * 0.005


def test_event_level_evidence_breaks_the_promise_a_hundredfold():
    """Why there is no e-process over events: it holds for people who do not differ, and none such.

    Each event's rank among honest events becomes an e-value, and their product alarms at 1,000;
    under exchangeable events at most one account in a thousand would ever.
    """
    reference = np.sort(np.concatenate(list(events(np.random.default_rng(3), 5000, 20))))
    product, alarmed = np.zeros(1000), np.zeros(1000, dtype=bool)
    for score in events(np.random.default_rng(4), 1000, HEAVY):
        above = len(reference) - np.searchsorted(reference, score)
        p = (1 + above) / (1 + len(reference))
        product += np.log(0.5) - 0.5 * np.log(p)
        alarmed |= product > math.log(1000.0)
    assert alarmed.mean() > 0.1
