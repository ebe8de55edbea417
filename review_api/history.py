"""Cases by their status whether they wait or not, the newest first; also found by name or words.

What waits is the queue's (`review_api.queue`); this reads the cases themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from review_api.cases import view_case
from review_api.cursors import Cursor, read_cursor, write_cursor
from review_api.models import Case, Decision, DecisionEnd
from review_api.queue import QueueItem, QueuePage, entries_of
from review_api.queue_records import QueueEntry, QueueText
from review_api.references import id_begins_with
from review_api.routing import rules_now
from review_api.vocabulary import STATUS_AFTER, Fate

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from detectors.verdict import Kind
    from review_api.policy import ReviewPolicy
    from review_api.vocabulary import CaseStatus

FOUND_AT_MOST: Final = 25
SHORTEST_WORDS: Final = 3


@dataclass(frozen=True, slots=True)
class HistoryQuery:
    """What to list; None means all. `status` is one that a decision led to."""

    status: CaseStatus | None = None
    kind: Kind | None = None
    limit: int = 50
    cursor: str | None = None


def list_history(
    session: Session, query: HistoryQuery, now: datetime, policy: ReviewPolicy
) -> QueuePage:
    """Give one page of cases, the newest first."""
    wanted = select(Case.id, Case.opened_at)
    if query.kind is not None:
        wanted = wanted.where(Case.kind == query.kind)
    if query.status is not None:
        wanted = wanted.where(_decided(query.status))
    if query.cursor:
        last = read_cursor(query.cursor)
        same = and_(Case.opened_at == last.as_of, Case.id > last.case_id)
        wanted = wanted.where(or_(Case.opened_at < last.as_of, same))
    newest = wanted.order_by(Case.opened_at.desc(), Case.id).limit(query.limit + 1)
    found = [Cursor(each.opened_at, 0, 0, each.id) for each in session.execute(newest)]
    shown = found[: query.limit]
    items = items_of(session, [each.case_id for each in shown], now, policy)
    return QueuePage(items, write_cursor(shown[-1]) if len(found) > len(shown) else None)


def search(
    session: Session, words: str, now: datetime, policy: ReviewPolicy
) -> tuple[QueueItem, ...]:
    """Find the newest cases of this account id, case id or short reference.

    Where there are none, those that wait and whose reasons or notes hold these words.
    """
    found = find_named(session, words, now, policy)
    if found or len(words) < SHORTEST_WORDS:
        return found
    holds = QueueText.searched.contains(words.lower(), autoescape=True)
    wanted = (
        select(QueueEntry.case_id)
        .join(QueueText, QueueText.case_id == QueueEntry.case_id)
        .where(holds)
        .order_by(QueueEntry.opened_at.desc(), QueueEntry.case_id)
        .limit(FOUND_AT_MOST)
    )
    return items_of(session, session.scalars(wanted).all(), now, policy)


def find_named(
    session: Session, name: str, now: datetime, policy: ReviewPolicy
) -> tuple[QueueItem, ...]:
    """Give the newest cases of this account id, this case id or this short reference."""
    named = [Case.account_id == name, Case.id == name]
    if start := id_begins_with(name):
        # A range, because no index serves a pattern in every collation.
        named.append(and_(Case.id >= start, Case.id < start + "g"))
    wanted = select(Case.id).where(or_(*named)).order_by(Case.opened_at.desc(), Case.id)
    ids = session.scalars(wanted.limit(FOUND_AT_MOST)).all()
    return items_of(session, ids, now, policy)


def items_of(
    session: Session, case_ids: Sequence[str], now: datetime, policy: ReviewPolicy
) -> tuple[QueueItem, ...]:
    """Give these cases in this order, whether they wait or not."""
    rules = rules_now(session)
    waiting = {each.case_id: each for each in entries_of(session, case_ids, rules, now, policy)}
    return tuple(waiting.get(each) or _decided_item(session, each, now) for each in case_ids)


def _decided(status: CaseStatus) -> ColumnElement[bool]:
    kept = aliased(Decision)
    taken_back = exists().where(
        DecisionEnd.decision_id == kept.id, DecisionEnd.fate != Fate.TOOK_EFFECT
    )
    last = (
        select(func.max(kept.id))
        .where(kept.case_id == Case.id, ~taken_back)
        .correlate(Case)
        .scalar_subquery()
    )
    choices = [choice for choice, after in STATUS_AFTER.items() if after is status]
    waits = exists().where(QueueEntry.case_id == Case.id, QueueEntry.waits_for_second.is_(False))
    led = exists().where(Decision.id == last, Decision.choice.in_(choices))
    return and_(led, ~waits)


def _decided_item(session: Session, case_id: str, now: datetime) -> QueueItem:
    view = view_case(session, case_id, now)
    pause = view.pause if view.pause and view.pause.in_force else None
    reasons = view.evidence[-1].verdict.reasons
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
        headline=reasons[0].sentence if reasons else "",
    )
