"""Whether calibrated p-values of held-out honest accounts are what they say they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import kstest

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fairuse.bench.detection.trial import Trial


@dataclass(frozen=True, slots=True)
class Uniformity:
    """p-values of honest account-months, smallest first, and their distance from uniform ones.

    `distance` is the largest by which more of them fall below a value than should (one-sided
    Kolmogorov-Smirnov); fewer would only be cautious.
    """

    p_values: NDArray[np.float64]
    distance: float
    chance: float  # of so large a distance if the p-values were uniform


def uniformity(honest: Trial) -> Uniformity:
    """Rank each scored account's maximum of the month among the calibration's."""
    months = honest.outcomes[honest.outcomes["maximum"] > 0.0]
    calibration = honest.model.calibration
    found = [calibration.p_value(float(m["maximum"]), int(m["stratum"])) for m in months]
    p = np.sort([value for value in found if value is not None])
    test = kstest(p, "uniform", alternative="greater")
    return Uniformity(p, float(test.statistic), float(test.pvalue))
