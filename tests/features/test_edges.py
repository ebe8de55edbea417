"""Crooked logs, each with the outcome it is meant to have."""

from __future__ import annotations

import math

import numpy as np
import pytest

from detectors.evidence import BY_FEATURE
from features import platform
from features.account import GESTURE, RESYNC
from streams.vocabulary import EventType
from tests.features.stories import (
    CREDITS,
    DAY,
    HOUR,
    MINUTE,
    MONDAY,
    SECOND,
    VPN,
    events,
    learnt,
    log,
    named,
    read,
    seconds,
)  # fmt: skip

DONE, FAILED = EventType.GENERATION_COMPLETED, EventType.GENERATION_FAILED
FAR = 4_070_908_800 * SECOND  # 2099
RESTLESS = np.random.default_rng(7).lognormal(5, 1, 120)


def in_log_order(*parts):
    state = learnt(log(*parts, by_time=False))
    return named(state.vectors()[0]), state


def test_an_account_with_one_event_is_known_by_its_count_alone():
    found = read(events([MONDAY], device=4, country=4, units=3.0))
    assert (found.pop("acts"), found.pop("challenge_balance")) == (1.0, 0.0)
    assert all(math.isnan(value) for value in found.values())


def test_acts_at_the_same_moment_are_acts_without_a_pause():
    found = read(events([MONDAY] * 40))
    assert found["acts"] == 40
    assert found["gap_low"] < 0.5
    assert found["equal_gap_run"] == 0


def test_a_clock_that_runs_backwards_starts_again_after_a_few_events():
    backwards = events(MONDAY - np.arange(40) * MINUTE)
    found, state = in_log_order(backwards)
    recoveries = 39 // RESYNC
    assert state.column("late")[0] == 39
    assert found["acts"] == 1 + recoveries


def test_late_events_of_the_past_are_counted_and_teach_no_timing():
    rows = events(seconds(*RESTLESS))
    found, _ = in_log_order(rows)
    late = events([MONDAY - DAY] * (RESYNC - 1))
    again, state = in_log_order(rows[:60], late, rows[60:])
    assert state.column("late")[0] == RESYNC - 1
    assert again == pytest.approx(found, nan_ok=True)


def test_one_event_from_2099_costs_a_few_events_and_no_more():
    rows = events(seconds(*RESTLESS), units=2.0, device=3, block=3, sketch=5, params=1, seed=9)
    far = events([FAR], units=2.0, device=4, block=4, sketch=(1 << 63), params=1, seed=9)
    found, _ = in_log_order(rows)
    again, state = in_log_order(rows[:60], far, rows[60:])
    assert state.column("late")[0] == RESYNC
    assert again["acts"] == found["acts"] + 1 - (RESYNC - 1)
    assert again["gap_entropy"] == pytest.approx(found["gap_entropy"], abs=0.25)
    assert again["longest_stretch"] <= found["longest_stretch"]
    assert again["device_overlap_share"] == again["interleave_share"] == 0.0
    assert again["topic_jump_share"] == 0.0


def test_after_an_event_from_2099_days_of_burning_are_counted_on():
    days = events(MONDAY + np.arange(60) * 8 * HOUR, units=2.0)
    found, _ = in_log_order(days)
    for place in (0, 1, 20):
        again, _ = in_log_order(days[:place], events([FAR], units=2.0), days[place:])
        assert again["units_per_day"] == pytest.approx(found["units_per_day"], abs=0.2)
        assert 0.8 <= again["burning_days_share"] <= 1.0, place


def test_what_is_paid_for_with_credits_is_never_evidence():
    people = [events(seconds(*RESTLESS), device=3, block=3, units=1.0)]
    machine = MONDAY + np.arange(900) * MINUTE
    paid = events(machine, mode=CREDITS, device=9, block=8, units=50.0, job=77, country=5, agent=2,
                  declared=1)  # fmt: skip
    results = events(machine + SECOND, DONE, job=77)
    with_credits, without = read(*people, paid, results), read(*people)
    for innocent in ("credits_share", *platform.NAMES):
        assert innocent not in BY_FEATURE
        del with_credits[innocent], without[innocent]
    assert with_credits == pytest.approx(without, nan_ok=True)


