"""What a person may do to a case short of deciding it: each is one more event of its thread.

Only extending touches access: it lets a standing pause wait longer for its review, a bounded number
of times. Whoever takes a step names the version of the case they read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from access.leases import Hand, extend, lease_of, lease_state
from review_api.changes import announce
from review_api.claims import check_claim
from review_api.detector_shares import note_share
from review_api.errors import BadRequestError, MoveRefusedError
from review_api.models import RATIONALE_LENGTH
from review_api.notices.notify import notify
from review_api.notices.vocabulary import Occasion
from review_api.threads import (
    append_event,
    check_version,
    locked_case,
    pending_decision,
    status_of,
    waits_for_customer,
)
from review_api.vocabulary import UNDECIDED, CaseEventKind

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from review_api.models import Case, CaseEvent
    from review_api.policy import ReviewPolicy

CUSTOMER: Final = "customer"


@dataclass(frozen=True, slots=True)
class Step:
    """Who takes a step, on which version of the case, and the words that go with it."""

    case_id: str
    version: int
    words: str
    actor: str


def note(session: Session, step: Step, now: datetime) -> CaseEvent:
    """Write something down, whatever the case's status."""
    return _append(_case_of(session, step, now), CaseEventKind.NOTED, step, now)


def ask_customer(session: Session, step: Step, now: datetime) -> CaseEvent:
    """Put a question to the customer; one at a time."""
    case = _undecided(session, step, now)
    if waits_for_customer(case):
        raise MoveRefusedError("the customer has not answered the question before this one")
    event = _append(case, CaseEventKind.ASKED, step, now)
    notify(session, Occasion.QUESTION, case, now, words=step.words.strip())
    return event


def answer_question(session: Session, case_id: str, words: str, now: datetime) -> CaseEvent:
    """Take the customer's answer to the question that waits for one."""
    case = locked_case(session, case_id, now)
    step = Step(case_id, 0, words, CUSTOMER)
    check_words(words)
    if not waits_for_customer(case):
        raise MoveRefusedError("no question waits for an answer")
    return _append(case, CaseEventKind.ANSWERED, step, now)


def escalate(session: Session, step: Step, now: datetime) -> CaseEvent:
    """Hand the case to the leads."""
    return _append(_undecided(session, step, now), CaseEventKind.ESCALATED, step, now)


def extend_pause(session: Session, step: Step, now: datetime, policy: ReviewPolicy) -> CaseEvent:
    """Let the case's standing pause wait longer for its review."""
    case = _undecided(session, step, now)
    taken = sum(event.kind is CaseEventKind.EXTENDED for event in case.events)
    if taken >= policy.most_extensions:
        raise MoveRefusedError(f"the pause has been extended {taken} times, and may not be again")
    lease = lease_of(session, case.id)
    if lease is None or not lease_state(lease.events).pauses(now):
        raise MoveRefusedError("this case pauses nobody, so there is nothing to extend")
    until = lease_state(lease.events).until + policy.extend_for
    extend(session, Hand(case.account_id, case.id, step.actor), now, until=until)
    event = _append(case, CaseEventKind.EXTENDED, step, now, until=until.isoformat())
    announce(session, case.account_id, case.id, now)
    notify(session, Occasion.EXTENDED, case, now)
    return event


def reopen(session: Session, step: Step, now: datetime) -> CaseEvent:
    """Open a decided case again: what it taught is withdrawn, and nobody is paused by it."""
    case = _case_of(session, step, now)
    if status_of(case) in UNDECIDED:
        raise MoveRefusedError("the case is open")
    if pending_decision(case) is not None:
        raise MoveRefusedError("its decision is not carried out yet: take that back instead")
    event = _append(case, CaseEventKind.REOPENED, step, now)
    note_share(session, case.id, now)
    return event


def _undecided(session: Session, step: Step, now: datetime) -> Case:
    case = _case_of(session, step, now)
    if status_of(case) not in UNDECIDED or pending_decision(case) is not None:
        raise MoveRefusedError(f"the case is {status_of(case)}, and waits for nobody")
    check_claim(session, case.id, step.actor, now)
    return case


def _case_of(session: Session, step: Step, now: datetime) -> Case:
    check_words(step.words)
    case = locked_case(session, step.case_id, now)
    check_version(case, step.version)
    return case


def _append(case: Case, kind: CaseEventKind, step: Step, now: datetime, **detail: str) -> CaseEvent:
    return append_event(case, kind, now, step.actor, words=step.words.strip(), **detail)


def check_words(words: str) -> None:
    """Refuse words that say nothing, or too much, or what no database keeps."""
    if not words.strip() or len(words) > RATIONALE_LENGTH:
        raise BadRequestError(f"say it in words, in 1 to {RATIONALE_LENGTH} characters")
    if "\x00" in words:
        raise BadRequestError("leave out control characters")
