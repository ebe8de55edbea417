from __future__ import annotations

from datetime import timedelta

import pytest

from review_api.policy import ReviewPolicy
from review_api.sla import Waiting, age_of, due_at, waits_since
from tests.verdicts import DAY, HOUR, MONDAY

POLICY = ReviewPolicy()


def test_the_clock_runs_from_the_pause_and_not_from_when_somebody_looked():
    waiting = Waiting(MONDAY - 9 * DAY, paused_since=MONDAY)
    assert due_at(waiting, POLICY) == MONDAY + 24 * HOUR
    assert waits_since(waiting) == MONDAY


def test_a_case_that_pauses_nobody_has_fourteen_days():
    assert due_at(Waiting(MONDAY), POLICY) == MONDAY + 14 * DAY


def test_a_pause_late_in_an_old_case_does_not_move_its_end_further_away():
    waiting = Waiting(MONDAY - 14 * DAY, paused_since=MONDAY)
    assert due_at(waiting, POLICY) == MONDAY


def test_an_appeal_is_due_a_day_after_it_was_made():
    waiting = Waiting(MONDAY - 9 * DAY, MONDAY - 9 * DAY, appealed_at=MONDAY)
    assert due_at(waiting, POLICY) == MONDAY + 24 * HOUR
    assert waits_since(waiting) == MONDAY


@pytest.mark.parametrize(
    ("hours", "name"),
    [(0, "under 4 hours"), (4, "4 to 12 hours"), (24, "1 to 3 days"), (9999, "over 14 days")],
)
def test_a_wait_is_named_by_its_bucket(hours, name):
    assert age_of(timedelta(hours=hours)) == name
