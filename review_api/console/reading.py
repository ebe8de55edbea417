"""What the console asks the database for beside what the API asks: never more than one page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from review_api.cases import read_evidence
from review_api.history import find_named
from review_api.models import Evidence
from review_api.queue import QueueQuery, list_queue

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy.orm import Session

    from detectors.verdict import Verdict
    from review_api.models import Case
    from review_api.policy import ReviewPolicy
    from review_api.queue import QueueItem


def latest_verdicts(session: Session, case_ids: Collection[str]) -> dict[str, Verdict]:
    """Give the newest verdict of each case."""
    newest = (
        select(func.max(Evidence.id))
        .where(Evidence.case_id.in_(case_ids))
        .group_by(Evidence.case_id)
    )
    rows = session.scalars(select(Evidence).where(Evidence.id.in_(newest)))
    return {row.case_id: read_evidence(row) for row in rows}


def other_cases(
    session: Session, case: Case, now: datetime, policy: ReviewPolicy
) -> tuple[QueueItem, ...]:
    """Give the newest cases of the same account but this one."""
    found = find_named(session, case.account_id, now, policy)
    return tuple(item for item in found if item.case_id != case.id)


def next_case(session: Session, now: datetime, policy: ReviewPolicy) -> QueueItem | None:
    """Give the case at the head of the queue."""
    items = list_queue(session, QueueQuery(limit=1), now, policy).items
    return items[0] if items else None
