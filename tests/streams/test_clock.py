from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from streams.clock import ManualClock, SystemClock

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_the_system_clock_is_aware_and_never_goes_back():
    clock = SystemClock()
    assert clock.now().utcoffset() == timedelta(0)
    assert clock.monotonic() <= clock.monotonic()


def test_a_manual_clock_moves_only_when_told():
    clock = ManualClock(NOON)
    assert (clock.now(), clock.now()) == (NOON, NOON)
    clock.advance(90)
    assert clock.now() == NOON + timedelta(seconds=90)
    assert clock.monotonic() == 90


def test_a_manual_clock_tells_utc_whatever_zone_it_was_set_in():
    clock = ManualClock(NOON.astimezone(timezone(timedelta(hours=2))))
    assert clock.now() == NOON
    assert clock.now().utcoffset() == timedelta(0)


def test_a_manual_clock_refuses_naive_times_and_going_back():
    with pytest.raises(ValueError, match="aware"):
        ManualClock(NOON.replace(tzinfo=None))
    with pytest.raises(ValueError, match="back"):
        ManualClock(NOON).advance(-1)
