"""How long the undecided cases have waited, in the buckets of `review_api.sla`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import case, func, literal, select

from access.columns import UtcDateTime
from review_api.queue_records import QueueEntry
from review_api.sla import AGES

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Age:
    """So many undecided cases have waited so long; `paused` of them pause somebody."""

    name: str
    cases: int
    paused: int


def ageing(session: Session, now: datetime) -> tuple[Age, ...]:
    """Count the undecided cases by how long they have waited, the shortest first."""
    ends = [(QueueEntry.opened_at > literal(now - end, UtcDateTime()), n)
            for n, (end, _) in enumerate(AGES[:-1])]  # fmt: skip
    bucket = case(*ends, else_=len(AGES) - 1).label("bucket")
    pauses = case((QueueEntry.paused_until > literal(now, UtcDateTime()), 1), else_=0)
    rows = session.execute(
        select(bucket, func.count(), func.sum(pauses))
        .where(QueueEntry.waits_for_second.is_(False))
        .group_by(bucket)
    )
    found = {n: (cases, paused) for n, cases, paused in rows}
    return tuple(Age(name, *found.get(n, (0, 0))) for n, (_, name) in enumerate(AGES))
