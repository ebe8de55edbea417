"""What chance alone would do: exact tests of shares, many tests at once, accounts drawn again.

Sources: Clopper and Pearson (Biometrika 1934) for exact bounds of a share; Holm (Scandinavian
Journal of Statistics 1979) for many tests; Efron (Annals of Statistics 1979) for the bootstrap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

LEVEL: Final = 0.05
DRAWS: Final = 1000


def at_least(count: int, of: int, share: float) -> float:
    """Give the probability of `count` or more among `of` when each has this share.

    It is below a level exactly when Clopper and Pearson's one-sided lower bound is above the share.
    """
    from scipy.stats import binom  # noqa: PLC0415  as slow to import as all the rest

    return float(binom.sf(count - 1, of, share)) if count else 1.0


def lower(count: int, of: int, level: float = LEVEL) -> float:
    """Give the exact one-sided lower bound of a share."""
    from scipy.stats import beta  # noqa: PLC0415

    return float(beta.ppf(level, count, of - count + 1)) if count else 0.0


def upper(count: int, of: int, level: float = LEVEL) -> float:
    """Give the exact one-sided upper bound of a share; 1 of nothing."""
    from scipy.stats import beta  # noqa: PLC0415

    return float(beta.ppf(1.0 - level, count + 1, of - count)) if count < of else 1.0


def holm(p_values: Sequence[float], level: float = LEVEL) -> NDArray[np.bool_]:
    """Tell which tests refuse, so that with probability 1 - `level` none does by chance."""
    values = np.asarray(p_values, dtype=float)
    order = np.argsort(values, kind="stable")
    small = values[order] <= level / np.arange(len(values), 0, -1)
    refused = np.zeros(len(values), dtype=bool)
    refused[order] = np.logical_and.accumulate(small)
    return refused


def again(count: int, seed: int, draws: int = DRAWS) -> NDArray[np.float64]:
    """Draw `count` accounts with replacement: how often each came, shape (draws, count)."""
    lot = np.random.default_rng(seed)
    return lot.multinomial(count, np.full(count, 1.0 / count), size=draws).astype(float)


def interval(values: NDArray[np.float64], level: float = LEVEL) -> tuple[float, float]:
    """Give the two quantiles between which 1 - `level` of the known values lie."""
    known: Any = values[np.isfinite(values)]
    if not len(known):
        return -np.inf, np.inf
    low, high = np.quantile(known, (level / 2.0, 1.0 - level / 2.0))
    return float(low), float(high)
