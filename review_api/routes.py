"""The version 1 API: what an account may use, the queue, a case, a decision.

Every route stands behind `authenticated`, and each names the permission it needs. Routes
translate; rules live in the modules they call.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from access.models import ACCOUNT_ID_LENGTH, ID_LENGTH
from access.reading import access_of
from review_api.account_schemas import AccessOut
from review_api.audit import write_audit
from review_api.cases import view_case
from review_api.decisions import Ruling, decide
from review_api.dependencies import (
    AccessReader,
    AppParts,
    CaseDecider,
    CaseReader,
    Now,
    ReadSession,
    WriteSession,
    authenticated,
)
from review_api.forms import NO_CONTROL, WORD, CasesQuery, DecisionIn
from review_api.problems import documented
from review_api.queue import QueueQuery, list_cases
from review_api.schemas import CaseOut, CasePageOut, DecisionOut
from review_api.vocabulary import AuditAction

ALWAYS = documented(
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.SERVICE_UNAVAILABLE,
)

router = APIRouter(prefix="/v1", dependencies=[Depends(authenticated)], responses=ALWAYS)

AccountId = Annotated[
    str, Path(min_length=1, max_length=ACCOUNT_ID_LENGTH, pattern=NO_CONTROL, examples=["acc_91"])
]
CaseId = Annotated[str, Path(min_length=1, max_length=ID_LENGTH, pattern=WORD, examples=["9f3c"])]


@router.get("/access/{account_id}", tags=["access"])
def get_access(
    account_id: AccountId, _caller: AccessReader, session: ReadSession, now: Now
) -> AccessOut:
    """Say what the account may use now. An account never heard of may use everything."""
    return AccessOut.of(access_of(session, account_id, now))


@router.get("/cases", tags=["cases"])
def get_cases(
    query: Annotated[CasesQuery, Query()], caller: CaseReader, session: WriteSession, now: Now
) -> CasePageOut:
    """List cases: whoever is paused first, then by time waited times abuse score."""
    asked = QueueQuery(query.status, query.kind, query.limit, query.cursor)
    page = list_cases(session, asked, now)
    shown = f"{len(page.items)} cases, status {query.status}, kind {query.kind or 'any'}"
    write_audit(session, caller, AuditAction.CASES_LISTED, now, detail=shown)
    return CasePageOut.of(page)


@router.get("/cases/{case_id}", tags=["cases"], responses=documented(HTTPStatus.NOT_FOUND))
def get_case(
    case_id: CaseId, caller: CaseReader, session: WriteSession, now: Now, response: Response
) -> CaseOut:
    """Show one case with its evidence, thread and decisions."""
    view = view_case(session, case_id, now)
    write_audit(session, caller, AuditAction.CASE_READ, now, case_id=case_id)
    response.headers["ETag"] = f'"{view.version}"'
    return CaseOut.of(view)


@router.post(
    "/cases/{case_id}/decisions",
    tags=["cases"],
    status_code=HTTPStatus.CREATED,
    responses=documented(HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
)
def post_decision(  # noqa: PLR0913 - one argument for each part of the request
    *,
    case_id: CaseId,
    body: DecisionIn,
    caller: CaseDecider,
    session: WriteSession,
    now: Now,
    parts: AppParts,
) -> DecisionOut:
    """Restore or uphold, on the version of the case that was read."""
    ruling = Ruling(body.choice, body.outcome, body.reason_code, body.rationale, body.version)
    decision = decide(session, case_id, ruling, reviewer=caller.name, now=now, policy=parts.policy)
    write_audit(
        session,
        caller,
        AuditAction.CASE_DECIDED,
        now,
        case_id=case_id,
        detail=f"{body.choice} {body.outcome} {body.reason_code}",
    )
    return DecisionOut.of(decision)
