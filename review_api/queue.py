"""The reviewers' queue: which case to look at first, a page at a time.

Whoever is paused comes before whoever is not. Of the paused, the expected harm counts
(`review_api.ranking`): chance that the pause is wrong, times the price of the plan, times the time
it has lasted; of the others, the score times the time since the case was opened. A cursor remembers
the moment the first page was made, so that later pages keep its order.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, and_, cast, func, literal, or_, select
from sqlalchemy import case as when

from access.columns import UtcDateTime
from review_api.cursors import Cursor, read_cursor, write_cursor
from review_api.detector_shares import newest_share, shares_up_to
from review_api.intervals import seconds_between
from review_api.queue_filters import QueueFilters, conditions
from review_api.queue_records import QueueEntry, QueueText
from review_api.ranking import LEAST_PRICE, Place, Record, why
from review_api.routing import is_paused, queue_column, rules_now
from review_api.sla import Waiting, due_at

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Subquery
    from sqlalchemy.orm import Session

    from detectors.verdict import Kind
    from review_api.policy import ReviewPolicy
    from review_api.routing import RoutingRule
    from review_api.vocabulary import CaseStatus


@dataclass(frozen=True, slots=True)
class QueueQuery:
    """What to list, for whom. `reviewer` is who asks, for the filter on their own claims."""

    filters: QueueFilters = field(default_factory=QueueFilters)
    limit: int = 50
    cursor: str | None = None
    reviewer: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """Who holds the case, and until when unless they renew it."""

    by: str
    until: datetime


@dataclass(frozen=True, slots=True)
class QueueItem:
    """One case in the queue. `paused_since` and `paused_until` are None unless it pauses now."""

    case_id: str
    account_id: str
    kind: Kind
    status: CaseStatus
    version: int
    abuse: float
    opened_at: datetime
    paused_since: datetime | None
    paused_until: datetime | None
    headline: str = ""
    why: str = ""
    harm: float = 0.0
    wrong_chance: float | None = None
    queue: str | None = None
    due_at: datetime | None = None
    claim: Held | None = None
    escalated: bool = False
    waits_for_customer: bool = False
    waits_for_second: bool = False

    @property
    def paused(self) -> bool:
        """Whether the account's monthly quota is paused by this case."""
        return self.paused_until is not None


@dataclass(frozen=True, slots=True)
class QueuePage:
    """Some cases in order, and the cursor of the next page if there is one."""

    items: tuple[QueueItem, ...]
    next_cursor: str | None


def list_queue(
    session: Session, query: QueueQuery, now: datetime, policy: ReviewPolicy
) -> QueuePage:
    """Give one page of the cases that wait for a reviewer."""
    after = read_cursor(query.cursor) if query.cursor else None
    start = after or Cursor(now, 1, 2**62, "", newest_share(session))
    rules = rules_now(session)
    narrowed = conditions(query.filters, rules, now, policy, query.reviewer)
    found: list[Cursor] = []
    for paused in (1, 0):
        room = query.limit + 1 - len(found)
        if start.paused >= paused and room > 0:
            found += _some(session, paused, narrowed, start, room)
    shown = found[: query.limit]
    items = entries_of(session, [each.case_id for each in shown], rules, now, policy)
    return QueuePage(items, write_cursor(shown[-1]) if len(found) > len(shown) else None)


def entries_of(
    session: Session,
    case_ids: Sequence[str],
    rules: Sequence[RoutingRule],
    now: datetime,
    policy: ReviewPolicy,
) -> tuple[QueueItem, ...]:
    """Give the entries of these cases in this order; one that no longer waits is left out."""
    moment = literal(now, UtcDateTime())
    shares = shares_up_to(newest_share(session))
    rows = session.execute(
        select(
            QueueEntry,
            QueueText.headline,
            shares.c.wrong,
            shares.c.judged,
            queue_column(rules, moment).label("queue"),
        )
        .join(QueueText, QueueText.case_id == QueueEntry.case_id)
        .outerjoin(shares, _of_detector(shares))
        .where(QueueEntry.case_id.in_(case_ids))
    )
    items = {}
    for entry, headline, wrong, judged, queue in rows:
        place = Place(entry, Record(wrong or 0, judged or 0), now, _currency(policy))
        items[entry.case_id] = _item(place, headline, queue, policy)
    return tuple(items[each] for each in case_ids if each in items)


def _some(
    session: Session,
    paused: int,
    narrowed: Collection[ColumnElement[bool]],
    after: Cursor,
    limit: int,
) -> list[Cursor]:
    moment = literal(after.as_of, UtcDateTime())
    shares = shares_up_to(after.learnt)
    weight = _weight(paused, moment, shares)
    half = is_paused(moment) if paused else ~is_paused(moment)
    wanted = (
        select(QueueEntry.case_id, weight.label("weight"))
        .outerjoin(shares, _of_detector(shares))
        .where(half, *narrowed)
        .order_by(weight.desc(), QueueEntry.case_id)
        .limit(limit)
    )
    if after.case_id and after.paused == paused:
        tie = and_(weight == after.weight, QueueEntry.case_id > after.case_id)
        wanted = wanted.where(or_(weight < after.weight, tie))
    rows = session.execute(wanted)
    return [Cursor(after.as_of, paused, each.weight, each.case_id, after.learnt) for each in rows]


def _of_detector(shares: Subquery) -> ColumnElement[bool]:
    return and_(
        shares.c.detector == QueueEntry.detector,
        shares.c.model_version == QueueEntry.detector_version,
    )


def _weight(paused: int, moment: ColumnElement[Any], shares: Subquery) -> ColumnElement[int]:
    harm: ColumnElement[Any]
    if paused:
        wrong, judged = func.coalesce(shares.c.wrong, 0), func.coalesce(shares.c.judged, 0)
        learnt = (wrong + 1.0) / (judged + 2.0)
        chance = func.coalesce(1.0 - QueueEntry.probability, learnt)
        price = when((QueueEntry.price > LEAST_PRICE, QueueEntry.price), else_=LEAST_PRICE)
        harm = chance * price * seconds_between(QueueEntry.paused_since, moment)
    else:
        harm = QueueEntry.abuse * seconds_between(QueueEntry.opened_at, moment)
    # Whole thousandths: a float would not survive the way through the cursor and two databases.
    return cast(harm * 1000, BigInteger)


def _item(place: Place, headline: str, queue: str, policy: ReviewPolicy) -> QueueItem:
    entry, paused = place.entry, place.paused
    since = entry.paused_since if paused else None
    claimed = entry.claimed_until is not None and entry.claimed_until > place.now
    return QueueItem(
        case_id=entry.case_id,
        account_id=entry.account_id,
        kind=entry.kind,
        status=entry.status,
        version=entry.version,
        abuse=entry.abuse,
        opened_at=entry.opened_at,
        paused_since=since,
        paused_until=entry.paused_until if paused else None,
        headline=headline,
        why=why(place),
        harm=round(place.harm, 3),
        wrong_chance=round(place.wrong_chance, 4),
        queue=queue,
        due_at=due_at(Waiting(entry.opened_at, since, entry.appealed_at), policy),
        claim=Held(entry.claimed_by, entry.claimed_until)
        if claimed and entry.claimed_by and entry.claimed_until
        else None,
        escalated=entry.escalated,
        waits_for_customer=entry.waits_for_customer,
        waits_for_second=entry.waits_for_second,
    )


def _currency(policy: ReviewPolicy) -> str:
    return policy.catalogue.currency if policy.catalogue else ""
