"""The version 1 API of the audit log by case, and of erasing an account's personal data."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from review_api.audit import write_audit
from review_api.audit_schemas import AuditAsked, CaseAuditOut, ErasureOut
from review_api.case_audit import audit_of
from review_api.dependencies import AuditReader, Eraser, Now, WriteSession, authenticated
from review_api.erasure import erase_account
from review_api.problems import documented
from review_api.routes import ALWAYS, AccountId, CaseId
from review_api.vocabulary import AuditAction

router = APIRouter(
    prefix="/v1", tags=["audit"], dependencies=[Depends(authenticated)], responses=ALWAYS
)


@router.get("/cases/{case_id}/audit", responses=documented(HTTPStatus.NOT_FOUND))
def get_audit(
    case_id: CaseId,
    query: Annotated[AuditAsked, Query()],
    caller: AuditReader,
    session: WriteSession,
    now: Now,
) -> CaseAuditOut:
    """Show who read and did what with a case, each entry with its link in the chain."""
    after = int(query.cursor) if query.cursor else 0
    audit = audit_of(session, case_id, now, after, query.limit)
    said = f"{len(audit.entries)} entries"
    write_audit(session, caller, AuditAction.AUDIT_READ, now, case_id=case_id, detail=said)
    return CaseAuditOut.of(audit)


@router.post(
    "/accounts/{account_id}/erasure",
    status_code=HTTPStatus.CREATED,
    responses=documented(HTTPStatus.CONFLICT),
)
def post_erasure(
    account_id: AccountId, caller: Eraser, session: WriteSession, now: Now
) -> ErasureOut:
    """Erase the account's personal data; books, decisions and this log stay. For good."""
    erased = erase_account(session, account_id, caller.name, now)
    write_audit(session, caller, AuditAction.ACCOUNT_ERASED, now, detail=account_id)
    return ErasureOut.of(erased)
