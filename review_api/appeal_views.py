"""One appeal as the customer can follow it: received, looked at, asked about, decided, and when.

Derived from the appeal and its case. Nothing of a decision shows before it is carried out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import exists, func, select, tuple_

from review_api.appeal_records import Appeal, AppealEnd
from review_api.appeals import find_appeal
from review_api.claim_records import Claim
from review_api.places import Place, read_place, write_place
from review_api.references import reference_of
from review_api.vocabulary import AppealResult, AppealStage, CaseEventKind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from review_api.models import CaseEvent

# Beside claims: what only a person does, and tells that somebody looks at the appeal.
_LOOKED: Final = frozenset(
    {CaseEventKind.NOTED, CaseEventKind.ASKED, CaseEventKind.EXTENDED, CaseEventKind.ESCALATED}
)


@dataclass(frozen=True, slots=True)
class Question:
    """What a person asked the customer, and the answer; `number` is its place in the thread."""

    number: int
    words: str
    asked_at: datetime
    answer: str | None = None
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AppealView:
    """An appeal and where it is; `answer` is in the words of the person who decided it."""

    appeal: Appeal
    account_id: str
    reference: str
    stage: AppealStage
    looked_at: datetime | None
    questions: tuple[Question, ...]
    result: AppealResult | None
    decided_at: datetime | None
    answer: str


@dataclass(frozen=True, slots=True)
class AppealPage:
    """Some appeals, oldest first, and the cursor of the next page if there is one."""

    items: tuple[AppealView, ...]
    next_cursor: str | None


def view_appeal(session: Session, appeal: Appeal) -> AppealView:
    """Derive where the appeal is."""
    after = [each for each in appeal.case.events if _is_of(each, appeal)]
    asked = questions_in(after)
    looked_at = _looked_at(session, appeal, after)
    return AppealView(
        appeal=appeal,
        account_id=appeal.case.account_id,
        reference=reference_of(appeal.case_id),
        stage=_stage(appeal, looked_at, asked),
        looked_at=looked_at,
        questions=asked,
        result=appeal.end.result if appeal.end else None,
        decided_at=appeal.end.at if appeal.end else None,
        answer=appeal.end.decision.answer if appeal.end else "",
    )


def read_appeal(session: Session, appeal_id: str) -> AppealView:
    """Read one appeal, or raise `AppealNotFoundError`."""
    return view_appeal(session, find_appeal(session, appeal_id))


def list_appeals(
    session: Session, *, only_open: bool, limit: int, cursor: str | None
) -> AppealPage:
    """Give one page of appeals, the longest waiting first."""
    wanted = select(Appeal).order_by(Appeal.filed_at, Appeal.id).limit(limit + 1)
    if only_open:
        wanted = wanted.where(~exists().where(AppealEnd.appeal_id == Appeal.id))
    if cursor:
        after = read_place(cursor)
        wanted = wanted.where(tuple_(Appeal.filed_at, Appeal.id) > tuple_(after.at, after.name))
    found = session.scalars(wanted).all()
    last = found[limit - 1] if len(found) > limit else None
    return AppealPage(
        tuple(view_appeal(session, each) for each in found[:limit]),
        write_place(Place(last.filed_at, last.id)) if last else None,
    )


def questions_in(events: Iterable[CaseEvent]) -> tuple[Question, ...]:
    """Gather questions and answers, oldest first; only the last may have no answer yet."""
    asked: list[Question] = []
    for event in events:
        said = str(event.detail.get("words", ""))
        if event.kind is CaseEventKind.ASKED:
            asked.append(Question(event.sequence, said, event.at))
        elif event.kind is CaseEventKind.ANSWERED and asked:
            last = asked[-1]
            asked[-1] = Question(last.number, last.words, last.asked_at, said, event.at)
    return tuple(asked)


def _is_of(event: CaseEvent, appeal: Appeal) -> bool:
    """Whether the event happened while the appeal was open."""
    return event.at >= appeal.filed_at and (appeal.end is None or event.at <= appeal.end.at)


def _stage(appeal: Appeal, looked_at: datetime | None, asked: tuple[Question, ...]) -> AppealStage:
    if appeal.end:
        return AppealStage.DECIDED
    if asked and asked[-1].answer is None:
        return AppealStage.QUESTION
    return AppealStage.IN_REVIEW if looked_at else AppealStage.RECEIVED


def _looked_at(session: Session, appeal: Appeal, after: list[CaseEvent]) -> datetime | None:
    """Say when a person first took the case, or did something on it, after the appeal came."""
    until = appeal.end.at if appeal.end else None
    taken = select(func.min(Claim.since)).where(
        Claim.case_id == appeal.case_id, Claim.since >= appeal.filed_at
    )
    seen = [each.at for each in after if each.kind in _LOOKED]
    moments = filter(None, (session.scalar(taken), *seen, until))
    return min(moments, default=None)
