"""Templates: whether prompts are poured from a few moulds, and whether topics ever come back.

Similar prompts in a row are how people work. A mould that is filled in again and again, also with
other prompts between, is how a program works; and topics that never come back are what many people
behind one account bring. Six prompts are kept as heads, the least used making room.

Source: SimHash and its Hamming distance (Charikar, STOC 2002).
"""

from __future__ import annotations

import math
from typing import Any, Final

from numba import njit

from features.information import bits

WINDOW: Final = 1024
HEADS: Final = 6
SAME_TEMPLATE: Final = 3  # bits of 64; a prompt with one slot refilled
NEW_TOPIC: Final = 20

FIELDS: Final = [
    ("heads", "u8", (HEADS,)),
    ("head_prompts", "u2", (HEADS,)),
    ("headed", "u2"),  # prompts in the window
    ("poured", "u2"),  # ... that fill a mould in another way than its first prompt
    ("strangers", "u2"),  # ... unlike every head
]
NAMES: Final = ("poured_share", "new_topic_share")
LEAST: Final = 24


@njit(cache=True)
def halve(row: Any) -> None:
    row.headed //= 2
    row.poured //= 2
    row.strangers //= 2
    for k in range(HEADS):
        row.head_prompts[k] //= 2


@njit(cache=True)
def update(row: Any, sketch: int) -> None:
    """Learn one act's prompt sketch; 0 = absent."""
    if sketch == 0:
        return
    if row.headed >= WINDOW:
        halve(row)
    row.headed += 1
    near = 64
    nearest = 0
    least = 0
    for k in range(HEADS):
        if row.head_prompts[k] < row.head_prompts[least]:
            least = k
        far = bits(sketch ^ row.heads[k])
        if row.head_prompts[k] > 0 and far < near:
            near = far
            nearest = k
    if near <= SAME_TEMPLATE:
        row.poured += near > 0
        row.head_prompts[nearest] += 1
        return
    row.strangers += near >= NEW_TOPIC
    # A newcomer must outlast the least used head, one prompt against one (Misra and Gries 1982).
    if row.head_prompts[least] <= 1:
        row.heads[least] = sketch
        row.head_prompts[least] = 1
    else:
        row.head_prompts[least] -= 1


@njit(cache=True)
def read(row: Any, out: Any, at: int) -> None:
    """Write this family's numbers to `out[at:]`; NaN where too little is known."""
    known = row.headed >= LEAST
    out[at] = row.poured / row.headed if known else math.nan
    out[at + 1] = row.strangers / row.headed if known else math.nan
