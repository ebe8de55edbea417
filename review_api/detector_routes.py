"""The version 1 API of detectors: who may pause, and a lead's word on it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Path

from access.models import NAME_LENGTH
from review_api.audit import write_audit
from review_api.dependencies import (
    AppParts,
    CaseReader,
    Now,
    StandingSetter,
    WriteSession,
    authenticated,
)
from review_api.detector_schemas import DetectorsOut, StandingIn, StandingOut
from review_api.forms import NO_CONTROL
from review_api.problems import documented
from review_api.roster import list_detectors, view_breaker
from review_api.routes import ALWAYS
from review_api.standing import EVERY_VERSION, Detector, Word, set_standing
from review_api.vocabulary import AuditAction

router = APIRouter(
    prefix="/v1", tags=["detectors"], dependencies=[Depends(authenticated)], responses=ALWAYS
)

DetectorName = Annotated[
    str,
    Path(min_length=1, max_length=NAME_LENGTH, pattern=NO_CONTROL, examples=["automation"]),
]


@router.get("/detectors")
def get_detectors(
    caller: CaseReader, session: WriteSession, now: Now, parts: AppParts
) -> DetectorsOut:
    """List every detector: whether it may pause, how often it did, how often by mistake."""
    views = list_detectors(session, now, parts.policy.breaker)
    write_audit(session, caller, AuditAction.DETECTORS_LISTED, now)
    return DetectorsOut.of(views, view_breaker(session, now))


@router.post(
    "/detectors/{name}/standing",
    status_code=HTTPStatus.CREATED,
    responses=documented(HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
)
def post_standing(
    name: DetectorName, body: StandingIn, caller: StandingSetter, session: WriteSession, now: Now
) -> StandingOut:
    """Let a detector act, or only watch, until the next word on it."""
    detector = Detector(name, body.model_version or EVERY_VERSION)
    change = set_standing(session, detector, Word(body.standing, caller.name, body.why), now)
    detail = f"{detector}: {body.standing}"
    write_audit(session, caller, AuditAction.DETECTOR_CHANGED, now, detail=detail)
    return StandingOut.of(change)
