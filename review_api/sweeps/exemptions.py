"""For a while nobody is paused for what looks like a known mistake; cases are opened as ever."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from access.vocabulary import Refusal
from review_api.errors import BadRequestError, ExemptionNotFoundError
from review_api.sweeps.records import Exemption, ExemptionEnd
from review_api.sweeps.signature import signature_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from detectors.verdict import Verdict
    from review_api.policy import ReviewPolicy
    from review_api.sweeps.records import Sweep

LONGEST_DAYS: Final = 30
SHOWN_AT_MOST: Final = 100


def exempt(
    session: Session,
    sweep: Sweep,
    days: int,
    now: datetime,
    chance: Callable[[int], str] = secrets.token_hex,
) -> Exemption:
    """Open an exemption for a sweep's signature."""
    if not 1 <= days <= LONGEST_DAYS:
        raise BadRequestError(f"an exemption lasts from 1 to {LONGEST_DAYS} days")
    exemption = Exemption(
        id=chance(12),
        signature=sweep.signature,
        sweep_id=sweep.id,
        reason=sweep.rationale,
        since=now,
        until=now + timedelta(days=days),
        actor=sweep.actor,
    )
    session.add(exemption)
    session.flush()
    return exemption


def end_exemption(session: Session, exemption_id: str, *, actor: str, now: datetime) -> Exemption:
    """End it early; one that is over already stays as it is."""
    exemption = session.get(Exemption, exemption_id, with_for_update={"of": Exemption})
    if exemption is None:
        raise ExemptionNotFoundError(f"there is no exemption {exemption_id}")
    if exemption.end is None and now < exemption.until:
        session.add(ExemptionEnd(exemption_id=exemption.id, at=now, actor=actor))
        session.flush()
        session.refresh(exemption, ["end"])
    return exemption


def exemptions(session: Session) -> Sequence[Exemption]:
    """Give the newest exemptions, those in force and those that are over."""
    newest = select(Exemption).order_by(Exemption.since.desc(), Exemption.id)
    return session.scalars(newest.limit(SHOWN_AT_MOST)).all()


def stands(exemption: Exemption, now: datetime) -> bool:
    """Whether the exemption is in force."""
    return exemption.end is None and exemption.since <= now < exemption.until


def exempted(
    session: Session, verdict: Verdict, now: datetime, _policy: ReviewPolicy
) -> Refusal | None:
    """Withhold what is asked for by a verdict that looks like a known mistake."""
    word = signature_of(verdict).word
    found = session.scalars(
        select(Exemption).where(Exemption.signature == word, Exemption.until > now)
    )
    return Refusal.EXEMPTED if any(stands(each, now) for each in found) else None
