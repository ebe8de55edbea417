"""From calibrated scores to an action. Values in, values out; the policy acts on nobody.

A pause needs one hard rule, or a running maximum above the certified threshold *and* evidence from
two independent groups, and a model calibrated on the platform's own traffic. Anything less at most
asks a person to look.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from detectors.bank import KINDS
from detectors.calibration import floor
from detectors.evidence import EVIDENCE
from detectors.verdict import Action

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.calibration import Calibration

STRONG: Final = 4.0  # nats: fewer than one account in fifty goes this far


@dataclass(frozen=True, slots=True)
class Policy:
    """Shares of honest account-months that may at most be paused or sent to review by mistake."""

    pause_budget: float = 0.001
    review_budget: float = 0.02


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The policy's budgets as running-maximum thresholds of one model."""

    pause: float
    review: float
    floor: float

    @classmethod
    def of(cls, policy: Policy, calibration: Calibration, *, on_real_traffic: bool) -> Thresholds:
        """Derive them; without real traffic no score can pause, however high."""
        pause = calibration.certified(policy.pause_budget) if on_real_traffic else np.inf
        return cls(
            pause, calibration.expected(policy.review_budget), floor(len(calibration.maxima))
        )

    def action(self, maximum: float, nats: NDArray[np.float64], kind: int, *, hard: bool) -> Action:
        """Decide for one running maximum, the tail values (F,) and the leading kind's position."""
        if hard:
            return Action.PAUSE
        if maximum > self.pause and len(strong_groups(nats, kind)) >= 2:
            return Action.PAUSE
        return Action.REVIEW if maximum > self.review else Action.ALLOW


def strong_groups(nats: NDArray[np.float64], kind: int) -> set[str]:
    """Name the evidence groups in which the kind has at least one strong tail value."""
    listened = (evidence.weights.get(KINDS[kind], 0.0) for evidence in EVIDENCE)
    return {
        evidence.group
        for evidence, weight, value in zip(EVIDENCE, listened, nats, strict=True)
        if weight > 0.0 and value >= STRONG
    }
