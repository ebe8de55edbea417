"""The reviewers' queue: which case to look at first, a page at a time.

Whoever is paused comes before whoever is not; within each, the longest wait weighted with the
abuse score comes first (seconds since the pause, or since the case was opened, times the score).
A cursor remembers the moment the first page was made, so that later pages keep its order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, and_, case, cast, func, literal, or_, select

from access.columns import UtcDateTime
from access.models import LeaseEvent, PauseLease
from review_api.cursors import Cursor, read_cursor, write_cursor
from review_api.intervals import seconds_between
from review_api.models import Case, CaseEvent, Decision, Evidence
from review_api.vocabulary import STATUS_AFTER, CaseStatus

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement, Row, Select
    from sqlalchemy.orm import Session

    from detectors.verdict import Kind


@dataclass(frozen=True, slots=True)
class QueueQuery:
    """What to list; None means all."""

    status: CaseStatus | None = CaseStatus.OPEN
    kind: Kind | None = None
    limit: int = 50
    cursor: str | None = None


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

    @property
    def paused(self) -> bool:
        """Whether the account's monthly quota is paused by this case."""
        return self.paused_until is not None


@dataclass(frozen=True, slots=True)
class QueuePage:
    """Some cases in order, and the cursor of the next page if there is one."""

    items: tuple[QueueItem, ...]
    next_cursor: str | None


def list_cases(session: Session, query: QueueQuery, now: datetime) -> QueuePage:
    """Give one page of the queue."""
    after = read_cursor(query.cursor) if query.cursor else None
    as_of = after.as_of if after else now
    rows = session.execute(_page(query, as_of, after)).all()
    shown = rows[: query.limit]
    cursor = None
    if len(rows) > query.limit:
        last = shown[-1]
        cursor = write_cursor(Cursor(as_of, last.paused, last.weight, last.id))
    return QueuePage(tuple(_item(row, now) for row in shown), cursor)


def _page(query: QueueQuery, as_of: datetime, after: Cursor | None) -> Select[Any]:
    facts = _facts(query).subquery()
    moment = literal(as_of, UtcDateTime())
    paused = case((facts.c.until > moment, 1), else_=0)
    waiting_since = case((facts.c.until > moment, facts.c.since), else_=facts.c.opened_at)
    # Whole thousandths: a float would not survive the way through the cursor and two databases.
    weight = cast(seconds_between(waiting_since, moment) * facts.c.abuse * 1000, BigInteger)
    page = select(facts, paused.label("paused"), weight.label("weight"))
    if after is not None:
        page = page.where(_comes_after(after, paused, weight, facts.c.id))
    return page.order_by(paused.desc(), weight.desc(), facts.c.id).limit(query.limit + 1)


def _facts(query: QueueQuery) -> Select[Any]:
    choice = _newest(Decision.choice, Decision).label("choice")
    facts = select(
        Case.id,
        Case.account_id,
        Case.kind,
        Case.opened_at,
        choice,
        _newest(Evidence.abuse, Evidence).label("abuse"),
        select(func.count(CaseEvent.id))
        .where(CaseEvent.case_id == Case.id)
        .scalar_subquery()
        .label("version"),
        _open_lease(PauseLease.taken_at).label("since"),
        _open_lease(LeaseEvent.until).label("until"),
    )
    if query.kind is not None:
        facts = facts.where(Case.kind == query.kind)
    if query.status is CaseStatus.OPEN:
        return facts.where(Case.closed_at.is_(None))
    if query.status is not None:
        leading = [picked for picked, status in STATUS_AFTER.items() if status is query.status]
        return facts.where(choice.element.in_(leading))
    return facts


def _newest(column: Any, table: type[Decision | Evidence]) -> Any:
    of_case = select(column).where(table.case_id == Case.id)
    return of_case.order_by(table.id.desc()).limit(1).scalar_subquery()


def _open_lease(column: Any) -> Any:
    return (
        select(column)
        .select_from(PauseLease)
        .join(LeaseEvent, LeaseEvent.lease_id == PauseLease.id)
        .where(
            PauseLease.case_id == Case.id,
            PauseLease.ended_at.is_(None),
            LeaseEvent.until.is_not(None),
        )
        .order_by(LeaseEvent.sequence.desc())
        .limit(1)
        .scalar_subquery()
    )


def _comes_after(
    after: Cursor, paused: ColumnElement[int], weight: ColumnElement[int], case_id: Any
) -> ColumnElement[bool]:
    return or_(
        paused < after.paused,
        and_(paused == after.paused, weight < after.weight),
        and_(paused == after.paused, weight == after.weight, case_id > after.case_id),
    )


def _item(row: Row[Any], now: datetime) -> QueueItem:
    paused = row.until is not None and row.until > now
    return QueueItem(
        case_id=row.id,
        account_id=row.account_id,
        kind=row.kind,
        status=STATUS_AFTER[row.choice] if row.choice else CaseStatus.OPEN,
        version=row.version,
        abuse=row.abuse,
        opened_at=row.opened_at,
        paused_since=row.since if paused else None,
        paused_until=row.until if paused else None,
    )
