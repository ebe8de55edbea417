"""The page of one case; whoever answers a form of it shows it again with what was typed."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Path, Response

from access.models import ID_LENGTH
from detectors.verdict import Kind
from review_api.console.activity_part import activity_part
from review_api.console.casefile import open_file
from review_api.console.claimbar import claim_bar
from review_api.console.decision_part import decision_part
from review_api.console.forms import OUTCOME_WORDS, REASON_WORDS, SuppressionForm
from review_api.console.linked import linked_part
from review_api.console.noticepart import notice_part
from review_api.console.pages import page
from review_api.console.stepforms import FORMS, StepName
from review_api.console.visitors import AnyVisit, Visit, signed_in
from review_api.forms import WORD
from review_api.quality.looks import golden_mark
from review_api.vocabulary import AuditAction, Outcome

router = APIRouter(dependencies=[Depends(signed_in)])

CaseId = Annotated[str, Path(min_length=1, max_length=ID_LENGTH, pattern=WORD)]
Version = Annotated[int, Form(ge=1, le=2**31 - 1)]
Text = Annotated[str, Form()]


@router.get("/cases/{case_id}")
def get_case(
    *,
    visit: AnyVisit,
    case_id: CaseId,
    done: bool = False,
    undone: bool = False,
    taken: StepName | None = None,
) -> Response:
    """Show the case; `done`, `undone` and `taken` say what the visitor has just done."""
    said = FORMS[taken].done if taken else None
    return show_case(visit, case_id, done=done, undone=undone, taken=said)


def show_case(
    visit: Visit, case_id: str, answer: HTTPStatus = HTTPStatus.OK, **shown: Any
) -> Response:
    """Show the page of a case with what a form left to say."""
    file = open_file(visit.session, case_id, visit.now, visit.policy, visit.origin_of)
    visit.note(AuditAction.CASE_READ, case_id=case_id)
    form, step = shown.pop("form", None), shown.pop("step", None)
    nothing = {
        "suppression_form": SuppressionForm(),
        "read_version": None,
        "held_by": None,
        "done": False,
        "unmasking": None,
        "undone": False,
        "taken": None,
        "refusal": None,
        "second": ("", ""),
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
        golden=golden_mark(visit.session, case_id) if visit.visitor.leads else None,
        outcomes=list(Outcome),
        policy=visit.policy,
        kinds=list(Kind),
        deciding=decision_part(visit, file.view, form, step),
        outcome_words=OUTCOME_WORDS,
        reason_words=REASON_WORDS,
        **nothing | shown,
    )
