"""A case as a thread of events: what is derived from it, and how it grows.

A case grows only under its account's lock, so its version never forks.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from access.accounts import lock_account
from access.leases import lease_of, lease_state
from review_api.errors import CaseChangedError, CaseNotFoundError, Missed
from review_api.models import Case, CaseEvent
from review_api.vocabulary import STATUS_AFTER, CaseEventKind, CaseStatus, Choice, Fate

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from detectors.verdict import Verdict
    from review_api.models import Decision


def status_of(case: Case) -> CaseStatus:
    """Derive where the case is from what has happened to it."""
    return status_after(case.events)


def status_after(events: Iterable[CaseEvent]) -> CaseStatus:
    """Fold the events, oldest first: a decision taken back leaves the case where it was."""
    status = before = CaseStatus.OPEN
    for event in events:
        match event.kind:
            case CaseEventKind.DECIDED:
                before, status = status, STATUS_AFTER[Choice(event.detail["choice"])]
            case CaseEventKind.UNDONE | CaseEventKind.OVERRULED:
                status = before
            case CaseEventKind.REOPENED:
                status = CaseStatus.OPEN
            case CaseEventKind.APPEALED:
                # Also what a decision taken back would leave behind: the appeal stays.
                status, before = _contested(status), _contested(before)
            case _:
                pass
    return status


def settled_status(case: Case) -> CaseStatus:
    """Derive where the case is for everybody outside: as if what still waits were not decided."""
    waiting = last_of(case, CaseEventKind.DECIDED) if pending_decision(case) else 0
    return status_after(event for event in case.events if event.sequence != waiting)


def _contested(status: CaseStatus) -> CaseStatus:
    return CaseStatus.APPEALED if status is CaseStatus.UPHELD else status


def version_of(case: Case) -> int:
    """Give the number of things that have happened to the case."""
    return len(case.events)


def pending_decision(case: Case) -> Decision | None:
    """Give the decision that still waits for its grace to end, or for a second person."""
    return next((each for each in case.decisions if each.end is None), None)


def standing_decision(case: Case) -> Decision | None:
    """Give the last decision that nobody took back."""
    kept = (each for each in reversed(case.decisions)
            if each.end is None or each.end.fate is Fate.TOOK_EFFECT)  # fmt: skip
    return next(kept, None)


def appeal_is_open(case: Case) -> bool:
    """Say whether the customer waits for another person's look."""
    return last_of(case, CaseEventKind.APPEALED) > last_of(case, CaseEventKind.APPEAL_DECIDED)


def waits_for_customer(case: Case) -> bool:
    """Say whether a question to the customer has no answer yet."""
    return last_of(case, CaseEventKind.ASKED) > last_of(case, CaseEventKind.ANSWERED)


def last_event(case: Case, kind: CaseEventKind) -> CaseEvent | None:
    """Give the last event of a kind, if there is one."""
    return next((event for event in reversed(case.events) if event.kind is kind), None)


def last_of(case: Case, kind: CaseEventKind) -> int:
    """Give the place in the thread of the last event of a kind; 0 when there is none."""
    last = last_event(case, kind)
    return last.sequence if last else 0


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
