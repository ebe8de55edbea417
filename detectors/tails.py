"""How far out in the population's tail each number of a vector lies, in nats.

One-sided empirical tails with chosen directions, added up over features, after ECOD (Li et al.,
TKDE 2022). Everything is relative to the platform's own accounts *of the same number of acts*: an
entropy of eight gaps and one of eight hundred are not the same thing. Beyond the 95 % quantile
the tail goes on as an exponential fitted between the 80 % and 95 % quantiles, where a few abusers
in the reference weigh little, so that stranger stays stranger past the largest value seen.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

EDGES: Final = np.array(
    [24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 2048, 4096, 8192, 16384], dtype=float
)
"""Lower edges of the strata by number of acts. Below the first nothing is scored at all."""

QUANTILES: Final = 256
FEWEST: Final = 30  # accounts a stratum needs before it speaks for itself
CAP: Final = 10.0  # nats; no single number counts for more
ELBOW: Final = -math.log(0.05)
RARITY: Final = -np.log((QUANTILES - np.arange(QUANTILES)) / QUANTILES)
"""Nats of a value with so many quantiles below it; all of them is beyond any table."""


@dataclass(frozen=True, slots=True)
class Tails:
    """Reference quantiles for S strata and F features.

    `grid` (S, F, QUANTILES) ascending quantiles of the *directed* value, `elbow` (S, F) its 95 %
    quantile, `scale` (S, F) of the exponential beyond it (0: no tail to extend), `counts` (S, F)
    accounts behind each, 0 where the feature is dead, `columns` (F,) where each feature stands in
    the vector and `directions` (F,) the sign that makes high values strange.
    """

    grid: NDArray[np.float64]
    elbow: NDArray[np.float64]
    scale: NDArray[np.float64]
    counts: NDArray[np.float64]
    columns: NDArray[np.int64]
    directions: NDArray[np.float64]

    def varying(self) -> NDArray[np.bool_]:
        """Tell which features differ between accounts in any stratum; shape (F,)."""
        varying: NDArray[np.bool_] = np.ptp(self.grid, axis=2).any(axis=0)
        return varying

    def known_at(self, acts: float) -> NDArray[np.float64]:
        """Tell how many accounts stand behind each feature at this number of acts; shape (F,)."""
        known: NDArray[np.float64] = self.counts[max(stratum_of(acts), 0)]
        return known

    def nats(self, vectors: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give each vector's tail values, shape (n, F); NaN where unknown or dead."""
        out = np.empty((len(vectors), len(self.columns)))
        tail_rows(
            vectors, self.grid, self.elbow, self.scale, self.counts, self.columns,
            self.directions, out,
        )  # fmt: skip
        return out


@njit(cache=True)
def stratum_of(acts: float) -> int:
    """Give the stratum for a number of acts, -1 below the first edge."""
    found = -1
    for k in range(len(EDGES)):
        if acts >= EDGES[k]:
            found = k
    return found


@njit(cache=True)
def surprise(value: float, grid: Any, elbow: float, scale: float, count: float) -> float:
    """Minus the log of the share of the reference at or above `value`; 0 at the bottom."""
    if value <= grid[0]:
        return 0.0
    below = np.searchsorted(grid, value)  # grid entries strictly below
    nats = RARITY[below] if below < QUANTILES else math.inf
    if below == QUANTILES or count < QUANTILES:
        nats = min(nats, math.log(count + 1.0))
    if grid[0] == grid[-1]:
        # Nobody ever differed. The first who does may be the first of a new client release.
        return max(min(nats, ELBOW), 0.0)
    if value > elbow and scale > 0.0:
        nats = ELBOW + (value - elbow) / scale
    return min(max(nats, 0.0), CAP)


@njit(cache=True)
def tail_rows(
    vectors: Any, grid: Any, elbow: Any, scale: Any, counts: Any, columns: Any, directions: Any,
    out: Any,
) -> None:  # fmt: skip
    for i in range(len(vectors)):
        stratum = stratum_of(vectors[i, 0])
        for f in range(len(columns)):
            value = vectors[i, columns[f]]
            if stratum < 0 or counts[stratum, f] == 0.0 or not math.isfinite(value):
                out[i, f] = math.nan
                continue
            out[i, f] = surprise(
                value * directions[f], grid[stratum, f], elbow[stratum, f], scale[stratum, f],
                counts[stratum, f],
            )  # fmt: skip


def fit(
    reference: list[NDArray[np.float64]],
    columns: NDArray[np.int64],
    directions: NDArray[np.float64],
) -> Tails:
    """Fit the tails to one vector per account for each stratum (a list of (n_s, WIDTH) arrays).

    A stratum with fewer than `FEWEST` accounts borrows the vectors of its nearest neighbours. A
    feature is dead in a stratum, and says nothing there, when fewer than `FEWEST` accounts (or
    half of a smaller population) know it.
    """
    strata, features = len(EDGES), len(columns)
    grid = np.zeros((strata, features, QUANTILES))
    elbow, scale, counts = (np.zeros((strata, features)) for _ in range(3))
    ranks = (np.arange(QUANTILES) + 0.5) / QUANTILES
    for s in range(strata):
        rows = borrow(reference, s)
        for f in range(features):
            values = rows[:, columns[f]] * directions[f]
            values = values[~np.isnan(values)]
            if len(values) < min(FEWEST, max(len(rows) // 2, 8)):
                continue
            grid[s, f] = np.quantile(values, ranks)
            knee, elbow[s, f] = np.quantile(values, (0.80, 0.95))
            scale[s, f] = (elbow[s, f] - knee) / math.log(4.0)
            counts[s, f] = len(values)
    return Tails(grid, elbow, scale, counts, columns, directions)


def borrow(reference: list[NDArray[np.float64]], s: int) -> NDArray[np.float64]:
    """Widen stratum `s` one neighbour at a time, fewer acts first, until it has enough rows."""
    low = high = s
    while sum(len(reference[k]) for k in range(low, high + 1)) < FEWEST:
        if low == 0 and high == len(reference) - 1:
            break
        low = max(low - 1, 0)
        if sum(len(reference[k]) for k in range(low, high + 1)) < FEWEST:
            high = min(high + 1, len(reference) - 1)
    return np.concatenate(reference[low : high + 1])
