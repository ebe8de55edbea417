from __future__ import annotations

import threading
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.load import FULL, LEAST_SPEED, LEAST_TIME, LEVELS, SILENCE, QueueReport, follow
from access.load_rows import load_now, note_report, reported_load
from tests.locks import until_one_waits
from tests.verdicts import MONDAY

SECOND = timedelta(seconds=1)
CALM = QueueReport(0, 5, 10, 0.0)
CROWDED = QueueReport(45, 10, 10, 20.0)
FLOODED = QueueReport(500, 10, 10, 300.0)


def report(pressure, workers=10):
    return QueueReport(int(pressure * workers), workers, workers, 0.0)


def play(pressures, *, every=30):
    """Report each pressure in turn; gives the levels."""
    standing, levels = None, []
    for number, pressure in enumerate(pressures):
        standing = follow(standing, report(pressure), MONDAY + number * every * SECOND)
        levels.append(standing.level)
    return levels


reports = st.builds(
    QueueReport,
    st.integers(0, 10**9),
    st.integers(0, 10**6),
    st.integers(0, 10**6),
    st.floats(0, 10**9),
)


def test_a_calm_queue_slows_nobody():
    assert play([0, 0.5, 1.9]) == [0, 0, 0]
    assert LEVELS[0] == FULL
    assert (FULL.speed_of(1.3), FULL.jobs_of(4)) == (1.3, 4)


def test_a_flood_goes_down_at_once_as_far_as_needed():
    assert play([0, 100]) == [0, 3]
    assert play([0, 2, 4, 8]) == [0, 1, 2, 3]


def test_it_comes_back_one_level_at_a_time_each_after_the_least_time():
    calm = play([100, *[0] * 16], every=60)
    assert calm == [3] * 5 + [2] * 5 + [1] * 5 + [0] * 2


def test_between_the_two_marks_a_level_stays():
    assert play([4, *[3.9, 1.1] * 20]) == [2] * 41


def test_one_wait_that_is_long_counts_like_many_jobs():
    alone = QueueReport(1, 10, 10, 240.0)
    assert alone.pressure == 4.0


def test_a_wait_of_nobody_is_no_wait():
    assert QueueReport(0, 10, 10, 900.0).pressure == 0.0


def test_no_worker_at_all_is_a_crowd_and_no_error():
    assert QueueReport(9, 0, 0, 0.0).pressure == 9.0


def test_after_silence_nobody_is_slowed_and_the_next_report_begins_from_full_speed():
    flooded = follow(None, FLOODED, MONDAY)
    assert flooded.load(MONDAY + SILENCE - SECOND) == LEVELS[3]
    assert flooded.load(MONDAY + SILENCE) == FULL
    assert follow(flooded, CALM, MONDAY + SILENCE).level == 0
    assert follow(flooded, CALM, MONDAY + SILENCE - SECOND).level == 3


@pytest.mark.parametrize("load", LEVELS)
def test_every_quota_customer_keeps_a_job_and_the_least_speed(load):
    for concurrency in range(1, 40):
        assert 1 <= load.jobs_of(concurrency) <= concurrency
    for factor in (1.0, 1.3, 2.0):
        assert LEAST_SPEED <= load.speed_of(factor) <= factor
    assert load.speed_of(0.25) == 0.25  # a plan that slow is not slowed further
    assert load.jobs_of(0) == 0


def test_each_level_is_slower_than_the_one_before():
    for calmer, harder in pairwise(LEVELS):
        assert harder.speed < calmer.speed
        assert harder.concurrency < calmer.concurrency
        assert harder.level == calmer.level + 1


@given(st.lists(reports, min_size=1, max_size=40), st.integers(1, 119))
def test_levels_rise_by_one_and_never_sooner_than_the_least_time(told, every):
    standing = follow(None, told[0], MONDAY)
    for number, each in enumerate(told[1:], 1):
        now = MONDAY + number * every * SECOND
        then = follow(standing, each, now)
        assert 0 <= then.level < len(LEVELS)
        if then.level < standing.level:
            assert standing.level - then.level == 1
            assert now - standing.since >= LEAST_TIME
        standing = then


@given(reports, reports)
def test_more_pressure_never_asks_for_a_faster_level(one, other):
    calmer, harder = sorted((one, other), key=lambda each: each.pressure)
    assert follow(None, calmer, MONDAY).level <= follow(None, harder, MONDAY).level


def test_before_any_report_everything_runs_at_full_speed(database):
    with database.readers.begin() as session:
        assert load_now(session, MONDAY) == FULL
        assert reported_load(session) is None


def test_a_report_is_kept_and_holds_for_the_next_process_that_asks(database):
    for number, told in enumerate((CALM, FLOODED, CROWDED)):
        with database.writers.begin() as session:
            noted = note_report(session, told, MONDAY + number * SECOND)
    with database.readers.begin() as session:
        assert load_now(session, MONDAY + 3 * SECOND) == LEVELS[3]
        assert reported_load(session) == noted
    assert noted.report == CROWDED
    assert noted.standing.since == MONDAY + SECOND


def test_what_was_reported_too_long_ago_slows_nobody(database):
    with database.writers.begin() as session:
        note_report(session, FLOODED, MONDAY)
    with database.readers.begin() as session:
        assert load_now(session, MONDAY + SILENCE) == FULL


def test_of_two_reports_at_once_the_second_is_judged_by_what_the_first_left(database):
    def report_calm():
        with database.writers.begin() as session:
            note_report(session, CALM, MONDAY + SECOND)

    late = threading.Thread(target=report_calm)
    with database.writers.begin() as session:
        note_report(session, FLOODED, MONDAY)
        late.start()
        until_one_waits(database)
    late.join(30)
    with database.readers.begin() as session:
        kept = reported_load(session)
    assert (kept.report, kept.standing.level, kept.standing.since) == (CALM, 3, MONDAY)
