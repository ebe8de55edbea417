"""Counts what customers have not been told yet: for a metric."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import exists, func, select

from review_api.notices.records import Delivery, Notice, NoticeLetter
from review_api.notices.schedule import GIVE_UP_AFTER

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session


def undelivered_notices(session: Session, now: datetime) -> tuple[int, datetime | None]:
    """Give how many letters are unwritten or on their way, and since when the oldest is."""
    written = exists().where(NoticeLetter.notice_number == Notice.number)
    unwritten, first = session.execute(
        select(func.count(Notice.number), func.min(Notice.created_at)).where(
            Notice.not_before <= now, Notice.not_before > now - GIVE_UP_AFTER, ~written
        )
    ).one()
    waiting, oldest = session.execute(
        select(func.count(Delivery.id), func.min(Notice.created_at))
        .join(Notice, Notice.number == Delivery.notice_number)
        .where(Delivery.ended_at.is_(None))
    ).one()
    return unwritten + waiting, min((at for at in (first, oldest) if at), default=None)
