"""Ground truth, derived from decided cases and never stored: what the nightly training learns.

A label says what a person found and since when it is known. An inconclusive case teaches nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from review_api.carried_out import counts
from review_api.models import Case, Decision
from review_api.vocabulary import Outcome

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from detectors.verdict import Kind


@dataclass(frozen=True, slots=True)
class Label:
    """Whether one account did one kind of abuse in the time up to `observed_at`."""

    account_id: str
    kind: Kind
    abusive: bool
    outcome: Outcome
    case_id: str
    observed_at: datetime
    known_at: datetime


def labels(session: Session, *, known_by: datetime) -> list[Label]:
    """Give every label that was known at `known_by`.

    A corrected decision replaces the earlier; one that was taken back or reopened teaches nothing.
    """
    rows = session.execute(
        select(Case, Decision)
        .join(Decision, Decision.case_id == Case.id)
        .where(counts(known_by), Decision.outcome != Outcome.INCONCLUSIVE)
        .order_by(Decision.id)
    )
    return [label_of(case, decision) for case, decision in rows]


def label_of(case: Case, decision: Decision) -> Label:
    """Read one decision as ground truth."""
    return Label(
        account_id=case.account_id,
        kind=case.kind,
        abusive=decision.outcome is Outcome.CONFIRMED,
        outcome=decision.outcome,
        case_id=case.id,
        observed_at=case.opened_at,
        known_at=decision.end.at if decision.end else decision.at,
    )
