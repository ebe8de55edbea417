"""Finds every account that is paused now for what looks the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select

from access.models import LeaseEvent, PauseLease
from review_api.cases import read_evidence
from review_api.detector_records import PauseCause
from review_api.errors import CaseNotFoundError, MoveRefusedError
from review_api.models import Case, Evidence
from review_api.sweeps.signature import signature_of

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from review_api.sweeps.signature import Signature

# More than this for one root cause is an incident, and its detector should only watch at once.
MOST: Final = 5000


def signature_of_case(session: Session, case_id: str) -> Signature:
    """Read the signature of the verdict that took the case's pause."""
    row = session.scalars(
        select(Evidence)
        .join(PauseCause, PauseCause.verdict_id == Evidence.verdict_id)
        .where(PauseCause.case_id == case_id)
    ).one_or_none()
    if row is not None:
        return signature_of(read_evidence(row))
    if session.get(Case, case_id) is None:
        raise CaseNotFoundError(f"there is no case {case_id}")
    raise MoveRefusedError(f"the case {case_id} has paused nobody, so nobody is paused like it")


def paused_alike(session: Session, signature: Signature, now: datetime) -> list[str]:
    """Give the cases whose standing pause has this signature, of the 5,000 longest paused."""
    newest = (
        select(LeaseEvent.lease_id, func.max(LeaseEvent.until).label("until"))
        .group_by(LeaseEvent.lease_id)
        .subquery()
    )
    rows = session.scalars(
        select(Evidence)
        .join(PauseCause, PauseCause.verdict_id == Evidence.verdict_id)
        .join(PauseLease, PauseLease.case_id == PauseCause.case_id)
        .join(newest, newest.c.lease_id == PauseLease.id)
        .where(
            PauseCause.detector == signature.detector,
            PauseLease.ended_at.is_(None),
            newest.c.until > now,
        )
        .order_by(PauseLease.taken_at, PauseLease.case_id)
        .limit(MOST)
    )
    return [row.case_id for row in rows if signature_of(read_evidence(row)) == signature]
