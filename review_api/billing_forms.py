"""What the API takes of billing events: the fields of the event contract, by its own rules."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from access.booking import Booked
from access.models import ACCOUNT_ID_LENGTH, ID_LENGTH
from access.platform_events import PlatformEvent
from access.units import MOST, units
from review_api.forms import NO_CONTROL
from review_api.schemas import Out
from streams.event import EARLIEST, LATEST

_RFC_3339: Final = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)


def _read_time(said: object) -> datetime:
    # Pydantic would take numbers too, and times without an offset.
    if not isinstance(said, str) or not _RFC_3339.fullmatch(said):
        raise ValueError("must be an RFC 3339 time with its offset")
    at = datetime.fromisoformat(said.upper())
    if not EARLIEST <= at < LATEST:
        raise ValueError(f"must lie from {EARLIEST.year} to {LATEST.year - 1}")
    return at


Time = Annotated[
    datetime,
    BeforeValidator(_read_time),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]


class _BillingEvent(BaseModel):
    """Fields that the contract has and the books have no use for are ignored, as in the topic."""

    model_config = ConfigDict(extra="ignore")

    event_id: Annotated[str, Field(min_length=1, max_length=64, pattern=NO_CONTROL)]
    occurred_at: Time
    account_id: Annotated[
        str, Field(min_length=1, max_length=ACCOUNT_ID_LENGTH, pattern=NO_CONTROL)
    ]


class SubscriptionIn(_BillingEvent):
    """Something was said of a subscription."""

    type: Literal[
        "subscription.started",
        "subscription.renewed",
        "subscription.changed",
        "subscription.cancelled",
    ]
    plan: Annotated[str, Field(min_length=1, max_length=ID_LENGTH, pattern=NO_CONTROL)]
    period_end: Time | None = None

    def event(self) -> PlatformEvent:
        return PlatformEvent(
            self.event_id,
            self.type,
            self.occurred_at,
            self.account_id,
            plan=self.plan,
            period_end=self.period_end,
        )


class PurchaseIn(_BillingEvent):
    """Credits were bought."""

    type: Literal["credits.purchased"]
    units: Annotated[float, Field(ge=0.001, le=float(MOST), strict=True)]

    def event(self) -> PlatformEvent:
        return PlatformEvent(
            self.event_id, self.type, self.occurred_at, self.account_id, units=units(self.units)
        )


BillingEventIn = Annotated[SubscriptionIn | PurchaseIn, Field(discriminator="type")]


class BookedOut(Out):
    """What became of the event; `known` if it had been booked before, here or from the topic."""

    outcome: Booked
