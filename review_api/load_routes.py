"""The version 1 API of load: the platform reports the basic queue, an operator reads the level."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Depends

from access.load_rows import note_report, reported_load
from review_api.dependencies import (
    LoadReporter,
    MetricsReader,
    Now,
    ReadSession,
    WriteSession,
    authenticated,
)
from review_api.load_schemas import LoadIn, LoadOut
from review_api.problems import documented
from review_api.routes import ALWAYS

router = APIRouter(
    prefix="/v1/load", tags=["load"], dependencies=[Depends(authenticated)], responses=ALWAYS
)


@router.get("")
def get_load(_caller: MetricsReader, session: ReadSession, now: Now) -> LoadOut:
    """Say which level holds now, and what was reported last."""
    return LoadOut.of(reported_load(session), now)


@router.post("", responses=documented(HTTPStatus.BAD_REQUEST))
def post_load(body: LoadIn, _caller: LoadReporter, session: WriteSession, now: Now) -> LoadOut:
    """Report the basic queue, every ten seconds or so; two minutes of silence are full speed."""
    return LoadOut.of(note_report(session, body.report(), now), now)
