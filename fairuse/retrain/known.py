"""What people have found out by a time, as the night learns it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors.labels import Label, LabelSet
from review_api.labels import labels as decided

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session


def label_set(session: Session, *, known_by: datetime, observed_by: datetime) -> LabelSet:
    """Give the labels known at a time of evidence up to another."""
    found = tuple(
        Label(
            account_id=one.account_id, kind=one.kind, abusive=one.abusive, outcome=one.outcome,
            case_id=one.case_id, decision_id=0, observed_at=one.observed_at,
            known_at=one.known_at, reviewer="",
        )
        for one in decided(session, known_by=known_by)
        if one.observed_at <= observed_by
    )  # fmt: skip
    return LabelSet(found, known_by, observed_by)
