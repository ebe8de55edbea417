"""Writes down who read or changed which case, in the transaction that did it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from review_api.records import AuditEntry

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from review_api.tokens import Caller
    from review_api.vocabulary import AuditAction


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
