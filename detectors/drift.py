"""Whether numbers still look as they did: feature by feature, and score by score.

Two measures, because each alone misleads. The stability index says how far a distribution moved,
and nothing of chance; Kolmogorov's test says whether chance could do it, and with many accounts it
calls everything a change. A feature has drifted if it moved and chance did not do it. One that
falls silent has moved, too: what was not known (NaN) is a bin of its own in the index, and how
often that is so has a test of its own.

Sources: the population stability index of credit scoring, with its usual limits of 0.1 and 0.25
(Siddiqi 2006, chapter 9); Kolmogorov and Smirnov (1948); Benjamini and Hochberg,
J. R. Statist. Soc. B 57 (1995), for the share of false alarms among many tests.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

BINS: Final = 10
ENOUGH: Final = 50
"""Accounts with a known value, on either side, below which nothing is said of a feature."""
MOVED: Final = 0.1
MOVED_FAR: Final = 0.25
FALSE_SHARE: Final = 0.05
"""Of the features that are said to have drifted, so many may be chance."""
_EMPTY: Final = 1e-4  # what an empty bin is taken to hold, as the index has no value for none


@dataclass(frozen=True, slots=True)
class Drift:
    """How one feature or score moved: from `reference` accounts to `current` ones with a value.

    `psi` is the stability index, `ks` the largest distance of the two distribution functions
    (0 to 1; None where fewer than `ENOUGH` accounts on a side have a value), `p_value` what chance
    would do: that of the values and that of how many are known, the smaller twice over. `drifted`
    holds among all the tests of its night.
    """

    name: str
    psi: float
    ks: float | None
    p_value: float
    reference: int
    current: int
    drifted: bool


def drift(
    names: Sequence[str], reference: NDArray[np.floating], current: NDArray[np.floating]
) -> tuple[Drift, ...]:
    """Compare two matrices of (accounts, features), column by column.

    `ValueError` unless both have accounts, and a column for each name.
    """
    for matrix in (reference, current):
        if matrix.ndim != 2 or matrix.shape[1] != len(names):
            raise ValueError(f"{len(names)} columns are named, and the shape is {matrix.shape}")
        if not len(matrix):
            raise ValueError("no accounts to compare")
    columns = [_compared(reference[:, j], current[:, j]) for j in range(len(names))]
    significant = benjamini_hochberg(np.array([p_value for _, _, p_value, _ in columns]))
    return tuple(
        Drift(name, moved, distance, p_value, *counts, drifted=bool(chance and moved >= MOVED))
        for name, (moved, distance, p_value, counts), chance in zip(
            names, columns, significant, strict=True
        )
    )


def psi(reference: NDArray[np.floating], current: NDArray[np.floating], bins: int = BINS) -> float:
    """Give the population stability index of two samples; 0 is no change, infinity never comes.

    The bins are the reference's quantiles, and one more holds what is not known. NaN if a sample
    is empty.
    """
    if not len(reference) or not len(current):
        return float("nan")
    known = reference[~np.isnan(reference)]
    inner = np.linspace(0.0, 1.0, bins + 1)[1:-1]
    # A value that many share would give several bins of one edge: one is enough.
    edges = np.unique(np.quantile(known, inner)) if len(known) else np.empty(0)
    was, now = (np.maximum(_shares(sample, edges), _EMPTY) for sample in (reference, current))
    return float(((now - was) * np.log(now / was)).sum())


def ks(reference: NDArray[np.floating], current: NDArray[np.floating]) -> tuple[float, float]:
    """Give Kolmogorov's distance of the known values and its asymptotic two-sided p-value."""
    from scipy.stats import ks_2samp  # noqa: PLC0415  as slow to import as all the rest

    known = [sample[~np.isnan(sample)] for sample in (reference, current)]
    if not all(map(len, known)):
        return float("nan"), float("nan")
    found = ks_2samp(*known, method="asymp")
    return float(found.statistic), float(found.pvalue)


def benjamini_hochberg(
    p_values: NDArray[np.floating], share: float = FALSE_SHARE
) -> NDArray[np.bool_]:
    """Tell which tests are significant when `share` of those may be false; NaN is no test."""
    tested = np.flatnonzero(~np.isnan(p_values))
    order = tested[np.argsort(p_values[tested], kind="stable")]
    below = p_values[order] <= share * np.arange(1, len(order) + 1) / max(len(order), 1)
    found = np.zeros(len(p_values), dtype=bool)
    if below.any():
        found[order[: np.flatnonzero(below)[-1] + 1]] = True
    return found


def _compared(
    reference: NDArray[np.floating], current: NDArray[np.floating]
) -> tuple[float, float | None, float, tuple[int, int]]:
    was, now = (int(np.count_nonzero(~np.isnan(each))) for each in (reference, current))
    distance, tests = None, [_as_often(was, len(reference), now, len(current))]
    if min(was, now) >= ENOUGH:
        distance, of_values = ks(reference, current)
        tests.append(of_values)
    # Two looks at one feature: the smaller p-value counts twice (Bonferroni).
    return psi(reference, current), distance, min(2.0 * min(tests), 1.0), (was, now)


def _as_often(was: int, of: int, now: int, of_now: int) -> float:
    """Give the p-value of two shares being the same, by the normal approximation."""
    if min(of, of_now) < ENOUGH or was + now in {0, of + of_now}:
        return 1.0
    pooled = (was + now) / (of + of_now)
    spread = math.sqrt(pooled * (1.0 - pooled) * (1.0 / of + 1.0 / of_now))
    return math.erfc(abs(was / of - now / of_now) / spread / math.sqrt(2.0))


def _shares(sample: NDArray[np.floating], edges: NDArray[np.floating]) -> NDArray[np.float64]:
    known = sample[~np.isnan(sample)]
    # A value on an edge belongs to the bin below it, as in the reference's own quantiles.
    counts = np.bincount(np.searchsorted(edges, known, side="left"), minlength=len(edges) + 1)
    return np.append(counts, len(sample) - len(known)) / len(sample)
