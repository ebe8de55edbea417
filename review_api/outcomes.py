"""What cases proved: the outcome of the decision that counts, for those that have one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from review_api.carried_out import counts
from review_api.models import Decision

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session

    from review_api.vocabulary import Outcome


def outcomes_of(session: Session, case_ids: Collection[str]) -> dict[str, Outcome]:
    """Give the outcome of each case that has a decision which was carried out and stands."""
    if not case_ids:
        return {}
    wanted = select(Decision.case_id, Decision.outcome).where(
        Decision.case_id.in_(case_ids), counts()
    )
    return {row.case_id: row.outcome for row in session.execute(wanted)}
