"""The promise: how many honest account-months may be paused, and what a population can certify.

The unit is one honest account-month and the statistic its *running maximum*, so the promise holds
however often an account is looked at and however its events depend on each other. An account gives
one month, drawn by lot. Per-event thresholds and e-values over events do not hold this promise on
real people (they alarmed on 16 to 42 % of them), which is why they are not here.

Sources: conformal p-values (Bates et al., Annals of Statistics 2023); the rank with a guarantee
for this calibration set follows from the Beta law of order statistics.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from detectors import strata

if TYPE_CHECKING:
    from numpy.typing import NDArray

CONFIDENCE: Final = 0.95
LUCK: Final = 0.01  # a stratum that exceeds its share by less luck than this stands apart
PATTERN: Final = 3  # somebody has to be the strangest of all; one or two are no pattern
BUDGETS: Final = (0.02, 0.005, 0.001)  # at which strata are checked


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
    """Running maxima of honest account-months on the common scale of `detectors.strata`.

    `maxima` (n,), largest first, are those of all strata that keep the budget together; `apart`
    holds, likewise in order, those of each stratum that did not and answers for itself; `strata`
    is the table, whose `pool` names one of these.
    """

    maxima: NDArray[np.float64]
    strata: NDArray[Any] = field(default_factory=strata.whole)
    apart: tuple[NDArray[np.float64], ...] = ()

    def pool(self, stratum: int = 0) -> NDArray[np.float64]:
        """Give the maxima that calibrate a stratum, largest first."""
        pools = (self.maxima, *self.apart)
        return pools[int(self.strata["pool"][stratum])]

    def p_value(self, maximum: float, stratum: int = 0) -> float | None:
        """Share of honest account-months at least this strange; None while nothing is known."""
        pool, row = self.pool(stratum), self.strata[stratum]
        if not len(pool):
            return None
        above = np.count_nonzero(pool >= (maximum - row["offset"]) / row["gain"])
        return float((1 + above) / (len(pool) + 1))

    def certified(self, budget: float, stratum: int = 0) -> float:
        """Maximum that keeps `budget` with confidence; infinite if that cannot be certified."""
        pool = self.pool(stratum)
        rank = pac_rank(len(pool), budget)
        return self._own(float(pool[rank - 1]), stratum) if rank else np.inf

    def expected(self, budget: float, stratum: int = 0) -> float:
        """Maximum that keeps `budget` on average; the largest one known when months are few."""
        pool = self.pool(stratum)
        return self._own(at_share(pool, budget), stratum) if len(pool) else np.inf

    def keeps(self, budget: float, stratum: int = 0) -> bool:
        """Tell whether there are months enough for `expected` to keep the budget."""
        return budget * (len(self.pool(stratum)) + 1) >= 1.0

    def floor(self, stratum: int = 0) -> float:
        """Give the smallest budget that can be certified to a stratum."""
        return floor(len(self.pool(stratum)))

    def _own(self, common: float, stratum: int) -> float:
        row = self.strata[stratum]
        return float(row["offset"] + row["gain"] * common)


def at_share(pool: NDArray[np.float64], budget: float) -> float:
    """Give the value of a falling `pool` (n,), n > 0, that at most a share `budget` exceeds."""
    return float(pool[min(max(int(budget * (len(pool) + 1)), 1), len(pool)) - 1])


def calibrate(
    keys: NDArray[Any], maxima: NDArray[np.float64], fold: NDArray[np.int64]
) -> Calibration:
    """Calibrate honest account-months: `keys` (n,), their maxima (n,), each account's half (n,).

    Strata share one threshold as long as each keeps the budgets with it; one that exceeds them by
    more than luck is set apart and has only its own months to certify anything.
    """
    table, places, common = strata.fit(keys, maxima, fold)
    lone: list[int] = []
    while found := _spenders(places, common, lone):
        lone += found
    table["pool"][lone] = np.arange(1, len(lone) + 1)
    falling = np.sort(common)[::-1]
    pools = [np.sort(common[places == s])[::-1].copy() for s in lone]
    if lone:
        falling = np.sort(common[~np.isin(places, lone)])[::-1]
    return Calibration(falling.copy(), table, tuple(pools))


def _spenders(places: NDArray[np.int64], common: NDArray[np.float64], lone: list[int]) -> list[int]:
    """Name the strata that exceed a common threshold more often than luck explains."""
    together = ~np.isin(places, lone)
    pool = np.sort(common[together])[::-1]
    strata_left = np.unique(places[together]).tolist()
    if len(strata_left) < 2:
        return []
    from scipy.stats import binom  # noqa: PLC0415  as slow to import as all the rest

    found = []
    for s in strata_left:
        own = common[places == s]
        over = [np.count_nonzero(own > at_share(pool, budget)) for budget in BUDGETS]
        luck = [
            binom.sf(k - 1, len(own), budget) if k >= PATTERN else 1.0
            for k, budget in zip(over, BUDGETS, strict=True)
        ]
        if min(luck) < LUCK:
            found.append(s)
    return found
