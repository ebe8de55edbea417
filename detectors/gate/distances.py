"""How far two samples of scores are apart, and how far chance alone would put them.

Source: Yurdakul and Naranjo (Journal of Risk Model Validation 2020) for the law of the stability
index between equal samples: (1/n + 1/m) times chi-squared of one less than the bins.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from detectors import drift

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.gate.check import Limits

RARE: Final = 0.01


@dataclass(frozen=True, slots=True)
class Moved:
    """How far two samples are apart, and how far chance would put them (99 of 100 times)."""

    psi: float
    ks: float
    psi_by_chance: float
    ks_by_chance: float

    @classmethod
    def between(
        cls, one: NDArray[np.floating[Any]], other: NDArray[np.floating[Any]]
    ) -> Moved | None:
        """Compare two samples; None if there are too few to compare."""
        if min(len(one), len(other)) < drift.ENOUGH:
            return None
        from scipy.stats import chi2, kstwobign  # noqa: PLC0415  as slow to import as all the rest

        few = 1.0 / len(one) + 1.0 / len(other)
        distance, _ = drift.ks(one, other)
        return cls(
            drift.psi(one, other), distance,
            float(few * chi2.ppf(1.0 - RARE, drift.BINS - 1)),
            float(np.sqrt(few) * kstwobign.ppf(1.0 - RARE)),
        )  # fmt: skip

    def beyond(self, limits: Limits) -> bool:
        """Tell whether either measure is past its limit and past chance."""
        far = self.psi > max(limits.psi, self.psi_by_chance)
        return far or self.ks > max(limits.ks, self.ks_by_chance)

    def __str__(self) -> str:
        return f"PSI {self.psi:.2f}, KS {self.ks:.2f}"
