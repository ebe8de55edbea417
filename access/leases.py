"""Taking, extending and lifting the pause of an account's monthly quota.

Every function here appends facts under the account's lock (`access.accounts.lock_account`) and
decides from facts alone. A lease lifts itself when its time is over: no job need run. `restore`
is the exact inverse of `take_pause`, and forbids the machine to pause again for a while.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import exists, func, select
from sqlalchemy.orm import selectinload

from access.accounts import lock_account
from access.among import among
from access.errors import NeverPausableError
from access.models import Clearance, LeaseEvent, PauseLease
from access.vocabulary import PAUSABLE, Entitlement, LeaseEventKind, Refusal

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class PauseRequest:
    """What a case asks for; `reason` is in words the customer will read."""

    account_id: str
    case_id: str
    reason: str
    until: datetime
    actor: str
    entitlement: Entitlement = Entitlement.MONTHLY_QUOTA


@dataclass(frozen=True, slots=True)
class Hand:
    """Who acts, on which case, of whose account."""

    account_id: str
    case_id: str
    actor: str


@dataclass(frozen=True, slots=True)
class LeaseState:
    """What a lease's facts say."""

    since: datetime
    until: datetime
    restored: bool
    expired: bool

    def pauses(self, now: datetime) -> bool:
        """Whether the entitlement is paused at `now`."""
        return not (self.restored or self.expired) and now < self.until


def lease_state(events: Iterable[LeaseEvent]) -> LeaseState:
    """Derive a lease's state from its facts, oldest first."""
    facts = list(events)
    ends = [fact.until for fact in facts if fact.until is not None]
    kinds = {fact.kind for fact in facts}
    return LeaseState(
        since=facts[0].at,
        until=ends[-1],
        restored=LeaseEventKind.RESTORED in kinds,
        expired=LeaseEventKind.EXPIRED in kinds,
    )


def take_pause(session: Session, request: PauseRequest, now: datetime) -> PauseLease | Refusal:
    """Pause the entitlement until `request.until`, or say why not.

    A case has one lease in its life, so a verdict delivered twice, or one that comes after the
    lease lifted itself or a person lifted it, pauses nobody.
    """
    if request.entitlement not in PAUSABLE:
        raise NeverPausableError(f"{request.entitlement} are paid for and cannot be paused")
    lock_account(session, request.account_id, now)
    refusal = refusal_of(session, request, now)
    if refusal is not None:
        return refusal
    lapsed = _open_lease(session, request.account_id, request.entitlement)
    if lapsed is not None:
        _write_down_expiry(session, lapsed)
    return _open(session, request, now)


def refusal_of(session: Session, request: PauseRequest, now: datetime) -> Refusal | None:
    """Say why `take_pause` would refuse, or None. Changes nothing; the caller holds the lock."""
    if lease_of(session, request.case_id) is not None:
        return Refusal.LEASE_SPENT
    if is_cleared(session, request.account_id, now):
        return Refusal.RESTORED_BY_PERSON
    standing = _open_lease(session, request.account_id, request.entitlement)
    if standing is not None and lease_state(standing.events).pauses(now):
        return Refusal.ALREADY_PAUSED
    return None


def restore(
    session: Session, hand: Hand, now: datetime, *, clear_until: datetime
) -> PauseLease | None:
    """Lift the pause this case took, if it still stands, and clear the account until `clear_until`.

    Gives the lease that was lifted, or None when there was nothing to lift.
    """
    lock_account(session, hand.account_id, now)
    lease = _standing_lease(session, hand.case_id, now)
    if lease is not None:
        _append(lease, LeaseEventKind.RESTORED, hand.actor, at=now)
        lease.ended_at = now
    session.add(
        Clearance(
            account_id=hand.account_id,
            entitlement=Entitlement.MONTHLY_QUOTA,
            case_id=hand.case_id,
            since=now,
            until=clear_until,
            actor=hand.actor,
        )
    )
    session.flush()
    return lease


