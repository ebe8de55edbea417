"""Sweeps: who is paused for one root cause, restored in stages, and taken back in one step."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import APIRouter, Depends, Form, Path, Response
from fastapi.responses import RedirectResponse

from access.models import ID_LENGTH
from review_api.cases import read_evidence
from review_api.console.forms import REASON_WORDS
from review_api.console.pages import page
from review_api.console.visitors import AnyVisit, FormSender, Visit, signed_in
from review_api.errors import BadRequestError, MoveRefusedError
from review_api.forms import WORD
from review_api.sweeps.exemptions import LONGEST_DAYS, end_exemption, exemptions
from review_api.sweeps.overview import progress_of, read_sweep, sample_of, sweeps
from review_api.sweeps.sweeping import Proposal, let_go, propose
from review_api.sweeps.vocabulary import Stage
from review_api.vocabulary import AuditAction, Permission, ReasonCode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from review_api.sweeps.records import Sweep

router = APIRouter(dependencies=[Depends(signed_in)])

Name = Annotated[str, Path(min_length=1, max_length=ID_LENGTH, pattern=WORD)]
CaseName = Annotated[str, Form(min_length=1, max_length=ID_LENGTH, pattern=WORD)]
Days = Annotated[int, Form(ge=0, le=LONGEST_DAYS)]
Text = Annotated[str, Form()]

STAGE_WORDS: Final[Mapping[Stage | None, str]] = {
    None: "Proposed: nobody is restored yet",
    Stage.TENTH: "Let go to one in ten",
    Stage.HALF: "Let go to a half",
    Stage.ALL: "Let go to all",
    Stage.BACK: "Taken back",
}
NEXT_WORDS: Final[Mapping[Stage, str]] = {
    Stage.TENTH: "I have read them: restore one in ten",
    Stage.HALF: "Restore a half",
    Stage.ALL: "Restore all",
}


@router.get("/sweeps")
def get_sweeps(visit: AnyVisit) -> Response:
    """Show the newest sweeps and the exemptions."""
    visit.visitor.caller.require(Permission.SWEEP)
    visit.note(AuditAction.SWEEPS_LISTED)
    return page(
        visit.request,
        "sweeps.html",
        visitor=visit.visitor,
        now=visit.now,
        rows=[(each, progress_of(visit.session, each)) for each in sweeps(visit.session)],
        exemptions=exemptions(visit.session),
        stage_words=STAGE_WORDS,
        reason_words=REASON_WORDS,
    )


@router.post("/sweeps")
def post_sweep(
    *,
    visit: AnyVisit,
    _sender: FormSender,
    from_case_id: CaseName,
    reason_code: Annotated[ReasonCode, Form()],
    rationale: Text = "",
    exempt_days: Days = 0,
) -> Response:
    """Look for everybody paused like one case; restores nobody."""
    visit.visitor.caller.require(Permission.SWEEP)
    who = visit.visitor.caller.name
    words = rationale.replace("\r\n", "\n")
    proposal = Proposal(reason_code, words, who, from_case_id, exempt_days=exempt_days)
    sweep = propose(visit.session, proposal, visit.now)
    said = f"{sweep.id}: {len(sweep.members)} cases, {sweep.signature}"
    visit.note(AuditAction.SWEEP_PROPOSED, case_id=from_case_id, detail=said)
    return _back_to(visit, f"sweeps/{sweep.id}")


@router.get("/sweeps/{sweep_id}")
def get_sweep(visit: AnyVisit, sweep_id: Name) -> Response:
    """Show one sweep, the sample to read, and how far it is."""
    visit.visitor.caller.require(Permission.SWEEP)
    visit.note(AuditAction.SWEEP_READ, detail=sweep_id)
    return _show(visit, read_sweep(visit.session, sweep_id))


@router.post("/sweeps/{sweep_id}")
def post_stage(
    visit: AnyVisit, _sender: FormSender, sweep_id: Name, stage: Annotated[Stage, Form()]
) -> Response:
    """Let the sweep go on, or take everything back."""
    visit.visitor.caller.require(Permission.SWEEP)
    try:
        who = visit.visitor.caller.name
        let_go(visit.session, sweep_id, stage, actor=who, now=visit.now)
    except (MoveRefusedError, BadRequestError) as refusal:
        sweep = read_sweep(visit.session, sweep_id)
        return _show(visit, sweep, refusal.status, str(refusal))
    visit.note(AuditAction.SWEEP_LET_GO, detail=f"{sweep_id}: {stage}")
    return _back_to(visit, f"sweeps/{sweep_id}")


@router.post("/exemptions/{exemption_id}/end")
def post_end(visit: AnyVisit, _sender: FormSender, exemption_id: Name) -> Response:
    """End an exemption early."""
    visit.visitor.caller.require(Permission.SWEEP)
    who = visit.visitor.caller.name
    end_exemption(visit.session, exemption_id, actor=who, now=visit.now)
    visit.note(AuditAction.EXEMPTION_ENDED, detail=exemption_id)
    return _back_to(visit, "sweeps")


def _show(
    visit: Visit, sweep: Sweep, answer: HTTPStatus = HTTPStatus.OK, refusal: str = ""
) -> Response:
    files = [(case, read_evidence(case.evidence[-1])) for case in sample_of(visit.session, sweep)]
    return page(
        visit.request,
        "sweep.html",
        answer,
        visitor=visit.visitor,
        now=visit.now,
        sweep=sweep,
        progress=progress_of(visit.session, sweep),
        files=files,
        refusal=refusal,
        stage_words=STAGE_WORDS,
        next_words=NEXT_WORDS,
        reason_words=REASON_WORDS,
    )


def _back_to(visit: Visit, where: str) -> RedirectResponse:
    home = visit.request.scope["root_path"]
    return RedirectResponse(f"{home}/{where}", HTTPStatus.SEE_OTHER)
