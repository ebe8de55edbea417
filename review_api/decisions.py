"""A person's decision on a case: restore, uphold or convert; taking it back; a second opinion.

A decision is carried out when its grace is over (`review_api.effects`), and until then nothing has
left, so it can be taken back without a trace outside the thread. The caller names the version of
the case they read, so that two reviewers never both decide.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from detectors.verdict import Kind
from review_api.checklist import check_answers
from review_api.claims import check_claim, finish_claim
from review_api.effects import end_decision, is_due, take_effect
from review_api.errors import BadRequestError, MoveRefusedError, NotAllowedError
from review_api.models import Decision, SecondOpinion
from review_api.threads import (
    appeal_is_open,
    append_event,
    check_version,
    locked_case,
    note_lapse,
    pending_decision,
    status_of,
)
from review_api.vocabulary import (
    GOES_WITH,
    MOVES,
    OUTCOME_OF,
    CaseEventKind,
    Choice,
    Fate,
    ReasonCode,
    choice_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from review_api.models import Case
    from review_api.policy import ReviewPolicy
    from review_api.vocabulary import Outcome, Ruled

CONFIRMED: Final[Mapping[ReasonCode, Kind]] = {
    ReasonCode.AUTOMATION_CONFIRMED: Kind.AUTOMATION,
    ReasonCode.SCRIPTING_CONFIRMED: Kind.SCRIPTING,
    ReasonCode.SHARING_CONFIRMED: Kind.CREDENTIAL_SHARING,
    ReasonCode.RESALE_CONFIRMED: Kind.RESELLING,
}


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a reviewer asks for, on the version of the case they have read.

    `checklist` answers the innocent explanations before an uphold (`review_api.checklist`);
    `answer` is what the customer reads, and an open appeal needs one.
    """

    choice: Choice
    outcome: Outcome
    reason_code: ReasonCode
    rationale: str
    version: int
    checklist: Mapping[str, Ruled] = field(default_factory=dict)
    answer: str = ""


def decide(  # noqa: PLR0913 - one argument for each thing a decision depends on
    session: Session,
    case_id: str,
    ruling: Ruling,
    *,
    reviewer: str,
    now: datetime,
    policy: ReviewPolicy,
) -> Decision:
    """Record the decision, in the caller's transaction; without a grace, carry it out at once."""
    check_words(ruling)
    case = locked_case(session, case_id, now)
    check_version(case, ruling.version)
    check_claim(session, case_id, reviewer, now)
    _check_move(case, ruling.choice)
    if ruling.choice is Choice.UPHOLD:
        check_answers(case.kind, ruling.checklist)
    if appeal_is_open(case):
        _check_appeal(case, ruling, reviewer)
    note_lapse(session, case, now)
    decision = _record(session, case, ruling, reviewer, now, policy)
    if is_due(decision, now):
        take_effect(session, decision, now, policy)
    finish_claim(session, case_id, reviewer, now)
    return decision


def undo(
    session: Session, case_id: str, *, reviewer: str, now: datetime, for_others: bool = False
) -> Decision:
    """Take a decision back that was not carried out yet; only who took it may, or `for_others`."""
    case = locked_case(session, case_id, now)
    decision = pending_decision(case)
    if decision is None:
        raise MoveRefusedError("there is nothing to take back: no decision waits")
    if decision.reviewer != reviewer and not for_others:
        raise NotAllowedError(f"{decision.reviewer} took this decision, and may take it back")
    end_decision(session, decision, Fate.UNDONE, reviewer, now)
    append_event(case, CaseEventKind.UNDONE, now, reviewer, choice=decision.choice.value)
    session.flush()
    return decision


@dataclass(frozen=True, slots=True)
class Second:
    """What a second person thinks of a decision that waits for one."""

    agrees: bool
    rationale: str


