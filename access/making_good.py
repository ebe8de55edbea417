"""Gives back the quota time that a pause took, once a person has lifted it.

For each calendar month the part of it that was lost is counted, and the sum of these parts of a
month's allowance is given on top of the present month's, or of the next one's where less of the
present month remains than was lost. An upheld pause, or one that nobody restored, gives nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from access.books import MakeGood
from access.leases import lease_of, lease_state
from access.periods import Interval, month_of, month_span

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from sqlalchemy.orm import Session

    from access.leases import Hand


@dataclass(frozen=True, slots=True)
class MadeGood:
    """So large a share of the allowance of `month` is given on top, for so many seconds lost."""

    month: str
    share: float
    seconds: float


def made_good(lost: Interval, now: datetime, zone: ZoneInfo) -> MadeGood | None:
    """Say what makes a pause good that a person lifts at `now`; None where no time was lost."""
    if lost.until <= lost.since:
        return None
    span = lost.until - lost.since
    present = month_span(month_of(now, zone), zone)
    month = now if present.until - now >= span else present.until
    return MadeGood(month_of(month, zone), _months(lost, zone), span.total_seconds())


def _months(lost: Interval, zone: ZoneInfo) -> float:
    months, since = 0.0, lost.since
    while since < lost.until:
        month = month_span(month_of(since, zone), zone)
        until = min(lost.until, month.until)
        months += (until - since) / (month.until - month.since)
        since = until
    return months


def made_good_from(session: Session, account_id: str, month: str) -> tuple[MadeGood, ...]:
    """Give what is made good in this month and in later ones."""
    given = MakeGood
    rows = session.execute(
        select(given.month, given.share, given.seconds)
        .where(given.account_id == account_id, given.month >= month)
        .order_by(given.month, given.at)
    )
    return tuple(MadeGood(*row) for row in rows)


def make_good(session: Session, hand: Hand, now: datetime, zone: ZoneInfo) -> MadeGood | None:
    """Give back what the case's pause took, once; gives what was given now, if anything was.

    The caller holds the account's lock and has lifted the pause, unless it had lifted itself: a
    wrongful pause took its time all the same.
    """
    lease = lease_of(session, hand.case_id)
    if lease is None or session.get(MakeGood, lease.id) is not None:
        return None
    state = lease_state(lease.events)
    given = made_good(Interval(state.since, min(state.until, now)), now, zone)
    if given is None:
        return None
    session.add(
        MakeGood(
            lease_id=lease.id,
            account_id=lease.account_id,
            month=given.month,
            share=given.share,
            seconds=given.seconds,
            at=now,
        )
    )
    session.flush()
    return given
