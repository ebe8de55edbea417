"""The version 1 API of notices: what customers were told and how it left, and where to write to."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from access.accounts import lock_account
from access.models import ID_LENGTH
from review_api.audit import write_audit
from review_api.dependencies import (
    AppParts,
    CaseOverrider,
    CaseReader,
    ContactTeller,
    Now,
    WriteSession,
    authenticated,
)
from review_api.forms import WORD
from review_api.notice_schemas import (
    AttemptsOut,
    ContactIn,
    ContactOut,
    NoticeItemOut,
    NoticeOut,
    NoticePageOut,
    NoticesAsked,
)
from review_api.notices.contacts import forget_contact, keep_contact
from review_api.notices.reading import NoticesQuery, notice_of, notices_of, try_again
from review_api.problems import documented
from review_api.routes import ALWAYS, AccountId
from review_api.vocabulary import AuditAction

router = APIRouter(
    prefix="/v1", tags=["notices"], dependencies=[Depends(authenticated)], responses=ALWAYS
)

NoticeId = Annotated[str, Path(min_length=1, max_length=ID_LENGTH, pattern=WORD, examples=["9f3c"])]
NOT_FOUND = documented(HTTPStatus.NOT_FOUND)


@router.get("/notices")
def get_notices(
    query: Annotated[NoticesAsked, Query()], caller: CaseReader, session: WriteSession, now: Now
) -> NoticePageOut:
    """List notices, newest first, each with where its deliveries are."""
    before = int(query.cursor) if query.cursor else None
    asked = NoticesQuery(query.account_id, query.case_id, query.limit + 1, before)
    found = notices_of(session, asked)
    shown = found[: query.limit]
    said = f"{len(shown)} notices of {query.account_id or query.case_id or 'all'}"
    write_audit(session, caller, AuditAction.NOTICES_LISTED, now, detail=said)
    last = str(shown[-1].notice.number) if len(found) > query.limit else None
    return NoticePageOut(items=[NoticeItemOut.of(each) for each in shown], next_cursor=last)


@router.get("/notices/{notice_id}", responses=NOT_FOUND)
def get_notice(
    notice_id: NoticeId, caller: CaseReader, session: WriteSession, now: Now
) -> NoticeOut:
    """Show one notice with its letter and its statement of reasons."""
    view = notice_of(session, notice_id)
    case_id = view.notice.case_id
    write_audit(session, caller, AuditAction.NOTICE_READ, now, case_id=case_id, detail=notice_id)
    return NoticeOut.of(view)


@router.get("/notices/{notice_id}/attempts", responses=NOT_FOUND)
def get_attempts(
    notice_id: NoticeId, caller: CaseReader, session: WriteSession, now: Now
) -> AttemptsOut:
    """Show the delivery log of one notice: every attempt, oldest first."""
    view = notice_of(session, notice_id)
    case_id = view.notice.case_id
    write_audit(session, caller, AuditAction.NOTICE_READ, now, case_id=case_id, detail=notice_id)
    return AttemptsOut.of(view)


@router.post("/notices/{notice_id}/retry", responses=NOT_FOUND)
def post_retry(
    notice_id: NoticeId, caller: CaseOverrider, session: WriteSession, now: Now
) -> NoticeOut:
    """Try what nobody took once more, at once."""
    view = try_again(session, notice_id, now)
    case_id = view.notice.case_id
    write_audit(session, caller, AuditAction.NOTICE_RETRIED, now, case_id=case_id, detail=notice_id)
    return NoticeOut.of(view)


@router.put("/accounts/{account_id}/contact", responses=documented(HTTPStatus.BAD_REQUEST))
def put_contact(  # noqa: PLR0913 - one argument for each part of the request
    *,
    account_id: AccountId,
    body: ContactIn,
    caller: ContactTeller,
    session: WriteSession,
    parts: AppParts,
    now: Now,
) -> ContactOut:
    """Say where the account's holder is written to, in place of any address before."""
    lock_account(session, account_id, now)
    shown = keep_contact(session, parts.customer.secret, account_id, body.email, now)
    write_audit(session, caller, AuditAction.CONTACT_KEPT, now, detail=account_id)
    return ContactOut(email=shown)


@router.delete("/accounts/{account_id}/contact", status_code=HTTPStatus.NO_CONTENT)
def delete_contact(
    account_id: AccountId, caller: ContactTeller, session: WriteSession, now: Now
) -> None:
    """Forget where the account's holder is written to; nothing happens where nobody knew."""
    lock_account(session, account_id, now)
    forget_contact(session, account_id)
    write_audit(session, caller, AuditAction.CONTACT_FORGOTTEN, now, detail=account_id)
