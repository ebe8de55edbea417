"""The version 1 API of one customer's plan, credits and quota, and of the switch that is theirs."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from access.overview import read_overview
from access.switching import quota_mode_of, switch_quota_mode
from review_api.account_routes import BAD_BODY
from review_api.dependencies import (
    AccessReader,
    AppParts,
    Now,
    QuotaSwitcher,
    ReadSession,
    WriteSession,
    authenticated,
)
from review_api.forms import QuotaModeIn
from review_api.routes import ALWAYS, AccountId
from review_api.standing_schemas import QuotaModeOut, StandingOut

router = APIRouter(
    prefix="/v1/accounts/{account_id}",
    tags=["access"],
    dependencies=[Depends(authenticated)],
    responses=ALWAYS,
)


@router.get("/standing")
def get_standing(
    account_id: AccountId, _caller: AccessReader, session: ReadSession, parts: AppParts, now: Now
) -> StandingOut:
    """Show plan, credits, quota, consumption, speed, open jobs and pause, for a status page."""
    return StandingOut.of(read_overview(session, account_id, parts.catalogue, now), now)


@router.get("/quota-mode")
def get_quota_mode(
    account_id: AccountId, _caller: AccessReader, session: ReadSession
) -> QuotaModeOut:
    """Say whether the customer generates on the quota. An account never heard of does."""
    return QuotaModeOut.of(account_id, quota_mode_of(session, account_id))


@router.put("/quota-mode", responses=BAD_BODY)
def put_quota_mode(
    *,
    account_id: AccountId,
    body: QuotaModeIn,
    caller: QuotaSwitcher,
    session: WriteSession,
    now: Now,
) -> QuotaModeOut:
    """Switch quota mode on or off, as the customer chose. What is so already stays as it was."""
    mode = switch_quota_mode(session, account_id, on=body.on, actor=caller.name, now=now)
    return QuotaModeOut.of(account_id, mode)
