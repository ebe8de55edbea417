"""From calibrated scores to a response. Values in, values out; the policy acts on nobody.

Three thresholds on one running maximum: above the first the speed ramp is held, above the second
the customer is asked to show a human hand, above the third the quota is paused if two independent
groups of evidence are strong as well. A hard rule pauses by itself. Whatever is not calibrated on
enough of the platform's own months asks for a look by a person and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from detectors.agreement import GROUP_OF
from detectors.auditing import Audits
from detectors.bank import KINDS, WEIGHTS
from detectors.evidence import EVIDENCE
from detectors.rules import RULES
from detectors.verdict import Response

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.calibration import Calibration

STRONG: Final = 4.0  # nats: fewer than one account in fifty goes this far
GROUPS: Final = 2
RANKS: Final = tuple(Response)  # in rising order; records hold the position
DETECTORS: Final = (*(rule.code for rule in RULES), *(str(kind) for kind in KINDS))
"""All that can ask for something: hard rules by their code, scores by their kind."""
ALL: Final = "all"
HEARD: Final = WEIGHTS.any(axis=0)


@dataclass(frozen=True, slots=True)
class Policy:
    """Shares of honest account-months that each response may reach by mistake, and who only looks.

    `detect_only` names detectors, or "all", that may ask for nothing; raises `ValueError` for a
    name that no detector has. `audits` says which accounts are looked at by chance.
    """

    pause_budget: float = 0.001
    challenge_budget: float = 0.005
    hold_budget: float = 0.02
    detect_only: frozenset[str] = frozenset()
    audits: Audits = field(default_factory=Audits)

    def __post_init__(self) -> None:
        if unknown := sorted(self.detect_only - {ALL, *DETECTORS}):
            known = ", ".join((ALL, *DETECTORS))
            raise ValueError(f"no such detector: {', '.join(unknown)}; there are {known}")

    def shadow(self) -> Policy:
        """Give the same policy for a model that asks for nothing and draws no audits."""
        return replace(self, detect_only=frozenset({ALL}), audits=Audits())

    def watching(self) -> NDArray[np.bool_]:
        """Tell for each of `DETECTORS` whether it only watches; shape (D,)."""
        only = self.detect_only
        return np.array([ALL in only or name in only for name in DETECTORS], dtype=bool)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The policy's budgets as running maxima of one model, for each of its S strata.

    `limits` (S, 3) are those of hold, challenge and pause, infinite where it may not be; `holds`
    (S,) tells where months suffice to ask for more than a look.
    """

    limits: NDArray[np.float64]
    holds: NDArray[np.bool_]

    @classmethod
    def of(cls, policy: Policy, calibration: Calibration, *, on_real_traffic: bool) -> Thresholds:
        """Derive them; without real traffic a score asks for a look, however high it is."""
        count = len(calibration.strata)
        limits, holds = np.full((count, 3), np.inf), np.zeros(count, dtype=bool)
        for s in range(count):
            limits[s, 0] = calibration.expected(policy.hold_budget, s)
            if not on_real_traffic:
                continue
            holds[s] = calibration.keeps(policy.hold_budget, s)
            if calibration.keeps(policy.challenge_budget, s):
                limits[s, 1] = calibration.expected(policy.challenge_budget, s)
            limits[s, 2] = calibration.certified(policy.pause_budget, s)
        return cls(limits, holds)

    def rank(self, score: float, groups: int, stratum: int = 0) -> int:
        """Give the position in `RANKS` that a standing score and its strong groups call for.

        Past the pause threshold without two groups it is a challenge, which a person passes.
        """
        if score > self.limits[stratum, 2]:
            return RANKS.index(Response.PAUSE if groups >= GROUPS else Response.CHALLENGE)
        return int(np.count_nonzero(score > self.limits[stratum, :2]))

    def response(self, rank: int, stratum: int = 0) -> Response:
        """Give what is asked of the platform; nothing where a person can only be asked to look."""
        return RANKS[rank] if self.holds[stratum] or RANKS[rank] is Response.PAUSE else RANKS[0]

    def may(self, stratum: int = 0) -> tuple[str, ...]:
        """Name what a score may ask for in a stratum, mildest first."""
        finite = zip(RANKS[1:], np.isfinite(self.limits[stratum]), strict=True)
        allowed = [str(rank) for rank, known in finite if known]
        return tuple(allowed if self.holds[stratum] else ["review"] if allowed else [])


def strong_groups(nats: NDArray[np.float64]) -> set[str]:
    """Name the independent evidence groups with a strong tail value (F,), whoever listens.

    Rest and burn are context: they make no second group.
    """
    strong = (np.nan_to_num(nats) >= STRONG) & HEARD & (GROUP_OF >= 0)
    return {EVIDENCE[f].group for f in np.flatnonzero(strong)}
