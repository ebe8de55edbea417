"""By when a case is to be decided, as rules over values: the clock runs from the pause.

A customer who is paused waits from the moment of the pause, whenever somebody first looked; one who
appeals waits from the appeal. What is late is shown and alarmed here; that a pause nobody reviewed
lifts itself is the lease's own doing (`access.leases`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

    from review_api.policy import ReviewPolicy

# Upper ends of the ageing buckets, with what each is called; the last one has no end.
AGES: Final = (
    (timedelta(hours=4), "under 4 hours"),
    (timedelta(hours=12), "4 to 12 hours"),
    (timedelta(hours=24), "12 to 24 hours"),
    (timedelta(hours=72), "1 to 3 days"),
    (timedelta(days=14), "3 to 14 days"),
    (timedelta.max, "over 14 days"),
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Since when a case waits: opened, pausing (None unless it pauses now), appealed (or None)."""

    opened_at: datetime
    paused_since: datetime | None = None
    appealed_at: datetime | None = None


def due_at(waiting: Waiting, policy: ReviewPolicy) -> datetime:
    """Say by when the case is to be decided: the earliest of what each of its waits asks for."""
    dues = [waiting.opened_at + policy.unpaused_within]
    if waiting.paused_since is not None:
        dues.append(waiting.paused_since + policy.review_within)
    if waiting.appealed_at is not None:
        # The first answer came; what is owed now is the second.
        dues = [waiting.appealed_at + policy.appeal_within]
    return min(dues)


def waits_since(waiting: Waiting) -> datetime:
    """Say since when the customer waits for the next word of a person."""
    return waiting.appealed_at or waiting.paused_since or waiting.opened_at


def age_of(waited: timedelta) -> str:
    """Name the ageing bucket of a wait."""
    return next(name for end, name in AGES if waited < end)
