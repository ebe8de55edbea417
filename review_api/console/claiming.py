"""Keeping, handing over and letting go of a case from its page.

The page's script renews the claim while somebody is there. Nothing typed is ever lost to a claim:
one that lapsed is taken again by the next heartbeat, if the case is still free.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Response
from fastapi.responses import JSONResponse, RedirectResponse

from access.models import NAME_LENGTH
from review_api import claims
from review_api.cases import view_case
from review_api.claim_records import TOKEN_LENGTH
from review_api.console.casepages import CaseId  # noqa: TC001 - FastAPI reads annotations
from review_api.console.claimbar import take_claim
from review_api.console.visitors import AnyVisit, FormSender, Visit, signed_in
from review_api.vocabulary import AuditAction, Permission

router = APIRouter(prefix="/cases/{case_id}/claim", dependencies=[Depends(signed_in)])

Token = Annotated[str, Form(max_length=TOKEN_LENGTH)]


@router.post("")
def post_claim(visit: AnyVisit, _sender: FormSender, case_id: CaseId) -> Response:
    """Show the case again: that takes it, if it is free."""
    return _case(visit, case_id)


@router.post("/heartbeat")
def post_heartbeat(visit: AnyVisit, _sender: FormSender, case_id: CaseId) -> Response:
    """Keep the case; say how long it is held, or by whom, and at which version it is."""
    visit.visitor.caller.require(Permission.DECIDE)
    view = view_case(visit.session, case_id, visit.now)
    own = take_claim(visit, view)
    held = own or claims.standing_claim(visit.session, case_id, visit.now)
    return JSONResponse(
        {
            "mine": own is not None,
            "by": held.holder if held else None,
            "seconds": (held.until - visit.now).total_seconds() if held else 0,
            "version": view.version,
        }
    )


@router.post("/extend")
def post_extend(
    visit: AnyVisit, _sender: FormSender, case_id: CaseId, token: Token = ""
) -> Response:
    """Keep the case for longer than a heartbeat does."""
    claims.extend(visit.session, _hold(visit, case_id, token), visit.now, visit.policy)
    visit.note(AuditAction.CLAIM_EXTENDED, case_id=case_id)
    return _case(visit, case_id)


@router.post("/hand-over")
def post_hand_over(
    *,
    visit: AnyVisit,
    _sender: FormSender,
    case_id: CaseId,
    token: Token = "",
    to: Annotated[str, Form(max_length=NAME_LENGTH)] = "",
) -> Response:
    """Give the case to another person, and go back to the queue."""
    hold = _hold(visit, case_id, token)
    claims.hand_over(visit.session, hold, to, visit.now, visit.policy)
    visit.note(AuditAction.CLAIM_HANDED_OVER, case_id=case_id, detail=to)
    return _queue(visit)


@router.post("/release")
def post_release(
    visit: AnyVisit, _sender: FormSender, case_id: CaseId, token: Token = ""
) -> Response:
    """Let go of the case, and go back to the queue: its page would take it again."""
    claims.release(visit.session, _hold(visit, case_id, token), visit.now)
    visit.note(AuditAction.CLAIM_RELEASED, case_id=case_id)
    return _queue(visit)


@router.post("/force-release")
def post_force_release(visit: AnyVisit, _sender: FormSender, case_id: CaseId) -> Response:
    """Take the case from whoever holds it; the lead who does holds it now."""
    caller = visit.visitor.caller
    caller.require(Permission.OVERRIDE)
    ended = claims.force_release(visit.session, case_id, lead=caller.name, now=visit.now)
    visit.note(AuditAction.CLAIM_FORCED, case_id=case_id, detail=ended.holder)
    return _case(visit, case_id)


def _hold(visit: Visit, case_id: str, token: str) -> claims.Hold:
    visit.visitor.caller.require(Permission.DECIDE)
    return claims.Hold(case_id, visit.visitor.caller.name, token)


def _case(visit: Visit, case_id: str) -> Response:
    home = visit.request.scope["root_path"]
    return RedirectResponse(f"{home}/cases/{case_id}", HTTPStatus.SEE_OTHER)


def _queue(visit: Visit) -> Response:
    home = visit.request.scope["root_path"]
    return RedirectResponse(f"{home}/", HTTPStatus.SEE_OTHER)
