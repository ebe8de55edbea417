"""Phrases against a slow parse over plain lists of levels."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.sequence import LEAST, LEVEL, LEVELS, RING, WINDOW
from tests.features.stories import events, read, seconds


def phrases(levels):
    """Parse greedily: a phrase is the longest run seen before inside the window."""
    count, starts = 0, []
    for at, level in enumerate(levels):
        oldest = at - RING + 1
        again = [p + 1 for p in starts if p + 1 >= oldest and levels[p + 1] == level]
        if not again:
            count += 1
            again = [p for p in range(max(oldest, 0), at) if levels[p] == level]
        starts = again
    return count


@given(st.lists(st.sampled_from([1, 4, 30, 200, 900, 7000]), min_size=LEAST, max_size=200))
@settings(max_examples=60, deadline=None)
def test_phrases_equal_a_slow_parse(gaps):
    levels = [min(int(math.log1p(gap) / LEVEL), LEVELS - 1) for gap in gaps]
    found = read(events(seconds(*gaps)))
    assert found["gap_phrases"] == pytest.approx(phrases(levels) / len(levels))


def test_a_rhythm_that_repeats_compresses_however_varied_it_is():
    rhythm = [5, 90, 12, 700, 30, 5, 5, 260]
    assert read(events(seconds(*rhythm * 30)))["gap_phrases"] < 0.06


def test_human_gaps_in_disorder_do_not_compress():
    gaps = np.random.default_rng(5).lognormal(4, 2, 400)
    assert read(events(seconds(*gaps)))["gap_phrases"] > 0.3


def test_an_old_account_is_judged_by_what_it_does_now():
    young = np.random.default_rng(6).lognormal(4, 2, 3 * WINDOW)
    later = read(events(seconds(*young, *[60, 600] * 4 * WINDOW)))
    assert later["gap_phrases"] < 0.03


def test_too_few_gaps_say_nothing():
    assert math.isnan(read(events(seconds(*[60] * (LEAST - 1))))["gap_phrases"])
