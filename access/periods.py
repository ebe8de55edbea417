"""Spans of time: calendar months, and the billing cycles that follow from a day of the month.

Months and billing days are counted on the wall clock of one zone. A cycle begins on the day of the
month and at the time of day of its anchor; a month without that day uses its last, and the next
month has the day back. A time that the clocks skip counts as they stood before they moved, and of
a time that comes twice the first counts.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

SHORTEST_MONTH: Final = 28


@dataclass(frozen=True, slots=True)
class Interval:
    """A span of time: `since` is in it, `until` is not."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Cycle:
    """A billing cycle: `start` is in it, `end` is not."""

    start: datetime
    end: datetime


def month_of(at: datetime, zone: ZoneInfo) -> str:
    """Name the calendar month of a moment, such as 2026-11."""
    local = at.astimezone(zone)
    return f"{local.year:04d}-{local.month:02d}"


@lru_cache(maxsize=256)
def month_span(month: str, zone: ZoneInfo) -> Interval:
    """Give the span of a calendar month named as `month_of` names it, in UTC."""
    year, number = int(month[:4]), int(month[5:])
    first = datetime(year, number, 1, tzinfo=zone)
    return Interval(first.astimezone(UTC), months_after(first, 1, zone))


def months_after(anchor: datetime, months: int, zone: ZoneInfo) -> datetime:
    """Give the moment whole months after (or before) the anchor, in UTC."""
    if months == 0:
        return anchor.astimezone(UTC)
    local = anchor.astimezone(zone)
    years, month = divmod(local.month - 1 + months, 12)
    year, month, day = local.year + years, month + 1, local.day
    if day > SHORTEST_MONTH:
        day = min(day, calendar.monthrange(year, month)[1])
    # Made anew, not by `replace`, which takes three times as long.
    moment = datetime(
        year, month, day, local.hour, local.minute, local.second, local.microsecond, zone
    )
    return moment.astimezone(UTC)


def months_between(anchor: datetime, at: datetime, zone: ZoneInfo) -> int:
    """Count the whole months from the anchor to a moment: that many cycles are over by then."""
    start, now = anchor.astimezone(zone), at.astimezone(zone)
    months = (now.year - start.year) * 12 + now.month - start.month
    return months if months_after(anchor, months, zone) <= at else months - 1


def cycle_at(anchor: datetime, at: datetime, zone: ZoneInfo) -> Cycle:
    """Give the cycle that a moment lies in, of those that the anchor begins."""
    months = months_between(anchor, at, zone)
    return Cycle(months_after(anchor, months, zone), months_after(anchor, months + 1, zone))
