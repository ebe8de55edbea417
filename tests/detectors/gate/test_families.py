"""Held-out families: one that is lost is named, a night's wobble is not a loss."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from detectors.gate.check import Limits
from detectors.gate.families import families
from tests.detectors.gate.nights import found

LIMITS = Limits()


def test_a_candidate_equal_to_the_champion_passes():
    one = found()
    assert families(replace(one, candidate=one.champion), LIMITS).passed


@pytest.mark.parametrize("seed", range(4))
def test_a_refit_that_sees_as_well_passes(seed):
    assert families(found(seed=seed), LIMITS).passed


def test_scales_do_not_matter():
    one = found()
    assert families(replace(one, candidate=0.01 * one.candidate - 3.0), LIMITS).passed


def test_a_better_candidate_passes():
    worse = found(lost=["cron_batch", "resale_pool"])
    assert families(
        replace(worse, champion=worse.candidate, candidate=worse.champion), LIMITS
    ).passed


def test_two_accounts_of_a_family_lost_are_no_pattern():
    one = found()
    candidate = one.candidate.copy()
    candidate[np.flatnonzero(one.family == 3)[:2]] = 0.0
    assert families(replace(one, candidate=candidate), LIMITS).passed


def test_a_family_that_is_lost_is_named():
    check = families(found(lost=["session_replay"]), LIMITS)
    assert not check.passed
    assert check.sentence.startswith("session_replay: recall on the simulated suite falls from")


def test_every_family_has_its_figures():
    rows = families(found(), LIMITS).figures["families"]
    assert len(rows) == 16
    assert rows[-1]["family"] == "all"
    assert all(0.0 <= row["candidate"] <= 1.0 for row in rows)
