"""What the API takes and gives of notices and contacts."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field

from access.models import ACCOUNT_ID_LENGTH, ID_LENGTH
from review_api.forms import NO_CONTROL, WORD
from review_api.notices.vocabulary import AttemptResult, Channel, DeliveryState, Occasion
from review_api.schemas import Out

if TYPE_CHECKING:
    from review_api.notices.reading import DeliveryView, NoticeView

# What SMTP lets an address have, and the addresses of RFC 5321 that need no quotes.
_LONGEST: Final = 254
_ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL: Final = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
EMAIL: Final = rf"^{_ATOM}(\.{_ATOM})*@{_LABEL}(\.{_LABEL})+$"


class NoticesAsked(BaseModel):
    """Which notices to list."""

    model_config = ConfigDict(extra="forbid")

    account_id: str | None = Field(
        None, min_length=1, max_length=ACCOUNT_ID_LENGTH, pattern=NO_CONTROL
    )
    case_id: str | None = Field(None, min_length=1, max_length=ID_LENGTH, pattern=WORD)
    limit: int = Field(50, ge=1, le=100)
    cursor: str | None = Field(None, pattern=r"^[0-9]{1,18}$")


class ContactIn(BaseModel):
    """Where the account's holder is written to."""

    model_config = ConfigDict(extra="forbid")

    email: str = Field(max_length=_LONGEST, pattern=EMAIL, examples=["ana@example.org"])


class ContactOut(Out):
    """A contact, masked."""

    email: str


class DeliveryOut(Out):
    """One delivery; `due_at` is when it is tried next, while it waits."""

    channel: Channel
    state: DeliveryState
    due_at: datetime | None
    attempts: int

    @classmethod
    def of(cls, view: DeliveryView) -> Self:
        return cls(
            channel=view.channel,
            state=view.state,
            due_at=view.due_at,
            attempts=len(view.attempts),
        )


class NoticeItemOut(Out):
    """A notice in a list. `subject` is null until it was put into words."""

    notice_id: str
    account_id: str
    case_id: str
    occasion: Occasion
    created_at: datetime
    subject: str | None
    deliveries: list[DeliveryOut]

    @classmethod
    def of(cls, view: NoticeView) -> Self:
        return cls.model_validate(_said(view))


class NoticeOut(NoticeItemOut):
    """One notice, complete. The letter stands with a mark where the link to the page was."""

    text: str | None
    statement: dict[str, Any] | None

    @classmethod
    def of(cls, view: NoticeView) -> Self:
        more = {"text": view.body, "statement": view.notice.statement}
        return cls.model_validate(_said(view) | more)


class NoticePageOut(Out):
    """Some notices, newest first."""

    items: list[NoticeItemOut]
    next_cursor: str | None


class AttemptOut(Out):
    """One attempt to deliver: the receiver's number, and the beginning of what it said."""

    channel: Channel
    at: datetime
    result: AttemptResult
    status: int | None
    answer: str
    seconds: float


class AttemptsOut(Out):
    """Every attempt of a notice, oldest first."""

    items: list[AttemptOut]

    @classmethod
    def of(cls, view: NoticeView) -> Self:
        made = [
            AttemptOut(
                channel=delivery.channel,
                at=attempt.at,
                result=attempt.result,
                status=attempt.status,
                answer=attempt.answer,
                seconds=attempt.seconds,
            )
            for delivery in view.deliveries
            for attempt in delivery.attempts
        ]
        return cls(items=sorted(made, key=lambda attempt: attempt.at))


def _said(view: NoticeView) -> dict[str, Any]:
    notice = view.notice
    return {
        "notice_id": notice.id,
        "account_id": notice.account_id,
        "case_id": notice.case_id,
        "occasion": notice.occasion,
        "created_at": notice.created_at,
        "subject": view.subject,
        "deliveries": [DeliveryOut.of(each) for each in view.deliveries],
    }
