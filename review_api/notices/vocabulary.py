"""The closed vocabularies of notices, and which event of a case each occasion tells of."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from review_api.vocabulary import CaseEventKind

if TYPE_CHECKING:
    from collections.abc import Mapping


class Occasion(StrEnum):
    """Why a customer is written to."""

    PAUSED = "paused"  # the monthly quota was paused
    SPEED_HELD = "speed_held"  # the speed ramp stays where it is
    CHALLENGED = "challenged"  # a human hand is asked for
    EXTENDED = "extended"  # the pause waits longer for its review
    QUESTION = "question"  # a reviewer asks something
    RESTORED = "restored"  # the pause was a mistake, or gets the benefit of the doubt
    UPHELD = "upheld"  # a person confirmed the pause
    CONVERTED = "converted"  # access is back, with an offer of what fits the use
    LAPSED = "lapsed"  # nobody reviewed in time, so the pause lifted itself
    APPEAL_RECEIVED = "appeal_received"
    APPEAL_UPHELD = "appeal_upheld"  # another person has looked, and the pause stays
    APPEAL_OVERTURNED = "appeal_overturned"  # another person has looked, and lifted it


class Channel(StrEnum):
    """How a notice leaves."""

    WEBHOOK = "webhook"  # to the platform, which tells the customer
    EMAIL = "email"  # to the customer, at the address that the platform told us


class AttemptResult(StrEnum):
    """What became of one attempt to deliver."""

    DELIVERED = "delivered"
    FAILED = "failed"  # it may be tried again
    REFUSED = "refused"  # by the receiver, for good


class DeliveryState(StrEnum):
    """Where a delivery is; derived from its attempts."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    REFUSED = "refused"
    GIVEN_UP = "given_up"  # nobody took it for three days


# An occasion is told once for each event of this kind: the newest there is.
EVENT_OF: Final[Mapping[Occasion, CaseEventKind]] = {
    Occasion.PAUSED: CaseEventKind.PAUSED,
    Occasion.SPEED_HELD: CaseEventKind.MEASURE_TAKEN,
    Occasion.CHALLENGED: CaseEventKind.MEASURE_TAKEN,
    Occasion.EXTENDED: CaseEventKind.EXTENDED,
    Occasion.QUESTION: CaseEventKind.ASKED,
    Occasion.RESTORED: CaseEventKind.DECIDED,
    Occasion.UPHELD: CaseEventKind.DECIDED,
    Occasion.CONVERTED: CaseEventKind.DECIDED,
    Occasion.LAPSED: CaseEventKind.LEASE_LAPSED,
    Occasion.APPEAL_RECEIVED: CaseEventKind.APPEALED,
    Occasion.APPEAL_UPHELD: CaseEventKind.APPEAL_DECIDED,
    Occasion.APPEAL_OVERTURNED: CaseEventKind.APPEAL_DECIDED,
}

# After these the monthly quota is restricted, so the law wants reasons.
RESTRICTS: Final = frozenset(
    {Occasion.PAUSED, Occasion.EXTENDED, Occasion.UPHELD, Occasion.APPEAL_UPHELD}
)
