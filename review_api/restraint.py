"""What can withhold a measure that a verdict asks for, though access itself would allow it.

Each check is a function of the verdict, the time and the facts in the database; the first that
speaks wins. What access refuses by itself (a lease spent, a person's clearance) is in
`access.leases` and comes before all of these.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from access.models import Clearance
from access.vocabulary import Refusal
from detectors.verdict import Verdict
from review_api.breaker import too_many_pauses
from review_api.monitors.promise import in_doubt
from review_api.parsing import instant
from review_api.policy import ReviewPolicy
from review_api.standing import detector_of, watches
from review_api.sweeps.exemptions import exempted

if TYPE_CHECKING:
    from collections.abc import Iterable

Restraint = Callable[[Session, Verdict, datetime, ReviewPolicy], Refusal | None]


def withheld(
    checks: Iterable[Restraint],
    session: Session,
    verdict: Verdict,
    now: datetime,
    policy: ReviewPolicy,
) -> Refusal | None:
    """Give the first refusal among the checks, in their order; None when all let it pass."""
    for check in checks:
        refusal = check(session, verdict, now, policy)
        if refusal is not None:
            return refusal
    return None


def protected(
    session: Session, verdict: Verdict, now: datetime, policy: ReviewPolicy
) -> Refusal | None:
    """For a time after a clearance, only a stricter budget or fresh hard evidence may pass.

    Soft evidence needs `protected_budget`. A hard rule needs a verdict that rests on nothing from
    before the restore: what a rule counts is forgotten after `evidence_lasts`, which the usual
    clearance outlasts, but a shorter one or a verdict that comes late does not.
    """
    cleared = _last_clearance(session, verdict.account_id)
    if cleared is None or now >= cleared.until + policy.protect_for:
        return None
    if _stands_on_a_rule(verdict):
        happened = instant(verdict.occurred_at)
        fresh = happened is not None and happened >= cleared.since + policy.evidence_lasts
        return None if fresh else Refusal.PROTECTED
    within = verdict.p_value is not None and verdict.p_value <= policy.protected_budget
    return None if within else Refusal.PROTECTED


def only_watched(
    session: Session, verdict: Verdict, _now: datetime, _policy: ReviewPolicy
) -> Refusal | None:
    """Let nothing pass that is asked for by a detector which only watches."""
    return Refusal.DETECTOR_WATCHING if watches(session, detector_of(verdict)) else None


def _last_clearance(session: Session, account_id: str) -> Clearance | None:
    ours = select(Clearance).where(Clearance.account_id == account_id)
    return session.scalars(ours.order_by(Clearance.until.desc(), Clearance.id.desc())).first()


def _stands_on_a_rule(verdict: Verdict) -> bool:
    # A verdict of the first schema names no detector: any hard reason then stands for it.
    return any(r.hard and verdict.detector in {"", r.code} for r in verdict.reasons)


# In the order they are asked. A later one may take a lock that many verdicts share, so what was
# said of the detector, or of all, while a pause waited for its turn is read again at the end.
BEFORE_ANY: Final[tuple[Restraint, ...]] = (protected, only_watched, exempted)
BEFORE_A_PAUSE: Final[tuple[Restraint, ...]] = (
    *BEFORE_ANY,
    in_doubt,
    too_many_pauses,
    only_watched,
    in_doubt,
)
