"""Cadence: how an account's acts follow each other in time.

An *act* is one human-sized request (see `features.account`). Gaps are measured in seconds and
binned on a log scale that no platform's tempo can escape: 32 bins of 0.6 octaves, up to a week.
Counts are halved together when the window holds `WINDOW` gaps, so an old account forgets at the
pace it acts. The order of gaps is in `features.sequence`, the last few of them in
`features.recent`.

Sources: entropy of gaps (Gianvecchio et al., USENIX Security 2008); bimodality and lag-1
correlation of human gaps (RSC, KDD 2015).
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numba import njit

from features import recent, sequence
from features.index import count_among
from features.information import entropy, quantile

WINDOW: Final = 1024
BINS: Final = 32
MODES: Final = 4
BIN: Final = 0.6 * math.log(2.0)
EQUAL_GAPS: Final = 0.02  # two gaps within 2 % are "the same gap" to a metronome
DAY: Final = 86_400_000_000
REMEMBERED: Final = 30  # days; who was judged for a run once is not judged for it for ever

FIELDS: Final = [
    ("act_last", "i8"),  # time of the last act, microseconds
    ("gap_n", "u2"),  # gaps in the window
    ("gap_pairs", "u2"),  # consecutive pairs of gaps in the window
    ("gap_similar", "u2"),  # pairs whose logs differ by less than 0.1
    ("equal_day", "u2"),  # day of `equal_longest`
    ("gap_log", "f4"),  # log(1 + seconds) of the last gap
    ("gap_sum", "f8"),
    ("gap_square", "f8"),
    ("gap_product", "f8"),  # sum of products of consecutive log gaps
    ("gap_bins", "u2", (BINS,)),
    ("mode_gap", "u4", (MODES,)),  # most frequent gaps in whole seconds (space saving)
    ("mode_count", "u2", (MODES,)),
    ("equal_run", "u2"),  # length of the present run of equal gaps
    ("equal_longest", "u2"),
]

NAMES: Final = (
    "gap_entropy",
    "gap_mode_share",
    "gap_similar_share",
    "gap_lowest",
    "gap_low",
    "gap_spread",
    "gap_memory",
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


@njit(cache=True)
def count_run(row: Any, t: int, seconds: float, log_gap: float) -> None:
    # Gaps under two seconds are one gesture's echoes (double clicks, retries), never a metronome.
    same = seconds >= 2.0 and abs(log_gap - row.gap_log) <= EQUAL_GAPS
    row.equal_run = min(row.equal_run + 1, 65535) if same else 0
    if row.equal_run >= row.equal_longest or t // DAY - row.equal_day >= REMEMBERED:
        row.equal_longest = row.equal_run
        row.equal_day = t // DAY


@njit(cache=True)
def update(row: Any, t: int) -> None:
    """Learn one act at `t` (microseconds), which is not before the last one."""
    if row.act_last == 0:
        row.act_last = t
        row.equal_run = 0
        sequence.begin(row)
        return
    if row.gap_n >= WINDOW:
        halve(row)
    seconds = (t - row.act_last) / MICROSECONDS
    log_gap = math.log(1.0 + seconds)
    first = row.gap_step == sequence.NEW
    if not first:
        row.gap_pairs += 1
        row.gap_similar += abs(log_gap - row.gap_log) < 0.1
        row.gap_product += log_gap * row.gap_log
        count_run(row, t, seconds, log_gap)
    row.gap_bins[min(int(log_gap / BIN), BINS - 1)] += 1
    count_among(row.mode_gap, row.mode_count, int(min(seconds + 0.5, 4e9)))
    recent.gap(row, log_gap, row.gap_log, first)
    sequence.update(row, log_gap)
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
    fresh = row.act_last // DAY - row.equal_day < REMEMBERED
    out[at] = entropy(row.gap_bins, binned)
    out[at + 1] = most / n
    out[at + 2] = row.gap_similar / pairs
    out[at + 3] = quantile(row.gap_bins, binned, 0.01) * BIN
    out[at + 4] = quantile(row.gap_bins, binned, 0.05) * BIN
    out[at + 5] = math.sqrt(variance)
    out[at + 6] = min(max(memory, -1.0), 1.0)
    out[at + 7] = row.equal_longest if fresh else row.equal_run
