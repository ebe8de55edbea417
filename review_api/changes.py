"""Announces a change of access: one message in the outbox, committed with the change.

The message says the whole truth about the account after the change, so a consumer that sees only
the newest one (the topic is compacted) knows enough. `until` is a promise: the platform lets go
at that time by itself, since a pause that lapses is announced by nobody.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

import msgspec

from access.reading import access_of
from review_api.records import OutboxMessage

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from access.models import PauseLease

ACCESS_CHANGES: Final = "access-changes"
ACCESS_CHANGE_SCHEMA: Final = 1


class AccessChange(msgspec.Struct, frozen=True, kw_only=True):
    """The wire form. `change` counts the changes of one pause, so that a late copy shows."""

    account_id: str
    entitlement: str
    paused: bool
    since: datetime | None
    until: datetime | None
    reason: str | None
    case_id: str
    change: int
    still_works: tuple[str, ...]
    at: datetime
    schema: int = ACCESS_CHANGE_SCHEMA


def announce(session: Session, lease: PauseLease, now: datetime) -> OutboxMessage:
    """Put what the account may use now into the outbox."""
    session.flush()
    access = access_of(session, lease.account_id, now)
    change = AccessChange(
        account_id=lease.account_id,
        entitlement=lease.entitlement,
        paused=access.paused,
        since=access.pause.since if access.pause else None,
        until=access.pause.until if access.pause else None,
        reason=access.pause.reason if access.pause else None,
        case_id=lease.case_id,
        change=len(lease.events),
        still_works=tuple(access.still_works),
        at=now,
    )
    message = OutboxMessage(
        message_id=f"{lease.id}:{change.change}",
        topic=ACCESS_CHANGES,
        key=lease.account_id,
        payload=msgspec.json.encode(change),
        created_at=now,
    )
    session.add(message)
    session.flush()
    return message
