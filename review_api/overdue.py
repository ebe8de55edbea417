"""Which cases that wait are late by the rules of `review_api.sla`, counted in the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from review_api.queue_filters import is_overdue
from review_api.queue_records import QueueEntry

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from review_api.policy import ReviewPolicy


def count_overdue(session: Session, now: datetime, policy: ReviewPolicy) -> int:
    """Count the cases that wait for a reviewer and whose time is over."""
    late = select(func.count()).where(
        QueueEntry.waits_for_second.is_(False), is_overdue(now, policy)
    )
    return session.scalar(late) or 0
