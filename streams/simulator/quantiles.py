"""Published quantiles of how real people time their work, and drawing from them.

Two honest populations: production text-to-image requests (GenTD26, SoCC 2025; 186 accounts with at
least 20 requests) and Reddit comments (RSC sample, KDD 2015; 1,000 accounts). Only quantiles of
per-account summaries are kept here, never a trace. A value between two quantiles is interpolated, a
value beyond the outer ones is the outer one.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def normal_scores(levels: tuple[float, ...]) -> NDArray[np.float64]:
    """Where the given shares of a standard normal population lie."""
    return np.array([NormalDist().inv_cdf(level) for level in levels])


LEVELS: Final = normal_scores((0.01, 0.05, 0.5, 0.95, 0.99))

# Gaps are natural logarithms of seconds; rates are requests (or comments) a day.
GENERATION_GAP_P05: Final = (0.9338, 2.4024, 3.4259, 4.115, 4.4094)
GENERATION_GAP_P50: Final = (2.3441, 3.7842, 4.3535, 5.1894, 5.7161)
GENERATION_GAP_LAG1: Final = (-0.3554, -0.2718, 0.0351, 0.3712, 0.4983)
GENERATION_LOG_RATE: Final = (0.5304, 1.1387, 3.2005, 6.4493, 6.774)
COMMENT_GAP_P50: Final = (5.4803, 6.1114, 8.1431, 9.9904, 10.3814)
COMMENT_GAP_LAG1: Final = (0.0408, 0.08, 0.2124, 0.389, 0.4927)
COMMENT_LOG_RATE: Final = (-0.4359, -0.147, 0.9541, 2.4685, 3.1442)
COMMENT_WEEKEND: Final = (0.034, 0.092, 0.256, 0.371, 0.4498)
# Quiet hours of the day hold less than 1 % of the events; one person in twenty has none.
COMMENT_QUIET_HOURS: Final = (0.0, 0.0, 5.0, 8.0, 9.0)

# Pauses between sittings: the comment gaps longer than half an hour (from p50, p75, p90, p99).
_PAUSE_LEVELS: Final = normal_scores((0.001, 0.09, 0.545, 0.818, 0.98, 0.999))
_PAUSES: Final = np.log([1800.0, 3011.0, 33032.0, 92755.0, 493505.0, 1200000.0])


def at(score: float, quantiles: tuple[float, ...]) -> float:
    """Give the value that stands in this population where `score` does in a normal one."""
    return float(np.interp(score, LEVELS, quantiles))


def pauses(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pauses between sittings as multiples of their mean."""
    return np.exp(np.interp(scores, _PAUSE_LEVELS, _PAUSES)) / _MEAN_PAUSE


_GRID: Final = normal_scores(tuple((i + 0.5) / 1000 for i in range(1000)))
_MEAN_PAUSE: Final = float(np.exp(np.interp(_GRID, _PAUSE_LEVELS, _PAUSES)).mean())
