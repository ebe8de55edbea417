"""Appeals over the API: the platform forwards what a customer says and reads how it stands."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from access.models import ID_LENGTH
from review_api.appeal_schemas import AnswerIn, AppealIn, AppealOut, AppealPageOut, AppealsQuery
from review_api.appeal_views import list_appeals, read_appeal, view_appeal
from review_api.appeals import file_appeal, find_appeal, find_pause, take_answer
from review_api.audit import write_audit
from review_api.dependencies import (
    AppealForwarder,
    AppealReader,
    AppParts,
    CaseReader,
    Now,
    WriteSession,
    authenticated,
)
from review_api.forms import WORD
from review_api.problems import documented
from review_api.routes import ALWAYS
from review_api.vocabulary import AuditAction

if TYPE_CHECKING:
    from typing import Any

NOT_FOUND = documented(HTTPStatus.NOT_FOUND)
CONFLICTS = documented(HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
ALREADY: dict[int | str, dict[str, Any]] = {
    200: {"model": AppealOut, "description": "The same words were filed already."}
}

router = APIRouter(
    prefix="/v1/appeals",
    tags=["appeals"],
    dependencies=[Depends(authenticated)],
    responses=ALWAYS,
)

AppealId = Annotated[str, Path(min_length=1, max_length=ID_LENGTH, pattern=WORD, examples=["3be1"])]


@router.post("", status_code=HTTPStatus.CREATED, responses=CONFLICTS | ALREADY)
def post_appeal(  # noqa: PLR0913 - one argument for each part of the request
    *,
    body: AppealIn,
    caller: AppealForwarder,
    session: WriteSession,
    now: Now,
    parts: AppParts,
    response: Response,
) -> AppealOut:
    """Contest a pause in the customer's words; the same words again are the same appeal."""
    case = find_pause(session, body.account_id, body.pause)
    appeal, new = file_appeal(
        session, case, body.words, by=caller.name, now=now, policy=parts.policy
    )
    if new:
        write_audit(session, caller, AuditAction.APPEAL_FILED, now, case_id=case.id)
    else:
        response.status_code = HTTPStatus.OK
    return AppealOut.of(view_appeal(session, appeal))


@router.get("")
def get_appeals(
    query: Annotated[AppealsQuery, Query()], caller: CaseReader, session: WriteSession, now: Now
) -> AppealPageOut:
    """List appeals, the longest waiting first."""
    page = list_appeals(session, only_open=query.only_open, limit=query.limit, cursor=query.cursor)
    write_audit(session, caller, AuditAction.APPEALS_LISTED, now)
    return AppealPageOut.of(page)


@router.get("/{appeal_id}", responses=NOT_FOUND)
def get_appeal(
    appeal_id: AppealId, caller: AppealReader, session: WriteSession, now: Now
) -> AppealOut:
    """Show where an appeal is, as its customer may read it."""
    view = read_appeal(session, appeal_id)
    case_id = view.appeal.case_id
    write_audit(session, caller, AuditAction.APPEAL_READ, now, case_id=case_id)
    return AppealOut.of(view)


@router.post("/{appeal_id}/answers", status_code=HTTPStatus.CREATED, responses=CONFLICTS)
def post_answer(
    appeal_id: AppealId, body: AnswerIn, caller: AppealForwarder, session: WriteSession, now: Now
) -> AppealOut:
    """Answer the question that a person asked; the same answer again changes nothing."""
    appeal = find_appeal(session, appeal_id)
    take_answer(session, appeal.case_id, body.words, now)
    write_audit(session, caller, AuditAction.QUESTION_ANSWERED, now, case_id=appeal.case_id)
    session.flush()
    return AppealOut.of(view_appeal(session, appeal))
