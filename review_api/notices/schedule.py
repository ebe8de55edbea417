"""When a delivery is tried again: exponential waits with jitter, for three days. Pure rules."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from review_api.notices.vocabulary import AttemptResult, DeliveryState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

FIRST_WAIT: Final = timedelta(seconds=10)
LONGEST_WAIT: Final = timedelta(hours=1)
TIMES: Final = 4.0
JITTER: Final = 0.25  # of the wait, both ways
GIVE_UP_AFTER: Final = timedelta(days=3)
# Who holds a delivery has this long to try it; after that it was lost with whoever held it.
HELD_FOR: Final = timedelta(minutes=2)


def wait_after(failures: int, share: float) -> timedelta:
    """Give the wait after so many failures (from 1); `share` (0 to 1) is the chance of the jitter.

    >>> wait_after(1, 0.5)
    datetime.timedelta(seconds=10)
    """
    growth = TIMES ** min(failures - 1, 16)
    wait = min(FIRST_WAIT * growth, LONGEST_WAIT)
    return wait * (1.0 + JITTER * (2.0 * share - 1.0))


def ends(result: AttemptResult, created_at: datetime, now: datetime) -> bool:
    """Tell whether a delivery is over after such an attempt."""
    return result is not AttemptResult.FAILED or now - created_at >= GIVE_UP_AFTER


def state_of(results: Sequence[AttemptResult], ended_at: datetime | None) -> DeliveryState:
    """Say where a delivery is, from what became of its attempts, oldest first."""
    # Held for too long it may be tried twice, and what arrived has arrived.
    if AttemptResult.DELIVERED in results:
        return DeliveryState.DELIVERED
    if ended_at is None or not results:
        return DeliveryState.WAITING
    refused = results[-1] is AttemptResult.REFUSED
    return DeliveryState.REFUSED if refused else DeliveryState.GIVEN_UP
