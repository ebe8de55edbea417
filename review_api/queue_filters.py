"""What a list of the queue may be narrowed by, and the same in SQL."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import and_, literal, or_

from access.columns import UtcDateTime
from review_api.queue_records import QueueEntry
from review_api.routing import is_paused, queue_column

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from detectors.verdict import Kind
    from review_api.policy import ReviewPolicy
    from review_api.routing import RoutingRule
    from review_api.vocabulary import CaseStatus


class Holder(StrEnum):
    """Who holds a case."""

    ME = "me"
    ANYBODY = "anybody"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class QueueFilters:
    """Which cases to list; None lets all through.

    Cases decided already that only wait for a second person are listed only where `second` asks
    for them: no first look is missing there.
    """

    status: CaseStatus | None = None
    kind: Kind | None = None
    queue: str | None = None
    paused: bool | None = None
    appealed: bool | None = None
    claim: Holder | None = None
    overdue: bool | None = None
    waits_for_customer: bool | None = None
    country: str | None = None
    detector: str | None = None
    second: bool = False


def conditions(
    filters: QueueFilters,
    rules: Sequence[RoutingRule],
    now: datetime,
    policy: ReviewPolicy,
    reviewer: str,
) -> tuple[ColumnElement[bool], ...]:
    """Give the filters as conditions on `QueueEntry` at `now`."""
    moment = literal(now, UtcDateTime())
    given = (
        _is(QueueEntry.waits_for_second.is_(True), filters.second),
        _is(is_paused(moment), filters.paused),
        _is(QueueEntry.appealed_at.is_not(None), filters.appealed),
        _is(is_overdue(now, policy), filters.overdue),
        _is(QueueEntry.waits_for_customer.is_(True), filters.waits_for_customer),
        _held(filters.claim, moment, reviewer),
        None if filters.status is None else QueueEntry.status == filters.status,
        None if filters.kind is None else QueueEntry.kind == filters.kind,
        None if filters.country is None else QueueEntry.country == filters.country,
        None if filters.detector is None else QueueEntry.detector == filters.detector,
        None if filters.queue is None else queue_column(rules, moment) == filters.queue,
    )
    return tuple(each for each in given if each is not None)


def is_overdue(now: datetime, policy: ReviewPolicy) -> ColumnElement[bool]:
    """Say, in SQL, what `review_api.sla.due_at` says: the case's time is over."""
    moment = literal(now, UtcDateTime())
    pauses_too_long = and_(is_paused(moment), QueueEntry.paused_since <= now - policy.review_within)
    first = and_(
        QueueEntry.appealed_at.is_(None),
        or_(QueueEntry.opened_at <= now - policy.unpaused_within, pauses_too_long),
    )
    appeal = and_(
        QueueEntry.appealed_at.is_not(None), QueueEntry.appealed_at <= now - policy.appeal_within
    )
    return or_(first, appeal)


def _is(condition: ColumnElement[bool], wanted: bool | None) -> ColumnElement[bool] | None:  # noqa: FBT001 - what is wanted of the condition
    if wanted is None:
        return None
    return condition if wanted else ~condition


def _held(
    claim: Holder | None, moment: ColumnElement[datetime], reviewer: str
) -> ColumnElement[bool] | None:
    if claim is None:
        return None
    # Both parts, so that the opposite holds where nobody ever held it.
    held = and_(QueueEntry.claimed_until.is_not(None), QueueEntry.claimed_until > moment)
    if claim is Holder.ME:
        return and_(held, QueueEntry.claimed_by == reviewer)
    return held if claim is Holder.ANYBODY else ~held
