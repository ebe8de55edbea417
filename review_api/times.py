"""Times as a customer reads them, on a page or in a letter. Values in, words out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime, timedelta
    from zoneinfo import ZoneInfo

NO_BREAK: Final = "\N{NO-BREAK SPACE}"


def day(at: datetime, zone: ZoneInfo) -> str:
    """Say a day."""
    at = at.astimezone(zone)
    return f"{at.day}{NO_BREAK}{at:%B}{NO_BREAK}{at:%Y}"


def moment(at: datetime, zone: ZoneInfo) -> str:
    """Say a moment, with its zone."""
    at = at.astimezone(zone)
    return f"{day(at, zone)}, {at:%H:%M}{NO_BREAK}{at:%Z}"


def wait(length: timedelta) -> str:
    """Say how long, as one says it: 2 days and 4 hours, 40 minutes."""
    minutes = int(length.total_seconds() // 60)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = ((days, "day"), (hours, "hour")) if days else ((hours, "hour"), (minutes, "minute"))
    said = [f"{n}{NO_BREAK}{unit}{'s' if n > 1 else ''}" for n, unit in parts if n]
    return " and ".join(said) or "less than a minute"
