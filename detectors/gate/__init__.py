"""The gate: whether tonight's candidate may take the champion's place, and if not, why.

Both models are weighed on the same account-months (`detectors.gate.weighing`), a fixed simulated
suite is scored by both (`families`); each check is a pure function of what was found and gives its
figures and one sentence (`checks`). Nothing here moves a model.
"""

from __future__ import annotations

from detectors.gate.check import Check, Gate, Limits, verdict_of
from detectors.gate.checks import checks
from detectors.gate.families import examined
from detectors.gate.flips import Flip, FlipsReviewed, Turn, sampled
from detectors.gate.parity import Replayed
from detectors.gate.suite import suite
from detectors.gate.weighed import Weighed
from detectors.gate.weighing import weigh

__all__ = [
    "Check", "Flip", "FlipsReviewed", "Gate", "Limits", "Replayed", "Turn", "Weighed", "checks",
    "examined", "sampled", "suite", "verdict_of", "weigh",
]  # fmt: skip
