"""Recent: the last thirty-odd acts alone, beside the long window of the other families.

A person who also runs a script looks like a person over a month and like a script for an hour. Each
number here has a long partner and counts for what it says beyond it (see `detectors.evidence`).
Sums fade by the act, not by the clock: an account at rest keeps its last impression.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numba import njit

from features.information import entropy

MEMORY: Final = 32.0
KEEP: Final = np.float32(1.0 - 1.0 / MEMORY)
BINS: Final = 16
BIN: Final = 1.2 * math.log(2.0)
FULL: Final = 24.0  # acts' worth of memory before anything is said
FULL_REACTIONS: Final = 8.0

FIELDS: Final = [
    ("recent_bins", "f4", (BINS,)),  # of log gaps
    ("recent_pairs", "f4"),
    ("recent_similar", "f4"),
    ("recent_requests", "f4"),
    ("recent_views", "f4"),
    ("recent_gestures", "f4"),
    ("recent_reactions", "f4"),
    ("recent_prompt", "f4"),
    ("recent_sum", "f4"),  # of log reactions
    ("recent_square", "f4"),
]
NAMES: Final = (
    "recent_gap_entropy",
    "recent_similar_share",
    "recent_views",
    "recent_gestures",
    "recent_reaction_spread",
    "recent_prompt_share",
)


@njit(cache=True)
def gap(row: Any, log_gap: float, before: float, first: bool) -> None:
    """Learn one gap as log(1 + seconds), and the one before it unless there was none."""
    for k in range(BINS):
        row.recent_bins[k] *= KEEP
    row.recent_bins[min(int(log_gap / BIN), BINS - 1)] += np.float32(1.0)
    if not first:
        row.recent_pairs = row.recent_pairs * KEEP + np.float32(1.0)
        row.recent_similar *= KEEP
        if abs(log_gap - before) < 0.1:
            row.recent_similar += np.float32(1.0)


@njit(cache=True)
def requested(row: Any) -> None:
    """Learn that one more act was made."""
    row.recent_requests = row.recent_requests * KEEP + np.float32(1.0)
    row.recent_views *= KEEP
    row.recent_gestures *= KEEP


@njit(cache=True)
def reacted(row: Any, log_s: float, prompt: bool) -> None:
    """Learn one reaction time as log seconds, and whether it was too quick for a look."""
    row.recent_reactions = row.recent_reactions * KEEP + np.float32(1.0)
    row.recent_prompt = row.recent_prompt * KEEP + np.float32(prompt)
    row.recent_sum = row.recent_sum * KEEP + np.float32(log_s)
    row.recent_square = row.recent_square * KEEP + np.float32(log_s * log_s)


@njit(cache=True)
def viewed(row: Any) -> None:
    row.recent_views += np.float32(1.0)


@njit(cache=True)
def gestured(row: Any, strokes: int) -> None:
    row.recent_gestures += np.float32(strokes)


@njit(cache=True)
def read(row: Any, out: Any, at: int) -> None:
    """Write this family's numbers to `out[at:]`; NaN before the memory is filled."""
    for k in range(len(NAMES)):
        out[at + k] = math.nan
    gaps = 0.0
    for k in range(BINS):
        gaps += row.recent_bins[k]
    if gaps >= FULL:
        out[at] = entropy(row.recent_bins, gaps)
        out[at + 1] = row.recent_similar / row.recent_pairs
    if row.recent_requests >= FULL:
        out[at + 2] = math.log1p(row.recent_views / row.recent_requests)
        out[at + 3] = math.log1p(row.recent_gestures / row.recent_requests)
    count = row.recent_reactions
    if count >= FULL_REACTIONS:
        mean = row.recent_sum / count
        out[at + 4] = math.sqrt(max(row.recent_square / count - mean * mean, 0.0))
        out[at + 5] = row.recent_prompt / count
