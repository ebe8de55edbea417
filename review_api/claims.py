"""A claim: one reviewer's lease on one case, so that two do not read the same one.

It lasts a few minutes and each heartbeat renews it, so nobody can walk away with a case. It is a
courtesy and not the safety: that two never both decide is kept by the case's version, and a claim
that has lapsed costs its holder nothing as long as nobody else took the case. Claims are no events
of the case: who looks at it does not change it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import select, update

from review_api.claim_records import Claim, stands
from review_api.errors import (
    BadRequestError,
    ClaimEndedError,
    ClaimHeldError,
    ClaimNotFoundError,
)
from review_api.reviewers import may_decide
from review_api.threads import locked_case
from review_api.vocabulary import ClaimEnding

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Select
    from sqlalchemy.orm import Session, sessionmaker

    from review_api.policy import ReviewPolicy
    from streams.clock import Clock

TIME: Final = "time"


def claim(  # noqa: PLR0913, PLR0917 - which case, for whom, when, by what rules, and the token's chance
    session: Session,
    case_id: str,
    reviewer: str,
    now: datetime,
    policy: ReviewPolicy,
    chance: Callable[[], str] = secrets.token_urlsafe,
) -> Claim:
    """Take the case; whoever holds it already keeps the same claim for longer.

    Raises `ClaimHeldError` when somebody else holds it.
    """
    locked_case(session, case_id, now)
    held = _unended(session, case_id, now)
    if held is None:
        return _take(session, case_id, reviewer, chance(), now, now + policy.claim_for)
    if held.holder != reviewer:
        raise ClaimHeldError(held.holder, held.until)
    held.until = max(held.until, now + policy.claim_for)
    return held


@dataclass(frozen=True, slots=True)
class Hold:
    """The claim that a caller means: whose, on which case, and the token it was given with."""

    case_id: str
    holder: str
    token: str


def heartbeat(session: Session, hold: Hold, now: datetime, policy: ReviewPolicy) -> Claim:
    """Say that the holder is still there; the claim lasts its usual time from now."""
    own = _own(session, hold, now)
    own.until = max(own.until, now + policy.claim_for)
    return own


def extend(session: Session, hold: Hold, now: datetime, policy: ReviewPolicy) -> Claim:
    """Keep the case for a longer time without heartbeats, such as for a talk with the customer."""
    own = _own(session, hold, now)
    own.until = max(own.until, now + policy.claim_extended_for)
    return own


def hand_over(  # noqa: PLR0913, PLR0917 - whose claim, to whom, when, by what rules, and its token
    session: Session,
    hold: Hold,
    to: str,
    now: datetime,
    policy: ReviewPolicy,
    chance: Callable[[], str] = secrets.token_urlsafe,
) -> Claim:
    """Give the case to another person who may decide it; give their claim."""
    own = _own(session, hold, now)
    if to == hold.holder:
        raise BadRequestError("you hold this case already")
    if not may_decide(session, to):
        raise BadRequestError("nobody of that name may decide cases")
    _end(own, ClaimEnding.HANDED_OVER, hold.holder, now)
    session.flush()
    # They are not at the page yet: no heartbeat can come before they open it.
    return _take(session, hold.case_id, to, chance(), now, now + policy.claim_extended_for)


def release(session: Session, hold: Hold, now: datetime) -> Claim:
    """Let go of the case."""
    own = _own(session, hold, now)
    _end(own, ClaimEnding.RELEASED, hold.holder, now)
    return own


def force_release(session: Session, case_id: str, *, lead: str, now: datetime) -> Claim:
    """Take the case from whoever holds it, or raise `ClaimNotFoundError`."""
    locked_case(session, case_id, now)
    held = _unended(session, case_id, now)
    if held is None:
        raise ClaimNotFoundError("nobody holds this case")
    _end(held, ClaimEnding.FORCED, lead, now)
    return held


def check_claim(session: Session, case_id: str, reviewer: str, now: datetime) -> None:
    """Refuse whoever acts on a case that somebody else holds. The account is locked already."""
    held = standing_claim(session, case_id, now)
    if held is not None and held.holder != reviewer:
        raise ClaimHeldError(held.holder, held.until)


def finish_claim(session: Session, case_id: str, reviewer: str, now: datetime) -> None:
    """End the reviewer's claim because the case is decided. The account is locked already."""
    held = _unended(session, case_id, now)
    if held is not None and held.holder == reviewer:
        _end(held, ClaimEnding.DECIDED, reviewer, now)


def end_lapsed(sessions: sessionmaker[Session], clock: Clock) -> int:
    """Write down which claims have lapsed, for whoever listens; give their number."""
    over = (
        update(Claim)
        .where(Claim.ended_at.is_(None), Claim.until <= clock.now())
        .values(ended_at=Claim.until, ended_by=TIME, ending=ClaimEnding.LAPSED)
        .returning(Claim.id)
    )
    with sessions.begin() as session:
        return len(session.scalars(over, execution_options={"synchronize_session": False}).all())


def standing_claim(session: Session, case_id: str, now: datetime) -> Claim | None:
    """Give the claim that stands on the case, if one does."""
    held = session.scalars(_of(case_id)).one_or_none()
    return held if held is not None and stands(held, now) else None


def _unended(session: Session, case_id: str, now: datetime) -> Claim | None:
    """Give the claim that stands, under the lock; one whose time is over is ended first."""
    # Of its own row, too: `end_lapsed` takes no account's lock.
    found = _of(case_id).with_for_update().execution_options(populate_existing=True)
    held = session.scalars(found).one_or_none()
    if held is None or stands(held, now):
        return held
    _end(held, ClaimEnding.LAPSED, TIME, held.until)
    session.flush()
    return None


def _of(case_id: str) -> Select[Claim]:
    return select(Claim).where(Claim.case_id == case_id, Claim.ended_at.is_(None))


def _own(session: Session, hold: Hold, now: datetime) -> Claim:
    locked_case(session, hold.case_id, now)
    held = _unended(session, hold.case_id, now)
    if held is not None and (held.token, held.holder) == (hold.token, hold.holder):
        return held
    theirs = select(Claim.id).where(
        Claim.token == hold.token, Claim.case_id == hold.case_id, Claim.holder == hold.holder
    )
    if session.scalar(theirs) is None:
        raise ClaimNotFoundError("you have no such claim on this case")
    raise ClaimEndedError(*(held.holder, held.until) if held else ())


def _take(  # noqa: PLR0913, PLR0917 - one argument for each column
    session: Session, case_id: str, holder: str, token: str, since: datetime, until: datetime
) -> Claim:
    taken = Claim(case_id=case_id, holder=holder, token=token, since=since, until=until)
    session.add(taken)
    session.flush()
    return taken


def _end(claim: Claim, ending: ClaimEnding, by: str, at: datetime) -> None:
    claim.ending, claim.ended_by, claim.ended_at = ending, by, at