def test_an_official_batch_of_five_hundred_jobs_is_one_gesture_and_no_act():
    batch = events(seconds(*[4.0] * 499), device=3, official=1)
    state = learnt(log(batch))
    assert state.column("device_acts")[0].sum() == 1
    assert state.column("acts")[0] == 0
    apart = events(seconds(*[2 * GESTURE / SECOND] * 9), device=3, official=1)
    assert learnt(log(apart)).column("device_acts")[0].sum() == 10


def test_the_time_an_official_feature_keeps_is_not_the_customers():
    own = events(seconds(*RESTLESS), device=3)
    scheduled = events(MONDAY + np.arange(500) * MINUTE, official=1, device=3)
    alone, beside = read(own), read(own, scheduled)
    for name in ("acts", "gap_entropy", "equal_gap_run", "minute_phase", "longest_stretch"):
        assert beside[name] == alone[name], name


def test_a_tab_that_retries_a_failed_job_keeps_no_time_of_the_customers():
    asked = seconds(*[30.0] * 1000)
    found = read(events(asked), events(asked + SECOND, FAILED))
    assert found["acts"] == 1
    assert math.isnan(found["equal_gap_run"])


def test_the_pause_after_a_retry_is_measured_from_the_retry():
    at = seconds(*[60.0] * 40)
    found = read(events(at), events(at[[20, 25]] + SECOND, FAILED), events(at[[21, 26]] + 1, DONE))
    assert found["acts"] == 39
    assert found["equal_gap_run"] == 37
    assert found["gap_spread"] == pytest.approx(0.0, abs=1e-4)


def test_a_prompt_sketch_of_zero_is_an_absent_one():
    rows = events(seconds(*RESTLESS), sketch=0)
    assert math.isnan(read(rows)["template_share"])


def test_events_of_unknown_types_have_no_effect_but_to_be_counted():
    rows = events(seconds(*RESTLESS))
    other = events(seconds(*RESTLESS) + 1, EventType.OTHER)
    assert read(rows, other) == pytest.approx(read(rows), nan_ok=True)


def test_networks_of_a_vpn_are_still_networks():
    rows = events(seconds(*RESTLESS), device=1, block=np.arange(121) % 3 + 1, network=VPN)
    assert read(rows)["network_blocks"] == pytest.approx(math.log(3))


def test_three_hundred_thousand_acts_overflow_no_counter():
    count = 300_000
    turns = np.arange(count)
    rows = events(
        MONDAY + turns * 7 * SECOND, device=turns % 3 + 1, block=turns % 3 + 1,
        country=turns % 3 + 300, sketch=(turns % 2 + 1).astype(np.uint64), params=turns % 2 + 1,
        seed=turns, model=(turns.astype(np.uint64) << np.uint64(17)), units=3.0, agent=1,
    )  # fmt: skip
    extra = events(rows["t"] + 1, EventType.RESULT_VIEWED)
    state = learnt(log(rows, extra), seen=1 << 20)
    found = named(state.vectors()[0])
    assert found["acts"] == count
    assert state.column("events")[0] == 2 * count
    assert state.column("device_acts")[0].sum() == count
    assert found["equal_gap_run"] == 65_535
    assert found["views_per_request"] == pytest.approx(math.log(2.0), abs=1e-2)
    assert found["seed_step_share"] == pytest.approx(1.0, abs=1e-2)
    assert found["device_entropy"] == pytest.approx(math.log(3), abs=1e-6)
    assert found["hour_entropy"] == pytest.approx(math.log(24), abs=1e-2)
    assert not any(math.isinf(value) for value in found.values())
