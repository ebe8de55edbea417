"""What a case page shows of notices: what the customer reads, and whether it has reached them.

A notice that the relay has not put into words yet is shown as our own templates say it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from review_api.dependencies import parts_of
from review_api.notices.composing import letter_of
from review_api.notices.contacts import contact_of, masked
from review_api.notices.letters import Letter, Stationery
from review_api.notices.reading import NoticesQuery, notices_of
from review_api.notices.vocabulary import Channel, DeliveryState, Occasion

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from review_api.console.visitors import Visit
    from review_api.models import Case
    from review_api.notices.reading import DeliveryView, NoticeView

SHOWN: Final = 20
WORDS: Final[Mapping[Occasion, str]] = {
    Occasion.PAUSED: "The pause, with its reasons",
    Occasion.SPEED_HELD: "The held speed",
    Occasion.CHALLENGED: "The challenge",
    Occasion.EXTENDED: "The longer review, with the reasons",
    Occasion.QUESTION: "A question",
    Occasion.RESTORED: "The restore, with an apology",
    Occasion.UPHELD: "The confirmed pause, with its reasons",
    Occasion.CONVERTED: "The restore, with an offer",
    Occasion.LAPSED: "The end of the pause",
    Occasion.APPEAL_RECEIVED: "That the appeal has arrived",
    Occasion.APPEAL_UPHELD: "The answer to the appeal: the pause stays",
    Occasion.APPEAL_OVERTURNED: "The answer to the appeal: it is lifted",
}
STATES: Final[Mapping[DeliveryState, str]] = {
    DeliveryState.WAITING: "on its way",
    DeliveryState.DELIVERED: "delivered",
    DeliveryState.REFUSED: "refused for good",
    DeliveryState.GIVEN_UP: "given up after three days",
}
CHANNELS: Final[Mapping[Channel, str]] = {
    Channel.WEBHOOK: "to the platform",
    Channel.EMAIL: "by e-mail",
}
_STUCK: Final = frozenset({DeliveryState.REFUSED, DeliveryState.GIVEN_UP})


@dataclass(frozen=True, slots=True)
class Way:
    """How one notice leaves through one channel."""

    words: str
    view: DeliveryView


@dataclass(frozen=True, slots=True)
class Line:
    """One notice as the page shows it; `stuck` tells that somebody has to look after it."""

    notice_id: str
    words: str
    at: datetime
    letter: Letter
    ways: tuple[Way, ...]
    stuck: bool


@dataclass(frozen=True, slots=True)
class NoticePart:
    """The notices of a case, newest first, and the customer's address, masked."""

    lines: tuple[Line, ...]
    contact: str | None


def notice_part(visit: Visit, case: Case) -> NoticePart:
    """Gather what the page of a case shows of notices."""
    customer = parts_of(visit.request).customer
    paper = _paper(customer.contact, visit.policy.zone)
    found = notices_of(visit.session, NoticesQuery(case_id=case.id, limit=SHOWN))
    address = contact_of(visit.session, customer.secret, case.account_id)
    return NoticePart(
        tuple(_line(view, paper) for view in found), masked(address) if address else None
    )


@cache
def _paper(contact: str, zone: ZoneInfo) -> Stationery:
    return Stationery(contact=contact, zone=zone)


def _line(view: NoticeView, paper: Stationery) -> Line:
    letter = (
        Letter(view.subject, view.body)
        if view.subject is not None and view.body is not None
        else letter_of(view.notice, paper)
    )
    return Line(
        view.notice.id,
        WORDS[view.notice.occasion],
        view.notice.created_at,
        letter or Letter(view.notice.words, ""),
        tuple(Way(f"{STATES[each.state]} {CHANNELS[each.channel]}", each)
              for each in view.deliveries),
        any(each.state in _STUCK for each in view.deliveries),
    )  # fmt: skip
