"""The version 1 API of enforcement: what the platform enforces, compared with the truth."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Depends

from review_api.dependencies import EnforcementReporter, Now, WriteSession, authenticated
from review_api.enforcement import reconcile
from review_api.enforcement_schemas import EnforcementIn, EnforcementOut
from review_api.problems import documented
from review_api.routes import ALWAYS

router = APIRouter(
    prefix="/v1/enforcement",
    tags=["access"],
    dependencies=[Depends(authenticated)],
    responses=ALWAYS,
)


@router.post("", responses=documented(HTTPStatus.BAD_REQUEST))
def post_enforcement(
    body: EnforcementIn, caller: EnforcementReporter, session: WriteSession, now: Now
) -> EnforcementOut:
    """Say which of these accounts are enforced wrongly; the truth is announced again."""
    enforced = body.enforced()
    return EnforcementOut.of(len(enforced), reconcile(session, enforced, caller, now))
