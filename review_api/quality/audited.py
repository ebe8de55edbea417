"""Reads the audits that a person has judged, and whether the machine had paused the account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from review_api.carried_out import counts
from review_api.detector_records import PauseCause
from review_api.intervals import month_of
from review_api.models import Case, Decision, DecisionEnd, Evidence
from review_api.quality.estimates import (
    Bound,
    Estimate,
    Reviewed,
    false_pause_bound,
    precision,
    recall,
)
from review_api.quality.records import Inclusion
from review_api.quality.vocabulary import Way
from review_api.vocabulary import Outcome

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from detectors.verdict import Kind


@dataclass(frozen=True, slots=True)
class Audited:
    """What audits tell of a period: how many were drawn and judged, and what follows."""

    drawn: int
    judged: int
    precision: Estimate | None
    recall: Estimate | None
    false_pauses: Bound


@dataclass(frozen=True, slots=True)
class Month:
    """One account-month that a person judged: which `way` it came, and of which model and kind.

    A case that came both ways was certain to be looked at: as an audit it does not count again.
    """

    way: Way
    counts: bool
    kind: Kind
    model_version: str
    reviewed: Reviewed


def audited(session: Session, since: datetime) -> Audited:
    """Estimate from the audits drawn after `since`, and from what the machine chose by itself."""
    drawn = select(func.count()).where(Inclusion.purpose == Way.AUDIT, Inclusion.at > since)
    months = reviewed_months(session, since)
    audits = [month.reviewed for month in months if month.way is Way.AUDIT]
    everything = [month.reviewed for month in months if month.counts]
    return Audited(
        drawn=session.scalar(drawn) or 0,
        judged=len(audits),
        precision=precision(everything),
        # Without audits nothing is known of whom the machine let pass.
        recall=recall(everything) if audits else None,
        false_pauses=false_pause_bound(audits),
    )


def reviewed_months(session: Session, since: datetime) -> list[Month]:
    """Give what was judged of the cases that came after `since`, each way they came."""
    certain = aliased(Inclusion)
    other = aliased(Case)
    flagged = exists().where(
        other.account_id == Case.account_id,
        PauseCause.case_id == other.id,
        # An audit speaks of its month; of what the machine chose itself, the case does.
        or_(
            month_of(PauseCause.taken_at) == month_of(Inclusion.at),
            and_(Inclusion.purpose == Way.VERDICT, other.id == Case.id),
        ),
    )
    model = (
        select(Evidence.model_version)
        .where(Evidence.case_id == Case.id, Evidence.received_at <= Inclusion.at)
        .order_by(Evidence.id.desc())
        .limit(1)
    )
    rows = session.execute(
        select(Inclusion.purpose, Inclusion.probability, certain.probability, Decision.outcome,
               func.coalesce(Decision.kind, Case.kind, type_=Case.kind.type),
               flagged.correlate(Case, Inclusion), model.scalar_subquery())
        .join(Case, Case.id == Inclusion.case_id)
        .join(Decision, Decision.case_id == Case.id)
        .join(DecisionEnd, DecisionEnd.decision_id == Decision.id)
        .outerjoin(certain, and_(certain.case_id == Case.id, certain.purpose == Way.VERDICT,
                                 Inclusion.purpose == Way.AUDIT))
        .where(counts(), Inclusion.at > since, Decision.outcome != Outcome.INCONCLUSIVE)
        .order_by(Inclusion.case_id, Inclusion.purpose)
    )  # fmt: skip
    return [
        Month(way, way is Way.VERDICT or (way is Way.AUDIT and also is None), kind, version or "",
              Reviewed(outcome is Outcome.CONFIRMED, bool(was), drawn))
        for way, drawn, also, outcome, kind, was, version in rows
    ]  # fmt: skip
