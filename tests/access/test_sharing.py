from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.sharing import SECONDS_A_UNIT, Turn, turn_of

NOW = 1_795_000_000.0

costs = st.floats(0.25, 50)
weights = st.floats(0.5, 8)


def play(sent, weight=1.0):
    """Admit jobs of these costs one after another, none of which ends; gives the open turns."""
    opened = []
    for after, cost in sent:
        opened.append(Turn(turn_of(NOW + after, opened, weight), cost))
    return opened


jobs = st.lists(st.tuples(st.floats(0, 600), costs), max_size=12).map(
    lambda sent: sorted(sent, key=lambda job: job[0])
)


def test_an_account_with_nothing_open_has_its_turn_at_once_whatever_it_did_before():
    assert turn_of(NOW, [], 1.0) == NOW


def test_each_open_unit_puts_the_next_job_behind_by_as_much():
    turns = [each.at for each in play([(0, 1.0), (0, 2.0), (0, 1.0)])]
    assert turns == [NOW, NOW + SECONDS_A_UNIT, NOW + 3 * SECONDS_A_UNIT]


def test_twice_the_weight_is_half_as_far_behind():
    heavy, light = (turn_of(NOW, [Turn(NOW, 3.0)], weight) - NOW for weight in (2.0, 1.0))
    assert heavy == pytest.approx(light / 2)


def test_a_first_job_goes_before_the_second_job_of_whoever_has_one_open():
    second = turn_of(NOW, [Turn(NOW - 1, 1.0)], 1.0)
    assert turn_of(NOW + 5, [], 1.0) < second


def test_how_long_a_job_is_puts_nobody_behind_but_its_own_account():
    # A turn is where a job begins: a long video does not give way to every image.
    assert turn_of(NOW, [], 1.0) == turn_of(NOW, iter(()), 5.0)


@given(jobs, weights)
def test_jobs_of_one_account_keep_their_order(sent, weight):
    turns = [each.at for each in play(sent, weight)]
    assert turns == sorted(turns)


@given(jobs, weights)
def test_a_turn_is_never_before_its_time_and_no_further_behind_than_what_is_open(sent, weight):
    opened = play(sent, weight)
    for number, (after, _) in enumerate(sent):
        behind = sum(each.cost for each in opened[:number]) * SECONDS_A_UNIT / weight
        now = NOW + after
        assert now <= opened[number].at <= now + behind + 1e-3


@given(jobs, weights, st.integers(0, 11))
def test_what_ended_is_forgotten(sent, weight, ended):
    opened = play(sent, weight)
    left = opened[min(ended, len(opened)) :]
    assert turn_of(NOW + 601, left, weight) <= turn_of(NOW + 601, opened, weight)
    assert turn_of(NOW + 601, [], weight) == NOW + 601
