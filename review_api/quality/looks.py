"""Second looks: a decided case, shown once more to somebody who has never seen it, blind.

Whoever looks sees the evidence and neither the score nor the decision; what they say is written
down beside the decision and changes nobody's access. A sampled share of decided cases gets one, and
golden cases, whose answer a lead knows, come up for everybody.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import exists, func, select

from review_api.carried_out import counts
from review_api.errors import BadRequestError, LookNotFoundError, MoveRefusedError
from review_api.models import RATIONALE_LENGTH, Case, CaseEvent, Decision
from review_api.quality.records import GivenWork, GoldenMark, Look
from review_api.quality.vocabulary import LookPurpose, Slice
from review_api.records import AuditEntry
from review_api.threads import locked_case, standing_decision, status_of
from review_api.vocabulary import OUTCOME_OF, UNDECIDED, AuditAction, Fate

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from review_api.policy import ReviewPolicy
    from review_api.vocabulary import Outcome, ReasonCode

LATELY: Final = timedelta(days=30)
_AT_MOST: Final = 500


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody says of a case they look at; the outcome follows from the reason."""

    reason_code: ReasonCode
    rationale: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """A decided case that wants a look, and why."""

    case_id: str
    purpose: LookPurpose


def next_look(
    session: Session, reviewer: str, now: datetime, policy: ReviewPolicy
) -> Wanted | None:
    """Give the decided case that this reviewer is to look at next, if there is one for them.

    Golden cases and double reviews take turns; each is given to nobody who has seen the case.
    """
    double = _double(session, reviewer, now, policy)
    golden = _golden(session, reviewer)
    taken = select(func.count(Look.id)).where(Look.reviewer == reviewer)
    if golden and (not double or (session.scalar(taken) or 0) % 2):
        return golden
    return double or golden


def take_look(session: Session, given_id: int, said: Said, *, reviewer: str, now: datetime) -> Look:
    """Write down what the reviewer says of the case they were given; nothing else changes."""
    given = look_given(session, given_id, reviewer)
    if not said.rationale.strip() or len(said.rationale) > RATIONALE_LENGTH:
        raise BadRequestError(f"say why in words, in 1 to {RATIONALE_LENGTH} characters")
    locked_case(session, given.case_id, now)
    again = exists().where(Look.case_id == given.case_id, Look.reviewer == reviewer)
    if session.scalar(select(again)):
        raise MoveRefusedError("you have looked at this case already")
    look = Look(
        case_id=given.case_id,
        purpose=_purpose(session, given.case_id),
        reviewer=reviewer,
        outcome=OUTCOME_OF[said.reason_code],
        reason_code=said.reason_code,
        rationale=said.rationale.strip(),
        at=now,
    )
    session.add(look)
    session.flush()
    return look


def look_given(session: Session, given_id: int, reviewer: str) -> GivenWork:
    """Give the look that was given to this reviewer, or raise `LookNotFoundError`."""
    given = session.get(GivenWork, given_id)
    if given is None or given.reviewer != reviewer or given.share is not Slice.LOOK:
        raise LookNotFoundError("you were given no such look")
    return given


def mark_golden(  # noqa: PLR0913 - what is marked, as what, why, by whom, when
    session: Session,
    case_id: str,
    outcome: Outcome | None,
    why: str,
    *,
    actor: str,
    now: datetime,
) -> GoldenMark:
    """Say that the truth of a decided case is known; None takes that back."""
    if not why.strip():
        raise BadRequestError("say in words how the answer is known")
    case = locked_case(session, case_id, now)
    decision = standing_decision(case)
    carried_out = decision and decision.end and decision.end.fate is Fate.TOOK_EFFECT
    if status_of(case) in UNDECIDED or not carried_out:
        raise MoveRefusedError("only a case that was decided, and carried out, has a known answer")
    mark = GoldenMark(case_id=case_id, outcome=outcome, why=why.strip(), actor=actor, at=now)
    session.add(mark)
    session.flush()
    return mark


def golden_mark(session: Session, case_id: str) -> GoldenMark | None:
    """Give the mark that counts, if the case is golden."""
    newest = select(GoldenMark).where(GoldenMark.case_id == case_id)
    mark = session.scalars(newest.order_by(GoldenMark.id.desc()).limit(1)).one_or_none()
    return mark if mark and mark.outcome else None


def is_sampled(case_id: str, share: float) -> bool:
    """Say whether a case is among the share that is reviewed twice; nobody can know it before."""
    drawn = hashlib.blake2b(f"double review\x1f{case_id}".encode(), digest_size=4).digest()
    return int.from_bytes(drawn) < share * 2**32


def _double(session: Session, reviewer: str, now: datetime, policy: ReviewPolicy) -> Wanted | None:
    looked = exists().where(Look.case_id == Case.id, Look.purpose == LookPurpose.DOUBLE)
    wanted = (
        select(Case.id)
        .join(Decision, Decision.case_id == Case.id)
        .where(counts(), Decision.effective_from > now - LATELY, ~looked, *_unseen(reviewer))
        .order_by(Decision.id)
        .limit(_AT_MOST)
    )
    sampled = (one for one in session.scalars(wanted) if is_sampled(one, policy.double_share))
    found = next(sampled, None)
    return Wanted(found, LookPurpose.DOUBLE) if found else None


def _golden(session: Session, reviewer: str) -> Wanted | None:
    newest = select(func.max(GoldenMark.id)).group_by(GoldenMark.case_id)
    wanted = (
        select(Case.id)
        .join(GoldenMark, GoldenMark.case_id == Case.id)
        .where(GoldenMark.id.in_(newest), GoldenMark.outcome.is_not(None), *_unseen(reviewer))
    )
    found = session.scalars(wanted.order_by(GoldenMark.id).limit(1)).one_or_none()
    return Wanted(found, LookPurpose.GOLDEN) if found else None


def _unseen(reviewer: str) -> tuple[ColumnElement[bool], ...]:
    """Keep cases away from who has acted on them, read them, or looked at them already."""
    acted = exists().where(CaseEvent.case_id == Case.id, CaseEvent.actor == reviewer)
    read = exists().where(
        AuditEntry.case_id == Case.id,
        AuditEntry.actor == reviewer,
        AuditEntry.action == AuditAction.CASE_READ,
    )
    looked = exists().where(Look.case_id == Case.id, Look.reviewer == reviewer)
    marked = exists().where(GoldenMark.case_id == Case.id, GoldenMark.actor == reviewer)
    return tuple(~one.correlate(Case) for one in (acted, read, looked, marked))


def _purpose(session: Session, case_id: str) -> LookPurpose:
    return LookPurpose.GOLDEN if golden_mark(session, case_id) else LookPurpose.DOUBLE
