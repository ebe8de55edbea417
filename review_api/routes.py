"""The version 1 API: what an account may use, and a case.

Every route stands behind `authenticated`, and each names the permission it needs. Routes
translate; rules live in the modules they call.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Path

from access.models import ACCOUNT_ID_LENGTH, ID_LENGTH
from access.reading import access_of
from review_api.account_schemas import AccessOut
from review_api.dependencies import (
    AccessReader,
    Now,
    ReadSession,
    authenticated,
)
from review_api.forms import NO_CONTROL, WORD
from review_api.problems import documented

ALWAYS = documented(
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.TOO_MANY_REQUESTS,
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
