"""Keeps what the platform said of subscriptions, and reads it for many accounts at once.

What follows from it is `access.subscriptions`'s. The caller holds the account's lock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from access.among import among
from access.books import SubscriptionFact
from access.database import rows_of
from access.subscriptions import SubscriptionRecord

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy.orm import Session


def note_subscription(
    session: Session, account_id: str, record: SubscriptionRecord, now: datetime
) -> bool:
    """Keep a record; tells whether it was new. A second arrival of its event changes nothing."""
    row = {
        "event_id": record.event_id,
        "account_id": account_id,
        "kind": record.kind,
        "plan": record.plan,
        "at": record.at,
        "period_end": record.period_end,
        "recorded_at": now,
    }
    postgres = session.get_bind().dialect.name == "postgresql"
    insert = (postgresql.insert if postgres else sqlite.insert)(SubscriptionFact).values(row)
    new = insert.on_conflict_do_nothing().returning(SubscriptionFact.event_id)
    return session.scalar(new) is not None


def subscriptions_of(
    session: Session, account_ids: Collection[str]
) -> dict[str, list[SubscriptionRecord]]:
    """Give what was said of each account, in no order; an account of which nothing was is absent.

    One statement however many accounts there are.
    """
    found: dict[str, list[SubscriptionRecord]] = {}
    rows = rows_of(session, _SAID, {"accounts": account_ids})
    for account_id, event_id, kind, plan, at, period_end in rows:
        record = SubscriptionRecord(event_id, kind, plan, at, period_end)
        found.setdefault(account_id, []).append(record)
    return found


def plans_in_use(session: Session) -> frozenset[str]:
    """Name the plans that anything kept names: a catalogue without one of them cannot serve."""
    named = select(SubscriptionFact.plan).where(SubscriptionFact.plan.is_not(None)).distinct()
    return frozenset(plan for plan in session.scalars(named) if plan is not None)


_SAID: Final = select(
    SubscriptionFact.account_id,
    SubscriptionFact.event_id,
    SubscriptionFact.kind,
    SubscriptionFact.plan,
    SubscriptionFact.at,
    SubscriptionFact.period_end,
).where(among(SubscriptionFact.account_id, "accounts"))
