"""What the API takes and gives about appeals."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field

from access.models import ACCOUNT_ID_LENGTH, ID_LENGTH
from review_api.forms import NO_CONTROL, Words
from review_api.schemas import Out
from review_api.vocabulary import AppealResult, AppealStage

if TYPE_CHECKING:
    from review_api.appeal_views import AppealPage, AppealView, Question

# A case's id, or its short reference as a customer may write it: 9F3C-21AB, 9f3c 21ab.
PAUSE: Final = r"^[0-9A-Za-z_ -]+$"


class AppealIn(BaseModel):
    """Which pause of whose account is contested, by its case or reference, and why."""

    model_config = ConfigDict(extra="forbid")

    account_id: Annotated[
        str, Field(min_length=1, max_length=ACCOUNT_ID_LENGTH, pattern=NO_CONTROL)
    ]
    pause: Annotated[
        str, Field(min_length=1, max_length=ID_LENGTH, pattern=PAUSE, examples=["9F3C-21AB"])
    ]
    words: Words


class AnswerIn(BaseModel):
    """What the customer answers to the question that waits."""

    model_config = ConfigDict(extra="forbid")

    words: Words


class AppealsQuery(BaseModel):
    """Which appeals to list."""

    model_config = ConfigDict(extra="forbid")

    only_open: bool = True
    limit: Annotated[int, Field(ge=1, le=100)] = 50
    cursor: Annotated[str | None, Field(max_length=500, pattern=NO_CONTROL)] = None


class QuestionOut(Out):
    """A question to the customer, and their answer if there is one."""

    words: str
    asked_at: datetime
    answer: str | None
    answered_at: datetime | None


class AppealOut(Out):
    """One appeal, as its customer may read it.

    `looked_at` is when a person first did; `answer` is theirs, and null until it is decided.
    """

    id: str
    account_id: str
    case_id: str
    reference: str
    number: int
    words: str
    filed_at: datetime
    stage: AppealStage
    looked_at: datetime | None
    questions: list[QuestionOut]
    result: AppealResult | None
    decided_at: datetime | None
    answer: str | None

    @classmethod
    def of(cls, view: AppealView) -> Self:
        appeal = view.appeal
        return cls(
            id=appeal.id,
            account_id=view.account_id,
            case_id=appeal.case_id,
            reference=view.reference,
            number=appeal.number,
            words=appeal.words,
            filed_at=appeal.filed_at,
            stage=view.stage,
            looked_at=view.looked_at,
            questions=[_question(each) for each in view.questions],
            result=view.result,
            decided_at=view.decided_at,
            answer=view.answer if view.decided_at else None,
        )


class AppealPageOut(Out):
    """Some appeals, the longest waiting first."""

    items: list[AppealOut]
    next_cursor: str | None

    @classmethod
    def of(cls, page: AppealPage) -> Self:
        return cls(items=[AppealOut.of(each) for each in page.items], next_cursor=page.next_cursor)


def _question(question: Question) -> QuestionOut:
    return QuestionOut.model_validate(question, from_attributes=True)
