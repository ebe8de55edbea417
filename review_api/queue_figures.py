"""The figures over the queue: how much waits, in all and in each named queue, in one statement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, literal, select

from access.columns import UtcDateTime
from review_api.queue_filters import is_overdue
from review_api.queue_records import QueueEntry
from review_api.routing import is_paused, queue_column, queue_names

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from review_api.policy import ReviewPolicy
    from review_api.routing import RoutingRule


@dataclass(frozen=True, slots=True)
class QueueFigures:
    """What waits in one queue: cases, those that pause now, the late ones, since when the first."""

    name: str
    cases: int = 0
    paused: int = 0
    overdue: int = 0
    oldest: datetime | None = None


def figures_of(
    session: Session, rules: Sequence[RoutingRule], now: datetime, policy: ReviewPolicy
) -> tuple[QueueFigures, ...]:
    """Give the figures of every queue in the order of the rules; empty ones too."""
    moment = literal(now, UtcDateTime())
    name = queue_column(rules, moment).label("name")
    counted = (
        select(
            name,
            func.count(),
            func.count().filter(is_paused(moment)),
            func.count().filter(is_overdue(now, policy)),
            func.min(QueueEntry.opened_at),
        )
        .where(QueueEntry.waits_for_second.is_(False))
        .group_by(name)
    )
    found = {row[0]: QueueFigures(*row) for row in session.execute(counted)}
    return tuple(found.get(each) or QueueFigures(each) for each in queue_names(rules))


def in_all(figures: Sequence[QueueFigures]) -> QueueFigures:
    """Add the queues up."""
    return QueueFigures(
        name="",
        cases=sum(each.cases for each in figures),
        paused=sum(each.paused for each in figures),
        overdue=sum(each.overdue for each in figures),
        oldest=min((each.oldest for each in figures if each.oldest), default=None),
    )
