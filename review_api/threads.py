"""A case as a thread of events: what is derived from it, and how it grows.

A case grows only under its account's lock, so its version never forks.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from access.leases import lease_of, lease_state
from review_api.models import Case, CaseEvent
from review_api.vocabulary import STATUS_AFTER, CaseEventKind, CaseStatus

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from detectors.verdict import Verdict


def status_of(case: Case) -> CaseStatus:
    """Derive where the case is from the last decision taken on it."""
    return STATUS_AFTER[case.decisions[-1].choice] if case.decisions else CaseStatus.OPEN


def version_of(case: Case) -> int:
    """Give the number of things that have happened to the case."""
    return len(case.events)


def append_event(
    case: Case, kind: CaseEventKind, at: datetime, actor: str, **detail: Any
) -> CaseEvent:
    """Write down that something happened to the case."""
    event = CaseEvent(sequence=version_of(case) + 1, kind=kind, at=at, actor=actor, detail=detail)
    case.events.append(event)
    return event


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