def extend(session: Session, hand: Hand, now: datetime, *, until: datetime) -> PauseLease | None:
    """Move the end of the pause this case took to `until`, never nearer.

    Gives the lease whose end moved, or None. A lease that has lifted itself is not revived: a
    late decision pauses nobody by surprise.
    """
    lock_account(session, hand.account_id, now)
    lease = _standing_lease(session, hand.case_id, now)
    if lease is None or until <= lease_state(lease.events).until:
        return None
    _append(lease, LeaseEventKind.EXTENDED, hand.actor, at=now, until=until)
    session.flush()
    return lease


def write_down_lapse(session: Session, hand: Hand, now: datetime) -> PauseLease | None:
    """Write down that the pause this case took has lifted itself, once; give the lease if it has.

    It lifted itself whether this is written or not: nobody stays paused because no job ran.
    """
    lock_account(session, hand.account_id, now)
    lease = lease_of(session, hand.case_id)
    if lease is None or lease.ended_at is not None or lease_state(lease.events).pauses(now):
        return None
    _write_down_expiry(session, lease)
    return lease


def lapsed_cases(session: Session, now: datetime, limit: int) -> Sequence[str]:
    """Name the cases whose pause has lifted itself, and nobody has written it down yet."""
    # An end is only ever moved later, so the latest one is the one in force.
    over = (
        select(PauseLease.case_id)
        .join(LeaseEvent, LeaseEvent.lease_id == PauseLease.id)
        .where(PauseLease.ended_at.is_(None))
        .group_by(PauseLease.id, PauseLease.case_id)
        .having(func.max(LeaseEvent.until) <= now)
    )
    return session.scalars(over.limit(limit)).all()


def is_cleared(session: Session, account_id: str, now: datetime) -> bool:
    """Say whether a person's restore still forbids the machine to act on the account."""
    cleared = exists().where(Clearance.account_id == account_id, Clearance.until > now)
    return bool(session.scalar(select(cleared)))


def lease_of(session: Session, case_id: str) -> PauseLease | None:
    """Give the one lease a case took in its life, ended or not."""
    return _fresh(session, PauseLease.case_id == case_id)


def leases_of(session: Session, case_ids: Collection[str]) -> dict[str, PauseLease]:
    """Give the leases these cases took, by case."""
    found = select(PauseLease).where(among(PauseLease.case_id, "cases"))
    rows = session.scalars(found.options(selectinload(PauseLease.events)), {"cases": case_ids})
    return {lease.case_id: lease for lease in rows}


def _standing_lease(session: Session, case_id: str, now: datetime) -> PauseLease | None:
    lease = lease_of(session, case_id)
    if lease is None or lease.ended_at is not None:
        return None
    if lease_state(lease.events).pauses(now):
        return lease
    _write_down_expiry(session, lease)
    return None


def _open_lease(session: Session, account_id: str, entitlement: Entitlement) -> PauseLease | None:
    return _fresh(
        session,
        PauseLease.account_id == account_id,
        PauseLease.entitlement == entitlement,
        PauseLease.ended_at.is_(None),
    )


def _fresh(session: Session, *conditions: ColumnElement[bool]) -> PauseLease | None:
    # What the session read before it held the lock may be out of date.
    found = select(PauseLease).where(*conditions).execution_options(populate_existing=True)
    return session.scalars(found).one_or_none()


def _open(session: Session, request: PauseRequest, now: datetime) -> PauseLease:
    lease = PauseLease(
        id=hashlib.blake2b(f"lease\x1f{request.case_id}".encode(), digest_size=16).hexdigest(),
        account_id=request.account_id,
        entitlement=request.entitlement,
        case_id=request.case_id,
        reason=request.reason,
        taken_at=now,
    )
    _append(lease, LeaseEventKind.TAKEN, request.actor, at=now, until=request.until)
    session.add(lease)
    session.flush()
    return lease


def _write_down_expiry(session: Session, lease: PauseLease) -> None:
    over = lease_state(lease.events).until
    _append(lease, LeaseEventKind.EXPIRED, "time", at=over)
    lease.ended_at = over
    # The database must see this lease closed before another opens on the same entitlement.
    session.flush()


def _append(
    lease: PauseLease,
    kind: LeaseEventKind,
    actor: str,
    *,
    at: datetime,
    until: datetime | None = None,
) -> None:
    number = len(lease.events) + 1
    lease.events.append(LeaseEvent(sequence=number, kind=kind, at=at, until=until, actor=actor))
