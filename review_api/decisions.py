"""A person's decision on a case: restore or uphold.

Restoring lifts exactly what the case took (pause, speed hold, challenge), gives the lost quota time
back, and holds the machine off for a while; it cannot be undone. Upholding keeps a standing pause
longer, and pauses nobody who is not paused: only intake can do that. The caller names the version
of the case they read, so that two reviewers never both decide.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from sqlalchemy import select

from access.accounts import lock_account
from access.leases import Hand, extend, restore
from access.making_good import make_good
from access.measures import lift_measures
from review_api.changes import announce
from review_api.demotion import weigh_decision
from review_api.errors import BadRequestError, CaseChangedError, CaseNotFoundError, MoveRefusedError
from review_api.models import Case, Decision
from review_api.threads import append_event, note_lapse, status_of, version_of
from review_api.vocabulary import CHOICE_OF, MOVES, OUTCOME_OF, CaseEventKind, Choice

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from review_api.policy import ReviewPolicy
    from review_api.vocabulary import Outcome, ReasonCode


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a reviewer asks for, on the version of the case they have read."""

    choice: Choice
    outcome: Outcome
    reason_code: ReasonCode
    rationale: str
    version: int


def decide(  # noqa: PLR0913 - one argument for each thing a decision depends on
    session: Session,
    case_id: str,
    ruling: Ruling,
    *,
    reviewer: str,
    now: datetime,
    policy: ReviewPolicy,
) -> Decision:
    """Record the decision and do what it says, in the caller's transaction."""
    check_words(ruling)
    case = _locked(session, case_id, now)
    if version_of(case) != ruling.version:
        raise CaseChangedError(version_of(case))
    if (status_of(case), ruling.choice) not in MOVES:
        raise MoveRefusedError(
            f"a case that is {status_of(case)} cannot be changed by {ruling.choice}"
        )
    note_lapse(session, case, now)
    decision = _record(case, ruling, reviewer, now)
    hand = Hand(case.account_id, case.id, reviewer)
    if _act(session, ruling.choice, hand, now, policy):
        announce(session, case.account_id, case.id, now)
    if ruling.choice is Choice.RESTORE:
        _make_good(session, case, hand, now, policy)
    weigh_decision(session, decision, now, policy)
    return decision


def check_words(ruling: Ruling) -> None:
    """Refuse a ruling whose choice, outcome and reason contradict each other."""
    if CHOICE_OF[ruling.outcome] is not ruling.choice:
        raise BadRequestError(f"the outcome {ruling.outcome} does not go with {ruling.choice}")
    if OUTCOME_OF[ruling.reason_code] is not ruling.outcome:
        raise BadRequestError(f"the reason {ruling.reason_code} does not go with {ruling.outcome}")
    if not ruling.rationale.strip():
        raise BadRequestError("a decision needs its reason in words")


def _locked(session: Session, case_id: str, now: datetime) -> Case:
    # The account is locked before the case is read, or the case could change in between.
    account_id = session.scalar(select(Case.account_id).where(Case.id == case_id))
    if account_id is None:
        raise CaseNotFoundError(f"there is no case {case_id}")
    lock_account(session, account_id, now)
    return session.scalars(
        select(Case).where(Case.id == case_id).execution_options(populate_existing=True)
    ).one()


def _record(case: Case, ruling: Ruling, reviewer: str, now: datetime) -> Decision:
    decision = Decision(
        choice=ruling.choice,
        outcome=ruling.outcome,
        reason_code=ruling.reason_code,
        rationale=ruling.rationale.strip(),
        reviewer=reviewer,
        at=now,
    )
    case.decisions.append(decision)
    append_event(
        case,
        CaseEventKind.DECIDED,
        now,
        reviewer,
        choice=ruling.choice.value,
        outcome=ruling.outcome.value,
    )
    case.closed_at = case.closed_at or now
    return decision


def _act(session: Session, choice: Choice, hand: Hand, now: datetime, policy: ReviewPolicy) -> bool:
    """Do what the choice says; tells whether the account's access changed by it."""
    match choice:
        case Choice.RESTORE:
            lifted = lift_measures(session, hand, now)
            lease = restore(session, hand, now, clear_until=now + policy.clear_for)
            return lease is not None or bool(lifted)
        case Choice.UPHOLD:
            return extend(session, hand, now, until=now + policy.uphold_for) is not None
        case _:
            assert_never(choice)


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
