"""Score drift: moved scores refuse, few months, learning and a stale champion do not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from detectors.gate.check import Limits
from detectors.gate.scores import scores
from tests.detectors.gate.nights import facts, night

LIMITS = Limits()


def moved(weighed, by, side="candidate", along=0.0):
    """Let one model's scores of everybody be higher, and its calibration by `along`."""
    months = weighed.months.copy()
    months[side]["peaks"] += by
    months[side]["common"] += by
    before = getattr(weighed, side)
    model = replace(before, maxima=tuple(maximum + along for maximum in before.maxima))
    return replace(weighed, months=months, **{side: model})


def test_a_candidate_equal_to_the_champion_passes():
    check = scores(night(), LIMITS)
    assert check.passed
    assert {kind["psi"] for kind in check.figures["kinds"]} == {0.0}


@pytest.mark.parametrize("by", [-0.1, 0.05, 0.1])
def test_a_little_movement_passes(by):
    assert scores(moved(night(), by), LIMITS).passed


@pytest.mark.parametrize("by", [-1.0, 1.0])
def test_a_large_movement_is_refused_and_names_the_kind(by):
    check = scores(moved(night(), by), LIMITS)
    assert not check.passed
    assert "automation (PSI" in check.sentence


@pytest.mark.parametrize("by", [-1.0, 1.0])
def test_a_large_movement_that_the_calibration_followed_passes_and_says_so(by):
    check = scores(moved(night(), by, along=by), LIMITS)
    assert check.passed
    assert "but its calibration moved along" in check.sentence


def test_what_chance_explains_for_so_few_is_no_drift():
    weighed, other = night(70, strange=10), night(70, seed=9, strange=10)
    months = weighed.months.copy()
    months["candidate"] = other.months["candidate"]
    check = scores(replace(weighed, months=months), LIMITS)
    assert check.passed
    assert max(kind["psi"] for kind in check.figures["kinds"]) > LIMITS.psi


def test_of_too_few_months_nothing_is_told():
    weighed = night(40, strange=5)
    check = scores(weighed, LIMITS)
    assert check.passed
    assert "cannot be told" in check.sentence


def test_a_kind_that_begins_to_learn_is_meant_to_move():
    weighed = moved(night(), 1.0)
    learnt = replace(weighed.candidate, learnt=(True,) * 4)
    check = scores(replace(weighed, candidate=learnt), LIMITS)
    assert check.passed
    assert not any(kind["judged"] for kind in check.figures["kinds"])


def test_moving_away_from_a_champion_that_no_longer_fits_is_no_fault():
    # The platform changed: under the champion everybody stands higher than when it was calibrated.
    weighed = night()
    months = weighed.months.copy()
    months["champion"]["peaks"] += 1.0
    months["champion"]["common"] += 1.0
    check = scores(replace(weighed, months=months), LIMITS)
    assert check.passed
    assert "it is the champion that no longer fits" in check.sentence


def beyond(weighed, share, side="candidate"):
    """Let this share of the people nobody confirmed lie where a calibration leaves one in fifty."""
    months = weighed.months.copy()
    plain = np.flatnonzero(weighed.not_confirmed)
    months[side]["p"][plain] = 0.5
    months[side]["p"][plain[: round(share * len(plain))]] = 0.01
    return replace(weighed, months=months)


@pytest.mark.parametrize("share", [0.0, 0.02, 0.04])
def test_a_candidate_whose_calibration_fits_tonight_passes(share):
    assert scores(beyond(beyond(night(), 0.02, "champion"), share), LIMITS).passed


def test_a_candidate_whose_thresholds_would_not_keep_their_budgets_is_refused():
    check = scores(beyond(beyond(night(), 0.02, "champion"), 0.1), LIMITS)
    assert not check.passed
    assert check.sentence.startswith("10% of tonight's months lie beyond what its calibration")


def test_a_candidate_no_looser_than_a_loose_champion_passes():
    assert scores(beyond(beyond(night(), 0.1, "champion"), 0.1), LIMITS).passed


def test_a_stale_champion_does_not_refuse_its_equal():
    stale = facts(maxima=np.linspace(0.5, 0.0, 9000))
    assert scores(replace(night(), champion=stale, candidate=stale), LIMITS).passed


def test_confirmed_abusers_do_not_count():
    weighed = night()
    months = weighed.months.copy()
    months["candidate"]["peaks"][:100] += 50.0
    assert scores(replace(weighed, months=months), LIMITS).passed
