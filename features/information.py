"""Entropy and mutual information of counts, in nats."""

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
