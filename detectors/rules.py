"""Hard evidence: the few facts that may pause an account without any calibration.

Each rule is something no person does and no honest feature of the platform causes; official batch
jobs, credit jobs, retries and duplicates never reach these numbers (see `features.account`), and
runs and days a month old are forgotten, or who was restored would be paused anew. The margins are
wide on purpose: on real traces the most extreme honest account stood at 22 of 72 hours and at 27
of 200 equal gaps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from detectors.evidence import BY_FEATURE
from detectors.verdict import Kind, Reason
from features.view import VIEW

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Rule:
    """Pause when `feature` reaches `least` and the account made at least `acts` requests."""

    code: str
    kind: Kind
    feature: str
    least: float
    acts: int
    sentence: str

    def holds(self, vectors: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell for each vector (n, WIDTH) whether the rule holds; unknown is never evidence."""
        value = vectors[:, VIEW.position(self.feature)]
        return np.isfinite(value) & (value >= self.least) & (vectors[:, 0] >= self.acts)

    def reason(self, value: float) -> Reason:
        return Reason(
            code=self.code, sentence=self.sentence.format(x=value, percent=100 * value),
            kind=self.kind, group=BY_FEATURE[self.feature].group, feature=self.feature,
            observed=value, hard=True,
        )  # fmt: skip


RULES: Final = (
    Rule(
        "metronome", Kind.AUTOMATION, "equal_gap_run", 200.0, 250,
        "{x:.0f} pauses between requests in a row were equal to within 2 %",
    ),
    Rule(
        "no_rest", Kind.AUTOMATION, "longest_stretch", 72.0, 72,
        "requests went on for {x:.0f} hours without a break of three hours",
    ),
    Rule(
        "three_countries_at_once", Kind.CREDENTIAL_SHARING, "days_apart", 5.0, 100,
        "on {x:.0f} days three devices acted within ten minutes from three countries",
    ),
    Rule(
        "declared_automation", Kind.SCRIPTING, "declared_share", 0.9, 50,
        "{percent:.0f} % of requests came from a user agent that names itself a program, "
        "outside the official interface for programs",
    ),
)  # fmt: skip


def hard_bits(vectors: NDArray[np.float64]) -> NDArray[Any]:
    """Give each vector's rules that hold, one bit a rule in the order of `RULES`; shape (n,)."""
    bits = np.zeros(len(vectors), dtype=np.uint8)
    for position, rule in enumerate(RULES):
        bits |= rule.holds(vectors).astype(np.uint8) << position
    return bits
