"""Everything that decides what accounts may do, read for many of them at one moment.

Nine statements however many accounts there are: the desk asks for a batch, a status page for one.
Reading never writes: credits of a cycle that nobody has spent from yet are derived here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, func, select

from access.among import among
from access.books import MakeGood, QuotaSwitch
from access.database import rows_of
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
    usage = read_usage(session, ids, month, catalogue.models)
    shares, switches = _make_goods(session, ids, month), _switches(session, ids)
    pauses, ramps = pauses_of(session, ids, now), _ramps(session, subscriptions, now)
    jobs = read_open_jobs(session, ids)
    return {
        each: Standing(
            account_id=each,
            subscription=subscriptions[each],
            purse=purses[each],
            usage=usage[each],
            make_good=shares.get(each, 0.0),
            pause=pauses.get(each),
            ramp=ramps[each],
            quota_on=switches.get(each, True),
            open_jobs=tuple(jobs.get(each, ())),
        )
        for each in ids
    }


def _ramps(
    session: Session, subscriptions: Mapping[str, Subscription], now: datetime
) -> dict[str, Ramp]:
    held = held_spans(session, subscriptions)
    return {
        each: ramp(one.plan.ladder, one.since, (*one.cancelled_for, *held.get(each, ())), now)
        for each, one in subscriptions.items()
    }


def _make_goods(session: Session, ids: list[str], month: str) -> Mapping[str, float]:
    rows = rows_of(session, _MAKE_GOODS, {"accounts": ids, "month": month})
    return {account: float(share) for account, share in rows}


def _switches(session: Session, ids: list[str]) -> Mapping[str, bool]:
    # The newest comes last and is the one that counts.
    switches = rows_of(session, _SWITCHES, {"accounts": ids})
    return {each.account_id: each.on for each in switches}


_MAKE_GOODS: Final = (
    select(MakeGood.account_id, func.sum(MakeGood.share))
    .where(among(MakeGood.account_id, "accounts"), MakeGood.month == bindparam("month"))
    .group_by(MakeGood.account_id)
)
_SWITCHES: Final = (
    select(QuotaSwitch.account_id, QuotaSwitch.on)
    .where(among(QuotaSwitch.account_id, "accounts"))
    .order_by(QuotaSwitch.id)
)
