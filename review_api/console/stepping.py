"""Steps short of a decision, from the page of a case; what cannot be taken loses no word."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Response

from review_api.console.casepages import CaseId, Text, Version, show_case
from review_api.console.deciding import to_case
from review_api.console.stepforms import TAKE, StepName, with_fault
from review_api.console.visitors import AnyVisit, FormSender, signed_in
from review_api.errors import BadRequestError, CaseChangedError, MoveRefusedError
from review_api.steps import Step
from review_api.vocabulary import AuditAction, Permission

router = APIRouter(prefix="/cases/{case_id}/steps", dependencies=[Depends(signed_in)])

NEEDS = {StepName.REOPENING: Permission.OVERRIDE}


@router.post("/{name}")
def post_step(
    *,
    visit: AnyVisit,
    _sender: FormSender,
    case_id: CaseId,
    name: StepName,
    version: Version,
    words: Text = "",
) -> Response:
    """Take one step on the version of the case that was read."""
    visit.visitor.caller.require(NEEDS.get(name, Permission.DECIDE))
    written = words.replace("\r\n", "\n")
    try:
        step = Step(case_id, version, written, visit.visitor.caller.name)
        event = TAKE[name](visit.session, step, visit)
    except CaseChangedError as conflict:
        typed = with_fault(name, written, "The case has changed since you read it.")
        return show_case(visit, case_id, conflict.status, step=typed, read_version=version)
    except (BadRequestError, MoveRefusedError) as fault:
        typed = with_fault(name, written, f"{fault}.")
        return show_case(visit, case_id, fault.status, step=typed)
    visit.session.flush()
    visit.note(AuditAction.STEP_TAKEN, case_id=case_id, detail=event.kind)
    return to_case(visit, case_id, f"?taken={name}")
