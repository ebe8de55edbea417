"""Surface: whether what a request says of its client holds together.

A user agent that names itself a program says so plainly. A phone app on a desktop system is a
contradiction, and privacy browsers are odd in ways that are none: only the first two are counted.
Whether the official client proved itself is context, as most web browsers cannot.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numba import njit

from streams.vocabulary import CLIENTS, SYSTEMS

WINDOW: Final = 1024  # gestures of each sort, after which older ones weigh half

FIELDS: Final = [
    ("surface_acts", "u2"),  # gestures with a user agent
    ("declared_acts", "u2"),  # ... that says it is a program
    ("claimed_acts", "u2"),  # gestures of an app whose system is known
    ("conflicts", "u2"),  # ... on a system it does not run on
    ("proof_acts", "u2"),  # gestures that say whether the client proved itself
    ("proven_acts", "u2"),
]
NAMES: Final = ("declared_share", "surface_conflict_share", "attested_share")
LEAST: Final = 32


def _impossible() -> Any:
    table = np.zeros((max(CLIENTS.values()) + 1, max(SYSTEMS.values()) + 1), dtype=np.uint8)
    for client, systems in {
        "ios": ("windows", "linux", "android"),  # macOS runs iPad apps
        "android": ("windows", "macos", "ios"),
        "desktop": ("android", "ios"),
    }.items():
        for system in systems:
            table[CLIENTS[client], SYSTEMS[system]] = 1
    return table


IMPOSSIBLE: Final = _impossible()
CLAIMS: Final = IMPOSSIBLE.any(axis=1)


@njit(cache=True)
def update(row: Any, event: Any) -> None:
    """Learn what one gesture says of its client."""
    if event.agent != 0:
        if row.surface_acts >= WINDOW:
            row.surface_acts //= 2
            row.declared_acts //= 2
        row.surface_acts += 1
        row.declared_acts += event.declared
    if CLAIMS[event.client] and event.system != 0:
        if row.claimed_acts >= WINDOW:
            row.claimed_acts //= 2
            row.conflicts //= 2
        row.claimed_acts += 1
        row.conflicts += IMPOSSIBLE[event.client, event.system]
    if event.attested >= 0:
        if row.proof_acts >= WINDOW:
            row.proof_acts //= 2
            row.proven_acts //= 2
        row.proof_acts += 1
        row.proven_acts += event.attested


@njit(cache=True)
def read(row: Any, out: Any, at: int) -> None:
    """Write this family's numbers to `out[at:]`; NaN where too little is known."""
    for k in range(len(NAMES)):
        out[at + k] = math.nan
    if row.surface_acts >= LEAST:
        out[at] = row.declared_acts / row.surface_acts
    if row.claimed_acts >= LEAST:
        out[at + 1] = row.conflicts / row.claimed_acts
    if row.proof_acts >= LEAST:
        out[at + 2] = row.proven_acts / row.proof_acts
