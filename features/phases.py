"""Phases: whether acts keep to a place in the minute, the five minutes or the hour.

A schedule shows here whatever it does between its beats. Sums of unit vectors (phasors), whose
length over the number of acts is 1 for a perfect schedule and small for anyone else (Mardia and
Jupp, Directional Statistics, 2000), and the two busiest minutes of the hour.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numba import njit

from features.information import peak

WINDOW: Final = 1024
MINUTES: Final = 30
MINUTE: Final = 60_000_000

FIELDS: Final = [
    ("phase_acts", "u2"),
    ("minute_cos", "f4"),
    ("minute_sin", "f4"),
    ("five_cos", "f4"),
    ("five_sin", "f4"),
    ("hour_cos", "f4"),
    ("hour_sin", "f4"),
    ("minute_of_hour", "u1", (MINUTES,)),  # two minutes each; halved when a cell is full
]
NAMES: Final = ("minute_phase", "five_minute_phase", "hour_phase", "minute_peak")
LEAST: Final = 8


@njit(cache=True)
def halve(row: Any) -> None:
    row.phase_acts //= 2
    row.minute_cos *= np.float32(0.5)
    row.minute_sin *= np.float32(0.5)
    row.five_cos *= np.float32(0.5)
    row.five_sin *= np.float32(0.5)
    row.hour_cos *= np.float32(0.5)
    row.hour_sin *= np.float32(0.5)


@njit(cache=True)
def update(row: Any, t: int) -> None:
    """Learn one act at `t` (microseconds)."""
    if row.phase_acts >= WINDOW:
        halve(row)
    turn = 2.0 * math.pi / MINUTE
    minute = (t % MINUTE) * turn
    five = (t % (5 * MINUTE)) * turn / 5.0
    hour = (t % (60 * MINUTE)) * turn / 60.0
    row.minute_cos += np.float32(math.cos(minute))
    row.minute_sin += np.float32(math.sin(minute))
    row.five_cos += np.float32(math.cos(five))
    row.five_sin += np.float32(math.sin(five))
    row.hour_cos += np.float32(math.cos(hour))
    row.hour_sin += np.float32(math.sin(hour))
    row.phase_acts += 1
    of_hour = (t // (2 * MINUTE)) % MINUTES
    if row.minute_of_hour[of_hour] == 255:
        for k in range(MINUTES):
            row.minute_of_hour[k] //= 2
    row.minute_of_hour[of_hour] += 1


@njit(cache=True)
def read(row: Any, out: Any, at: int) -> None:
    """Write this family's numbers to `out[at:]`; NaN where too few acts are known."""
    n = float(row.phase_acts)
    if n < LEAST:
        for k in range(len(NAMES)):
            out[at + k] = math.nan
        return
    out[at] = min(math.hypot(row.minute_cos, row.minute_sin) / n, 1.0)
    out[at + 1] = min(math.hypot(row.five_cos, row.five_sin) / n, 1.0)
    out[at + 2] = min(math.hypot(row.hour_cos, row.hour_sin) / n, 1.0)
    out[at + 3] = peak(row.minute_of_hour)
