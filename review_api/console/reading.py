"""What the console asks the database for beside what the API asks: never more than one page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import func, or_, select

from review_api.cases import read_evidence, view_case
from review_api.models import Case, Evidence
from review_api.queue import QueueItem, QueueQuery, list_cases
from review_api.references import id_begins_with

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy.orm import Session

    from detectors.verdict import Verdict

FOUND_AT_MOST: Final = 25


def latest_verdicts(session: Session, case_ids: Collection[str]) -> dict[str, Verdict]:
    """Give the newest verdict of each case."""
    newest = (
        select(func.max(Evidence.id))
        .where(Evidence.case_id.in_(case_ids))
        .group_by(Evidence.case_id)
    )
    rows = session.scalars(select(Evidence).where(Evidence.id.in_(newest)))
    return {row.case_id: read_evidence(row) for row in rows}


def find_cases(session: Session, name: str, now: datetime) -> tuple[QueueItem, ...]:
    """Give the newest cases of this account id, this case id or this short reference."""
    named = [Case.account_id == name, Case.id == name]
    if start := id_begins_with(name):
        named.append(Case.id.startswith(start, autoescape=True))
    wanted = select(Case.id).where(or_(*named))
    ids = session.scalars(wanted.order_by(Case.opened_at.desc(), Case.id).limit(FOUND_AT_MOST))
    return tuple(_item(session, case_id, now) for case_id in ids.all())


def other_cases(session: Session, case: Case, now: datetime) -> tuple[QueueItem, ...]:
    """Give the newest cases of the same account but this one."""
    found = find_cases(session, case.account_id, now)
    return tuple(item for item in found if item.case_id != case.id)


def next_case(session: Session, now: datetime) -> QueueItem | None:
    """Give the case at the head of the queue."""
    items = list_cases(session, QueueQuery(limit=1), now).items
    return items[0] if items else None


def _item(session: Session, case_id: str, now: datetime) -> QueueItem:
    view = view_case(session, case_id, now)
    pause = view.pause if view.pause and view.pause.in_force else None
    return QueueItem(
        case_id=case_id,
        account_id=view.case.account_id,
        kind=view.case.kind,
        status=view.status,
        version=view.version,
        abuse=view.abuse,
        opened_at=view.case.opened_at,
        paused_since=pause.since if pause else None,
        paused_until=pause.until if pause else None,
    )
