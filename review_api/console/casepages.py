"""One case, and what becomes of its decision form.

A decision that cannot be taken loses nothing: the page comes back with what was typed, what
stands in the way, and what happened meanwhile.
"""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Path, Response
from fastapi.responses import RedirectResponse

from access.models import ID_LENGTH
from detectors.verdict import Kind
from review_api.console.activity_part import activity_part
from review_api.console.casefile import open_file
from review_api.console.claimbar import claim_bar
from review_api.console.forms import (
    OUTCOME_WORDS,
    REASON_WORDS,
    DecisionForm,
    SuppressionForm,
    choices_for,
    faults_of,
    read_answers,
    reasons_for,
    ruling_of,
)
from review_api.console.linked import linked_part
from review_api.console.noticepart import notice_part
from review_api.console.pages import page
from review_api.console.visitors import AnyVisit, FormSender, Visit, signed_in
from review_api.decisions import decide
from review_api.errors import (
    BadRequestError,
    CaseChangedError,
    ClaimHeldError,
    MoveRefusedError,
)
from review_api.forms import WORD
from review_api.vocabulary import AuditAction, Permission

router = APIRouter(dependencies=[Depends(signed_in)])

CaseId = Annotated[str, Path(min_length=1, max_length=ID_LENGTH, pattern=WORD)]
Version = Annotated[int, Form(ge=1, le=2**31 - 1)]
Text = Annotated[str, Form()]


@router.get("/cases/{case_id}")
def get_case(visit: AnyVisit, case_id: CaseId, *, done: bool = False) -> Response:
    """Show the case; `done` says that the visitor has just decided it."""
    return show_case(visit, case_id, done=done)


@router.post("/cases/{case_id}")
def post_decision(  # noqa: PLR0913 - one argument for each field of the form
    *,
    visit: AnyVisit,
    _sender: FormSender,
    case_id: CaseId,
    version: Version,
    choice: Text = "",
    reason_code: Text = "",
    rationale: Text = "",
    checklist: Annotated[tuple[str, ...], Form(max_length=20)] = (),
    answer: Text = "",
) -> Response:
    """Restore, uphold or convert, on the version of the case that was read."""
    visit.visitor.caller.require(Permission.DECIDE)
    written = rationale.replace("\r\n", "\n")
    form = DecisionForm(choice, reason_code, written, read_answers(checklist), answer)
    if faults := faults_of(form):
        form = replace(form, faults=faults)
        return show_case(visit, case_id, HTTPStatus.UNPROCESSABLE_ENTITY, form=form)
    try:
        _decide(visit, case_id, form, version)
    except BadRequestError as fault:
        form = replace(form, faults={"checklist": str(fault)})
        return show_case(visit, case_id, fault.status, form=form)
    except ClaimHeldError as conflict:
        return show_case(visit, case_id, conflict.status, form=form, held_by=conflict.held_by)
    except (CaseChangedError, MoveRefusedError) as conflict:
        return show_case(visit, case_id, conflict.status, form=form, read_version=version)
    home = visit.request.scope["root_path"]
    return RedirectResponse(f"{home}/cases/{case_id}?done=true", HTTPStatus.SEE_OTHER)


def _decide(visit: Visit, case_id: str, form: DecisionForm, version: int) -> None:
    ruling = ruling_of(form, version)
    reviewer = visit.visitor.caller.name
    decide(visit.session, case_id, ruling, reviewer=reviewer, now=visit.now, policy=visit.policy)
    said = f"{ruling.choice} {ruling.outcome} {ruling.reason_code}"
    visit.note(AuditAction.CASE_DECIDED, case_id=case_id, detail=said)


def show_case(
    visit: Visit, case_id: str, answer: HTTPStatus = HTTPStatus.OK, **shown: Any
) -> Response:
    """Show the page of a case with what a form left to say."""
    file = open_file(visit.session, case_id, visit.now, visit.origin_of)
    visit.note(AuditAction.CASE_READ, case_id=case_id)
    choices = choices_for(file.view.status) if visit.visitor.decides else []
    nothing = {
        "form": DecisionForm(),
        "suppression_form": SuppressionForm(),
        "read_version": None,
        "held_by": None,
        "done": False,
        "unmasking": None,
    }
    return page(
        visit.request,
        "case.html",
        answer,
        visitor=visit.visitor,
        file=file,
        claiming=claim_bar(visit, file.view),
        activity=activity_part(visit, file, shown.get("unmasking")),
        linked=linked_part(visit.session, file.view.case.account_id),
        told=notice_part(visit, file.view.case),
        policy=visit.policy,
        kinds=list(Kind),
        reasons={choice: reasons_for(choice) for choice in choices},
        outcome_words=OUTCOME_WORDS,
        reason_words=REASON_WORDS,
        **nothing | shown,
    )
