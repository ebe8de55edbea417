"""Deletes what nobody needs any more: messages that were sent, and how deliveries went.

A few thousand rows at a time, oldest first, so that no step is long. What accounts did is forgotten
by `review_api.activity_age`; facts about cases and books are kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from sqlalchemy import delete, select

from review_api.notices.records import Delivery, DeliveryAttempt
from review_api.records import OutboxMessage

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import CursorResult, Delete
    from sqlalchemy.orm import Session, sessionmaker

    from review_api.policy import ReviewPolicy
    from streams.clock import Clock

ROWS_AT_ONCE: Final = 2000


def forget_old(writers: sessionmaker[Session], clock: Clock, policy: ReviewPolicy) -> int:
    """Delete what is past its time, at most so many rows of each; give how many."""
    now = clock.now()
    with writers.begin() as session:
        return _messages(session, now - policy.messages_for) + _attempts(
            session, now - policy.attempts_for
        )


def _messages(session: Session, before: datetime) -> int:
    message = OutboxMessage
    old = select(message.id).where(message.sent_at < before).limit(ROWS_AT_ONCE)
    return _run(session, delete(message).where(message.id.in_(old)))


def _attempts(session: Session, before: datetime) -> int:
    attempt = DeliveryAttempt
    # A delivery that is still under way counts its attempts.
    old = (
        select(attempt.id)
        .join(Delivery, Delivery.id == attempt.delivery_id)
        .where(Delivery.ended_at < before)
        .limit(ROWS_AT_ONCE)
    )
    return _run(session, delete(attempt).where(attempt.id.in_(old)))


def _run(session: Session, statement: Delete) -> int:
    return cast("CursorResult[Any]", session.execute(statement)).rowcount
