"""Announces a change of access: one message in the outbox, committed with the change.

The message says the whole truth about the account after the change, so a consumer that sees only
the newest one (the topic is compacted) knows enough. `until` is a promise: the platform lets go
at that time by itself, since what lapses is announced by nobody. Schema 2 only adds `speed_hold`
and `challenge` to schema 1.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import TYPE_CHECKING, Final

import msgspec

from access.leases import lease_of
from access.measures import measures_of
from access.reading import access_of
from access.vocabulary import Entitlement
from review_api.records import OutboxMessage

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from access.reading import Asked

ACCESS_CHANGES: Final = "access-changes"
ACCESS_CHANGE_SCHEMA: Final = 2


class AskedChange(msgspec.Struct, frozen=True, kw_only=True):
    """A speed hold or a challenge in force; `id` is what an answer to a challenge names."""

    id: str
    since: datetime
    until: datetime
    reason: str
    case_id: str


class AccessChange(msgspec.Struct, frozen=True, kw_only=True):
    """The wire form.

    `since`, `until` and `reason` are those of the pause. `case_id` names the case that caused the
    change, and `change` counts what that case has changed, so that a late copy shows.
    """

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
    speed_hold: AskedChange | None
    challenge: AskedChange | None
    schema: int = ACCESS_CHANGE_SCHEMA


def announce(session: Session, account_id: str, case_id: str, now: datetime) -> OutboxMessage:
    """Put what the account may use now, after what a case changed, into the outbox."""
    change = _change(session, account_id, case_id, now)
    return _send(session, change, f"{case_id}:{change.change}")


def announce_again(session: Session, account_id: str, case_id: str, now: datetime) -> OutboxMessage:
    """Say the same truth once more, as a message of its own; `case_id` is empty if none paused.

    Only the newest message of an account counts, so whoever had heard it hears nothing new.
    """
    name = f"{account_id}\x1f{now.isoformat()}".encode()
    again = hashlib.blake2b(name, digest_size=16).hexdigest()
    return _send(session, _change(session, account_id, case_id, now), f"again:{again}")


def _change(session: Session, account_id: str, case_id: str, now: datetime) -> AccessChange:
    session.flush()
    access = access_of(session, account_id, now)
    return AccessChange(
        account_id=account_id,
        entitlement=Entitlement.MONTHLY_QUOTA,
        paused=access.paused,
        since=access.pause.since if access.pause else None,
        until=access.pause.until if access.pause else None,
        reason=access.pause.reason if access.pause else None,
        case_id=case_id,
        change=_changes_by(session, case_id),
        still_works=tuple(access.still_works),
        at=now,
        speed_hold=_asked(access.speed_hold),
        challenge=_asked(access.challenge),
    )


def _send(session: Session, change: AccessChange, message_id: str) -> OutboxMessage:
    message = OutboxMessage(
        message_id=message_id,
        topic=ACCESS_CHANGES,
        key=change.account_id,
        payload=msgspec.json.encode(change),
        created_at=change.at,
    )
    session.add(message)
    session.flush()
    return message


def _changes_by(session: Session, case_id: str) -> int:
    lease = lease_of(session, case_id)
    measures = measures_of(session, case_id)
    ended = sum(measure.end is not None for measure in measures)
    return (len(lease.events) if lease else 0) + len(measures) + ended


def _asked(asked: Asked | None) -> AskedChange | None:
    if asked is None:
        return None
    return AskedChange(
        id=asked.measure_id,
        since=asked.since,
        until=asked.until,
        reason=asked.reason,
        case_id=asked.case_id,
    )
