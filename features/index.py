"""Two compiled hash tables: which row an account has, and which event ids were already seen.

Both are plain arrays with linear probing, because they must be saved in a snapshot and rebuilt to
the same bits. Keys are the 64-bit hashes of decoding; key 0 marks an empty place.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

Array = Any


@njit(cache=True)
def place(keys: Array, key: int) -> int:
    """Find where `key` stands, or the empty place where it would."""
    mask = len(keys) - 1
    at = np.int64((key ^ (key >> np.uint64(29))) & np.uint64(mask))
    while keys[at] != 0 and keys[at] != key:
        at = (at + 1) & mask
    return int(at)


@njit(cache=True)
def find_rows(keys: Array, values: Array, accounts: Array, count: int, rows: Array) -> int:
    """Write each account's row to `rows`, giving new accounts the next free one.

    `keys` must have room for every account of the batch; returns the new number of accounts.
    """
    for i in range(len(accounts)):
        at = place(keys, accounts[i])
        if keys[at] == 0:
            keys[at] = accounts[i]
            values[at] = count
            count += 1
        rows[i] = values[at]
    return count


@njit(cache=True)
def seen_before(young: Array, old: Array, fill: Array, key: int) -> bool:
    """Tell whether an event id came before, and remember it.

    Two generations hold at most a quarter of their length each: when the young one is full it
    becomes the old one. So an id is recognised for at least `len(young) // 4` further events, in
    bounded memory, and what is forgotten depends on the log alone, never on the clock.
    """
    if key == 0:
        return False
    here = place(young, key)
    if young[here] == key or old[place(old, key)] == key:
        return True
    if fill[0] >= len(young) // 4:
        old[:] = young
        young[:] = 0
        fill[0] = 0
        here = place(young, key)
    young[here] = key
    fill[0] += 1
    return False


def table_for(count: int) -> tuple[Array, Array]:
    """Give empty keys and values with room for `count` keys at half load."""
    size = 1 << max(int(2 * count - 1).bit_length(), 4)
    return np.zeros(size, dtype=np.uint64), np.zeros(size, dtype=np.int32)


@njit(cache=True)
def refill(keys: Array, values: Array, accounts: Array) -> None:
    """Enter `accounts` with rows 0, 1, 2 ... into empty `keys` and `values`."""
    for row in range(len(accounts)):
        at = place(keys, accounts[row])
        keys[at] = accounts[row]
        values[at] = row


@njit(cache=True)
def fold(word: Any) -> Any:
    """Fold a 64-bit hash to a non-zero 32-bit one."""
    short = np.uint32((word ^ (word >> np.uint64(32))) & np.uint64(0xFFFFFFFF))
    return short if short != 0 else np.uint32(1)


@njit(cache=True)
def count_among(keys: Any, counts: Any, key: int) -> None:
    """Count a key among the few most frequent ones, in two short arrays.

    A newcomer starts from one rather than from the evicted count, and must outlast it one for one
    (Misra and Gries 1982): an underestimate, so that a stream of ever new keys has no favourite.
    """
    least = 0
    for k in range(len(keys)):
        if counts[k] > 0 and keys[k] == key:
            counts[k] += 1
            return
        if counts[k] < counts[least]:
            least = k
    if counts[least] <= 1:
        keys[least] = key
        counts[least] = 1
    else:
        counts[least] -= 1
