"""Forgets what accounts did: after a stated time, later while a case about it is undecided.

Accounts are gone through in the order of their names, a few at a time and so many rows at most, so
that no step is long however much there is to forget.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, cast

from sqlalchemy import delete, exists, or_, select, tuple_
from sqlalchemy.orm import aliased

from review_api.activity_records import AccountNetwork, ActivityEvent
from review_api.models import Case, CaseEvent
from review_api.vocabulary import CaseEventKind

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import ColumnElement, CursorResult
    from sqlalchemy.orm import Session

ACCOUNTS_AT_ONCE: Final = 200
ROWS_AT_ONCE: Final = 20_000
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many rows went, and after which account to go on; "" when all were gone through."""

    rows: int
    after: str


def microseconds(at: datetime) -> int:
    """Give an instant as the rows of activity say it."""
    return (at - EPOCH) // timedelta(microseconds=1)


def forget_old_activity(session: Session, before: datetime, after: str = "") -> Forgotten:
    """Forget what the next few accounts did before an instant, unless a case still needs it."""
    wanted = select(AccountNetwork.account_id).distinct().where(AccountNetwork.account_id > after)
    wanted = wanted.order_by(AccountNetwork.account_id).limit(ACCOUNTS_AT_ONCE)
    accounts = session.scalars(wanted).all()
    needed = _needed(session, accounts, before)
    old = [account for account in accounts if account not in needed]
    rows = _forget(session, old, microseconds(before))
    if rows == ROWS_AT_ONCE:
        return Forgotten(rows, after)
    return Forgotten(rows, accounts[-1] if len(accounts) == ACCOUNTS_AT_ONCE else "")


def forget_activity(session: Session, account_id: str) -> None:
    """Forget all that an account did, whatever its cases: its personal data are to be erased."""
    session.execute(delete(ActivityEvent).where(ActivityEvent.account_id == account_id))
    session.execute(delete(AccountNetwork).where(AccountNetwork.account_id == account_id))


def _needed(session: Session, accounts: Collection[str], before: datetime) -> set[str]:
    """Name the accounts with a case that waits for a person, or of which something came since."""
    lately = exists().where(CaseEvent.case_id == Case.id, CaseEvent.at >= before)
    wanted = select(Case.account_id).where(
        Case.account_id.in_(accounts), or_(Case.closed_at.is_(None), lately, _appealed())
    )
    return set(session.scalars(wanted))


def _appealed() -> ColumnElement[bool]:
    """Give the condition that an appeal against `Case` still waits for a person."""
    appeal, answer = aliased(CaseEvent), aliased(CaseEvent)
    answered = exists().where(
        answer.case_id == appeal.case_id,
        answer.sequence > appeal.sequence,
        answer.kind.in_([CaseEventKind.DECIDED, CaseEventKind.APPEAL_DECIDED]),
    )
    return exists().where(
        appeal.case_id == Case.id,
        appeal.kind == CaseEventKind.APPEALED,
        ~answered.correlate(appeal),
    )


def _forget(session: Session, accounts: Collection[str], before: int) -> int:
    if not accounts:
        return 0
    event = ActivityEvent
    old = (
        select(event.account_id, event.t, event.event)
        .where(event.account_id.in_(accounts), event.t < before)
        .limit(ROWS_AT_ONCE)
    )
    key = tuple_(event.account_id, event.t, event.event)
    gone = cast("CursorResult[Any]", session.execute(delete(event).where(key.in_(old)))).rowcount
    if gone < ROWS_AT_ONCE:
        # Only now: by their networks the accounts are found again.
        network = AccountNetwork
        over = delete(network).where(network.account_id.in_(accounts), network.last_t < before)
        session.execute(over)
    return gone
