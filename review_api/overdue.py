"""Which undecided cases are late by the rules of `review_api.sla`, counted in the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import exists, func, or_, select

from access.models import LeaseEvent, PauseLease
from review_api.models import Case

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from review_api.policy import ReviewPolicy


def count_overdue(session: Session, now: datetime, policy: ReviewPolicy) -> int:
    """Count the undecided cases whose time is over."""
    pauses_too_long = (
        exists()
        .where(PauseLease.case_id == Case.id, PauseLease.ended_at.is_(None))
        .where(PauseLease.taken_at <= now - policy.review_within)
        .where(LeaseEvent.lease_id == PauseLease.id, LeaseEvent.until > now)
    )
    late = select(func.count(Case.id)).where(
        Case.closed_at.is_(None),
        or_(Case.opened_at <= now - policy.unpaused_within, pauses_too_long),
    )
    return session.scalar(late) or 0
