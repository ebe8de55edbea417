"""Burn: how the monthly quota is used up.

People use what they need in bursts; resold access burns a steady line through every day and hour.
Only quota jobs count: credits are the customer's own money. Units are the platform's quota units.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numba import njit

DAY: Final = 86_400_000_000

FIELDS: Final = [
    ("burn_day", "i4"),
    ("burn_first", "i4"),  # first day with quota use
    ("burn_days", "u2"),  # finished days with quota use
    ("burn_today", "f4"),
    ("burn_sum", "f4"),  # units over finished days ...
    ("burn_square", "f4"),  # ... and their squares
]
NAMES: Final = ("units_per_day", "units_steadiness", "burning_days_share")
LEAST_DAYS: Final = 5
MOST: Final = 1e9  # units a job; more is a mistake, and its square would overflow


@njit(cache=True)
def update(row: Any, t: int, units: float) -> None:
    """Learn `units` of quota used at `t`; late use counts for the day being filled."""
    day = max(t // DAY, row.burn_day)
    if row.burn_first == 0:
        row.burn_first = day
    if day != row.burn_day:
        if row.burn_today > 0.0:
            row.burn_sum += row.burn_today
            row.burn_square += row.burn_today * row.burn_today
            row.burn_days = min(row.burn_days + 1, 65535)
        row.burn_day = day
        row.burn_today = np.float32(0.0)
    if units > 0.0:
        row.burn_today += np.float32(min(units, MOST))


@njit(cache=True)
def turn_back(row: Any, t: int) -> None:
    """Return to the day of `t` after an event that stood in the future."""
    day = t // DAY
    row.burn_day = min(row.burn_day, day)
    row.burn_first = min(row.burn_first, day)


@njit(cache=True)
def read(row: Any, out: Any, at: int) -> None:
    """Write this family's numbers to `out[at:]`; NaN before enough days of quota use."""
    days = float(row.burn_days)
    if days < LEAST_DAYS:
        for k in range(len(NAMES)):
            out[at + k] = math.nan
        return
    mean = row.burn_sum / days
    spread = math.sqrt(max(row.burn_square / days - mean * mean, 0.0))
    out[at] = math.log1p(mean)
    out[at + 1] = -spread / mean
    out[at + 2] = days / max(row.burn_day - row.burn_first, 1)
