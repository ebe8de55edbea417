"""Charging jobs that ran without asking: the platform tells of them only by its events.

Such a job is never open here. It is charged at once, with what the account had when it ran and no
more than that, so that nothing goes below zero and a lost end holds nobody's credits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select

from access.admission import QUEUE_OF
from access.books import MakeGood
from access.ledger import Job, admission_id, read_purses, read_usage
from access.periods import month_of
from access.quota import left
from access.rows import Rows, reserve_credits, reserve_quota
from access.subscribing import subscriptions_of
from access.subscriptions import subscription_at
from access.units import ZERO
from access.vocabulary import AdmissionEndKind, AdmissionOrigin, JobMode

if TYPE_CHECKING:
    from decimal import Decimal

    from sqlalchemy.orm import Session

    from access.plans import Catalogue
    from access.platform_events import PlatformEvent
    from access.subscriptions import Subscription

ACTOR: Final = "events"


def charge(session: Session, event: PlatformEvent, catalogue: Catalogue) -> Decimal:
    """Charge the job of a `generation.requested`; gives how much of its units there was."""
    records = subscriptions_of(session, [event.account_id]).get(event.account_id, ())
    subscription = subscription_at(event.account_id, records, catalogue, event.at)
    rows = Rows()
    if event.mode is JobMode.CREDITS:
        job = _credits(session, rows, event, subscription, catalogue)
    else:
        job = _quota(session, rows, event, subscription, catalogue)
    rows.end(job, AdmissionEndKind.SETTLED, job.units, event.at, ACTOR)
    rows.write(session)
    return job.units


def forestall(session: Session, event: PlatformEvent, catalogue: Catalogue) -> None:
    """Keep a job whose failure came before its request, so that the request charges nothing."""
    rows = Rows()
    job = _job(event, ZERO, catalogue)
    rows.admit(job)
    rows.end(job, AdmissionEndKind.RELEASED, ZERO, event.at, ACTOR)
    rows.write(session)


def _credits(
    session: Session,
    rows: Rows,
    event: PlatformEvent,
    subscription: Subscription,
    catalogue: Catalogue,
) -> Job:
    account = event.account_id
    purse = read_purses(session, [account], {account: subscription.due}, event.at)[account]
    job = _job(event, min(event.units or ZERO, purse.balance(event.at)), catalogue)
    rows.admit(job)
    reserve_credits(rows, purse, purse.spend(job.units, event.at) or (), job)
    return job


def _quota(
    session: Session,
    rows: Rows,
    event: PlatformEvent,
    subscription: Subscription,
    catalogue: Catalogue,
) -> Job:
    account, month = event.account_id, month_of(event.at, catalogue.zone)
    usage = read_usage(session, [account], month, catalogue.models)[account]
    pool = subscription.plan.pool_of(event.model or "")
    there = ZERO if pool is None else left(pool, usage, _make_good(session, account, month))
    job = _job(event, min(event.units or ZERO, there), catalogue)
    rows.admit(job)
    if job.units > 0:
        reserve_quota(rows, usage, job)
    return job


def _make_good(session: Session, account_id: str, month: str) -> float:
    given = select(func.sum(MakeGood.share))
    share = session.scalar(given.where(MakeGood.account_id == account_id, MakeGood.month == month))
    return float(share or 0.0)


def _job(event: PlatformEvent, units: Decimal, catalogue: Catalogue) -> Job:
    mode = event.mode or JobMode.QUOTA
    job_id = event.job_id or ""
    return Job(
        id=admission_id(event.account_id, job_id),
        account_id=event.account_id,
        job_id=job_id,
        origin=AdmissionOrigin.EVENT,
        mode=mode,
        queue=QUEUE_OF[mode],
        model=event.model or "",
        media=event.media,
        feature=event.feature,
        units=units,
        month=month_of(event.at, catalogue.zone),
        speed=catalogue.full_speed,
        concurrency=0,
        turn=None,
        catalogue=catalogue.version,
        at=event.at,
        until=event.at,
        ended_at=event.at,
    )
