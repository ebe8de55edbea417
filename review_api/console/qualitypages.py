"""How well review works: the page of quality, as a table for a spreadsheet, and the next case."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Path, Query, Response
from fastapi.responses import RedirectResponse

from access.models import ID_LENGTH
from review_api.cases import view_case
from review_api.console.forms import OUTCOME_WORDS, REASON_WORDS
from review_api.console.pages import page
from review_api.console.visitors import AnyVisit, FormSender, Visit, signed_in
from review_api.errors import BadRequestError, MoveRefusedError
from review_api.forms import WORD
from review_api.quality.looks import Said, look_given, mark_golden, take_look
from review_api.quality.overview import PERIODS, quality
from review_api.quality.sheet import sheet_of
from review_api.quality.vocabulary import Slice
from review_api.quality.work import Asking, next_work
from review_api.vocabulary import OUTCOME_OF, AuditAction, Outcome, Permission, ReasonCode

router = APIRouter(dependencies=[Depends(signed_in)])

Days = Annotated[Literal["7", "30", "90"], Query()]
CaseId = Annotated[str, Path(min_length=1, max_length=ID_LENGTH, pattern=WORD)]
LookId = Annotated[int, Path(ge=1, le=2**63 - 1)]
Skipped = Annotated[str, Query(max_length=ID_LENGTH, pattern=r"^[0-9A-Za-z_-]*$")]
Text = Annotated[str, Form()]


@router.get("/quality")
def get_quality(visit: AnyVisit, days: Days = "30") -> Response:
    """Show the figures of a period, wrongful-pause hours first."""
    visit.note(AuditAction.QUALITY_READ, detail=f"{days} days")
    shown = quality(visit.session, int(days), visit.now)
    return page(
        visit.request,
        "quality.html",
        visitor=visit.visitor,
        shown=shown,
        periods=PERIODS,
        leads=visit.visitor.leads,
    )


@router.get("/quality.csv")
def get_sheet(visit: AnyVisit, days: Days = "30") -> Response:
    """Give the same figures as rows of section, name, figure and value."""
    visit.note(AuditAction.QUALITY_READ, detail=f"{days} days, as CSV")
    shown = quality(visit.session, int(days), visit.now)
    name = f"fairuse-quality-{visit.now.date().isoformat()}-{days}-days.csv"
    return Response(
        sheet_of(shown, for_lead=visit.visitor.leads),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@router.get("/next")
def get_next(visit: AnyVisit, skip: Skipped = "") -> Response:
    """Lead to the visitor's next case."""
    visit.visitor.caller.require(Permission.DECIDE)
    skipped = {skip} if skip else frozenset()
    asking = Asking(visit.visitor.caller.name, visit.now, visit.policy, skipped)
    given = next_work(visit.session, asking)
    home = visit.request.scope["root_path"]
    if given is None:
        return RedirectResponse(f"{home}/", HTTPStatus.SEE_OTHER)
    visit.note(AuditAction.WORK_GIVEN, detail=given.share)
    where = f"looks/{given.id}" if given.share is Slice.LOOK else f"cases/{given.case_id}"
    return RedirectResponse(f"{home}/{where}", HTTPStatus.SEE_OTHER)


@router.get("/looks/{look}")
def get_look(visit: AnyVisit, look: LookId) -> Response:
    """Show the evidence of a case that somebody else has decided, and nothing of that."""
    return _show(visit, look)


@router.post("/looks/{look}")
def post_look(
    visit: AnyVisit,
    _sender: FormSender,
    look: LookId,
    reason_code: Text = "",
    rationale: Text = "",
) -> Response:
    """Take down what the visitor makes of it, and lead to the next case."""
    visit.visitor.caller.require(Permission.DECIDE)
    typed = {"reason_code": reason_code, "rationale": rationale}
    if reason_code not in set(ReasonCode):
        return _show(visit, look, HTTPStatus.UNPROCESSABLE_ENTITY, "Choose what it is.", typed)
    said = Said(ReasonCode(reason_code), rationale.replace("\r\n", "\n").replace("\x00", ""))
    try:
        taken = take_look(
            visit.session, look, said, reviewer=visit.visitor.caller.name, now=visit.now
        )
    except (BadRequestError, MoveRefusedError) as fault:
        return _show(visit, look, fault.status, f"{fault}.", typed)
    visit.note(AuditAction.LOOK_TAKEN, case_id=taken.case_id)
    home = visit.request.scope["root_path"]
    return RedirectResponse(f"{home}/next", HTTPStatus.SEE_OTHER)


@router.post("/cases/{case_id}/golden")
def post_golden(
    visit: AnyVisit, _sender: FormSender, case_id: CaseId, outcome: Text = "", why: Text = ""
) -> Response:
    """Take down that the truth of a decided case is known."""
    visit.visitor.caller.require(Permission.OVERRIDE)
    if outcome not in {*Outcome, ""}:
        raise BadRequestError("the known answer is none of ours")
    known = Outcome(outcome) if outcome else None
    who = visit.visitor.caller.name
    mark_golden(visit.session, case_id, known, why, actor=who, now=visit.now)
    visit.note(AuditAction.GOLDEN_MARKED, case_id=case_id, detail=outcome)
    home = visit.request.scope["root_path"]
    return RedirectResponse(f"{home}/cases/{case_id}", HTTPStatus.SEE_OTHER)


def _show(
    visit: Visit,
    look: int,
    answer: HTTPStatus = HTTPStatus.OK,
    fault: str = "",
    typed: dict[str, str] | None = None,
) -> Response:
    visit.visitor.caller.require(Permission.DECIDE)
    given = look_given(visit.session, look, visit.visitor.caller.name)
    view = view_case(visit.session, given.case_id, visit.now)
    visit.note(AuditAction.LOOK_READ, case_id=given.case_id)
    return page(
        visit.request,
        "look.html",
        answer,
        visitor=visit.visitor,
        look=look,
        kind=view.case.kind,
        verdict=view.evidence[-1].verdict,
        reasons={
            outcome: [code for code in ReasonCode if OUTCOME_OF[code] is outcome]
            for outcome in Outcome
        },
        reason_words=REASON_WORDS,
        outcome_words=OUTCOME_WORDS,
        fault=fault,
        typed=typed or {"reason_code": "", "rationale": ""},
    )
