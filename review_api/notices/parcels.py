"""What a channel is handed and what it gives back: values between the rows and the wires."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from review_api.notices.letters import Letter
    from review_api.notices.vocabulary import AttemptResult, Occasion


@dataclass(frozen=True, slots=True)
class Parcel:
    """One notice ready to leave; `address` is the customer's, empty where none is known."""

    notice_id: str
    account_id: str
    case_id: str
    reference: str
    occasion: Occasion
    letter: Letter
    statement: Mapping[str, Any] | None
    status_page: str
    address: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Attempted:
    """What became of an attempt: the receiver's number and words, where it gave any."""

    result: AttemptResult
    status: int | None = None
    answer: str = ""


class Carrier(Protocol):
    """Carries parcels through one channel. Never raises, and never waits for ever."""

    def carry(self, parcel: Parcel, now: datetime) -> Attempted:
        """Try once."""
        ...

    def close(self) -> None:
        """Close every connection."""
        ...
