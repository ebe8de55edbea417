"""Interaction: what an account does with what it generates, and how soon it asks again.

Reaction time runs from the moment a result was ready, so the platform's own latency is not in it.
Views and gestures are counted per request; a platform that never sends them shows the same zero
for everybody, which training recognises as a dead column.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numba import njit

from features import recent

WINDOW: Final = 1024
PROMPT: Final = 1_500_000  # microseconds; nobody has looked at a result so soon
IDLE: Final = 600_000_000  # a later request is a new visit, not a reaction
FLOOR_S: Final = 0.05

FIELDS: Final = [
    ("done_last", "i8"),  # last completion not yet followed by a request; 0 = none
    ("requests", "u2"),
    ("views", "u2"),
    ("downloads", "u2"),
    ("reactions", "u2"),
    ("prompt_reactions", "u2"),
    ("gestures", "f4"),
    ("reaction_sum", "f4"),
    ("reaction_square", "f4"),
]
NAMES: Final = (
    "views_per_request",
    "downloads_per_request",
    "gestures_per_request",
    "reaction_mean",
    "reaction_spread",
    "prompt_reaction_share",
)
LEAST: Final = 16
LEAST_REACTIONS: Final = 8


@njit(cache=True)
def halve(row: Any) -> None:
    row.requests //= 2
    row.views //= 2
    row.downloads //= 2
    row.gestures *= np.float32(0.5)
    if row.reactions > 0:
        # Sums shrink exactly as their count: half of nine is four, and 4.5 / 4 is no mean.
        share = np.float32((row.reactions // 2) / row.reactions)
        row.reaction_sum *= share
        row.reaction_square *= share
    row.reactions //= 2
    row.prompt_reactions //= 2


@njit(cache=True)
def requested(row: Any, t: int) -> None:
    """Learn one act at `t`; the reaction is judged against the last result that was ready."""
    if row.requests >= WINDOW:
        halve(row)
    row.requests += 1
    recent.requested(row)
    waited = t - row.done_last
    if row.done_last > 0 and 0 <= waited < IDLE:
        log_s = math.log(FLOOR_S + waited / 1e6)
        row.reactions += 1
        row.prompt_reactions += waited < PROMPT
        row.reaction_sum += np.float32(log_s)
        row.reaction_square += np.float32(log_s * log_s)
        recent.reacted(row, log_s, waited < PROMPT)
    row.done_last = 0


@njit(cache=True)
def completed(row: Any, t: int) -> None:
    row.done_last = max(row.done_last, t)


@njit(cache=True)
def viewed(row: Any) -> None:
    row.views = min(row.views + 1, 65535)
    recent.viewed(row)


@njit(cache=True)
def downloaded(row: Any) -> None:
    row.downloads = min(row.downloads + 1, 65535)


@njit(cache=True)
def gestured(row: Any, pointer: int, keys: int) -> None:
    strokes = max(pointer, 0) + max(keys, 0)
    row.gestures += np.float32(strokes)
    recent.gestured(row, strokes)


@njit(cache=True)
def read(row: Any, out: Any, at: int) -> None:
    """Write this family's numbers to `out[at:]`; NaN where too little is known."""
    for k in range(len(NAMES)):
        out[at + k] = math.nan
    n = float(row.requests)
    if n < LEAST:
        return
    out[at] = math.log1p(row.views / n)
    out[at + 1] = math.log1p(row.downloads / n)
    out[at + 2] = math.log1p(row.gestures / n)
    count = float(row.reactions)
    if count >= LEAST_REACTIONS:
        mean = row.reaction_sum / count
        out[at + 3] = mean
        out[at + 4] = math.sqrt(max(row.reaction_square / count - mean * mean, 0.0))
        out[at + 5] = row.prompt_reactions / count
