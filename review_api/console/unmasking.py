"""Reading a customer's addresses in full: for a reason in words, on one page, once.

The reason goes into the audit log with the case; only the page that answers shows them.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Depends, Response

from review_api.console.activity_part import Unmasking
from review_api.console.casepages import CaseId, Text, show_case
from review_api.console.visitors import AnyVisit, FormSender, signed_in
from review_api.vocabulary import AuditAction, Permission

SHORTEST: Final = 10
LONGEST: Final = 200

router = APIRouter(prefix="/cases/{case_id}/addresses", dependencies=[Depends(signed_in)])


@router.post("")
def post_unmasking(
    *, visit: AnyVisit, _sender: FormSender, case_id: CaseId, why: Text = ""
) -> Response:
    """Show the case with its addresses in full."""
    visit.visitor.caller.require(Permission.UNMASK)
    why = " ".join(why.split())
    if fault := _fault_of(why):
        asked = Unmasking(why[:LONGEST], fault)
        return show_case(visit, case_id, HTTPStatus.UNPROCESSABLE_ENTITY, unmasking=asked)
    visit.note(AuditAction.ADDRESSES_UNMASKED, case_id=case_id, detail=why)
    return show_case(visit, case_id, unmasking=Unmasking(why, granted=True))


def _fault_of(why: str) -> str:
    if len(why) < SHORTEST:
        return f"Say why, in at least {SHORTEST} characters."
    if len(why) > LONGEST:
        return f"Say it in at most {LONGEST} characters."
    return "Leave out control characters." if "\x00" in why else ""
