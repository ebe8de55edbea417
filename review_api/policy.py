"""The times of review, as one value: how long a pause waits, lasts, and may not come back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class ReviewPolicy:
    """How long each thing lasts.

    `pause_for`: a pause nobody has reviewed by then lifts itself. `uphold_for`: how long, from
    the decision, an upheld pause lasts. `clear_for`: after a person restores, how long later
    verdicts may only ask for review.
    """

    pause_for: timedelta = timedelta(hours=72)
    uphold_for: timedelta = timedelta(days=30)
    clear_for: timedelta = timedelta(days=31)
