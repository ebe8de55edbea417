from __future__ import annotations

import calendar
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.periods import cycle_at, month_of, month_span, months_after, months_between
from tests.subscribers import on

UTC_ZONE = ZoneInfo("UTC")
BERLIN = ZoneInfo("Europe/Berlin")
ZONES = [
    ZoneInfo(name)
    for name in (
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "America/Sao_Paulo",  # its clocks used to jump at midnight
        "Asia/Kathmandu",  # a quarter of an hour beside the others
        "Pacific/Apia",  # left out a whole day in 2011
        "Australia/Lord_Howe",  # moves by half an hour
    )
]

moments = st.datetimes(datetime(2005, 1, 1), datetime(2060, 1, 1)).map(  # noqa: DTZ001  made UTC here
    lambda moment: moment.replace(tzinfo=UTC)
)
zones = st.sampled_from(ZONES)


@pytest.mark.parametrize(
    ("anchor", "months", "falls_on"),
    [
        ("01-31", 1, "02-28"),
        ("01-31", 2, "03-31"),  # the day comes back
        ("01-31", 3, "04-30"),
        ("2027-01-30", 13, "2028-02-29"),
        ("2028-02-29", 12, "2029-02-28"),
        ("2028-02-29", 48, "2032-02-29"),
        ("01-29", 1, "02-28"),
        ("12-15", 1, "2027-01-15"),
        ("03-31 23:59", -1, "02-28 23:59"),
    ],
)
def test_a_month_without_the_day_uses_its_last_one(anchor, months, falls_on):
    assert months_after(on(anchor), months, UTC_ZONE) == on(falls_on)


def test_the_day_is_counted_on_the_local_clock():
    # Half past eleven in the evening of the 30th in UTC is the 31st in Berlin.
    assert months_after(on("01-30 23:30"), 2, BERLIN) == on("03-30 22:30")


def test_a_time_the_clocks_skip_is_taken_as_they_stood_before():
    # On 29 March 2026 Berlin has no half past two; by the old offset it is half past three.
    skipped = months_after(datetime(2026, 1, 29, 2, 30, tzinfo=BERLIN), 2, BERLIN)
    assert skipped == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert skipped.astimezone(BERLIN).hour == 3


def test_of_a_time_that_comes_twice_the_first_counts():
    anchor = datetime(2026, 9, 25, 2, 30, tzinfo=BERLIN)
    assert months_after(anchor, 1, BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_an_anchor_that_is_itself_the_second_of_two_equal_times_is_kept():
    anchor = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=1)
    assert cycle_at(anchor, anchor, BERLIN).start == anchor.astimezone(UTC)


def test_a_month_is_the_one_on_the_local_calendar():
    late = on("10-31 23:30")
    assert month_of(late, UTC_ZONE) == "2026-10"
    assert month_of(late, BERLIN) == "2026-11"
    assert month_span("2026-11", BERLIN).since == on("10-31 23:00")
    assert month_span("2026-12", UTC_ZONE).until == on("2027-01-01")


@given(moments, zones)
def test_a_month_holds_the_moments_that_bear_its_name(moment, zone):
    span = month_span(month_of(moment, zone), zone)
    assert span.since <= moment < span.until
    assert month_of(span.until, zone) > month_of(moment, zone)
    assert month_of(span.until - timedelta(microseconds=1), zone) == month_of(moment, zone)


@given(moments, moments, zones)
def test_every_moment_lies_in_its_cycle(anchor, moment, zone):
    cycle = cycle_at(anchor, moment, zone)
    assert cycle.start <= moment < cycle.end
    assert timedelta(days=26) < cycle.end - cycle.start < timedelta(days=33)


@given(moments, st.integers(0, 600), zones)
def test_cycles_follow_each_other_without_gap_or_overlap(anchor, months, zone):
    start = months_after(anchor, months, zone)
    cycle = cycle_at(anchor, start, zone)
    assert cycle.start == start
    assert months_between(anchor, start, zone) == months
    assert cycle_at(anchor, cycle.end, zone).start == cycle.end
    assert cycle_at(anchor, cycle.end - timedelta(microseconds=1), zone) == cycle


@given(moments, st.integers(0, 600), zones)
def test_a_cycle_begins_on_the_day_of_its_anchor_or_on_the_last_of_the_month(anchor, months, zone):
    day = anchor.astimezone(zone).day
    begun = months_after(anchor, months, zone).astimezone(zone)
    last = calendar.monthrange(begun.year, begun.month)[1]
    # A midnight that the clocks skip, and the day that Samoa left out, push it on by one.
    assert begun.day in {min(day, last), min(day, last) + 1, 1}
