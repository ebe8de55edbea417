"""Carries letters out: at least once each, in order for each account and channel.

A delivery is held for two minutes by moving its due time, then tried outside of any transaction, so
that a receiver that does not answer holds no row and no other account. Whoever dies in between has
it tried again, under the same id. A later notice waits for the one before it of the same account.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from review_api.notices.contacts import contact_of
from review_api.notices.letters import Letter
from review_api.notices.parcels import Attempted, Parcel
from review_api.notices.post import linked
from review_api.notices.records import ANSWER_LENGTH, Delivery, DeliveryAttempt
from review_api.notices.said import is_erased
from review_api.notices.schedule import HELD_FOR, ends, wait_after
from review_api.notices.vocabulary import AttemptResult, Channel
from review_api.references import reference_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session, sessionmaker

    from review_api.notices.post import PostOffice
    from streams.clock import Clock

# So few are held at once that their time suffices even when each receiver keeps silent.
BATCH: Final = 2
ERASED: Final = Attempted(AttemptResult.REFUSED, answer="erased at the account's request")
_CONTROL: Final = dict.fromkeys(range(32), " ")


@dataclass(frozen=True, slots=True)
class Held:
    """A delivery that is ours to try."""

    delivery_id: int
    parcel: Parcel


def deliver(
    sessions: sessionmaker[Session],
    office: PostOffice,
    channel: Channel,
    clock: Clock,
    tell: Callable[[AttemptResult], None] = lambda _result: None,
) -> int:
    """Try what is due on a channel, a few at a time; give their number and `tell` how each went."""
    with sessions.begin() as session:
        held = _hold(session, office, channel, clock.now())
    for each in held:
        began = clock.monotonic()
        attempted = office.carriers[channel].carry(each.parcel, clock.now())
        took = clock.monotonic() - began
        with sessions.begin() as session:
            _write_down(session, each.delivery_id, attempted, took, clock.now(), office.chance())
        tell(attempted.result)
    return len(held)


def _hold(session: Session, office: PostOffice, channel: Channel, now: datetime) -> list[Held]:
    earlier = aliased(Delivery)
    overtakes = exists().where(
        earlier.ended_at.is_(None),
        earlier.account_id == Delivery.account_id,
        earlier.channel == Delivery.channel,
        earlier.notice_number < Delivery.notice_number,
    )
    due = (
        select(Delivery)
        .where(
            Delivery.ended_at.is_(None),
            Delivery.due_at <= now,
            Delivery.channel == channel,
            ~overtakes,
        )
        .order_by(Delivery.due_at, Delivery.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True, of=Delivery)
    )
    held = []
    for delivery in session.scalars(due):
        if is_erased(delivery.notice):
            delivery.attempts.append(_attempt(ERASED, 0.0, now))
            delivery.ended_at = now
            continue
        delivery.due_at = now + HELD_FOR
        held.append(Held(delivery.id, _parcel(session, delivery, office, now)))
    return held


def _parcel(session: Session, delivery: Delivery, office: PostOffice, now: datetime) -> Parcel:
    notice = delivery.notice
    at_rest = notice.letter
    if at_rest is None:  # pragma: no cover - both are written in one transaction
        raise LookupError(f"notice {notice.id} has deliveries and no letter")
    page = office.status_page(notice.account_id, now)
    mailed = delivery.channel is Channel.EMAIL
    address = contact_of(session, office.secret, notice.account_id) if mailed else None
    return Parcel(
        notice_id=notice.id,
        account_id=notice.account_id,
        case_id=notice.case_id,
        reference=reference_of(notice.case_id),
        occasion=notice.occasion,
        letter=linked(Letter(at_rest.subject, at_rest.body), page),
        statement=notice.statement,
        status_page=page,
        address=address or "",
        created_at=notice.created_at,
    )


def _write_down(  # noqa: PLR0913, PLR0917 - the attempt, how long it took, and when it was
    session: Session,
    delivery_id: int,
    attempted: Attempted,
    seconds: float,
    now: datetime,
    share: float,
) -> None:
    delivery = session.get_one(Delivery, delivery_id, with_for_update=True)
    delivery.attempts.append(_attempt(attempted, seconds, now))
    if delivery.ended_at is not None:
        return  # held for too long, and meanwhile somebody else has brought it
    if ends(attempted.result, delivery.created_at, now):
        delivery.ended_at = now
    else:
        delivery.due_at = now + wait_after(len(delivery.attempts), share)


def _attempt(attempted: Attempted, seconds: float, now: datetime) -> DeliveryAttempt:
    return DeliveryAttempt(
        at=now,
        result=attempted.result,
        status=attempted.status,
        answer=attempted.answer.translate(_CONTROL)[:ANSWER_LENGTH],
        seconds=seconds,
    )
