"""Giving back what a job was charged, after it had ended: once, and to where it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import exists, select

from access.books import CreditEntry, CreditGrant, QuotaEntry
from access.returning import read_returns, returned_id
from access.rows import Rows
from access.vocabulary import EntryKind, JobMode

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from access.ledger import Job
    from access.returning import Returns


def refund(session: Session, job: Job, now: datetime) -> bool:
    """Give back all that the job still has; tells whether it was done now.

    A job is refunded once. The caller holds the account's lock.
    """
    rows = Rows()
    returns = read_returns(session, [job], rows, now)
    if job.units <= 0 or _refunded(session, job, returns):
        return False
    returns.give_back(job, job.units, EntryKind.REFUNDED)
    rows.write(session)
    return True


def _refunded(session: Session, job: Job, returns: Returns) -> bool:
    table = QuotaEntry if job.mode is JobMode.QUOTA else CreditEntry
    entry = exists().where(table.admission_id == job.id, table.kind == EntryKind.REFUNDED)
    # Of a grant that had ended, the credits came back as another one.
    fresh = [
        returned_id(job, each.id, EntryKind.REFUNDED) for each in returns.taken.get(job.id, ())
    ]
    grant = exists().where(CreditGrant.id.in_(fresh))
    return bool(session.scalar(select(entry | grant)))
