from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review_api.notices.schedule import (
    GIVE_UP_AFTER,
    JITTER,
    LONGEST_WAIT,
    ends,
    state_of,
    wait_after,
)
from review_api.notices.vocabulary import AttemptResult, DeliveryState
from tests.verdicts import HOUR, MONDAY

GONE, FAILED, TAKEN = AttemptResult.REFUSED, AttemptResult.FAILED, AttemptResult.DELIVERED


def test_waits_grow_fourfold_up_to_an_hour():
    waits = [wait_after(failures, 0.5).total_seconds() for failures in range(1, 8)]
    assert waits == [10, 40, 160, 640, 2560, 3600, 3600]


@given(st.integers(1, 10**6), st.floats(0, 1))
def test_a_wait_is_never_far_from_its_step_and_never_endless(failures, share):
    usual, wait = wait_after(failures, 0.5), wait_after(failures, share)
    assert abs(wait - usual) <= JITTER * usual + timedelta(microseconds=2)
    assert timedelta(0) < wait <= LONGEST_WAIT * (1 + JITTER)


def test_a_failure_ends_a_delivery_after_three_days_and_not_before():
    assert not ends(FAILED, MONDAY, MONDAY + GIVE_UP_AFTER - HOUR)
    assert ends(FAILED, MONDAY, MONDAY + GIVE_UP_AFTER)
    assert ends(TAKEN, MONDAY, MONDAY)
    assert ends(GONE, MONDAY, MONDAY)


@pytest.mark.parametrize(
    ("results", "ended", "state"),
    [
        ([], None, DeliveryState.WAITING),
        ([FAILED], None, DeliveryState.WAITING),
        ([FAILED, TAKEN], MONDAY, DeliveryState.DELIVERED),
        ([TAKEN, FAILED], MONDAY, DeliveryState.DELIVERED),
        ([FAILED, GONE], MONDAY, DeliveryState.REFUSED),
        ([FAILED, FAILED], MONDAY, DeliveryState.GIVEN_UP),
    ],
)
def test_where_a_delivery_is_follows_from_its_attempts(results, ended, state):
    assert state_of(results, ended) is state
