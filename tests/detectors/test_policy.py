"""Policy: what it takes to pause or to ask for anything, and all that is not enough."""

from __future__ import annotations

import math

import numpy as np
import pytest

from detectors.calibration import Calibration
from detectors.evidence import EVIDENCE
from detectors.policy import DETECTORS, RANKS, STRONG, Policy, Thresholds, strong_groups
from detectors.verdict import Response

LARGE = Calibration(np.linspace(5.0, 0.0, 20_000))
HIGH = 1e6
GROUPS = ("timing", "interaction", "content", "devices")


def nats(*groups, value=9.0):
    """Tail values strong in the named evidence groups."""
    return np.array([value if evidence.group in groups else 0.0 for evidence in EVIDENCE])


def response(score, tails, calibration=LARGE, *, real=True):
    thresholds = Thresholds.of(Policy(), calibration, on_real_traffic=real)
    return thresholds.response(thresholds.rank(score, len(strong_groups(tails))))


def thresholds_of(count, *, real=True, **budgets):
    falling = np.linspace(5.0, 0.0, count)
    return Thresholds.of(Policy(**budgets), Calibration(falling), on_real_traffic=real)


def test_a_certified_maximum_with_two_groups_of_evidence_pauses():
    assert response(HIGH, nats("timing", "interaction")) is Response.PAUSE


@pytest.mark.parametrize("group", GROUPS)
def test_one_group_of_evidence_never_pauses_but_challenges(group):
    assert response(HIGH, nats(group)) is Response.CHALLENGE


@pytest.mark.parametrize("context", ["rest", "burn"])
def test_sleepless_nights_or_steady_use_are_no_second_group(context):
    assert response(HIGH, nats("timing", context)) is Response.CHALLENGE
    assert response(HIGH, nats("rest", "burn")) is Response.CHALLENGE


def test_weak_evidence_of_many_groups_never_pauses():
    everywhere = nats(*{evidence.group for evidence in EVIDENCE}, value=STRONG - 0.01)
    assert response(HIGH, everywhere) is Response.CHALLENGE


def test_unknown_evidence_is_no_group():
    unknown = np.full(len(EVIDENCE), np.nan)
    assert strong_groups(unknown) == set()
    assert response(HIGH, unknown) is Response.CHALLENGE


def test_each_threshold_asks_for_a_little_more():
    hold, challenge, pause = thresholds_of(20_000).limits[0]
    assert hold < challenge < pause
    everything = nats(*GROUPS)
    found = [response(x, everything) for x in (hold, hold + 0.01, challenge + 0.01, pause + 0.01)]
    assert found == list(Response)


@pytest.mark.parametrize("level", [0, 1, 2])
def test_a_score_at_a_threshold_is_not_above_it(level):
    thresholds = thresholds_of(20_000)
    assert thresholds.rank(thresholds.limits[0, level], 4) == level


@pytest.mark.parametrize("count", [1, 60, 999, 2994])
def test_a_small_calibration_never_pauses_on_scores(count):
    small = Calibration(np.zeros(count))
    assert response(HIGH, nats(*GROUPS), small) is not Response.PAUSE
    assert math.isinf(Thresholds.of(Policy(), small, on_real_traffic=True).limits[0, 2])


@pytest.mark.parametrize("count", [1, 30, 198])
def test_too_few_months_for_half_a_percent_never_challenge(count):
    assert math.isinf(thresholds_of(count).limits[0, 1])
    assert response(HIGH, nats(*GROUPS), Calibration(np.zeros(count))) is not Response.CHALLENGE


@pytest.mark.parametrize("count", [1, 8, 48])
def test_too_few_months_for_two_percent_only_ask_a_person_to_look(count):
    thresholds = thresholds_of(count)
    rank = thresholds.rank(HIGH, 4)
    assert RANKS[rank].action == "review"
    assert thresholds.response(rank) is Response.NONE
    assert thresholds.may() == ("review",)


def test_a_model_of_simulated_traffic_only_asks_a_person_to_look():
    thresholds = thresholds_of(20_000, real=False)
    rank = thresholds.rank(HIGH, 4)
    assert RANKS[rank].action == "review"
    assert thresholds.response(rank) is Response.NONE
    assert np.isinf(thresholds.limits[0, 1:]).all()


def test_what_may_act_grows_with_the_months():
    found = [thresholds_of(count).may() for count in (1, 49, 199, 2995)]
    assert found == [
        ("review",), ("hold",), ("hold", "challenge"), ("hold", "challenge", "pause"),
    ]  # fmt: skip


def test_without_calibration_no_score_asks_for_anything():
    thresholds = Thresholds.of(Policy(), Calibration(np.empty(0)), on_real_traffic=True)
    assert thresholds.rank(HIGH, 4) == 0
    assert thresholds.may() == ()


def test_a_smaller_budget_never_lowers_a_threshold():
    budgets = (0.1, 0.02, 0.01, 0.005, 0.001, 0.0001)
    found = [Thresholds.of(Policy(b, b, b), LARGE, on_real_traffic=True).limits[0] for b in budgets]
    for level in range(3):
        limits = [limit[level] for limit in found]
        assert limits == sorted(limits)


def test_whoever_only_watches_must_be_a_detector():
    with pytest.raises(ValueError, match="no such detector: clairvoyance, luck; there are all, "):
        Policy(detect_only=frozenset({"luck", "metronome", "clairvoyance"}))


def test_the_watching_are_marked_in_the_order_of_detectors():
    watching = Policy(detect_only=frozenset({"metronome", "reselling"})).watching()
    marked = {name for name, mark in zip(DETECTORS, watching, strict=True) if mark}
    assert marked == {"metronome", "reselling"}
    assert Policy(detect_only=frozenset({"all"})).watching().all()
    assert not Policy().watching().any()
