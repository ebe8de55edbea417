"""Context: what an innocent explanation of the other numbers would rest on.

None of this accuses anyone. Which networks, how much through official features or with credits,
keys or pointer, and what a challenge has shown.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numba import njit

from streams.vocabulary import NETWORKS

WINDOW: Final = 1024
STRONGEST: Final = 2.0
FADING: Final = np.float32(1.0 - 1.0 / 256.0)  # an act's worth

FIELDS: Final = [
    ("context_gestures", "u2"),
    ("context_official", "u2"),
    ("context_placed", "u2"),  # gestures with a kind of network
    ("context_mobile", "u2"),
    ("context_business", "u2"),
    ("context_vpn", "u2"),
    ("context_requests", "u2"),
    ("context_credits", "u2"),
    ("key_strokes", "f4"),
    ("pointer_strokes", "f4"),
    ("challenge", "f4"),  # log2 of the factor; the vector's second number
]
NAMES: Final = (
    "official_share",
    "mobile_share",
    "business_share",
    "vpn_share",
    "credits_share",
    "keys_share",
)
LEAST: Final = 16

_MOBILE: Final = NETWORKS["mobile"]
_BUSINESS: Final = NETWORKS["business"]
_VPN: Final = NETWORKS["vpn"]
_UNKNOWN: Final = NETWORKS["unknown"]


@njit(cache=True)
def requested(row: Any, paid: bool) -> None:
    """Learn one request, on quota or paid with credits."""
    if row.context_requests >= WINDOW:
        row.context_requests //= 2
        row.context_credits //= 2
    row.context_requests += 1
    row.context_credits += paid


@njit(cache=True)
def gestured(row: Any, official: int, network: int) -> None:
    """Learn one gesture's surface and kind of network."""
    if row.context_gestures >= WINDOW:
        row.context_gestures //= 2
        row.context_official //= 2
        row.context_placed //= 2
        row.context_mobile //= 2
        row.context_business //= 2
        row.context_vpn //= 2
    row.context_gestures += 1
    row.context_official += official
    row.challenge *= FADING
    if network not in (0, _UNKNOWN):
        row.context_placed += 1
        row.context_mobile += network == _MOBILE
        row.context_business += network == _BUSINESS
        row.context_vpn += network == _VPN


@njit(cache=True)
def stroked(row: Any, pointer: int, keys: int) -> None:
    """Learn the strokes of one report of the client."""
    row.pointer_strokes += np.float32(max(pointer, 0))
    row.key_strokes += np.float32(max(keys, 0))


@njit(cache=True)
def challenged(row: Any, passed: bool) -> None:
    """Learn the outcome of a challenge: it halves or doubles what speaks against the account."""
    change = np.float32(-1.0 if passed else 1.0)
    row.challenge = min(max(row.challenge + change, np.float32(-STRONGEST)), np.float32(STRONGEST))


@njit(cache=True)
def read(row: Any, out: Any, at: int) -> None:
    """Write this family's numbers to `out[at:]`; NaN where too little is known."""
    for k in range(len(NAMES)):
        out[at + k] = math.nan
    if row.context_gestures >= LEAST:
        out[at] = row.context_official / row.context_gestures
    if row.context_placed >= LEAST:
        out[at + 1] = row.context_mobile / row.context_placed
        out[at + 2] = row.context_business / row.context_placed
        out[at + 3] = row.context_vpn / row.context_placed
    if row.context_requests >= LEAST:
        out[at + 4] = row.context_credits / row.context_requests
    strokes = row.key_strokes + row.pointer_strokes
    if strokes >= LEAST:
        out[at + 5] = row.key_strokes / strokes
