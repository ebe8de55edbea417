"""Writes down who read or changed which case, in the transaction that did it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert

from review_api.records import AuditEntry
from review_api.vocabulary import AuditAction

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from review_api.tokens import Caller


def write_audit(  # noqa: PLR0913 - one argument for each column of the log
    session: Session,
    caller: Caller,
    action: AuditAction,
    now: datetime,
    *,
    case_id: str | None = None,
    detail: str = "",
) -> None:
    """Add one line to the audit log."""
    session.add(
        AuditEntry(
            at=now,
            actor=caller.name,
            role=caller.role,
            action=action,
            case_id=case_id,
            detail=detail[:255],
        )
    )


def write_reads(session: Session, reads: Sequence[tuple[Caller, str]], now: datetime) -> None:
    """Add a line for each reader and the case they read, past the ORM: there are many."""
    lines = [
        {
            "at": now,
            "actor": caller.name,
            "role": caller.role,
            "action": AuditAction.CASE_READ,
            "case_id": case_id,
            "detail": "",
        }
        for caller, case_id in reads
    ]
    if lines:
        session.connection().execute(insert(AuditEntry), lines)
