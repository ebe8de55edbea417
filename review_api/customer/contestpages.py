"""The forms of a status page: contest a pause, and answer the question of whoever reviews it.

The word of the link is the key, and there is no cookie, so no other site can send a form in the
customer's name. A form with a fault comes back with what was typed.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session

from access.models import ID_LENGTH
from review_api.appeals import file_appeal, find_case, take_answer
from review_api.audit import write_audit
from review_api.customer.statuspages import AnyLook, Look, show_status
from review_api.dependencies import WriteSession
from review_api.errors import (
    AppealRefusedError,
    BadRequestError,
    MoveRefusedError,
)
from review_api.steps import CUSTOMER
from review_api.tokens import Caller
from review_api.vocabulary import AuditAction, Role

router = APIRouter(prefix="/status/{word}")

# The platform made the link, so a form behind it is the platform's word for its customer.
SENDER: Final = Caller(CUSTOMER, Role.SERVICE)

Text = Annotated[str, Form()]
Number = Annotated[str, Form(max_length=9)]


@dataclass(frozen=True, slots=True)
class Typed:
    """What came in a form that could not be taken, and why, in a sentence."""

    form: str
    reference: str
    words: str
    fault: str


def counted(look: AnyLook, request: Request) -> Look:
    """Count the form, so that nobody sends them without end."""
    request.app.state.tries.check(look.account_id, look.now)
    return look


Counted = Annotated[Look, Depends(counted)]


@router.post("/appeals")
def post_appeal(
    look: Counted,
    session: WriteSession,
    reference: Text = "",
    number: Number = "",
    words: Text = "",
) -> Response:
    """Contest the pause of a case; sent twice it is one appeal."""
    case = find_case(session, look.account_id, reference[:ID_LENGTH])
    try:
        _, new = file_appeal(
            session,
            case,
            _text(words),
            by=CUSTOMER,
            now=look.now,
            policy=look.parts.policy,
            number=_number(number),
        )
    except (BadRequestError, AppealRefusedError) as fault:
        return _back(look, session, Typed("appeal", reference, words, str(fault)), fault.status)
    if new:
        write_audit(session, SENDER, AuditAction.APPEAL_FILED, look.now, case_id=case.id)
    return _seen(look)


@router.post("/answers")
def post_answer(
    look: Counted,
    session: WriteSession,
    reference: Text = "",
    number: Number = "",
    words: Text = "",
) -> Response:
    """Answer the question that a reviewer asked; sent twice it is one answer."""
    case = find_case(session, look.account_id, reference[:ID_LENGTH])
    try:
        take_answer(session, case.id, _text(words), look.now, _number(number))
    except (BadRequestError, AppealRefusedError, MoveRefusedError) as fault:
        return _back(look, session, Typed("answer", reference, words, str(fault)), fault.status)
    write_audit(session, SENDER, AuditAction.QUESTION_ANSWERED, look.now, case_id=case.id)
    return _seen(look)


def _text(words: str) -> str:
    return words.replace("\r\n", "\n")


def _number(word: str) -> int | None:
    return int(word) if word.isascii() and word.isdigit() else None


def _seen(look: Look) -> Response:
    # A page that was come to by GET can be loaded again without sending anything.
    return RedirectResponse(f"/status/{look.word}#progress", HTTPStatus.SEE_OTHER)


def _back(look: Look, session: Session, typed: Typed, status: HTTPStatus) -> Response:
    return show_status(look, session, status, typed)
