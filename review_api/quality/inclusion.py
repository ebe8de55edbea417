"""Writes down how a case came to be looked at, with the probability of that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from review_api.quality.records import Inclusion
from review_api.quality.vocabulary import Way

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from detectors.verdict import Verdict
    from review_api.models import Case

CERTAIN: Final = 1.0


def note_inclusion(session: Session, case: Case, verdict: Verdict, now: datetime) -> None:
    """Note the way this verdict brought the case, the first time it comes that way."""
    way = Way.VERDICT if verdict.audit is None else Way.AUDIT
    if session.get(Inclusion, (case.id, way)) is None:
        chance = CERTAIN if verdict.audit is None else verdict.audit
        session.add(Inclusion(case_id=case.id, purpose=way, probability=chance, at=now))
        session.flush()


def ways_of(session: Session, case_id: str) -> dict[Way, float]:
    """Give each way in which the case came, with its probability."""
    found = select(Inclusion).where(Inclusion.case_id == case_id)
    return {row.purpose: row.probability for row in session.scalars(found)}


def only_by_chance(session: Session, case_id: str) -> bool:
    """Say whether nothing but an audit brought the case: its score is no reason to look at it."""
    return set(ways_of(session, case_id)) == {Way.AUDIT}
