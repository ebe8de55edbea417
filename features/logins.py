"""Logins: how surprising the place and the device of a login are, given those before it.

Each is judged before it is learnt. A value never seen backs off to its parent, so that a new
address in a known country surprises less than a new country, and a new browser on a known system
less than a new system. The mean over recent logins is the feature; how common a new phone or a
journey is among this platform's people is for the tails to say.

Source: risk of a login as a likelihood ratio with back-off (Freeman et al., NDSS 2016).
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numba import njit

from features.index import count_among

WINDOW: Final = 64
KEPT: Final = 4
KNOWN_PARENT: Final = 0.2
NEW_PARENT: Final = 0.01

FIELDS: Final = [
    ("login_block", "u4", (KEPT,)),
    ("login_device", "u4", (KEPT,)),
    ("login_blocks", "u2", (KEPT,)),
    ("login_devices", "u2", (KEPT,)),
    ("login_sum", "f4"),
    ("logins", "u2"),
    ("login_country", "u2", (KEPT,)),
    ("login_systems", "u1"),  # bit a system
]
NAMES: Final = ("login_surprise",)
LEAST: Final = 5


@njit(cache=True)
def seen(keys: Any, counts: Any, key: int) -> float:
    for k in range(KEPT):
        if counts[k] > 0 and keys[k] == key:
            return float(counts[k])
    return 0.0


@njit(cache=True)
def surprise(times: float, logins: float, parent: bool) -> float:
    """Give minus the log of the chance of a value seen `times` in `logins`, in nats."""
    prior = KNOWN_PARENT if parent else NEW_PARENT
    return -math.log((times + prior) / (logins + 1.0))


@njit(cache=True)
def known_country(row: Any, country: int) -> bool:
    """Tell whether logins came from the country before, and remember it."""
    for k in range(KEPT):
        if row.login_country[k] == country:
            return True
    row.login_country[row.logins % KEPT] = country
    return False


@njit(cache=True)
def started(row: Any, block: int, country: int, device: int, system: int) -> None:
    """Judge and learn one login; each part may be absent (0), and an absent part is no surprise."""
    if row.logins >= WINDOW:
        share = np.float32((row.logins // 2) / row.logins)
        row.login_sum *= share
        row.logins //= 2
        for k in range(KEPT):
            row.login_blocks[k] //= 2
            row.login_devices[k] //= 2
    nats = 0.0
    if block != 0:
        parent = country != 0 and known_country(row, country)
        times = seen(row.login_block, row.login_blocks, block)
        nats += surprise(times, row.logins, parent)
        count_among(row.login_block, row.login_blocks, block)
    if device != 0:
        parent = (row.login_systems >> system) & 1 == 1
        times = seen(row.login_device, row.login_devices, device)
        nats += surprise(times, row.logins, parent)
        count_among(row.login_device, row.login_devices, device)
        row.login_systems |= np.uint8(1 << system)
    if row.logins > 0:  # the first login has nothing to be compared with
        row.login_sum += np.float32(nats)
    row.logins += 1


@njit(cache=True)
def read(row: Any, out: Any, at: int) -> None:
    """Write this family's numbers to `out[at:]`; NaN where too few logins are known."""
    out[at] = row.login_sum / (row.logins - 1.0) if row.logins >= LEAST else math.nan
