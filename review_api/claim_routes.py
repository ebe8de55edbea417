"""The version 1 API of claims: take a case, keep it, hand it over, let it go.

Routes translate; rules live in `review_api.claims`. Heartbeats are not written into the audit log:
they say nothing that the claim itself does not.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Depends

from review_api import claims
from review_api.audit import write_audit
from review_api.cases import view_case
from review_api.claim_schemas import ClaimIn, ClaimOut, ClaimStateOut, HandOverIn, OwnClaimOut
from review_api.dependencies import (
    AppParts,
    CaseDecider,
    CaseOverrider,
    CaseReader,
    Now,
    WriteSession,
    authenticated,
)
from review_api.problems import documented
from review_api.routes import ALWAYS, CaseId
from review_api.vocabulary import AuditAction

_UNKNOWN: Final = documented(HTTPStatus.NOT_FOUND)
_REFUSED: Final = documented(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
_REFUSED_BODY: Final = documented(HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)

router = APIRouter(
    prefix="/v1/cases/{case_id}/claim",
    tags=["claims"],
    dependencies=[Depends(authenticated)],
    responses=ALWAYS,
)


@router.get("", responses=_UNKNOWN)
def get_claim(
    case_id: CaseId, caller: CaseReader, session: WriteSession, now: Now
) -> ClaimStateOut:
    """Say who holds the case, if anybody does."""
    view_case(session, case_id, now)
    held = claims.standing_claim(session, case_id, now)
    write_audit(session, caller, AuditAction.CASE_READ, now, case_id=case_id, detail="its claim")
    return ClaimStateOut(claim=ClaimOut.of(held) if held else None)


@router.post("", responses=_REFUSED)
def post_claim(
    case_id: CaseId, caller: CaseDecider, session: WriteSession, now: Now, parts: AppParts
) -> OwnClaimOut:
    """Take the case, or go on holding it. It lapses unless a heartbeat comes."""
    taken = claims.claim(session, case_id, caller.name, now, parts.policy)
    write_audit(session, caller, AuditAction.CASE_CLAIMED, now, case_id=case_id)
    return OwnClaimOut.of(taken)


@router.post("/heartbeat", responses=_REFUSED_BODY)
def post_heartbeat(  # noqa: PLR0913 - one argument for each part of the request
    *,
    case_id: CaseId,
    body: ClaimIn,
    caller: CaseDecider,
    session: WriteSession,
    now: Now,
    parts: AppParts,
) -> OwnClaimOut:
    """Say that you are still there."""
    hold = claims.Hold(case_id, caller.name, body.token)
    kept = claims.heartbeat(session, hold, now, parts.policy)
    return OwnClaimOut.of(kept)


@router.post("/extend", responses=_REFUSED_BODY)
def post_extend(  # noqa: PLR0913 - one argument for each part of the request
    *,
    case_id: CaseId,
    body: ClaimIn,
    caller: CaseDecider,
    session: WriteSession,
    now: Now,
    parts: AppParts,
) -> OwnClaimOut:
    """Keep the case for longer than a heartbeat does."""
    hold = claims.Hold(case_id, caller.name, body.token)
    kept = claims.extend(session, hold, now, parts.policy)
    write_audit(session, caller, AuditAction.CLAIM_EXTENDED, now, case_id=case_id)
    return OwnClaimOut.of(kept)


@router.post("/hand-over", responses=_REFUSED_BODY)
def post_hand_over(  # noqa: PLR0913 - one argument for each part of the request
    *,
    case_id: CaseId,
    body: HandOverIn,
    caller: CaseDecider,
    session: WriteSession,
    now: Now,
    parts: AppParts,
) -> ClaimOut:
    """Give the case to another person who may decide it."""
    hold = claims.Hold(case_id, caller.name, body.token)
    theirs = claims.hand_over(session, hold, body.to, now, parts.policy)
    write_audit(
        session, caller, AuditAction.CLAIM_HANDED_OVER, now, case_id=case_id, detail=body.to
    )
    return ClaimOut.of(theirs)


@router.post("/release", status_code=HTTPStatus.NO_CONTENT, responses=_REFUSED_BODY)
def post_release(
    case_id: CaseId, body: ClaimIn, caller: CaseDecider, session: WriteSession, now: Now
) -> None:
    """Let go of the case."""
    claims.release(session, claims.Hold(case_id, caller.name, body.token), now)
    write_audit(session, caller, AuditAction.CLAIM_RELEASED, now, case_id=case_id)


@router.post("/force-release", status_code=HTTPStatus.NO_CONTENT, responses=_UNKNOWN)
def post_force_release(
    case_id: CaseId, caller: CaseOverrider, session: WriteSession, now: Now
) -> None:
    """Take the case from whoever holds it."""
    ended = claims.force_release(session, case_id, lead=caller.name, now=now)
    write_audit(
        session, caller, AuditAction.CLAIM_FORCED, now, case_id=case_id, detail=ended.holder
    )
