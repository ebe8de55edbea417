"""Amounts, prices and times as a customer reads them. Values in, words out."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from access.vocabulary import Media
from review_api.console.words import NO_BREAK, THIN

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta
    from zoneinfo import ZoneInfo

_MEDIA: Final[Mapping[Media, tuple[str, str, str]]] = {
    Media.IMAGE: ("Images", "images", "each image"),
    Media.VIDEO: ("Video", "videos of 4\N{NO-BREAK SPACE}s", "each 4 seconds begun"),
    Media.LIPSYNC: ("Lip-sync", "lip-syncs of 4\N{NO-BREAK SPACE}s", "each 4 seconds begun"),
    Media.AGENT: ("Agents", "steps of an agent", "each step"),
}


def amount(number: Decimal | float) -> str:
    """Say an amount with the decimals it has, its thousands apart: 2 500, 0.25."""
    said = f"{Decimal(str(number)).normalize():,f}"
    return said.replace(",", THIN).replace("-", "\N{MINUS SIGN}")


def times(factor: Decimal | float) -> str:
    """Say a factor, with the sign of multiplication."""
    return f"\N{MULTIPLICATION SIGN}{amount(factor)}"


def media(word: Media) -> str:
    """Name a medium as a heading."""
    return _MEDIA[word][0]


def several(word: Media) -> str:
    """Name what is made of a medium: videos of 4 s."""
    return _MEDIA[word][1]


def medium(word: Media) -> str:
    """Say what one rate of this medium pays for."""
    return _MEDIA[word][2]


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
