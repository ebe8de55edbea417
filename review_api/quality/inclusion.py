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
    way, chance = _came(verdict)
    if session.get(Inclusion, (case.id, way)) is None:
        session.add(Inclusion(case_id=case.id, purpose=way, probability=chance, at=now))
        session.flush()


def _came(verdict: Verdict) -> tuple[Way, float]:
    if verdict.flip is not None:
        return Way.FLIP, verdict.flip.probability
    if verdict.calibrating:
        return Way.CALIBRATION, CERTAIN
    return (Way.VERDICT, CERTAIN) if verdict.audit is None else (Way.AUDIT, verdict.audit)


def ways_of(session: Session, case_id: str) -> dict[Way, float]:
    """Give each way in which the case came, with its probability."""
    found = select(Inclusion).where(Inclusion.case_id == case_id)
    return {row.purpose: row.probability for row in session.scalars(found)}


def only_by_chance(session: Session, case_id: str) -> bool:
    """Say whether nothing that is at work called for the case: its score must not lead a person."""
    ways = set(ways_of(session, case_id))
    return bool(ways) and Way.VERDICT not in ways
