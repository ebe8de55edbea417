"""Sequence: in which order short and long pauses follow each other.

What a machine does next is told by what it did before, however its pauses are spread. Two views of
that: how surely one pause tells the next (ten steps of two octaves), and how well the whole
sequence compresses (sixteen levels, a window of 64 pauses).

Sources: corrected conditional entropy (Porta et al. 1998; Gianvecchio et al., USENIX Security
2008); sliding-window parsing into phrases (Ziv and Lempel 1977).
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numba import njit

from features.information import conditional_entropy

WINDOW: Final = 1024
STEPS: Final = 10
STEP: Final = 2.0 * math.log(2.0)
LEVELS: Final = 16
LEVEL: Final = 0.85
RING: Final = 64  # a bit each in one word
NEW: Final = 255

FIELDS: Final = [
    ("level_places", "u8", (LEVELS,)),  # bit a place in the ring where the level stands
    ("phrase", "u8"),  # places at which the present phrase was seen before
    ("level_ring", "u1", (RING,)),
    ("level_at", "u1"),  # place that the next level takes
    ("gap_step", "u1"),  # step of the last gap, NEW = none yet
    ("gap_moves", "u1", (STEPS, STEPS)),  # from step to step; halved when a cell is full
    ("levels", "u2"),  # levels in the window
    ("phrases", "u2"),  # ... and the phrases they make
]
NAMES: Final = ("gap_conditional_entropy", "gap_phrases")
LEAST: Final = 8

_ONE: Final = np.uint64(1)
_LAST: Final = np.uint64(RING - 1)


@njit(cache=True)
def begin(row: Any) -> None:
    """Start a sequence whose next gap has none before it."""
    row.gap_step = NEW


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
def count_phrase(row: Any, level: int) -> None:
    """Parse one more level: a phrase goes on while it was seen before inside the window."""
    here = _ONE << np.uint64(row.level_at)
    row.level_places[row.level_ring[row.level_at]] &= ~here  # what stood here leaves the window
    places = row.level_places[level]
    again = ((row.phrase << _ONE) | (row.phrase >> _LAST)) & places
    if again == 0:
        row.phrases += 1
        again = places
    row.phrase = again
    row.level_places[level] |= here
    row.level_ring[row.level_at] = level
    row.level_at = (row.level_at + 1) % RING
    row.levels += 1
    if row.levels >= WINDOW:
        row.levels //= 2
        row.phrases //= 2


@njit(cache=True)
def update(row: Any, log_gap: float) -> None:
    """Learn one gap as log(1 + seconds)."""
    count_move(row, min(int(log_gap / STEP), STEPS - 1))
    count_phrase(row, min(int(log_gap / LEVEL), LEVELS - 1))


@njit(cache=True)
def read(row: Any, out: Any, at: int) -> None:
    """Write this family's numbers to `out[at:]`; NaN where too few gaps are known."""
    for k in range(len(NAMES)):
        out[at + k] = math.nan
    if row.levels < LEAST:
        return
    out[at] = conditional_entropy(row.gap_moves)
    out[at + 1] = row.phrases / row.levels
