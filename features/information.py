"""Entropy and mutual information of counts, in nats, and the bits of a word."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit


@njit(cache=True)
def entropy(counts: Any, total: float) -> float:
    """Shannon entropy in nats of `counts` that add up to `total`."""
    nats = 0.0
    for k in range(len(counts)):
        if counts[k] > 0:
            p = counts[k] / total
            nats -= p * math.log(p)
    return nats


@njit(cache=True)
def peak(counts: Any) -> float:
    total = 0.0
    most = 0.0
    for k in range(len(counts)):
        total += counts[k]
        most = max(most, float(counts[k]))
    return float(most / total) if total > 0 else math.nan


@njit(cache=True)
def information(table: Any) -> float:
    """Mutual information in nats between the rows and the columns of a table of counts."""
    total = 0.0
    joint = 0.0
    rows = 0.0
    cells = 0
    lines = 0
    columns = np.zeros(table.shape[1])
    for a in range(table.shape[0]):
        line = 0.0
        for b in range(table.shape[1]):
            count = float(table[a, b])
            line += count
            columns[b] += count
            if count > 0.0:
                joint += count * math.log(count)
                cells += 1
        if line > 0.0:
            rows += line * math.log(line)
            lines += 1
        total += line
    if total == 0.0:
        return math.nan
    across = 0.0
    used = 0
    for b in range(table.shape[1]):
        if columns[b] > 0.0:
            across += columns[b] * math.log(columns[b])
            used += 1
    plain = (joint - rows - across) / total + math.log(total)
    # Miller-Madow: chance alone fills this much of an empty relation.
    return max(plain - (cells - lines - used + 1) / (2.0 * total), 0.0)


@njit(cache=True)
def conditional_entropy(moves: Any) -> float:
    """Entropy in nats of the column given the row, plus Porta's correction for pairs seen once."""
    total = 0.0
    once = 0.0
    joint = 0.0
    first = 0.0
    for a in range(moves.shape[0]):
        from_a = 0.0
        for b in range(moves.shape[1]):
            count = moves[a, b]
            from_a += count
            once += count == 1
            if count > 0:
                joint += count * math.log(count)
        total += from_a
        if from_a > 0:
            first += from_a * math.log(from_a)
    if total == 0.0:
        return math.nan
    plain = (first - joint) / total
    return plain + once / total * (math.log(total) - first / total)


@njit(cache=True)
def quantile(bins: Any, total: float, share: float) -> float:
    """Give a quantile of binned values in units of a bin, interpolated inside its bin."""
    want = share * total
    below = 0.0
    for k in range(len(bins)):
        if below + bins[k] >= want and bins[k] > 0:
            return float(k + (want - below) / bins[k])
        below += bins[k]
    return float(len(bins))


@njit(cache=True)
def bits(word: Any) -> int:
    """Count the set bits of a 64-bit word, in parallel inside the word."""
    pairs = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    fours = (pairs & np.uint64(0x3333333333333333)) + (
        (pairs >> np.uint64(2)) & np.uint64(0x3333333333333333)
    )
    eights = (fours + (fours >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    count: int = (eights * np.uint64(0x0101010101010101)) >> np.uint64(56)
    return count
