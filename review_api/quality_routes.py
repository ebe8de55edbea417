"""The version 1 API of quality: the next case, second looks, golden cases, the figures."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from access.models import ID_LENGTH
from review_api.audit import write_audit
from review_api.cases import view_case
from review_api.dependencies import (
    AppParts,
    CaseDecider,
    CaseOverrider,
    CaseReader,
    Now,
    WriteSession,
    authenticated,
)
from review_api.forms import WORD
from review_api.problems import documented
from review_api.quality.looks import Said, look_given, mark_golden, take_look
from review_api.quality.overview import quality
from review_api.quality.work import Asking, next_work
from review_api.quality_schemas import (
    GoldenIn,
    GoldenOut,
    LookFileOut,
    LookIn,
    LookOut,
    NextOut,
    QualityOut,
    QualityQuery,
    WorkOut,
)
from review_api.routes import ALWAYS, CaseId
from review_api.vocabulary import PERMISSIONS, AuditAction, Permission

router = APIRouter(
    prefix="/v1", tags=["quality"], dependencies=[Depends(authenticated)], responses=ALWAYS
)

LookId = Annotated[int, Path(ge=1, le=2**63 - 1, examples=[1])]
Skipped = Annotated[
    str | None,
    Query(min_length=1, max_length=ID_LENGTH, pattern=WORD, description="A case to pass over."),
]
NOT_FOUND = documented(HTTPStatus.NOT_FOUND)
CONFLICTS = documented(HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)


@router.get("/work/next")
def get_next_work(
    caller: CaseDecider, session: WriteSession, now: Now, parts: AppParts, skip: Skipped = None
) -> NextOut:
    """Give the caller's next case: who is paused first, then the mix, second looks between."""
    asking = Asking(caller.name, now, parts.policy, {skip} if skip else frozenset())
    given = next_work(session, asking)
    if given is None:
        return NextOut(work=None)
    write_audit(session, caller, AuditAction.WORK_GIVEN, now, detail=given.share)
    return NextOut(work=WorkOut.of(given))


@router.get("/looks/{look}", responses=NOT_FOUND)
def get_look(look: LookId, caller: CaseDecider, session: WriteSession, now: Now) -> LookFileOut:
    """Show the evidence of a second look that the caller was given."""
    given = look_given(session, look, caller.name)
    view = view_case(session, given.case_id, now)
    write_audit(session, caller, AuditAction.LOOK_READ, now, case_id=given.case_id)
    return LookFileOut.of(given, view.case.kind, view.evidence[-1].verdict)


@router.post("/looks/{look}", status_code=HTTPStatus.CREATED, responses=CONFLICTS)
def post_look(
    look: LookId, body: LookIn, caller: CaseDecider, session: WriteSession, now: Now
) -> LookOut:
    """Say what the caller makes of it. It is compared with the decision and changes nothing."""
    said = Said(body.reason_code, body.rationale)
    taken = take_look(session, look, said, reviewer=caller.name, now=now)
    write_audit(session, caller, AuditAction.LOOK_TAKEN, now, case_id=taken.case_id)
    return LookOut.of(taken)


@router.post("/cases/{case_id}/golden", status_code=HTTPStatus.CREATED, responses=CONFLICTS)
def post_golden(
    case_id: CaseId, body: GoldenIn, caller: CaseOverrider, session: WriteSession, now: Now
) -> GoldenOut:
    """Say that the truth of a decided case is known, or take that back."""
    mark = mark_golden(session, case_id, body.outcome, body.why, actor=caller.name, now=now)
    write_audit(
        session, caller, AuditAction.GOLDEN_MARKED, now, case_id=case_id, detail=body.outcome or ""
    )
    return GoldenOut.of(mark)


@router.get("/quality")
def get_quality(
    query: Annotated[QualityQuery, Query()], caller: CaseReader, session: WriteSession, now: Now
) -> QualityOut:
    """Show how well review works: what wrongful pauses cost first."""
    write_audit(session, caller, AuditAction.QUALITY_READ, now, detail=f"{query.days} days")
    leads = Permission.OVERRIDE in PERMISSIONS[caller.role]
    return QualityOut.of(quality(session, int(query.days), now), for_lead=leads)
