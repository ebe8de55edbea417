"""The version 1 API by account: answers to challenges, and suppressions.

Routes translate; rules live in `review_api.challenges` and `review_api.suppressions`.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request

from access.models import ID_LENGTH
from review_api.account_schemas import (
    ChallengeOut,
    StatusLinkOut,
    SuppressionListOut,
    SuppressionOut,
)
from review_api.audit import write_audit
from review_api.challenges import note_answer
from review_api.dependencies import (
    AppParts,
    CaseReader,
    ChallengeAnswerer,
    Now,
    StatusLinker,
    Suppressor,
    WriteSession,
    authenticated,
)
from review_api.forms import WORD, ChallengeAnswerIn, SuppressionIn
from review_api.problems import documented
from review_api.routes import ALWAYS, AccountId
from review_api.status_links import write_link
from review_api.suppressions import (
    SuppressionRequest,
    end_suppression,
    said_of,
    suppress,
    suppressions,
)
from review_api.vocabulary import AuditAction

router = APIRouter(
    prefix="/v1/accounts/{account_id}", dependencies=[Depends(authenticated)], responses=ALWAYS
)

Name = Annotated[str, Path(min_length=1, max_length=ID_LENGTH, pattern=WORD, examples=["9f3c"])]
NOT_FOUND = documented(HTTPStatus.NOT_FOUND)
BAD_BODY = documented(HTTPStatus.BAD_REQUEST)


@router.post(
    "/challenges/{challenge_id}/answer", tags=["access"], responses={**NOT_FOUND, **BAD_BODY}
)
def post_answer(  # noqa: PLR0913 - one argument for each part of the request
    *,
    account_id: AccountId,
    challenge_id: Name,
    body: ChallengeAnswerIn,
    caller: ChallengeAnswerer,
    session: WriteSession,
    now: Now,
) -> ChallengeOut:
    """Say how the customer met it. The first answer stands; a later one changes nothing."""
    challenge = note_answer(
        session,
        account_id,
        challenge_id,
        passed=body.result == "passed",
        actor=caller.name,
        now=now,
    )
    said = f"{challenge_id} {body.result}"
    write_audit(
        session,
        caller,
        AuditAction.CHALLENGE_ANSWERED,
        now,
        case_id=challenge.case_id,
        detail=said,
    )
    return ChallengeOut.of(challenge, now)


@router.post("/status-link", tags=["access"], status_code=HTTPStatus.CREATED)
def post_status_link(  # noqa: PLR0913 - one argument for each part of the request
    *,
    account_id: AccountId,
    request: Request,
    caller: StatusLinker,
    parts: AppParts,
    session: WriteSession,
    now: Now,
) -> StatusLinkOut:
    """Make a link to the account's status page, to give to its holder and to nobody else."""
    word, until = write_link(parts.customer.secret, account_id, now)
    address = parts.customer.public_url.rstrip("/") or str(request.base_url).rstrip("/")
    write_audit(session, caller, AuditAction.STATUS_LINKED, now, detail=account_id)
    return StatusLinkOut(url=f"{address}/status/{word}", until=until)


@router.get("/suppressions", tags=["suppressions"])
def get_suppressions(
    account_id: AccountId, caller: CaseReader, session: WriteSession, now: Now
) -> SuppressionListOut:
    """List the account's suppressions, newest first."""
    items = [SuppressionOut.of(each, now) for each in suppressions(session, account_id)]
    write_audit(session, caller, AuditAction.SUPPRESSIONS_LISTED, now, detail=account_id)
    return SuppressionListOut(items=items)


@router.post(
    "/suppressions", tags=["suppressions"], status_code=HTTPStatus.CREATED, responses=BAD_BODY
)
def post_suppression(
    *,
    account_id: AccountId,
    body: SuppressionIn,
    caller: Suppressor,
    session: WriteSession,
    now: Now,
) -> SuppressionOut:
    """Hold the machine off the account for a stated time; what was taken before stays."""
    request = SuppressionRequest(account_id, body.kind, body.reason, body.days, caller.name)
    suppression = suppress(session, request, now)
    write_audit(session, caller, AuditAction.SUPPRESSION_OPENED, now, detail=said_of(suppression))
    return SuppressionOut.of(suppression, now)


@router.delete("/suppressions/{suppression_id}", tags=["suppressions"], responses=NOT_FOUND)
def delete_suppression(
    account_id: AccountId, suppression_id: Name, caller: Suppressor, session: WriteSession, now: Now
) -> SuppressionOut:
    """End a suppression early. It stays on record; one that is over already stays as it is."""
    suppression = end_suppression(session, account_id, suppression_id, actor=caller.name, now=now)
    write_audit(session, caller, AuditAction.SUPPRESSION_ENDED, now, detail=said_of(suppression))
    return SuppressionOut.of(suppression, now)
