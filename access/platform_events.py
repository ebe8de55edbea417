"""What the platform tells of an account, as far as the books are concerned.

Reading only: an event whose fields follow the contract (`streams.event`) becomes one with exact
amounts and closed words. What it does to the books is `access.booking`'s.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from access.books import JOB_ID_LENGTH, MODEL_LENGTH
from access.errors import BadJobError
from access.models import ID_LENGTH
from access.units import units
from access.vocabulary import JobMode, Media, SubscriptionChange
from streams.vocabulary import EventType

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from decimal import Decimal

SUBSCRIPTION: Final = {
    EventType.SUBSCRIPTION_STARTED.wire: SubscriptionChange.STARTED,
    EventType.SUBSCRIPTION_RENEWED.wire: SubscriptionChange.RENEWED,
    EventType.SUBSCRIPTION_CHANGED.wire: SubscriptionChange.CHANGED,
    EventType.SUBSCRIPTION_CANCELLED.wire: SubscriptionChange.CANCELLED,
}
PURCHASE: Final = EventType.CREDITS_PURCHASED.wire
REQUESTED: Final = EventType.GENERATION_REQUESTED.wire
COMPLETED: Final = EventType.GENERATION_COMPLETED.wire
FAILED: Final = EventType.GENERATION_FAILED.wire

BILLING_TYPES: Final = frozenset({*SUBSCRIPTION, PURCHASE})
JOB_TYPES: Final = frozenset({REQUESTED, COMPLETED, FAILED})
_LIMITS: Final = {"job_id": JOB_ID_LENGTH, "model": MODEL_LENGTH, "feature": ID_LENGTH}


@dataclass(frozen=True, slots=True)
class PlatformEvent:
    """One event. `at` is when it happened; a field that its type does not carry is None."""

    event_id: str
    type: str
    at: datetime
    account_id: str
    plan: str | None = None
    period_end: datetime | None = None
    units: Decimal | None = None
    job_id: str | None = None
    mode: JobMode | None = None
    model: str | None = None
    media: Media | None = None
    feature: str | None = None


def read_event(row: Mapping[str, Any]) -> PlatformEvent:
    """Read a row of the event contract, its times as datetimes.

    Raises `BadAmountError` for more units than there are, and `BadJobError` for a name of a job,
    a model or a feature that is longer than any that the platform can have given.
    """
    for name, limit in _LIMITS.items():
        if len(row.get(name) or "") > limit:
            raise BadJobError(f"{name} must be at most {limit} characters")
    amount, mode, media = row.get("units"), row.get("mode"), row.get("media")
    return PlatformEvent(
        event_id=row["event_id"],
        type=row["type"],
        at=row["occurred_at"],
        account_id=row["account_id"],
        plan=row.get("plan"),
        period_end=row.get("period_end"),
        units=None if amount is None else units(amount),
        job_id=row.get("job_id") or None,
        mode=JobMode(mode) if mode else None,
        model=row.get("model") or None,
        media=Media(media) if media else None,
        feature=row.get("feature") or None,
    )
