"""Cadence: how an account's acts follow each other in time.

An *act* is one human-sized request (see `features.kernel`). Gaps are measured in seconds and binned
on log scales that no platform's tempo can escape: 32 bins of 0.6 octaves, up to a week, for the
histogram, and ten steps of two octaves for the order of gaps. Counts are halved together when the
window holds `WINDOW` gaps, so an old account forgets at the pace it acts; the small tables of
moves and minutes are halved when one of their cells is full.

Sources: entropy and corrected conditional entropy of gaps (Gianvecchio et al., USENIX Security
2008; Porta et al. 1998); bimodality and lag-1 correlation of human gaps (RSC, KDD 2015).
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numba import njit

from features.information import entropy, peak

WINDOW: Final = 1024
BINS: Final = 32
STEPS: Final = 10
MODES: Final = 4
BIN: Final = 0.6 * math.log(2.0)
STEP: Final = 2.0 * math.log(2.0)
MINUTES: Final = 30
EQUAL_GAPS: Final = 0.02  # two gaps within 2 % are "the same gap" to a metronome
DAY: Final = 86_400_000_000
REMEMBERED: Final = 30  # days; who was judged for a run once is not judged for it for ever

FIELDS: Final = [
    ("act_last", "i8"),  # time of the last act, microseconds
    ("gap_n", "u2"),  # gaps in the window
    ("gap_pairs", "u2"),  # consecutive pairs of gaps in the window
    ("gap_similar", "u2"),  # pairs whose logs differ by less than 0.1
    ("equal_day", "u2"),  # day of `equal_longest`
    ("gap_step", "u1"),  # step of the last gap, 255 = none yet
    ("gap_log", "f4"),  # log(1 + seconds) of the last gap
    ("gap_sum", "f8"),
    ("gap_square", "f8"),
    ("gap_product", "f8"),  # sum of products of consecutive log gaps
    ("gap_bins", "u2", (BINS,)),
    ("gap_moves", "u1", (STEPS, STEPS)),  # from step to step; halved when a cell is full
    ("mode_gap", "u4", (MODES,)),  # most frequent gaps in whole seconds (space saving)
    ("mode_count", "u2", (MODES,)),
    ("equal_run", "u2"),  # length of the present run of equal gaps
    ("equal_longest", "u2"),
    ("minute_cos", "f4"),
    ("minute_sin", "f4"),
    ("five_cos", "f4"),
    ("five_sin", "f4"),
    ("hour_cos", "f4"),
    ("hour_sin", "f4"),
    ("minute_of_hour", "u1", (MINUTES,)),  # two minutes each; halved when a cell is full
]

NAMES: Final = (
    "gap_entropy",
    "gap_conditional_entropy",
    "gap_mode_share",
    "gap_similar_share",
    "gap_low",
    "gap_spread",
    "gap_memory",
    "minute_phase",
    "five_minute_phase",
    "hour_phase",
    "minute_peak",
    "equal_gap_run",
)
LEAST: Final = 8  # gaps below which nothing is said
MICROSECONDS: Final = 1e6


@njit(cache=True)
def halve(row: Any) -> None:
    # Sums shrink exactly as the counts they are divided by, or every mean would creep upwards.
    n = row.gap_n // 2
    pairs = row.gap_pairs // 2
    row.gap_sum *= n / row.gap_n
    row.gap_square *= n / row.gap_n
    row.gap_product *= pairs / row.gap_pairs
    row.gap_n = n
    row.gap_pairs = pairs
    row.gap_similar //= 2
    for k in range(BINS):
        row.gap_bins[k] //= 2
    for k in range(MODES):
        row.mode_count[k] //= 2
    row.minute_cos *= np.float32(0.5)
    row.minute_sin *= np.float32(0.5)
    row.five_cos *= np.float32(0.5)
    row.five_sin *= np.float32(0.5)
    row.hour_cos *= np.float32(0.5)
    row.hour_sin *= np.float32(0.5)


@njit(cache=True)
def count_mode(row: Any, seconds: int) -> None:
    """Count a gap among the few most frequent ones (space saving, Metwally et al. 2005)."""
    least = 0
    for k in range(MODES):
        if row.mode_count[k] > 0 and row.mode_gap[k] == seconds:
            row.mode_count[k] += 1
            return
        if row.mode_count[k] < row.mode_count[least]:
            least = k
    # A newcomer starts from nothing rather than from the evicted count: an underestimate, so that
    # a stream of all-different human gaps never looks like a favourite gap.
    if row.mode_count[least] <= 1:
        row.mode_gap[least] = seconds
        row.mode_count[least] = 1
    else:
        row.mode_count[least] -= 1


@njit(cache=True)
def count_run(row: Any, t: int, seconds: float, log_gap: float) -> None:
    # Gaps under two seconds are one gesture's echoes (double clicks, retries), never a metronome.
    same = seconds >= 2.0 and abs(log_gap - row.gap_log) <= EQUAL_GAPS
    row.equal_run = min(row.equal_run + 1, 65535) if same else 0
    if row.equal_run >= row.equal_longest or t // DAY - row.equal_day >= REMEMBERED:
        row.equal_longest = row.equal_run
        row.equal_day = t // DAY


@njit(cache=True)
def count_move(row: Any, step: int) -> None:
    if row.gap_step < STEPS:
        before = row.gap_step
        if row.gap_moves[before, step] == 255:
            for a in range(STEPS):
                for b in range(STEPS):
                    row.gap_moves[a, b] //= 2
        row.gap_moves[before, step] += 1
    row.gap_step = step


@njit(cache=True)
def count_phase(row: Any, t: int) -> None:
    turn = 2.0 * math.pi / MICROSECONDS
    minute = (t % 60_000_000) * turn / 60.0
    five = (t % 300_000_000) * turn / 300.0
    hour = (t % 3_600_000_000) * turn / 3600.0
    row.minute_cos += np.float32(math.cos(minute))
    row.minute_sin += np.float32(math.sin(minute))
    row.five_cos += np.float32(math.cos(five))
    row.five_sin += np.float32(math.sin(five))
    row.hour_cos += np.float32(math.cos(hour))
    row.hour_sin += np.float32(math.sin(hour))
    of_hour = (t // 120_000_000) % MINUTES
    if row.minute_of_hour[of_hour] == 255:
        for k in range(MINUTES):
            row.minute_of_hour[k] //= 2
    row.minute_of_hour[of_hour] += 1


@njit(cache=True)
def update(row: Any, t: int) -> None:
    """Learn one act at `t` (microseconds), which is not before the last one."""
    if row.act_last == 0:
        row.act_last = t
        row.gap_step = 255
        row.equal_run = 0
        return
    if row.gap_n >= WINDOW:
        halve(row)
    seconds = (t - row.act_last) / MICROSECONDS
    log_gap = math.log(1.0 + seconds)
    if row.gap_step < STEPS:
        row.gap_pairs += 1
        row.gap_similar += abs(log_gap - row.gap_log) < 0.1
        row.gap_product += log_gap * row.gap_log
        count_run(row, t, seconds, log_gap)
    row.gap_bins[min(int(log_gap / BIN), BINS - 1)] += 1
    count_move(row, min(int(log_gap / STEP), STEPS - 1))
    count_mode(row, int(min(seconds + 0.5, 4e9)))
    count_phase(row, t)
    row.gap_n += 1
    row.gap_sum += log_gap
    row.gap_square += log_gap * log_gap
    row.gap_log = np.float32(log_gap)
    row.act_last = t


@njit(cache=True)
def skip(row: Any, t: int) -> None:
    """Let a request pass at `t` whose pause says nothing; the next pause is measured from it."""
    if row.act_last != 0:
        row.act_last = t


@njit(cache=True)
def conditional_entropy(moves: Any) -> float:
    """Entropy of the next step given this one, plus Porta's correction for pairs seen once."""
    total = 0.0
    once = 0.0
    joint = 0.0
    first = 0.0
    for a in range(STEPS):
        from_a = 0.0
        for b in range(STEPS):
            count = moves[a, b]
            from_a += count
            once += count == 1
            if count > 0:
                joint += count * math.log(count)
        total += from_a
        if from_a > 0:
            first += from_a * math.log(from_a)
    if total == 0.0:
        return math.nan
    plain = (first - joint) / total
    return plain + once / total * (math.log(total) - first / total)


