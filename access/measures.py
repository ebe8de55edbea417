"""What may be asked of the platform short of a pause: to hold the speed ramp, to challenge.

Measures are facts: written once, with an end from birth; a second fact says when one ended before
its time. Everything happens under the account's lock (`access.accounts.lock_account`). A hold
never slows a job and a challenge never stops one, and neither knows of credits.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from access.accounts import lock_account
from access.leases import is_cleared
from access.models import Measure, MeasureEnd
from access.vocabulary import MeasureEndKind, MeasureKind, Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from access.leases import Hand


@dataclass(frozen=True, slots=True)
class MeasureRequest:
    """What a case asks for; `reason` is in words the customer will read."""

    account_id: str
    case_id: str
    kind: MeasureKind
    reason: str
    until: datetime
    actor: str


def take_measure(session: Session, request: MeasureRequest, now: datetime) -> Measure | Refusal:
    """Ask for the measure until `request.until`, or say why not.

    A case asks for each kind once in its life, so a verdict delivered twice asks nobody again.
    """
    lock_account(session, request.account_id, now)
    refusal = measure_refusal(session, request, now)
    if refusal is not None:
        return refusal
    name = f"measure\x1f{request.kind}\x1f{request.case_id}".encode()
    measure = Measure(
        id=hashlib.blake2b(name, digest_size=16).hexdigest(),
        account_id=request.account_id,
        kind=request.kind,
        case_id=request.case_id,
        reason=request.reason,
        since=now,
        until=request.until,
        actor=request.actor,
    )
    session.add(measure)
    session.flush()
    return measure


def measure_refusal(session: Session, request: MeasureRequest, now: datetime) -> Refusal | None:
    """Say why `take_measure` would refuse, or None. Changes nothing; the caller holds the lock."""
    of_case = Measure.case_id == request.case_id
    if _found(session, of_case, Measure.kind == request.kind):
        return Refusal.MEASURE_SPENT
    if is_cleared(session, request.account_id, now):
        return Refusal.RESTORED_BY_PERSON
    standing = standing_measures(session, request.account_id, now)
    if any(measure.kind is request.kind for measure in standing):
        return Refusal.ALREADY_ASKED
    return None


def lift_measures(session: Session, hand: Hand, now: datetime) -> list[Measure]:
    """Lift what this case asked for and what still stands of it; gives what was lifted."""
    lock_account(session, hand.account_id, now)
    standing = standing_measures(session, hand.account_id, now)
    lifted = [measure for measure in standing if measure.case_id == hand.case_id]
    for measure in lifted:
        _end(session, measure, MeasureEndKind.RESTORED, now, hand.actor)
    return lifted


def answer_challenge(
    session: Session, challenge: Measure, *, passed: bool, actor: str, now: datetime
) -> bool:
    """Note how the customer met a challenge; tells whether it was open until now.

    The first answer stands: a second one, or one that comes when the challenge is over, changes
    nothing. An answer clears nobody and accuses nobody; the scorer reads it from the events.
    """
    lock_account(session, challenge.account_id, now)
    session.refresh(challenge)
    if not stands(challenge, now):
        return False
    kind = MeasureEndKind.PASSED if passed else MeasureEndKind.FAILED
    _end(session, challenge, kind, now, actor)
    return True


def challenge_of(session: Session, account_id: str, challenge_id: str) -> Measure | None:
    """Give the account's challenge of this id, open or over."""
    found = _found(
        session,
        Measure.id == challenge_id,
        Measure.account_id == account_id,
        Measure.kind == MeasureKind.CHALLENGE,
    )
    return found[0] if found else None


def measures_of(session: Session, case_id: str) -> Sequence[Measure]:
    """Give everything a case asked for short of a pause, oldest first."""
    return _found(session, Measure.case_id == case_id)


def standing_measures(session: Session, account_id: str, now: datetime) -> list[Measure]:
    """Give what stands on the account at `now`, oldest first."""
    found = _found(session, Measure.account_id == account_id, Measure.until > now)
    return [measure for measure in found if stands(measure, now)]


def stands(measure: Measure, now: datetime) -> bool:
    """Whether the measure is in force at `now`."""
    return now < measure.until and (measure.end is None or now < measure.end.at)


def _end(
    session: Session, measure: Measure, kind: MeasureEndKind, now: datetime, actor: str
) -> None:
    # Not through the relationship: that would count as a change of the measure, which is a fact.
    session.add(MeasureEnd(measure_id=measure.id, kind=kind, at=now, actor=actor))
    session.flush()
    session.refresh(measure, ["end"])


def _found(session: Session, *conditions: ColumnElement[bool]) -> Sequence[Measure]:
    # What the session read before it held the lock may be out of date.
    found = select(Measure).where(*conditions).order_by(Measure.since, Measure.id)
    return session.scalars(found.execution_options(populate_existing=True)).all()
