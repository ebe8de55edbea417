"""Reads notices for people and for the API: what was told, how it reads, and how it left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from review_api.errors import BadRequestError, NoticeNotFoundError
from review_api.notices.records import Delivery, Notice
from review_api.notices.schedule import state_of
from review_api.notices.vocabulary import AttemptResult

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from review_api.notices.records import DeliveryAttempt
    from review_api.notices.vocabulary import Channel, DeliveryState


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """One delivery: where it is, when it is tried next while it waits, and its attempts."""

    channel: Channel
    state: DeliveryState
    due_at: datetime | None
    attempts: tuple[DeliveryAttempt, ...]


@dataclass(frozen=True, slots=True)
class NoticeView:
    """One notice; `subject` and `body` are None until the relay has put it into words."""

    notice: Notice
    subject: str | None
    body: str | None
    deliveries: tuple[DeliveryView, ...]


@dataclass(frozen=True, slots=True)
class NoticesQuery:
    """Which notices are asked for, newest first; `before` is a number that a page ended with."""

    account_id: str | None = None
    case_id: str | None = None
    limit: int = 50
    before: int | None = None


def notices_of(session: Session, query: NoticesQuery) -> tuple[NoticeView, ...]:
    """List notices, newest first."""
    found = select(Notice).order_by(Notice.number.desc()).limit(query.limit)
    if query.account_id is not None:
        found = found.where(Notice.account_id == query.account_id)
    if query.case_id is not None:
        found = found.where(Notice.case_id == query.case_id)
    if query.before is not None:
        found = found.where(Notice.number < query.before)
    loaded = found.options(
        selectinload(Notice.letter),
        selectinload(Notice.deliveries).selectinload(Delivery.attempts),
    )
    return tuple(_view(notice) for notice in session.scalars(loaded))


def notice_of(session: Session, notice_id: str) -> NoticeView:
    """Read one notice, or raise `NoticeNotFoundError`."""
    return _view(_notice(session, notice_id))


def try_again(session: Session, notice_id: str, now: datetime) -> NoticeView:
    """Have every delivery of the notice that nobody took tried again at once.

    `BadRequestError` where there is none: what was delivered is not sent twice.
    """
    notice = _notice(session, notice_id)
    missed = [each for each in notice.deliveries if not _arrived(each)]
    if not missed:
        raise BadRequestError("every delivery of this notice has arrived, or there is none")
    for delivery in missed:
        delivery.due_at, delivery.ended_at = now, None
    session.flush()
    return _view(notice)


def _arrived(delivery: Delivery) -> bool:
    return any(each.result is AttemptResult.DELIVERED for each in delivery.attempts)


def _notice(session: Session, notice_id: str) -> Notice:
    notice = session.scalars(select(Notice).where(Notice.id == notice_id)).one_or_none()
    if notice is None:
        raise NoticeNotFoundError(f"there is no notice {notice_id}")
    return notice


def _view(notice: Notice) -> NoticeView:
    letter = notice.letter
    return NoticeView(
        notice,
        letter.subject if letter else None,
        letter.body if letter else None,
        tuple(_delivery(each) for each in notice.deliveries),
    )


def _delivery(row: Delivery) -> DeliveryView:
    state = state_of([attempt.result for attempt in row.attempts], row.ended_at)
    due = row.due_at if row.ended_at is None else None
    return DeliveryView(row.channel, state, due, tuple(row.attempts))
