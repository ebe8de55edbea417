"""Everything that decides what accounts may do, read for many of them at one moment.

Nine statements however many accounts there are: the desk asks for a batch, a status page for one.
Reading never writes: credits of a cycle that nobody has spent from yet are derived here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from access.books import MakeGood, QuotaSwitch
from access.ledger import read_open_jobs, read_purses, read_usage
from access.periods import month_of
from access.reading import pauses_of
from access.speed import ramp
from access.speed_holds import held_spans
from access.subscribing import subscriptions_of
from access.subscriptions import subscription_at

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from access.credits import Purse
    from access.ledger import Job
    from access.plans import Catalogue
    from access.quota import Usage
    from access.reading import Pause
    from access.speed import Ramp
    from access.subscriptions import Subscription


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of one account at one moment.

    `make_good` is the share of the month's quota that is given on top; `open_jobs` are admitted
    and not ended, oldest first.
    """

    account_id: str
    subscription: Subscription
    purse: Purse
    usage: Usage
    make_good: float
    pause: Pause | None
    ramp: Ramp
    quota_on: bool
    open_jobs: tuple[Job, ...]


def read_standings(
    session: Session, account_ids: Collection[str], catalogue: Catalogue, now: datetime
) -> dict[str, Standing]:
    """Read the standing of each account; one never heard of stands on the default plan."""
    ids = list(account_ids)
    records = subscriptions_of(session, ids)
    subscriptions = {
        each: subscription_at(each, records.get(each, ()), catalogue, now) for each in ids
    }
    purses = read_purses(session, ids, {k: v.due for k, v in subscriptions.items()}, now)
    month = month_of(now, catalogue.zone)
    usage = read_usage(session, ids, month)
    shares, switches = _make_goods(session, ids, month), _switches(session, ids)
    pauses, held = pauses_of(session, ids, now), held_spans(session, ids)
    jobs = read_open_jobs(session, ids)
    return {
        each: Standing(
            account_id=each,
            subscription=(subscription := subscriptions[each]),
            purse=purses[each],
            usage=usage[each],
            make_good=shares.get(each, 0.0),
            pause=pauses.get(each),
            ramp=ramp(
                subscription.plan.ladder,
                subscription.since,
                (*subscription.cancelled_for, *held.get(each, ())),
                now,
            ),
            quota_on=switches.get(each, True),
            open_jobs=tuple(jobs.get(each, ())),
        )
        for each in ids
    }


def _make_goods(session: Session, ids: list[str], month: str) -> Mapping[str, float]:
    rows = session.execute(
        select(MakeGood.account_id, func.sum(MakeGood.share))
        .where(MakeGood.account_id.in_(ids), MakeGood.month == month)
        .group_by(MakeGood.account_id)
    )
    return {account: float(share) for account, share in rows}


def _switches(session: Session, ids: list[str]) -> Mapping[str, bool]:
    newest = (
        select(func.max(QuotaSwitch.id))
        .where(QuotaSwitch.account_id.in_(ids))
        .group_by(QuotaSwitch.account_id)
    )
    rows = session.scalars(select(QuotaSwitch).where(QuotaSwitch.id.in_(newest)))
    return {switch.account_id: switch.on for switch in rows}
