"""Makes the whole queue anew from the facts, a case at a time, while everybody goes on working."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import exists, or_, select

from review_api.detector_records import PauseCause
from review_api.detector_shares import count_share
from review_api.models import Case, CaseEvent, Decision
from review_api.queue_entries import keep_entry
from review_api.queue_records import QueueEntry
from review_api.standing import Detector, detector_of, take_turn
from review_api.threads import locked_case
from review_api.vocabulary import CaseEventKind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session, sessionmaker

    from access.plans import Catalogue
    from streams.clock import Clock

BATCH: Final = 500
_MAY_WAIT_AGAIN: Final = (CaseEventKind.APPEALED, CaseEventKind.REOPENED)


def rebuild(
    sessions: sessionmaker[Session], clock: Clock, catalogue: Catalogue, batch: int = BATCH
) -> Iterator[int]:
    """Make every entry anew; give, after each batch, how many cases were read so far.

    Each case is a transaction of its own. Stopped and begun again, it comes to the same end.
    """
    with sessions.begin() as session:
        _count_shares(session, clock.now())
    after, read = "", 0
    while ids := _next(sessions, after, batch):
        for case_id in ids:
            with sessions.begin() as session:
                now = clock.now()
                locked_case(session, case_id, now)
                keep_entry(session, case_id, now, catalogue)
        after, read = ids[-1], read + len(ids)
        yield read


def is_missing(session: Session) -> bool:
    """Say whether cases wait and the queue knows of none: after an upgrade from before it."""
    waits = session.scalar(select(exists().where(Case.closed_at.is_(None))))
    known = session.scalar(select(exists().where(QueueEntry.case_id.is_not(None))))
    return bool(waits) and not known


def _next(sessions: sessionmaker[Session], after: str, batch: int) -> list[str]:
    found = select(Case.id).where(Case.id > after, _may_wait()).order_by(Case.id).limit(batch)
    with sessions.begin() as session:
        return list(session.scalars(found))


def _may_wait() -> ColumnElement[bool]:
    return or_(
        Case.closed_at.is_(None),
        exists().where(QueueEntry.case_id == Case.id),
        exists().where(CaseEvent.case_id == Case.id, CaseEvent.kind.in_(_MAY_WAIT_AGAIN)),
    )


def _count_shares(session: Session, now: datetime) -> None:
    take_turn(session)
    judged = select(PauseCause).join(Decision, Decision.case_id == PauseCause.case_id)
    found: set[Detector] = {detector_of(cause) for cause in session.scalars(judged)}
    for each in sorted(found):
        count_share(session, each, now)
