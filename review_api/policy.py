"""The rules of review, as values: how long a pause lasts, and how many the machine may take."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from access.plans import Catalogue

UTC: Final = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class BreakerPolicy:
    """How many pauses the machine may take within any minute, and how often it may be wrong.

    `pauses_per_minute` counts all, the other two those of one model version, and those of one
    segment: a stratum, or a country. A detector only watches after `restore_run` wrongful pauses
    in a row, or when, of its last `restore_sample` decided pauses, the share of wrongful ones is
    above `restore_share` with 95 % confidence.
    """

    pauses_per_minute: int = 10
    model_pauses_per_minute: int = 8
    segment_pauses_per_minute: int = 4
    restore_run: int = 5
    restore_sample: int = 50
    restore_share: float = 0.2


@dataclass(frozen=True, slots=True)
class ReviewPolicy:
    """How long each thing lasts.

    `pause_for`: a pause nobody has reviewed by then lifts itself. `hold_for` and `challenge_for`:
    so do a speed hold and a challenge. `uphold_for`: how long, from the decision, an upheld pause
    lasts. `clear_for`: after a person restores, how long later verdicts may only ask for review.
    `protect_for`: after that, how long soft evidence acts only
    within `protected_budget`, the `protected_divisor`-th part of `pause_budget` (shares of honest
    account-months). `evidence_lasts`: a hard rule speaks of nothing longer ago.
    `grace`: how long a decision may be taken back before it is carried out. `second_share`: which
    share of upholds needs a second person; `double_share` of all decided cases is judged once more,
    blind. `extend_for`: how much longer a reviewer may let a pause
    wait for its review, at most `most_extensions` times.
    `claim_for`: how long a claim on a case lasts after its last heartbeat; `claim_extended_for`:
    how long without one, when a person asks for it or is given the case.
    `review_within`: by when a case that pauses is to be decided, from the pause; `appeal_within`:
    an appeal, from the appeal; `unpaused_within`: a case that pauses nobody, from its opening.
    `appeal_for`: how long after a pause, or after the last decision on it, the customer may contest
    it, at most `most_appeals` times; half a year is never shorter than six months.
    `messages_for`: how long a sent message stays in the outbox; `attempts_for`: how long it is kept
    how a delivery went, once it has ended.
    `catalogue` has the prices by which the queue is ordered; without one every plan weighs the
    same. `zone`, the catalogue's, is where the months begin in which a restored pause is made good.
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
    grace: timedelta = timedelta(0)
    second_share: float = 0.0
    double_share: float = 0.1
    extend_for: timedelta = timedelta(hours=48)
    most_extensions: int = 2
    claim_for: timedelta = timedelta(minutes=10)
    review_within: timedelta = timedelta(hours=24)
    appeal_within: timedelta = timedelta(hours=24)
    unpaused_within: timedelta = timedelta(days=14)
    appeal_for: timedelta = timedelta(days=184)
    most_appeals: int = 3
    messages_for: timedelta = timedelta(days=30)
    attempts_for: timedelta = timedelta(days=184)
    zone: ZoneInfo = UTC
    catalogue: Catalogue | None = None
    breaker: BreakerPolicy = field(default_factory=BreakerPolicy)

    @property
    def claim_extended_for(self) -> timedelta:
        """How long a claim is kept without heartbeats when somebody asks for it."""
        return 3 * self.claim_for

    @property
    def protected_budget(self) -> float:
        """The largest p-value with which soft evidence may act on a protected account."""
        return self.pause_budget / self.protected_divisor
