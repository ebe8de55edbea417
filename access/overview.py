"""All that a customer may ask of an account: credits, quota, speed, jobs, and where it went.

What `access.standings` reads, seen as it will be once somebody has written down that jobs which
nobody ended were given up. Reading never writes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import and_, func, select

from access.books import Admission, QuotaEntry
from access.credits import Purse
from access.load_rows import load_now
from access.making_good import made_good_from
from access.periods import month_span
from access.quota import allowance, left, used
from access.returning import read_returns
from access.rows import Rows
from access.standings import read_standings
from access.vocabulary import EntryKind

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from sqlalchemy.orm import Session

    from access.load import Load
    from access.making_good import MadeGood
    from access.plans import Catalogue, Pool
    from access.standings import Standing


@dataclass(frozen=True, slots=True)
class PoolUse:
    """A pool's month: `allowance` with what was `made_good`, and what is used of it and left."""

    pool: Pool
    allowance: Decimal
    made_good: Decimal
    used: Decimal
    left: Decimal
    refreshes_at: datetime


@dataclass(frozen=True, slots=True)
class Consumed:
    """What jobs of one model took of this month's quota, by the feature that made them."""

    model: str
    feature: str | None
    units: Decimal
    jobs: int


@dataclass(frozen=True, slots=True)
class Overview:
    """How an account stands, what its pools hold, and what took from them this month.

    `made_good` is what this month and the next have on top for pauses that were lifted.
    """

    standing: Standing
    pools: tuple[PoolUse, ...]
    consumed: tuple[Consumed, ...]
    load: Load
    made_good: tuple[MadeGood, ...]


def read_overview(
    session: Session, account_id: str, catalogue: Catalogue, now: datetime
) -> Overview:
    """Read one account; one never heard of stands on the default plan with nothing used."""
    standing = read_standings(session, [account_id], catalogue, now)[account_id]
    standing = _without_stale(session, standing, catalogue, now)
    return Overview(
        standing=standing,
        pools=pools_of(standing, catalogue),
        consumed=_consumed(session, account_id, standing.usage.month, now),
        load=load_now(session, now),
        made_good=made_good_from(session, account_id, standing.usage.month),
    )


def pools_of(standing: Standing, catalogue: Catalogue) -> tuple[PoolUse, ...]:
    """Say of each of the plan's pools what is used of it and left."""
    usage, share = standing.usage, standing.make_good
    refreshes_at = month_span(usage.month, catalogue.zone).until
    return tuple(
        PoolUse(
            pool=pool,
            allowance=allowance(pool, share),
            made_good=allowance(pool, share) - pool.units,
            used=used(pool, usage),
            left=left(pool, usage, share),
            refreshes_at=refreshes_at,
        )
        for pool in standing.subscription.plan.pools
    )


def _without_stale(
    session: Session, standing: Standing, catalogue: Catalogue, now: datetime
) -> Standing:
    """Return what jobs hold that nobody ended in time, in rows that are not written."""
    stale = [job for job in standing.open_jobs if job.until <= now]
    if not stale:
        return standing
    returns = read_returns(session, stale, Rows(), catalogue, now)
    usage = standing.usage
    for job in stale:
        returns.give_back(job, job.units, EntryKind.RETURNED)
        if job.month == usage.month and job.id not in returns.taken:
            usage = usage.after(job.model, -job.units)
    heads = returns.heads
    grants = (
        replace(grant, left=heads[grant.id].left) if grant.id in heads else grant
        for grant in standing.purse.grants
    )
    running = tuple(job for job in standing.open_jobs if job.until > now)
    return replace(standing, purse=Purse(tuple(grants)), usage=usage, open_jobs=running)


def _consumed(session: Session, account_id: str, month: str, now: datetime) -> tuple[Consumed, ...]:
    taken = (
        select(QuotaEntry.admission_id, func.sum(QuotaEntry.units).label("units"))
        .where(QuotaEntry.account_id == account_id, QuotaEntry.month == month)
        .group_by(QuotaEntry.admission_id)
        .having(func.sum(QuotaEntry.units) > 0)
        .subquery()
    )
    stale = and_(Admission.ended_at.is_(None), Admission.until <= now)
    found = (
        select(Admission.model, Admission.feature, func.sum(taken.c.units), func.count())
        .join(taken, taken.c.admission_id == Admission.id)
        .where(~stale)
        .group_by(Admission.model, Admission.feature)
        .order_by(Admission.model, Admission.feature)
    )
    return tuple(Consumed(*row) for row in session.execute(found))
