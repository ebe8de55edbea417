"""Rest: at which hours an account acts and how long it goes without a break.

Context rather than proof: about one person in twenty shows no quiet hour at all over a thousand
acts. Hours are UTC; every number here is unchanged by a shift of the clock.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numba import njit

HOUR: Final = 3_600_000_000
DAY: Final = 24 * HOUR
BREAK: Final = 3 * HOUR  # shorter pauses do not end a stretch

FIELDS: Final = [
    ("rest_last", "i8"),  # last activity of any kind, microseconds
    ("rest_since", "i8"),  # start of the present stretch
    ("rest_day", "i4"),  # day number of `rest_hours`
    ("rest_hours", "u4"),  # bit per hour active on that day
    ("rest_days", "u2"),  # finished active days
    ("rest_month", "i2"),
    ("rest_active", "f4"),  # active hours summed over finished active days
    ("rest_longest", "f4"),  # hours; longest stretch of this 30-day month
    ("rest_of_day", "u2", (24,)),
]
NAMES: Final = ("hour_entropy", "quiet_hours", "active_hours", "longest_stretch", "day_phase")
LEAST: Final = 24


@njit(cache=True)
def count_hours(row: Any, t: int) -> None:
    day = t // DAY
    hour = (t // HOUR) % 24
    if day != row.rest_day:
        if row.rest_hours != 0:
            bits = 0
            for k in range(24):
                bits += (row.rest_hours >> k) & 1
            row.rest_active += np.float32(bits)
            row.rest_days = min(row.rest_days + 1, 65535)
        row.rest_day = day
        row.rest_hours = 0
    row.rest_hours |= np.uint32(1 << hour)
    if row.rest_of_day[hour] == 65535:
        for k in range(24):
            row.rest_of_day[k] //= 2
    row.rest_of_day[hour] += 1


@njit(cache=True)
def count_stretch(row: Any, t: int) -> None:
    month = t // (30 * DAY)
    if month != row.rest_month:
        # Forgotten with the month, within the clearance that follows a restore: a stretch that
        # a person has judged cannot pause the account a second time.
        row.rest_longest = np.float32(0.0)
        row.rest_month = month
    if row.rest_last == 0 or t - row.rest_last >= BREAK:
        row.rest_since = t
    row.rest_last = t
    row.rest_longest = max(row.rest_longest, np.float32((t - row.rest_since) / HOUR))


@njit(cache=True)
def update(row: Any, t: int) -> None:
    """Learn that the account did something at `t` (microseconds), not before the last time."""
    count_hours(row, t)
    count_stretch(row, t)


@njit(cache=True)
def read(row: Any, out: Any, at: int) -> None:
    """Write this family's numbers to `out[at:]`; NaN where too little is known."""
    total = 0.0
    for k in range(24):
        total += row.rest_of_day[k]
    if total < LEAST:
        for k in range(len(NAMES)):
            out[at + k] = math.nan
        return
    spread = 0.0
    quiet = 0.0
    east = 0.0
    north = 0.0
    for k in range(24):
        share = row.rest_of_day[k] / total
        east += share * math.cos(2.0 * math.pi * k / 24.0)
        north += share * math.sin(2.0 * math.pi * k / 24.0)
        quiet += share < 0.01
        if share > 0.0:
            spread -= share * math.log(share)
    out[at] = spread
    out[at + 1] = quiet
    out[at + 2] = row.rest_active / row.rest_days if row.rest_days >= 3 else math.nan
    out[at + 3] = row.rest_longest
    out[at + 4] = math.hypot(east, north)
