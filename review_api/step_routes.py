"""What a person may do to a case short of deciding it, over the API."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from fastapi import APIRouter, Depends

from review_api import steps
from review_api.decision_routes import CONFLICTS, AnyTurn
from review_api.dependencies import authenticated
from review_api.forms import StepIn
from review_api.once import OnceRoute, once
from review_api.routes import ALWAYS
from review_api.schemas import CaseEventOut
from review_api.vocabulary import AuditAction, Permission

if TYPE_CHECKING:
    from review_api.decision_routes import Turn
    from review_api.models import CaseEvent

router = APIRouter(
    prefix="/v1/cases/{case_id}",
    tags=["cases"],
    route_class=OnceRoute,
    dependencies=[Depends(authenticated), Depends(once)],
    responses=ALWAYS | CONFLICTS,
)


@router.post("/notes", status_code=HTTPStatus.CREATED)
def post_note(turn: AnyTurn, body: StepIn) -> CaseEventOut:
    """Write something down for the next reviewer; the customer never reads it."""
    return _taken(turn, steps.note(turn.session, _step(turn, body), turn.now))


@router.post("/questions", status_code=HTTPStatus.CREATED)
def post_question(turn: AnyTurn, body: StepIn) -> CaseEventOut:
    """Ask the customer for what is not known; one question at a time."""
    return _taken(turn, steps.ask_customer(turn.session, _step(turn, body), turn.now))


@router.post("/extensions", status_code=HTTPStatus.CREATED)
def post_extension(turn: AnyTurn, body: StepIn) -> CaseEventOut:
    """Let the pause wait longer for its review, a bounded number of times."""
    policy = turn.parts.policy
    return _taken(turn, steps.extend_pause(turn.session, _step(turn, body), turn.now, policy))


@router.post("/escalations", status_code=HTTPStatus.CREATED)
def post_escalation(turn: AnyTurn, body: StepIn) -> CaseEventOut:
    """Hand the case to the leads."""
    return _taken(turn, steps.escalate(turn.session, _step(turn, body), turn.now))


@router.post("/reopenings", status_code=HTTPStatus.CREATED)
def post_reopening(turn: AnyTurn, body: StepIn) -> CaseEventOut:
    """Open a decided case again; what it taught is withdrawn, and nobody is paused by it."""
    turn.caller.require(Permission.OVERRIDE)
    return _taken(turn, steps.reopen(turn.session, _step(turn, body), turn.now))


def _step(turn: Turn, body: StepIn) -> steps.Step:
    return steps.Step(turn.case_id, turn.version(body.version), body.words, turn.caller.name)


def _taken(turn: Turn, event: CaseEvent) -> CaseEventOut:
    turn.session.flush()
    turn.note(AuditAction.STEP_TAKEN, event.kind)
    return CaseEventOut.model_validate(event, from_attributes=True)