@njit(cache=True)
def low_gap(bins: Any, total: float) -> float:
    """Give the 5 % quantile of log(1 + gap), interpolated inside its bin."""
    want = 0.05 * total
    below = 0.0
    for k in range(BINS):
        if below + bins[k] >= want:
            return float((k + (want - below) / bins[k]) * BIN)
        below += bins[k]
    return BINS * BIN


@njit(cache=True)
def read(row: Any, out: Any, at: int) -> None:
    """Write this family's numbers to `out[at:]`; NaN where too few gaps are known."""
    n = float(row.gap_n)
    if n < LEAST:
        for k in range(len(NAMES)):
            out[at + k] = math.nan
        return
    mean = row.gap_sum / n
    variance = max(row.gap_square / n - mean * mean, 0.0)
    pairs = max(float(row.gap_pairs), 1.0)
    memory = (row.gap_product / pairs - mean * mean) / variance if variance > 1e-9 else 1.0
    most = 0.0
    for k in range(MODES):
        most = max(most, float(row.mode_count[k]))
    binned = 0.0  # halving drops odd ones, so the bins may hold a few gaps less than `n`
    for k in range(BINS):
        binned += row.gap_bins[k]
    out[at] = entropy(row.gap_bins, binned)
    out[at + 1] = conditional_entropy(row.gap_moves)
    out[at + 2] = most / n
    out[at + 3] = row.gap_similar / pairs
    out[at + 4] = low_gap(row.gap_bins, binned)
    out[at + 5] = math.sqrt(variance)
    out[at + 6] = min(max(memory, -1.0), 1.0)
    out[at + 7] = min(math.hypot(row.minute_cos, row.minute_sin) / n, 1.0)
    out[at + 8] = min(math.hypot(row.five_cos, row.five_sin) / n, 1.0)
    out[at + 9] = min(math.hypot(row.hour_cos, row.hour_sin) / n, 1.0)
    out[at + 10] = peak(row.minute_of_hour)
    fresh = row.act_last // DAY - row.equal_day < REMEMBERED
    out[at + 11] = row.equal_longest if fresh else row.equal_run
