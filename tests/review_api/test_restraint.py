"""After a restore the machine must be surer than before; restraint is what most of these show."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from access.vocabulary import Refusal
from detectors.verdict import Reason
from review_api.intake import Intake
from review_api.policy import ReviewPolicy
from review_api.restraint import BEFORE_A_PAUSE, BEFORE_ANY, withheld
from review_api.vocabulary import CaseEventKind
from tests.house import POLICY
from tests.verdicts import DAY, HOUR, MONDAY, payload, verdict

CLEARED = MONDAY + POLICY.clear_for
SOFT = [
    Reason(
        code="even_gaps",
        sentence="Gaps are as even as those of one account in a thousand.",
        kind="automation",
        group="timing",
        feature="gap_cv",
        observed=0.2,
        percentile=0.999,
    )
]


def soft(p_value, at, offset=8, **more):
    return payload(reasons=SOFT, p_value=p_value, offset=offset, occurred_at=at.isoformat(), **more)


@pytest.fixture
def restored(house):
    """Give a house in which a person restored ``acc_1`` on Monday."""
    house.decide(house.take(payload()).case_id)
    return house


@pytest.mark.parametrize("p_value", [None, 0.001, 0.0005, 0.00021])
def test_soft_evidence_that_would_pause_anyone_else_pauses_no_protected_account(restored, p_value):
    result = restored.take(soft(p_value, CLEARED), CLEARED)
    assert (result.intake, result.refusal) == (Intake.REVIEW, Refusal.PROTECTED)
    assert not restored.access(CLEARED).paused
    assert restored.thread(result.case_id)[-1] is CaseEventKind.PAUSE_WITHHELD
    assert restored.take(soft(0.001, CLEARED, account="acc_2"), CLEARED).intake is Intake.PAUSED


def test_the_refusal_is_in_the_thread(restored):
    case_id = restored.take(soft(0.001, CLEARED), CLEARED).case_id
    assert restored.view(case_id).events[-1].detail == {"refusal": "protected"}


def test_evidence_five_times_as_rare_may_pause_a_protected_account(restored):
    assert restored.take(soft(0.0002, CLEARED), CLEARED).intake is Intake.PAUSED


def test_no_evidence_however_rare_pauses_before_the_clearance_is_over(restored):
    shortly_before = CLEARED - timedelta(seconds=1)
    result = restored.take(soft(0.0, shortly_before), shortly_before)
    assert result.refusal is Refusal.RESTORED_BY_PERSON


def test_protection_ends(restored):
    end = CLEARED + POLICY.protect_for
    shortly_before = end - timedelta(seconds=1)
    assert restored.take(soft(0.001, end), shortly_before).refusal is Refusal.PROTECTED
    assert restored.take(soft(0.001, end, offset=9), end).intake is Intake.PAUSED


def test_the_last_clearance_counts(restored):
    again = restored.take(payload(offset=2), MONDAY + DAY).case_id
    restored.decide(again, now=MONDAY + 20 * DAY)
    late = CLEARED + POLICY.protect_for + DAY
    assert restored.take(soft(0.001, late), late).refusal is Refusal.PROTECTED


def test_an_account_that_nobody_restored_is_held_to_the_usual_budget(house):
    assert house.take(soft(0.001, MONDAY)).intake is Intake.PAUSED


def test_a_hard_rule_may_pause_a_protected_account_on_what_came_after_the_restore(restored):
    fresh = payload(offset=8, occurred_at=CLEARED.isoformat())
    assert restored.take(fresh, CLEARED).intake is Intake.PAUSED


def test_a_hard_rule_that_may_speak_of_the_time_before_the_restore_pauses_nobody(restored):
    stale = MONDAY + POLICY.evidence_lasts - HOUR
    late = payload(offset=8, occurred_at=stale.isoformat())
    assert restored.take(late, CLEARED).refusal is Refusal.PROTECTED


def test_the_usual_clearance_outlasts_what_a_hard_rule_remembers():
    assert ReviewPolicy().clear_for > ReviewPolicy().evidence_lasts


def test_a_hard_reason_that_did_not_decide_does_not_count_as_a_rule(restored):
    beside = payload(offset=8, occurred_at=CLEARED.isoformat(), detector="automation")
    assert restored.take(beside, CLEARED).refusal is Refusal.PROTECTED


def test_the_first_refusal_wins_and_the_rest_is_not_asked(house):
    def unasked(*_):
        raise AssertionError

    checks = (lambda *_: None, lambda *_: Refusal.PROTECTED, unasked)
    with house.database.readers.begin() as session:
        assert withheld(checks, session, verdict(), MONDAY, POLICY) is Refusal.PROTECTED
        assert withheld(checks[:1], session, verdict(), MONDAY, POLICY) is None


def test_a_pause_is_held_to_everything_a_milder_measure_is_held_to():
    assert BEFORE_A_PAUSE[: len(BEFORE_ANY)] == BEFORE_ANY


def test_the_budget_and_its_divisor_are_policy():
    policy = replace(POLICY, pause_budget=0.01, protected_divisor=10)
    assert policy.protected_budget == pytest.approx(0.001)
