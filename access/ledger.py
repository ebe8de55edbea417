"""Reads the books of many accounts at once: credits, quota, admitted jobs.

One statement each however many accounts there are, in Core rather than ORM, because this runs in
front of every job. Of each chain only the newest entry is read: it says the sum so far.
`access.rows` writes.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, bindparam, func, or_, select, true

from access.among import among, each_of
from access.books import Admission, CreditEntry, CreditGrant, QuotaEntry
from access.credits import Grant, Purse
from access.database import rows_of
from access.quota import Usage, Used
from access.vocabulary import GrantKind

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime
    from decimal import Decimal

    from sqlalchemy.orm import Session

    from access.subscriptions import DueGrant
    from access.vocabulary import AdmissionOrigin, JobMode, Media, Queue


@dataclass(frozen=True, slots=True)
class Job:
    """An admitted job, as `access.books.Admission` keeps it."""

    id: str
    account_id: str
    job_id: str
    origin: AdmissionOrigin
    mode: JobMode
    queue: Queue
    model: str
    media: Media | None
    feature: str | None
    units: Decimal
    month: str
    speed: float
    concurrency: int
    turn: float | None
    catalogue: int
    at: datetime
    until: datetime
    ended_at: datetime | None = None


_JOB: Final = tuple(getattr(Admission, each.name) for each in fields(Job))


def read_purses(
    session: Session,
    account_ids: Collection[str],
    due: Mapping[str, tuple[DueGrant, ...]],
    now: datetime,
) -> dict[str, Purse]:
    """Give each account's purse, in one statement: what is written down, and what is due.

    A cycle's credits count only while they are due, and end when the subscription says so.
    """
    wanted = {each.id: each for grants in due.values() for each in grants}
    found: dict[str, list[Grant]] = {each: [] for each in account_ids}
    written = set()
    for account_id, grant_id, kind, since, until, number, after in rows_of(
        session, _GRANTS, {"accounts": account_ids, "due": wanted, "now": now}
    ):
        is_due = wanted.get(grant_id)
        end = is_due.until if is_due else until
        found[account_id].append(Grant(grant_id, kind, since, end, after, number))
        written.add(grant_id)
    for account_id, grants in due.items():
        found[account_id] += [
            Grant(each.id, each.kind, each.since, each.until, each.units, 0)
            for each in grants
            if each.id not in written
        ]
    return {account_id: Purse(tuple(grants)) for account_id, grants in found.items()}


def read_usage(
    session: Session, account_ids: Collection[str], month: str, models: Collection[str]
) -> dict[str, Usage]:
    """Give each account's usage of these models in the month, in one statement."""
    by_account: dict[str, dict[str, Used]] = {each: {} for each in account_ids}
    wanted = {"accounts": account_ids, "months": [month], "models": models}
    for account_id, _, model, number, after in rows_of(session, NEWEST_USE, wanted):
        by_account[account_id][model] = Used(number, after)
    return {account_id: Usage(month, models) for account_id, models in by_account.items()}


def read_open_jobs(session: Session, account_ids: Collection[str]) -> dict[str, list[Job]]:
    """Give each account's jobs that were admitted and have not ended, oldest first."""
    jobs: dict[str, list[Job]] = {}
    for row in rows_of(session, _OPEN_JOBS, {"accounts": account_ids}):
        job = Job(*row)
        jobs.setdefault(job.account_id, []).append(job)
    return jobs


def admission_id(account_id: str, job_id: str) -> str:
    """Give the id under which a job is known, whoever tells of it first."""
    return hashlib.blake2b(f"job\x1f{account_id}\x1f{job_id}".encode(), digest_size=16).hexdigest()


def jobs_by_id(session: Session, admission_ids: Collection[str]) -> dict[str, Job]:
    """Give the jobs of these admissions that are known, ended or not."""
    rows = rows_of(session, _JOBS, {"admissions": admission_ids})
    return {job.id: job for job in (Job(*row) for row in rows)}


_newest_entry = (
    select(func.max(CreditEntry.number))
    .where(CreditEntry.grant_id == CreditGrant.id)
    .correlate(CreditGrant)
    .scalar_subquery()
)
_GRANTS: Final = (
    select(
        CreditGrant.account_id,
        CreditGrant.id,
        CreditGrant.kind,
        CreditGrant.since,
        CreditGrant.until,
        CreditEntry.number,
        CreditEntry.after,
    )
    .join(
        CreditEntry,
        and_(CreditEntry.grant_id == CreditGrant.id, CreditEntry.number == _newest_entry),
    )
    .where(
        among(CreditGrant.account_id, "accounts"),
        or_(
            among(CreditGrant.id, "due"),
            and_(
                CreditGrant.kind.in_((GrantKind.PACK, GrantKind.RETURNED)),
                or_(CreditGrant.until.is_(None), CreditGrant.until > bindparam("now")),
            ),
        ),
    )
)
_accounts, _months, _models = (each_of(each) for each in ("accounts", "months", "models"))
_later = QuotaEntry.__table__.alias("later")
_newest_use = (
    select(func.max(_later.c.number))
    .where(
        _later.c.account_id == _accounts.c.value,
        _later.c.month == _months.c.value,
        _later.c.model == _models.c.value,
    )
    .correlate(_accounts, _months, _models)
    .scalar_subquery()
)
# Each chain is named, so that its newest entry is found at once: to look for the chains there are
# would read every job of the month.
NEWEST_USE: Final = (
    select(
        QuotaEntry.account_id,
        QuotaEntry.month,
        QuotaEntry.model,
        QuotaEntry.number,
        QuotaEntry.after,
    )
    .select_from(_accounts)
    .join(_months, true())
    .join(_models, true())
    .join(
        QuotaEntry,
        and_(
            QuotaEntry.account_id == _accounts.c.value,
            QuotaEntry.month == _months.c.value,
            QuotaEntry.model == _models.c.value,
            QuotaEntry.number == _newest_use,
        ),
    )
)
_JOBS: Final = select(*_JOB).where(among(Admission.id, "admissions"))
_OPEN_JOBS: Final = (
    select(*_JOB)
    .where(among(Admission.account_id, "accounts"), Admission.ended_at.is_(None))
    .order_by(Admission.at, Admission.id)
)
