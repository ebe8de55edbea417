"""Deciding from the page of a case, taking it back, and judging as the second person.

A decision that cannot be taken loses nothing: the page comes back with what was typed, what
stands in the way, and what happened meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from review_api.cases import view_case
from review_api.checklist import CHECKLIST
from review_api.console.casepages import CaseId, Text, Version, show_case
from review_api.console.forms import DecisionForm, faults_of, ruling_of
from review_api.console.suggesting import suggestion, with_suggestion
from review_api.console.visitors import AnyVisit, FormSender, Visit, signed_in
from review_api.decisions import Second, decide, give_second, undo
from review_api.errors import (
    BadRequestError,
    CaseChangedError,
    ClaimHeldError,
    MoveRefusedError,
    NotAllowedError,
)
from review_api.steps import check_words
from review_api.threads import appeal_is_open
from review_api.vocabulary import AuditAction, Permission, ReasonCode, Ruled

if TYPE_CHECKING:
    from review_api.errors import ReviewError

router = APIRouter(prefix="/cases/{case_id}", dependencies=[Depends(signed_in)])


async def checks_sent(request: Request) -> dict[str, str]:
    """Read the answers to the checklist, each in a field of its own.

    Asynchronous because Starlette reads a form so; FastAPI has read it by now.
    """
    sent = await request.form()
    codes = {item.code for items in CHECKLIST.values() for item in items}
    answers = {code: str(sent.get(f"check-{code}", "")) for code in codes}
    return {code: answer for code, answer in answers.items() if answer in list(Ruled)}


@dataclass(frozen=True, slots=True)
class Sent:
    """The decision form as it was sent."""

    visit: AnyVisit
    sender: FormSender
    case_id: CaseId
    version: Version
    checks: Annotated[dict[str, str], Depends(checks_sent)]
    choice: Text = ""
    reason_code: Text = ""
    rationale: Text = ""
    answer: Text = ""

    @property
    def form(self) -> DecisionForm:
        """What was filled in; only the checklist of the case's own kind counts."""
        kind = view_case(self.visit.session, self.case_id, self.visit.now).case.kind
        asked = {item.code for item in CHECKLIST[kind]}
        return DecisionForm(
            self.choice,
            self.reason_code,
            self.rationale.replace("\r\n", "\n"),
            {code: answer for code, answer in self.checks.items() if code in asked},
            self.answer.replace("\r\n", "\n"),
        )


AnySent = Annotated[Sent, Depends()]


@router.post("")
def post_decision(sent: AnySent) -> Response:
    """Restore, uphold or convert, on the version of the case that was read."""
    visit, case_id, form = sent.visit, sent.case_id, sent.form
    visit.visitor.caller.require(Permission.DECIDE)
    case = view_case(visit.session, case_id, visit.now).case
    if faults := faults_of(form, CHECKLIST[case.kind], needs_answer=appeal_is_open(case)):
        form = replace(form, faults=faults)
        return show_case(visit, case_id, HTTPStatus.UNPROCESSABLE_ENTITY, form=form)
    try:
        _decide(visit, case_id, form, sent.version)
    except BadRequestError as fault:
        form = replace(form, faults={"refused": f"{fault}."})
        return show_case(visit, case_id, fault.status, form=form)
    except NotAllowedError as refusal:
        return refused(visit, case_id, refusal, form=form)
    except ClaimHeldError as conflict:
        return show_case(visit, case_id, conflict.status, form=form, held_by=conflict.held_by)
    except (CaseChangedError, MoveRefusedError) as conflict:
        return show_case(visit, case_id, conflict.status, form=form, read_version=sent.version)
    return to_case(visit, case_id, "?done=true")


@router.post("/suggestion")
def post_suggestion(sent: AnySent) -> Response:
    """Begin the rationale for a browser without scripts; nothing is decided."""
    visit, form = sent.visit, sent.form
    visit.visitor.caller.require(Permission.DECIDE)
    if form.reason_code not in list(ReasonCode):
        form = replace(form, faults={"reason_code": "Choose the reason first."})
        return show_case(visit, sent.case_id, HTTPStatus.UNPROCESSABLE_ENTITY, form=form)
    verdict = view_case(visit.session, sent.case_id, visit.now).evidence[-1].verdict
    said = suggestion(ReasonCode(form.reason_code), verdict)
    form = replace(form, rationale=with_suggestion(form.rationale, said))
    return show_case(visit, sent.case_id, form=form)


@router.post("/undo")
def post_undo(visit: AnyVisit, _sender: FormSender, case_id: CaseId) -> Response:
    """Take the decision that waits back; what was typed is in the form again."""
    visit.visitor.caller.require(Permission.DECIDE)
    name, lead = visit.visitor.caller.name, visit.visitor.overrides
    try:
        undone = undo(visit.session, case_id, reviewer=name, now=visit.now, for_others=lead)
    except (MoveRefusedError, NotAllowedError) as refusal:
        return refused(visit, case_id, refusal)
    visit.note(AuditAction.DECISION_UNDONE, case_id=case_id, detail=undone.choice)
    return to_case(visit, case_id, "?undone=true")


@router.post("/second")
def post_second(
    visit: AnyVisit,
    _sender: FormSender,
    case_id: CaseId,
    agrees: Annotated[str, Form(max_length=3)] = "",
    rationale: Text = "",
) -> Response:
    """Agree with the decision that waits for a second person, or overrule it."""
    visit.visitor.caller.require(Permission.DECIDE)
    try:
        second = _opinion(agrees, rationale.replace("\r\n", "\n"))
        given = give_second(
            visit.session,
            case_id,
            second,
            reviewer=visit.visitor.caller.name,
            now=visit.now,
            policy=visit.policy,
        )
    except (BadRequestError, MoveRefusedError, NotAllowedError) as refusal:
        return refused(visit, case_id, refusal, second=(agrees, rationale))
    said = "agreed with" if second.agrees else "overruled"
    visit.note(AuditAction.DECISION_SECONDED, case_id=case_id, detail=f"{said} {given.choice}")
    return to_case(visit, case_id, "?done=true" if second.agrees else "")


def _opinion(agrees: str, rationale: str) -> Second:
    if agrees not in {"yes", "no"}:
        raise BadRequestError("choose whether you agree")
    check_words(rationale)
    return Second(agrees == "yes", rationale)


def refused(visit: Visit, case_id: str, refusal: ReviewError, **typed: object) -> Response:
    """Show the case with the sentence that says why nothing happened."""
    return show_case(visit, case_id, refusal.status, refusal=str(refusal), **typed)


def to_case(visit: Visit, case_id: str, place: str = "") -> Response:
    """Lead to the case, so that loading the page again sends nothing twice."""
    home = visit.request.scope["root_path"]
    return RedirectResponse(f"{home}/cases/{case_id}{place}", HTTPStatus.SEE_OTHER)


def _decide(visit: Visit, case_id: str, form: DecisionForm, version: int) -> None:
    ruling = ruling_of(form, version)
    reviewer = visit.visitor.caller.name
    decide(visit.session, case_id, ruling, reviewer=reviewer, now=visit.now, policy=visit.policy)
    said = f"{ruling.choice} {ruling.outcome} {ruling.reason_code}"
    visit.note(AuditAction.CASE_DECIDED, case_id=case_id, detail=said)
