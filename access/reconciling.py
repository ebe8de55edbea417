"""Compares the pauses the platform enforces with those that are held here.

The comparison is a pure rule over what both sides say. A pause enforced that nobody holds takes
away what a customer pays for: such differences always come first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select

from access.among import among
from access.models import LeaseEvent, PauseLease
from access.vocabulary import Mismatch

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

# A change travels through the outbox and the topic; for so long a difference proves nothing.
GRACE: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class LastPause:
    """An account's newest pause: whether it stands, and when it last changed or ended."""

    paused: bool
    changed_at: datetime
    case_id: str


@dataclass(frozen=True, slots=True)
class Difference:
    """An account about which the two sides disagree; `since` is our last change, None if never."""

    account_id: str
    mismatch: Mismatch
    since: datetime | None
    case_id: str | None


def compare(
    enforced: Mapping[str, bool], ours: Mapping[str, LastPause], now: datetime
) -> list[Difference]:
    """Say where the platform and we disagree, pauses wrongly enforced first, then by account.

    `enforced` says of each account whether the platform holds it paused; accounts that were never
    paused are left out of `ours`. What changed less than `GRACE` ago is no difference yet.
    """
    found = []
    for account_id, theirs in enforced.items():
        last = ours.get(account_id)
        if theirs == (last is not None and last.paused):
            continue
        if last is not None and now - last.changed_at < GRACE:
            continue
        found.append(
            Difference(
                account_id=account_id,
                mismatch=Mismatch.WRONGLY_ENFORCED if theirs else Mismatch.NOT_ENFORCED,
                since=last.changed_at if last else None,
                case_id=last.case_id if last else None,
            )
        )
    return sorted(found, key=wrongly_first)


def wrongly_first(difference: Difference) -> tuple[bool, str]:
    """Order differences by what they cost the customer."""
    return difference.mismatch is not Mismatch.WRONGLY_ENFORCED, difference.account_id


def last_pauses(
    session: Session, account_ids: Collection[str], now: datetime
) -> dict[str, LastPause]:
    """Give the newest pause of each account that ever had one, in one query."""
    rows = session.execute(_PAUSES, {"accounts": account_ids})
    # The newest is read last, and is the one that counts.
    return {
        account_id: _last(case_id, ended_at, changed_at, until, now)
        for account_id, case_id, ended_at, changed_at, until in rows
        if until is not None
    }


def held_accounts(session: Session, now: datetime) -> Iterable[str]:
    """Give every account whose monthly quota is paused at `now`."""
    standing = (
        select(PauseLease.account_id)
        .join(LeaseEvent, LeaseEvent.lease_id == PauseLease.id)
        .where(PauseLease.ended_at.is_(None), LeaseEvent.until > now)
        .distinct()
    )
    return session.scalars(standing)


def _last(
    case_id: str, ended_at: datetime | None, changed_at: datetime, until: datetime, now: datetime
) -> LastPause:
    if ended_at is None and now < until:
        return LastPause(paused=True, changed_at=changed_at, case_id=case_id)
    return LastPause(paused=False, changed_at=ended_at or until, case_id=case_id)


_PAUSES: Final = (
    select(
        PauseLease.account_id,
        PauseLease.case_id,
        PauseLease.ended_at,
        func.max(LeaseEvent.at),
        func.max(LeaseEvent.until),
    )
    .join(LeaseEvent, LeaseEvent.lease_id == PauseLease.id)
    .where(among(PauseLease.account_id, "accounts"))
    .group_by(PauseLease.id)
    .order_by(PauseLease.taken_at)
)
