"""The times of review, as one value: how long a pause waits, lasts, and may not come back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class ReviewPolicy:
    """How long each thing lasts.

    `pause_for`: a pause nobody has reviewed by then lifts itself. `hold_for` and `challenge_for`:
    so do a speed hold and a challenge. `uphold_for`: how long, from the decision, an upheld pause
    lasts. `clear_for`: after a person restores, how long later verdicts may only ask for review.
    `protect_for`: after that, how long soft evidence acts only
    within `protected_budget`, the `protected_divisor`-th part of `pause_budget` (shares of honest
    account-months). `evidence_lasts`: a hard rule speaks of nothing longer ago.
    """

    pause_for: timedelta = timedelta(hours=72)
    hold_for: timedelta = timedelta(days=30)
    challenge_for: timedelta = timedelta(hours=72)
    uphold_for: timedelta = timedelta(days=30)
    clear_for: timedelta = timedelta(days=31)
    protect_for: timedelta = timedelta(days=60)
    pause_budget: float = 0.001
    protected_divisor: float = 5.0
    evidence_lasts: timedelta = timedelta(days=30)

    @property
    def protected_budget(self) -> float:
        """The largest p-value with which soft evidence may act on a protected account."""
        return self.pause_budget / self.protected_divisor
