"""An account's books month by month: plan, credits, quota, speed, what was said and what paused.

Pure: all of it follows from the facts that `access.statement_rows` reads. Credits come out even:
what was left and what was granted, less what was spent and what expired, is what is left.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from access.periods import month_of, month_span
from access.quota import Usage, Used, left, used
from access.speed import ramp
from access.statement_credits import CreditLine, flows_of
from access.subscriptions import subscription_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from decimal import Decimal

    from access.periods import Interval
    from access.plans import Catalogue
    from access.statement_credits import Lasting, Movement
    from access.subscriptions import Subscription, SubscriptionRecord


@dataclass(frozen=True, slots=True)
class Books:
    """What is kept of one account. `usage` is by month and model, `make_good` a share by month."""

    account_id: str
    records: Sequence[SubscriptionRecord]
    lasting: Sequence[Lasting]
    movements: Sequence[Movement]
    usage: Mapping[tuple[str, str], Decimal]
    held: Sequence[Interval]
    pauses: Sequence[Interval]
    make_good: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class PoolLine:
    """A pool of the monthly quota."""

    name: str
    used: Decimal
    left: Decimal


@dataclass(frozen=True, slots=True)
class MonthLine:
    """One month. Plan, pools and speed are those of its last moment, or of now while it lasts."""

    month: str
    plan: str
    credits: CreditLine
    quota: tuple[PoolLine, ...]
    changes: tuple[SubscriptionRecord, ...]
    speed: float
    pauses: tuple[Interval, ...]
    make_good: float


def statement(books: Books, catalogue: Catalogue, now: datetime) -> list[MonthLine]:
    """Give a line for each month, from the first of which anything is kept to that of `now`."""
    first = _first_moment(books, catalogue)
    if first is None:
        return []
    flows = flows_of(books, catalogue, first, now)
    line, lines = CreditLine(), []
    for month in _months(first, now, catalogue):
        here = [flow for flow in flows if month_of(flow.at, catalogue.zone) == month]
        line = line.next_month(here)
        lines.append(_line(books, catalogue, month, line, now))
    return lines


def _first_moment(books: Books, catalogue: Catalogue) -> datetime | None:
    kept = [record.at for record in books.records]
    kept += [grant.since for grant in books.lasting] + [move.at for move in books.movements]
    kept += [month_span(month, catalogue.zone).since for month, _ in books.usage]
    return min(kept, default=None)


def _months(first: datetime, now: datetime, catalogue: Catalogue) -> Iterator[str]:
    month, last = month_of(first, catalogue.zone), month_of(now, catalogue.zone)
    while month <= last:
        yield month
        month = month_of(month_span(month, catalogue.zone).until, catalogue.zone)


def _line(
    books: Books, catalogue: Catalogue, month: str, credit: CreditLine, now: datetime
) -> MonthLine:
    span = month_span(month, catalogue.zone)
    at = min(span.until - span.until.resolution, now)
    held = subscription_at(books.account_id, books.records, catalogue, at)
    return MonthLine(
        month=month,
        plan=held.plan.name,
        credits=credit,
        quota=_pools(books, held, month),
        changes=tuple(
            sorted(
                (record for record in books.records if span.since <= record.at <= at),
                key=lambda record: (record.at, record.event_id),
            )
        ),
        speed=ramp(held.plan.ladder, held.since, (*held.cancelled_for, *books.held), at).factor,
        pauses=tuple(
            pause for pause in books.pauses if pause.since < span.until and span.since < pause.until
        ),
        make_good=books.make_good.get(month, 0.0),
    )


def _pools(books: Books, held: Subscription, month: str) -> tuple[PoolLine, ...]:
    by_model = {
        model: Used(units=units) for (its, model), units in books.usage.items() if its == month
    }
    usage = Usage(month, by_model)
    share = books.make_good.get(month, 0.0)
    return tuple(
        PoolLine(pool.name, used(pool, usage), left(pool, usage, share)) for pool in held.plan.pools
    )