def give_second(  # noqa: PLR0913 - one argument for each thing an opinion depends on
    session: Session,
    case_id: str,
    second: Second,
    *,
    reviewer: str,
    now: datetime,
    policy: ReviewPolicy,
) -> Decision:
    """Agree, and the decision is carried out when it is due; or do not, and the case is open."""
    if not second.rationale.strip():
        raise BadRequestError("a second opinion needs its reason in words")
    case = locked_case(session, case_id, now)
    decision = pending_decision(case)
    if decision is None or not decision.needs_second or decision.second is not None:
        raise MoveRefusedError("no decision of this case waits for a second person")
    if reviewer in deciders(case):
        raise NotAllowedError("the second opinion must be another person's")
    _write_second(session, decision, second, reviewer, now)
    if not second.agrees:
        end_decision(session, decision, Fate.OVERRULED, reviewer, now)
        append_event(case, CaseEventKind.OVERRULED, now, reviewer, choice=decision.choice.value)
    else:
        append_event(case, CaseEventKind.SECONDED, now, reviewer, choice=decision.choice.value)
        if is_due(decision, now):
            take_effect(session, decision, now, policy)
    session.flush()
    return decision


def deciders(case: Case) -> set[str]:
    """Name everybody who has ever judged the case."""
    seconds = {each.second.reviewer for each in case.decisions if each.second}
    return {each.reviewer for each in case.decisions} | seconds


def check_words(ruling: Ruling) -> None:
    """Refuse a ruling whose choice, outcome and reason contradict each other."""
    if (ruling.choice, ruling.outcome) not in GOES_WITH:
        raise BadRequestError(f"the outcome {ruling.outcome} does not go with {ruling.choice}")
    if OUTCOME_OF[ruling.reason_code] is not ruling.outcome:
        raise BadRequestError(f"the reason {ruling.reason_code} does not go with {ruling.outcome}")
    if choice_of(ruling.reason_code) is not ruling.choice:
        raise BadRequestError(f"the reason {ruling.reason_code} does not go with {ruling.choice}")
    if not ruling.rationale.strip():
        raise BadRequestError("a decision needs its reason in words")


def _check_move(case: Case, choice: Choice) -> None:
    waiting = pending_decision(case)
    if waiting is not None:
        raise MoveRefusedError(
            f"{waiting.reviewer} has decided to {waiting.choice}, and it is not carried out yet"
        )
    if (status_of(case), choice) not in MOVES:
        raise MoveRefusedError(f"a case that is {status_of(case)} cannot be changed by {choice}")


def _check_appeal(case: Case, ruling: Ruling, reviewer: str) -> None:
    if reviewer in deciders(case):
        raise NotAllowedError("an appeal is decided by somebody who has not judged the case yet")
    if not ruling.answer.strip():
        raise BadRequestError("answer: an appeal needs an answer to the customer in words")


def _record(  # noqa: PLR0913, PLR0917 - what a decision is made of
    session: Session,
    case: Case,
    ruling: Ruling,
    reviewer: str,
    now: datetime,
    policy: ReviewPolicy,
) -> Decision:
    upheld = ruling.choice is Choice.UPHOLD
    decision = Decision(
        choice=ruling.choice,
        outcome=ruling.outcome,
        reason_code=ruling.reason_code,
        rationale=ruling.rationale.strip(),
        reviewer=reviewer,
        at=now,
        kind=CONFIRMED.get(ruling.reason_code, case.kind) if upheld else None,
        checklist={code: ruled.value for code, ruled in ruling.checklist.items()},
        answer=ruling.answer.strip(),
        effective_from=now + policy.grace,
        needs_second=upheld and _sampled(case, policy.second_share),
    )
    case.decisions.append(decision)
    said = {"choice": ruling.choice.value, "outcome": ruling.outcome.value}
    append_event(case, CaseEventKind.DECIDED, now, reviewer, **said)
    session.flush()
    return decision


def _sampled(case: Case, share: float) -> bool:
    # Drawn from the name and the turn: nobody can know it before, and a retry draws the same.
    drawn = hashlib.blake2b(f"{case.id}\x1f{len(case.decisions)}".encode(), digest_size=4).digest()
    return int.from_bytes(drawn) < share * 2**32


def _write_second(
    session: Session, decision: Decision, second: Second, reviewer: str, now: datetime
) -> None:
    session.add(
        SecondOpinion(
            decision_id=decision.id,
            agrees=second.agrees,
            rationale=second.rationale.strip(),
            reviewer=reviewer,
            at=now,
        )
    )
    session.flush()
    session.refresh(decision, ["second"])
