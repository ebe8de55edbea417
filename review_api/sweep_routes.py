"""The version 1 API of sweeps and exemptions; all of it is a lead's."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Path

from access.models import ID_LENGTH
from review_api.audit import write_audit
from review_api.dependencies import Now, Sweeper, WriteSession, authenticated
from review_api.forms import WORD
from review_api.problems import documented
from review_api.routes import ALWAYS
from review_api.sweeps.exemptions import end_exemption, exemptions
from review_api.sweeps.overview import progress_of, read_sweep, sweeps
from review_api.sweeps.schemas import (
    AlikeIn,
    ExemptionOut,
    ExemptionsOut,
    StageIn,
    SweepIn,
    SweepOut,
    SweepsOut,
)
from review_api.sweeps.sweeping import Proposal, let_go, propose
from review_api.vocabulary import AuditAction

CONFLICTS = documented(HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)

router = APIRouter(
    prefix="/v1",
    tags=["sweeps"],
    dependencies=[Depends(authenticated)],
    responses=ALWAYS | CONFLICTS,
)

Name = Annotated[str, Path(min_length=1, max_length=ID_LENGTH, pattern=WORD, examples=["9f3c"])]


@router.post("/sweeps", status_code=HTTPStatus.CREATED)
def post_sweep(body: SweepIn, caller: Sweeper, session: WriteSession, now: Now) -> SweepOut:
    """Propose restoring everybody who is paused like one case; restores nobody yet."""
    proposal = Proposal(body.reason_code, body.rationale, caller.name)
    if isinstance(body, AlikeIn):
        proposal = replace(proposal, from_case_id=body.from_case_id, exempt_days=body.exempt_days)
    else:
        proposal = replace(proposal, case_ids=tuple(dict.fromkeys(body.case_ids)))
    sweep = propose(session, proposal, now)
    said = f"{sweep.id}: {len(sweep.members)} cases, {sweep.signature or 'named one by one'}"
    write_audit(
        session, caller, AuditAction.SWEEP_PROPOSED, now, case_id=sweep.from_case_id, detail=said
    )
    return SweepOut.of(sweep, progress_of(session, sweep))


@router.get("/sweeps")
def get_sweeps(caller: Sweeper, session: WriteSession, now: Now) -> SweepsOut:
    """List the newest sweeps."""
    write_audit(session, caller, AuditAction.SWEEPS_LISTED, now)
    return SweepsOut(
        items=[SweepOut.of(each, progress_of(session, each)) for each in sweeps(session)]
    )


@router.get("/sweeps/{sweep_id}")
def get_sweep(sweep_id: Name, caller: Sweeper, session: WriteSession, now: Now) -> SweepOut:
    """Show one sweep, the sample to read, and how far it is."""
    sweep = read_sweep(session, sweep_id)
    write_audit(session, caller, AuditAction.SWEEP_READ, now, detail=sweep_id)
    return SweepOut.of(sweep, progress_of(session, sweep))


@router.post("/sweeps/{sweep_id}/stages", status_code=HTTPStatus.CREATED)
def post_stage(
    sweep_id: Name, body: StageIn, caller: Sweeper, session: WriteSession, now: Now
) -> SweepOut:
    """Let the sweep go on to its next stage, or take back everything it did."""
    sweep = let_go(session, sweep_id, body.stage, actor=caller.name, now=now)
    said = f"{sweep_id}: {body.stage}"
    write_audit(session, caller, AuditAction.SWEEP_LET_GO, now, detail=said)
    return SweepOut.of(sweep, progress_of(session, sweep))


@router.get("/exemptions")
def get_exemptions(caller: Sweeper, session: WriteSession, now: Now) -> ExemptionsOut:
    """List the newest exemptions, those in force and those that are over."""
    write_audit(session, caller, AuditAction.SWEEPS_LISTED, now, detail="exemptions")
    return ExemptionsOut(items=[ExemptionOut.of(each) for each in exemptions(session)])


@router.delete("/exemptions/{exemption_id}")
def delete_exemption(
    exemption_id: Name, caller: Sweeper, session: WriteSession, now: Now
) -> ExemptionOut:
    """End an exemption early; one that is over already stays as it is."""
    exemption = end_exemption(session, exemption_id, actor=caller.name, now=now)
    write_audit(session, caller, AuditAction.EXEMPTION_ENDED, now, detail=exemption_id)
    return ExemptionOut.of(exemption)
