"""Carries decisions out, once their grace is over and whoever must agree has agreed.

Restoring lifts exactly what the case took (pause, speed hold, challenge), gives the lost quota time
back, and holds the machine off for a while; converting does the same but gives nothing back.
Upholding keeps a standing pause longer, and pauses nobody who is not paused: only intake can.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final, assert_never

from sqlalchemy import select

from access.leases import Hand, extend, restore
from access.making_good import make_good
from access.measures import lift_measures
from review_api.appeals import close_appeal
from review_api.changes import announce
from review_api.demotion import weigh_decision
from review_api.detector_shares import note_share
from review_api.models import Decision, DecisionEnd, SecondOpinion
from review_api.monitors.promise import weigh_audit
from review_api.notices.notify import notify
from review_api.notices.vocabulary import Occasion
from review_api.threads import append_event, locked_case, note_lapse
from review_api.vocabulary import CaseEventKind, Choice, Fate

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session, sessionmaker

    from review_api.models import Case
    from review_api.policy import ReviewPolicy
    from streams.clock import Clock

_ANSWERED: Final = {
    Choice.RESTORE: Occasion.APPEAL_OVERTURNED,
    Choice.CONVERT: Occasion.CONVERTED,
    Choice.UPHOLD: Occasion.APPEAL_UPHELD,
}
_TOLD: Final = {
    Choice.RESTORE: Occasion.RESTORED,
    Choice.CONVERT: Occasion.CONVERTED,
    Choice.UPHOLD: Occasion.UPHELD,
}

log = logging.getLogger(__name__)


def is_due(decision: Decision, now: datetime) -> bool:
    """Say whether a decision that waits may be carried out at `now`."""
    agreed = not decision.needs_second or (decision.second is not None and decision.second.agrees)
    return agreed and decision.effective_from <= now


def settle_due(
    sessions: sessionmaker[Session], clock: Clock, policy: ReviewPolicy, limit: int = 100
) -> int:
    """Carry out what is due, each decision in a transaction of its own; give how many were.

    Safe to run in many places at once. One that fails is logged and tried again the next time,
    and holds up no other.
    """
    with sessions.begin() as session:
        waiting = _due(session, clock.now(), limit)
    return sum(_settle(sessions, decision_id, clock, policy) for decision_id in waiting)


def take_effect(session: Session, decision: Decision, now: datetime, policy: ReviewPolicy) -> None:
    """Do what the decision says, in the caller's transaction; the caller saw that it is due."""
    case = locked_case(session, decision.case_id, now)
    end_decision(session, decision, Fate.TOOK_EFFECT, decision.reviewer, now)
    if now > decision.at:
        note_lapse(session, case, now)
        append_event(
            case, CaseEventKind.TOOK_EFFECT, now, decision.reviewer, choice=decision.choice.value
        )
    case.closed_at = case.closed_at or now
    hand = Hand(case.account_id, case.id, decision.reviewer)
    if _act(session, decision, hand, now, policy):
        announce(session, case.account_id, case.id, now)
    if decision.choice is Choice.RESTORE:
        _make_good(session, case, hand, now, policy)
    said = _ANSWERED if close_appeal(session, case, decision, now) else _TOLD
    notify(session, said[decision.choice], case, now, decision=decision)
    weigh_decision(session, decision, now, policy)
    note_share(session, case.id, now)
    weigh_audit(session, decision, now, policy)


def end_decision(
    session: Session, decision: Decision, fate: Fate, actor: str, now: datetime
) -> None:
    """Write down what became of it; the database refuses a second fate."""
    session.add(DecisionEnd(decision_id=decision.id, fate=fate, at=now, actor=actor))
    session.flush()
    session.refresh(decision, ["end"])


def _due(session: Session, now: datetime, limit: int) -> list[int]:
    found = (
        select(Decision.id)
        .outerjoin(DecisionEnd, DecisionEnd.decision_id == Decision.id)
        .outerjoin(SecondOpinion, SecondOpinion.decision_id == Decision.id)
        .where(
            DecisionEnd.decision_id.is_(None),
            Decision.effective_from <= now,
            Decision.needs_second.is_(False) | SecondOpinion.agrees.is_(True),
        )
    )
    return list(session.scalars(found.order_by(Decision.effective_from).limit(limit)))


def _settle(
    sessions: sessionmaker[Session], decision_id: int, clock: Clock, policy: ReviewPolicy
) -> bool:
    try:
        with sessions.begin() as session:
            decision = session.get_one(Decision, decision_id)
            locked_case(session, decision.case_id, clock.now())
            session.refresh(decision)
            if decision.end is not None or not is_due(decision, clock.now()):
                return False
            take_effect(session, decision, clock.now(), policy)
    except Exception:
        log.exception("decision %d could not be carried out; it is tried again", decision_id)
        return False
    return True


def _act(
    session: Session, decision: Decision, hand: Hand, now: datetime, policy: ReviewPolicy
) -> bool:
    """Do what the choice says; tells whether the account's access changed by it."""
    match decision.choice:
        case Choice.RESTORE | Choice.CONVERT:
            lifted = lift_measures(session, hand, now)
            lease = restore(session, hand, now, clear_until=now + policy.clear_for)
            return lease is not None or bool(lifted)
        case Choice.UPHOLD:
            until = decision.at + policy.uphold_for
            return extend(session, hand, now, until=until) is not None
        case _:
            assert_never(decision.choice)


def _make_good(
    session: Session, case: Case, hand: Hand, now: datetime, policy: ReviewPolicy
) -> None:
    given = make_good(session, hand, now, policy.zone)
    if given is not None:
        append_event(
            case,
            CaseEventKind.MADE_GOOD,
            now,
            hand.actor,
            month=given.month,
            share=given.share,
            seconds=given.seconds,
        )
