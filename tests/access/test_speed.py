from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from access.periods import Interval
from access.plans import Step
from access.speed import ramp
from tests.verdicts import DAY, HOUR, MONDAY

LADDER = (Step(0, 1.0), Step(30, 1.25), Step(90, 1.5), Step(180, 2.0))


def span(first, last):
    """Make a span of days counted from Monday."""
    return Interval(MONDAY + first * DAY, MONDAY + last * DAY)


def after(days, *held, since=MONDAY, ladder=LADDER):
    return ramp(ladder, since, held, MONDAY + days * DAY)


hours = st.integers(-48, 24 * 400)
spans = st.tuples(hours, st.integers(0, 24 * 60)).map(
    lambda drawn: Interval(MONDAY + drawn[0] * HOUR, MONDAY + sum(drawn) * HOUR)
)
many = st.lists(spans, max_size=6)
moments = hours.map(lambda drawn: MONDAY + drawn * HOUR)


@pytest.mark.parametrize(
    ("days", "factor"), [(0, 1.0), (29.99, 1.0), (30, 1.25), (90, 1.5), (180, 2.0), (5000, 2.0)]
)
def test_the_factor_rises_with_the_steps_of_the_ladder(days, factor):
    assert after(days).factor == factor


def test_without_a_subscription_the_first_step_is_for_ever():
    none = ramp(LADDER, None, [], MONDAY)
    assert (none.factor, none.grown, none.next_step_at, none.held) == (1.0, 0 * DAY, None, False)


def test_a_subscription_that_is_yet_to_begin_has_grown_nothing():
    early = after(-3, span(-2, -1), span(1, 2))
    assert (early.factor, early.grown) == (1.0, 0 * DAY)
    assert early.next_step_at == MONDAY + 31 * DAY


def test_a_hold_keeps_the_step_and_the_next_one_waits_for_as_long():
    held = after(40, span(35, 50))
    assert held.held
    assert held.factor == 1.25
    assert held.grown == 35 * DAY
    assert held.next_step_at == MONDAY + 105 * DAY


def test_a_hold_that_is_over_holds_no_more_and_its_time_does_not_count():
    over = after(60, span(35, 50))
    assert not over.held
    assert over.grown == 45 * DAY


def test_the_end_of_a_hold_is_not_in_it():
    assert after(35, span(35, 50)).held
    assert not after(50, span(35, 50)).held


def test_a_hold_from_before_the_subscription_holds_only_from_its_beginning():
    assert after(40, span(-20, 10)).grown == 30 * DAY


def test_a_subscription_that_began_anew_begins_from_zero():
    assert after(100, since=MONDAY + 95 * DAY).grown == 5 * DAY


def test_at_the_top_of_the_ladder_there_is_no_next_step():
    assert after(180).next_step_at is None


def test_a_lower_plan_may_have_a_lower_ladder_and_keeps_the_time_that_has_grown():
    lower = after(100, ladder=(Step(0, 1.0), Step(60, 1.1)))
    assert (lower.factor, lower.grown) == (1.1, 100 * DAY)


@given(many, moments, st.integers(0, 24 * 90))
def test_the_boost_never_falls_as_time_passes(held, now, later):
    before, then = (ramp(LADDER, MONDAY, held, at) for at in (now, now + later * HOUR))
    assert before.factor <= then.factor
    assert timedelta(0) <= then.grown - before.grown <= later * HOUR


@given(many, moments, st.integers(1, 24 * 60))
def test_a_hold_taken_now_never_lowers_the_factor(held, now, length):
    taken = Interval(now, now + length * HOUR)
    before, then = (ramp(LADDER, MONDAY, spans, now) for spans in (held, [*held, taken]))
    assert (then.factor, then.grown) == (before.factor, before.grown)


@given(many, moments, st.integers(1, 24 * 60))
def test_the_step_of_before_a_hold_stays_while_it_stands(held, now, length):
    taken = [*held, Interval(now, now + length * HOUR)]
    last = now + length * HOUR - timedelta(microseconds=1)
    assert ramp(LADDER, MONDAY, taken, last).factor == ramp(LADDER, MONDAY, held, now).factor


@given(many, moments)
def test_holds_that_overlap_count_once(held, now):
    hourly = sum(
        any(each.since <= MONDAY + hour * HOUR < each.until for each in held)
        for hour in range((now - MONDAY) // HOUR)
    )
    expected = max(now - MONDAY, 0 * DAY) - hourly * HOUR
    assert ramp(LADDER, MONDAY, held, now).grown == expected


@given(many, moments)
def test_the_order_of_the_holds_and_their_repetition_change_nothing(held, now):
    assert ramp(LADDER, MONDAY, held, now) == ramp(LADDER, MONDAY, [*held[::-1], *held], now)


@given(many, many, moments)
def test_taking_holds_away_never_lowers_and_taking_all_away_leaves_none(held, more, now):
    held_more, held_less, held_none = (
        ramp(LADDER, MONDAY, spans, now) for spans in ([*held, *more], held, [])
    )
    assert held_more.factor <= held_less.factor <= held_none.factor
    assert held_none.grown == max(now - MONDAY, 0 * DAY)


@given(many, moments)
@example([span(0, 10), span(10, 20), span(30, 35)], MONDAY)
def test_the_next_step_comes_exactly_when_it_is_said(held, now):
    said = ramp(LADDER, MONDAY, held, now)
    assume(said.next_step_at is not None)
    steps = [step.factor for step in LADDER]
    just_before = ramp(LADDER, MONDAY, held, said.next_step_at - timedelta(microseconds=1))
    reached = ramp(LADDER, MONDAY, held, said.next_step_at)
    assert just_before.factor == said.factor
    assert steps.index(reached.factor) == steps.index(said.factor) + 1
