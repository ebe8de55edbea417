"""Repairs what the platform enforces differently: the whole truth is announced again.

Nothing about an account changes here. A difference whose last announcement is still waiting in
the outbox is told, and not announced twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import exists, select

from access.accounts import lock_account
from access.reconciling import compare, last_pauses
from access.vocabulary import Mismatch
from review_api.audit import write_audit
from review_api.changes import ACCESS_CHANGES, announce_again
from review_api.records import OutboxMessage
from review_api.vocabulary import AuditAction

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from access.reconciling import Difference
    from review_api.tokens import Caller

MOST: Final = 1000  # accounts compared in one transaction

_ACTION: Final[Mapping[Mismatch, AuditAction]] = {
    Mismatch.WRONGLY_ENFORCED: AuditAction.WRONGLY_ENFORCED,
    Mismatch.NOT_ENFORCED: AuditAction.NOT_ENFORCED,
}


@dataclass(frozen=True, slots=True)
class Repair:
    """A difference, and whether it was announced again just now; if not, it waits to leave."""

    difference: Difference
    announced: bool


def reconcile(
    session: Session, enforced: Mapping[str, bool], caller: Caller, now: datetime
) -> list[Repair]:
    """Compare what the platform says of these accounts with the truth, and repair it.

    Gives the differences, pauses wrongly enforced first. Each is written to the audit log.
    """
    suspects = compare(enforced, last_pauses(session, enforced, now), now)
    # In one order, so that two who reconcile at once never wait for each other in a circle.
    for account_id in sorted(suspect.account_id for suspect in suspects):
        lock_account(session, account_id, now)
    doubtful = {suspect.account_id: enforced[suspect.account_id] for suspect in suspects}
    found = compare(doubtful, last_pauses(session, doubtful, now), now)
    return [_repair(session, difference, caller, now) for difference in found]


def _repair(session: Session, difference: Difference, caller: Caller, now: datetime) -> Repair:
    announced = not _is_waiting(session, difference.account_id)
    if announced:
        announce_again(session, difference.account_id, difference.case_id or "", now)
    action = _ACTION[difference.mismatch]
    write_audit(
        session, caller, action, now, case_id=difference.case_id, detail=difference.account_id
    )
    return Repair(difference, announced)


def _is_waiting(session: Session, account_id: str) -> bool:
    waiting = exists().where(
        OutboxMessage.key == account_id,
        OutboxMessage.topic == ACCESS_CHANGES,
        OutboxMessage.sent_at.is_(None),
    )
    return bool(session.scalar(select(waiting)))
