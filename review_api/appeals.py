"""A customer contests a pause: when they may, how it is filed, and how it is answered.

One appeal at a time and a few in the life of a pause, up to half a year after it (Regulation (EU)
2022/2065, Art. 20(1): at least six months). Only a person who has not judged the case yet may
answer (`review_api.decisions`); an appeal changes nobody's access by itself.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from sqlalchemy import exists, select

from access.leases import lease_of, lease_state
from access.models import PauseLease
from review_api.appeal_records import Appeal, AppealEnd
from review_api.errors import AppealNotFoundError, AppealRefusedError
from review_api.models import Case
from review_api.notices.notify import notify
from review_api.notices.vocabulary import Occasion
from review_api.references import id_begins_with
from review_api.steps import CUSTOMER, answer_question, check_words
from review_api.threads import (
    append_event,
    last_event,
    last_of,
    locked_case,
    settled_status,
    waits_for_customer,
)
from review_api.vocabulary import AppealResult, CaseEventKind, CaseStatus, Choice, Fate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from review_api.models import CaseEvent, Decision
    from review_api.policy import ReviewPolicy

RESULT_OF: Final[Mapping[Choice, AppealResult]] = {
    Choice.RESTORE: AppealResult.OVERTURNED,
    Choice.CONVERT: AppealResult.OVERTURNED,
    Choice.UPHOLD: AppealResult.UPHELD,
}
_GIVEN_BACK: Final = frozenset({CaseStatus.RESTORED, CaseStatus.CONVERTED})


def file_appeal(  # noqa: PLR0913 - one argument for each part of an appeal
    session: Session,
    case: Case,
    words: str,
    *,
    by: str,
    now: datetime,
    policy: ReviewPolicy,
    number: int | None = None,
) -> tuple[Appeal, bool]:
    """File an appeal against the pause of the case; tells whether it is new.

    The same words again are the same appeal while it is open. `number`, where it is known, says
    which appeal of the case is meant: one that was filed already is given back, whatever became of
    it. Raises `AppealRefusedError`.
    """
    check_words(words)
    case = locked_case(session, case.id, now)
    filed = appeals_of(session, case.id)
    if same := _already_filed(filed, words.strip(), number):
        return same, False
    if refusal := refusal_of(session, case, filed, now, policy):
        raise AppealRefusedError(refusal)
    appeal = Appeal(
        id=_name(case.id, len(filed) + 1),
        case_id=case.id,
        number=len(filed) + 1,
        words=words.strip(),
        filed_at=now,
        filed_by=by,
    )
    session.add(appeal)
    said = {"appeal": appeal.id, "number": appeal.number}
    append_event(case, CaseEventKind.APPEALED, now, CUSTOMER, **said)
    session.flush()
    notify(session, Occasion.APPEAL_RECEIVED, case, now)
    return appeal, True


def refusal_of(
    session: Session, case: Case, filed: Sequence[Appeal], now: datetime, policy: ReviewPolicy
) -> str | None:
    """Say in a sentence for the customer why no appeal can be filed now, or None."""
    lease = lease_of(session, case.id)
    if lease is None:
        raise AppealNotFoundError("there is no pause of this name")
    if filed and filed[-1].end is None:
        return "an appeal against this pause is open already, and a person will answer it"
    if settled_status(case) in _GIVEN_BACK:
        return "access was given back, so there is nothing left to contest"
    if len(filed) >= policy.most_appeals:
        return f"this pause has been contested {len(filed)} times, and each was answered"
    ends = [lease_state(lease.events).until, *(end.at for each in case.decisions
            if (end := each.end) and end.fate is Fate.TOOK_EFFECT)]  # fmt: skip
    closes = max(ends) + policy.appeal_for
    ended = f"{closes.day} {closes:%B %Y}"
    return None if now < closes else f"the time to contest this pause ended on {ended}"


def find_pause(session: Session, account_id: str, pause: str) -> Case:
    """Give the case of a pause of the account, by the case's id or its short reference.

    Raises `AppealNotFoundError`; a pause of somebody else is no pause either.
    """
    paused = exists().where(PauseLease.case_id == Case.id)
    case = _newest(session, account_id, pause, paused)
    if case is None:
        raise AppealNotFoundError("this account has no pause of this name")
    return case


def find_case(session: Session, account_id: str, name: str) -> Case:
    """Give a case of the account by id or reference, whether it paused anybody or not.

    Raises `AppealNotFoundError`.
    """
    case = _newest(session, account_id, name)
    if case is None:
        raise AppealNotFoundError("this account has nothing of this name")
    return case


def find_appeal(session: Session, appeal_id: str) -> Appeal:
    """Give the appeal, or raise `AppealNotFoundError`."""
    appeal = session.get(Appeal, appeal_id)
    if appeal is None:
        raise AppealNotFoundError("there is no such appeal")
    return appeal


def appeals_of(session: Session, case_id: str) -> Sequence[Appeal]:
    """Give the appeals of a case, oldest first."""
    of_case = select(Appeal).where(Appeal.case_id == case_id).order_by(Appeal.number)
    return session.scalars(of_case).all()


def take_answer(
    session: Session, case_id: str, words: str, now: datetime, question: int | None = None
) -> CaseEvent:
    """Take the customer's answer to the open question; the same answer again changes nothing.

    `question`, where it is known, is the place in the thread of the question that was read. Raises
    `MoveRefusedError` when no question waits, or another one does.
    """
    check_words(words)
    case = locked_case(session, case_id, now)
    asked = last_of(case, CaseEventKind.ASKED)
    last = last_event(case, CaseEventKind.ANSWERED)
    if last and not waits_for_customer(case) and last.detail["words"] == words.strip():
        return last
    if question not in {None, asked}:
        raise AppealRefusedError("there is a newer question than the one you answer")
    return answer_question(session, case_id, words, now)


def close_appeal(session: Session, case: Case, decision: Decision, now: datetime) -> bool:
    """Answer the open appeal with a decision carried out just now; tells whether there was one."""
    filed = appeals_of(session, case.id)
    # An appeal that came while an uphold waited was not looked at by it.
    heard = last_of(case, CaseEventKind.APPEALED) < last_of(case, CaseEventKind.DECIDED)
    if not filed or filed[-1].end or not (heard or decision.choice is not Choice.UPHOLD):
        return False
    result = RESULT_OF[decision.choice]
    end = AppealEnd(appeal_id=filed[-1].id, decision_id=decision.id, result=result, at=now)
    session.add(end)
    said = {"appeal": filed[-1].id, "result": result.value}
    append_event(case, CaseEventKind.APPEAL_DECIDED, now, decision.reviewer, **said)
    session.flush()
    session.refresh(filed[-1], ["end"])
    return True


def _newest(
    session: Session, account_id: str, name: str, *also: ColumnElement[bool]
) -> Case | None:
    if "\x00" in name:  # PostgreSQL cannot even compare it
        return None
    start = id_begins_with(name)
    named = Case.id.startswith(start) if start else Case.id == name
    found = select(Case).where(Case.account_id == account_id, named, *also)
    return session.scalars(found.order_by(Case.opened_at.desc(), Case.id).limit(1)).one_or_none()


def _already_filed(filed: Sequence[Appeal], words: str, number: int | None) -> Appeal | None:
    if number is not None and number <= len(filed):
        if filed[number - 1].words != words:
            raise AppealRefusedError("your appeal has changed since you opened this page")
        return filed[number - 1]
    last = filed[-1] if filed else None
    return last if last and last.end is None and last.words == words else None


def _name(case_id: str, number: int) -> str:
    named = f"appeal\x1f{case_id}\x1f{number}".encode()
    return hashlib.blake2b(named, digest_size=12).hexdigest()
