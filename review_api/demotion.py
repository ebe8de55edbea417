"""A run of restores takes the pause away from the detector that earned them, and says so.

Asked whenever a restore is carried out, in the same transaction. Only cases decided after the
last change of standing are evidence: who puts a detector back to acting gives it a new beginning.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from sqlalchemy import event, select

from review_api.carried_out import counts
from review_api.detector_records import PauseCause
from review_api.models import Decision
from review_api.shares import Share
from review_api.standing import KINDS, Word, change_of, detector_of, take_turn, write_change
from review_api.vocabulary import WRONGFUL, DetectorStanding, Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from review_api.detector_records import StandingChange
    from review_api.policy import BreakerPolicy, ReviewPolicy
    from review_api.standing import Detector

ACTOR: Final = "breaker"

log = logging.getLogger(__name__)


def weigh_decision(
    session: Session, decision: Decision, now: datetime, policy: ReviewPolicy
) -> StandingChange | None:
    """Make the detector that paused the decided case only watch, if its pauses are too often wrong.

    Gives the change of standing, or None when there was none.
    """
    if decision.outcome not in WRONGFUL:
        return None
    session.flush()  # the decision itself is evidence
    cause = session.scalars(
        select(PauseCause).where(PauseCause.case_id == decision.case_id)
    ).one_or_none()
    if cause is None:
        return None
    take_turn(session)
    detector, rules = detector_of(cause), policy.breaker
    last = change_of(session, detector)
    if last is not None and last.standing is DetectorStanding.DETECT_ONLY:
        return None
    since = last.since if last else None
    why = too_often_wrong(judged(session, detector, since, weighed(rules)), rules)
    if why is None:
        return None
    event.listen(session, "after_commit", lambda _: _say(detector, why), once=True)
    word = Word(DetectorStanding.DETECT_ONLY, ACTOR, why)
    return write_change(session, detector, word, now)


def weighed(policy: BreakerPolicy) -> int:
    """Give how many decided pauses are looked at: the sample, or the run if that is longer."""
    return max(policy.restore_sample, policy.restore_run)


def judged(
    session: Session, detector: Detector, since: datetime | None, at_most: int
) -> tuple[bool, ...]:
    """Tell of each of the detector's last decided pauses whether it was wrongful, newest first.

    A case counts by its last decision, if that came after `since`; one that nobody could tell
    counts neither way.
    """
    outcomes = (
        select(Decision.outcome)
        .join(PauseCause, PauseCause.case_id == Decision.case_id)
        .where(
            PauseCause.detector == detector.name,
            Decision.outcome != Outcome.INCONCLUSIVE,
            counts(),
        )
    )
    if detector.name in KINDS:
        outcomes = outcomes.where(PauseCause.model_version == detector.model_version)
    if since is not None:
        outcomes = outcomes.where(Decision.at > since)
    found = session.scalars(outcomes.order_by(Decision.id.desc()).limit(at_most))
    return tuple(outcome in WRONGFUL for outcome in found)


def too_often_wrong(wrongful: Sequence[bool], policy: BreakerPolicy) -> str | None:
    """Say in words why the detector may no longer pause; None while it may. Newest first."""
    run = wrongful.index(False) if False in wrongful else len(wrongful)
    if run >= policy.restore_run:
        return f"{run} pauses in a row were restored as mistakes"
    share = Share(sum(wrongful), len(wrongful))
    if share.low > policy.restore_share:
        return (
            f"{share.count} of its last {share.of} decided pauses were restored as mistakes: at "
            f"least {share.low * 100:.0f} %, and {policy.restore_share * 100:.0f} % is allowed"
        )
    return None


def _say(detector: Detector, why: str) -> None:
    log.warning("%s only watches from now on: %s", detector, why)
