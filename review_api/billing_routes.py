"""The version 1 API of billing: a plan or a pack that takes effect before the answer leaves."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from access.booking import book_all
from access.errors import AccessError, UnknownPlanError
from review_api.account_routes import BAD_BODY
from review_api.audit import write_audit
from review_api.billing_forms import BillingEventIn, BookedOut
from review_api.dependencies import AppParts, Biller, Now, WriteSession, authenticated
from review_api.errors import BadRequestError
from review_api.routes import ALWAYS
from review_api.vocabulary import AuditAction

router = APIRouter(
    prefix="/v1/billing-events",
    tags=["billing"],
    dependencies=[Depends(authenticated)],
    responses=ALWAYS,
)


@router.post("", responses=BAD_BODY)
def post_billing_event(
    *, body: BillingEventIn, caller: Biller, session: WriteSession, parts: AppParts, now: Now
) -> BookedOut:
    """Book an event at once. When it comes again, here or on the topic, nothing changes."""
    event = body.event()
    (outcome,) = book_all(session, [event], parts.catalogue, now)
    if isinstance(outcome, UnknownPlanError):
        raise BadRequestError(str(outcome)) from outcome
    if isinstance(outcome, AccessError):
        raise outcome
    said = f"{event.account_id} {event.type} {event.event_id}: {outcome}"
    write_audit(session, caller, AuditAction.EVENT_BOOKED, now, detail=said)
    return BookedOut(outcome=outcome)
