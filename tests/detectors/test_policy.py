"""Policy: what it takes to pause, and all that is not enough."""

from __future__ import annotations

import math

import numpy as np
import pytest

from detectors.bank import KINDS
from detectors.calibration import Calibration
from detectors.evidence import EVIDENCE
from detectors.policy import STRONG, Policy, Thresholds, strong_groups
from detectors.verdict import Action

AUTOMATION = KINDS.index("automation")
LARGE = Calibration(np.linspace(5.0, 0.0, 20_000))
HIGH = 1e6


def nats(*groups, value=9.0):
    """Tail values strong in the named evidence groups."""
    return np.array([value if evidence.group in groups else 0.0 for evidence in EVIDENCE])


def action(maximum, tails, calibration=LARGE, *, real=True, hard=False, kind=AUTOMATION):
    thresholds = Thresholds.of(Policy(), calibration, on_real_traffic=real)
    return thresholds.action(maximum, tails, kind, hard=hard)


def test_a_certified_maximum_with_two_groups_of_evidence_pauses():
    assert action(HIGH, nats("timing", "interaction")) is Action.PAUSE


@pytest.mark.parametrize("group", ["timing", "rest", "interaction", "content"])
def test_one_group_of_evidence_never_pauses(group):
    assert action(HIGH, nats(group)) is Action.REVIEW


def test_evidence_that_the_kind_does_not_listen_to_is_no_second_group():
    assert action(HIGH, nats("timing", "devices", "networks")) is Action.REVIEW


def test_weak_evidence_of_many_groups_never_pauses():
    everywhere = nats(*{evidence.group for evidence in EVIDENCE}, value=STRONG - 0.01)
    assert action(HIGH, everywhere) is Action.REVIEW


def test_unknown_evidence_is_no_group():
    unknown = np.full(len(EVIDENCE), np.nan)
    assert strong_groups(unknown, AUTOMATION) == set()
    assert action(HIGH, unknown) is Action.REVIEW


@pytest.mark.parametrize("count", [0, 1, 60, 999, 2994])
def test_a_small_calibration_never_pauses_on_scores(count):
    small = Calibration(np.zeros(count))
    everything = nats("timing", "interaction", "content", "rest")
    assert action(HIGH, everything, small) is not Action.PAUSE
    assert math.isinf(Thresholds.of(Policy(), small, on_real_traffic=True).pause)


def test_a_model_of_simulated_traffic_never_pauses_on_scores():
    everything = nats("timing", "interaction", "content", "rest")
    assert action(HIGH, everything, real=False) is Action.REVIEW
    assert math.isinf(Thresholds.of(Policy(), LARGE, on_real_traffic=False).pause)


def test_hard_evidence_pauses_without_any_calibration():
    nothing = Calibration(np.empty(0))
    assert action(0.0, nats(), nothing, real=False, hard=True) is Action.PAUSE


def test_a_maximum_at_the_threshold_is_not_above_it():
    thresholds = Thresholds.of(Policy(), LARGE, on_real_traffic=True)
    two = nats("timing", "interaction")
    assert thresholds.action(thresholds.pause, two, AUTOMATION, hard=False) is Action.REVIEW
    assert thresholds.action(thresholds.review, two, AUTOMATION, hard=False) is Action.ALLOW


def test_without_calibration_no_score_asks_for_anything():
    assert action(HIGH, nats("timing", "content"), Calibration(np.empty(0))) is Action.ALLOW


def test_a_smaller_budget_never_lowers_a_threshold():
    budgets = (0.1, 0.02, 0.01, 0.005, 0.001, 0.0001)
    found = [
        Thresholds.of(Policy(budget, budget), LARGE, on_real_traffic=True) for budget in budgets
    ]
    assert [t.pause for t in found] == sorted(t.pause for t in found)
    assert [t.review for t in found] == sorted(t.review for t in found)


def test_the_floor_is_told_beside_the_thresholds():
    found = Thresholds.of(Policy(), Calibration(np.zeros(2995)), on_real_traffic=True)
    assert found.floor == pytest.approx(0.001, abs=1e-6)
