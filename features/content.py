"""Content: how one request's prompt and parameters follow from the one before.

People repeat themselves: heavy users re-submit the same configuration half of the time, so exact
repetition is never evidence. A template filled in, a seed counted up and topics that jump between
one minute and the next are what machines and shared accounts add.
"""

from __future__ import annotations

import math
from typing import Any, Final

from numba import njit

from features.information import bits
from features.templates import NEW_TOPIC, SAME_TEMPLATE

WINDOW: Final = 1024
SOON: Final = 60_000_000

FIELDS: Final = [
    ("sketch_last", "u8"),
    ("params_last", "u8"),
    ("seed_last", "i8"),
    ("content_last", "i8"),
    ("sketches", "u2"),  # consecutive pairs of prompts in the window
    ("templates", "u2"),  # ... alike but not equal
    ("jumps", "u2"),  # ... of new topic within a minute
    ("seeds", "u2"),  # consecutive pairs with seeds
    ("seed_steps", "u2"),
    ("params_pairs", "u2"),  # pairs with parameters and a prompt sketch
    ("sweeps", "u2"),  # ... same prompt, other parameters
]
NAMES: Final = ("template_share", "topic_jump_share", "seed_step_share", "sweep_share")
LEAST: Final = 16


@njit(cache=True)
def halve(row: Any) -> None:
    row.sketches //= 2
    row.templates //= 2
    row.jumps //= 2
    row.seeds //= 2
    row.seed_steps //= 2
    row.params_pairs //= 2
    row.sweeps //= 2


@njit(cache=True)
def update(row: Any, t: int, sketch: int, params: int, seed: int) -> None:
    """Learn one act's prompt sketch (0 = absent), parameters (0) and seed (-1)."""
    if row.sketches >= WINDOW or row.seeds >= WINDOW:
        halve(row)
    if sketch != 0 and row.sketch_last != 0:
        far = bits(sketch ^ row.sketch_last)
        row.sketches += 1
        row.templates += 0 < far <= SAME_TEMPLATE
        row.jumps += far >= NEW_TOPIC and t - row.content_last < SOON
        if params != 0 and row.params_last != 0:
            row.params_pairs += 1
            row.sweeps += far == 0 and params != row.params_last
    if seed >= 0 and row.seed_last >= 0 and row.content_last > 0:
        row.seeds += 1
        row.seed_steps += seed == row.seed_last + 1
    row.sketch_last = sketch
    row.params_last = params
    row.seed_last = seed
    row.content_last = t


@njit(cache=True)
def read(row: Any, out: Any, at: int) -> None:
    """Write this family's numbers to `out[at:]`; NaN where too little is known."""
    for k in range(len(NAMES)):
        out[at + k] = math.nan
    if row.sketches >= LEAST:
        out[at] = row.templates / row.sketches
        out[at + 1] = row.jumps / row.sketches
    if row.seeds >= LEAST:
        out[at + 2] = row.seed_steps / row.seeds
    if row.params_pairs >= LEAST:
        out[at + 3] = row.sweeps / row.params_pairs
