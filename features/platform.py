"""Platform: what the whole partition does, so that nobody answers for what everybody does.

A contest day and a slow queue change everyone's numbers at once. Requests an hour and completion
times, each over a short and a long memory; the vector holds the logs of their ratios. A pure
function of the partition's log, like everything here.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numba import njit

HOUR: Final = 3_600e6  # microseconds
SHORT: Final = 6.0 * HOUR
LONG: Final = 14.0 * 24.0 * HOUR
WARM: Final = 7.0 * 24.0 * HOUR  # of log before a rate is called usual
SHORT_JOBS: Final = 500.0
LONG_JOBS: Final = 50_000.0
WARM_JOBS: Final = 5_000.0
LATE: Final = HOUR
RESYNC: Final = 64.0  # so many late ones in a row: one event had run ahead of everybody's clock

STATE: Final = np.dtype(
    [
        ("first_t", "f8"),
        ("last_t", "f8"),
        ("late_run", "f8"),
        ("short_requests", "f8"),  # fading sums
        ("long_requests", "f8"),
        ("jobs", "f8"),
        ("short_latency", "f8"),  # means of log milliseconds
        ("long_latency", "f8"),
    ]
)
NAMES: Final = ("platform_surge", "platform_latency_shift")


@njit(cache=True)
def requested(platform: Any, t: float) -> None:
    """Learn that a job was asked for at `t`; late ones count at the present."""
    if platform.first_t == 0.0:
        platform.first_t = t
        platform.last_t = t
    platform.late_run = platform.late_run + 1.0 if t < platform.last_t - LATE else 0.0
    if platform.late_run >= RESYNC:
        platform.last_t = t
    passed = max(t - platform.last_t, 0.0)
    platform.short_requests = platform.short_requests * math.exp(-passed / SHORT) + 1.0
    platform.long_requests = platform.long_requests * math.exp(-passed / LONG) + 1.0
    platform.last_t = max(platform.last_t, t)


@njit(cache=True)
def completed(platform: Any, latency_ms: int) -> None:
    """Learn how long a job took; negative is not known."""
    if latency_ms < 0:
        return
    platform.jobs += 1.0
    slow = math.log1p(float(latency_ms))
    short = max(1.0 / platform.jobs, 1.0 / SHORT_JOBS)
    long = max(1.0 / platform.jobs, 1.0 / LONG_JOBS)
    platform.short_latency += short * (slow - platform.short_latency)
    platform.long_latency += long * (slow - platform.long_latency)


@njit(cache=True)
def read(platform: Any, out: Any, at: int) -> None:
    """Write the two numbers to `out[at:]`; NaN before the usual is known."""
    out[at] = math.nan
    out[at + 1] = math.nan
    age = platform.last_t - platform.first_t
    if age >= WARM and platform.short_requests > 0.0:
        # A fading sum that began `age` ago has not reached its level yet.
        usual = platform.long_requests / (LONG * (1.0 - math.exp(-age / LONG)))
        out[at] = math.log(platform.short_requests / SHORT / usual)
    if platform.jobs >= WARM_JOBS:
        out[at + 1] = platform.short_latency - platform.long_latency
