"""What audits tell of one model version, kind by kind: precision and recall without its own choice.

The same estimates as of quality (`review_api.quality.estimates`), for a part of the account-months:
those a model was at work for when they were drawn, and those whose question was of one kind. There
the interval is about the months that were; here it is about the model, of which they are a sample:
even if every pause was looked at and right, few of them prove little.

Sources: Wilson, JASA 22 (1927); Kish (1965) for the effective number under weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import sqrt
from typing import TYPE_CHECKING, Final

from detectors.verdict import Kind
from review_api.quality.audited import reviewed_months
from review_api.quality.estimates import (
    WIDE,
    Bound,
    Estimate,
    Reviewed,
    false_pause_bound,
    precision,
    recall,
    weight,
)
from review_api.quality.vocabulary import Way

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from review_api.quality.audited import Month

PERIOD: Final = timedelta(days=90)
"""So long an account-month speaks of a model."""


@dataclass(frozen=True, slots=True)
class KindEstimates:
    """What is known of one kind, or of all where `kind` is None.

    `judged` audits of it were judged; without any nothing is known of whom the model let pass.
    """

    kind: Kind | None
    judged: int
    precision: Estimate | None
    recall: Estimate | None
    false_pauses: Bound


def estimates(session: Session, version: str, now: datetime) -> tuple[KindEstimates, ...]:
    """Estimate for all kinds together, then for each, what the model did within `PERIOD`."""
    months = [
        month for month in reviewed_months(session, now - PERIOD) if month.model_version == version
    ]
    each = (
        _of(kind, [month for month in months if kind in {None, month.kind}])
        for kind in (None, *Kind)
    )
    return tuple(each)


def _of(kind: Kind | None, months: Sequence[Month]) -> KindEstimates:
    audits = [month.reviewed for month in months if month.way is Way.AUDIT]
    counted = [month.reviewed for month in months if month.counts]
    return KindEstimates(
        kind=kind,
        judged=len(audits),
        precision=of_a_model(precision(counted), [one for one in counted if one.flagged]),
        recall=of_a_model(recall(counted), [one for one in counted if one.abusive])
        if audits
        else None,
        false_pauses=false_pause_bound(audits),
    )


def of_a_model(found: Estimate | None, among: Sequence[Reviewed]) -> Estimate | None:
    """Widen an estimate's interval to what so many observations can tell of the next ones."""
    if found is None:
        return None
    weights = [weight(one.probability) for one in among]
    n = sum(weights) ** 2 / sum(each * each for each in weights)
    z = WIDE * WIDE / n
    middle = (found.value + z / 2.0) / (1.0 + z)
    half = sqrt(z * (found.value * (1.0 - found.value) + z / 4.0)) / (1.0 + z)
    low, high = min(found.low, middle - half), max(found.high, middle + half)
    return Estimate(found.value, max(low, 0.0), min(high, 1.0), found.of)
