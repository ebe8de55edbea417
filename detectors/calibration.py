"""The promise: how many honest account-months may be paused, and what a population can certify.

The unit is one honest account-month and the statistic its *running maximum*, so the promise holds
however often an account is looked at and however its events depend on each other. An account gives
one month, drawn by lot. Per-event thresholds and e-values over events do not hold this promise on
real people (they alarmed on 16 to 42 % of them), which is why they are not here.

Sources: conformal p-values (Bates et al., Annals of Statistics 2023); the rank with a guarantee
for this calibration set follows from the Beta law of order statistics.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

CONFIDENCE: Final = 0.95


def pac_rank(count: int, budget: float, confidence: float = CONFIDENCE) -> int:
    """Give the largest k such that pausing above the k-th largest of `count` maxima is safe.

    Safe: with the stated confidence, at most a share `budget` of honest account-months exceed it.
    Returns 0 when `count` is too small to certify the budget at all.

    Examples
    --------
    >>> pac_rank(2_995, 0.001), pac_rank(2_994, 0.001), pac_rank(30_000, 0.001)
    (1, 0, 21)
    """
    ranks = np.arange(1, max(int(count * budget), 0) + 1)
    if not len(ranks):
        return 0
    from scipy.stats import beta  # noqa: PLC0415  as slow to import as all the rest

    risk = beta.sf(budget, ranks, count + 1 - ranks)
    return int(np.count_nonzero(risk <= 1.0 - confidence))


def floor(count: int, confidence: float = CONFIDENCE) -> float:
    """Give the smallest budget that `count` account-months can certify; 1 for none at all.

    Examples
    --------
    >>> round(floor(2_995), 6)
    0.001
    """
    return 1.0 - float((1.0 - confidence) ** (1.0 / count)) if count else 1.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """Running maxima of honest account-months, largest first, shape (n,)."""

    maxima: NDArray[np.float64]

    def p_value(self, maximum: float) -> float | None:
        """Share of honest account-months at least this strange; None while nothing is known."""
        if not len(self.maxima):
            return None
        above = np.count_nonzero(self.maxima >= maximum)
        return float((1 + above) / (len(self.maxima) + 1))

    def certified(self, budget: float) -> float:
        """Threshold that keeps `budget` with confidence; infinite if that cannot be certified."""
        rank = pac_rank(len(self.maxima), budget)
        return float(self.maxima[rank - 1]) if rank else np.inf

    def expected(self, budget: float) -> float:
        """Threshold that keeps `budget` on average; the largest maximum when data are few."""
        if not len(self.maxima):
            return np.inf
        rank = min(max(int(budget * (len(self.maxima) + 1)), 1), len(self.maxima))
        return float(self.maxima[rank - 1])
