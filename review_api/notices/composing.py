"""Puts stored notices into words, and lays their deliveries out: once each, in their order.

What is older than any receiver would have been waited for is left alone: who turns the relay on
writes to nobody about last year.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from sqlalchemy import exists, select

from review_api.notices.errors import BadTemplateError
from review_api.notices.letters import Letter
from review_api.notices.records import Contact, Delivery, Notice, NoticeLetter
from review_api.notices.said import is_erased, said_in
from review_api.notices.schedule import GIVE_UP_AFTER
from review_api.notices.vocabulary import Channel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy.orm import Session, sessionmaker

    from review_api.notices.letters import Stationery
    from review_api.notices.post import PostOffice
    from streams.clock import Clock

BATCH: Final = 100

log = logging.getLogger(__name__)


def compose(
    sessions: sessionmaker[Session], office: PostOffice, clock: Clock, limit: int = BATCH
) -> int:
    """Write up to `limit` letters; give their number. Several may do so at once."""
    with sessions.begin() as session:
        now = clock.now()
        notices = _unwritten(session, now, limit)
        for notice in notices:
            letter = letter_of(notice, office.stationery)
            _lay_out(session, notice, letter or Letter("", ""), now)
            for channel in _channels(session, notice, office) if letter else ():
                session.add(
                    Delivery(
                        notice_number=notice.number,
                        account_id=notice.account_id,
                        channel=channel,
                        created_at=now,
                        due_at=now,
                    )
                )
        return len(notices)


def letter_of(notice: Notice, stationery: Stationery) -> Letter | None:
    """Write the letter; on our own template where the operator's fails, so that it leaves.

    Gives None for what was erased meanwhile, and for what cannot be written at all: one such
    notice holds up no other.
    """
    if is_erased(notice):
        return None
    for paper in (stationery, stationery.packaged()):
        try:
            return paper.write(said_in(notice))
        except BadTemplateError:
            log.exception("notice %s cannot be written on this template", notice.id)
    return None


def _lay_out(session: Session, notice: Notice, letter: Letter, now: datetime) -> None:
    session.add(
        NoticeLetter(notice_number=notice.number, subject=letter.subject, body=letter.body, at=now)
    )


def _unwritten(session: Session, now: datetime, limit: int) -> list[Notice]:
    written = exists().where(NoticeLetter.notice_number == Notice.number)
    found = (
        select(Notice)
        .where(Notice.not_before <= now, Notice.not_before > now - GIVE_UP_AFTER, ~written)
        .order_by(Notice.number)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list(session.scalars(found))


def _channels(session: Session, notice: Notice, office: PostOffice) -> Iterator[Channel]:
    for channel in office.carriers:
        if channel is Channel.WEBHOOK or session.get(Contact, notice.account_id) is not None:
            yield channel
