"""The version 1 API of claims: take a case, keep it, hand it over, let it go.

Routes translate; rules live in `review_api.claims`. Heartbeats are not written into the audit log:
they say nothing that the claim itself does not.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from fastapi import APIRouter, Depends

from review_api import claims
from review_api.audit import write_audit
from review_api.cases import view_case
from review_api.claim_schemas import ClaimIn, ClaimOut, ClaimStateOut, HandOverIn, OwnClaimOut
from review_api.decision_routes import CONFLICTS, AnyTurn
from review_api.dependencies import CaseReader, Now, WriteSession, authenticated
from review_api.once import OnceRoute, once
from review_api.problems import documented
from review_api.routes import ALWAYS, CaseId
from review_api.vocabulary import AuditAction, Permission

if TYPE_CHECKING:
    from review_api.decision_routes import Turn

PREFIX: Final = "/v1/cases/{case_id}/claim"

reading = APIRouter(
    prefix=PREFIX,
    tags=["claims"],
    dependencies=[Depends(authenticated)],
    responses=ALWAYS | documented(HTTPStatus.NOT_FOUND),
)
router = APIRouter(
    prefix=PREFIX,
    tags=["claims"],
    route_class=OnceRoute,
    dependencies=[Depends(authenticated), Depends(once)],
    responses=ALWAYS | CONFLICTS,
)


@reading.get("")
def get_claim(
    case_id: CaseId, caller: CaseReader, session: WriteSession, now: Now
) -> ClaimStateOut:
    """Say who holds the case, if anybody does."""
    view_case(session, case_id, now)
    held = claims.standing_claim(session, case_id, now)
    write_audit(session, caller, AuditAction.CASE_READ, now, case_id=case_id, detail="its claim")
    return ClaimStateOut(claim=ClaimOut.of(held) if held else None)


@router.post("")
def post_claim(turn: AnyTurn) -> OwnClaimOut:
    """Take the case, or go on holding it. It lapses unless a heartbeat comes."""
    policy = turn.parts.policy
    taken = claims.claim(turn.session, turn.case_id, turn.caller.name, turn.now, policy)
    turn.note(AuditAction.CASE_CLAIMED, "")
    return OwnClaimOut.of(taken)


@router.post("/heartbeat")
def post_heartbeat(turn: AnyTurn, body: ClaimIn) -> OwnClaimOut:
    """Say that you are still there."""
    kept = claims.heartbeat(turn.session, _hold(turn, body), turn.now, turn.parts.policy)
    return OwnClaimOut.of(kept)


@router.post("/extend")
def post_extend(turn: AnyTurn, body: ClaimIn) -> OwnClaimOut:
    """Keep the case for longer than a heartbeat does."""
    kept = claims.extend(turn.session, _hold(turn, body), turn.now, turn.parts.policy)
    turn.note(AuditAction.CLAIM_EXTENDED, "")
    return OwnClaimOut.of(kept)


@router.post("/hand-over")
def post_hand_over(turn: AnyTurn, body: HandOverIn) -> ClaimOut:
    """Give the case to another person who may decide it."""
    policy = turn.parts.policy
    theirs = claims.hand_over(turn.session, _hold(turn, body), body.to, turn.now, policy)
    turn.note(AuditAction.CLAIM_HANDED_OVER, body.to)
    return ClaimOut.of(theirs)


@router.post("/release", status_code=HTTPStatus.NO_CONTENT)
def post_release(turn: AnyTurn, body: ClaimIn) -> None:
    """Let go of the case."""
    claims.release(turn.session, _hold(turn, body), turn.now)
    turn.note(AuditAction.CLAIM_RELEASED, "")


@router.post("/force-release", status_code=HTTPStatus.NO_CONTENT)
def post_force_release(turn: AnyTurn) -> None:
    """Take the case from whoever holds it; a lead may."""
    turn.caller.require(Permission.OVERRIDE)
    lead = turn.caller.name
    ended = claims.force_release(turn.session, turn.case_id, lead=lead, now=turn.now)
    turn.note(AuditAction.CLAIM_FORCED, ended.holder)


def _hold(turn: Turn, body: ClaimIn) -> claims.Hold:
    return claims.Hold(turn.case_id, turn.caller.name, body.token)
