"""Restraint over many nights: equals always pass, and a candidate that only frees people does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.gate.certifying import certifies
from detectors.gate.check import Limits, verdict_of
from detectors.gate.flips import FlipsReviewed, flip_list
from detectors.gate.precision import precision
from detectors.gate.scores import scores
from detectors.gate.segments import segments
from detectors.gate.sides import PAUSE
from tests.detectors.gate.nights import facts, night

LIMITS, NOBODY = Limits(), FlipsReviewed()


def answer(weighed):
    """Ask every check that looks at account-months."""
    return verdict_of((
        precision(weighed, LIMITS), segments(weighed, NOBODY, LIMITS), scores(weighed, LIMITS),
        flip_list(weighed, NOBODY, LIMITS), certifies(weighed),
    ))  # fmt: skip


def any_night(seed, accounts, strange, paused):
    """Give a night whose champion pauses at random, is calibrated at random and knows anybody."""
    lot = np.random.default_rng(seed)
    weighed = night(accounts, seed=seed, strange=strange)
    months = weighed.months.copy()
    months["champion"]["rank"] = np.where(lot.random(accounts) < paused, PAUSE, 0)
    months["champion"]["common"] += lot.normal(0.0, 2.0)
    maxima = tuple(np.sort(lot.exponential(1.0, lot.integers(1, 900)))[::-1].tolist())
    months["candidate"] = months["champion"]
    model = facts(months=len(maxima), maxima=maxima, may=("hold", "pause")[: lot.integers(0, 3)])
    standing = lot.integers(-1, 2, accounts).astype(np.int8)
    return replace(weighed, months=months, champion=model, candidate=model, standing=standing)


@given(
    st.integers(0, 1 << 32),
    st.integers(20, 900),
    st.integers(0, 20),
    st.sampled_from([0.0, 0.01, 0.5]),
)
@settings(max_examples=25, deadline=None)
def test_a_candidate_equal_to_the_champion_passes_whatever_is_wrong_with_both(
    seed, accounts, strange, paused
):
    gate = answer(any_night(seed, accounts, strange, paused))
    assert gate.passed, gate.why


@given(st.integers(0, 1 << 32), st.sampled_from([0.002, 0.01]))
@settings(max_examples=10, deadline=None)
def test_a_candidate_that_only_lets_a_few_go_passes(seed, paused):
    weighed = any_night(seed, 800, 20, paused)
    months = weighed.months.copy()
    months["candidate"]["rank"][: np.random.default_rng(seed).integers(0, 800)] = 0
    gate = answer(replace(weighed, months=months))
    assert gate.passed, gate.why
