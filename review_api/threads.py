"""A case as a thread of events: how it is found, locked, and grows.

A case grows only under its account's lock, so its version never forks; whoever locks it has its
place in the queue kept when they commit. What is derived from it is `review_api.folds`'s.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from access.accounts import lock_account
from access.leases import lease_of, lease_state
from review_api.errors import CaseChangedError, CaseNotFoundError, Missed
from review_api.folds import (
    appeal_is_open,
    last_event,
    last_of,
    pending_decision,
    settled_status,
    standing_decision,
    status_after,
    status_of,
    version_of,
    waits_for_customer,
)
from review_api.models import Case, CaseEvent
from review_api.queue_entries import keep_entry
from review_api.vocabulary import CaseEventKind

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from detectors.verdict import Verdict

__all__ = [
    "appeal_is_open",
    "append_event",
    "check_version",
    "find_case",
    "last_event",
    "last_of",
    "locked_case",
    "note_lapse",
    "open_case",
    "pending_decision",
    "settled_status",
    "standing_decision",
    "status_after",
    "status_of",
    "version_of",
    "waits_for_customer",
]


def append_event(
    case: Case, kind: CaseEventKind, at: datetime, actor: str, **detail: Any
) -> CaseEvent:
    """Write down that something happened to the case."""
    event = CaseEvent(sequence=version_of(case) + 1, kind=kind, at=at, actor=actor, detail=detail)
    case.events.append(event)
    return event


def locked_case(session: Session, case_id: str, now: datetime) -> Case:
    """Lock the case's account and read the case as it is now, or raise `CaseNotFoundError`."""
    # The account is locked before the case is read, or the case could change in between.
    account_id = session.scalar(select(Case.account_id).where(Case.id == case_id))
    if account_id is None:
        raise CaseNotFoundError(f"there is no case {case_id}")
    lock_account(session, account_id, now)
    keep_entry(session, case_id, now)
    return session.scalars(
        select(Case).where(Case.id == case_id).execution_options(populate_existing=True)
    ).one()


def check_version(case: Case, version: int) -> None:
    """Refuse who has not read all that happened to the case."""
    if version_of(case) != version:
        missed = [Missed(event.kind, event.actor, event.at) for event in case.events[version:]]
        raise CaseChangedError(version_of(case), missed)


def find_case(session: Session, verdict: Verdict) -> Case | None:
    """Give the open case the verdict belongs to, if there is one."""
    return session.scalars(
        select(Case).where(
            Case.account_id == verdict.account_id,
            Case.kind == verdict.kind,
            Case.closed_at.is_(None),
        )
    ).one_or_none()


def open_case(session: Session, verdict: Verdict, now: datetime) -> tuple[Case, bool]:
    """Find the open case the verdict belongs to, or open one; tells whether it is new.

    The new case is named after the verdict that opens it, so a replay opens the same one.
    """
    standing = find_case(session, verdict)
    if standing is not None:
        return standing, False
    name = hashlib.blake2b(f"case\x1f{verdict.verdict_id}".encode(), digest_size=12).hexdigest()
    case = Case(id=name, account_id=verdict.account_id, kind=verdict.kind, opened_at=now)
    session.add(case)
    return case, True


def note_lapse(session: Session, case: Case, now: datetime) -> None:
    """Write into the thread that the case's pause lifted itself, once, if it did."""
    noted = any(event.kind is CaseEventKind.LEASE_LAPSED for event in case.events)
    lease = None if noted else lease_of(session, case.id)
    if lease is None:
        return
    state = lease_state(lease.events)
    if not state.restored and state.until <= now:
        append_event(case, CaseEventKind.LEASE_LAPSED, state.until, "time")
