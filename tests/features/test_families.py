"""What every feature family promises, run over all of them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features import kernel, platform
from features.layout import FAMILIES, HEADER, NAMES, STATE, WIDTH
from features.view import VIEW
from tests.features.stories import busy_log, learnt, named

LINES = 25  # of 64 bytes
LOGS = {"devices", "network_blocks", "countries", "units_per_day"}
RANGES = {
    "gap_entropy": (0, math.log(32)),
    "gap_conditional_entropy": (0, 2 * math.log(100)),
    "gap_memory": (-1, 1),
    "challenge_balance": (-2, 2),
    "platform_surge": (-math.inf, math.inf),
    "platform_latency_shift": (-math.inf, math.inf),
    "recent_gap_entropy": (0, math.log(16) + 1e-6),
    "hour_entropy": (0, math.log(24) + 1e-9),
    "quiet_hours": (0, 24),
    "active_hours": (1, 24),
    "device_entropy": (0, math.log(8) + 1e-9),
    "units_steadiness": (-math.inf, 0),
    "reaction_mean": (math.log(0.05) - 1e-5, math.log(601)),
}


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)
def test_a_family_writes_exactly_its_own_numbers(family):
    row = np.zeros(1, dtype=STATE)
    out = np.full(len(family.NAMES) + 4, -77.0)
    family.read(row[0], out, 2)
    assert (out[[0, 1, -2, -1]] == -77.0).all()
    assert (out[2:-2] != -77.0).all()


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)
def test_of_an_account_that_did_nothing_a_family_knows_nothing(family):
    out = np.zeros(len(family.NAMES))
    family.read(np.zeros(1, dtype=STATE)[0], out, 0)
    assert np.isnan(out).all()


def test_names_and_fields_are_unique():
    fields = [*HEADER, *(field for family in FAMILIES for field in family.FIELDS)]
    assert len({field[0] for field in fields}) == len(fields)
    assert len(set(NAMES)) == len(NAMES) == WIDTH
    assert VIEW.names == NAMES


def test_every_family_stands_where_its_names_say():
    rows = learnt(busy_log(3))._rows
    for family in FAMILIES:
        at = NAMES.index(family.NAMES[0])
        alone, whole = np.zeros(len(family.NAMES)), np.zeros(WIDTH)
        family.read(rows[0], alone, 0)
        kernel.read(rows[0], np.zeros(1, dtype=platform.STATE)[0], whole)
        np.testing.assert_array_equal(whole[at : at + len(alone)], alone)


def test_an_account_takes_at_most_twenty_five_cache_lines():
    assert STATE.itemsize <= LINES * 64


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_no_number_ever_leaves_its_range(seed):
    for vector in learnt(busy_log(seed, accounts=2)).vectors():
        for name, value in named(vector).items():
            if math.isnan(value):
                continue
            low, high = RANGES.get(name, (0, math.inf))
            if name.endswith(("_share", "_phase", "_peak")):
                high = 1.0
            assert low <= value <= high, (name, value)
            assert math.isfinite(value), name
