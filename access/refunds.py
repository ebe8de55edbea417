"""Giving back what a job was charged, after it had ended: once, and to where it came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import exists, select

from access.accounts import lock_account
from access.books import AdmissionEnd, CreditEntry, CreditGrant, QuotaEntry
from access.errors import NothingChargedError, UnknownAdmissionError
from access.ledger import jobs_by_id
from access.returning import read_returns, returned_id
from access.rows import Rows
from access.vocabulary import AdmissionEndKind, EntryKind, JobMode

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from sqlalchemy.orm import Session

    from access.ledger import Job
    from access.plans import Catalogue
    from access.returning import Returns


@dataclass(frozen=True, slots=True)
class Refunded:
    """A job that was refunded, and how much; `repeated` if it had been before."""

    job: Job
    units: Decimal
    repeated: bool


def refund(session: Session, job: Job, catalogue: Catalogue, now: datetime) -> bool:
    """Give back what the job was charged; tells whether it was done now.

    A job is refunded once, and only a settled one: any other has its own back already. The caller
    holds the account's lock.
    """
    charged = _charged(session, job)
    if not charged:
        return False
    rows = Rows()
    returns = read_returns(session, [job], rows, catalogue, now)
    if _refunded(session, job, returns):
        return False
    returns.give_back(job, charged, EntryKind.REFUNDED)
    rows.write(session)
    return True


def refund_settled(
    session: Session, admission_id: str, catalogue: Catalogue, now: datetime
) -> Refunded:
    """Refund a settled job; one that was refunded stays as it is.

    Raises `UnknownAdmissionError`, and `NothingChargedError` for a job that was charged nothing.
    """
    found = jobs_by_id(session, [admission_id]).get(admission_id)
    if found is None:
        raise UnknownAdmissionError(f"there is no admission {admission_id}")
    lock_account(session, found.account_id, now)
    charged = _charged(session, found)
    if not charged:
        raise NothingChargedError(f"job {found.job_id} was charged nothing, or has not ended")
    done = refund(session, found, catalogue, now)
    return Refunded(found, charged, repeated=not done)


def _charged(session: Session, job: Job) -> Decimal | None:
    return session.scalar(
        select(AdmissionEnd.units).where(
            AdmissionEnd.admission_id == job.id, AdmissionEnd.kind == AdmissionEndKind.SETTLED
        )
    )


def _refunded(session: Session, job: Job, returns: Returns) -> bool:
    table = QuotaEntry if job.mode is JobMode.QUOTA else CreditEntry
    entry = exists().where(table.admission_id == job.id, table.kind == EntryKind.REFUNDED)
    # Of a grant that had ended, the credits came back as another one.
    fresh = [
        returned_id(job, each.id, EntryKind.REFUNDED) for each in returns.taken.get(job.id, ())
    ]
    grant = exists().where(CreditGrant.id.in_(fresh))
    return bool(session.scalar(select(entry | grant)))
