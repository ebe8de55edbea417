"""How admitted jobs end: settled, released or given up, and refunded afterwards.

What a job did not use goes back where it came from, to the credits that would expire last first.
Every call may be repeated: the same end said twice is the end it had.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from access.accounts import lock_free_accounts
from access.among import among
from access.books import AdmissionEnd
from access.database import rows_of
from access.errors import (
    AccessError,
    AlreadyEndedError,
    OverReservedError,
    UnknownAdmissionError,
)
from access.ledger import jobs_by_id
from access.returning import read_returns
from access.rows import Rows
from access.units import ZERO
from access.vocabulary import AdmissionEndKind, EntryKind

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime
    from decimal import Decimal

    from sqlalchemy.orm import Session

    from access.ledger import Job
    from access.plans import Catalogue
    from access.returning import Returns

EXPIRY_ACTOR: Final = "time"


@dataclass(frozen=True, slots=True)
class Ending:
    """How a job is said to have ended. `units` None is all that was reserved."""

    admission_id: str
    kind: AdmissionEndKind
    units: Decimal | None
    actor: str


@dataclass(frozen=True, slots=True)
class Ended:
    """How a job ended and what it was charged; `repeated` if that was known."""

    job: Job
    kind: AdmissionEndKind
    charged: Decimal
    repeated: bool = False


def end_jobs(
    session: Session, endings: Sequence[Ending], catalogue: Catalogue, now: datetime
) -> list[Ended | AccessError | None]:
    """End each job: how it ended, what is wrong with it, or None to ask again in a moment."""
    named = {each.admission_id for each in endings}
    accounts = {job.account_id for job in jobs_by_id(session, named).values()}
    free = lock_free_accounts(session, accounts, now)
    # Only what is read under the lock can be relied on.
    jobs = jobs_by_id(session, named)
    mine = [job for job in jobs.values() if job.account_id in free]
    expire_stale(session, mine, catalogue, now)
    ends = _ends_of(session, jobs)
    rows = Rows()
    open_jobs = [job for job in mine if job.id not in ends]
    returns = read_returns(session, open_jobs, rows, catalogue, now)
    answers: list[Ended | AccessError | None] = []
    for each in endings:
        job = jobs.get(each.admission_id)
        if job is None:
            answers.append(UnknownAdmissionError(f"there is no admission {each.admission_id}"))
        elif job.account_id not in free:
            answers.append(None)
        else:
            answers.append(_end(each, job, ends, returns))
    rows.write(session)
    return answers


def _end(ending: Ending, job: Job, ends: dict[str, Ended], returns: Returns) -> Ended | AccessError:
    asked = _charge(ending, job)
    known = ends.get(job.id)
    if known is not None:
        same = known.kind is ending.kind and known.charged == asked
        return known if same else AlreadyEndedError(_how(known))
    if asked > job.units:
        return OverReservedError(f"{job.units} were reserved for the job, not {asked}")
    returns.give_back(job, job.units - asked, EntryKind.RETURNED)
    returns.rows.end(job, ending.kind, asked, returns.now, ending.actor)
    ends[job.id] = Ended(job, ending.kind, asked, repeated=True)
    return Ended(job, ending.kind, asked)


def _charge(ending: Ending, job: Job) -> Decimal:
    if ending.kind is not AdmissionEndKind.SETTLED:
        return ZERO
    return job.units if ending.units is None else ending.units


def _how(ended: Ended) -> str:
    return f"job {ended.job.job_id} has ended already: {ended.kind}, {ended.charged} charged"


def expire_stale(
    session: Session, jobs: Collection[Job], catalogue: Catalogue, now: datetime
) -> bool:
    """Give up the jobs nobody has ended in time, all returned; tells whether there were any.

    The caller holds the accounts' locks.
    """
    stale = [job for job in jobs if job.ended_at is None and job.until <= now]
    if not stale:
        return False
    rows = Rows()
    returns = read_returns(session, stale, rows, catalogue, now)
    for job in stale:
        returns.give_back(job, job.units, EntryKind.RETURNED)
        rows.end(job, AdmissionEndKind.EXPIRED, ZERO, now, EXPIRY_ACTOR)
    rows.write(session)
    return True


def _ends_of(session: Session, jobs: Mapping[str, Job]) -> dict[str, Ended]:
    rows = rows_of(session, _ENDS, {"admissions": jobs})
    return {each: Ended(jobs[each], kind, units, repeated=True) for each, kind, units in rows}


_ENDS: Final = select(AdmissionEnd.admission_id, AdmissionEnd.kind, AdmissionEnd.units).where(
    among(AdmissionEnd.admission_id, "admissions")
)
